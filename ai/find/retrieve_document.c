/*
 * retrieve_document.c: a passage counts for more in a document that is about what is asked for.
 * How a document begins tells what it is about: there a manual page says what it is for, and a
 * chapter what it treats. So the documents of all candidates are ranked by their beginnings.
 * In which language a candidate is, its document says too.
 */
#include "ai/find/retrieve_work.h"

#include "ai/find/ids.h"

#include <stdlib.h>

static int on_about(void *arg, const struct store_row *row)
{
    struct ai_found_chunk *c = retrieve_chunk(arg, store_row_i64(row, 0));
    c->beginning = store_row_i64(row, 1);
    c->lang = ai_lang_parse(store_row_str(row, 2));
    return 0;
}

int retrieve_about(struct ai *ai, struct retrieve_fused *fused)
{
    int64_t ids[RETRIEVE_CHUNKS];
    size_t n = 0;
    for (size_t i = 0; i < fused->count; i++)
        if (!fused->at[i].beginning)
            ids[n++] = fused->at[i].id;
    int e = ai_ids_read(ai->store,
                        "SELECT c.id, f.id, t.language FROM chunk AS c JOIN chunk AS f ON"
                        " f.content_id = c.content_id AND f.ordinal = 0 JOIN content AS t ON"
                        " t.id = c.content_id WHERE c.id IN (" AI_IDS ")",
                        ids, n, NULL, on_about, fused);
    return e < 0 ? e : 0;
}

struct beginnings {
    struct ai_hit at[RETRIEVE_CHUNKS]; /* those that have a vector; score: how near */
    size_t count;
};

/* Adds those of the documents that are looked at by one view. */
static void look_at(struct ai *ai, const struct ai_found *found, const struct ai_view *view,
                    const struct retrieve_fused *fused, struct beginnings *b)
{
    struct ai_hit hits[RETRIEVE_CHUNKS];
    enum ai_lang langs[RETRIEVE_CHUNKS];
    size_t n = 0, i;
    for (size_t at = 0; at < fused->count; at++) {
        const struct ai_found_chunk *c = &fused->at[at];
        if (!c->beginning || ai_found_view(found, c->lang) != view)
            continue;
        for (i = 0; i < n && hits[i].chunk_id != c->beginning; i++)
            ;
        if (i == n) {
            langs[n] = c->lang;
            hits[n++] = (struct ai_hit){c->beginning, -1};
        }
    }
    if (n)
        ai_index_score(ai->index, view->model, view->sought, hits, n);
    for (i = 0; i < n; i++)
        if (hits[i].score > -1)
            b->at[b->count++] = (struct ai_hit){hits[i].chunk_id,
                                                ai_view_near(view, langs[i], hits[i].score)};
}

/* From 1; 0: it has no vector yet. */
static size_t rank_of(const struct beginnings *b, int64_t id)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->at[i].chunk_id == id)
            return i + 1;
    return 0;
}

void retrieve_documents(struct ai *ai, const struct ai_found *found, struct retrieve_fused *fused)
{
    struct beginnings *b = core_alloc(sizeof *b);
    for (unsigned v = 0; v < 2; v++)
        look_at(ai, found, &found->views[v], fused, b);
    qsort(b->at, b->count, sizeof *b->at, ai_hit_by_score);
    for (size_t i = 0; i < fused->count; i++) {
        struct ai_found_chunk *c = &fused->at[i];
        size_t rank = rank_of(b, c->beginning);
        /* Its keyword rank stands for what is not known yet. */
        rank = rank ? rank : c->keyword_rank;
        if (rank)
            c->fused += AI_FUSE_DOCUMENTS / (AI_FUSE_K + (double)rank);
    }
    free(b);
}
