/*
 * help.c: help texts, `sky version`, `sky serve`: the subcommands that need no server.
 */
#include "core/crypto.h"
#include "core/json.h"
#include "core/version.h"
#include "shell/command.h"
#include "shell/term.h"

#include <stdio.h>

static void options_print(const struct shell_command *command)
{
    struct core_buf text;
    core_buf_init(&text, 1u << 16);
    puts("\nOptions:");
    if (command->options & SHELL_JSON) {
        puts("  --json                    print JSON for programs");
    }
    if (command->options & SHELL_WAIT_VECTORS) {
        puts("  --wait-vectors            wait until meaning can be searched too");
    }
    if (command->options & SHELL_K) {
        puts("  -k N                      how many results (1 to 50)");
    }
    puts("  -h, --help                show this");
    core_config_help(&text, shell_term_columns());
    fwrite(text.ptr, 1, text.len, stdout);
    core_buf_done(&text);
}

void shell_help_print(const struct shell_command *command)
{
    if (command) {
        printf("Usage: sky %s\n\n%s\n", command->usage, command->help);
        options_print(command);
        return;
    }
    puts(
        "sky: one private AI from the machines you own\n\nUsage: sky COMMAND [OPTIONS]\n\nCommands:");
    for (size_t i = 0; i < shell_command_count; i++) {
        printf("  %-9s %s\n", shell_commands[i].name, shell_commands[i].summary);
    }
    puts("\n`sky COMMAND --help` explains a command and its options.");
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
