/*
 * sqlite_write.c: executes a group of batches in one transaction, each in a savepoint of its own.
 *
 *     BEGIN IMMEDIATE
 *       SAVEPOINT batch, statements, RELEASE       committed with the others
 *       SAVEPOINT batch, statements, ROLLBACK TO   its own failure, nobody else's
 *     COMMIT                                       the moment all of them exist
 *
 * What ends the transaction itself (a full disk, an I/O error) is the whole group's failure.
 *
 * A commit whose sync failed is refused, but its frames are in the log, whole, and a crash would
 * let SQLite find and keep them. So the first thing after a failure is a commit of nothing: it
 * takes the place of the first of those frames, and as each frame's checksum covers all before it,
 * the others are void.
 *
 * After an fsync that failed the kernel may hold pages that it takes for clean
 * and that never reached the disk; frames appended behind such a hole would be
 * lost after a power cut. So the probe that declares the disk good again first
 * copies the whole log into the database and starts a new log.
 */
#include "core/store/sqlite_write.h"

#include "core/err.h"
#include "core/metrics.h"
#include "core/store/writer.h"

#include <stdio.h>

/* --- Batches -------------------------------------------------------------------------------- */

static int run_statement(struct store__conn *conn, const struct store_statement *statement)
{
    struct store__stmt *s;
    int64_t rows = 0;
    int code;
    int err = store__stmt_take(conn, statement->sql, statement->params, statement->count, &s);

    if (err < 0)
        return err;
    while ((code = sqlite3_step(s->stmt)) == SQLITE_ROW)
        rows++;
    if (code != SQLITE_DONE)
        err = store__conn_error(conn, code);
    else if (!sqlite3_stmt_readonly(s->stmt))
        rows = sqlite3_changes64(conn->db);
    store__stmt_give(conn, s);
    if (err == 0 && statement->rows_expected != STORE_ROWS_ANY && rows != statement->rows_expected)
        err = CORE_EMISMATCH;
    return err;
}

int store__sqlite_run(struct store__conn *conn, const struct store_batch *batch)
{
    struct store_batch_iter it;
    struct store_statement statement;
    int more;
    int err = 0;

    store__batch_iter(batch, &it);
    while (err == 0 && (more = store__batch_next(&it, &statement)) != 0)
        err = more < 0 ? more : run_statement(conn, &statement);
    return err;
}

/* The transaction is still there after a failure that concerns one statement only. */
static bool in_transaction(const struct store__conn *conn)
{
    return !sqlite3_get_autocommit(conn->db);
}

/* Returns 0 with the batch's own result in its status, or what spoiled the transaction. */
static int run_in_savepoint(struct store__conn *conn, struct store_batch *batch)
{
    int err = store__conn_control(conn, STORE__SAVEPOINT);

    if (err < 0)
        return err;
    batch->status = store__sqlite_run(conn, batch);
    if (store__disk_failed(batch->status))
        return batch->status;
    if (!in_transaction(conn))
        return batch->status < 0 ? batch->status : CORE_EINTERNAL;
    if (batch->status < 0)
        err = store__conn_control(conn, STORE__ROLLBACK_TO);
    if (err == 0)
        err = store__conn_control(conn, STORE__RELEASE);
    return err;
}

/* --- Groups --------------------------------------------------------------------------------- */

/* A commit of one page whose content stays the same. */
static int write_nothing(struct store__sqlite_writer *w, bool durable)
{
    char sql[96];
    int err = store__conn_durable(w->conn, durable);

    if (err < 0)
        return err;
    snprintf(sql, sizeof sql, "BEGIN IMMEDIATE; PRAGMA user_version = %u; COMMIT", w->schema);
    err = store__conn_exec(w->conn, sql);
    if (in_transaction(w->conn))
        store__conn_exec(w->conn, "ROLLBACK");
    return err;
}

static int run_group(struct store__sqlite_writer *w, struct store_batch *first, bool durable)
{
    struct store__conn *conn = w->conn;
    bool half_committed = false;
    int err = store__conn_durable(conn, durable);

    if (err == 0)
        err = store__conn_control(conn, STORE__BEGIN);
    for (struct store_batch *b = first; b && err == 0; b = b->next)
        err = run_in_savepoint(conn, b);
    if (err == 0) {
        err = store__conn_control(conn, STORE__COMMIT);
        half_committed = err < 0;
    }
    if (in_transaction(conn))
        store__conn_exec(conn, "ROLLBACK");
    /* Whatever failed there, see the head of this file; if this fails too the probe will do it. */
    if (half_committed)
        write_nothing(w, false);
    return err;
}

/* One batch tore down the transaction of all (memory ran out, a damaged page, SQL that says OR
 * ROLLBACK): each gets its own. */
static int commit_one_by_one(struct store__sqlite_writer *w, struct store_batch *batch)
{
    int err = 0;

    while (batch && err == 0) {
        struct store_batch *next = batch->next;
        batch->next = NULL;
        err = store__sqlite_commit(w, batch, 1);
        batch->next = next;
        batch = next;
    }
    for (; batch; batch = batch->next)
        batch->status = err;
    return err;
}

int store__sqlite_commit(void *arg, struct store_batch *first, unsigned n)
{
    struct store__sqlite_writer *w = arg;
    bool durable = store__group_durable(first);
    bool its_own;
    int err;

    for (struct store_batch *b = first; b; b = b->next)
        b->status = 0;
    err = run_group(w, first, durable);
    if (err == 0) {
        w->unsynced = !durable;
        return 0;
    }
    if (n > 1 && !store__disk_failed(err) && err != CORE_EBUSY)
        return commit_one_by_one(w, first);
    its_own = n == 1 && first->status == err;
    store__group_fail(first, err);
    return store__disk_failed(err) || (err == CORE_ECORRUPT && !its_own) ? err : 0;
}

/* --- Upkeep --------------------------------------------------------------------------------- */

int store__sqlite_sync(void *arg)
{
    struct store__sqlite_writer *w = arg;
    sqlite3_file *log = NULL;
    int code;

    /* A busy writer has its pages again at once, and one that rests keeps none. */
    sqlite3_db_release_memory(w->conn->db);
    if (!w->unsynced)
        return 0;
    code = sqlite3_file_control(w->conn->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code == SQLITE_OK && log && log->pMethods)
        code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
    if (code != SQLITE_OK)
        return store__conn_error(w->conn, code);
    w->unsynced = false;
    return 0;
}

/* Copies the log back. CORE_EBUSY when readers keep it from being emptied. ret_whole (may be NULL):
 * no reader kept a part of it from being copied. */
static int checkpoint(struct store__sqlite_writer *w, int mode, bool *ret_whole)
{
    int pages = 0;
    int copied = 0;
    int code;

    sqlite3_busy_timeout(w->conn->db, CORE_LIMIT_STORE_WAL_WAIT_MS);
    code = sqlite3_wal_checkpoint_v2(w->conn->db, "main", mode, &pages, &copied);
    sqlite3_busy_timeout(w->conn->db, CORE_LIMIT_STORE_BUSY_MS);
    if (code == SQLITE_OK && mode == SQLITE_CHECKPOINT_TRUNCATE)
        w->conn->wal_pages = 0;
    if (ret_whole)
        *ret_whole = code == SQLITE_OK && copied == pages;
    return store__conn_error(w->conn, code);
}

int store__sqlite_probe(void *arg)
{
    struct store__sqlite_writer *w = arg;
    int err;

    if (in_transaction(w->conn))
        store__conn_exec(w->conn, "ROLLBACK");
    /* Without a sync, so that this works where only syncing fails. */
    err = write_nothing(w, false);
    if (err == 0)
        err = store__conn_durable(w->conn, true);
    if (err == 0)
        err = checkpoint(w, SQLITE_CHECKPOINT_TRUNCATE, NULL);
    if (err == 0)
        err = write_nothing(w, true);
    if (err == 0)
        w->unsynced = false;
    return err;
}

int store__sqlite_tend(void *arg)
{
    struct store__sqlite_writer *w = arg;
    int pages = w->conn->wal_pages;
    bool whole = false;
    int err = 0;

    core_metric_set(w->wal_bytes, (double)pages * 4096);
    if (pages < w->wal_pages_refused)
        w->wal_pages_refused = 0; /* it began anew */
    bool large = pages >= w->wal_pages_refused + CORE_LIMIT_STORE_WAL_PAGES_MAX;
    if (!large && pages >= CORE_LIMIT_STORE_WAL_PAGES)
        err = checkpoint(w, SQLITE_CHECKPOINT_PASSIVE, &whole);
    /* A reader of minutes, such as a backup, holds it:
     * who writes should not wait for that each time. */
    if (large || (whole && w->wal_pages_refused)) {
        err = checkpoint(w, SQLITE_CHECKPOINT_TRUNCATE, NULL);
        w->wal_pages_refused = err == CORE_EBUSY ? pages : 0;
    }
    return err == CORE_EBUSY ? 0 : err;
}
