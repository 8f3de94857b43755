/*
 * client.h: the shell's side of the server: finding it, starting one for the time of a command,
 * and asking it. Blocking, one thread.
 */
#ifndef SHELL_CLIENT_H
#define SHELL_CLIENT_H

#include "core/json.h"
#include "shell/command.h"

struct shell_client;

/* Finds the running server of the data folder or
 * starts one. 0, or an exit status after saying why. */
int shell_client_open(const struct shell_call *call, struct shell_client **ret);
/* The same for what only reads: a data folder that was named and is not there is a slip of the
 * finger, and a new server would know nothing. */
int shell_client_open_known(const struct shell_call *call, struct shell_client **ret);
/* Finds only; NULL when none runs. Says nothing. */
struct shell_client *shell_client_find(const struct shell_call *call);
/* The last one out ends a server that a command started. Accepts NULL. */
void shell_client_close(struct shell_client *client);

/* The address of the server, without a trailing slash. */
const char *shell_client_url(const struct shell_client *client);
const char *shell_client_data(const struct shell_client *client);

/* One request. body NULL = none (else JSON). ret_doc (may be NULL) gets the answer's JSON; NULL
 * when it has no body. 0, or an exit status after saying why (the problem's own words). */
int shell_client_call(struct shell_client *client, const char *method, const char *path,
                      const struct core_buf *body, struct core_json_doc **ret_doc);
/* One request whose answer nobody needs: says nothing, and waits SHELL_TELL_MS at most. */
void shell_client_tell(struct shell_client *client, const char *method, const char *path,
                       const struct core_buf *body);
/* The same, as a stream of events until it ends. A non-zero of on_event ends it and is returned
 * when positive. Ctrl-C ends it with SHELL_INTERRUPTED. */
int shell_client_stream(struct shell_client *client, const char *method, const char *path,
                        const struct core_buf *body,
                        int (*on_event)(void *arg, const char *name, struct core_str data),
                        void *arg);
/* Percent-encodes for a query value. */
void shell_url_encode(struct core_buf *out, struct core_str text);

#endif
