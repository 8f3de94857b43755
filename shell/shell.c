/*
 * shell.c: reads the command line, finds the subcommand, runs it.
 *
 * Options of the configuration are core_config's; the few of a subcommand's own (--json, -k …) are
 * taken out before it sees the rest.
 */
#include "core/mem.h"
#include "core/version.h"
#include "shell/command.h"
#include "shell/wrap.h"

#include <poll.h>
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

/* --- Command line ------------------------------------------------------------------------------- */

struct line {
    struct shell_call call;
    char **argv; /* without the subcommand and its own options */
    int argc;
    bool help;
};

/* Options of backups, as own_option(). */
static int backup_option(struct line *line, char **arg)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--passphrase", &line->call.passphrase},
                 {"--with-keys", &line->call.with_keys},
                 {"--with-config", &line->call.with_config},
                 {"--keep-schema", &line->call.keep_schema}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(*arg, flags[i].name) == 0) {
            *flags[i].flag = true;
            return 1;
        }
    }
    if (strcmp(*arg, "--passphrase-file") == 0) {
        if (!arg[1]) {
            shell_misuse(&line->call, "--passphrase-file needs a file");
            return -1;
        }
        line->call.passphrase_file = arg[1];
        return 2;
    }
    return 0;
}

/* Takes one of the subcommand's own options; how many arguments it used, or −1 (said why). */
static int own_option(struct line *line, char **arg)
{
    unsigned options = line->call.command->options;
    if (strcmp(*arg, "--help") == 0 || strcmp(*arg, "-h") == 0) {
        line->help = true;
        return 1;
    }
    if (options & SHELL_JSON && strcmp(*arg, "--json") == 0) {
        line->call.json = true;
        return 1;
    }
    if (options & SHELL_WAIT_VECTORS && strcmp(*arg, "--wait-vectors") == 0) {
        line->call.wait_vectors = true;
        return 1;
    }
    if (options & SHELL_BINARY && strcmp(*arg, "--binary") == 0) {
        line->call.binary = true;
        return 1;
    }
    if (options & SHELL_DENSE && strcmp(*arg, "--dense") == 0) {
        line->call.dense = true;
        return 1;
    }
    if (options & SHELL_PLANE && strcmp(*arg, "--plane") == 0) {
        line->call.plane = true;
        return 1;
    }
    if (options & SHELL_BACKUP) {
        int used = backup_option(line, arg);
        if (used != 0) {
            return used;
        }
    }
    if (options & SHELL_K && strcmp(*arg, "-k") == 0) {
        if (!arg[1]) {
            shell_misuse(&line->call, "-k needs a number");
            return -1;
        }
        line->call.k = arg[1];
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
    struct pollfd out = {.fd = STDOUT_FILENO};
    bool failed = fflush(stdout) != 0;
    if (!failed && !ferror(stdout)) {
        return status;
    }
    /* Who closed the pipe (`| head -1`) has what was wanted. */
    if (poll(&out, 1, 0) == 1 && out.revents & POLLERR) {
        return status ? status : SHELL_FAILED;
    }
    return shell_fail(call, "the output could not be written: is the disk full?");
}

int shell_main(int argc, char **argv, char **envp, const struct shell_hooks *hooks)
{
    if (argc < 2) {
        shell_help_print(NULL);
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
        shell_help_print(line.call.command);
    } else if (!status) {
        status = command_run(&line, envp);
    }
    free(line.argv);
    /* A server's two lines may go nowhere: who started it may have left. */
    return line.call.command->run == shell_serve ? status : output_check(&line.call, status);
}
