/*
 * embed.c: vectors for clients (/v1/embeddings), by the English model. A text longer than the
 * model's window becomes the mean of its windows.
 *
 * What a client sends may take minutes, and questions use the same threads. So
 * requests are worked on in slices, one slice at a time and each request in its
 * turn: of the threads one is always free for questions.
 *
 *     start ─► waiting ─► slice ─► whole: on_done
 *                 └───────────────┘ not yet: behind the others
 */
#include "ai/find/retrieve.h"

#include "ai/text/text.h"
#include "core/err.h"

#include <math.h>
#include <stdlib.h>

struct embed {
    struct core_work work; /* first */
    struct ai *ai;
    struct ai_embed *embed;
    struct embed *next;
    float *vectors;
    unsigned dimensions, tokens;
    size_t text;                               /* the one that is worked on */
    size_t windows[AI_LIMIT_EMBED_WINDOWS][2]; /* of it */
    size_t window_count, window;               /* 0: not cut yet; the next one */
    int status;
    bool cancelled;
};

/* --- On the pool ---------------------------------------------------------------------------- */

static int cut(struct embed *s, unsigned worker, struct core_str text)
{
    struct ai_embedder *e = s->ai->embedders[AI_EMBEDDER_ENGLISH];
    ssize_t n = ai_embedder_windows(e, worker, text, s->windows, AI_LIMIT_EMBED_WINDOWS);
    if (n < 0)
        return (int)n;
    if (n == 0) {
        s->windows[0][0] = s->windows[0][1] = 0;
        n = 1;
    }
    size_t end = s->windows[n - 1][1];
    if (core_str_trim(core_strn(text.ptr + end, text.len - end)).len > 0)
        return CORE_ETOOBIG;
    s->window_count = (size_t)n;
    s->window = 0;
    return 0;
}

static void text_done(struct embed *s, struct core_str text, float *out)
{
    double norm = 0;
    for (unsigned i = 0; i < s->dimensions; i++)
        norm += (double)out[i] * out[i];
    for (unsigned i = 0; i < s->dimensions && norm > 0; i++)
        out[i] /= (float)sqrt(norm);
    s->tokens += ai_text_tokens(text);
    s->window_count = 0;
    s->text++;
}

/* Adds the next windows of a text to its sum. */
static int step(struct embed *s, unsigned worker)
{
    struct core_str text = s->embed->texts[s->text], parts[AI_EMBED_PARTS];
    float vectors[AI_EMBED_PARTS * AI_EMBED_DIMENSIONS];
    float *out = s->vectors + s->text * s->dimensions;
    size_t m = 0;
    int err = s->window_count == 0 ? cut(s, worker, text) : 0;
    if (err < 0)
        return err;
    for (; m < AI_EMBED_PARTS && s->window < s->window_count; m++, s->window++)
        parts[m] = core_strn(text.ptr + s->windows[s->window][0],
                             s->windows[s->window][1] - s->windows[s->window][0]);
    err = ai_embedder_run(s->ai->embedders[AI_EMBEDDER_ENGLISH], worker, AI_EMBED_PASSAGE, parts, m,
                          vectors);
    if (err < 0)
        return err;
    for (size_t j = 0; j < m * s->dimensions; j++)
        out[j % s->dimensions] += vectors[j];
    if (s->window == s->window_count)
        text_done(s, text, out);
    return 0;
}

static void run(struct core_work *work, unsigned worker)
{
    struct embed *s = (struct embed *)work;
    uint64_t end_ms = core_mono_ms(s->ai->env) + AI_EMBED_SLICE_MS;
    do {
        s->status = core_work_cancelled(work) ? CORE_ECANCELLED : step(s, worker);
    } while (s->status == 0 && s->text < s->embed->count && core_mono_ms(s->ai->env) < end_ms);
}

/* --- On the loop ---------------------------------------------------------------------------- */

static void done(struct core_work *work, int status);

static void append(struct ai_embed_queue *q, struct embed *s)
{
    s->next = NULL;
    *(q->last ? &q->last->next : &q->first) = s;
    q->last = s;
}

static struct embed *take(struct ai_embed_queue *q)
{
    struct embed *s = q->first;
    q->first = s->next;
    if (!q->first)
        q->last = NULL;
    return s;
}

static void finish(struct embed *s, int status)
{
    struct ai_embed *embed = s->embed;
    s->ai->embeds.count--;
    embed->state = NULL;
    embed->on_done(embed, status, status ? NULL : s->vectors, s->dimensions, s->tokens);
    free(s->vectors);
    free(s);
}

static void next_slice(struct ai *ai)
{
    while (ai->embeds.first && !ai->embeds.running) {
        struct embed *s = take(&ai->embeds);
        s->work = (struct core_work){.run = run, .done = done};
        int err = s->cancelled ? CORE_ECANCELLED : core_work_submit(ai->ask, &s->work);
        if (err < 0)
            finish(s, err);
        else
            ai->embeds.running = s;
    }
}

static void done(struct core_work *work, int status)
{
    struct embed *s = (struct embed *)work;
    struct ai *ai = s->ai;
    ai->embeds.running = NULL;
    if (!status)
        status = s->cancelled ? CORE_ECANCELLED : s->status;
    if (status || s->text == s->embed->count)
        finish(s, status);
    else
        append(&ai->embeds, s);
    next_slice(ai);
}

int ai_embed_start(struct ai *ai, struct ai_embed *embed)
{
    if (!embed->on_done || !embed->count)
        return CORE_EINVAL;
    if (embed->count > AI_LIMIT_EMBED_TEXTS)
        return CORE_ETOOBIG;
    if (!ai->embedders[AI_EMBEDDER_ENGLISH])
        return CORE_EUNSUPPORTED;
    if (ai->embeds.count >= AI_LIMIT_ASKS)
        return CORE_ELIMIT;
    struct embed *s = core_alloc(sizeof *s);
    s->ai = ai;
    s->embed = embed;
    s->dimensions = ai_embedder_dimensions(ai->embedders[AI_EMBEDDER_ENGLISH]);
    s->vectors = core_alloc_array(embed->count * s->dimensions, sizeof *s->vectors);
    embed->state = s;
    ai->embeds.count++;
    append(&ai->embeds, s);
    next_slice(ai);
    return 0;
}

void ai_embed_cancel(struct ai *ai, struct ai_embed *embed)
{
    struct embed *s = embed->state;
    if (!s || s->cancelled)
        return;
    s->cancelled = true;
    /* One that waits is told when its turn comes. */
    if (ai->embeds.running == s)
        core_work_cancel(&s->work);
}
