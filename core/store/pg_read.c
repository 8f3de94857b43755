/*
 * pg_read.c: what the pool of readers does to a PostgreSQL database.
 *
 * Rows come one by one, however many there are. When the callback of one reads on with the same
 * session, the rows that are still to come are fetched first and kept, up to
 * CORE_LIMIT_STORE_PG_KEPT: a session has one statement under way.
 *
 *     session ─► rows of the statement under way        the callbacks further out go on with what was kept
 */
#include "core/store/pg_read.h"

#include "core/err.h"
#include "core/mem.h"
#include "core/store/engine.h"
#include "core/store/pg_value.h"

#include <stdlib.h>

/* --- Rows ----------------------------------------------------------------------------------- */

struct row {
    struct store_row base;
    const PGresult *result; /* of one row */
};

static int64_t row_i64(const struct store_row *row, unsigned column)
{
    const struct row *r = (const struct row *)row;

    return store__pg_i64(r->result, 0, column);
}

static double row_real(const struct store_row *row, unsigned column)
{
    const struct row *r = (const struct row *)row;

    return store__pg_real(r->result, 0, column);
}

static struct core_str row_str(const struct store_row *row, unsigned column)
{
    const struct row *r = (const struct row *)row;

    return store__pg_str(r->result, 0, column);
}

static bool row_null(const struct store_row *row, unsigned column)
{
    const struct row *r = (const struct row *)row;

    return PQgetisnull(r->result, 0, (int)column);
}

static const struct store_row_ops row_ops = {
    .i64 = row_i64,
    .real = row_real,
    .str = row_str,
    .null = row_null,
};

/* --- One statement -------------------------------------------------------------------------- */

struct reader {
    struct store__pg *pg;
    struct rows *under_way;
};

/* What is left of an answer. */
struct rows {
    PGresult **kept; /* fetched before they were wanted */
    size_t count, cap, at;
    int end; /* what stood behind the last of them: 0 or an error */
};

/* The answer's last word has been taken, or the session is lost. */
static int end_of_rows(struct reader *r, int end)
{
    int settled = store__pg_settle(r->pg);

    r->under_way = NULL;
    return end < 0 ? end : settled;
}

static int next_row(struct reader *r, struct rows *rows, PGresult **ret)
{
    int more;

    if (rows->at < rows->count) {
        *ret = rows->kept[rows->at++];
        return 1;
    }
    if (r->under_way != rows)
        return rows->end;
    more = store__pg_take_row(r->pg, ret);
    return more > 0 ? more : end_of_rows(r, more);
}

/* The statement under way makes place for another. */
static void keep_rest(struct reader *r)
{
    struct rows *rows = r->under_way;
    PGresult *result;
    size_t bytes = 0;
    int more, err = 0;

    if (!rows)
        return;
    while ((more = store__pg_take_row(r->pg, &result)) > 0) {
        bytes += PQresultMemorySize(result);
        if (err == 0 && bytes > CORE_LIMIT_STORE_PG_KEPT)
            err = CORE_ETOOBIG;
        if (err == 0)
            err = core_grow((void **)&rows->kept, &rows->cap, rows->count, sizeof(PGresult *),
                            SIZE_MAX / sizeof(PGresult *));
        if (err == 0)
            rows->kept[rows->count++] = result;
        else
            PQclear(result);
    }
    more = end_of_rows(r, more);
    rows->end = err < 0 ? err : more;
}

static void rows_done(struct reader *r, struct rows *rows)
{
    PGresult *result;

    while (next_row(r, rows, &result) > 0)
        PQclear(result);
    free(rows->kept);
}

/* --- Reading -------------------------------------------------------------------------------- */

static int conn_open(void *arg, void **ret_conn)
{
    char why[512];
    struct reader *r;
    struct store__pg *pg;
    int err = store__pg_open(arg, false, &pg, why, sizeof why);

    /* Whatever it is by now, it was right at the start. The writer's log has the reason. */
    if (err < 0)
        return err == CORE_EBUSY ? err : CORE_EAWAY;
    r = core_alloc(sizeof *r);
    r->pg = pg;
    *ret_conn = r;
    return 0;
}

static void conn_close(void *conn)
{
    struct reader *r = conn;

    store__pg_close(r->pg);
    free(r);
}

/* A reader that was refused a write says that the statement is wrong. */
static int read_error(const struct reader *r, int err)
{
    if (err == CORE_EAWAY && !store__pg_hung(r->pg))
        return STORE__AGAIN;
    return err == CORE_EREADONLY ? CORE_EINVAL : err;
}

static int conn_read(void *conn, const char *sql, const struct store_value *params, size_t count,
                     int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    struct reader *r = conn;
    struct rows rows = {0};
    struct row row = {.base.ops = &row_ops};
    PGresult *result;
    bool any = false;
    int more, err;

    keep_rest(r);
    err = store__pg_send(r->pg, core_str(sql), params, count, STORE__SQL_READ);
    if (err == 0)
        err = store__pg_sync(r->pg);
    if (err < 0)
        return read_error(r, err);
    r->under_way = &rows;
    while (err == 0 && (more = next_row(r, &rows, &result)) != 0) {
        if (more < 0) {
            free(rows.kept);
            return any ? more : read_error(r, more);
        }
        any = true;
        row.result = result;
        err = on_row ? on_row(arg, &row.base) : 0;
        PQclear(result);
    }
    rows_done(r, &rows);
    return err;
}

static int conn_begin(void *conn)
{
    struct reader *r = conn;
    int err;

    keep_rest(r);
    err = store__pg_ask(r->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, 0, NULL);
    return err < 0 ? read_error(r, err) : 0;
}

static void conn_end(void *conn)
{
    store__pg_ask(((struct reader *)conn)->pg, "ROLLBACK", NULL, 0, NULL);
}

static bool conn_broken(const void *conn)
{
    return store__pg_lost(((const struct reader *)conn)->pg);
}

const struct store__reader_ops store__pg_reader_ops = {
    .open = conn_open,
    .close = conn_close,
    .read = conn_read,
    .begin = conn_begin,
    .end = conn_end,
    .broken = conn_broken,
};
