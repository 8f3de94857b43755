/*
 * retrieve_document.c: a passage counts for more in a document that is about what is asked for.
 * How a document begins tells what it is about: there a manual page says what it is for, and a
 * chapter what it treats. So the documents of all candidates are ranked by their beginnings.
 */
#include "ai/find/retrieve_work.h"

#include "ai/find/ids.h"

#include <stdlib.h>

struct beginnings {
    const struct retrieve_fused *fused;
    int64_t of[RETRIEVE_CHUNKS];         /* each candidate's; 0 when its chunk left meanwhile */
    struct ai_hit hits[RETRIEVE_CHUNKS]; /* one for each document */
    size_t count;
};

static int on_beginning(void *arg, const struct store_row *row)
{
    struct beginnings *b = arg;
    int64_t id = store_row_i64(row, 0), first = store_row_i64(row, 1);
    for (size_t i = 0; i < b->fused->count; i++)
        if (b->fused->at[i].id == id)
            b->of[i] = first;
    for (size_t i = 0; i < b->count; i++)
        if (b->hits[i].chunk_id == first)
            return 0;
    b->hits[b->count++] = (struct ai_hit){first, -1};
    return 0;
}

static int by_score(const void *a, const void *b)
{
    const struct ai_hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return x->chunk_id < y->chunk_id ? -1 : x->chunk_id > y->chunk_id;
}

/* From 1; 0: it has no vector yet. */
static size_t rank_of(const struct beginnings *b, int64_t first)
{
    for (size_t i = 0; i < b->count && b->hits[i].score > -1; i++)
        if (b->hits[i].chunk_id == first)
            return i + 1;
    return 0;
}

int retrieve_documents(struct ai *ai, const struct ai_found *found, struct retrieve_fused *fused)
{
    struct beginnings *b = core_alloc(sizeof *b);
    int64_t ids[RETRIEVE_CHUNKS];
    b->fused = fused;
    for (size_t i = 0; i < fused->count; i++)
        ids[i] = fused->at[i].id;
    int e = ai_ids_read(ai->store,
                        "SELECT c.id, f.id FROM chunk AS c JOIN chunk AS f ON"
                        " f.content_id = c.content_id AND f.ordinal = 0 WHERE c.id IN (" AI_IDS ")",
                        ids, fused->count, NULL, on_beginning, b);
    if (e < 0)
        goto out;
    ai_index_score(ai->index, found->model, found->sought, b->hits, b->count);
    qsort(b->hits, b->count, sizeof *b->hits, by_score);
    for (size_t i = 0; i < fused->count; i++) {
        struct ai_found_chunk *c = &fused->at[i];
        size_t rank = rank_of(b, b->of[i]);
        /* Its keyword rank stands for what is not known yet. */
        rank = rank ? rank : c->keyword_rank;
        if (rank)
            c->fused += AI_FUSE_DOCUMENTS / (AI_FUSE_K + (double)rank);
    }
    e = 0;
out:
    free(b);
    return e;
}
