/*
 * fetch_conn.h: connections to HTTP servers on the loop. libcurl makes them:
 * names, proxies (a tunnel), TLS and its trust are its own; what goes over
 * them then is the caller's. For the fetch files of core.
 *
 * The loop's thread. Closing is allowed in every callback.
 */
#ifndef CORE_FETCH_CONN_H
#define CORE_FETCH_CONN_H

#include "core/fetch.h"
#include "core/loop.h"

struct core__conns; /* all of one owner */
struct core__conns *core__conns_new(struct core_loop *loop);
/* All must be closed before. */
void core__conns_free(struct core__conns *conns);

struct core__conn_events {
    /* Once, never inside of core__conn_new(): 0, or a code of core_fetch_run() with one line. */
    void (*on_open)(void *arg, int status, const char *why);
    /* When open: there may be something to read; what is written may be taken again. */
    void (*on_ready)(void *arg, bool readable, bool writable);
};

struct core__conn;
/* As the URL and the trusted certificate of the request have it, of which nothing is kept. `events`
 * must outlive it. CORE_ENOMEM. */
int core__conn_new(struct core__conns *conns, const struct core_fetch_request *request,
                   const struct core__conn_events *events, void *arg, struct core__conn **ret);
/* Accepts NULL. No callback any more. */
void core__conn_close(struct core__conn *conn);

/* How many bytes: 0 is none for now; CORE_ECLOSED at the end, CORE_ENET. */
ssize_t core__conn_read(struct core__conn *conn, char *out, size_t cap);
/* TLS may hold more than the socket shows: then one has to read until there is nothing for now. */
bool core__conn_read_on(const struct core__conn *conn);
/* How many bytes were taken: when not all, `writable` says when to go on. CORE_ENET. */
ssize_t core__conn_write(struct core__conn *conn, struct core_str bytes);

#endif
