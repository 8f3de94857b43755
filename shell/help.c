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

/* Of what follows in the second column, how far it is put in where it has no room there, and the room
 * of an option before it. */
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

static void options_print(const struct shell_command *command)
{
    struct core_buf text;
    core_buf_init(&text, 1u << 16);
    puts("\nOptions:");
    for (size_t i = 0; i < shell_option_count; i++) {
        const struct shell_option *o = &shell_options[i];
        if (command->options & o->bit) {
            int used = (int)strlen(o->name) + (o->value ? (int)strlen(o->value) + 1 : 0);
            core_buf_addf(&text, "  %s%s%s%*s%s\n", o->name, o->value ? " " : "",
                          o->value ? o->value : "", OPTION_COLUMN - used, "", o->help);
        }
    }
    core_buf_add_c(&text, "  -h, --help                show this");
    shell_text_print(text.ptr);
    core_buf_clear(&text);
    core_config_help(&text, shell_term_columns());
    fwrite(text.ptr, 1, text.len, stdout);
    core_buf_done(&text);
}

void shell_help_print(const struct shell_command *command)
{
    struct core_buf text;
    core_buf_init(&text, 1u << 16);
    if (command) {
        core_buf_addf(&text, "Usage: sky %s\n\n%s", command->usage, command->help);
        shell_text_print(text.ptr);
        options_print(command);
    } else {
        core_buf_add_c(&text, "sky: one private AI from the machines you own\n\n"
                              "Usage: sky COMMAND [OPTIONS]\n\nCommands:\n");
        for (size_t i = 0; i < shell_command_count; i++) {
            core_buf_addf(&text, "  %-9s  %s\n", shell_commands[i].name, shell_commands[i].summary);
        }
        core_buf_add_c(&text, "\n`sky COMMAND --help` explains a command and its options.");
        shell_text_print(text.ptr);
    }
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
    shell_help_print(command);
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
