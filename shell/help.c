/*
 * help.c: help texts, `sky version`, `sky serve`: the subcommands that need no server.
 */
#include "core/crypto.h"
#include "core/json.h"
#include "core/version.h"
#include "shell/command.h"
#include "shell/term.h"
#include "shell/wrap.h"

#include <stdio.h>

/* Of what follows in the second column, how far it is put in where it has no room there, and the
 * room of an option before it. */
enum { ITEM_COLUMNS_MIN = 20, ITEM_INDENT = 6, OPTION_COLUMN = 26 };

size_t shell_text_column(struct core_str line)
{
    size_t at = 0;
    while (at < line.len && line.ptr[at] == ' ') {
        at++;
    }
    ssize_t gap = core_str_find(core_strn(line.ptr + at, line.len - at), CORE_STR("  "));
    if (gap < 0) {
        return 0;
    }
    at += (size_t)gap;
    while (at < line.len && line.ptr[at] == ' ') {
        at++;
    }
    return at;
}

bool shell_usage_split(const struct shell_command *command, struct core_str *left,
                       struct core_str *ret_form)
{
    ssize_t bar = core_str_find(*left, CORE_STR(" | "));
    size_t len = bar < 0 ? left->len : (size_t)bar, used = bar < 0 ? len : len + 3;
    struct core_str rest = core_strn(left->ptr, len), name;
    if (!left->len) {
        return false;
    }
    *ret_form = rest;
    if (core_str_split(&rest, ' ', &name) && core_str_eq_c(name, command->name)) {
        *ret_form = rest;
    }
    *left = core_strn(left->ptr + used, left->len - used);
    return true;
}

/* A line of a list: under its second column, or, where that leaves no room, a little further in. */
static void item_print(struct shell_wrap *wrap, struct core_str line)
{
    size_t column = shell_text_column(line);
    bool narrow = column && wrap->columns && wrap->columns < column + ITEM_COLUMNS_MIN;
    wrap->indent = (unsigned)(narrow || !column ? ITEM_INDENT : column);
    if (narrow) {
        size_t end = column;
        while (line.ptr[end - 1] == ' ') {
            end--;
        }
        shell_wrap_put(wrap, core_strn(line.ptr, end));
        shell_wrap_f(wrap, "\n%*s", ITEM_INDENT, "");
        line = core_strn(line.ptr + column, line.len - column);
    }
    shell_wrap_put(wrap, line);
    shell_wrap_c(wrap, "\n");
    wrap->indent = 0;
}

void shell_text_print(const char *text)
{
    struct core_str left = core_str(text), line;
    struct shell_wrap wrap;
    bool open = false; /* in a paragraph, whose lines are one */
    shell_wrap_init(&wrap, stdout);
    while (core_str_split(&left, '\n', &line)) {
        bool item = core_str_starts(line, CORE_STR(" "));
        if (open && (item || !line.len)) {
            shell_wrap_c(&wrap, "\n");
            open = false;
        }
        if (item) {
            item_print(&wrap, line);
        } else if (!line.len) {
            shell_wrap_c(&wrap, "\n");
        } else {
            shell_wrap_c(&wrap, open ? (wrap.columns ? " " : "\n") : "");
            shell_wrap_put(&wrap, line);
            open = true;
        }
    }
    shell_wrap_c(&wrap, open ? "\n" : "");
    shell_wrap_done(&wrap);
}

/* --- The part of a command's help that some words behind it are about ------------------------- */

/* "provider add NAME …" fits the words "provider add", and "provider", and "provider add home". */
static bool words_fit(struct core_str term, struct core_str words)
{
    struct core_str own, given;
    bool any = false;
    while (core_str_split(&term, ' ', &own) && own.len && own.ptr[0] >= 'a' && own.ptr[0] <= 'z' &&
           core_str_split(&words, ' ', &given)) {
        if (!core_str_eq(own, given)) {
            return false;
        }
        any = true;
    }
    return any;
}

bool shell_words_fit(struct core_str terms, struct core_str words)
{
    struct core_str term;
    bool fits = false;
    while (!fits && core_str_split(&terms, '|', &term)) {
        fits = words_fit(term, words);
    }
    return fits;
}

/* Is it an example ("sky admin provider add home …")?
 * Then *text is what follows the command's name. */
static bool example_cut(const struct shell_command *command, struct core_str *text)
{
    struct core_str rest = *text, sky, name;
    bool example = core_str_split(&rest, ' ', &sky) && core_str_eq_c(sky, "sky") &&
                   core_str_split(&rest, ' ', &name) && core_str_eq_c(name, command->name);
    *text = example ? rest : *text;
    return example;
}

/* The items and examples, each with the line above its list. False: no item is about the words. */
static bool part_add(struct core_buf *out, const struct shell_command *command,
                     struct core_str words)
{
    struct core_str left = core_str(command->help), heading = CORE_STR(""), line;
    bool found = false, fits = false, gap = true;
    while (core_str_split(&left, '\n', &line)) {
        struct core_str text = core_str_trim(line);
        if (!core_str_starts(line, CORE_STR(" "))) {
            heading = line.len ? line : heading;
            gap = true;
            continue;
        }
        if (!core_str_starts(line,
                             CORE_STR("         "))) { /* else it goes on with the item above */
            bool example = example_cut(command, &text);
            fits = words_fit(text, words);
            found = found || (fits && !example);
        }
        if (fits) {
            core_buf_addf(out, "%s%.*s%s%.*s\n", gap ? "\n" : "", CORE_STR_ARG(heading),
                          heading.len ? "\n" : "", CORE_STR_ARG(line));
            heading = CORE_STR("");
            gap = false;
        }
    }
    return found;
}

/* The forms of its usage that begin with the words. */
static void forms_add(struct core_buf *out, const struct shell_command *command,
                      struct core_str words)
{
    struct core_str left = core_str(command->usage), form, first;
    while (shell_usage_split(command, &left, &form)) {
        struct core_str rest = form;
        if (core_str_split(&rest, ' ', &first) && shell_words_fit(first, words)) {
            core_buf_addf(out, "Usage: sky %s %.*s\n", command->name, CORE_STR_ARG(form));
        }
    }
}

/* --- Help ------------------------------------------------------------------------------------- */

static void option_add(struct core_buf *out, const char *name, const char *value, const char *help)
{
    int used = (int)strlen(name) + (value ? (int)strlen(value) + 1 : 0);
    core_buf_addf(out, "  %s%s%s%*s%s\n", name, value ? " " : "", value ? value : "",
                  OPTION_COLUMN - used, "", help);
}

/* Where the data is, everybody asks; the rest only the server, which lists it. */
static void settings_add(struct core_buf *out)
{
    static const enum core_config_key keys[] = {CORE_CONFIG_CONFIG, CORE_CONFIG_DATA};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct core_config_option option;
        core_config_option(keys[i], &option);
        option_add(out, option.flag, option.value, core_config_about(keys[i]));
    }
}

static void options_print(const struct shell_command *command, struct core_str words)
{
    bool serves = command->run == shell_serve;
    struct core_buf text;
    core_buf_init(&text, 1u << 16);
    puts("\nOptions:");
    for (size_t i = 0; i < shell_option_count; i++) {
        const struct shell_option *o = &shell_options[i];
        if (command->options & o->bit &&
            (!words.len || !o->words || shell_words_fit(core_str(o->words), words))) {
            option_add(&text, o->name, o->value, o->help);
        }
    }
    if (!serves) {
        settings_add(&text);
    }
    option_add(&text, "-h, --help", NULL, "show this");
    if (!serves) {
        core_buf_add_c(&text, "\n`sky serve --help` lists the settings of the server, which this "
                              "takes too.");
    }
    shell_text_print(text.ptr);
    core_buf_clear(&text);
    if (serves) {
        core_config_help(&text, shell_term_columns());
        fwrite(text.ptr, 1, text.len, stdout);
    }
    core_buf_done(&text);
}

static void command_print(const struct shell_command *command, struct core_str words)
{
    struct core_buf text, part;
    core_buf_init(&text, 1u << 16);
    core_buf_init(&part, 1u << 16);
    bool found = words.len && part_add(&part, command, words);
    if (found) {
        forms_add(&text, command, words);
        core_buf_add_str(&text, core_buf_str(&part));
    } else {
        core_buf_addf(&text, "Usage: sky %s\n\n%s", command->usage, command->help);
    }
    shell_text_print(text.ptr);
    options_print(command, found ? words : CORE_STR(""));
    core_buf_done(&part);
    core_buf_done(&text);
}

void shell_help_print(const struct shell_command *command, struct core_str words)
{
    struct core_buf text;
    if (command) {
        command_print(command, words);
        return;
    }
    core_buf_init(&text, 1u << 16);
    core_buf_add_c(&text, "sky: one private AI from the machines you own\n\n"
                          "Usage: sky COMMAND [OPTIONS]\n\nCommands:\n");
    for (size_t i = 0; i < shell_command_count; i++) {
        core_buf_addf(&text, "  %-9s  %s\n", shell_commands[i].name, shell_commands[i].summary);
    }
    core_buf_add_c(&text, "\n`sky COMMAND --help` explains a command and its options.");
    shell_text_print(text.ptr);
    core_buf_done(&text);
}

int shell_help(const struct shell_call *call)
{
    const struct shell_command *command = NULL;
    if (call->arg_count) {
        command = shell_command_find(call->args[0]);
        if (!command) {
            return shell_misuse(call, "there is no command `%s`", call->args[0]);
        }
    }
    shell_help_print(command, CORE_STR(""));
    return SHELL_OK;
}

int shell_version(const struct shell_call *call)
{
    if (!call->json) {
        printf("sky %s (%s)\n", CORE_VERSION, core_crypto_version());
        return SHELL_OK;
    }
    struct core_buf text;
    struct core_json_out o;
    core_buf_init(&text, 4096);
    core_json_out_init(&o, &text);
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "version", CORE_VERSION);
    core_json_out_c(&o, "cryptography", core_crypto_version());
    core_json_out_end(&o);
    puts(text.ptr);
    core_buf_done(&text);
    return SHELL_OK;
}

int shell_serve(const struct shell_call *call)
{
    return call->hooks->serve(call->config);
}
