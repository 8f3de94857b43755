/*
 * retrieve.c: keywords and vectors, fused.
 *
 *     question ── words ───────────────→ BM25 ────┐
 *        ├─ embedder of its language ──→ windows ─┤
 *        │      ├──────────────────────→ sentences (of all that is in the other lists)
 *        │      └──────────────────────→ beginnings of documents (of all these)
 *        └─ the other embedder ────────→ windows ─┴→ Σ weight / (20 + rank) → rows of the best k
 *
 * English questions use the English embedder first, and the other one for passages in other
 * languages; other questions the multilingual one. The models err on different questions, a single
 * sentence shows what a window of several hides, and the beginning of a document what it is about,
 * so each list adds something. Of several chunks of one document the further ones count less.
 */
#include "ai/find/retrieve_work.h"

#include "ai/extract/doc.h"
#include "ai/find/ids.h"
#include "ai/find/sentence_vector.h"
#include "ai/text/text.h"
#include "core/err.h"

#include <math.h>
#include <stdlib.h>

/* --- Fusing --------------------------------------------------------------------------------- */

struct ai_found_chunk *retrieve_chunk(struct retrieve_fused *f, int64_t id)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->at[i].id == id)
            return &f->at[i];
    struct ai_found_chunk *c = &f->at[f->count++];
    *c = (struct ai_found_chunk){.id = id, .cosine = -2};
    return c;
}

static size_t add_word(char *query, size_t n, size_t cap, struct core_str word)
{
    if (n + word.len + 1 > cap)
        return n;
    memcpy(query + n, word.ptr, word.len);
    query[n + word.len] = ' ';
    return n + word.len + 1;
}

/* What BM25 gives a chunk that is all about every word of the question. */
static double most_keywords(const struct ai_found *found)
{
    double most = 0;
    for (size_t i = 0; i < found->term_count; i++)
        most += AI_BM25_MOST * found->terms[i].idf;
    return most;
}

/* The first that has one word of many is no better for being the first: in another language than the
 * document that answers, all of them are so. */
static void add_keywords(struct ai *ai, const struct ai_found *found, struct retrieve_fused *f)
{
    char query[AI_LIMIT_QUERY + AI_LIMIT_TERMS];
    size_t n = 0;
    for (size_t i = 0; i < found->term_count; i++)
        n = add_word(query, n, sizeof query, found->terms[i].word);
    for (size_t i = 0; i < found->term_count; i++)
        for (size_t j = 0; j < found->terms[i].form_count; j++)
            n = add_word(query, n, sizeof query, found->terms[i].forms[j]);
    struct ai_hit hits[AI_LIMIT_RETRIEVE];
    size_t count = 0;
    if (!n ||
        ai_index_keywords(ai->index, core_strn(query, n), AI_LIMIT_RETRIEVE, hits, &count) < 0)
        return;
    double whole = AI_KEYWORDS_WHOLE * most_keywords(found);
    for (size_t i = 0; i < count; i++) {
        struct ai_found_chunk *c = retrieve_chunk(f, hits[i].chunk_id);
        c->keywords = hits[i].score;
        c->keyword_rank = (unsigned)i + 1;
        c->fused += (c->keywords < whole ? c->keywords / whole : 1) / (AI_FUSE_K + (double)i + 1);
    }
}

/* A number or an identifier that hardly any chunk holds, or the only word there is, is what the
 * question is about: the few that hold it come first, however many others sound alike. Other rare
 * words say less: in a language that few documents are in, every word is rare. */
static void add_rare(struct ai *ai, const struct ai_found *found, struct retrieve_fused *f)
{
    for (size_t i = 0; i < found->term_count; i++) {
        const struct ai_term *t = &found->terms[i];
        struct ai_hit hits[AI_RARE_CHUNKS];
        size_t count = 0;
        bool code = (t->flags & AI_WORD_DIGIT) &&
                    (!(t->flags & AI_WORD_NUMBER) || t->word.len >= AI_RARE_NUMBER);
        bool names = code || found->term_count == 1;
        if (!names || t->chunks < 1 || t->chunks > AI_RARE_CHUNKS ||
            ai_index_keywords(ai->index, t->word, AI_RARE_CHUNKS, hits, &count) < 0)
            continue;
        for (size_t j = 0; j < count; j++)
            retrieve_chunk(f, hits[j].chunk_id)->fused += AI_FUSE_RARE / (AI_FUSE_K + 1);
    }
}

/* --- Views ---------------------------------------------------------------------------------- */

/* The other embedder's counts once it has seen nearly all chunks: before, it would only prefer those
 * that it has seen. */
static void look(struct ai *ai, unsigned worker, struct ai_found *found)
{
    float vector[AI_LIMIT_DIMENSIONS];
    unsigned other = found->embedder == AI_EMBEDDER_ENGLISH ? AI_EMBEDDER_MULTI
                                                            : AI_EMBEDDER_ENGLISH;
    const struct ai_embedder *second = ai->embedders[other];
    memset(found->views, 0, sizeof found->views);
    if (!found->model)
        return;
    found->views[0] = (struct ai_view){
        .model = found->model, .embedder = found->embedder, .dimensions = found->dimensions};
    ai_view_look(ai, worker, found->lang, found->vector, &found->views[0]);
    if (!second || (double)ai_index_count(ai->index, ai_embedder_name(second)) <
                       AI_EMBED_NEARLY_ALL * (double)ai_index_count(ai->index, found->model))
        return;
    if (!ai_retrieve_vector(ai, worker, other, found->query, vector))
        return;
    found->views[1] = (struct ai_view){.model = ai_embedder_name(second),
                                       .embedder = other,
                                       .dimensions = ai_embedder_dimensions(second)};
    ai_view_look(ai, worker, found->lang, vector, &found->views[1]);
}

const struct ai_view *ai_found_view(const struct ai_found *found, enum ai_lang lang)
{
    bool unread = found->views[0].embedder == AI_EMBEDDER_ENGLISH && lang != AI_LANG_EN;
    return &found->views[unread && found->views[1].model];
}

/* --- Windows -------------------------------------------------------------------------------- */

/* Whatever has no cosine yet gets one; −1: there is no vector of it. Asked for before the nearest are:
 * a vector that comes in between could be in no list and would seem far away. */
static void take_cosines(struct ai *ai, const struct ai_found *found, struct retrieve_fused *f)
{
    struct ai_hit hits[RETRIEVE_CHUNKS];
    for (unsigned v = 0; v < 2; v++) {
        const struct ai_view *view = &found->views[v];
        size_t n = 0;
        for (size_t i = 0; i < f->count; i++)
            if (f->at[i].cosine < -1 && ai_found_view(found, f->at[i].lang) == view)
                hits[n++] = (struct ai_hit){f->at[i].id, -1};
        if (view->model && n)
            ai_index_score(ai->index, view->model, view->sought, hits, n);
        for (size_t i = 0; i < n; i++)
            retrieve_chunk(f, hits[i].chunk_id)->cosine = hits[i].score;
    }
}

/* Each view gives the nearest that it can read; the other one's list counts besides as it is. */
static int add_windows(struct ai *ai, const struct ai_found *found, struct retrieve_fused *f)
{
    struct ai_hit hits[2][AI_LIMIT_RETRIEVE];
    struct ai_hit order[2 * AI_LIMIT_RETRIEVE];
    size_t counts[2] = {0}, n = 0;
    for (unsigned v = 0; v < 2; v++) {
        const struct ai_view *view = &found->views[v];
        if (!view->model || ai_index_vectors(ai->index, view->model, view->sought,
                                             AI_LIMIT_RETRIEVE, hits[v], &counts[v]) < 0)
            counts[v] = 0;
        for (size_t i = 0; i < counts[v]; i++)
            retrieve_chunk(f, hits[v][i].chunk_id);
    }
    int e = retrieve_about(ai, f);
    if (e < 0)
        return e;
    for (unsigned v = 0; v < 2; v++)
        for (size_t i = 0; i < counts[v]; i++) {
            struct ai_found_chunk *c = retrieve_chunk(f, hits[v][i].chunk_id);
            if (v > 0)
                c->fused += AI_FUSE_SECOND / (AI_FUSE_K + (double)i + 1);
            if (ai_found_view(found, c->lang) != &found->views[v])
                continue;
            c->cosine = hits[v][i].score;
            order[n++] = (struct ai_hit){c->id, ai_view_near(&found->views[v], c->lang, c->cosine)};
        }
    qsort(order, n, sizeof *order, ai_hit_by_score);
    for (size_t i = 0; i < n && i < AI_LIMIT_RETRIEVE; i++) {
        struct ai_found_chunk *c = retrieve_chunk(f, order[i].chunk_id);
        c->vector_rank = (unsigned)i + 1;
        c->fused += AI_FUSE_VECTORS / (AI_FUSE_K + (double)i + 1);
    }
    return 0;
}

/* --- Sentences ------------------------------------------------------------------------------ */

int ai_retrieve_sentences(struct ai *ai, const char *model, const int64_t *chunk_ids, size_t count,
                          int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    const struct store_value named = STORE_C(model);
    int e = ai_ids_read(ai->store,
                        "SELECT chunk_id, data FROM sentence WHERE chunk_id IN (" AI_IDS
                        ") AND model = " AI_IDS_NEXT,
                        chunk_ids, count, &named, on_row, arg);
    return e < 0 ? e : 0;
}

struct best_sentences {
    const struct ai_view *view;
    struct retrieve_fused *fused;
    struct ai_hit order[RETRIEVE_CHUNKS];
    size_t count;
};

static int on_sentences(void *arg, const struct store_row *row)
{
    struct best_sentences *b = arg;
    const struct ai_view *view = b->view;
    struct core_str blob = store_row_str(row, 1);
    struct ai_found_chunk *chunk = retrieve_chunk(b->fused, store_row_i64(row, 0));
    float best = -1, cosine;
    for (size_t i = 0; i < blob.len / view->dimensions; i++)
        if (ai_sentence_vectors_cosine(blob, view->dimensions, i, view->sought, &cosine))
            best = fmaxf(best, cosine);
    if (best > -1)
        b->order[b->count++] = (struct ai_hit){chunk->id, ai_view_near(view, chunk->lang, best)};
    return 0;
}

/* Ranks what the other lists hold by its best sentence. */
static int add_sentences(struct ai *ai, const struct ai_found *found, struct retrieve_fused *f)
{
    struct best_sentences best = {.fused = f};
    int64_t ids[RETRIEVE_CHUNKS];
    for (unsigned v = 0; v < 2; v++) {
        size_t n = 0;
        best.view = &found->views[v];
        for (size_t i = 0; i < f->count; i++)
            if (ai_found_view(found, f->at[i].lang) == best.view)
                ids[n++] = f->at[i].id;
        int e = n ? ai_retrieve_sentences(ai, best.view->model, ids, n, on_sentences, &best) : 0;
        if (e < 0)
            return e;
    }
    qsort(best.order, best.count, sizeof *best.order, ai_hit_by_score);
    for (size_t i = 0; i < best.count && i < AI_LIMIT_RETRIEVE; i++)
        retrieve_chunk(f, best.order[i].chunk_id)->fused += AI_FUSE_SENTENCES /
                                                            (AI_FUSE_K + (double)i + 1);
    return 0;
}

/* What had no vector can not be in the other lists: its keyword rank stands for all. */
static void add_unseen(struct retrieve_fused *f)
{
    for (size_t i = 0; i < f->count; i++) {
        struct ai_found_chunk *c = &f->at[i];
        if (c->cosine <= -1 && c->keyword_rank)
            c->fused += (AI_FUSE_VECTORS + AI_FUSE_SENTENCES) / (AI_FUSE_K + c->keyword_rank);
    }
}

/* The sum of all best ranks becomes 1. */
static void scale(struct retrieve_fused *f)
{
    for (size_t i = 0; i < f->count; i++)
        f->at[i].fused *= (AI_FUSE_K + 1) / AI_FUSE_ALL;
}

static int by_fused(const struct ai_found_chunk *x, const struct ai_found_chunk *y)
{
    if (x->fused != y->fused)
        return x->fused < y->fused ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* --- Rows ----------------------------------------------------------------------------------- */

static int on_chunk(void *arg, const struct store_row *row)
{
    struct retrieve_load *l = arg;
    struct ai_found_chunk *c = retrieve_chunk(l->fused, store_row_i64(row, 0));
    struct core_str *const strings[] = {&c->content_id, &c->name,        &c->title,   &c->heading,
                                        &c->text,       &c->document_id, &c->document};
    for (unsigned i = 0; i < sizeof strings / sizeof *strings; i++) {
        *strings[i] = core_pool_str(l->pool, store_row_str(row, i + 1));
        if (!strings[i]->ptr)
            return CORE_ENOMEM;
    }
    if (!c->title.len)
        c->title = ai_doc_file(c->document);
    c->ordinal = store_row_i64(row, 8);
    c->start = store_row_i64(row, 9);
    c->end = store_row_i64(row, 10);
    return 0;
}

/* Of documents with the same content the first by name stands for it. */
int retrieve_load(struct retrieve_load *l, const int64_t *ids, size_t count)
{
    return ai_ids_read(l->ai->store,
                       "SELECT c.id, c.content_id, c.name, t.title, c.heading, c.text, d.id,"
                       " d.name, c.ordinal, c.start_at, c.end_at FROM chunk AS c JOIN document AS d"
                       " ON d.content_id = c.content_id JOIN content AS t ON t.id = c.content_id"
                       " WHERE c.id IN (" AI_IDS ") AND d.name ="
                       " (SELECT MIN(name) FROM document WHERE content_id = c.content_id)",
                       ids, count, NULL, on_chunk, l);
}

static int by_rank(const void *a, const void *b)
{
    return by_fused(*(struct ai_found_chunk *const *)a, *(struct ai_found_chunk *const *)b);
}

/* Loads the best from `next` on, and with it those that will be the best soon. */
static int load_best(struct retrieve_load *l, size_t next)
{
    struct ai_found_chunk *order[RETRIEVE_CHUNKS];
    int64_t ids[AI_IDS_COUNT];
    size_t count = 0;
    for (size_t i = next; i < l->fused->count; i++)
        if (!l->fused->at[i].content_id.ptr)
            order[count++] = &l->fused->at[i];
    qsort(order, count, sizeof(struct ai_found_chunk *), by_rank);
    count = count < AI_IDS_COUNT ? count : AI_IDS_COUNT;
    for (size_t i = 0; i < count; i++)
        ids[i] = order[i]->id;
    return retrieve_load(l, ids, count);
}

/* How many of a content's chunks were taken. */
static unsigned taken(const struct ai_found *found, struct core_str content_id)
{
    unsigned n = 0;
    for (size_t i = 0; i < found->count; i++)
        n += core_str_eq(found->chunks[i].content_id, content_id);
    return n;
}

/* The next best of those from `next` on comes to the front. A further chunk of a document counts
 * less than the first: the places are few, and each is a chance to show the right document. Scores
 * only fall, so that it is enough to look at the best one until it stays the best. 1 or 0 (none
 * left) or an error; rows are of one moment, chunks that left meanwhile are passed over. */
static int next_chunk(struct retrieve_load *l, size_t *next)
{
    struct retrieve_fused *f = l->fused;
    while (*next < f->count) {
        struct ai_found_chunk *best = &f->at[*next], copy;
        for (size_t i = *next + 1; i < f->count; i++)
            best = by_fused(best, &f->at[i]) > 0 ? &f->at[i] : best;
        copy = *best;
        *best = f->at[*next];
        f->at[*next] = copy;
        best = &f->at[*next];
        if (!best->content_id.ptr) {
            int e = load_best(l, *next);
            if (e < 0)
                return e;
            if (!best->content_id.ptr) {
                ++*next;
                continue;
            }
        }
        unsigned before = taken(l->found, best->content_id);
        if (best->repeats == before)
            return 1;
        for (; best->repeats < before; best->repeats++)
            best->fused *= l->repeat;
    }
    return 0;
}

static int load_chunks(void *arg)
{
    struct retrieve_load *l = arg;
    for (size_t next = 0; l->found->count < l->k; next++) {
        int e = next_chunk(l, &next);
        if (e <= 0)
            return e;
        l->found->chunks[l->found->count++] = l->fused->at[next];
    }
    return 0;
}

static int add_vectors(struct ai *ai, const struct ai_found *found, struct retrieve_fused *fused)
{
    int e = retrieve_about(ai, fused);
    if (e < 0)
        return e;
    take_cosines(ai, found, fused);
    e = add_windows(ai, found, fused);
    if (e == 0)
        e = add_sentences(ai, found, fused);
    if (e == 0)
        retrieve_documents(ai, found, fused);
    return e;
}

int ai_retrieve(struct ai *ai, unsigned worker, unsigned k, double repeat, struct core_pool *pool,
                struct ai_found *found)
{
    if (k > AI_LIMIT_RETRIEVE)
        k = AI_LIMIT_RETRIEVE;
    struct retrieve_fused *fused = core_alloc(sizeof *fused);
    found->count = 0;
    ai_retrieve_weigh_terms(ai, found);
    look(ai, worker, found);
    found->chunks = core_pool_alloc(pool, k * sizeof *found->chunks);
    int e = found->chunks ? 0 : CORE_ENOMEM;
    if (e < 0)
        goto out;
    add_keywords(ai, found, fused);
    add_rare(ai, found, fused);
    struct retrieve_load load = {
        .ai = ai, .pool = pool, .fused = fused, .found = found, .k = k, .repeat = repeat};
    if (found->option_count || found->type == AI_ANSWER_OPTION) {
        e = retrieve_options(&load);
        if (e < 0)
            goto out;
    }
    if (found->model)
        e = add_vectors(ai, found, fused);
    if (e < 0)
        goto out;
    take_cosines(ai, found, fused); /* of what only the other embedder found */
    add_unseen(fused);
    scale(fused);
    e = store_snapshot(ai->store, load_chunks, &load);
out:
    free(fused);
    return e;
}

/* --- Small helpers -------------------------------------------------------------------------- */

struct core_str ai_retrieve_location(struct core_pool *pool, const struct ai_found_chunk *chunk)
{
    return core_pool_str(pool, chunk->heading.len ? chunk->heading : chunk->title);
}
