/*
 * sqlite_conn.c: connections and statements.
 *
 * Determinism: a batch must have the same effect on every node that executes it. While the SQL of a
 * batch is prepared, an authorizer refuses what reads the clock, dice or the connection's own past,
 * and everything that is not data (transactions, pragmas, tables). What triggers and FTS5 prepare
 * by themselves later passes: it comes from the schema.
 *
 * mmap stays off: a file that shrinks or a disk that fails would be a SIGBUS instead of an error.
 */
#include "core/store/sqlite_conn.h"

#include "core/crypto.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/store/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* --- Errors --------------------------------------------------------------------------------- */

static int constraint_error(int extended)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return CORE_EEXISTS;
    default:
        return CORE_EINVAL;
    }
}

static int system_error(const struct store__conn *conn)
{
    int e = conn ? sqlite3_system_errno(conn->db) : 0;

    if (e == ENOSPC || e == EDQUOT)
        return CORE_ENOSPACE;
    if (e == EROFS)
        return CORE_EREADONLY;
    if (e == EACCES || e == EPERM)
        return CORE_EDENIED;
    return CORE_EIO;
}

int store__conn_error(const struct store__conn *conn, int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
        return CORE_ENOSPACE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return CORE_ECORRUPT;
    case SQLITE_CONSTRAINT:
        return constraint_error(code);
    case SQLITE_READONLY:
        return CORE_EREADONLY;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOLFS:
        return code == SQLITE_IOERR_NOMEM ? CORE_ENOMEM : system_error(conn);
    case SQLITE_PERM:
        return CORE_EDENIED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA:
        return CORE_EBUSY;
    case SQLITE_NOMEM:
        return CORE_ENOMEM;
    case SQLITE_TOOBIG:
        return CORE_ETOOBIG;
    case SQLITE_INTERRUPT:
        return CORE_ECANCELLED;
    default:
        return CORE_EINVAL;
    }
}

/* --- Determinism ---------------------------------------------------------------------------- */

static bool function_allowed(const char *name)
{
    /* The time functions are deterministic for given times, but nothing here can see whether they
     * are given 'now'; times are bound by the caller anyway. */
    static const char *const refused[] = {
        "random",
        "randomblob",
        "last_insert_rowid",
        "changes",
        "total_changes",
        "sqlite_version",
        "sqlite_source_id",
        "sqlite_offset",
        "date",
        "time",
        "datetime",
        "julianday",
        "unixepoch",
        "strftime",
        "timediff",
        "current_date",
        "current_time",
        "current_timestamp",
        "load_extension",
    };

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (sqlite3_stricmp(name, refused[i]) == 0)
            return false;
    }
    return true;
}

static bool action_allowed(int action, const char *a, const char *b)
{
    switch (action) {
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return true;
    case SQLITE_FUNCTION:
        return function_allowed(b);
    case SQLITE_PRAGMA:
        /* FTS5 asks for it when its table is first seen. */
        return sqlite3_stricmp(a, "data_version") == 0;
    default:
        return false;
    }
}

static int authorize(void *arg, int action, const char *a, const char *b, const char *database,
                     const char *trigger)
{
    struct store__conn *conn = arg;

    (void)database;
    (void)trigger;
    if (!conn->guarded || action_allowed(action, a, b))
        return SQLITE_OK;
    conn->refused = true;
    return SQLITE_DENY;
}

/* --- Connections ---------------------------------------------------------------------------- */

static int on_wal(void *arg, sqlite3 *db, const char *database, int pages)
{
    struct store__conn *conn = arg;

    (void)db;
    (void)database;
    conn->wal_pages = pages;
    return SQLITE_OK;
}

static int configure(struct store__conn *conn)
{
    char sql[256];

    sqlite3_busy_timeout(conn->db, CORE_LIMIT_STORE_BUSY_MS);
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* "x" is a name, never a text: as in PostgreSQL. */
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_limit(conn->db, SQLITE_LIMIT_LENGTH, CORE_LIMIT_BATCH_BYTES);
    sqlite3_limit(conn->db, SQLITE_LIMIT_ATTACHED, 0);
    snprintf(sql, sizeof sql,
             "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
             "PRAGMA cache_size = -%d; PRAGMA query_only = %s;",
             conn->role == STORE__WRITER ? CORE_LIMIT_STORE_WRITER_CACHE_KIB
                                         : CORE_LIMIT_STORE_READER_CACHE_KIB,
             conn->role == STORE__WRITER ? "OFF" : "ON");
    return store__conn_exec(conn, sql);
}

/* sha256_link(previous, number, bytes): SHA-256 of previous ‖ number as eight bytes ‖ bytes. */
static void sha256_link(sqlite3_context *ctx, int count, sqlite3_value **values)
{
    unsigned char hash[CORE_SHA256_SIZE], number[8];
    uint64_t n = (uint64_t)sqlite3_value_int64(values[1]);
    struct core_sha256 *h = core_sha256_new();

    (void)count;
    for (int i = 7; i >= 0; i--, n >>= 8)
        number[i] = (unsigned char)n;
    for (int i = 0; i < 3; i++) {
        const void *bytes = i == 1 ? number : sqlite3_value_blob(values[i]);
        size_t len = i == 1 ? sizeof number : (size_t)sqlite3_value_bytes(values[i]);
        core_sha256_add(h, core_strn(bytes ? bytes : "", len));
    }
    core_sha256_end(h, hash);
    sqlite3_result_blob(ctx, hash, sizeof hash, SQLITE_TRANSIENT);
}

int store__conn_open(const char *path, const char *vfs, enum store__role role,
                     struct store__conn **ret)
{
    struct store__conn *conn = core_alloc(sizeof *conn);
    int code;
    int err;

    conn->role = role;
    conn->synchronous = -1;
    code = sqlite3_open_v2(path, &conn->db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                               SQLITE_OPEN_EXRESCODE,
                           vfs);
    err = store__conn_error(conn, code);
    if (err == 0)
        err = configure(conn);
    if (err < 0) {
        store__conn_free(conn);
        return err;
    }
    if (role == STORE__WRITER) {
        sqlite3_set_authorizer(conn->db, authorize, conn);
        /* Takes the place of SQLite's own checkpoints: the writer thread chooses the moment. */
        sqlite3_wal_hook(conn->db, on_wal, conn);
        sqlite3_create_function_v2(conn->db, "sha256_link", 3,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                   sha256_link, NULL, NULL, NULL);
    }
    *ret = conn;
    return 0;
}

static void stmt_free(struct store__stmt *s)
{
    sqlite3_finalize(s->stmt);
    free(s->number_of_index);
    free(s->sql);
    free(s);
}

void store__conn_free(struct store__conn *conn)
{
    int code;

    if (!conn)
        return;
    for (unsigned i = 0; i < conn->count; i++) {
        assert(!conn->cache[i]->busy);
        stmt_free(conn->cache[i]);
    }
    for (unsigned i = 0; i < STORE__CONTROLS; i++)
        sqlite3_finalize(conn->controls[i]);
    code = sqlite3_close(conn->db);
    assert(code == SQLITE_OK);
    free(conn);
}

int store__conn_exec(struct store__conn *conn, const char *sql)
{
    return store__conn_error(conn, sqlite3_exec(conn->db, sql, NULL, NULL, NULL));
}

int store__conn_control(struct store__conn *conn, enum store__control which)
{
    static const char *const sql[STORE__CONTROLS] = {
        [STORE__BEGIN] = "BEGIN IMMEDIATE",     [STORE__COMMIT] = "COMMIT",
        [STORE__SAVEPOINT] = "SAVEPOINT batch", [STORE__ROLLBACK_TO] = "ROLLBACK TO batch",
        [STORE__RELEASE] = "RELEASE batch",
    };
    sqlite3_stmt **stmt = &conn->controls[which];
    int code = SQLITE_OK;
    int err;

    if (!*stmt)
        code = sqlite3_prepare_v3(conn->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(*stmt);
    err = store__conn_error(conn, code == SQLITE_DONE ? SQLITE_OK : code);
    sqlite3_reset(*stmt);
    return err;
}

int store__conn_exec_i64(struct store__conn *conn, const char *sql, int64_t *ret)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);
    int err = store__conn_error(conn, code);

    if (err == 0) {
        code = sqlite3_step(stmt);
        err = code == SQLITE_DONE ? CORE_ENOTFOUND : store__conn_error(conn, code);
    }
    if (err == 0)
        *ret = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return err;
}

int store__conn_durable(struct store__conn *conn, bool durable)
{
    int err = 0;

    if (conn->synchronous != durable) {
        err = store__conn_exec(conn, durable ? "PRAGMA synchronous = FULL"
                                             : "PRAGMA synchronous = NORMAL");
        conn->synchronous = err == 0 ? durable : -1;
    }
    return err;
}

/* --- Statements ----------------------------------------------------------------------------- */

/* Reads the numbers out of the names: SQLite counts $2 before $1 where it stands before it. */
static int map_params(struct store__stmt *s)
{
    bool seen[CORE_LIMIT_SQL_PARAMS] = {false};
    int count = sqlite3_bind_parameter_count(s->stmt);
    int64_t number;

    if (count > CORE_LIMIT_SQL_PARAMS)
        return CORE_ETOOBIG;
    s->index_count = (unsigned)count;
    s->number_of_index = core_alloc((size_t)count);
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_bind_parameter_name(s->stmt, i + 1);
        if (!name || name[0] != '$' ||
            core_str_to_i64(core_str(name + 1), 1, CORE_LIMIT_SQL_PARAMS, &number) < 0)
            return CORE_EINVAL;
        s->number_of_index[i] = (unsigned char)(number - 1);
        seen[number - 1] = true;
        if (number > s->param_count)
            s->param_count = (unsigned)number;
    }
    for (unsigned i = 0; i < s->param_count; i++) {
        if (!seen[i])
            return CORE_EINVAL;
    }
    return 0;
}

static bool only_space(const char *tail, const char *end)
{
    while (tail < end && strchr(" \t\r\n;", *tail))
        tail++;
    return tail == end;
}

/* What SQLite takes and we do not. */
static int check_stmt(const struct store__conn *conn, struct store__stmt *s, const char *tail,
                      const char **ret_why)
{
    int err;

    if (!s->stmt || !only_space(tail, s->sql + s->sql_len)) {
        *ret_why = "it is not one statement";
        return CORE_EINVAL;
    }
    if (conn->role == STORE__READER && !sqlite3_stmt_readonly(s->stmt)) {
        *ret_why = "it would write";
        return CORE_EINVAL;
    }
    err = map_params(s);
    if (err < 0)
        *ret_why = "its parameters are not $1 to $n";
    return err;
}

static int prepare(struct store__conn *conn, struct core_str sql, struct store__stmt **ret)
{
    struct store__stmt *s = core_alloc(sizeof *s);
    const char *tail = NULL;
    const char *why = NULL;
    int code;
    int err;

    s->sql = core_strdup(sql);
    s->sql_len = sql.len;
    conn->guarded = conn->role == STORE__WRITER;
    conn->refused = false;
    code = sqlite3_prepare_v3(conn->db, s->sql, (int)sql.len + 1, SQLITE_PREPARE_PERSISTENT,
                              &s->stmt, &tail);
    conn->guarded = false;
    err = conn->refused ? CORE_EUNSUPPORTED : store__conn_error(conn, code);
    if (err == CORE_EINVAL || err == CORE_EUNSUPPORTED)
        why = sqlite3_errmsg(conn->db);
    if (err == 0)
        err = check_stmt(conn, s, tail, &why);
    if (why)
        store__log_sql(why, sql, err);
    if (err < 0) {
        stmt_free(s);
        return err;
    }
    *ret = s;
    return 0;
}

/* Keeps a statement, in the place of the one unused for longest if there is no other. */
static void cache_put(struct store__conn *conn, struct store__stmt *s)
{
    unsigned at = conn->count;

    if (at == CORE_LIMIT_STORE_STATEMENTS) {
        for (unsigned i = 0; i < conn->count; i++) {
            if (!conn->cache[i]->busy &&
                (at == conn->count || conn->cache[i]->used < conn->cache[at]->used))
                at = i;
        }
        if (at == conn->count)
            return;
        stmt_free(conn->cache[at]);
    } else {
        conn->count++;
    }
    conn->cache[at] = s;
    s->cached = true;
}

static struct store__stmt *cache_find(struct store__conn *conn, struct core_str sql, uint64_t hash)
{
    for (unsigned i = 0; i < conn->count; i++) {
        struct store__stmt *s = conn->cache[i];
        if (s->hash == hash && !s->busy && core_str_eq(core_strn(s->sql, s->sql_len), sql))
            return s;
    }
    return NULL;
}

static int bind_one(const struct store__stmt *s, int index, const struct store_value *v)
{
    /* A NULL pointer would bind NULL. */
    const char *bytes = v->bytes.ptr ? v->bytes.ptr : "";

    switch (v->type) {
    case STORE_NULL:
        return sqlite3_bind_null(s->stmt, index);
    case STORE_INT:
        return sqlite3_bind_int64(s->stmt, index, v->i64);
    case STORE_REAL:
        return sqlite3_bind_double(s->stmt, index, v->real);
    case STORE_TEXT:
        return sqlite3_bind_text64(s->stmt, index, bytes, v->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    case STORE_BLOB:
        return sqlite3_bind_blob64(s->stmt, index, bytes, v->bytes.len, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static int bind_all(const struct store__conn *conn, const struct store__stmt *s,
                    const struct store_value *params, size_t count)
{
    int code = SQLITE_OK;

    if (count != s->param_count) {
        store__log_sql("it has another number of parameters", core_strn(s->sql, s->sql_len),
                       CORE_EINVAL);
        return CORE_EINVAL;
    }
    for (unsigned i = 0; i < s->index_count && code == SQLITE_OK; i++)
        code = bind_one(s, (int)i + 1, &params[s->number_of_index[i]]);
    return store__conn_error(conn, code);
}

int store__stmt_take(struct store__conn *conn, struct core_str sql,
                     const struct store_value *params, size_t count, struct store__stmt **ret)
{
    uint64_t hash = core_str_hash(sql);
    struct store__stmt *s = cache_find(conn, sql, hash);
    int err;

    if (!s) {
        err = prepare(conn, sql, &s);
        if (err < 0)
            return err;
        s->hash = hash;
        s->used = conn->clock;
        cache_put(conn, s);
    }
    s->busy = true;
    s->used = ++conn->clock;
    err = bind_all(conn, s, params, count);
    if (err < 0) {
        store__stmt_give(conn, s);
        return err;
    }
    *ret = s;
    return 0;
}

void store__stmt_give(struct store__conn *conn, struct store__stmt *s)
{
    (void)conn;
    sqlite3_reset(s->stmt);
    sqlite3_clear_bindings(s->stmt);
    s->busy = false;
    if (!s->cached)
        stmt_free(s);
}
