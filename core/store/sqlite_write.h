/*
 * sqlite_write.h: what the writer's thread does to a SQLite file. The Raft engine executes its
 * committed batches through the same functions. One thread at a time.
 */
#ifndef CORE_STORE_SQLITE_WRITE_H
#define CORE_STORE_SQLITE_WRITE_H

#include "core/store/batch.h"
#include "core/store/sqlite_conn.h"

struct store__sqlite_writer {
    struct store__conn *conn;
    unsigned schema; /* the version that the probe writes again */
    bool unsynced;   /* a relaxed commit may not be on disk yet */
    int wal_pages_refused; /* the log's length when readers last kept it from being emptied; 0: they did not */
    struct core_metric *wal_bytes;
    int failed; /* of a store that is being filled: what its first failure was */
};

/* The statements of one batch, inside of a transaction. */
int store__sqlite_run(struct store__conn *conn, const struct store_batch *batch);

/* These fit struct store__writer_ops; arg is the struct above. */
int store__sqlite_commit(void *arg, struct store_batch *first, unsigned n);
int store__sqlite_sync(void *arg);
int store__sqlite_probe(void *arg);
int store__sqlite_tend(void *arg);

#endif
