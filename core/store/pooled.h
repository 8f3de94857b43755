/* pooled.h: what the engines share that have one writing thread and a pool of readers:
 * store->writer and store->readers. */
#ifndef CORE_STORE_POOLED_H
#define CORE_STORE_POOLED_H

#include "core/store/engine.h"

/* Each does what its namesake in store.h says. */
void store__pooled_write(struct store *store, struct store_batch *batch);
int store__pooled_read(struct store *store, const char *sql, const struct store_value *params,
                       size_t count, int (*on_row)(void *arg, const struct store_row *row),
                       void *arg);
int store__pooled_snapshot(struct store *store, int (*fn)(void *arg), void *arg);
int store__pooled_health(struct store *store);
/* Ends both, before what they stand on. */
void store__pooled_end(struct store *store);

#endif
