/*
 * fetch_loop.h: outbound HTTP on the loop: many transfers at once, nobody waits.
 *
 * HTTP/1.1, over connections that libcurl makes as of fetch.h (a proxy is asked for a tunnel). They
 * are kept for whoever asks the same URL next. When the server ends a kept one within
 * CORE_LIMIT_FETCH_RACE_MS of the request and before a byte of an answer, as it does with one that
 * it lets go of just then, the request goes out once more, on a new connection. One that ends later
 * is CORE_ENET: the request may have been worked on, and be paid for. Everything is the loop's
 * thread; a call is the caller's memory from core_fetch_start() to on_done.
 */
#ifndef CORE_FETCH_LOOP_H
#define CORE_FETCH_LOOP_H

#include "core/fetch.h"
#include "core/loop.h"

struct core_fetch_loop;
struct core_fetch_loop *core_fetch_loop_new(struct core_loop *loop);
/* Calls that run end with CORE_ECANCELLED, inside. Not from a callback of a call. Accepts NULL. */
void core_fetch_loop_free(struct core_fetch_loop *fetch);

struct core_fetch_call {
    /* Must live until on_done, the bearer until core_fetch_start() returns.
     * stall_ms and on_tick are not looked at. on_data may cancel and start
     * calls; what came over the network together is one piece. */
    struct core_fetch_request request;
    int64_t first_ms; /* no byte of a body for so long → CORE_ETIMEOUT; 0 = none */
    /* Exactly once. 0: an answer arrived whole, whatever its status. Else a code as of
     * core_fetch_run(); `response` then holds the head as far as it came (status 0: none), `why` is
     * one line. The body of the response is freed after this. */
    void (*on_done)(struct core_fetch_call *call, int status,
                    const struct core_fetch_response *response, const char *why);
    void *arg;
    void *transfer; /* private */
};
/* 0, or CORE_EINVAL: a method or field that is none; then on_done is not called. */
int core_fetch_start(struct core_fetch_loop *fetch, struct core_fetch_call *call);
/* Nothing that still comes is wanted but its end: CORE_ETIMEOUT in so many milliseconds at the
 * latest. */
void core_fetch_hurry(struct core_fetch_loop *fetch, struct core_fetch_call *call, int64_t ms);
/* on_done follows soon with CORE_ECANCELLED, never inside; its connection is closed. */
void core_fetch_cancel(struct core_fetch_loop *fetch, struct core_fetch_call *call);

#endif
