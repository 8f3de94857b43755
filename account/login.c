/*
 * login.c: logins: what a person begins with a password on one device and ends by logging out.
 *
 *     begin ── refresh ── refresh ── … ── end
 *      turn 0     1          2
 *
 * A refresh token names its login and a turn, under a MAC, so that the store holds nothing that
 * could be stolen from it. The store counts the turns: the token of the turn that is due takes it,
 * in one statement; one of an earlier turn was used before, so two parties hold the chain, and the
 * login ends for both.
 */
#include "account/room.h"

#include <assert.h>
#include <stdio.h>

enum { MAC_TEXT = 43, TURN_MOST = 1 << 30 };
static const char PREFIX[] = "skr_";

/* --- Refresh tokens --------------------------------------------------------------------------- */

static void refresh_mac(const struct account_keys *keys, struct core_str of,
                        char out[static MAC_TEXT + 2])
{
    unsigned char mac[CORE_SHA256_SIZE];
    core_hmac_sha256(core_strn(keys->mac, sizeof keys->mac), of, mac);
    core_base64_encode(mac, sizeof mac, true, out);
    core_wipe(mac, sizeof mac);
}

void account__refresh_write(const struct account_keys *keys, const char *login, int64_t turn,
                            char out[static ACCOUNT_REFRESH_SIZE])
{
    char mac[MAC_TEXT + 2];
    int n = snprintf(out, ACCOUNT_REFRESH_SIZE, "%s%s.%lld", PREFIX, login, (long long)turn);
    assert(n > 0 && n + 1 + MAC_TEXT < ACCOUNT_REFRESH_SIZE);
    refresh_mac(keys, core_strn(out, (size_t)n), mac);
    out[n] = '.';
    memcpy(out + n + 1, mac, MAC_TEXT + 1);
    core_wipe(mac, sizeof mac);
}

int account__refresh_read(const struct account_keys *keys, struct core_str token,
                          char ret_login[static CORE_ID_SIZE], int64_t *ret_turn)
{
    struct core_str rest, login, turn;
    char mac[MAC_TEXT + 2];
    if (token.len <= MAC_TEXT + 1 || token.len >= ACCOUNT_REFRESH_SIZE ||
        token.ptr[token.len - MAC_TEXT - 1] != '.') {
        return CORE_EAUTH;
    }
    struct core_str of = core_strn(token.ptr, token.len - MAC_TEXT - 1);
    refresh_mac(keys, of, mac);
    bool right = core_crypto_eq(core_strn(mac, MAC_TEXT),
                                core_strn(token.ptr + token.len - MAC_TEXT, MAC_TEXT));
    core_wipe(mac, sizeof mac); /* of one that is wrong it is what would have been right */
    if (!right || !core_str_starts(of, core_str(PREFIX))) {
        return CORE_EAUTH;
    }
    rest = core_strn(of.ptr + sizeof PREFIX - 1, of.len - (sizeof PREFIX - 1));
    if (!core_str_split(&rest, '.', &login) || login.len >= CORE_ID_SIZE ||
        !core_str_split(&rest, '.', &turn) || core_str_to_i64(turn, 0, TURN_MOST, ret_turn)) {
        return CORE_EAUTH;
    }
    memcpy(ret_login, login.ptr, login.len);
    ret_login[login.len] = '\0';
    return 0;
}

/* --- Logins that ended ------------------------------------------------------------------------ */

static uint64_t ended_key(struct core_str login)
{
    unsigned char hash[CORE_SHA256_SIZE];
    uint64_t key;
    core_sha256(login, hash);
    memcpy(&key, hash, sizeof key);
    return key;
}

static bool has(const struct account_ended *e, uint64_t key)
{
    for (unsigned i = 0; i < e->next && i < ACCOUNT_LIMIT_ENDED; i++) {
        if (e->keys[i] == key) {
            return true;
        }
    }
    return false;
}

static void put(struct account_ended *e, uint64_t key, int64_t at_s)
{
    unsigned at = e->next % ACCOUNT_LIMIT_ENDED;
    if (e->next >= ACCOUNT_LIMIT_ENDED && e->at_s[at] > e->floor_s) {
        e->floor_s = e->at_s[at];
    }
    e->keys[at] = key;
    e->at_s[at] = at_s;
    e->next++;
}

void account__ended_add(struct account_ended *e, struct core_str login, int64_t at_s)
{
    uint64_t key = ended_key(login);
    if (!has(e, key)) {
        put(e, key, at_s);
    }
}

bool account__ended_has(const struct account_ended *e, const char *login)
{
    return has(e, ended_key(core_str(login)));
}

static int on_ended(void *arg, const struct store_row *row)
{
    struct accounts *a = arg;
    put(&a->ended, ended_key(store_row_str(row, 0)), store_row_i64(row, 1) / 1000);
    return 0;
}

int account__ended_load(struct accounts *a)
{
    const struct store_value since = STORE_I(core_wall_ms(a->env) - ACCOUNT_ACCESS_S * 1000);
    return store_read(a->store,
                      "SELECT id, ended_ms FROM login WHERE ended_ms > $1 ORDER BY ended_ms",
                      &since, 1, on_ended, a);
}

/* --- Beginning, going on, ending -------------------------------------------------------------- */

static void access_fill(struct accounts *a, const char *login, struct account_tokens *tokens)
{
    struct account_claims claims = {.issued_s = core_wall_ms(a->env) / 1000};
    claims.expires_s = claims.issued_s + ACCOUNT_ACCESS_S;
    memcpy(claims.id, tokens->user.id, sizeof claims.id);
    memcpy(claims.name, tokens->user.name, sizeof claims.name);
    memcpy(claims.role, tokens->user.role, sizeof claims.role);
    claims.totp = tokens->user.totp;
    snprintf(claims.login, sizeof claims.login, "%s", login);
    account__access_write(&a->keys, &claims, tokens->access);
}

/* CORE_EMISMATCH: it had ended before. */
static int login_end(struct accounts *a, struct core_str login, const char *outcome,
                     const struct account_actor *by)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "UPDATE login SET ended_ms = $2 WHERE id = $1 AND ended_ms = 0",
              STORE_T(login), STORE_I(core_wall_ms(a->env)));
    account_audit_add(
        a->env, batch,
        &(const struct account_event){
            .act = ACCOUNT_ACT_LOGIN_ENDED, .by = by, .object = login, .outcome = outcome});
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        account__news_ended(a, login);
    }
    return err;
}

struct ending {
    struct core_buf ids;
    unsigned last; /* so many that were used last go on */
};

static int on_ending(void *arg, const struct account_login_info *login)
{
    struct ending *e = arg;
    if (e->last > 0) {
        e->last--;
        return 0;
    }
    return core_buf_add(&e->ids, login->id.ptr, CORE_ID_SIZE - 1);
}

/* Of an account with as many logins as may be, the one unused for longest ends. */
static int make_room(struct accounts *a, struct core_str account)
{
    struct ending e = {.last = ACCOUNT_LIMIT_LOGINS - 1};
    /* Logins that begin at once may pass the limit by a few. */
    core_buf_init(&e.ids, 2 * ACCOUNT_LIMIT_LOGINS * CORE_ID_SIZE);
    int err = account_logins(a, account, on_ending, &e);
    for (size_t at = 0; !err && at < e.ids.len; at += CORE_ID_SIZE - 1) {
        err = login_end(a, core_strn(e.ids.ptr + at, CORE_ID_SIZE - 1), "too many", NULL);
        err = err == CORE_EMISMATCH ? 0 : err;
    }
    core_buf_done(&e.ids);
    return err;
}

void account__logins_end_put(struct store_batch *batch, struct core_str account, const char *keep,
                             int64_t now_ms)
{
    store_put(batch, STORE_ROWS_ANY,
              "UPDATE login SET ended_ms = $3 WHERE account_id = $1 AND id <> $2 AND ended_ms = 0",
              STORE_T(account), STORE_C(keep ? keep : ""), STORE_I(now_ms));
}

static int on_end(void *arg, const struct store_row *row)
{
    account__news_ended(arg, store_row_str(row, 0));
    return 0;
}

struct account_actor account__actor_of(const struct account_user *user,
                                       const struct account_client *client)
{
    return (struct account_actor){.id = core_str(user->id),
                                  .name = core_str(user->name),
                                  .role = core_str(user->role),
                                  .address = client->address,
                                  .request = client->request};
}

void account__logins_end_tell(struct accounts *a, struct core_str account, const char *keep,
                              int64_t now_ms)
{
    const struct store_value params[] = {STORE_T(account), STORE_I(now_ms)};
    if (store_read(a->store, "SELECT id FROM login WHERE account_id = $1 AND ended_ms = $2", params,
                   2, on_end, a)) {
        account__news_lost(a, account, keep);
    }
}

int64_t account__login_expires(int64_t begun_ms, int64_t now_ms, int64_t unused_s)
{
    int64_t whole = begun_ms + ACCOUNT_LOGIN_WHOLE_S * 1000ll, unused = now_ms + unused_s * 1000ll;
    return unused < whole ? unused : whole;
}

static int login_write(struct accounts *a, const struct account_client *client,
                       const struct account_session *s)
{
    /* A header may hold any bytes; the store holds text. */
    struct core_str agent = core_utf8_valid(client->agent) ? client->agent : CORE_STR("");
    agent.len = core_utf8_cut(agent, 200);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM login WHERE expires_ms <= $1",
              STORE_I(s->used_ms - ACCOUNT_ACCESS_S * 1000));
    if (*s->user.email) {
        /* Neither disabled nor with another password since it was proved. */
        store_put(batch, 1,
                  "SELECT id FROM account WHERE id = $1 AND version = $2 AND disabled = 0",
                  STORE_C(s->user.id), STORE_I(s->user.version));
    }
    store_put(batch, 1,
              "INSERT INTO login (id, account_id, turn, agent, address, created_ms, used_ms, "
              "expires_ms, cookie, by_file) VALUES ($1, $2, 0, $3, $4, $5, $5, $6, $7, $8)",
              STORE_C(s->login), STORE_C(s->user.id), STORE_T(agent), STORE_T(client->address),
              STORE_I(s->used_ms), STORE_I(s->expires_ms),
              client->browser ? STORE_B(s->hash, sizeof s->hash) : STORE_N(), STORE_I(s->file));
    struct account_actor by = account__actor_of(&s->user, client);
    char detail[64];
    by.login = core_str(s->login);
    snprintf(detail, sizeof detail, "{\"with\":\"%s\",\"browser\":%s}",
             client->how ? client->how : "password", client->browser ? "true" : "false");
    account__audit_put(a, batch, ACCOUNT_ACT_LOGIN_OK, &by, by.login, detail);
    int err = store_write_wait(a->store, batch);
    return err == CORE_EMISMATCH ? CORE_EBUSY : err;
}

int account__login_begin(struct accounts *a, const struct account_client *client, bool file,
                         struct account_tokens *tokens)
{
    struct account_session s = {.user = tokens->user, .file = file};
    char secret[ACCOUNT_SESSION_SIZE];
    s.begun_ms = s.used_ms = core_wall_ms(a->env);
    s.expires_ms = account__login_expires(
        s.begun_ms, s.used_ms, client->browser ? ACCOUNT_LIMIT_SESSION_S : ACCOUNT_LOGIN_S);
    int err = make_room(a, core_str(tokens->user.id));
    if (err) {
        return err;
    }
    core_id_new(a->env, s.login);
    account__secret_new(a->env, "sks_", secret, sizeof secret);
    core_sha256(core_str(secret), s.hash);
    err = login_write(a, client, &s);
    if (!err) {
        account__news_proved(a, s.login);
    }
    if (!err && client->browser) {
        memcpy(tokens->session, secret, sizeof secret);
        account__news_began(a, &s);
    } else if (!err) {
        account__refresh_write(&a->keys, s.login, 0, tokens->refresh);
        access_fill(a, s.login, tokens);
    }
    core_wipe(secret, sizeof secret);
    return err;
}

int account_login_file(struct accounts *a, const struct account_client *client,
                       struct account_tokens *ret)
{
    struct account_tokens tokens = {0};
    int err = account_read(a, CORE_STR("owner"), &tokens.user);
    if (err == CORE_ENOTFOUND) {
        account__owner_unregistered(&tokens.user);
        err = 0;
    }
    if (!err) {
        err = account__login_begin(a, client, true, &tokens);
    }
    if (!err) {
        *ret = tokens;
    }
    core_wipe(&tokens, sizeof tokens);
    return err;
}

int account_login_end(struct accounts *a, struct core_str login, const struct account_actor *by)
{
    int err = login_end(a, login, NULL, by);
    return err == CORE_EMISMATCH ? 0 : err;
}

/* Takes the turn, or finds out that it was taken. */
static int take_turn(struct accounts *a, const char *login, int64_t turn,
                     const struct account_client *client)
{
    int64_t now = core_wall_ms(a->env);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE login SET turn = turn + 1, used_ms = $3, address = $5, "
              "expires_ms = CASE WHEN $4 < created_ms + $6 THEN $4 ELSE created_ms + $6 END "
              "WHERE id = $1 AND turn = $2 AND ended_ms = 0 AND expires_ms > $3",
              STORE_C(login), STORE_I(turn), STORE_I(now), STORE_I(now + ACCOUNT_LOGIN_S * 1000ll),
              STORE_T(client->address), STORE_I(ACCOUNT_LOGIN_WHOLE_S * 1000ll));
    int err = store_write_wait(a->store, batch);
    if (err != CORE_EMISMATCH) {
        return err;
    }
    const struct store_value params[] = {STORE_C(login), STORE_I(now)};
    int64_t goes_on = 0;
    err = store_read_i64(a->store,
                         "SELECT count(*) FROM login "
                         "WHERE id = $1 AND ended_ms = 0 AND expires_ms > $2",
                         params, 2, &goes_on);
    if (err || goes_on == 0) {
        return err ? err : CORE_EAUTH; /* its time is over */
    }
    const struct account_actor by = {.address = client->address, .request = client->request};
    err = login_end(a, core_str(login), "refresh token used twice", &by);
    return err && err != CORE_EMISMATCH ? err : CORE_EAUTH;
}

int account_refresh(struct accounts *a, struct core_str refresh,
                    const struct account_client *client, struct account_tokens *ret)
{
    char login[CORE_ID_SIZE];
    struct account_tokens tokens = {0};
    bool disabled = false;
    int64_t turn;
    int err = account__refresh_read(&a->keys, refresh, login, &turn);
    if (err) {
        return err;
    }
    err = account__person_read(a, ACCOUNT_PERSON_BY_LOGIN, core_str(login), &tokens.user, NULL,
                               &disabled);
    if (err || disabled) {
        return err && err != CORE_ENOTFOUND ? err : CORE_EAUTH;
    }
    err = take_turn(a, login, turn, client);
    if (!err) {
        account__refresh_write(&a->keys, login, turn + 1, tokens.refresh);
        access_fill(a, login, &tokens);
        *ret = tokens;
    }
    core_wipe(&tokens, sizeof tokens);
    return err;
}

/* --- Those that go on ------------------------------------------------------------------------ */

struct listing {
    int (*on_login)(void *arg, const struct account_login_info *login);
    void *arg;
};

static int on_login_row(void *arg, const struct store_row *row)
{
    const struct listing *l = arg;
    const struct account_login_info info = {
        .id = store_row_str(row, 0),
        .agent = store_row_str(row, 1),
        .address = store_row_str(row, 2),
        .created_ms = store_row_i64(row, 3),
        .used_ms = store_row_i64(row, 4),
    };
    return l->on_login(l->arg, &info);
}

int account_logins(struct accounts *a, struct core_str account,
                   int (*on_login)(void *arg, const struct account_login_info *login), void *arg)
{
    struct listing listing = {on_login, arg};
    const struct store_value params[] = {STORE_T(account), STORE_I(core_wall_ms(a->env))};
    return store_read(a->store,
                      "SELECT id, agent, address, created_ms, used_ms FROM login "
                      "WHERE account_id = $1 AND ended_ms = 0 AND expires_ms > $2 "
                      "ORDER BY used_ms DESC, id DESC",
                      params, 2, on_login_row, &listing);
}

int account_login_revoke(struct accounts *a, struct core_str account, struct core_str login,
                         const struct account_actor *by)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE login SET ended_ms = $3 WHERE id = $1 AND account_id = $2 AND ended_ms = 0",
              STORE_T(login), STORE_T(account), STORE_I(core_wall_ms(a->env)));
    account_audit_add(
        a->env, batch,
        &(const struct account_event){
            .act = ACCOUNT_ACT_LOGIN_ENDED, .by = by, .object = login, .outcome = "revoked"});
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        account__news_ended(a, login);
    }
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}
