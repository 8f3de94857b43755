/*
 * shell.h: the face of SkyShell: the subcommands of `sky`.
 *
 * The shell is a client of a running server. What needs rooms it may not see comes as hooks that
 * main fills in.
 */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "core/config.h"
#include "genom/genom.h"

enum shell_audit { SHELL_AUDIT_VERIFY, SHELL_AUDIT_LIST };

/* Set in the environment of a server that a command starts: it is for commands only, and ends when
 * none uses it any more. */
#define SHELL_CLIENTS_ENV "SKY_CLIENTS"

struct shell_hooks {
    /* Runs the server until it is told to end; the exit status. argv0: how the program was
     * called. */
    int (*serve)(const struct core_config *config);
    /* The data folder of the configuration (created by nobody here), without a trailing slash. */
    int (*data_dir)(const struct core_config *config, struct core_buf *ret_path);
    /* Takes the lock of a data folder that is there: no server uses it until ret_fd is closed. */
    int (*lock)(const char *data_dir, int *ret_fd, char *why, size_t why_cap);
    /* The owner's token of a data folder; `why`: one line with the remedy. */
    int (*token)(const char *data_dir, struct core_buf *ret_token, char *why, size_t why_cap);
    /* Each room's own checks, offline or beside a running server (then read-only). */
    int (*doctor)(const struct core_config *config, bool server_runs,
                  void (*report)(void *arg, const char *check, bool ok, const char *detail),
                  void *arg);
    /* The audit log of a data folder that no server
     * uses, as JSON; `why`: one line with the remedy. */
    int (*audit)(const struct core_config *config, enum shell_audit what, unsigned limit,
                 struct core_buf *ret_json, char *why, size_t why_cap);
    /* Writes into that log that the owner's token was printed, if it can. */
    void (*token_printed)(const struct core_config *config);
    /* Opens the dictionary of GENOM; `why`: one line with the remedy. */
    int (*dictionary)(const struct core_config *config, struct genom_dict **ret_dict, char *why,
                      size_t why_cap);
};

/* Dispatches argv[1]; returns the exit status: 0, 1 failure, 2 wrong usage, 130 interrupted, 128 +
 * the signal that ended it (SIGTERM, SIGHUP). */
int shell_main(int argc, char **argv, char **envp, const struct shell_hooks *hooks);

#endif
