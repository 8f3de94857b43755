/* sqlite_read.c: what the pool of readers does to a SQLite file. */
#include "core/store/sqlite_read.h"

#include "core/err.h"
#include "core/store/engine.h"
#include "core/store/sqlite_conn.h"

/* --- Rows ----------------------------------------------------------------------------------- */

struct row {
    struct store_row base;
    sqlite3_stmt *stmt;
};

static sqlite3_stmt *row_stmt(const struct store_row *row)
{
    return ((const struct row *)row)->stmt;
}

static int64_t row_i64(const struct store_row *row, unsigned column)
{
    return sqlite3_column_int64(row_stmt(row), (int)column);
}

static double row_real(const struct store_row *row, unsigned column)
{
    return sqlite3_column_double(row_stmt(row), (int)column);
}

static struct core_str row_str(const struct store_row *row, unsigned column)
{
    /* In this order: the first call may convert, the second measures the result. */
    const void *bytes = sqlite3_column_blob(row_stmt(row), (int)column);
    int len = sqlite3_column_bytes(row_stmt(row), (int)column);

    return bytes ? core_strn(bytes, (size_t)len) : CORE_STR("");
}

static bool row_null(const struct store_row *row, unsigned column)
{
    return sqlite3_column_type(row_stmt(row), (int)column) == SQLITE_NULL;
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
    const struct store__sqlite_reader *r = arg;
    struct store__conn *conn;
    int err = store__conn_open(r->path, r->vfs, STORE__READER, &conn);

    if (err == 0)
        *ret_conn = conn;
    return err;
}

static void conn_close(void *conn)
{
    store__conn_free(conn);
}

static int conn_read(void *conn_, const char *sql, const struct store_value *params, size_t count,
                     int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    struct store__conn *conn = conn_;
    struct store__stmt *s;
    struct row row = {.base.ops = &row_ops};
    int code;
    int err = store__stmt_take(conn, core_str(sql), params, count, &s);

    if (err < 0)
        return err;
    row.stmt = s->stmt;
    while ((code = sqlite3_step(s->stmt)) == SQLITE_ROW) {
        err = on_row ? on_row(arg, &row.base) : 0;
        if (err != 0)
            break;
    }
    if (err == 0)
        err = store__conn_error(conn, code);
    store__stmt_give(conn, s);
    return err;
}

static int conn_begin(void *conn)
{
    return store__conn_exec(conn, "BEGIN");
}

static void conn_end(void *conn)
{
    store__conn_exec(conn, "ROLLBACK");
}

const struct store__reader_ops store__sqlite_reader_ops = {
    .open = conn_open,
    .close = conn_close,
    .read = conn_read,
    .begin = conn_begin,
    .end = conn_end,
    .rows_pin = true,
};
