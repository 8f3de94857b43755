/*
 * apikey.c: API keys: what a program asks with instead of a person.
 *
 *     sky-01m8d4gq3h5mqx0yhzbcbsvb3q-<32 random bytes in base64url>
 *          └ id: one probe of a table    └ compared by the SHA-256 of the whole
 *
 * 256 random bits need no slow hash. What the loop asks is in memory (view.c).
 */
#include "account/room.h"

#include <assert.h>
#include <stdio.h>

static const char PREFIX[] = "sky-";
enum { ID_AT = sizeof PREFIX - 1, ID_LEN = CORE_ID_SIZE - 1, SECRET_LEN = 43 };
static_assert(ID_AT + ID_LEN + 1 + SECRET_LEN + 1 == ACCOUNT_APIKEY_SIZE, "the parts of a key");

static const struct {
    unsigned scope;
    const char *name;
} scopes[ACCOUNT_SCOPES] = {
    {ACCOUNT_SCOPE_CHAT, "chat"},   {ACCOUNT_SCOPE_EMBED, "embed"},
    {ACCOUNT_SCOPE_GENOM, "genom"}, {ACCOUNT_SCOPE_KNOWLEDGE, "knowledge"},
    {ACCOUNT_SCOPE_LEARN, "learn"}, {ACCOUNT_SCOPE_ADMIN, "admin"},
};

const char *account_scope_name(unsigned scope)
{
    for (size_t i = 0; i < ACCOUNT_SCOPES; i++) {
        if (scopes[i].scope == scope) {
            return scopes[i].name;
        }
    }
    return NULL;
}

unsigned account_scope_named(struct core_str name)
{
    for (size_t i = 0; i < ACCOUNT_SCOPES; i++) {
        if (core_str_eq_c(name, scopes[i].name)) {
            return scopes[i].scope;
        }
    }
    return 0;
}

/* --- Making ----------------------------------------------------------------------------------- */

static int form_check(struct accounts *a, const struct account_apikey_form *f,
                      struct account_why *why)
{
    if (f->set_name && account__label_check(f->name, why)) {
        return CORE_EINVAL;
    }
    if (f->set_scopes && (f->scopes == 0 || f->scopes >= 1u << ACCOUNT_SCOPES)) {
        return account__wrong(why, "scopes",
                              "must name one or more of chat, embed, genom, "
                              "knowledge, learn and admin");
    }
    if (f->set_expires && f->expires_ms != 0 && f->expires_ms <= core_wall_ms(a->env)) {
        return account__wrong(why, "expires_in", "must be seconds from now, or null");
    }
    if (f->set_minute && f->minute != ACCOUNT_UNLIMITED &&
        (f->minute < 1 || f->minute > ACCOUNT_LIMIT_MINUTE)) {
        return account__wrong(why, "per_minute", "must be from 1 to 1000000, or null");
    }
    return 0;
}

/* Part of the batch that adds one: there is none when there are as many as may be. Expired keys
 * count until they are removed. */
static void put_guard(struct store_batch *batch, const struct account_actor *by)
{
    store_put(batch, 1,
              "SELECT 1 FROM tier t WHERE t.name = "
              "coalesce((SELECT a.tier FROM account a WHERE a.id = $1), 'owner') AND "
              "(t.keys_max = -1 OR t.keys_max > "
              "(SELECT count(*) FROM api_key k WHERE k.account_id = $1)) AND "
              "(SELECT count(*) FROM api_key) < $2",
              STORE_T(by->id), STORE_I(ACCOUNT_LIMIT_APIKEYS));
}

int account_apikey_new(struct accounts *a, const struct account_actor *by,
                       const struct account_apikey_form *form,
                       char ret_key[static ACCOUNT_APIKEY_SIZE], char ret_id[static CORE_ID_SIZE],
                       struct account_why *why)
{
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    unsigned char hash[CORE_SHA256_SIZE];
    struct account_apikey_form whole = *form;
    whole.set_name = whole.set_scopes = whole.set_expires = whole.set_minute = true;
    int err = form_check(a, &whole, why);
    if (err) {
        return err;
    }
    core_id_new(a->env, id);
    int n = snprintf(key, sizeof key, "%s%s-", PREFIX, id);
    account__secret_new(a->env, "", key + n, sizeof key - (size_t)n);
    core_sha256(core_str(key), hash);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    put_guard(batch, by);
    store_put(batch, 1,
              "INSERT INTO api_key (id, account_id, name, token_hash, scopes, minute, created_ms, "
              "expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              STORE_C(id), STORE_T(by->id), STORE_T(form->name), STORE_B(hash, sizeof hash),
              STORE_I(form->scopes), STORE_I(form->minute), STORE_I(core_wall_ms(a->env)),
              STORE_I(form->expires_ms));
    account__audit_put(a, batch, ACCOUNT_ACT_KEY_MADE, by, core_str(id), NULL);
    err = account__view_write(a, batch);
    if (!err) {
        memcpy(ret_key, key, sizeof key);
        memcpy(ret_id, id, sizeof id);
    }
    core_wipe(key, sizeof key);
    return err == CORE_EMISMATCH ? CORE_ELIMIT : err;
}

/* --- Those there are -------------------------------------------------------------------------- */

struct listing {
    int (*on_key)(void *arg, const struct account_apikey_info *key);
    void *arg;
};

static int on_row(void *arg, const struct store_row *row)
{
    const struct listing *l = arg;
    const struct account_apikey_info info = {
        .id = store_row_str(row, 0),
        .account = store_row_str(row, 1),
        .name = store_row_str(row, 2),
        .scopes = (unsigned)store_row_i64(row, 3),
        .minute = store_row_i64(row, 4),
        .created_ms = store_row_i64(row, 5),
        .expires_ms = store_row_i64(row, 6),
        .used_ms = store_row_i64(row, 7),
    };
    return l->on_key(l->arg, &info);
}

int account_apikeys(struct accounts *a, struct core_str account, struct core_str after,
                    int64_t limit, int (*on_key)(void *arg, const struct account_apikey_info *key),
                    void *arg)
{
    struct listing listing = {on_key, arg};
    const struct store_value params[] = {STORE_T(account), STORE_T(after), STORE_I(limit)};
    return store_read(
        a->store,
        "SELECT id, account_id, name, scopes, minute, created_ms, expires_ms, used_ms "
        "FROM api_key WHERE ($1 = '' OR account_id = $1) AND id > $2 "
        "ORDER BY id LIMIT $3",
        params, 3, on_row, &listing);
}

/* What was written is what the loop sees before anybody is told. */
static int changed(struct accounts *a, struct store_batch *batch)
{
    int err = account__view_write(a, batch);
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}

int account_apikey_change(struct accounts *a, const struct account_actor *by,
                          struct core_str account, struct core_str id,
                          const struct account_apikey_form *form, struct account_why *why)
{
    int err = form_check(a, form, why);
    if (err) {
        return err;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE api_key SET name = CASE $3 WHEN 1 THEN $4 ELSE name END, "
              "scopes = CASE $5 WHEN 1 THEN $6 ELSE scopes END, "
              "expires_ms = CASE $7 WHEN 1 THEN $8 ELSE expires_ms END, "
              "minute = CASE $9 WHEN 1 THEN $10 ELSE minute END "
              "WHERE id = $1 AND ($2 = '' OR account_id = $2)",
              STORE_T(id), STORE_T(account), STORE_I(form->set_name), STORE_T(form->name),
              STORE_I(form->set_scopes), STORE_I(form->scopes), STORE_I(form->set_expires),
              STORE_I(form->expires_ms), STORE_I(form->set_minute), STORE_I(form->minute));
    account__audit_put(a, batch, ACCOUNT_ACT_KEY_CHANGED, by, id, NULL);
    return changed(a, batch);
}

int account_apikey_revoke(struct accounts *a, const struct account_actor *by,
                          struct core_str account, struct core_str id)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM api_key WHERE id = $1 AND ($2 = '' OR account_id = $2)",
              STORE_T(id), STORE_T(account));
    account__budgets_forget(batch, "key", id);
    account__audit_put(a, batch, ACCOUNT_ACT_KEY_REMOVED, by, id, NULL);
    return changed(a, batch);
}

void account__spending_forget(struct store_batch *batch, struct core_str account)
{
    account__budgets_forget(batch, "account", account);
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM budget_period WHERE budget_id IN "
              "('tier:tokens:' || $1, 'tier:money:' || $1) OR budget_id IN "
              "(SELECT b.id FROM budget b JOIN api_key k ON k.id = b.subject "
              "WHERE b.kind = 'key' AND k.account_id = $1)",
              STORE_T(account));
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM budget WHERE kind = 'key' AND subject IN "
              "(SELECT id FROM api_key WHERE account_id = $1)",
              STORE_T(account));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM api_key WHERE account_id = $1", STORE_T(account));
}

/* --- Asking with one -------------------------------------------------------------------------- */

static void used(struct accounts *a, struct account_apikey *key, int64_t now_ms)
{
    if (now_ms - key->used_ms < ACCOUNT_APIKEY_USED_MS && now_ms >= key->used_ms) {
        return;
    }
    key->used_ms = now_ms;
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, STORE_ROWS_ANY, "UPDATE api_key SET used_ms = $2 WHERE id = $1",
              STORE_C(key->id), STORE_I(now_ms));
    store_write(a->store, batch, NULL, NULL);
}

static const struct account *account_of(const struct account_apikey *key, struct core_pool *pool)
{
    struct account *account = core_pool_alloc(pool, sizeof *account);
    struct core_str id = core_pool_str(pool, core_str(key->account));
    struct core_str name = core_pool_str(pool, core_str(key->name));
    struct core_str role = core_pool_str(pool, core_str(key->role));
    struct core_str own = core_pool_str(pool, core_str(key->id));
    if (!account || !id.ptr || !name.ptr || !role.ptr || !own.ptr) {
        return NULL;
    }
    *account = (struct account){.id = id.ptr,
                                .name = name.ptr,
                                .role = role.ptr,
                                .key = own.ptr,
                                .totp = key->totp,
                                .scopes = key->scopes,
                                .minute = key->minute};
    return account;
}

const struct account *account_by_apikey(struct accounts *a, struct core_str token,
                                        struct core_pool *pool)
{
    static const unsigned char none[CORE_SHA256_SIZE];
    unsigned char hash[CORE_SHA256_SIZE];
    if (token.len != ACCOUNT_APIKEY_SIZE - 1 || !core_str_starts(token, core_str(PREFIX))) {
        return NULL;
    }
    /* A view that is behind the store may hold what was revoked. */
    struct account_apikey *key = accounts_stale(a)
                                     ? NULL
                                     : account__view_key(account__view(a),
                                                         core_strn(token.ptr + ID_AT, ID_LEN));
    core_sha256(token, hash);
    /* One that is not there costs what one costs whose secret is wrong. */
    bool right = core_crypto_eq(core_strn(hash, sizeof hash),
                                core_strn(key ? key->hash : none, sizeof none));
    int64_t now_ms = core_wall_ms(a->env);
    if (!key || !right || (key->expires_ms != 0 && key->expires_ms <= now_ms)) {
        return NULL;
    }
    used(a, key, now_ms);
    return account_of(key, pool);
}
