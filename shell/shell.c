/*
 * shell.c: reads the command line, finds the subcommand, runs it.
 *
 * Options of the configuration are core_config's; the few of a subcommand's own (--json, -k …) are
 * taken out before it sees the rest.
 */
#include "core/limits.h"
#include "core/mem.h"
#include "core/version.h"
#include "shell/command.h"
#include "shell/term.h"
#include "shell/wrap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((format(printf, 2, 0))) static void say(const struct shell_call *call,
                                                      const char *format, va_list args)
{
    char line[8192]; /* what an argument has beyond that nobody reads */
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stderr);
    wrap.indent = 2;
    shell_wrap_f(&wrap, "sky%s%s: ", call->command ? " " : "",
                 call->command ? call->command->name : "");
    vsnprintf(line, sizeof line, format, args);
    shell_wrap_put_line(&wrap, core_str(line));
    shell_wrap_c(&wrap, "\n");
    shell_wrap_done(&wrap);
}

int shell_fail(const struct shell_call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(call, format, args);
    va_end(args);
    return SHELL_FAILED;
}

int shell_misuse(const struct shell_call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(call, format, args);
    va_end(args);
    return SHELL_USAGE;
}

const struct shell_command *shell_command_find(const char *name)
{
    for (size_t i = 0; i < shell_command_count; i++) {
        if (strcmp(shell_commands[i].name, name) == 0) {
            return &shell_commands[i];
        }
    }
    return NULL;
}

const char *shell_command_nearest(const char *name)
{
    const char *best = NULL;
    size_t best_distance = 3; /* further away it is another word, not a slip */
    for (size_t i = 0; i < shell_command_count; i++) {
        size_t d = core_str_distance(core_str(name), core_str(shell_commands[i].name));
        if (d < best_distance) {
            best_distance = d;
            best = shell_commands[i].name;
        }
    }
    return best;
}

/* --- Command line ----------------------------------------------------------------------------- */

struct line {
    struct shell_call call;
    char **argv; /* without the subcommand and its own options */
    int argc;
    bool help;
};

/* Takes one of the subcommand's own options; how many arguments it used, or −1 (said why). */
static int own_option(struct line *line, char **arg)
{
    unsigned options = line->call.command->options;
    if (strcmp(*arg, "--help") == 0 || strcmp(*arg, "-h") == 0) {
        line->help = true;
        return 1;
    }
    for (size_t i = 0; i < shell_option_count; i++) {
        const struct shell_option *o = &shell_options[i];
        if (!(options & o->bit) || strcmp(*arg, o->name) != 0) {
            continue;
        }
        char *place = (char *)&line->call + o->at;
        if (!o->value) {
            *(bool *)place = true;
            return 1;
        }
        if (!arg[1]) {
            shell_misuse(&line->call, "%s needs a value: %s %s", o->name, o->name, o->value);
            return -1;
        }
        *(const char **)place = arg[1];
        return 2;
    }
    return 0;
}

static int own_options(struct line *line, char **argv)
{
    while (*argv) {
        if (strcmp(*argv, "--") == 0) {
            break;
        }
        int used = own_option(line, argv);
        if (used < 0) {
            return SHELL_USAGE;
        }
        if (used == 0) {
            line->argv[line->argc++] = *argv;
            used = 1;
        }
        argv += used;
    }
    while (*argv) {
        line->argv[line->argc++] = *argv++;
    }
    line->argv[line->argc] = NULL;
    return 0;
}

static int arguments_check(const struct shell_call *call)
{
    if (call->arg_count < call->command->args_min) {
        return shell_misuse(call, "something is missing: sky %s", call->command->usage);
    }
    if (call->arg_count > call->command->args_max) {
        return shell_misuse(call, "`%s` is not expected: sky %s",
                            call->args[call->command->args_max], call->command->usage);
    }
    return 0;
}

static int command_run(struct line *line, char **envp)
{
    struct core_config *config = NULL;
    char **rest = NULL;
    char why[512];
    int status;
    if (core_config_load(line->argc, line->argv, envp, &config, &rest, &line->call.arg_count, why,
                         sizeof why)) {
        return shell_misuse(&line->call, "%s", why);
    }
    line->call.config = config;
    line->call.args = rest;
    status = arguments_check(&line->call);
    if (!status) {
        status = line->call.command->run(&line->call);
    }
    core_config_free(config);
    free(rest);
    return status;
}

/* Of the command, or of its words: "provider add", no more than two of which are anybody's. */
static void help(const struct line *line)
{
    struct core_buf words;
    core_buf_init(&words, SHELL_LIMIT_QUESTION);
    for (int i = 1; i < line->argc && i <= 2 && *line->argv[i] != '-'; i++) {
        core_buf_addf(&words, "%s%s", i > 1 ? " " : "", line->argv[i]);
    }
    shell_help_print(line->call.command, core_buf_str(&words));
    core_buf_done(&words);
}

static int unknown(const char *name)
{
    const struct shell_call call = {0};
    const char *nearest = shell_command_nearest(name);
    if (nearest) {
        return shell_misuse(&call, "there is no command `%s`: did you mean `%s`?", name, nearest);
    }
    return shell_misuse(&call, "there is no command `%s`: `sky help` lists them", name);
}

/* An answer that reached nobody is a failure, and a full disk one that must be told. */
static int output_check(const struct shell_call *call, int status)
{
    bool failed = fflush(stdout) != 0;
    if (!failed && !ferror(stdout)) {
        return status;
    }
    /* Who closed the pipe (`| head -1`) has what was wanted. */
    if (shell_output_gone()) {
        return status ? status : SHELL_FAILED;
    }
    return shell_fail(call, "the output could not be written: is the disk full?");
}

int shell_main(int argc, char **argv, char **envp, const struct shell_hooks *hooks)
{
    if (argc < 2) {
        shell_help_print(NULL, CORE_STR(""));
        return SHELL_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    struct line line = {
        .call = {.command = shell_command_find(name), .hooks = hooks, .envp = envp}};
    if (!line.call.command) {
        return unknown(name);
    }
    line.argv = core_alloc_array((size_t)argc + 1, sizeof *line.argv);
    line.argv[line.argc++] = argv[0];
    int status = own_options(&line, argv + 2);
    if (!status && line.help) {
        help(&line);
    } else if (!status) {
        status = command_run(&line, envp);
    }
    free(line.argv);
    if (status == SHELL_INTERRUPTED && shell_ended_by()) {
        return SHELL_SIGNAL + shell_ended_by(); /* with a terminal that is closed goes the output */
    }
    /* A server's two lines may go nowhere: who started it may have left. */
    return line.call.command->run == shell_serve ? status : output_check(&line.call, status);
}
