/*
 * llama_engine.c: the engine's thread (see llama_engine.h): a queue in front of the slots, and the
 * lock between them and the loop.
 *
 *     submit → queue → slot: turns … → text, end → news → take
 *
 * The lock guards the queue, the news and what a job carries; it is never held while llama.cpp
 * loads or computes. A second lock lets others count tokens while the weights are there.
 */
#include "ai/model/llama_engine.h"

#include "ai/model/llama_runtime.h"
#include "ai/model/llama_slots.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <llama.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct ai_llama_engine {
    struct ai_llama_engine_options options;
    char *program, *path;
    pthread_t thread;
    atomic_bool stop;
    struct ai_llama_slots *slots; /* the thread's; NULL: not loaded */
    atomic_bool loaded;           /* what `slots` says, without a lock */
    pthread_rwlock_t vocab_lock;  /* written around changes of slots */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct ai_llama_job *queue, **queue_end;
    size_t queued;
    struct ai_llama_job *news, **news_end;
    bool unload;
};

/* --- News ------------------------------------------------------------------------------------- */

/* Under the lock. */
static void list_news(struct ai_llama_engine *e, struct ai_llama_job *job)
{
    if (job->listed)
        return;
    job->listed = true;
    job->news_next = NULL;
    *e->news_end = job;
    e->news_end = &job->news_next;
}

static void finish_locked(struct ai_llama_engine *e, struct ai_llama_job *job, int status,
                          const struct ai_usage *usage)
{
    assert(!job->finished);
    job->finished = true;
    job->status = job->cancelled ? CORE_ECANCELLED : status;
    if (usage)
        job->usage = *usage;
    list_news(e, job);
}

static void finish(struct ai_llama_engine *e, struct ai_llama_job *job, int status,
                   const struct ai_usage *usage)
{
    pthread_mutex_lock(&e->lock);
    finish_locked(e, job, status, usage);
    pthread_mutex_unlock(&e->lock);
    e->options.wake(e->options.arg);
}

static void on_text(void *arg, void *opaque, struct core_buf *out)
{
    struct ai_llama_engine *e = arg;
    struct ai_llama_job *job = opaque;
    pthread_mutex_lock(&e->lock);
    /* A loop so far behind has other troubles: the job ends at the next sweep. */
    if (core_buf_add_str(&job->text, core_buf_str(out)) != 0)
        job->cancelled = true;
    list_news(e, job);
    pthread_mutex_unlock(&e->lock);
    core_buf_clear(out);
    e->options.wake(e->options.arg);
}

static void on_end(void *arg, void *job, int status, const struct ai_usage *usage)
{
    finish(arg, job, status, usage);
}

struct ai_llama_job *ai_llama_engine_take(struct ai_llama_engine *e, struct core_buf *text,
                                          bool *ret_finished)
{
    pthread_mutex_lock(&e->lock);
    struct ai_llama_job *job = e->news;
    if (job) {
        e->news = job->news_next;
        if (!e->news)
            e->news_end = &e->news;
        job->listed = false;
        struct core_buf taken = job->text;
        job->text = *text;
        *text = taken;
        core_buf_clear(&job->text);
        if (job->cancelled)
            core_buf_clear(text);
        *ret_finished = job->finished;
        if (job->finished)
            core_buf_done(&job->text);
    }
    pthread_mutex_unlock(&e->lock);
    return job;
}

/* --- The thread ------------------------------------------------------------------------------- */

static struct ai_llama_job *pop(struct ai_llama_engine *e)
{
    pthread_mutex_lock(&e->lock);
    struct ai_llama_job *job = e->queue;
    if (job) {
        e->queue = job->next;
        if (!e->queue)
            e->queue_end = &e->queue;
        e->queued--;
    }
    pthread_mutex_unlock(&e->lock);
    return job;
}

static void set_slots(struct ai_llama_engine *e, struct ai_llama_slots *slots)
{
    pthread_rwlock_wrlock(&e->vocab_lock);
    struct ai_llama_slots *old = e->slots;
    e->slots = slots;
    atomic_store(&e->loaded, slots != NULL);
    pthread_rwlock_unlock(&e->vocab_lock);
    ai_llama_slots_free(old);
}

static int load(struct ai_llama_engine *e)
{
    const struct ai_llama_slots_options options = {
        .program = e->program,
        .path = e->path,
        .threads = e->options.threads,
        .context_tokens = e->options.context_tokens,
        .slots = e->options.slots,
        .stop = &e->stop,
        .on_text = on_text,
        .on_end = on_end,
        .arg = e,
    };
    struct ai_llama_slots *slots;
    int err = ai_llama_slots_new(&options, &slots);
    if (err == 0)
        set_slots(e, slots);
    return err;
}

static bool job_cancelled(void *arg, void *opaque)
{
    struct ai_llama_engine *e = arg;
    struct ai_llama_job *job = opaque;
    pthread_mutex_lock(&e->lock);
    bool cancelled = job->cancelled;
    pthread_mutex_unlock(&e->lock);
    return cancelled;
}

/* From the queue into free slots. A file that does not load fails all that wait: each would wait
 * for the same failure. */
static void admit(struct ai_llama_engine *e)
{
    int unloadable = 0;
    struct ai_llama_job *job;
    while ((!e->slots || unloadable || !ai_llama_slots_full(e->slots)) && (job = pop(e))) {
        if (!e->slots && !unloadable)
            unloadable = load(e);
        int err = unloadable ? unloadable : ai_llama_slots_start(e->slots, job->request, job);
        if (err && atomic_load(&e->stop)) /* it was given up: llama.c answers */
            err = CORE_ECANCELLED;
        if (err)
            finish(e, job, err, NULL);
    }
}

/* Sleeps until there is work; false: stop. */
static bool wait_for_work(struct ai_llama_engine *e)
{
    bool unload = false;
    bool idle = !e->slots || ai_llama_slots_idle(e->slots);
    pthread_mutex_lock(&e->lock);
    while (idle && !e->queue && !atomic_load(&e->stop) && !e->unload)
        pthread_cond_wait(&e->changed, &e->lock);
    unload = e->unload && idle && !e->queue;
    e->unload = false;
    pthread_mutex_unlock(&e->lock);
    if (unload)
        set_slots(e, NULL);
    return !atomic_load(&e->stop);
}

static void *run(void *arg)
{
    struct ai_llama_engine *e = arg;
    ai_llama_thread_stop(&e->stop);
    while (wait_for_work(e)) {
        if (e->slots)
            ai_llama_slots_sweep(e->slots, job_cancelled);
        admit(e);
        if (e->slots)
            ai_llama_slots_turn(e->slots);
    }
    return NULL;
}

/* --- The loop's side -------------------------------------------------------------------------- */

struct ai_llama_engine *ai_llama_engine_new(const struct ai_llama_engine_options *options)
{
    struct ai_llama_engine *e = core_alloc(sizeof *e);
    e->options = *options;
    e->program = core_strdup(core_str(options->program));
    e->path = core_strdup(core_str(options->path));
    e->queue_end = &e->queue;
    e->news_end = &e->news;
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->changed, NULL);
    pthread_rwlock_init(&e->vocab_lock, NULL);
    int failed = pthread_create(&e->thread, NULL, run, e);
    assert(!failed);
    pthread_setname_np(e->thread, "sky-model");
    return e;
}

void ai_llama_engine_stop(struct ai_llama_engine *e)
{
    pthread_mutex_lock(&e->lock);
    atomic_store(&e->stop, true);
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->thread, NULL);
}

void ai_llama_engine_free(struct ai_llama_engine *e)
{
    if (!e)
        return;
    ai_llama_slots_free(e->slots);
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->changed);
    pthread_rwlock_destroy(&e->vocab_lock);
    free(e->program);
    free(e->path);
    free(e);
}

int ai_llama_engine_submit(struct ai_llama_engine *e, struct ai_llama_job *job)
{
    int err = 0;
    core_buf_init(&job->text, AI_LIMIT_GENERATE_HELD);
    pthread_mutex_lock(&e->lock);
    if (e->queued >= e->options.queue_max) {
        err = CORE_ELIMIT;
    } else {
        job->next = NULL;
        *e->queue_end = job;
        e->queue_end = &job->next;
        e->queued++;
        e->unload = false;
        pthread_cond_signal(&e->changed);
    }
    pthread_mutex_unlock(&e->lock);
    return err;
}

/* Takes the job out of the queue; false when it is not there. */
static bool unqueue(struct ai_llama_engine *e, struct ai_llama_job *job)
{
    for (struct ai_llama_job **at = &e->queue; *at; at = &(*at)->next)
        if (*at == job) {
            *at = job->next;
            if (!*at)
                e->queue_end = at;
            e->queued--;
            return true;
        }
    return false;
}

void ai_llama_engine_cancel(struct ai_llama_engine *e, struct ai_llama_job *job)
{
    bool news = false;
    pthread_mutex_lock(&e->lock);
    if (!job->finished && !job->cancelled) {
        job->cancelled = true;
        news = unqueue(e, job);
        if (news)
            finish_locked(e, job, CORE_ECANCELLED, NULL);
    }
    pthread_mutex_unlock(&e->lock);
    if (news)
        e->options.wake(e->options.arg);
}

void ai_llama_engine_unload(struct ai_llama_engine *e)
{
    pthread_mutex_lock(&e->lock);
    e->unload = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

bool ai_llama_engine_loaded(const struct ai_llama_engine *e)
{
    return atomic_load(&e->loaded);
}

size_t ai_llama_engine_count_tokens(struct ai_llama_engine *e, struct core_str text)
{
    size_t tokens = text.len; /* a token has at least one byte */
    pthread_rwlock_rdlock(&e->vocab_lock);
    if (e->slots && text.len <= AI_LIMIT_EMBED_SPLIT) {
        int32_t n = llama_tokenize(ai_llama_slots_vocab(e->slots), text.ptr, (int32_t)text.len,
                                   NULL, 0, false, false);
        tokens = n < 0 ? (size_t)-(int64_t)n : (size_t)n;
    }
    pthread_rwlock_unlock(&e->vocab_lock);
    return tokens;
}
