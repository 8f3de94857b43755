/*
 * pg_read.c: what the pool of readers does to a PostgreSQL database.
 *
 * The rows of a statement are all here before the first is handed on, so the callback may read on with the same session.
 */
#include "core/store/pg_read.h"

#include "core/err.h"
#include "core/store/engine.h"
#include "core/store/pg_value.h"

/* --- Rows ----------------------------------------------------------------------------------- */

struct row {
    struct store_row base;
    const PGresult *result;
    int number;
};

static int64_t row_i64(const struct store_row *row, unsigned column)
{
    const struct row *r = (const struct row *)row;

    return store__pg_i64(r->result, r->number, column);
}

static double row_real(const struct store_row *row, unsigned column)
{
    const struct row *r = (const struct row *)row;

    return store__pg_real(r->result, r->number, column);
}

static struct core_str row_str(const struct store_row *row, unsigned column)
{
    const struct row *r = (const struct row *)row;

    return store__pg_str(r->result, r->number, column);
}

static bool row_null(const struct store_row *row, unsigned column)
{
    const struct row *r = (const struct row *)row;

    return PQgetisnull(r->result, r->number, (int)column);
}

static const struct store_row_ops row_ops = {
    .i64 = row_i64,
    .real = row_real,
    .str = row_str,
    .null = row_null,
};

/* --- Reading -------------------------------------------------------------------------------- */

static int conn_open(void *arg, void **ret_conn)
{
    char why[512];
    struct store__pg *c;
    int err = store__pg_open(arg, false, &c, why, sizeof why);

    if (err == 0)
        *ret_conn = c;
    /* Whatever it is by now, it was right at the start. The writer's log has the reason. */
    return err == 0 || err == CORE_EBUSY ? err : CORE_EAWAY;
}

static void conn_close(void *conn)
{
    store__pg_close(conn);
}

/* A reader that was refused a write says that the statement is wrong. */
static int read_error(const struct store__pg *c, int err)
{
    if (err == CORE_EAWAY && !store__pg_hung(c))
        return STORE__AGAIN;
    return err == CORE_EREADONLY ? CORE_EINVAL : err;
}

static int conn_read(void *conn, const char *sql, const struct store_value *params, size_t count,
                     int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    struct store__pg *c = conn;
    PGresult *result = NULL;
    struct row row = {.base.ops = &row_ops};
    int rows;
    int err = store__pg_send(c, core_str(sql), params, count, STORE__SQL_READ);

    if (err < 0)
        return read_error(c, err);
    err = store__pg_sync(c);
    if (err == 0)
        err = store__pg_take(c, &result);
    if (store__pg_settle(c) < 0 && err == 0)
        err = CORE_EAWAY;
    if (err < 0) {
        PQclear(result);
        return read_error(c, err);
    }
    row.result = result;
    rows = on_row ? PQntuples(result) : 0;
    while (row.number < rows && err == 0) {
        err = on_row(arg, &row.base);
        row.number++;
    }
    PQclear(result);
    return err;
}

static int conn_begin(void *conn)
{
    int err = store__pg_ask(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, 0, NULL);

    return err < 0 ? read_error(conn, err) : 0;
}

static void conn_end(void *conn)
{
    store__pg_ask(conn, "ROLLBACK", NULL, 0, NULL);
}

static bool conn_broken(const void *conn)
{
    return store__pg_lost(conn);
}

const struct store__reader_ops store__pg_reader_ops = {
    .open = conn_open,
    .close = conn_close,
    .read = conn_read,
    .begin = conn_begin,
    .end = conn_end,
    .broken = conn_broken,
};
