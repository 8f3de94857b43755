/* pooled.c: see pooled.h. */
#include "core/store/pooled.h"

#include "core/err.h"
#include "core/store/readers.h"
#include "core/store/writer.h"

#include <assert.h>

void store__pooled_write(struct store *store, struct store_batch *batch)
{
    assert(store->writer);
    store__writer_write(store->writer, batch);
}

int store__pooled_read(struct store *store, const char *sql, const struct store_value *params,
                       size_t count, int (*on_row)(void *arg, const struct store_row *row),
                       void *arg)
{
    return store__readers_read(store->readers, sql, params, count, on_row, arg);
}

int store__pooled_snapshot(struct store *store, int (*fn)(void *arg), void *arg)
{
    return store__readers_snapshot(store->readers, fn, arg);
}

int store__pooled_health(struct store *store)
{
    return store->writer ? store__writer_health(store->writer) : CORE_EREADONLY;
}

void store__pooled_end(struct store *store)
{
    store__writer_free(store->writer);
    store__readers_free(store->readers);
}
