/* search.c: looking through the knowledge without answering: the best chunks for a query. */
#include "ai/find/retrieve.h"

#include "ai/text/text.h"
#include "core/err.h"

#include <stdlib.h>

struct search {
    struct core_work work; /* first */
    struct ai *ai;
    struct ai_search *search;
    struct core_pool *pool;
    struct ai_found found;
    struct ai_result results[AI_LIMIT_SEARCH_K];
    size_t count;
    int status;
    bool cancelled;
};

static bool seen(const struct search *s, struct core_str document_id)
{
    for (size_t i = 0; i < s->count; i++)
        if (core_str_eq(s->results[i].document_id, document_id))
            return true;
    return false;
}

/* How much of the question the line holds. */
static double line_weight(const struct ai_found *found, struct core_str line)
{
    struct ai_words words;
    struct ai_word w;
    bool have[AI_LIMIT_TERMS] = {false};
    double weight = 0;
    ai_words_init(&words, line);
    while (ai_words_next(&words, &w))
        for (size_t i = 0; i < found->term_count; i++)
            have[i] |= ai_term_is(&found->terms[i], w.folded);
    for (size_t i = 0; i < found->term_count; i++)
        weight += have[i] ? found->terms[i].weight : 0;
    return weight;
}

/* A snippet: the text from the line on that holds most of the question. */
static void shorten(const struct ai_found *found, struct ai_result *r)
{
    struct core_str text = r->text, rest = r->text, line;
    const char *best = text.ptr;
    double most = 0;
    while (core_str_split(&rest, '\n', &line)) {
        double weight = line_weight(found, line);
        if (weight > most) {
            most = weight;
            best = line.ptr;
        }
    }
    size_t at = (size_t)(best - text.ptr);
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\n'))
        at++;
    text = core_strn(text.ptr + at, text.len - at);
    text.len = core_utf8_cut(text, AI_LIMIT_SNIPPET);
    r->start += (int64_t)at;
    r->end = r->start + (int64_t)text.len;
    r->text = text;
}

static void run(struct core_work *work, unsigned worker)
{
    struct search *s = (struct search *)work;
    unsigned wanted = s->search->k, k = s->search->one_per_document ? AI_LIMIT_RETRIEVE : wanted;
    ai_retrieve_question(s->ai, worker, s->search->query, s->pool, &s->found);
    s->status = ai_retrieve(s->ai, worker, k, AI_FUSE_REPEAT, s->pool, &s->found);
    for (size_t i = 0; i < s->found.count && s->count < wanted && !s->status; i++) {
        const struct ai_found_chunk *c = &s->found.chunks[i];
        if (s->search->one_per_document && seen(s, c->document_id))
            continue;
        struct ai_result *r = &s->results[s->count++];
        *r = (struct ai_result){.document = c->document,
                                .document_id = c->document_id,
                                .title = c->title,
                                .location = ai_retrieve_location(s->pool, c),
                                .text = c->text,
                                .start = c->start,
                                .end = c->end,
                                .score = c->fused};
        if (s->search->one_per_document)
            shorten(&s->found, r);
        if (!r->location.ptr)
            s->status = CORE_ENOMEM;
    }
}

static void done(struct core_work *work, int status)
{
    struct search *s = (struct search *)work;
    struct ai_search *search = s->search;
    if (!status)
        status = s->cancelled ? CORE_ECANCELLED : s->status;
    search->state = NULL;
    search->read_as = s->found.read_as;
    search->read_as_count = s->found.read_as_count;
    search->on_done(search, status, s->results, status ? 0 : s->count);
    core_pool_free(s->pool);
    free(s);
}

int ai_search_start(struct ai *ai, struct ai_search *search)
{
    if (!search->on_done || search->k < 1 || search->k > AI_LIMIT_SEARCH_K)
        return CORE_EINVAL;
    if (!core_str_trim(search->query).len)
        return CORE_EINVAL;
    struct search *s = core_alloc(sizeof *s);
    s->ai = ai;
    s->search = search;
    s->pool = core_pool_new(AI_LIMIT_ASK_MEMORY);
    s->work.run = run;
    s->work.done = done;
    search->state = s;
    int e = core_work_submit(ai->ask, &s->work);
    if (e < 0) {
        search->state = NULL;
        core_pool_free(s->pool);
        free(s);
    }
    return e;
}

void ai_search_cancel(struct ai *ai, struct ai_search *search)
{
    struct search *s = search->state;
    (void)ai;
    if (!s || s->cancelled)
        return;
    s->cancelled = true;
    core_work_cancel(&s->work);
}
