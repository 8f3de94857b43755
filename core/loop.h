/*
 * loop.h: the event loop (libuv behind a face): timers, messages from other threads, signals.
 *
 * One loop owns all protocol, gate and node state. Everything here belongs to the loop's thread,
 * except core_loop_post() and core_loop_stop(), which any thread may call.
 */
#ifndef CORE_LOOP_H
#define CORE_LOOP_H

#include "core/env.h"

#include <stdatomic.h>

struct core_loop;

/* Also makes the process ignore SIGPIPE: a peer that left is an error code, not a signal. */
struct core_loop *core_loop_new(const struct core_env *env);
/* All timers, listeners, streams and pools must be freed before; asserts that none is left.
 * Messages still waiting run inside this call. Accepts NULL. */
void core_loop_free(struct core_loop *loop);
/* Runs until core_loop_stop(). Must be entered by one thread only. */
void core_loop_run(struct core_loop *loop);
void core_loop_stop(struct core_loop *loop);
/* Handles what is ready and returns (for orderly teardown and tests); true while handles live. */
bool core_loop_turn(struct core_loop *loop);
/* The same, but waits until something is ready. */
void core_loop_wait(struct core_loop *loop);
const struct core_env *core_loop_env(const struct core_loop *loop);
/* The clocks as they were when somebody first asked in this turn of the
 * loop, for deadlines and stamps to which the length of a turn does not
 * matter: a busy turn has many of them. The loop's thread. */
struct core_loop_time {
    uint64_t mono_ms;
    int64_t wall_ms;
};
struct core_loop_time core_loop_now(struct core_loop *loop);

/* Runs fn(arg) soon on the loop's thread, in the order of the calls of each thread. Never fails and
 * never blocks: the message is the caller's memory and must live until fn runs. */
struct core_post {
    struct core_post *next; /* private */
    void (*fn)(struct core_post *post);
};
void core_loop_post(struct core_loop *loop, struct core_post *post);

/* fn(rest) before the loop waits each time, after what was ready has had its turn: what many small
 * steps made can leave together there, and nothing is late. True: it did something; then all are
 * called once more, for what that made. In the order of the calls; the loop's thread. */
struct core_rest {
    struct core_rest *next; /* private */
    bool (*fn)(struct core_rest *rest);
};
void core_loop_rest(struct core_loop *loop, struct core_rest *rest);
void core_loop_rest_end(struct core_loop *loop, struct core_rest *rest);

/* A box collects messages whose receiver may be freed before the loop gets to them: what is left
 * runs inside core_box_done(), nothing afterwards. Fields are private. */
struct core_box {
    struct core_loop *loop;
    _Atomic(struct core_post *) inbox; /* newest first */
    struct core_post *ready;           /* taken, oldest first */
    struct core_post bell;             /* what the loop sees: one message for many */
    atomic_bool rung;
    bool *gone; /* set while messages run: tells the runner that the box was freed */
};
void core_box_init(struct core_box *box, struct core_loop *loop);
/* As core_loop_post(). Any thread; none may still be inside this call when core_box_done()
 * starts. */
void core_box_post(struct core_box *box, struct core_post *post);
/* Loop thread; a message of this very box may call it. */
void core_box_done(struct core_box *box);

/* --- Timers --------------------------------------------------------------------------------- */

struct core_timer;
/* fn may free or restart the timer. repeat_ms 0 = once. Starting a running timer re-arms it. */
struct core_timer *core_timer_new(struct core_loop *loop, void (*fn)(void *arg), void *arg);
void core_timer_start(struct core_timer *timer, uint64_t delay_ms, uint64_t repeat_ms);
void core_timer_stop(struct core_timer *timer);
void core_timer_free(struct core_timer *timer); /* accepts NULL */

/* fn(arg, signo) on the loop for each delivery. Freed with the loop. */
void core_loop_signal(struct core_loop *loop, int signo, void (*fn)(void *arg, int signo),
                      void *arg);

#endif
