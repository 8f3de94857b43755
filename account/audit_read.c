/* audit_read.c: listing, verifying and shortening the chain of audit.c. */
#include "account/room.h"

#include "core/err.h"

#include <stdio.h>

#define COLUMNS                                                                                    \
    "SELECT seq, at_ms, actor, name, login, key_id, address, request, act, object, outcome, "      \
    "detail, hash FROM audit "

static void row_read(const struct store_row *row, struct account_audit_row *ret)
{
    *ret = (struct account_audit_row){
        .seq = store_row_i64(row, 0),
        .at_ms = store_row_i64(row, 1),
        .actor = store_row_str(row, 2),
        .name = store_row_str(row, 3),
        .login = store_row_str(row, 4),
        .key = store_row_str(row, 5),
        .address = store_row_str(row, 6),
        .request = store_row_str(row, 7),
        .act = store_row_str(row, 8),
        .object = store_row_str(row, 9),
        .outcome = store_row_str(row, 10),
        .detail = store_row_str(row, 11),
    };
}

/* --- Listing ---------------------------------------------------------------------------------- */

struct listing {
    int (*on_row)(void *arg, const struct account_audit_row *row);
    void *arg;
};

static int on_listed(void *arg, const struct store_row *row)
{
    const struct listing *l = arg;
    struct account_audit_row out;
    row_read(row, &out);
    return l->on_row(l->arg, &out);
}

int account_audit_list(struct store *store, const struct account_audit_query *q,
                       int (*on_row)(void *arg, const struct account_audit_row *row), void *arg)
{
#define NEWEST " seq < $1 ORDER BY seq DESC LIMIT $2"
    struct listing listing = {on_row, arg};
    const struct store_value before = STORE_I(q->before > 0 ? q->before : INT64_MAX);
    const struct store_value limit = STORE_I(q->limit);
    if (q->act.len > 0 && q->actor.len > 0) {
        const struct store_value params[] = {before, limit, STORE_T(q->act), STORE_T(q->actor)};
        return store_read(store, COLUMNS "WHERE act = $3 AND actor = $4 AND" NEWEST, params, 4,
                          on_listed, &listing);
    }
    if (q->act.len > 0) {
        const struct store_value params[] = {before, limit, STORE_T(q->act)};
        return store_read(store, COLUMNS "WHERE act = $3 AND" NEWEST, params, 3, on_listed,
                          &listing);
    }
    if (q->actor.len > 0) {
        const struct store_value params[] = {before, limit, STORE_T(q->actor)};
        return store_read(store, COLUMNS "WHERE actor = $3 AND" NEWEST, params, 3, on_listed,
                          &listing);
    }
    const struct store_value params[] = {before, limit};
    return store_read(store, COLUMNS "WHERE" NEWEST, params, 2, on_listed, &listing);
#undef NEWEST
}

/* --- Verifying -------------------------------------------------------------------------------- */

struct head {
    int64_t seq, base;
    unsigned char hash[CORE_SHA256_SIZE], base_hash[CORE_SHA256_SIZE];
    bool found;
};

struct walk {
    struct store *store;
    struct head head;
    struct account_audit_report *report;
    struct core_buf text;
    int64_t next;
    unsigned char hash[CORE_SHA256_SIZE];
    bool base_told; /* the last row that says what was removed says what the head says */
};

enum { STOP = 1 };

static int wrong(struct walk *w, int64_t seq, const char *what)
{
    w->report->bad = seq;
    snprintf(w->report->what, sizeof w->report->what, "%s", what);
    return STOP;
}

static int on_head(void *arg, const struct store_row *row)
{
    struct head *head = arg;
    struct core_str hash = store_row_str(row, 1), base_hash = store_row_str(row, 3);
    head->seq = store_row_i64(row, 0);
    head->base = store_row_i64(row, 2);
    if (hash.len != CORE_SHA256_SIZE || base_hash.len != CORE_SHA256_SIZE) {
        return STOP;
    }
    memcpy(head->hash, hash.ptr, hash.len);
    memcpy(head->base_hash, base_hash.ptr, base_hash.len);
    head->found = true;
    return 0;
}

static int head_read(struct store *store, struct head *ret)
{
    struct head head = {0};
    int err = store_read(store, "SELECT seq, hash, base_seq, base_hash FROM audit_head", NULL, 0,
                         on_head, &head);
    *ret = head;
    return err < 0 ? err : 0;
}

static void hex(const unsigned char hash[static CORE_SHA256_SIZE], char out[static 65])
{
    for (unsigned i = 0; i < CORE_SHA256_SIZE; i++) {
        snprintf(out + (size_t)i * 2, 3, "%02x", hash[i]);
    }
}

static void prune_detail(const unsigned char hash[static CORE_SHA256_SIZE], char out[static 96])
{
    char text[65];
    hex(hash, text);
    snprintf(out, 96, "{\"hash\":\"%s\"}", text);
}

/* What `audit.pruned` says of the head's base. */
static bool tells_base(const struct walk *w, const struct account_audit_row *row)
{
    char seq[24], detail[96];
    snprintf(seq, sizeof seq, "%lld", (long long)w->head.base);
    prune_detail(w->head.base_hash, detail);
    return core_str_eq_c(row->object, seq) && core_str_eq_c(row->detail, detail);
}

static int on_link(void *arg, const struct store_row *stored)
{
    struct walk *w = arg;
    struct account_audit_row row;
    unsigned char n[8];
    struct core_str hash = store_row_str(stored, 12);
    row_read(stored, &row);
    if (row.seq != w->next) {
        return wrong(w, w->next, row.seq > w->next ? "the row is missing" : "a row was put before");
    }
    const struct core_str texts[ACCOUNT_AUDIT_TEXTS] = {
        row.actor,   row.name, row.login,  row.key,     row.address,
        row.request, row.act,  row.object, row.outcome, row.detail};
    core_buf_clear(&w->text);
    core_buf_add(&w->text, w->hash, sizeof w->hash);
    for (int i = 7, shift = 0; i >= 0; i--, shift += 8) {
        n[i] = (unsigned char)((uint64_t)row.seq >> shift);
    }
    core_buf_add(&w->text, n, sizeof n);
    account__audit_encode(&w->text, row.at_ms, texts, ACCOUNT_AUDIT_TEXTS);
    if (core_buf_error(&w->text)) {
        return wrong(w, row.seq, "the row is larger than any that is written");
    }
    core_sha256(core_buf_str(&w->text), w->hash);
    if (!core_str_eq(hash, core_strn(w->hash, sizeof w->hash))) {
        return wrong(w, row.seq, "its content and the row before do not make its hash");
    }
    if (core_str_eq_c(row.act, account_act_name(ACCOUNT_ACT_AUDIT_PRUNED))) {
        w->base_told = tells_base(w, &row);
    }
    w->report->rows++;
    w->report->first = w->report->first ? w->report->first : row.seq;
    w->report->last = row.seq;
    w->next++;
    return 0;
}

static int walk_run(void *arg)
{
    struct walk *w = arg;
    int err = head_read(w->store, &w->head);
    if (err) {
        return err;
    }
    if (!w->head.found) {
        return wrong(w, 1, "the head, which remembers the last row, is missing");
    }
    memcpy(w->hash, w->head.base_hash, sizeof w->hash);
    w->next = w->head.base + 1;
    err = store_read(w->store, COLUMNS "ORDER BY seq", NULL, 0, on_link, w);
    if (err) {
        return err;
    }
    if (w->next - 1 != w->head.seq) {
        return wrong(w, w->next - 1 < w->head.seq ? w->next : w->head.seq + 1,
                     w->next - 1 < w->head.seq
                         ? "the row is missing, and all after it: the end was cut off"
                         : "the row is behind the end that the head remembers");
    }
    if (memcmp(w->hash, w->head.hash, sizeof w->hash) != 0) {
        return wrong(w, w->head.seq, "the head remembers another hash");
    }
    if (w->head.base > 0 && !w->base_told) {
        return wrong(w, w->head.base, "rows up to this were removed, and no row says so");
    }
    hex(w->hash, w->report->head);
    return 0;
}

int account_audit_verify(struct store *store, struct account_audit_report *ret)
{
    struct account_audit_report report = {0};
    struct walk w = {.store = store, .report = &report};
    core_buf_init(&w.text, ACCOUNT_LIMIT_AUDIT_ROW + CORE_SHA256_SIZE + 8);
    int err = store_snapshot(store, walk_run, &w);
    core_buf_done(&w.text);
    if (err < 0) {
        return err;
    }
    *ret = report;
    return 0;
}

/* --- Shortening ------------------------------------------------------------------------------- */

static int on_old(void *arg, const struct store_row *row)
{
    struct head *old = arg;
    struct core_str hash = store_row_str(row, 1);
    old->base = store_row_i64(row, 0);
    if (hash.len == CORE_SHA256_SIZE) {
        memcpy(old->base_hash, hash.ptr, hash.len);
        old->found = true;
    }
    return STOP;
}

int account_audit_prune(const struct core_env *env, struct store *store, unsigned days)
{
    struct head old = {0};
    char seq[24], detail[96];
    const struct store_value before = STORE_I(core_wall_ms(env) - days * 86400000ll);
    /* The rows in front of the first that is young:
     * times may go back where clocks do, numbers never. */
    int err = store_read(store,
                         "SELECT seq, hash FROM audit WHERE seq < COALESCE((SELECT min(seq) FROM "
                         "audit WHERE at_ms >= $1), (SELECT max(seq) FROM audit)) "
                         "ORDER BY seq DESC LIMIT 1",
                         &before, 1, on_old, &old);
    if (err < 0 || !old.found) {
        return err < 0 ? err : 0;
    }
    snprintf(seq, sizeof seq, "%lld", (long long)old.base);
    prune_detail(old.base_hash, detail);
    const struct account_event event = {
        .act = ACCOUNT_ACT_AUDIT_PRUNED, .object = core_str(seq), .detail = core_str(detail)};
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE audit_head SET base_seq = $1, base_hash = $2 WHERE id = 1 AND base_seq < $1 "
              "AND EXISTS (SELECT 1 FROM audit WHERE seq = $1 AND hash = $2)",
              STORE_I(old.base), STORE_B(old.base_hash, sizeof old.base_hash));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM audit WHERE seq <= $1", STORE_I(old.base));
    account_audit_add(env, batch, &event);
    return store_write_wait(store, batch);
}
