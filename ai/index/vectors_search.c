/*
 * vectors_search.c: who is near to a query (see vectors.h).
 *
 *     rows   0 ………………………… tail ………… rows
 *            walk through the graph   scan
 *              → score by the rows      |
 *                        └── best chunks ┘
 *
 * A walk compares bytes, which are off by a little: what it found is scored again by the halves of
 * the rows, as far down as their order could still change.
 */
#include "ai/index/vectors_in.h"

#include "ai/index/f16.h"
#include "ai/index/topk.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SCAN_ROWS = 256 };
/* How broad a walk for k chunks is: bench/vectors has the recall by breadth. Half of it would do
 * for most data and save a tenth of a millisecond. */
enum { BREADTH_LEAST = 256, BREADTH_PER_HIT = 4 };
/* With fewer rows than so many for each of a walk's breadth all are compared. A walk costs as much
 * as a third of them, but a scan misses nothing, and takes less than a millisecond. */
enum { ROWS_PER_BREADTH = 32 };

/* --- Scanning --------------------------------------------------------------------------------- */

static const float *padded(const struct ai_vectors *v, const float *query, float *copy)
{
    memset(copy, 0, v->lanes * sizeof *copy);
    memcpy(copy, query, v->dimensions * sizeof *copy);
    return copy;
}

static void scan(const struct ai_vectors *v, size_t from, const float *query, struct ai_topk *top)
{
    _Static_assert(AI_VECTORS_SEGMENT_ROWS % SCAN_ROWS == 0, "blocks must not cross segments");
    float scores[SCAN_ROWS];
    struct ai_hit best = {.chunk_id = AI_VECTORS_NOBODY};
    for (size_t row = from; row < v->rows;) {
        size_t n = SCAN_ROWS - row % SCAN_ROWS;
        if (n > v->rows - row)
            n = v->rows - row;
        const int64_t *ids = ai__vectors_id(v, row);
        ai_f16_dot(ai__vectors_halves(v, row), v->lanes, n, query, scores);
        for (size_t i = 0; i < n; i++) {
            if (ids[i] != best.chunk_id) {
                if (best.chunk_id != AI_VECTORS_NOBODY)
                    ai_topk_offer(top, best);
                best = (struct ai_hit){.chunk_id = ids[i], .score = scores[i]};
            } else if (scores[i] > best.score) {
                best.score = scores[i];
            }
        }
        row += n;
    }
    if (best.chunk_id != AI_VECTORS_NOBODY)
        ai_topk_offer(top, best);
}

/* The first row of the chunk that this row is of. */
static size_t chunk_start(const struct ai_vectors *v, size_t row)
{
    int64_t id = *ai__vectors_id(v, row);
    while (id != AI_VECTORS_NOBODY && row > 0 && *ai__vectors_id(v, row - 1) == id)
        row--;
    return row;
}

/* --- Walking ---------------------------------------------------------------------------------- */

static struct ai_graph_walk take_walk(struct ai_vectors *v)
{
    struct ai_graph_walk walk = {0};
    pthread_mutex_lock(&v->walks_lock);
    if (v->walk_count > 0)
        walk = v->walks[--v->walk_count];
    pthread_mutex_unlock(&v->walks_lock);
    return walk;
}

static void give_walk(struct ai_vectors *v, struct ai_graph_walk *walk)
{
    pthread_mutex_lock(&v->walks_lock);
    if (v->walk_count < AI_VECTORS_SPARE_WALKS) {
        v->walks[v->walk_count++] = *walk;
        *walk = (struct ai_graph_walk){0};
    }
    pthread_mutex_unlock(&v->walks_lock);
    ai_graph_walk_done(walk);
}

/* A row that the walk found, as the number of its chunk's first row. */
struct scored {
    float score;
    uint32_t start;
};

static int by_score(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    return x->score < y->score   ? 1
           : x->score > y->score ? -1
                                 : (x->start > y->start) - (x->start < y->start);
}

/* Scores live rows below `tail` by their halves, until k chunks are sure; returns how many rows,
 * and how many chunks they are of. */
static size_t score_found(const struct ai_vectors *v, struct ai_graph_walk *walk, size_t tail,
                          const float *query, size_t k, struct scored *out, size_t *ret_chunks)
{
    /* The error of a score in bytes is about 0.6 · scale (a rounding of each component of two unit
     * vectors): five times that is as good as never. */
    int32_t error = (int32_t)(3 * v->graph->scale), last = INT32_MIN;
    size_t n = 0, chunks = 0;
    ai_graph_walk_forget(walk);
    for (size_t i = 0; i < walk->count; i++) {
        uint32_t row = ai_graph_found_node(walk->found[i]);
        int32_t score = ai_graph_found_score(walk->found[i]);
        if (chunks >= k && score < last)
            break;
        if (row >= tail || *ai__vectors_id(v, row) == AI_VECTORS_NOBODY)
            continue;
        out[n].start = (uint32_t)chunk_start(v, row);
        ai_f16_dot(ai__vectors_halves(v, row), v->lanes, 1, query, &out[n].score);
        if (ai_graph_walk_visit(walk, out[n++].start) && ++chunks == k)
            last = score - error;
    }
    *ret_chunks = chunks;
    return n;
}

/* False: the walk found too little, and all has to be compared. */
static bool walk_graph(struct ai_vectors *v, const float *query, size_t tail, size_t breadth,
                       struct ai_topk *top)
{
    struct ai_graph *g = v->graph;
    unsigned char packed[AI_LIMIT_VECTOR_DIMENSIONS];
    struct ai_graph_walk walk = take_walk(v);
    struct scored *found = core_try_alloc(breadth * sizeof *found);
    size_t n = 0, chunks = 0;
    ai_graph_pack(g, query, packed);
    bool enough = found && ai_graph_walk(g, &walk, packed, breadth) == 0;
    if (enough) {
        n = score_found(v, &walk, tail, query, top->k, found, &chunks);
        enough = chunks >= top->k;
    }
    if (enough) {
        qsort(found, n, sizeof *found, by_score);
        ai_graph_walk_forget(&walk);
        for (size_t i = 0; i < n; i++)
            if (ai_graph_walk_visit(&walk, found[i].start))
                ai_topk_offer(top, (struct ai_hit){.chunk_id = *ai__vectors_id(v, found[i].start),
                                                   .score = found[i].score});
    }
    free(found);
    give_walk(v, &walk);
    return enough;
}

/* --- The face --------------------------------------------------------------------------------- */

void ai_vectors_search_broad(struct ai_vectors *v, const float *query, size_t k, size_t breadth,
                             struct ai_hit *ret, size_t *ret_count)
{
    float copy[AI_LIMIT_VECTOR_DIMENSIONS];
    struct ai_topk top = {.hits = ret, .k = k};
    padded(v, query, copy);
    pthread_rwlock_rdlock(&v->lock);
    size_t tail = 0, nodes = v->graph ? v->graph->count : 0;
    /* Dead rows take places in the walk's list. */
    if (v->rows > v->dead)
        breadth += breadth * v->dead / (v->rows - v->dead);
    while (breadth > 0 && breadth * ROWS_PER_BREADTH <= nodes && tail == 0) {
        size_t border = nodes < v->rows ? chunk_start(v, nodes) : nodes;
        if (walk_graph(v, copy, border, breadth, &top))
            tail = border;
        breadth *= 2;
    }
    scan(v, tail, copy, &top);
    pthread_rwlock_unlock(&v->lock);
    *ret_count = ai_topk_sort(&top);
}

void ai_vectors_search(struct ai_vectors *v, const float *query, size_t k, struct ai_hit *ret,
                       size_t *ret_count)
{
    ai_vectors_search_broad(v, query, k, BREADTH_LEAST + BREADTH_PER_HIT * k, ret, ret_count);
}

void ai_vectors_score(struct ai_vectors *v, const float *query, struct ai_hit *hits, size_t count)
{
    float copy[AI_LIMIT_VECTOR_DIMENSIONS];
    padded(v, query, copy);
    pthread_rwlock_rdlock(&v->lock);
    for (size_t i = 0; i < count; i++) {
        const struct ai_rowmap_entry *e = ai_rowmap_get(&v->chunks, hits[i].chunk_id);
        hits[i].score = -1;
        for (size_t w = 0; e && w < e->count; w++) {
            float score;
            ai_f16_dot(ai__vectors_halves(v, e->first + w), v->lanes, 1, copy, &score);
            if (score > hits[i].score)
                hits[i].score = score;
        }
    }
    pthread_rwlock_unlock(&v->lock);
}
