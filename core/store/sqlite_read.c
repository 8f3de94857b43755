/*
 * sqlite_read.c: the pool of reading connections.
 *
 * While a thread reads, its connection is bound to it by a `struct hold` on its stack, linked from a
 * thread-local list: a read inside a row callback or a snapshot finds it there and neither waits for
 * a second connection nor leaves the snapshot.
 *
 *     thread ─► hold (store A) ─► hold (store B) ─► NULL     innermost first
 */
#include "core/store/sqlite_read.h"

#include "core/err.h"
#include "core/mem.h"
#include "core/store/engine.h"

#include <assert.h>
#include <stdlib.h>
#include <uv.h>

struct store__readers {
    const struct core_env *env;
    char *path;
    const char *vfs;
    unsigned max;
    uv_mutex_t lock; /* over the fields below */
    uv_cond_t given_back;
    unsigned open; /* connections that exist, or are about to */
    unsigned idle_count;
    struct store__conn *idle[CORE_LIMIT_STORE_READERS]; /* a stack: the warmest on top */
};

struct hold {
    struct store__readers *readers;
    struct store__conn *conn;
    struct hold *outer;
};

static _Thread_local struct hold *holds;

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

/* --- Connections ---------------------------------------------------------------------------- */

/* Waits for an idle connection or the right to open one (then *ret is NULL). */
static int wait_for_one(struct store__readers *r, struct store__conn **ret)
{
    uint64_t deadline = 0;
    uint64_t now;
    int err = 0;

    uv_mutex_lock(&r->lock);
    while (r->idle_count == 0 && r->open == r->max && err == 0) {
        now = core_mono_ns(r->env);
        if (!deadline)
            deadline = now + CORE_LIMIT_STORE_READER_WAIT_MS * 1000000ull;
        if (now >= deadline)
            err = CORE_EBUSY;
        else
            uv_cond_timedwait(&r->given_back, &r->lock, deadline - now);
    }
    if (err == 0) {
        *ret = r->idle_count ? r->idle[--r->idle_count] : NULL;
        if (!*ret)
            r->open++;
    }
    uv_mutex_unlock(&r->lock);
    return err;
}

/* conn NULL gives back only the right to open one. */
static void give_back(struct store__readers *r, struct store__conn *conn)
{
    uv_mutex_lock(&r->lock);
    if (conn)
        r->idle[r->idle_count++] = conn;
    else
        r->open--;
    uv_cond_signal(&r->given_back);
    uv_mutex_unlock(&r->lock);
}

static int hold_begin(struct store__readers *r, struct hold *hold)
{
    struct store__conn *conn;
    int err = wait_for_one(r, &conn);

    if (err < 0)
        return err;
    if (!conn) {
        err = store__conn_open(r->path, r->vfs, STORE__READER, &conn);
        if (err < 0) {
            give_back(r, NULL);
            return err;
        }
    }
    *hold = (struct hold){.readers = r, .conn = conn, .outer = holds};
    holds = hold;
    return 0;
}

static void hold_end(struct hold *hold)
{
    assert(holds == hold);
    holds = hold->outer;
    give_back(hold->readers, hold->conn);
}

static struct store__conn *held(const struct store__readers *r)
{
    for (struct hold *h = holds; h; h = h->outer) {
        if (h->readers == r)
            return h->conn;
    }
    return NULL;
}

/* --- Reading -------------------------------------------------------------------------------- */

static int read_with(struct store__conn *conn, const char *sql, const struct store_value *params,
                     size_t count, int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
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

int store__readers_read(struct store__readers *r, const char *sql, const struct store_value *params,
                        size_t count, int (*on_row)(void *arg, const struct store_row *row),
                        void *arg)
{
    struct store__conn *conn = held(r);
    struct hold hold;
    int err;

    if (conn)
        return read_with(conn, sql, params, count, on_row, arg);
    err = hold_begin(r, &hold);
    if (err < 0)
        return err;
    err = read_with(hold.conn, sql, params, count, on_row, arg);
    hold_end(&hold);
    return err;
}

int store__readers_snapshot(struct store__readers *r, int (*fn)(void *arg), void *arg)
{
    struct store__conn *conn = held(r);
    struct hold hold;
    int err;

    /* A row callback's statement, or an outer snapshot, pins the moment already. */
    if (conn)
        return fn(arg);
    err = hold_begin(r, &hold);
    if (err < 0)
        return err;
    err = store__conn_exec(hold.conn, "BEGIN");
    if (err == 0) {
        err = fn(arg);
        /* Reading changed nothing, and unlike COMMIT this cannot leave the moment pinned. */
        store__conn_exec(hold.conn, "ROLLBACK");
    }
    hold_end(&hold);
    return err;
}

/* --- Life ----------------------------------------------------------------------------------- */

struct store__readers *store__readers_new(const char *path, const char *vfs, unsigned max,
                                          const struct core_env *env)
{
    struct store__readers *r = core_alloc(sizeof *r);

    assert(max >= 1 && max <= CORE_LIMIT_STORE_READERS);
    r->env = env;
    r->path = core_strdup(core_str(path));
    r->vfs = vfs;
    r->max = max;
    uv_mutex_init(&r->lock);
    uv_cond_init(&r->given_back);
    return r;
}

void store__readers_free(struct store__readers *r)
{
    if (!r)
        return;
    assert(r->idle_count == r->open);
    for (unsigned i = 0; i < r->idle_count; i++)
        store__conn_free(r->idle[i]);
    uv_mutex_destroy(&r->lock);
    uv_cond_destroy(&r->given_back);
    free(r->path);
    free(r);
}
