/*
 * vectors_tend.c: what is done behind the searches (see ai_vectors_tend() in vectors.h).
 *
 * Only here the graph changes. Who tends reads it without the lock, works out a change, and takes
 * the lock for the few copies that carry it out: nobody waits for the thinking. Rows are read under
 * the lock, some at a time, since they may move in memory as their file grows; their numbers stay
 * as long as there is a graph, or a file of one that was not read yet.
 */
#include "ai/index/vectors_in.h"

#include "ai/index/f16.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rows that are looked at in one go under the lock. */
enum { ROWS_AT_ONCE = 256 };
/* The file is written again when the graph grew by this part of it: what a crash may cost. */
enum { SAVE_PART = 8 };

static bool stopped(const atomic_bool *stop)
{
    return stop && atomic_load(stop);
}

static void set_graph(struct ai_vectors *v, struct ai_graph *graph, size_t saved)
{
    pthread_rwlock_wrlock(&v->lock);
    v->graph = graph;
    v->graph_saved = saved;
    v->graph_unread = false;
    pthread_rwlock_unlock(&v->lock);
}

/* --- The file --------------------------------------------------------------------------------- */

static void save(struct ai_vectors *v)
{
    struct ai_graph *g = v->graph;
    pthread_rwlock_wrlock(&v->lock);
    bool kept = v->fd >= 0;
    /* The rows that the graph is over must be there again when it is read. */
    if (kept)
        ai__vectors_mark(v);
    pthread_rwlock_unlock(&v->lock);
    /* A failure costs building it again at the next start; it is not tried for each row anew. */
    if (kept)
        (void)ai_graph_save(g, v->graph_path);
    v->graph_saved = g->count;
}

static void save_if_due(struct ai_vectors *v)
{
    size_t grown = v->graph->count - v->graph_saved;
    if (grown >= AI_LIMIT_GRAPH_FROM && grown >= v->graph->count / SAVE_PART)
        save(v);
}

void ai_vectors_save(struct ai_vectors *v)
{
    if (v->graph && v->graph->count != v->graph_saved)
        save(v);
}

static void row_of(const struct ai_vectors *v, const struct ai_graph *g, size_t row,
                   unsigned char *out)
{
    float vector[AI_LIMIT_VECTOR_DIMENSIONS];
    ai_f16_unpack(ai__vectors_halves(v, row), v->dimensions, vector);
    ai_graph_pack(g, vector, out);
}

/* Are the nodes those of the rows? The dead may differ. False also when stopped. */
static bool agrees(struct ai_vectors *v, const struct ai_graph *g, const atomic_bool *stop)
{
    unsigned char packed[AI_LIMIT_VECTOR_DIMENSIONS];
    bool same = true;
    for (size_t row = 0; same && row < g->count;) {
        pthread_rwlock_rdlock(&v->lock);
        same = g->count <= v->rows && !stopped(stop);
        for (size_t n = 0; same && n < ROWS_AT_ONCE && row < g->count; n++, row++) {
            if (*ai__vectors_id(v, row) == AI_VECTORS_NOBODY)
                continue;
            row_of(v, g, row, packed);
            same = memcmp(packed, ai_graph_row(g, row), g->rows.lanes) == 0;
        }
        pthread_rwlock_unlock(&v->lock);
    }
    return same;
}

static void read_file(struct ai_vectors *v, const atomic_bool *stop)
{
    struct ai_graph *g = NULL;
    if (ai_graph_load(v->graph_path, v->dimensions, &g) == 0 && agrees(v, g, stop)) {
        set_graph(v, g, g->count);
        return;
    }
    ai_graph_free(g);
    if (stopped(stop))
        return;
    (void)unlink(v->graph_path);
    set_graph(v, NULL, 0);
}

/* --- Growing ---------------------------------------------------------------------------------- */

static size_t live_rows(struct ai_vectors *v)
{
    pthread_rwlock_rdlock(&v->lock);
    size_t rows = v->rows - v->dead;
    pthread_rwlock_unlock(&v->lock);
    return rows;
}

/* The largest component of any row in amount. Halves without their sign order like numbers. */
static float largest(struct ai_vectors *v)
{
    uint16_t most = 0;
    float value;
    for (size_t row = 0, rows = SIZE_MAX; row < rows;) {
        pthread_rwlock_rdlock(&v->lock);
        rows = v->rows;
        for (size_t n = 0; n < ROWS_AT_ONCE && row < rows; n++, row++) {
            const uint16_t *halves = ai__vectors_halves(v, row);
            for (size_t i = 0; i < v->dimensions; i++) {
                uint16_t half = halves[i] & 0x7fff;
                if (half > most && half < 0x7c00) /* finite */
                    most = half;
            }
        }
        pthread_rwlock_unlock(&v->lock);
    }
    ai_f16_unpack(&most, 1, &value);
    return value;
}

/* Packs the next row; false when the graph holds all. */
static bool next_row(struct ai_vectors *v, unsigned char *packed)
{
    struct ai_graph *g = v->graph;
    pthread_rwlock_rdlock(&v->lock);
    bool more = g->count < v->rows;
    if (more)
        row_of(v, g, g->count, packed);
    pthread_rwlock_unlock(&v->lock);
    return more && ai_graph_reserve(g, g->count + 1) == 0;
}

static void apply(struct ai_vectors *v, const struct ai_graph_plan *plan)
{
    if (plan->count == 0)
        return;
    pthread_rwlock_wrlock(&v->lock);
    ai_graph_apply(v->graph, plan);
    pthread_rwlock_unlock(&v->lock);
}

static void grow(struct ai_vectors *v, struct ai_graph_walk *walk, const atomic_bool *stop)
{
    unsigned char packed[AI_LIMIT_VECTOR_DIMENSIONS];
    struct ai_graph_plan plan;
    while (!stopped(stop) && next_row(v, packed)) {
        if (ai_graph_plan_add(v->graph, walk, packed, &plan) != 0)
            return;
        apply(v, &plan);
        save_if_due(v);
    }
}

/* --- Shrinking -------------------------------------------------------------------------------- */

/* The nodes to drop, or NULL: not enough to matter. Rows that the graph does not hold wait. */
static uint64_t *gone_nodes(struct ai_vectors *v)
{
    uint64_t *gone = NULL;
    pthread_rwlock_rdlock(&v->lock);
    if (v->graph->count == v->rows && ai__vectors_loose(v))
        gone = ai__vectors_dead(v, v->rows);
    pthread_rwlock_unlock(&v->lock);
    return gone;
}

/* Leads all links around the gone. False: stopped, or no memory. */
static bool lead_around(struct ai_vectors *v, struct ai_graph_walk *walk, const uint64_t *gone,
                        const atomic_bool *stop)
{
    struct ai_graph *g = v->graph;
    struct ai_graph_plan plan;
    for (uint32_t node = 0; node < g->count; node++) {
        if (ai_graph_bit(gone, node))
            continue;
        if (stopped(stop) || ai_graph_plan_without(g, walk, node, gone, &plan) != 0)
            return false;
        apply(v, &plan);
    }
    return true;
}

static void shrink(struct ai_vectors *v, struct ai_graph_walk *walk, const atomic_bool *stop)
{
    uint64_t *gone = gone_nodes(v);
    struct ai_graph *old = v->graph, *rest = NULL;
    if (!gone)
        return;
    bool keep = live_rows(v) >= AI_LIMIT_GRAPH_FROM / 2;
    if (keep && lead_around(v, walk, gone, stop))
        rest = ai_graph_without(old, gone);
    if (!keep || rest) {
        /* Rows get other numbers: a file from before would name the wrong ones. */
        if (v->graph_path)
            (void)unlink(v->graph_path);
        pthread_rwlock_wrlock(&v->lock);
        ai__vectors_compact(v, gone, old->count);
        v->graph = rest;
        v->graph_saved = 0;
        pthread_rwlock_unlock(&v->lock);
        ai_graph_free(old);
        ai_vectors_save(v);
    }
    free(gone);
}

void ai_vectors_tend(struct ai_vectors *v, const atomic_bool *stop)
{
    struct ai_graph_walk walk = {0};
    if (v->graph_unread)
        read_file(v, stop);
    if (v->graph_unread)
        return;
    if (!v->graph && live_rows(v) >= AI_LIMIT_GRAPH_FROM) {
        struct ai_graph *g = ai_graph_new(v->dimensions, largest(v));
        if (g)
            set_graph(v, g, 0);
    }
    if (v->graph) {
        grow(v, &walk, stop);
        shrink(v, &walk, stop);
    }
    ai_graph_walk_done(&walk);
}
