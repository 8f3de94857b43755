/*
 * audit.c: adding rows to the chain. Reading and verifying it is audit_read.c.
 *
 * Who numbers the rows? Many batches are queued at once and any of them may roll back, so a caller
 * cannot know which row comes before its own, and one that guessed and tried again would wait for
 * every other. The writer can: it executes batches one after the other, each in a savepoint. So
 * number and hash are computed by the statement itself, from the head row, as of the moment when
 * the batch is executed; a batch that rolls back takes its row and the step of the head with it,
 * and the next one continues where the last committed one stood. It holds for every engine, since
 * sha256_link() depends on nothing but its arguments.
 *
 * A flood of refused logins must not fill the disk: see `counted` in audit.h. What was counted lies
 * in memory until its minute is over, so a crash may lose the number of a part of a minute, never
 * one of the first rows of it.
 */
#include "account/room.h"

#include "core/err.h"
#include "core/log.h"

#include <assert.h>
#include <stdio.h>

enum { MINUTE_MS = 60000 };

static const struct {
    const char *name;
    bool counted;
} acts[] = {
#define X(id, name, counted) [ACCOUNT_ACT_##id] = {name, counted},
    ACCOUNT_ACTS(X)
#undef X
};

const char *account_act_name(enum account_act act)
{
    assert(act < ACCOUNT_ACT_COUNT);
    return acts[act].name;
}

/* --- Rows ------------------------------------------------------------------------------------- */

void account__audit_encode(struct core_buf *out, int64_t at_ms, const struct core_str *texts,
                           size_t count)
{
    unsigned char n[8];
    core_buf_add_str(out, CORE_STR("sky audit 1"));
    for (int i = 7, shift = 0; i >= 0; i--, shift += 8) {
        n[i] = (unsigned char)((uint64_t)at_ms >> shift);
    }
    core_buf_add(out, n, sizeof n);
    for (size_t i = 0; i < count; i++) {
        const unsigned char len[4] = {
            (unsigned char)(texts[i].len >> 24), (unsigned char)(texts[i].len >> 16),
            (unsigned char)(texts[i].len >> 8), (unsigned char)texts[i].len};
        core_buf_add(out, len, sizeof len);
        core_buf_add_str(out, texts[i]);
    }
}

/* Text that the store takes whatever it was: bytes that are none become "?". */
static struct core_str clean(struct core_str text, size_t max, char *out)
{
    struct core_str s = text;
    if (!core_utf8_valid(s)) {
        s.len = s.len < max ? s.len : max;
        for (size_t i = 0; i < s.len; i++) {
            out[i] = (unsigned char)s.ptr[i] < 0x80 ? s.ptr[i] : '?';
        }
    } else {
        s.len = core_utf8_cut(s, max);
        if (s.len > 0) {
            memcpy(out, s.ptr, s.len);
        }
    }
    for (size_t i = 0; i < s.len; i++) {
        out[i] = (unsigned char)out[i] < ' ' || out[i] == 0x7f ? '?' : out[i];
    }
    return core_strn(out, s.len);
}

void account_audit_add(const struct core_env *env, struct store_batch *batch,
                       const struct account_event *event)
{
    static const struct account_actor nobody;
    const struct account_actor *by = event->by ? event->by : &nobody;
    const bool whole = event->detail.len > 0 && event->detail.len <= ACCOUNT_LIMIT_AUDIT_DETAIL;
    const struct core_str given[ACCOUNT_AUDIT_TEXTS] = {
        by->id,
        by->name,
        by->login,
        by->key,
        by->address,
        by->request,
        core_str(account_act_name(event->act)),
        event->object,
        core_str(event->outcome ? event->outcome : "ok"),
        whole ? event->detail : CORE_STR("{}"),
    };
    char room[ACCOUNT_AUDIT_TEXTS][ACCOUNT_LIMIT_AUDIT_TEXT];
    char detail[ACCOUNT_LIMIT_AUDIT_DETAIL];
    struct core_str t[ACCOUNT_AUDIT_TEXTS];
    struct core_buf row;
    int64_t at_ms = core_wall_ms(env);
    for (size_t i = 0; i < ACCOUNT_AUDIT_TEXTS; i++) {
        bool last = i + 1 == ACCOUNT_AUDIT_TEXTS;
        t[i] = clean(given[i], last ? sizeof detail : sizeof *room, last ? detail : room[i]);
    }
    core_buf_init(&row, ACCOUNT_LIMIT_AUDIT_ROW);
    account__audit_encode(&row, at_ms, t, ACCOUNT_AUDIT_TEXTS);
    store_put(batch, 1,
              "INSERT INTO audit (seq, at_ms, actor, name, login, key_id, address, request, act, "
              "object, outcome, detail, hash) "
              "SELECT seq + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
              "sha256_link(hash, seq + 1, $12) FROM audit_head",
              STORE_I(at_ms), STORE_T(t[0]), STORE_T(t[1]), STORE_T(t[2]), STORE_T(t[3]),
              STORE_T(t[4]), STORE_T(t[5]), STORE_T(t[6]), STORE_T(t[7]), STORE_T(t[8]),
              STORE_T(t[9]), STORE_B(row.ptr, row.len));
    store_put(batch, 1,
              "UPDATE audit_head SET seq = seq + 1, "
              "hash = (SELECT a.hash FROM audit a WHERE a.seq = audit_head.seq + 1) WHERE id = $1",
              STORE_I(1));
    core_buf_done(&row);
}

void account__audit_put(const struct accounts *a, struct store_batch *batch, enum account_act act,
                        const struct account_actor *by, struct core_str object, const char *detail)
{
    account_audit_add(
        a->env, batch,
        &(const struct account_event){
            .act = act, .by = by, .object = object, .detail = core_str(detail ? detail : "")});
}

static void row_write(struct accounts *a, const struct account_event *event)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    account_audit_add(a->env, batch, event);
    store_write(a->store, batch, NULL, NULL);
}

/* --- What is counted -------------------------------------------------------------------------- */

static void counted_write(struct accounts *a, enum account_act act)
{
    struct account_counted *c = &a->counted[act];
    char detail[96], since[CORE_TIME_SIZE];
    if (c->more > 0) {
        core_time_format(c->minute * MINUTE_MS, since);
        snprintf(detail, sizeof detail, "{\"count\":%u,\"since\":\"%s\"}", c->more, since);
        row_write(a, &(const struct account_event){
                         .act = act, .outcome = "counted", .detail = core_str(detail)});
    }
    *c = (struct account_counted){0};
}

void account_audit_tick(struct accounts *a)
{
    int64_t minute = core_wall_ms(a->env) / MINUTE_MS;
    for (unsigned act = 0; act < ACCOUNT_ACT_COUNT; act++) {
        if (a->counted[act].minute != minute) {
            counted_write(a, (enum account_act)act);
        }
    }
}

void account__audit_done(struct accounts *a)
{
    for (unsigned act = 0; act < ACCOUNT_ACT_COUNT; act++) {
        counted_write(a, (enum account_act)act);
    }
}

void account_audit(struct accounts *a, const struct account_event *event)
{
    if (!acts[event->act].counted) {
        row_write(a, event);
        return;
    }
    struct account_counted *c = &a->counted[event->act];
    int64_t minute = core_wall_ms(a->env) / MINUTE_MS;
    if (c->minute != minute) {
        counted_write(a, event->act);
        c->minute = minute;
    }
    if (c->each < ACCOUNT_AUDIT_EACH) {
        c->each++;
        row_write(a, event);
    } else if (c->more < UINT32_MAX) {
        c->more++;
    }
}
