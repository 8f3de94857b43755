/*
 * near.h: vectors of the store, and who is near to a query. One file per engine implements it
 * (near_files.c for SQLite, near_pg.c for PostgreSQL). What the functions do stands at their
 * namesakes in index.h; `model` is one of the options, checked by the caller.
 */
#ifndef AI_INDEX_NEAR_H
#define AI_INDEX_NEAR_H

#include "ai/index/index.h"

struct ai_near;
struct ai_near_engine {
    /* `why` is set by the engine if it knows better than the error's text. */
    int (*open)(const struct ai_index_options *options, struct ai_near **ret, char *why,
                size_t why_cap);
    void (*free)(struct ai_near *near); /* accepts NULL */
    int (*search)(struct ai_near *near, size_t model, const float *query, size_t k,
                  struct ai_hit *ret, size_t *ret_count);
    int (*score)(struct ai_near *near, size_t model, const float *query, struct ai_hit *hits,
                 size_t count);
    int (*add)(struct ai_near *near, size_t model, int64_t chunk_id, const float *vectors,
               size_t windows);
    void (*remove)(struct ai_near *near, const int64_t *chunk_ids, size_t count);
    size_t (*count)(struct ai_near *near, size_t model);
    int (*check)(struct ai_near *near, char *why, size_t why_cap);
};
extern const struct ai_near_engine ai_near_files, ai_near_pg;

#endif
