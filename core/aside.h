/*
 * aside.h: one thread behind all others (core_sched_background()) for long pieces of pure computing
 * that their callers wait for, one at a time. Two at once, or one as prompt as others, would now
 * and then be picked by the scheduler where the loop is due, and have the core for a whole tick.
 * The thread starts with the first piece and stays: it cannot come forward again, and a new one
 * would be picked at once.
 */
#ifndef CORE_ASIDE_H
#define CORE_ASIDE_H

struct core_aside;
struct core_aside *core_aside_new(void);
/* Nobody waits any more. Accepts NULL. */
void core_aside_free(struct core_aside *aside);
/* Any thread that may block: fn(arg) has run when it returns.
 * In the caller's own thread if there can be no other. */
void core_aside_run(struct core_aside *aside, void (*fn)(void *arg), void *arg);

#endif
