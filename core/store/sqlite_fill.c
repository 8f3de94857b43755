/*
 * sqlite_fill.c: executes the batches that fill a new store, which is thrown away when that fails.
 *
 *     BEGIN
 *       statements of batch, batch, …      answered, and not there yet
 *       statements of a durable batch
 *       what is derived from the rows      once, instead of by triggers
 *     COMMIT                               on the disk, all of it
 *
 * A store in use writes each page to the log first, keeps what a savepoint changes, and has a
 * trigger write each passage's words as a piece of their own, to be merged with others later: most
 * of what filling one would cost. Here rows go to their place, and nothing can be taken back: the
 * first failure is the end of it.
 */
#include "core/store/sqlite_fill.h"

#include "core/err.h"
#include "core/store/schema.h"
#include "core/store/sqlite_write.h"

static int begin(struct store__conn *conn)
{
    int err = store__conn_durable(conn, true);

    /* Rows come as they were: what triggers did to them then is in them. */
    if (err == 0)
        err = store__conn_error(
            conn, sqlite3_db_config(conn->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL));
    return err < 0 ? err : store__conn_control(conn, STORE__BEGIN);
}

static int end(struct store__conn *conn)
{
    int err = store__conn_exec(conn, store_schema_sqlite_derive);

    return err < 0 ? err : store__conn_control(conn, STORE__COMMIT);
}

/* The group shares what becomes of it. */
static int fill_commit(void *arg, struct store_batch *first, unsigned n)
{
    struct store__sqlite_writer *w = arg;
    bool durable = false;

    (void)n;
    if (w->failed == 0 && sqlite3_get_autocommit(w->conn->db))
        w->failed = begin(w->conn);
    for (struct store_batch *b = first; b && w->failed == 0; b = b->next) {
        durable = durable || b->durability == STORE_DURABLE;
        w->failed = store__sqlite_run(w->conn, b);
    }
    if (w->failed == 0 && durable)
        w->failed = end(w->conn);
    for (struct store_batch *b = first; b; b = b->next)
        b->status = w->failed;
    return store__disk_failed(w->failed) ? w->failed : 0;
}

/* Nothing is owed to the disk before a durable batch. */
static int fill_sync(void *arg)
{
    (void)arg;
    return 0;
}

static int fill_probe(void *arg)
{
    return ((struct store__sqlite_writer *)arg)->failed;
}

const struct store__writer_ops store__sqlite_fill_ops = {
    .commit = fill_commit,
    .sync = fill_sync,
    .probe = fill_probe,
    .tend = fill_sync,
};
