/*
 * pg_conn.c: a session in pipeline mode from its first statement to its last.
 *
 * What was sent and not yet answered stands in a ring, in order:
 *
 *     send     [prepare] [close] answer      a new statement is prepared on the way, an old one makes room
 *     sync     sync
 *
 * A statement is prepared for the types of its parameters: the same text with
 * an integer and with a text is two. NULL has no type and goes with any;
 * where a statement begins with NULL the server infers one.
 *
 */
#include "core/store/pg_conn.h"

#include "core/err.h"
#include "core/mem.h"
#include "core/store/engine.h"
#include "core/store/pg_schema.h"
#include "core/store/pg_value.h"

#include <assert.h>
#include <endian.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

struct stmt {
    char *sql;
    size_t sql_len;
    uint64_t hash;
    uint64_t used;
    unsigned number; /* it is called "s<number>" */
    enum store__sql_use use;
    unsigned count;
    Oid types[]; /* of its parameters */
};

enum due_kind { DUE_PREPARE, DUE_CLOSE, DUE_ANSWER, DUE_SYNC };
struct due {
    enum due_kind kind;
    unsigned number; /* of the statement prepared */
};
/* Each statement may prepare one and close one. */
#define DUES (CORE_LIMIT_STORE_PG_FLIGHT * 3 + 1)
/* Of the time that an answer may take. */
#define WAIT_PARTS 10

struct store__pg {
    const struct core_env *env;
    PGconn *db;
    unsigned answer_ms;
    bool lost;
    bool hung;
    bool in_rows; /* some rows of the next answer were taken */
    char why[256];
    uint64_t clock; /* counts uses, for the oldest statement */
    unsigned names;
    unsigned count;
    struct stmt *cache[CORE_LIMIT_STORE_STATEMENTS];
    unsigned due_first, due_count;
    struct due dues[DUES];
};

/* --- The wire ------------------------------------------------------------------------------- */

static int lose(struct store__pg *c, const char *why)
{
    if (!c->lost) {
        c->lost = true;
        snprintf(c->why, sizeof c->why, "%.*s", (int)strcspn(why, "\n"), why);
    }
    return CORE_EAWAY;
}

/* What happened at the socket; 0: nothing in all that time. It is slept in parts: of the time in
 * which the whole machine stood still, server and all, only one can have passed. */
static int wait_event(struct store__pg *c, short events)
{
    struct pollfd p = {.fd = PQsocket(c->db), .events = events};
    int n = 0;

    for (int part = 0; part < WAIT_PARTS && n == 0; part++)
        n = poll(&p, 1, (int)c->answer_ms / WAIT_PARTS);
    return n > 0 ? p.revents : n;
}

/* Until a result can be had without waiting; whatever arrives buys more time. */
static int wait_result(struct store__pg *c)
{
    int flushed, n;

    while ((flushed = PQflush(c->db)) >= 0 && PQisBusy(c->db)) {
        n = wait_event(c, flushed ? POLLIN | POLLOUT : POLLIN);
        if (n == 0) {
            c->hung = true;
            return lose(c, "it has stopped answering");
        }
        if (n > 0 && (n & ~POLLOUT) && !PQconsumeInput(c->db))
            return lose(c, PQerrorMessage(c->db));
    }
    return flushed < 0 ? lose(c, PQerrorMessage(c->db)) : 0;
}

/* The next result, which may be none. */
static int next_result(struct store__pg *c, PGresult **ret)
{
    int err = c->lost ? CORE_EAWAY : wait_result(c);

    if (err == 0)
        *ret = PQgetResult(c->db);
    return err;
}

/* The result of one thing that was sent, and the mark behind it. */
static int whole_result(struct store__pg *c, enum due_kind kind, PGresult **ret)
{
    PGresult *result = NULL, *mark = NULL;
    int err = next_result(c, &result);

    if (err == 0 && !result)
        err = lose(c, PQerrorMessage(c->db));
    if (err == 0 && kind != DUE_SYNC) {
        err = next_result(c, &mark);
        if (mark)
            err = lose(c, "its answers are out of step");
        PQclear(mark);
    }
    if (err < 0) {
        PQclear(result);
        return err;
    }
    *ret = result;
    return 0;
}

/* What a result says: 0 or a code. sql: for the log, when it is to blame. */
static int result_error(struct store__pg *c, const PGresult *result, struct core_str sql)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    int err;

    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_PIPELINE_SYNC:
        return 0;
    case PGRES_PIPELINE_ABORTED:
        return CORE_ECANCELLED;
    default:
        break;
    }
    if (!state && PQstatus(c->db) == CONNECTION_BAD)
        return lose(c, PQresultErrorMessage(result));
    err = store__pg_state_error(state);
    snprintf(c->why, sizeof c->why, "%s", message ? message : PQresultErrorMessage(result));
    if (err == CORE_EAWAY)
        c->lost = true;
    if (state && (strncmp(state, "42", 2) == 0 || strncmp(state, "0A", 2) == 0))
        store__log_sql(c->why, sql, err);
    return err;
}

/* --- Statements ----------------------------------------------------------------------------- */

static Oid type_of(const struct store_value *v)
{
    switch (v->type) {
    case STORE_INT:
        return STORE__PG_INT8;
    case STORE_REAL:
        return STORE__PG_FLOAT8;
    case STORE_TEXT:
        return STORE__PG_TEXT;
    case STORE_BLOB:
        return STORE__PG_BYTEA;
    case STORE_NULL:
        break;
    }
    return STORE__PG_ANY;
}

static bool fits(const struct stmt *s, const struct store_value *params, size_t count,
                 enum store__sql_use use)
{
    if (s->count != count || s->use != use)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (params[i].type != STORE_NULL && s->types[i] != type_of(&params[i]))
            return false;
    }
    return true;
}

static struct stmt *find(struct store__pg *c, struct core_str sql, uint64_t hash,
                         const struct store_value *params, size_t count, enum store__sql_use use)
{
    for (unsigned i = 0; i < c->count; i++) {
        struct stmt *s = c->cache[i];
        if (s->hash == hash && core_str_eq(core_strn(s->sql, s->sql_len), sql) &&
            fits(s, params, count, use))
            return s;
    }
    return NULL;
}

static struct core_str text_of(const struct store__pg *c, unsigned number)
{
    for (unsigned i = 0; i < c->count; i++) {
        if (c->cache[i]->number == number)
            return core_strn(c->cache[i]->sql, c->cache[i]->sql_len);
    }
    return CORE_STR("");
}

static void stmt_free(struct stmt *s)
{
    free(s->sql);
    free(s);
}

/* The server does not know it. */
static void forget(struct store__pg *c, unsigned number)
{
    for (unsigned i = 0; i < c->count; i++) {
        if (c->cache[i]->number == number) {
            stmt_free(c->cache[i]);
            c->cache[i] = c->cache[--c->count];
            return;
        }
    }
}

static void push_due(struct store__pg *c, enum due_kind kind, unsigned number)
{
    assert(c->due_count < DUES);
    c->dues[(c->due_first + c->due_count++) % DUES] = (struct due){kind, number};
}

static struct due pop_due(struct store__pg *c)
{
    struct due due = c->dues[c->due_first];

    assert(c->due_count > 0);
    c->due_first = (c->due_first + 1) % DUES;
    c->due_count--;
    return due;
}

/* Closes the one unused for longest. If the server skips
 * that it keeps one too many, for as long as the session. */
static int make_room(struct store__pg *c)
{
    char command[40];
    unsigned at = 0;

    for (unsigned i = 1; i < c->count; i++) {
        if (c->cache[i]->used < c->cache[at]->used)
            at = i;
    }
    snprintf(command, sizeof command, "DEALLOCATE s%u", c->cache[at]->number);
    stmt_free(c->cache[at]);
    c->cache[at] = c->cache[--c->count];
    if (!PQsendQueryParams(c->db, command, 0, NULL, NULL, NULL, NULL, 1))
        return lose(c, PQerrorMessage(c->db));
    push_due(c, DUE_CLOSE, 0);
    return 0;
}

static int prepare(struct store__pg *c, struct core_str sql, uint64_t hash,
                   const struct store_value *params, size_t count, enum store__sql_use use,
                   struct stmt **ret)
{
    const char *why = NULL;
    char name[16];
    struct stmt *s;
    int err = 0;

    if (use != STORE__SQL_OURS)
        err = store__sql_check(sql, count, use, &why);
    if (err < 0)
        store__log_sql(why, sql, err);
    if (err == 0 && c->count == CORE_LIMIT_STORE_STATEMENTS)
        err = make_room(c);
    if (err < 0)
        return err;
    s = core_alloc(sizeof *s + count * sizeof *s->types);
    s->sql = core_strdup(sql);
    s->sql_len = sql.len;
    s->hash = hash;
    s->number = ++c->names;
    s->use = use;
    s->count = (unsigned)count;
    for (size_t i = 0; i < count; i++)
        s->types[i] = type_of(&params[i]);
    c->cache[c->count++] = s;
    snprintf(name, sizeof name, "s%u", s->number);
    if (!PQsendPrepare(c->db, name, s->sql, (int)count, s->types))
        return lose(c, PQerrorMessage(c->db));
    push_due(c, DUE_PREPARE, s->number);
    *ret = s;
    return 0;
}

static int execute(struct store__pg *c, const struct stmt *s, const struct store_value *params,
                   size_t count)
{
    const char *values[CORE_LIMIT_SQL_PARAMS];
    int lengths[CORE_LIMIT_SQL_PARAMS], formats[CORE_LIMIT_SQL_PARAMS];
    uint64_t numbers[CORE_LIMIT_SQL_PARAMS];
    char name[16];

    for (size_t i = 0; i < count; i++) {
        const struct store_value *v = &params[i];
        formats[i] = 1;
        lengths[i] = sizeof numbers[i];
        values[i] = (const char *)&numbers[i];
        if (v->type == STORE_INT) {
            numbers[i] = htobe64((uint64_t)v->i64);
        } else if (v->type == STORE_REAL) {
            memcpy(&numbers[i], &v->real, sizeof numbers[i]);
            numbers[i] = htobe64(numbers[i]);
        } else if (v->type == STORE_NULL) {
            values[i] = NULL;
        } else {
            values[i] = v->bytes.ptr ? v->bytes.ptr : "";
            lengths[i] = (int)v->bytes.len;
        }
    }
    snprintf(name, sizeof name, "s%u", s->number);
    if (!PQsendQueryPrepared(c->db, name, (int)count, values, lengths, formats, 1))
        return lose(c, PQerrorMessage(c->db));
    push_due(c, DUE_ANSWER, s->number);
    return 0;
}

int store__pg_send(struct store__pg *c, struct core_str sql, const struct store_value *params,
                   size_t count, enum store__sql_use use)
{
    uint64_t hash = core_str_hash(sql);
    struct stmt *s;
    int err;

    if (c->lost)
        return CORE_EAWAY;
    if (count > CORE_LIMIT_SQL_PARAMS)
        return CORE_ETOOBIG;
    s = find(c, sql, hash, params, count, use);
    if (!s) {
        err = prepare(c, sql, hash, params, count, use, &s);
        if (err < 0)
            return err;
    }
    s->used = ++c->clock;
    return execute(c, s, params, count);
}

int store__pg_sync(struct store__pg *c)
{
    if (c->lost)
        return CORE_EAWAY;
    if (!PQpipelineSync(c->db))
        return lose(c, PQerrorMessage(c->db));
    push_due(c, DUE_SYNC, 0);
    return 0;
}

/* Takes what stands before the next answer. Why that
 * will be missing: its statement could not be prepared. */
static int take_leads(struct store__pg *c)
{
    int why_not_prepared = 0;

    while (!c->lost && c->dues[c->due_first].kind != DUE_ANSWER) {
        struct due due = pop_due(c);
        PGresult *result = NULL;
        assert(due.kind != DUE_SYNC);
        int err = whole_result(c, due.kind, &result);
        if (err == 0)
            err = result_error(c, result, text_of(c, due.number));
        PQclear(result);
        if (due.kind == DUE_PREPARE && err < 0) {
            forget(c, due.number);
            why_not_prepared = err;
        }
    }
    return c->lost ? CORE_EAWAY : why_not_prepared;
}

int store__pg_take(struct store__pg *c, PGresult **ret)
{
    int why_not_prepared = take_leads(c);
    PGresult *result = NULL;
    struct due due;
    int err;

    if (c->lost)
        return CORE_EAWAY;
    due = pop_due(c);
    err = whole_result(c, due.kind, &result);
    if (err == 0)
        err = result_error(c, result, text_of(c, due.number));
    if (err == 0) {
        *ret = result;
        return 0;
    }
    PQclear(result);
    return why_not_prepared && !c->lost ? why_not_prepared : err;
}

int store__pg_take_row(struct store__pg *c, PGresult **ret)
{
    int why_not_prepared = c->in_rows ? 0 : take_leads(c);
    PGresult *result = NULL, *mark = NULL;
    int err = c->lost ? CORE_EAWAY : 0;

    if (err == 0 && !c->in_rows && why_not_prepared == 0 && !PQsetSingleRowMode(c->db))
        err = lose(c, "its answers are out of step");
    if (err == 0)
        err = next_result(c, &result);
    if (err == 0 && PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
        c->in_rows = true;
        *ret = result;
        return 1;
    }
    c->in_rows = false;
    if (err == 0)
        err = result_error(c, result, text_of(c, c->dues[c->due_first].number));
    PQclear(result);
    if (!c->lost && next_result(c, &mark) == 0 && mark)
        lose(c, "its answers are out of step");
    PQclear(mark);
    if (c->lost)
        return CORE_EAWAY;
    pop_due(c);
    return why_not_prepared ? why_not_prepared : err;
}

int store__pg_settle(struct store__pg *c)
{
    struct due due = {.kind = DUE_ANSWER};

    while (due.kind != DUE_SYNC && !c->lost) {
        PGresult *result = NULL;
        due = pop_due(c);
        int err = whole_result(c, due.kind, &result);
        if (err == 0)
            err = result_error(c, result, text_of(c, due.number));
        if (due.kind == DUE_PREPARE && err < 0)
            forget(c, due.number);
        PQclear(result);
    }
    return c->lost ? CORE_EAWAY : 0;
}

int store__pg_ask(struct store__pg *c, const char *sql, const struct store_value *params,
                  size_t count, PGresult **ret)
{
    PGresult *result = NULL;
    int err = store__pg_send(c, core_str(sql), params, count, STORE__SQL_OURS);
    int settled;

    if (err == 0)
        err = store__pg_sync(c);
    if (err == 0)
        err = store__pg_take(c, &result);
    settled = store__pg_settle(c);
    if (err == 0)
        err = settled;
    if (err < 0 || !ret)
        PQclear(result);
    else
        *ret = result;
    return err;
}

int store__pg_script(struct store__pg *c, const char *sql)
{
    PGresult *result = NULL;
    int err = 0;

    assert(c->due_count == 0);
    if (c->lost || !PQexitPipelineMode(c->db) || !PQsendQuery(c->db, sql))
        return lose(c, PQerrorMessage(c->db));
    do {
        PQclear(result);
        result = NULL;
        if (next_result(c, &result) == 0 && result && err == 0)
            err = result_error(c, result, CORE_STR(""));
    } while (result);
    if (!c->lost && !PQenterPipelineMode(c->db))
        lose(c, PQerrorMessage(c->db));
    return c->lost ? CORE_EAWAY : err;
}

/* --- Life ----------------------------------------------------------------------------------- */

/* Without the compiler of expressions: it costs more than any of our statements.
 * What a reader may not do the server knows too. A database set to be forgetful is
 * not for durable batches. The server is to miss us soon when we are gone: a
 * session may hold the lock that our successor waits for. */
static int set_up(struct store__pg *c, bool writes)
{
    const struct store_value params[] = {STORE_C(writes ? "off" : "on")};

    return store__pg_ask(c,
                         "SELECT set_config('default_transaction_read_only', $1, false),"
                         " set_config('jit', 'off', false), set_config('synchronous_commit',"
                         " CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
                         " ELSE current_setting('synchronous_commit') END, false),"
                         " set_config('tcp_keepalives_idle', '5', false),"
                         " set_config('tcp_keepalives_interval', '2', false),"
                         " set_config('tcp_keepalives_count', '3', false)",
                         params, 1, NULL);
}

int store__pg_open(const struct store__pg_address *address, bool writes, struct store__pg **ret,
                   char *why, size_t why_cap)
{
    PGconn *db;
    int err = store__pg_link(address, writes, &db, why, why_cap);
    struct store__pg *c;

    if (err < 0)
        return err;
    c = core_alloc(sizeof *c);
    c->env = address->env;
    c->db = db;
    c->answer_ms = CORE_LIMIT_STORE_PG_ANSWER_MS;
    if (PQsetnonblocking(db, 1) < 0 || !PQenterPipelineMode(db))
        err = lose(c, PQerrorMessage(db));
    if (err == 0)
        err = set_up(c, writes);
    if (err == 0)
        err = store__pg_schema_use(c);
    if (err < 0) {
        snprintf(why, why_cap, "cannot use PostgreSQL at %s: %s", address->name, c->why);
        store__pg_close(c);
        return err;
    }
    *ret = c;
    return 0;
}

void store__pg_close(struct store__pg *c)
{
    if (!c)
        return;
    for (unsigned i = 0; i < c->count; i++)
        stmt_free(c->cache[i]);
    PQfinish(c->db);
    free(c);
}

bool store__pg_lost(const struct store__pg *c)
{
    return c->lost;
}

bool store__pg_hung(const struct store__pg *c)
{
    return c->hung;
}

void store__pg_patience(struct store__pg *c, unsigned answer_ms)
{
    c->answer_ms = answer_ms;
}

const char *store__pg_why(const struct store__pg *c)
{
    return c->why;
}
