/*
 * llama.c: the local backend of model.h, the loop's side. Requests become jobs of the engine
 * (llama_engine.h); its news come as one message to the loop however many they are, so that a loop
 * that is behind gets several tokens at once.
 *
 * A callback may start and cancel requests, and may free the backend. The message in flight belongs
 * to the loop: a backend freed meanwhile lives on, empty, until it arrives.
 */
#include "ai/model/llama_engine.h"
#include "ai/model/llama_runtime.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct backend {
    struct ai_model super;
    struct core_loop *loop;
    char *path, *provider;
    struct ai_llama_engine *engine; /* NULL: freed, waiting for the message */
    struct ai_llama_job *open;      /* all unanswered requests */
    struct core_timer *idle;
    uint64_t idle_ms;
    struct core_post post;
    atomic_bool posted;
    bool delivering;
};

static struct backend *backend_of(struct ai_model *model)
{
    return (struct backend *)model; /* super is the first member */
}

static void release(struct backend *b)
{
    free(b->path);
    free(b->provider);
    free(b);
}

/* Engine thread, or the loop inside cancel. */
static void wake(void *arg)
{
    struct backend *b = arg;
    if (!atomic_exchange(&b->posted, true))
        core_loop_post(b->loop, &b->post);
}

/* --- Answering -------------------------------------------------------------------------------- */

static void close_job(struct backend *b, struct ai_llama_job *job)
{
    if (job->prev_open)
        job->prev_open->next_open = job->next_open;
    else
        b->open = job->next_open;
    if (job->next_open)
        job->next_open->prev_open = job->prev_open;
    if (!b->open && b->engine)
        core_timer_start(b->idle, b->idle_ms, 0);
}

static void answer(struct backend *b, struct ai_llama_job *job, int status)
{
    struct ai_generate *request = job->request;
    struct ai_usage usage = job->usage;
    usage.counted = true;
    if (!usage.finish)
        usage.finish = "stop";
    close_job(b, job);
    request->backend = NULL;
    free(job);
    request->on_done(request, status, &usage);
}

static void on_news(struct core_post *post)
{
    struct backend *b = (struct backend *)((char *)post - offsetof(struct backend, post));
    /* Cleared first: news that come while these are delivered send another message. */
    atomic_store(&b->posted, false);
    struct core_buf text;
    core_buf_init(&text, AI_LIMIT_GENERATE_HELD); /* its place is swapped with the job's */
    struct ai_llama_job *job;
    bool finished;
    b->delivering = true;
    while (b->engine && (job = ai_llama_engine_take(b->engine, &text, &finished))) {
        int status = finished ? job->status : 0;
        if (text.len > 0)
            job->request->on_text(job->request, core_buf_str(&text));
        if (finished && b->engine)
            answer(b, job, status);
    }
    b->delivering = false;
    core_buf_done(&text);
    if (!b->engine && !atomic_load(&b->posted))
        release(b);
}

static void on_idle(void *arg)
{
    struct backend *b = arg;
    ai_llama_engine_unload(b->engine);
}

/* --- The face --------------------------------------------------------------------------------- */

static const char *provider(const struct ai_model *model)
{
    return ((const struct backend *)model)->provider;
}

static bool valid(const struct ai_generate *r)
{
    if (r->stop_count > AI_GENERATE_STOPS)
        return false;
    for (size_t i = 0; i < r->stop_count; i++)
        if (r->stops[i].len > AI_LIMIT_STOP)
            return false;
    return r->message_count > 0 && r->tokens_max > 0 && isfinite(r->temperature) &&
           r->temperature >= 0 && r->top_p > 0 && r->top_p <= 1 && isfinite(r->repeat_penalty) &&
           r->repeat_penalty > 0;
}

static int generate(struct ai_model *model, struct ai_generate *request)
{
    struct backend *b = backend_of(model);
    if (!b->engine)
        return CORE_ECLOSED;
    if (!valid(request))
        return CORE_EINVAL;
    struct ai_llama_job *job = core_alloc(sizeof *job);
    job->request = request;
    int err = ai_llama_engine_submit(b->engine, job);
    if (err) {
        free(job);
        return err;
    }
    request->backend = job;
    job->next_open = b->open;
    if (b->open)
        b->open->prev_open = job;
    b->open = job;
    core_timer_stop(b->idle);
    return 0;
}

static void cancel(struct ai_model *model, struct ai_generate *request)
{
    struct backend *b = backend_of(model);
    if (b->engine && request->backend)
        ai_llama_engine_cancel(b->engine, request->backend);
}

static size_t count_tokens(struct ai_model *model, struct core_str text)
{
    return ai_llama_engine_count_tokens(backend_of(model)->engine, text);
}

static int check(const struct ai_model *model, char *why, size_t why_cap)
{
    return ai_llama_check(((const struct backend *)model)->path, why, why_cap);
}

static void free_backend(struct ai_model *model)
{
    if (!model)
        return;
    struct backend *b = backend_of(model);
    ai_llama_engine_stop(b->engine);
    struct ai_llama_engine *engine = b->engine;
    b->engine = NULL; /* nothing is started from here on */
    while (b->open) {
        struct ai_llama_job *job = b->open;
        core_buf_done(&job->text);
        answer(b, job, CORE_ECANCELLED);
    }
    ai_llama_engine_free(engine);
    core_timer_free(b->idle);
    if (!b->delivering && !atomic_load(&b->posted))
        release(b);
}

static bool loaded(const struct ai_model *model)
{
    return ai_llama_engine_loaded(((const struct backend *)model)->engine);
}

struct ai_model *ai_llama_new(const struct ai_llama_options *options)
{
    static const struct ai_model_ops ops = {
        .provider = provider,
        .generate = generate,
        .cancel = cancel,
        .count_tokens = count_tokens,
        .check = check,
        .loaded = loaded,
        .free = free_backend,
    };
    struct backend *b = core_alloc(sizeof *b);
    b->super.ops = &ops;
    b->loop = options->loop;
    b->path = core_strdup(core_str(options->path));
    const char *slash = strrchr(b->path, '/');
    struct core_str name = core_str(slash ? slash + 1 : b->path);
    if (core_str_ends(name, CORE_STR(".gguf")))
        name.len -= 5;
    b->provider = core_alloc(name.len + sizeof "local:");
    snprintf(b->provider, name.len + sizeof "local:", "local:%.*s", CORE_STR_ARG(name));
    b->idle = core_timer_new(b->loop, on_idle, b);
    b->idle_ms = options->idle_s * 1000ull;
    b->post.fn = on_news;
    const struct ai_llama_engine_options engine = {
        .program = options->program,
        .path = options->path,
        .threads = options->threads,
        .context_tokens = options->context_tokens,
        .slots = options->slots,
        .queue_max = options->queue_max,
        .wake = wake,
        .arg = b,
    };
    b->engine = ai_llama_engine_new(&engine);
    return &b->super;
}
