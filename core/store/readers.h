/*
 * readers.h: a pool of reading connections, for any thread. It knows no engine: what a connection
 * is, the engine says.
 */
#ifndef CORE_STORE_READERS_H
#define CORE_STORE_READERS_H

#include "core/limits.h"
#include "core/store/store.h"

#include <limits.h>

struct store__readers;

/* What read and begin return when the connection turned out to be broken and nothing was seen
 * yet. */
#define STORE__AGAIN INT_MIN

/* A connection is used by one thread at a time. */
struct store__reader_ops {
    int (*open)(void *arg, void **ret_conn);
    void (*close)(void *conn);
    /* As store_read(), or STORE__AGAIN. */
    int (*read)(void *conn, const char *sql, const struct store_value *params, size_t count,
                int (*on_row)(void *arg, const struct store_row *row), void *arg);
    /* Pins the moment (0, an error, or STORE__AGAIN), and lets it go. */
    int (*begin)(void *conn);
    void (*end)(void *conn);
    /* May be NULL: connections never break. */
    bool (*broken)(const void *conn);
    /* A row callback runs while its statement does, and so sees one moment already. */
    bool rows_pin;
};

/* Connections open when they are first needed, at most `max`. arg belongs to the caller. */
struct store__readers *store__readers_new(const struct core_env *env, unsigned max,
                                          const struct store__reader_ops *ops, void *arg);
/* No read may be under way. Accepts NULL. */
void store__readers_free(struct store__readers *readers);
/* As store_read() and store_snapshot(); CORE_EBUSY when all connections stay taken too long. */
int store__readers_read(struct store__readers *readers, const char *sql,
                        const struct store_value *params, size_t count,
                        int (*on_row)(void *arg, const struct store_row *row), void *arg);
int store__readers_snapshot(struct store__readers *readers, int (*fn)(void *arg), void *arg);

#endif
