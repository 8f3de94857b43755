/*
 * engine.h: what an engine fills in. The face (store.c) dispatches to it; nothing outside of
 * core/store includes this.
 */
#ifndef CORE_STORE_ENGINE_H
#define CORE_STORE_ENGINE_H

#include "core/store/batch.h"

/* Each does what its namesake in store.h says. */
struct store_engine {
    const char *name;
    int (*open)(const struct store_options *options, struct store **ret, char *why, size_t why_cap);
    void (*free)(struct store *store);
    /* The batch knows how it is answered. */
    void (*write)(struct store *store, struct store_batch *batch);
    int (*read)(struct store *store, const char *sql, const struct store_value *params,
                size_t count, int (*on_row)(void *arg, const struct store_row *row), void *arg);
    int (*snapshot)(struct store *store, int (*fn)(void *arg), void *arg);
    int (*health)(struct store *store);
    void (*space)(struct store *store, struct store_space *ret);
    int (*check)(struct store *store, char *why, size_t why_cap);
    /* In any order: the face sorts. */
    int (*tables)(struct store *store, struct store_tables *ret);
    const char *order_by_bytes;
};

/* The first member of an engine's own struct. */
struct store {
    const struct store_engine *engine;
    bool has_loop;
    unsigned schema;
    struct store__writer *writer; /* of engines that use pooled.h; NULL: it is only looked at */
    struct store__readers *readers;
};

struct store_row_ops {
    int64_t (*i64)(const struct store_row *row, unsigned column);
    double (*real)(const struct store_row *row, unsigned column);
    struct core_str (*str)(const struct store_row *row, unsigned column);
    bool (*null)(const struct store_row *row, unsigned column);
};
/* The first member of an engine's row. */
struct store_row {
    const struct store_row_ops *ops;
};

/* Wrong SQL is a mistake of ours, so its text holds nothing private and the log may have it. */
void store__log_sql(const char *why, struct core_str sql, int err);

extern const struct store_engine store__engine_sqlite;
extern const struct store_engine store__engine_pg;

#endif
