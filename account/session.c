/*
 * session.c: the logins of browsers. The cookie is a
 * secret; the store and this memory hold its SHA-256.
 *
 * All that go on are in memory, so a request is checked without the store:
 *
 *     SHA-256 of the cookie ─► bucket ─► item ─► next item of the bucket …
 *
 * Items lie without gaps; of two that change places the chains are mended. At the cap the one
 * unused for longest gives way. A session ends when it was not used for ACCOUNT_LIMIT_SESSION_S,
 * and after ACCOUNT_LOGIN_WHOLE_S; that it was used is written down at most once an hour.
 */
#include "account/room.h"

#include <assert.h>

enum { NONE = -1 };

/* --- The table -------------------------------------------------------------------------------- */

static int32_t *bucket_of(struct account_sessions *s,
                          const unsigned char hash[static CORE_SHA256_SIZE])
{
    uint32_t key;
    memcpy(&key, hash, sizeof key);
    return &s->buckets[key % ACCOUNT_LIMIT_SESSIONS];
}

/* The link that leads to an item. */
static int32_t *link_of(struct account_sessions *s, size_t at)
{
    int32_t *link = bucket_of(s, s->items[at].hash);
    while (*link != (int32_t)at) {
        link = &s->items[*link].next;
    }
    return link;
}

static void drop(struct account_sessions *s, size_t at)
{
    size_t last = --s->count;
    *link_of(s, at) = s->items[at].next;
    if (at != last) {
        *link_of(s, last) = (int32_t)at;
        s->items[at] = s->items[last];
    }
    core_wipe(&s->items[last], sizeof s->items[last]);
}

static struct account_session *find(struct account_sessions *s, struct core_str session)
{
    unsigned char hash[CORE_SHA256_SIZE];
    core_sha256(session, hash);
    for (int32_t at = *bucket_of(s, hash); at != NONE; at = s->items[at].next) {
        /* Hashes are compared, so the time taken tells nothing of the secret. */
        if (memcmp(s->items[at].hash, hash, sizeof hash) == 0) {
            return &s->items[at];
        }
    }
    return NULL;
}

/* The one unused for longest ends; nobody waits for it to be written down. */
static void make_room(struct account_sessions *s)
{
    size_t oldest = 0;
    for (size_t i = 1; i < s->count; i++) {
        if (s->items[i].used_ms < s->items[oldest].used_ms) {
            oldest = i;
        }
    }
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, STORE_ROWS_ANY,
              "UPDATE login SET ended_ms = $2 WHERE id = $1 AND ended_ms = 0",
              STORE_C(s->items[oldest].login), STORE_I(core_wall_ms(s->env)));
    account_audit_add(s->env, batch,
                      &(const struct account_event){.act = ACCOUNT_ACT_LOGIN_ENDED,
                                                    .object = core_str(s->items[oldest].login),
                                                    .outcome = "too many"});
    store_write(s->store, batch, NULL, NULL);
    drop(s, oldest);
}

void account__session_add(struct account_sessions *s, const struct account_session *session)
{
    if (s->count == ACCOUNT_LIMIT_SESSIONS) {
        make_room(s);
    }
    int err = core_grow((void **)&s->items, &s->cap, s->count, sizeof *s->items,
                        ACCOUNT_LIMIT_SESSIONS);
    assert(err == 0);
    int32_t *bucket = bucket_of(s, session->hash);
    s->items[s->count] = *session;
    s->items[s->count].next = *bucket;
    *bucket = (int32_t)s->count++;
}

void account__session_drop(struct account_sessions *s, const char *login)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->items[i].login, login) == 0) {
            drop(s, i);
            return;
        }
    }
}

void account__sessions_drop(struct account_sessions *s, const char *account, const char *keep)
{
    /* From the end: the last takes the place of the one that goes. */
    for (size_t i = s->count; i-- > 0;) {
        if (strcmp(s->items[i].user.id, account) == 0 && strcmp(s->items[i].login, keep) != 0) {
            drop(s, i);
        }
    }
}

void account__session_change(struct account_sessions *s, const struct account_user *user)
{
    for (size_t i = 0; i < s->count; i++) {
        struct account_user *old = &s->items[i].user;
        if (strcmp(old->id, user->id) == 0 && old->version <= user->version) {
            *old = *user;
        }
    }
}

/* --- From the store --------------------------------------------------------------------------- */

static int on_row(void *arg, const struct store_row *row)
{
    struct account_sessions *s = arg;
    struct account_session item = {.begun_ms = store_row_i64(row, 5),
                                   .used_ms = store_row_i64(row, 2),
                                   .expires_ms = store_row_i64(row, 3),
                                   .file = store_row_i64(row, 4) != 0};
    struct core_str hash = store_row_str(row, 1);
    if (hash.len != CORE_SHA256_SIZE || s->count == ACCOUNT_LIMIT_SESSIONS) {
        return 0;
    }
    memcpy(item.hash, hash.ptr, CORE_SHA256_SIZE);
    account__copy(store_row_str(row, 0), item.login, sizeof item.login);
    account__user_of_row(row, 6, &item.user);
    if (!*item.user.id) {
        account__owner_unregistered(&item.user);
    }
    account__session_add(s, &item);
    return 0;
}

int account__sessions_load(struct account_sessions *s)
{
    const struct store_value now = STORE_I(core_wall_ms(s->env));
    s->buckets = core_alloc_array(ACCOUNT_LIMIT_SESSIONS, sizeof *s->buckets);
    for (size_t i = 0; i < ACCOUNT_LIMIT_SESSIONS; i++) {
        s->buckets[i] = NONE;
    }
    return store_read(
        s->store,
        "SELECT login.id, cookie, used_ms, expires_ms, by_file, login.created_ms, " ACCOUNT_USER_COLUMNS
        " FROM login LEFT JOIN account ON account.id = login.account_id "
        "WHERE cookie IS NOT NULL AND ended_ms = 0 AND expires_ms > $1 "
        "AND (account.disabled = 0 OR (account.id IS NULL AND login.account_id = 'owner')) "
        "ORDER BY used_ms DESC",
        &now, 1, on_row, s);
}

void account__sessions_done(struct account_sessions *s)
{
    if (s->count > 0) {
        core_wipe(s->items, s->count * sizeof *s->items);
    }
    free(s->items);
    free(s->buckets);
    *s = (struct account_sessions){0};
}

/* --- Asking ----------------------------------------------------------------------------------- */

static void touch(struct account_sessions *s, struct account_session *item, int64_t now)
{
    item->used_ms = now;
    item->expires_ms = account__login_expires(item->begun_ms, now, ACCOUNT_LIMIT_SESSION_S);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, STORE_ROWS_ANY,
              "UPDATE login SET used_ms = $2, expires_ms = $3 WHERE id = $1 AND ended_ms = 0",
              STORE_C(item->login), STORE_I(now), STORE_I(item->expires_ms));
    store_write(s->store, batch, NULL, NULL);
}

const struct account *account_by_session(struct accounts *a, struct core_str session,
                                         struct core_pool *pool)
{
    int64_t now = core_wall_ms(a->env);
    account__news_hear(a);
    struct account_session *item = find(&a->sessions, session);
    if (!item || item->expires_ms <= now) {
        return NULL;
    }
    if (now - item->used_ms > ACCOUNT_SESSION_TOUCH_S * 1000ll) {
        touch(&a->sessions, item, now);
    }
    struct account *account = account__of_user(&item->user, item->login, pool);
    if (account) {
        account->cookie = true;
        account->file = item->file;
    }
    return account;
}
