/*
 * work.h: pools of threads for what would block the loop: SQL, hashing, embedding, parsing.
 *
 * A piece of work is the caller's memory (embed the struct). run() happens on a pool thread, then
 * done() on the loop's thread. Between submit and done() the work belongs to the pool.
 */
#ifndef CORE_WORK_H
#define CORE_WORK_H

#include "core/loop.h"

struct core_work_pool;

struct core_work {
    /* worker is 0 … threads − 1: which thread of the pool runs it (for per-thread state). */
    void (*run)(struct core_work *work, unsigned worker);
    /* status: 0, CORE_ECANCELLED (cancelled before it ran) or CORE_ECLOSED (pool shut down before
     * it ran). May free the work. */
    void (*done)(struct core_work *work, int status);
    /* --- private ---------------------------------------------------------------------------- */
    struct core_post post;
    struct core_work *next;
    struct core_work_pool *pool;
    int status;
    bool waiting;
    atomic_bool cancelled;
};

struct core_work_options {
    const char *name;   /* thread name, metrics label; static string, ≤ 11 bytes */
    unsigned threads;   /* 1 … CORE_LIMIT_POOL_THREADS */
    unsigned queue_max; /* waiting pieces beyond which submit answers CORE_ELIMIT */
    bool background;    /* core_sched_background() */
};
struct core_work_pool *core_work_pool_new(struct core_loop *loop,
                                          const struct core_work_options *options);
/* Lets running pieces finish, answers waiting ones with CORE_ECLOSED (their done() runs inside this
 * call, on the loop's thread), joins the threads. Accepts NULL. */
void core_work_pool_free(struct core_work_pool *pool);
/* Loop thread. 0, CORE_ELIMIT or CORE_ECLOSED; on failure done() is not called. */
int core_work_submit(struct core_work_pool *pool, struct core_work *work);
/* Loop thread. A waiting piece is answered with CORE_ECANCELLED soon; a running one only sees the
 * flag. done() is always called. */
void core_work_cancel(struct core_work *work);
/* For run(): should it give up? */
bool core_work_cancelled(const struct core_work *work);
size_t core_work_waiting(const struct core_work_pool *pool);
/* What it was made with. */
const struct core_work_options *core_work_options(const struct core_work_pool *pool);

#endif
