/*
 * vectors_in.h: what the files vectors*.c share: the rows of one model in memory.
 *
 *     file     = header (4096 bytes) segment segment …
 *     segment  = checksum (64 bytes) | 1024 chunk ids (int64) | 1024 rows × lanes halves
 *
 * The windows of a chunk are consecutive rows, so a scan needs one comparison a row to know the
 * best window of each chunk. A removed row keeps its bytes and gets the id NOBODY; when a quarter
 * is nobody's the live rows move together.
 *
 * Functions here need the lock, for writing where they change anything.
 */
#ifndef AI_INDEX_VECTORS_IN_H
#define AI_INDEX_VECTORS_IN_H

#include "ai/index/graph.h"
#include "ai/index/rowmap.h"
#include "ai/index/vectors.h"

#include <pthread.h>

enum {
    AI_VECTORS_HEADER_BYTES = 4096,
    AI_VECTORS_SEGMENT_ROWS = 1024,
    AI_VECTORS_SUM_BYTES = 64,
    AI_VECTORS_SPARE_WALKS = 8
};
#define AI_VECTORS_NOBODY INT64_MIN

struct ai_vectors {
    pthread_rwlock_t lock;
    int fd;
    unsigned dimensions;
    size_t lanes;
    unsigned char *map;
    size_t segments; /* mapped and allocated in the file */
    size_t rows;     /* used, including nobody's */
    size_t dead;
    struct ai_rowmap chunks;
    /* While the rows are in doubt: one bit for each of the first doubted_rows that was
     * confirmed. */
    bool doubted;
    uint64_t *confirmed;
    size_t doubted_rows;

    /* The graph over the first graph->count rows; NULL: none yet, or too few rows. Whoever tends is
     * alone in changing it, and reads it without the lock. */
    struct ai_graph *graph;
    char *graph_path; /* NULL: kept in memory alone */
    /* A file may be there that nobody looked at: rows must stay where they are. */
    bool graph_unread;
    size_t graph_saved; /* nodes in the file */
    pthread_mutex_t walks_lock;
    struct ai_graph_walk walks[AI_VECTORS_SPARE_WALKS];
    size_t walk_count;
};

static inline size_t ai__vectors_segment_bytes(const struct ai_vectors *v)
{
    return AI_VECTORS_SUM_BYTES +
           AI_VECTORS_SEGMENT_ROWS * (sizeof(int64_t) + v->lanes * sizeof(uint16_t));
}
static inline size_t ai__vectors_bytes(const struct ai_vectors *v, size_t segments)
{
    return AI_VECTORS_HEADER_BYTES + segments * ai__vectors_segment_bytes(v);
}
static inline size_t ai__vectors_segments_for(size_t rows)
{
    return (rows + AI_VECTORS_SEGMENT_ROWS - 1) / AI_VECTORS_SEGMENT_ROWS;
}
static inline unsigned char *ai__vectors_segment(const struct ai_vectors *v, size_t index)
{
    return v->map + ai__vectors_bytes(v, index);
}
static inline int64_t *ai__vectors_id(const struct ai_vectors *v, size_t row)
{
    return (int64_t *)(ai__vectors_segment(v, row / AI_VECTORS_SEGMENT_ROWS) +
                       AI_VECTORS_SUM_BYTES) +
           row % AI_VECTORS_SEGMENT_ROWS;
}
static inline uint16_t *ai__vectors_halves(const struct ai_vectors *v, size_t row)
{
    unsigned char *rows = ai__vectors_segment(v, row / AI_VECTORS_SEGMENT_ROWS) +
                          AI_VECTORS_SUM_BYTES + AI_VECTORS_SEGMENT_ROWS * sizeof(int64_t);
    return (uint16_t *)rows + row % AI_VECTORS_SEGMENT_ROWS * v->lanes;
}

/* vectors.c */
int ai__vectors_resize(struct ai_vectors *v, size_t segments);
/* Moves together the rows that are not `gone` (one bit for each of the first gone_rows; those after
 * them stay), and gives back the segments that fall empty. */
void ai__vectors_compact(struct ai_vectors *v, const uint64_t *gone, size_t gone_rows);
/* One bit for each of the first rows that is nobody's. NULL: no memory. Free it. */
uint64_t *ai__vectors_dead(const struct ai_vectors *v, size_t rows);
/* A quarter of the rows is nobody's. */
bool ai__vectors_loose(const struct ai_vectors *v);

/* vectors_file.c */
/* Takes over what the file holds. False: nothing of it can be used. *ret_generation −1: the rows
 * may be those of the store, and must be confirmed. */
bool ai__vectors_load(struct ai_vectors *v, int64_t *ret_generation);
/* Writes the header: so many rows are worth confirming if the process dies now. */
void ai__vectors_mark(struct ai_vectors *v);

#endif
