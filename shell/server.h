/*
 * server.h: the server of a data folder as a process: is there one, start one, end it.
 *
 * A server that a command started is for all commands that come while it runs. They
 * hold a shared lock on DATA/clients; whoever leaves last ends it. The file holds
 * the process id of a server started that way, so that one started by a person is
 * never ended. For who is killed nobody leaves: the server looks itself
 * (main/clients.c), since SHELL_CLIENTS_ENV tells it what it is for.
 */
#ifndef SHELL_SERVER_H
#define SHELL_SERVER_H

#include "core/buf.h"

#include <sys/types.h>

struct shell_server {
    int clients_fd; /* holds the shared lock; −1 = none */
    char data[4096];
    char url[300];
};
/* 0 and ret->url when a server runs and has said where; CORE_ENOTFOUND when none runs;
 * CORE_ETIMEOUT when one starts for too long; CORE_ECANCELLED on Ctrl-C while it starts. From
 * joining on, signals are caught (shell_interrupt_catch). */
int shell_server_find(const char *data_dir, struct shell_server *ret);
/* The plain address in the text of run.json (TLS only: the secure one): a
 * C string of printable ASCII that begins with its scheme; and the
 * server's process, 0 where it names none. CORE_ENOTFOUND. */
int shell_server_url(struct core_str run_json, char *ret_url, size_t cap, pid_t *ret_pid);
/* Starts one with the options (at most SHELL_LIMIT_SERVER_OPTIONS, each "--key=value") and waits
 * for it; Ctrl-C ends it. `why`: one line, the server's own words. */
int shell_server_start(const char *data_dir, char *const *options, size_t count,
                       struct shell_server *ret, char *why, size_t why_cap);
void shell_server_leave(struct shell_server *server);

#endif
