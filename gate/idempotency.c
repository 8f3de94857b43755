/*
 * idempotency.c: a POST that is sent again with the same Idempotency-Key
 * (draft-ietf-httpapi-idempotency-key-header) is done once.
 *
 *     no row ──► row "begun" ──► handler ──► row with the answer ──► the same again: the same answer
 *                     │               └──► row goes: the server failed, or the client left and it was cancelled
 *                     └ killed here: it may have been done or not, and the same again is told so (409)
 *
 * A key belongs to the account that sent it, for a day. What is being answered is in memory: a
 * second one meanwhile is
 * 409. An answer that holds a secret shown once is not kept, nor is a stream, nor a large one: the
 * same again is 409 and says where to look. Loop thread, but for what the pool runs.
 */
#include "gate/inside.h"

#include "core/crypto.h"
#include "core/err.h"

#include <assert.h>
#include <stdlib.h>

/* What is known of a key. 0: begun; an HTTP status: answered so. */
enum { BEGUN = 0, NOT_KEPT = 1 };

/* Outlives the request until the store has the answer, and the gate if that takes longer. */
struct gate_keyed {
    struct gate *gate; /* NULL: gone */
    struct gate_keyed *next, **at;
    unsigned char id[CORE_SHA256_SIZE], print[CORE_SHA256_SIZE];
    bool begun;    /* the row is this request's: it may end it */
    bool answered; /* the store has not acknowledged it: until then it is kept here */
    /* What is known. */
    int err, status;
    bool found, same;
    const char *type;
    struct core_buf body;
};

static void keyed_free(struct gate_keyed *k)
{
    if (k->gate) {
        *k->at = k->next;
        if (k->next)
            k->next->at = k->at;
    }
    core_buf_done(&k->body);
    free(k);
}

void gate__keyed_forget(struct gate *gate)
{
    for (struct gate_keyed *k = gate->keyed; k; k = k->next)
        k->gate = NULL;
    gate->keyed = NULL;
}

/* --- The key ---------------------------------------------------------------------------------- */

/* A string of structured fields, or its bare characters. */
static bool key_read(struct core_str field, struct core_str *ret)
{
    if (field.len >= 2 && field.ptr[0] == '"' && field.ptr[field.len - 1] == '"')
        field = core_strn(field.ptr + 1, field.len - 2);
    for (size_t i = 0; i < field.len; i++)
        if (field.ptr[i] <= ' ' || field.ptr[i] > '~')
            return false;
    *ret = field;
    return field.len >= 1 && field.len <= GATE_LIMIT_KEYED_KEY;
}

static void add_part(struct core_sha256 *h, struct core_str part)
{
    uint64_t len = part.len;
    core_sha256_add(h, core_strn((const char *)&len, sizeof len));
    core_sha256_add(h, part);
}

static void keyed_name(const struct gate_request *r, struct core_str key, struct gate_keyed *k)
{
    struct core_sha256 *h = core_sha256_new();
    add_part(h, core_str(r->account->id));
    add_part(h, key);
    core_sha256_end(h, k->id);
    h = core_sha256_new();
    add_part(h, core_str(r->route->id));
    add_part(h, bus_head_str(&r->head, r->head.target));
    add_part(h, gate_request_header(r, "content-type"));
    add_part(h, gate_request_header(r, "accept"));
    add_part(h, core_buf_str(&r->body));
    core_sha256_end(h, k->print);
}

/* --- The store -------------------------------------------------------------------------------- */

/* The types that are kept; NULL: another. */
static const char *known_type(struct core_str type)
{
    static const char *const types[] = {"application/json", "application/problem+json"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (core_str_eq_c(type, types[i]))
            return types[i];
    return NULL;
}

static int on_row(void *arg, const struct store_row *row)
{
    struct gate_keyed *k = arg;
    k->found = true;
    k->same = core_str_eq(store_row_str(row, 0), core_strn(k->print, sizeof k->print));
    k->status = (int)store_row_i64(row, 1);
    k->type = known_type(store_row_str(row, 2));
    return core_buf_add_str(&k->body, store_row_str(row, 3));
}

/* Pool: finds what is known, or writes down that it begins. */
static void begin_run(struct gate_request *r, void *arg)
{
    struct gate_keyed *k = arg;
    struct store *store = r->gate->services.store;
    const struct core_str account = core_str(r->account->id);
    int64_t now = core_wall_ms(r->gate->env);
    const struct store_value params[] = {STORE_B(k->id, sizeof k->id),
                                         STORE_I(now - GATE_KEYED_MS)};
    k->err = store_read(store,
                        "SELECT print, status, type, body FROM idempotency "
                        "WHERE id = $1 AND at_ms > $2",
                        params, 2, on_row, k);
    if (k->err || k->found)
        return;
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM idempotency WHERE at_ms <= $1",
              STORE_I(now - GATE_KEYED_MS));
    /* Of an account that has as many as may be the oldest go. */
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM idempotency WHERE account = $1 AND at_ms <= COALESCE((SELECT at_ms FROM "
              "idempotency WHERE account = $1 ORDER BY at_ms DESC LIMIT 1 OFFSET $2), 0)",
              STORE_T(account), STORE_I(GATE_LIMIT_KEYED - 1));
    store_put(batch, 1,
              "INSERT INTO idempotency (id, account, print, at_ms, status, type, body) "
              "VALUES ($1, $2, $3, $4, 0, '', $5)",
              STORE_B(k->id, sizeof k->id), STORE_T(account), STORE_B(k->print, sizeof k->print),
              STORE_I(now), STORE_B("", 0));
    k->err = store_write_wait(store, batch);
    k->begun = !k->err;
}

static void on_kept(void *arg, int status)
{
    (void)status; /* without it the same again is told that it may have been done */
    keyed_free(arg);
}

/* --- Answers ---------------------------------------------------------------------------------- */

static void refuse_reused(struct gate_request *r)
{
    gate_reply_problem(r, 422, "idempotency-key-reused",
                       "The Idempotency-Key came before, with another request",
                       "send another key with another request");
}

static void replay(struct gate_request *r, struct gate_keyed *k)
{
    if (!k->same) {
        refuse_reused(r);
    } else if (k->status == BEGUN) {
        gate_reply_problem(
            r, 409, "idempotency-key-not-kept", "It may have been done before",
            "the server stopped while it answered the first request: look whether it "
            "was done, then send it with another key");
    } else if (k->status == NOT_KEPT || (!k->type && k->body.len > 0)) {
        gate_reply_problem(r, 409, "idempotency-key-not-kept", "It was done before",
                           "its answer was a secret that is shown once, a stream or large, and was "
                           "not kept: look at what it made, or send it with another key");
    } else {
        gate_reply_header(r, "idempotency-replayed", CORE_STR("true"));
        if (k->type)
            gate_reply(r, k->status, k->type, core_buf_str(&k->body));
        else
            gate_reply_empty(r, k->status);
    }
}

static void begin_done(struct gate_request *r, void *arg)
{
    struct gate_keyed *k = arg;
    if (k->err || k->found) {
        r->keyed = NULL; /* this answer is nobody's to keep */
        if (k->err)
            gate_reply_error(r, k->err, NULL);
        else
            replay(r, k);
        keyed_free(k);
        return;
    }
    r->route->handle(r);
}

bool gate__keyed_begin(struct gate_request *r)
{
    struct core_str field, key;
    if (r->route->keyed == GATE_KEYED_NO || !r->account ||
        !bus_head_find(&r->head, CORE_STR("idempotency-key"), &field))
        return false;
    if (!key_read(field, &key)) {
        gate_reply_problem(r, 400, "invalid-field", "A field is not valid",
                           "`Idempotency-Key` must have 1 to 255 visible characters of ASCII");
        return true;
    }
    struct gate_keyed *k = core_alloc(sizeof *k);
    core_buf_init(&k->body, GATE_LIMIT_KEYED_ANSWER);
    keyed_name(r, key, k);
    for (struct gate_keyed *other = r->gate->keyed; other; other = other->next) {
        if (memcmp(other->id, k->id, sizeof k->id))
            continue;
        bool same = !memcmp(other->print, k->print, sizeof k->print);
        free(k);
        if (other->answered) {
            other->same = same;
            replay(r, other);
        } else if (same) {
            gate_reply_header(r, "retry-after", CORE_STR("1"));
            gate_reply_problem(r, 409, "idempotency-key-in-progress",
                               "The first request with this key is being answered",
                               "wait, then send it again");
        } else {
            refuse_reused(r);
        }
        return true;
    }
    k->gate = r->gate;
    k->next = r->gate->keyed;
    k->at = &r->gate->keyed;
    if (k->next)
        k->next->at = &k->next;
    r->gate->keyed = k;
    r->keyed = k;
    gate_work(r, begin_run, begin_done, k);
    return true;
}

/* Not the client's doing, or (499) it left and what it
 * asked was cancelled: the same again may fare better. */
static bool is_passing(int status)
{
    return status >= 500 || status == 499 || status == 429 || status == 408 || status == 402;
}

void gate__keyed_answered(struct gate_request *r)
{
    struct gate_keyed *k = r->keyed;
    if (!k->begun || is_passing(r->status)) {
        gate__keyed_dropped(r);
        return;
    }
    struct core_str body = r->outside.ptr ? r->outside : core_buf_str(&r->out);
    const char *type = known_type(core_str(r->content_type ? r->content_type : ""));
    bool keep = !r->streaming && body.len <= GATE_LIMIT_KEYED_ANSWER && (type || body.len == 0) &&
                (r->route->keyed == GATE_KEYED || r->status >= 400);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    r->keyed = NULL;
    k->answered = true;
    k->status = keep ? r->status : NOT_KEPT;
    k->type = keep ? type : NULL;
    core_buf_add_str(&k->body, keep ? body : CORE_STR(""));
    store_put(batch, STORE_ROWS_ANY,
              "UPDATE idempotency SET status = $2, type = $3, body = $4 WHERE id = $1",
              STORE_B(k->id, sizeof k->id), STORE_I(k->status), STORE_C(k->type ? k->type : ""),
              STORE_B(keep ? body.ptr : "", keep ? body.len : 0));
    store_write(r->gate->services.store, batch, on_kept, k);
}

void gate__keyed_dropped(struct gate_request *r)
{
    struct gate_keyed *k = r->keyed;
    r->keyed = NULL;
    if (!k->begun) {
        keyed_free(k); /* a row that is there has the answer of one before */
        return;
    }
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM idempotency WHERE id = $1",
              STORE_B(k->id, sizeof k->id));
    store_write(r->gate->services.store, batch, on_kept, k);
}

void gate_keyed_erase(struct store_batch *batch, struct core_str account)
{
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM idempotency WHERE account = $1",
              STORE_T(account));
}
