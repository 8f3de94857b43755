/*
 * session.c: browser sessions. The cookie is a secret; the store and this memory hold its SHA-256.
 *
 * All live sessions are in memory (there are few), so a request is checked without the store. The
 * oldest gives way when the cap is reached.
 */
#include "account/room.h"

static const int64_t SESSION_MS = (int64_t)ACCOUNT_LIMIT_SESSION_S * 1000;

static int on_row(void *arg, const struct store_row *row)
{
    struct account_sessions *s = arg;
    struct core_str hash = store_row_str(row, 0);
    if (hash.len != CORE_SHA256_SIZE || s->count == ACCOUNT_LIMIT_SESSIONS) {
        return 0;
    }
    struct account_session *item = &s->items[s->count++];
    memcpy(item->hash, hash.ptr, CORE_SHA256_SIZE);
    item->expires_ms = store_row_i64(row, 1);
    return 0;
}

int account__sessions_load(struct account_sessions *s)
{
    const struct store_value now = STORE_I(core_wall_ms(s->env));
    s->items = core_alloc_array(ACCOUNT_LIMIT_SESSIONS, sizeof *s->items);
    return store_read(s->store,
                      "SELECT token_hash, expires_ms FROM session WHERE expires_ms > $1 "
                      "ORDER BY created_ms",
                      &now, 1, on_row, s);
}

void account__sessions_done(struct account_sessions *s)
{
    free(s->items);
    s->items = NULL;
    s->count = 0;
}

/* Index of the session, or −1. The hash is compared, so the time taken tells nothing of the secret. */
static ssize_t session_find(const struct account_sessions *s,
                            const unsigned char hash[static CORE_SHA256_SIZE])
{
    for (size_t i = s->count; i-- > 0;) {
        if (memcmp(s->items[i].hash, hash, CORE_SHA256_SIZE) == 0) {
            return (ssize_t)i;
        }
    }
    return -1;
}

static void session_drop(struct account_sessions *s, size_t at)
{
    memmove(&s->items[at], &s->items[at + 1], (s->count - at - 1) * sizeof *s->items);
    s->count--;
}

bool account__session_known(struct account_sessions *s, struct core_str session)
{
    unsigned char hash[CORE_SHA256_SIZE];
    core_sha256(session, hash);
    ssize_t at = session_find(s, hash);
    if (at < 0) {
        return false;
    }
    if (s->items[at].expires_ms <= core_wall_ms(s->env)) {
        session_drop(s, (size_t)at);
        return false;
    }
    return true;
}

void account__session_add(struct account_sessions *s, struct core_str session,
                          const struct account_actor *by, void (*acked)(void *arg, int status),
                          void *arg)
{
    int64_t now = core_wall_ms(s->env);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    if (s->count == ACCOUNT_LIMIT_SESSIONS) {
        store_put(batch, STORE_ROWS_ANY, "DELETE FROM session WHERE token_hash = $1",
                  STORE_B(s->items[0].hash, CORE_SHA256_SIZE));
        session_drop(s, 0);
    }
    struct account_session *item = &s->items[s->count++];
    core_sha256(session, item->hash);
    item->expires_ms = now + SESSION_MS;
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM session WHERE expires_ms <= $1", STORE_I(now));
    store_put(batch, 1,
              "INSERT INTO session (token_hash, created_ms, expires_ms) VALUES ($1, $2, $3)",
              STORE_B(item->hash, CORE_SHA256_SIZE), STORE_I(now), STORE_I(item->expires_ms));
    account_audit_add(s->env, batch,
                      &(const struct account_event){.act = ACCOUNT_ACT_SESSION_MADE, .by = by});
    store_write(s->store, batch, acked, arg);
}

void account__session_end(struct account_sessions *s, struct core_str session,
                          const struct account_actor *by, void (*acked)(void *arg, int status),
                          void *arg)
{
    unsigned char hash[CORE_SHA256_SIZE];
    core_sha256(session, hash);
    ssize_t at = session_find(s, hash);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    if (at >= 0) {
        session_drop(s, (size_t)at);
        account_audit_add(
            s->env, batch,
            &(const struct account_event){.act = ACCOUNT_ACT_SESSION_ENDED, .by = by});
    }
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM session WHERE token_hash = $1",
              STORE_B(hash, sizeof hash));
    store_write(s->store, batch, acked, arg);
}
