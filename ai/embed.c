/*
 * embed.c: vectors for clients (/v1/embeddings), by the English model. A text longer than the
 * model's window becomes the mean of its windows.
 */
#include "ai/retrieve.h"

#include "ai/text.h"
#include "core/err.h"

#include <math.h>
#include <stdlib.h>

struct embed {
    struct core_work work; /* first */
    struct ai *ai;
    struct ai_embed *embed;
    float *vectors;
    unsigned dimensions, tokens;
    int status;
    bool cancelled;
};

/* Adds up the windows of one text into `out`. */
static int embed_text(struct embed *s, unsigned worker, struct core_str text, float *out)
{
    struct ai_embedder *e = s->ai->embedders[AI_EMBEDDER_ENGLISH];
    size_t windows[AI_LIMIT_EMBED_WINDOWS][2];
    struct core_str parts[AI_EMBED_PARTS];
    float vectors[AI_EMBED_PARTS * AI_EMBED_DIMENSIONS];
    ssize_t n = ai_embedder_windows(e, worker, text, windows, AI_LIMIT_EMBED_WINDOWS);
    if (n < 0)
        return (int)n;
    if (!n) {
        windows[0][0] = windows[0][1] = 0;
        n = 1;
    }
    for (size_t i = 0; i < (size_t)n;) {
        size_t m = 0;
        for (; m < AI_EMBED_PARTS && i < (size_t)n; m++, i++)
            parts[m] = core_strn(text.ptr + windows[i][0], windows[i][1] - windows[i][0]);
        if (core_work_cancelled(&s->work))
            return CORE_ECANCELLED;
        int err = ai_embedder_run(e, worker, AI_EMBED_PASSAGE, parts, m, vectors);
        if (err < 0)
            return err;
        for (size_t j = 0; j < m * s->dimensions; j++)
            out[j % s->dimensions] += vectors[j];
    }
    double norm = 0;
    for (unsigned i = 0; i < s->dimensions; i++)
        norm += (double)out[i] * out[i];
    for (unsigned i = 0; i < s->dimensions && norm > 0; i++)
        out[i] /= (float)sqrt(norm);
    s->tokens += ai_text_tokens(text);
    return 0;
}

static void run(struct core_work *work, unsigned worker)
{
    struct embed *s = (struct embed *)work;
    for (size_t i = 0; i < s->embed->count && !s->status; i++)
        s->status = embed_text(s, worker, s->embed->texts[i], s->vectors + i * s->dimensions);
}

static void done(struct core_work *work, int status)
{
    struct embed *s = (struct embed *)work;
    struct ai_embed *embed = s->embed;
    if (!status)
        status = s->cancelled ? CORE_ECANCELLED : s->status;
    embed->state = NULL;
    embed->on_done(embed, status, status ? NULL : s->vectors, s->dimensions, s->tokens);
    free(s->vectors);
    free(s);
}

int ai_embed_start(struct ai *ai, struct ai_embed *embed)
{
    if (!embed->on_done || !embed->count)
        return CORE_EINVAL;
    if (embed->count > AI_LIMIT_EMBED_TEXTS)
        return CORE_ETOOBIG;
    if (!ai->embedders[AI_EMBEDDER_ENGLISH])
        return CORE_EUNSUPPORTED;
    struct embed *s = core_alloc(sizeof *s);
    s->ai = ai;
    s->embed = embed;
    s->dimensions = ai_embedder_dimensions(ai->embedders[AI_EMBEDDER_ENGLISH]);
    s->vectors = core_alloc_array(embed->count * s->dimensions, sizeof *s->vectors);
    s->work.run = run;
    s->work.done = done;
    embed->state = s;
    int e = core_work_submit(ai->ask, &s->work);
    if (e < 0) {
        embed->state = NULL;
        free(s->vectors);
        free(s);
    }
    return e;
}

void ai_embed_cancel(struct ai *ai, struct ai_embed *embed)
{
    struct embed *s = embed->state;
    (void)ai;
    if (!s || s->cancelled)
        return;
    s->cancelled = true;
    core_work_cancel(&s->work);
}
