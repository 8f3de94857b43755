/*
 * openai.c: the transport of openai_wire.h: a request goes out by core/fetch_loop.h, text comes in
 * pieces on the loop and is passed on as it comes. One try; who tries again, and where, is
 * ai/cascade/ask_remote.c's.
 */
#include "ai/model/openai.h"

#include "ai/model/key.h"
#include "ai/model/openai_wire.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct backend {
    struct ai_model super;
    struct core_fetch_loop *fetch;
    char *provider, *url, *key, *model;
    unsigned first_ms, whole_ms;
    unsigned refs; /* the owner, and each open request */
};

struct job {
    struct core_fetch_call call;
    struct backend *b;
    struct ai_generate *request;
    struct ai_wire wire;
    struct core_buf body, text;
    int broken; /* what came is no answer */
};

static struct backend *backend_of(const struct ai_model *model)
{
    return (struct backend *)model; /* super is the first member */
}

static void unref(struct backend *b)
{
    if (--b->refs)
        return;
    free(b->provider);
    free(b->url);
    free(b->key);
    free(b->model);
    free(b);
}

static void job_free(struct job *job)
{
    ai_wire_done(&job->wire);
    core_buf_done(&job->body);
    core_buf_done(&job->text);
    unref(job->b);
    free(job);
}

/* --- Answering -------------------------------------------------------------------------------- */

static void pass_on(struct job *job)
{
    if (job->text.len)
        job->request->on_text(job->request, core_buf_str(&job->text));
    core_buf_clear(&job->text);
}

static int on_data(void *arg, struct core_str piece)
{
    struct job *job = arg;
    job->broken = ai_wire_feed(&job->wire, piece, &job->text);
    /* What was said before it broke may have been paid for, and the client may have it. */
    pass_on(job);
    if (job->wire.last)
        core_fetch_hurry(job->b->fetch, &job->call, AI_REMOTE_END_MS);
    return job->broken;
}

static bool too_long(struct core_str body)
{
    return core_str_find(body, CORE_STR("context_length")) >= 0 ||
           core_str_find(body, CORE_STR("maximum context")) >= 0;
}

static int err_from_http(int status, struct core_str body)
{
    switch (status) {
    case 401:
    case 402: /* the provider's own: our account there is used up */
    case 403:
        return CORE_EDENIED;
    case 404:
        return CORE_ENOTFOUND;
    case 408:
        return CORE_ETIMEOUT;
    case 413:
        return CORE_ETOOBIG;
    case 429:
        return CORE_ELIMIT;
    case 400:
    case 422:
        return too_long(body) ? CORE_ETOOBIG : CORE_EINVAL;
    default:
        return status >= 500 ? CORE_EBUSY : CORE_EPROTO;
    }
}

static int outcome(struct job *job, int status, const struct core_fetch_response *response)
{
    if (job->broken)
        return job->broken == CORE_ETOOBIG ? CORE_EPROTO : job->broken;
    if (job->wire.last)
        status = 0; /* the answer is whole, however its body ended */
    if (status == CORE_EINVAL || status == CORE_ETOOBIG)
        return CORE_EPROTO; /* of what was sent, nothing is wrong */
    if (status)
        return status;
    if (response->status != 200)
        return err_from_http(response->status, core_buf_str(&response->body));
    int err = ai_wire_end(&job->wire, &job->text);
    pass_on(job);
    return err;
}

static void on_done(struct core_fetch_call *call, int status,
                    const struct core_fetch_response *response, const char *why)
{
    struct job *job = call->arg;
    struct ai_generate *request = job->request;
    int err = outcome(job, status, response);
    struct ai_usage usage = {.tokens_in = job->wire.tokens_in,
                             .tokens_out = job->wire.tokens_out,
                             .counted = job->wire.counted,
                             .final = job->wire.counted && (!err || job->wire.final),
                             .sent = response->sent,
                             .http = response->status,
                             .retry_after_s = response->retry_after_s,
                             .why = err && status ? why : NULL,
                             .finish = job->wire.finish ? job->wire.finish : "stop"};
    request->backend = NULL;
    job_free(job);
    request->on_done(request, err, &usage);
}

/* --- The face --------------------------------------------------------------------------------- */

static const char *provider(const struct ai_model *model)
{
    return backend_of(model)->provider;
}

static bool valid(const struct ai_generate *r)
{
    return r->message_count > 0 && r->tokens_max > 0 && isfinite(r->temperature) &&
           r->stop_count <= AI_GENERATE_STOPS;
}

static int start(struct job *job)
{
    struct backend *b = job->b;
    struct core_buf key;
    int err = ai_wire_request(&job->body, b->model, job->request);
    if (err)
        return err;
    core_buf_init(&key, AI_LIMIT_KEY + 1);
    err = ai_key_read(b->key, &key);
    if (!err) {
        job->call.request = (struct core_fetch_request){.method = "POST",
                                                        .url = b->url,
                                                        .bearer = key.len ? key.ptr : NULL,
                                                        .content_type = "application/json",
                                                        .body = core_buf_str(&job->body),
                                                        .timeout_ms = b->whole_ms,
                                                        .body_max = AI_LIMIT_WIRE_BODY,
                                                        .on_data = on_data,
                                                        .arg = job};
        /* Asked to answer whole it thinks before the first byte. */
        job->call.first_ms = job->request->whole ? 0 : b->first_ms;
        job->call.on_done = on_done;
        job->call.arg = job;
        err = core_fetch_start(b->fetch, &job->call);
    } else {
        err = CORE_EAUTH;
    }
    core_buf_wipe(&key);
    return err;
}

static int generate(struct ai_model *model, struct ai_generate *request)
{
    struct backend *b = backend_of(model);
    if (!valid(request))
        return CORE_EINVAL;
    struct job *job = core_alloc(sizeof *job);
    job->b = b;
    job->request = request;
    b->refs++;
    ai_wire_init(&job->wire);
    core_buf_init(&job->body, AI_LIMIT_WIRE_REQUEST);
    core_buf_init(&job->text, AI_LIMIT_GENERATE_HELD);
    int err = start(job);
    if (err)
        job_free(job);
    else
        request->backend = job;
    return err;
}

static void cancel(struct ai_model *model, struct ai_generate *request)
{
    struct job *job = request->backend;
    if (job)
        core_fetch_cancel(backend_of(model)->fetch, &job->call);
}

/* An upper bound for every vocabulary of bytes: no token is shorter. */
static size_t count_tokens(struct ai_model *model, struct core_str text)
{
    (void)model;
    return text.len;
}

static int check(const struct ai_model *model, char *why, size_t why_cap)
{
    char found[AI_LIMIT_KEY_REFERENCE + 128];
    ai_key_check(backend_of(model)->key, found, sizeof found);
    if (why_cap)
        snprintf(why, why_cap, "%s", found);
    return *found ? CORE_EAUTH : 0;
}

static void free_backend(struct ai_model *model)
{
    if (model)
        unref(backend_of(model));
}

static char *join(const char *a, const char *between, const char *b)
{
    size_t len = strlen(a) + strlen(between) + strlen(b) + 1;
    char *out = core_alloc(len);
    snprintf(out, len, "%s%s%s", a, between, b);
    return out;
}

struct ai_model *ai_openai_new(const struct ai_openai_options *options)
{
    static const struct ai_model_ops ops = {
        .provider = provider,
        .generate = generate,
        .cancel = cancel,
        .count_tokens = count_tokens,
        .check = check,
        .free = free_backend,
    };
    struct backend *b = core_alloc(sizeof *b);
    b->super.ops = &ops;
    b->fetch = options->fetch;
    b->provider = join(options->provider, ":", options->model);
    b->url = join(options->base_url, "", "/chat/completions");
    b->key = core_strdup(core_str(options->key));
    b->model = core_strdup(core_str(options->model));
    b->first_ms = options->first_ms;
    b->whole_ms = options->whole_ms;
    b->refs = 1;
    return &b->super;
}
