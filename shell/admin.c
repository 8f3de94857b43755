/*
 * admin.c: `sky admin`: one table.
 */
#include "shell/admin.h"

#include "core/limits.h"

static const struct {
    const char *name;
    int (*run)(const struct shell_call *call);
} commands[] = {
    {"audit", shell_admin_audit},     {"backup", shell_admin_backup},
    {"migrate", shell_admin_migrate}, {"provider", shell_admin_provider},
    {"restore", shell_admin_restore}, {"verify", shell_admin_verify},
};

int shell_admin_arguments(const struct shell_call *call, const struct shell_admin_form *form)
{
    const struct shell_command *admin = call->command;
    struct core_str left = core_str(form->names), name;
    struct core_buf full;
    int status = SHELL_OK;
    core_buf_init(&full, SHELL_LIMIT_QUESTION);
    core_buf_addf(&full, "%s %s", admin->name, form->name);
    const struct shell_command command = {.name = full.ptr};
    struct shell_call named = *call;
    named.command = &command;
    for (size_t i = form->words; !status && core_str_split(&left, ' ', &name); i++) {
        if (i >= call->arg_count) {
            status = shell_misuse(&named, "%.*s is missing: sky %s %s", CORE_STR_ARG(name),
                                  full.ptr, form->names);
        }
    }
    if (!status && call->arg_count - form->words > form->max) {
        status = shell_misuse(&named, "`%s` is not expected: sky %s %s",
                              call->args[form->words + form->max], full.ptr, form->names);
    }
    core_buf_done(&full);
    return status;
}

/* --- Options ---------------------------------------------------------------------------------- */

static bool is_given(const struct shell_call *call, const struct shell_option *o)
{
    const char *place = (const char *)call + o->at;
    return o->value ? *(const char *const *)place != NULL : *(const bool *)place;
}

static int not_for(const struct shell_call *call, const struct shell_option *o,
                   struct core_str words)
{
    struct core_buf taken;
    core_buf_init(&taken, SHELL_LIMIT_QUESTION);
    for (size_t i = 0; i < shell_option_count; i++) {
        const struct shell_option *own = &shell_options[i];
        if ((call->command->options & own->bit) &&
            (!own->words || shell_words_fit(core_str(own->words), words))) {
            core_buf_addf(&taken, "%s%s", taken.len ? ", " : "", own->name);
        }
    }
    int status = shell_misuse(call, "%s is for `%s`; `%.*s` takes %s", o->name, o->words,
                              CORE_STR_ARG(words), taken.ptr);
    core_buf_done(&taken);
    return status;
}

/* What belongs to another of its words must not be thought to have had an effect. */
static int options_check(const struct shell_call *call)
{
    struct core_buf words;
    int status = SHELL_OK;
    core_buf_init(&words, SHELL_LIMIT_QUESTION);
    for (size_t i = 0; i < call->arg_count && i < 2; i++) {
        core_buf_addf(&words, "%s%s", i ? " " : "", call->args[i]);
    }
    for (size_t i = 0; !status && i < shell_option_count; i++) {
        const struct shell_option *o = &shell_options[i];
        if ((call->command->options & o->bit) && o->words && is_given(call, o) &&
            !shell_words_fit(core_str(o->words), core_buf_str(&words))) {
            status = not_for(call, o, core_buf_str(&words));
        }
    }
    core_buf_done(&words);
    return status;
}

int shell_admin(const struct shell_call *call)
{
    struct shell_call inner = *call;
    inner.args++;
    inner.arg_count--;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(call->args[0], commands[i].name) == 0) {
            int status = options_check(call);
            return status ? status : commands[i].run(&inner);
        }
    }
    return shell_misuse(call, "`%s` is not known: sky %s", call->args[0], call->command->usage);
}
