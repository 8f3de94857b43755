/*
 * writer.c: group commit.
 *
 *     write ─► queue ─► group (≤ N batches, ≤ B bytes) ─► commit ─► answers ─► upkeep
 *
 * While one group is on its way to the disk the next one gathers, so the cost of an fsync is shared
 * by as many batches as came meanwhile, and a lone batch waits for nobody, unless it is lazy: those
 * leave with the next that is not, when they fill a group, or after a moment.
 *
 * A relaxed commit is followed by a sync within CORE_LIMIT_STORE_SYNC_MS. When the disk fails,
 * every batch is refused with its code and the engine's probe runs now and then until it succeeds:
 * no batch is ever reported as stored on the strength of hope.
 */
#include "core/store/writer.h"

#include "core/err.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/metrics.h"
#include "core/sched.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

struct store__writer {
    const struct core_env *env;
    const struct store__writer_ops *ops;
    void *arg;
    pthread_t thread;
    bool answers_on_loop;
    struct core_box box;
    atomic_int health;
    /* The thread's own. Times in ns, 0 = nothing due. */
    uint64_t sync_due;
    uint64_t probe_due;
    struct core_metric *batches;
    struct core_metric *commits;
    struct core_metric *seconds;
    /* libuv's, because only its timed wait is relative: no clock but the environment's is read. */
    uv_mutex_t lock; /* over the fields below */
    uv_cond_t more;
    struct store_batch *first;
    struct store_batch *last;
    unsigned queued;
    unsigned urgent;   /* of them, not lazy */
    uint64_t lazy_due; /* when the first of the queue has waited enough */
    size_t queued_bytes;
    bool closing;
};

/* --- Answers -------------------------------------------------------------------------------- */

static void run_answer(struct core_post *post)
{
    struct store_batch *batch = (struct store_batch *)((char *)post -
                                                       offsetof(struct store_batch, post));
    void (*acked)(void *arg, int status) = batch->acked;
    void *arg = batch->arg;
    int status = batch->status;

    store_batch_free(batch);
    acked(arg, status);
}

static void answer(struct store__writer *w, struct store_batch *batch, int status)
{
    sem_t *waiter = batch->waiter;

    batch->status = status;
    if (batch->acked) {
        assert(w->answers_on_loop);
        batch->post = (struct core_post){.fn = run_answer};
        core_box_post(&w->box, &batch->post);
        return;
    }
    if (waiter)
        *batch->waiter_status = status;
    store_batch_free(batch);
    if (waiter)
        sem_post(waiter);
}

/* --- Health --------------------------------------------------------------------------------- */

static void set_health(struct store__writer *w, int code)
{
    int before = atomic_exchange(&w->health, code);

    if (code < 0)
        w->probe_due = core_mono_ns(w->env) + CORE_LIMIT_STORE_RETRY_MS * 1000000ull;
    else
        w->probe_due = 0;
    if (before == code)
        return;
    if (code < 0)
        core_log(CORE_LOG_ERROR, "store.readonly", {"error", CORE_LOG_C(core_err_name(code))},
                 {"why", CORE_LOG_C(core_err_text(code))});
    else
        core_log(CORE_LOG_INFO, "store.writable");
}

/* Tries whether the disk works again. */
static void probe(struct store__writer *w)
{
    int err = w->ops->probe(w->arg);

    /* A reader in the way says nothing new about the disk. */
    set_health(w, err == CORE_EBUSY ? atomic_load(&w->health) : err);
}

/* The disk failed: nothing is accepted from here on, unless it works again at once. */
static void disk_failed(struct store__writer *w, int code)
{
    w->sync_due = 0;
    set_health(w, code);
    probe(w);
}

static void keep_house(struct store__writer *w)
{
    uint64_t now = core_mono_ns(w->env);
    int err;

    if (w->sync_due && now >= w->sync_due) {
        w->sync_due = 0;
        err = w->ops->sync(w->arg);
        if (err < 0)
            disk_failed(w, err);
    }
    if (w->probe_due && now >= w->probe_due)
        probe(w);
}

/* --- The thread ----------------------------------------------------------------------------- */

/* Needs the lock. Cuts a group off the queue's front. */
static struct store_batch *take_group(struct store__writer *w, unsigned *ret_n)
{
    struct store_batch *first = w->first;
    struct store_batch *end = first;
    size_t bytes = end->data.len;
    unsigned n = 1;

    w->urgent -= end->durability != STORE_LAZY;
    while (end->next && n < CORE_LIMIT_STORE_GROUP &&
           bytes + end->next->data.len <= CORE_LIMIT_STORE_GROUP_BYTES) {
        end = end->next;
        bytes += end->data.len;
        w->urgent -= end->durability != STORE_LAZY;
        n++;
    }
    w->first = end->next;
    if (!w->first)
        w->last = NULL;
    end->next = NULL;
    w->queued -= n;
    w->queued_bytes -= bytes;
    *ret_n = n;
    return first;
}

static void write_group(struct store__writer *w, struct store_batch *batch, unsigned n)
{
    uint64_t start = core_mono_ns(w->env);
    int err = atomic_load(&w->health);

    if (err == 0) {
        err = w->ops->commit(w->arg, batch, n);
        core_metric_observe(w->seconds, (double)(core_mono_ns(w->env) - start) / 1e9);
        core_metric_add(w->commits, 1);
        core_metric_add(w->batches, n);
        /* Before the answers: a commit that failed must not come back to life after a crash, and
         * the probe is what buries it. */
        if (err < 0)
            disk_failed(w, err);
        else if (!w->sync_due)
            w->sync_due = start + CORE_LIMIT_STORE_SYNC_MS * 1000000ull;
    } else {
        for (struct store_batch *b = batch; b; b = b->next)
            b->status = err;
    }
    while (batch) {
        struct store_batch *next = batch->next;
        answer(w, batch, batch->status);
        batch = next;
    }
    if (atomic_load(&w->health) < 0)
        return;
    err = w->ops->tend(w->arg);
    if (err < 0)
        disk_failed(w, err);
}

/* Needs the lock. Those in the queue need not wait for others. */
static bool group_ready(const struct store__writer *w)
{
    return w->first && (w->urgent > 0 || w->queued >= CORE_LIMIT_STORE_GROUP || w->closing ||
                        core_mono_ns(w->env) >= w->lazy_due);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return !a || (b && b < a) ? b : a;
}

/* Needs the lock. Until there is a group, an end, or something is due. */
static void wait_for_work(struct store__writer *w)
{
    uint64_t due;
    uint64_t now;

    while (!group_ready(w) && !w->closing) {
        due = sooner(w->sync_due, w->probe_due);
        if (w->first)
            due = sooner(due, w->lazy_due);
        now = core_mono_ns(w->env);
        if (due && now >= due)
            return;
        if (due)
            uv_cond_timedwait(&w->more, &w->lock, due - now);
        else
            uv_cond_wait(&w->more, &w->lock);
    }
}

static void *writer_main(void *arg)
{
    struct store__writer *w = arg;

    core_sched_prompt();
    uv_mutex_lock(&w->lock);
    for (;;) {
        struct store_batch *group = NULL;
        unsigned n = 0;

        wait_for_work(w);
        if (w->closing && !w->first)
            break;
        if (group_ready(w))
            group = take_group(w, &n);
        uv_mutex_unlock(&w->lock);
        if (group)
            write_group(w, group, n);
        keep_house(w);
        uv_mutex_lock(&w->lock);
    }
    uv_mutex_unlock(&w->lock);
    w->ops->sync(w->arg);
    return NULL;
}

/* --- Face ----------------------------------------------------------------------------------- */

struct store__writer *store__writer_new(const struct core_env *env, struct core_loop *loop,
                                        const struct store__writer_ops *ops, void *arg)
{
    struct store__writer *w = core_alloc(sizeof *w);
    sigset_t all;
    sigset_t before;
    int status;

    w->env = env;
    w->ops = ops;
    w->arg = arg;
    w->answers_on_loop = loop != NULL;
    if (loop)
        core_box_init(&w->box, loop);
    w->batches = core_counter("sky_store_batches_total", NULL, "Batches given to a commit.");
    w->commits = core_counter("sky_store_commits_total", NULL, "Commits that batches shared.");
    w->seconds = core_histogram("sky_store_commit_seconds", NULL, "Time of a commit.");
    uv_mutex_init(&w->lock);
    uv_cond_init(&w->more);
    /* Signals are the loop thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&w->thread, NULL, writer_main, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert(status == 0);
    pthread_setname_np(w->thread, "store");
    return w;
}

void store__writer_free(struct store__writer *w)
{
    if (!w)
        return;
    uv_mutex_lock(&w->lock);
    w->closing = true;
    uv_cond_signal(&w->more);
    uv_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    if (w->answers_on_loop)
        core_box_done(&w->box);
    uv_mutex_destroy(&w->lock);
    uv_cond_destroy(&w->more);
    free(w);
}

/* Needs the lock. The thread is woken when its wait ends or is to be another one. */
static void queue(struct store__writer *w, struct store_batch *batch)
{
    bool lazy = batch->durability == STORE_LAZY;

    batch->next = NULL;
    if (!w->first)
        w->lazy_due = core_mono_ns(w->env) + CORE_LIMIT_STORE_LAZY_MS * 1000000ull;
    if (w->last)
        w->last->next = batch;
    else
        w->first = batch;
    w->last = batch;
    w->queued++;
    w->urgent += !lazy;
    w->queued_bytes += batch->data.len;
    if (!lazy || w->queued == 1 || w->queued == CORE_LIMIT_STORE_GROUP)
        uv_cond_signal(&w->more);
}

void store__writer_write(struct store__writer *w, struct store_batch *batch)
{
    int err = batch->error;

    if (err == 0)
        err = atomic_load(&w->health);
    if (err == 0) {
        uv_mutex_lock(&w->lock);
        if (w->closing) {
            err = CORE_ECLOSED;
        } else if (w->queued >= CORE_LIMIT_STORE_QUEUE ||
                   w->queued_bytes + batch->data.len > CORE_LIMIT_STORE_QUEUE_BYTES) {
            err = CORE_ELIMIT;
        } else {
            queue(w, batch);
        }
        uv_mutex_unlock(&w->lock);
    }
    if (err < 0)
        answer(w, batch, err);
}

int store__writer_health(const struct store__writer *w)
{
    return atomic_load(&((struct store__writer *)w)->health);
}

/* --- For what commits ----------------------------------------------------------------------- */

bool store__disk_failed(int err)
{
    return err == CORE_EIO || err == CORE_ENOSPACE || err == CORE_EREADONLY;
}

bool store__group_durable(const struct store_batch *first)
{
    for (; first; first = first->next) {
        if (first->durability == STORE_DURABLE)
            return true;
    }
    return false;
}

void store__group_fail(struct store_batch *first, int err)
{
    for (; first; first = first->next) {
        if (first->status == 0)
            first->status = err;
    }
}
