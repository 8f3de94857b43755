/*
 * work.c: pools of threads, each pool one queue behind one lock.
 *
 *     submit → waiting (FIFO) → a thread runs it → box → done() on the loop
 *
 * Not libuv's pool: that one is shared by all its users, so one long extraction would hold up a
 * database read. Pieces are coarse (milliseconds), so a plain mutex costs nothing that matters.
 */
#include "core/work.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/metrics.h"
#include "core/sched.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct worker {
    struct core_work_pool *pool;
    pthread_t thread;
    unsigned index;
};

struct core_work_pool {
    struct core_loop *loop;
    struct core_work_options options;
    struct core_box box;
    struct core_metric *waiting_gauge;
    struct core_metric *run_seconds;
    pthread_mutex_t lock; /* over the fields below */
    pthread_cond_t more;
    struct core_work *first;
    struct core_work *last;
    size_t waiting;
    bool closing;
    struct worker workers[];
};

/* --- Threads -------------------------------------------------------------------------------- */

static void finish(struct core_post *post)
{
    struct core_work *work = (struct core_work *)((char *)post - offsetof(struct core_work, post));

    work->done(work, work->status);
}

/* Hands a piece to the loop; from here on another thread may free it. */
static void deliver(struct core_work_pool *pool, struct core_work *work, int status)
{
    work->status = status;
    core_box_post(&pool->box, &work->post);
}

/* Needs the lock. */
static struct core_work *take_first(struct core_work_pool *pool)
{
    struct core_work *work = pool->first;

    pool->first = work->next;
    if (!pool->first)
        pool->last = NULL;
    work->waiting = false;
    pool->waiting--;
    core_metric_set(pool->waiting_gauge, (double)pool->waiting);
    return work;
}

static void run_one(struct core_work_pool *pool, struct core_work *work, unsigned index)
{
    const struct core_env *env = core_loop_env(pool->loop);
    uint64_t start = core_mono_ns(env);

    work->run(work, index);
    core_metric_observe(pool->run_seconds, (double)(core_mono_ns(env) - start) / 1e9);
    deliver(pool, work, 0);
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    struct core_work_pool *pool = worker->pool;

    if (pool->options.background)
        core_sched_background();
    else
        core_sched_behind();
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->first && !pool->closing)
            pthread_cond_wait(&pool->more, &pool->lock);
        if (pool->closing)
            break;
        struct core_work *work = take_first(pool);
        pthread_mutex_unlock(&pool->lock);
        run_one(pool, work, worker->index);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void start_worker(struct core_work_pool *pool, unsigned index)
{
    struct worker *worker = &pool->workers[index];
    sigset_t all;
    sigset_t before;
    char name[16];
    int status;

    worker->pool = pool;
    worker->index = index;
    /* Signals are the loop thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&worker->thread, NULL, worker_main, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert(status == 0);
    snprintf(name, sizeof name, "%.11s/%u", pool->options.name, index % 100);
    pthread_setname_np(worker->thread, name);
}

/* --- Pool ----------------------------------------------------------------------------------- */

struct core_work_pool *core_work_pool_new(struct core_loop *loop,
                                          const struct core_work_options *options)
{
    struct core_work_pool *pool;
    char labels[32];

    assert(options->threads >= 1 && options->threads <= CORE_LIMIT_POOL_THREADS);
    assert(options->queue_max >= 1);
    pool = core_alloc(sizeof *pool + options->threads * sizeof pool->workers[0]);
    pool->loop = loop;
    pool->options = *options;
    core_box_init(&pool->box, loop);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
    snprintf(labels, sizeof labels, "pool=\"%.11s\"", options->name);
    pool->waiting_gauge = core_gauge("sky_pool_waiting", labels,
                                     "Pieces of work waiting for a thread.");
    pool->run_seconds = core_histogram("sky_pool_run_seconds", labels, "Time a piece of work ran.");
    for (unsigned i = 0; i < options->threads; i++)
        start_worker(pool, i);
    return pool;
}

void core_work_pool_free(struct core_work_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->options.threads; i++)
        pthread_join(pool->workers[i].thread, NULL);
    while (pool->first)
        deliver(pool, take_first(pool), CORE_ECLOSED);
    core_box_done(&pool->box);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->more);
    free(pool);
}

int core_work_submit(struct core_work_pool *pool, struct core_work *work)
{
    int err = 0;

    assert(work->run && work->done);
    work->post = (struct core_post){.fn = finish};
    work->next = NULL;
    work->pool = pool;
    work->status = 0;
    atomic_init(&work->cancelled, false);
    pthread_mutex_lock(&pool->lock);
    if (pool->closing) {
        err = CORE_ECLOSED;
    } else if (pool->waiting >= pool->options.queue_max) {
        err = CORE_ELIMIT;
    } else {
        if (pool->last)
            pool->last->next = work;
        else
            pool->first = work;
        pool->last = work;
        work->waiting = true;
        pool->waiting++;
        core_metric_set(pool->waiting_gauge, (double)pool->waiting);
        pthread_cond_signal(&pool->more);
    }
    pthread_mutex_unlock(&pool->lock);
    return err;
}

void core_work_cancel(struct core_work *work)
{
    struct core_work_pool *pool = work->pool;
    struct core_work *before = NULL;

    pthread_mutex_lock(&pool->lock);
    atomic_store(&work->cancelled, true);
    if (work->waiting) {
        for (struct core_work *w = pool->first; w != work; w = w->next)
            before = w;
        if (before) {
            before->next = work->next;
            if (pool->last == work)
                pool->last = before;
            work->waiting = false;
            pool->waiting--;
            core_metric_set(pool->waiting_gauge, (double)pool->waiting);
        } else {
            take_first(pool);
        }
        deliver(pool, work, CORE_ECANCELLED);
    }
    pthread_mutex_unlock(&pool->lock);
}

bool core_work_cancelled(const struct core_work *work)
{
    return atomic_load_explicit(&work->cancelled, memory_order_relaxed);
}

size_t core_work_waiting(const struct core_work_pool *pool)
{
    struct core_work_pool *p = (struct core_work_pool *)pool;
    size_t waiting;

    pthread_mutex_lock(&p->lock);
    waiting = p->waiting;
    pthread_mutex_unlock(&p->lock);
    return waiting;
}

const struct core_work_options *core_work_options(const struct core_work_pool *pool)
{
    return &pool->options;
}
