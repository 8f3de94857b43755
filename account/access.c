/*
 * access.c: access tokens: JSON web tokens (RFC 7519) signed with Ed25519 (RFC 8037).
 *
 * The header is one string, compared byte for byte: there is no other algorithm, no key named by
 * the token, and nothing in it that is read before the signature is found right.
 */
#include "account/room.h"

#include "core/json.h"

#include <assert.h>

/* base64url of {"alg":"EdDSA","typ":"JWT"} */
static const char HEADER[] = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9";
enum { CLAIMS_MOST = 640, SIGNATURE_TEXT = 86 };

void account__access_write(const struct account_keys *keys, const struct account_claims *c,
                           char out[static ACCOUNT_LIMIT_ACCESS])
{
    struct core_buf json;
    struct core_json_out o;
    unsigned char signature[CORE_ED25519_SIGNATURE_SIZE];
    core_buf_init(&json, CLAIMS_MOST);
    core_json_out_init(&o, &json);
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "sub", c->id);
    core_json_out_c(&o, "name", c->name);
    core_json_out_c(&o, "role", c->role);
    core_json_out_c(&o, "sid", c->login);
    core_json_out_bool(&o, "totp", c->totp);
    core_json_out_i64(&o, "iat", c->issued_s);
    core_json_out_i64(&o, "exp", c->expires_s);
    core_json_out_end(&o);
    size_t at = sizeof HEADER - 1;
    assert(core_buf_error(&json) == 0 &&
           at + core_base64_size(json.len) + SIGNATURE_TEXT + 2 < ACCOUNT_LIMIT_ACCESS);
    memcpy(out, HEADER, at);
    out[at++] = '.';
    at += core_base64_encode(json.ptr, json.len, true, out + at);
    core_ed25519_sign(keys->sign, core_strn(out, at), signature);
    out[at++] = '.';
    core_base64_encode(signature, sizeof signature, true, out + at);
    core_buf_done(&json);
}

static bool take(core_json claims, const char *name, char *out, size_t cap)
{
    struct core_str value;
    if (core_json_str(core_json_get(claims, name), &value) || value.len >= cap) {
        return false;
    }
    memcpy(out, value.ptr, value.len);
    out[value.len] = '\0';
    return true;
}

static int claims_read(struct core_str json, struct account_claims *ret)
{
    struct core_json_doc *doc;
    struct account_claims c;
    if (core_json_parse(json, &doc, NULL, 0)) {
        return CORE_EAUTH;
    }
    core_json root = core_json_root(doc);
    bool good = take(root, "sub", c.id, sizeof c.id) &&
                take(root, "sid", c.login, sizeof c.login) &&
                take(root, "name", c.name, sizeof c.name) &&
                take(root, "role", c.role, sizeof c.role) &&
                !core_json_bool(core_json_get(root, "totp"), &c.totp) &&
                !core_json_i64(core_json_get(root, "iat"), &c.issued_s) &&
                !core_json_i64(core_json_get(root, "exp"), &c.expires_s);
    core_json_free(doc);
    if (!good) {
        return CORE_EAUTH;
    }
    *ret = c;
    return 0;
}

/* One signature has one text: with another alphabet or
 * with padding it would be a token that nobody made. */
static bool signature_read(struct core_str text, unsigned char out[static SIGNATURE_TEXT])
{
    char again[SIGNATURE_TEXT + 1];
    if (text.len != SIGNATURE_TEXT ||
        core_base64_decode(text, out, SIGNATURE_TEXT) != CORE_ED25519_SIGNATURE_SIZE) {
        return false;
    }
    core_base64_encode(out, CORE_ED25519_SIGNATURE_SIZE, true, again);
    return core_str_eq_c(text, again);
}

int account__access_read(const struct account_keys *keys, struct core_str token,
                         struct account_claims *ret)
{
    struct core_str rest = token, header, body, mark;
    unsigned char signature[SIGNATURE_TEXT];
    char json[CLAIMS_MOST + 1];
    if (token.len >= ACCOUNT_LIMIT_ACCESS || !core_str_split(&rest, '.', &header) ||
        !core_str_split(&rest, '.', &body) || !core_str_split(&rest, '.', &mark) ||
        header.len + body.len + mark.len + 2 != token.len || !core_str_eq_c(header, HEADER) ||
        !signature_read(mark, signature)) {
        return CORE_EAUTH;
    }
    struct core_str signed_part = core_strn(token.ptr, header.len + 1 + body.len);
    if (core_ed25519_verify(keys->public, signed_part, signature)) {
        return CORE_EAUTH;
    }
    ssize_t len = core_base64_decode(body, json, sizeof json);
    return len < 0 ? CORE_EAUTH : claims_read(core_strn(json, (size_t)len), ret);
}

/* --- Accounts that changed -------------------------------------------------------------------- */

void account__changed_add(struct account_changed *c, const struct account_user *user, int64_t at_s)
{
    unsigned count = c->next < ACCOUNT_LIMIT_CHANGED ? c->next : ACCOUNT_LIMIT_CHANGED;
    for (unsigned i = 0; i < count; i++) {
        struct account_user *one = &c->users[i];
        if (strcmp(one->id, user->id) == 0) {
            if (one->version > user->version) {
                return; /* told late */
            }
            memset(one, 0, sizeof *one); /* the newest stands last */
        }
    }
    unsigned at = c->next++ % ACCOUNT_LIMIT_CHANGED;
    if (*c->users[at].id && c->at_s[at] > c->floor_s) {
        c->floor_s = c->at_s[at];
    }
    c->users[at] = *user;
    c->at_s[at] = at_s;
}

static void take_changes(const struct account_changed *c, struct account_claims *claims)
{
    for (unsigned i = 0; i < c->next && i < ACCOUNT_LIMIT_CHANGED; i++) {
        const struct account_user *user = &c->users[i];
        if (strcmp(user->id, claims->id) == 0) {
            memcpy(claims->name, user->name, sizeof claims->name);
            memcpy(claims->role, user->role, sizeof claims->role);
            claims->totp = user->totp;
            return;
        }
    }
}

static int on_changed(void *arg, const struct store_row *row)
{
    struct accounts *a = arg;
    struct account_user user = {0};
    account__user_of_row(row, 0, &user);
    account__changed_add(&a->changed, &user, store_row_i64(row, 7) / 1000);
    return 0;
}

int account__changed_load(struct accounts *a)
{
    const struct store_value since = STORE_I(core_wall_ms(a->env) - ACCOUNT_ACCESS_S * 1000);
    a->changed.users = core_alloc_array(ACCOUNT_LIMIT_CHANGED, sizeof *a->changed.users);
    a->changed.at_s = core_alloc_array(ACCOUNT_LIMIT_CHANGED, sizeof *a->changed.at_s);
    return store_read(a->store,
                      "SELECT " ACCOUNT_USER_COLUMNS
                      ", changed_ms FROM account WHERE changed_ms > $1 "
                      "ORDER BY changed_ms",
                      &since, 1, on_changed, a);
}

/* --- Tokens seen before ----------------------------------------------------------------------- */

/*
 * A token whose signature was found right is known again by what it says and a hash of the
 * signature, so that it need not be verified for each request. The hash is keyed: who does not know
 * the key, which never leaves the process, can neither make a signature that passes for another
 * (2^-128 a try) nor learn anything from how long the comparison takes. Without the signature,
 * which is not kept, what a token says opens nothing; it is compared last.
 */

static bool is_seen(const struct account_seen *seen, const unsigned char *hash,
                    struct core_str said)
{
    return seen->used && memcmp(seen->hash, hash, sizeof seen->hash) == 0 &&
           core_str_eq(core_strn(seen->said, seen->said_len), said);
}

static bool still_good(struct accounts *a, struct account_seen *seen)
{
    int64_t now_s = core_wall_ms(a->env) / 1000;
    if (seen->claims.expires_s <= now_s || seen->claims.issued_s > now_s + ACCOUNT_SKEW_S) {
        return false;
    }
    /* What was forgotten for want of room is held against
     * all who may have known it: they take the next token. */
    if (seen->claims.issued_s <= a->ended.floor_s || seen->claims.issued_s <= a->changed.floor_s) {
        return false;
    }
    if (seen->ends != a->ended.next && account__ended_has(&a->ended, seen->claims.login)) {
        return false;
    }
    if (seen->changes != a->changed.next) {
        take_changes(&a->changed, &seen->claims);
    }
    seen->ends = a->ended.next;
    seen->changes = a->changed.next;
    return true;
}

/* An account with its texts. */
struct whole {
    struct account account;
    char id[CORE_ID_SIZE], login[CORE_ID_SIZE];
    char name[ACCOUNT_LIMIT_NAME], role[16];
};

struct account *account__of_user(const struct account_user *user,
                                 const char login[static CORE_ID_SIZE], struct core_pool *pool)
{
    struct whole *w = core_pool_alloc(pool, sizeof *w);
    if (!w) {
        return NULL;
    }
    memcpy(w->id, user->id, sizeof w->id);
    memcpy(w->name, user->name, sizeof w->name);
    memcpy(w->role, user->role, sizeof w->role);
    memcpy(w->login, login, sizeof w->login);
    w->account = (struct account){.id = w->id,
                                  .name = w->name,
                                  .role = w->role,
                                  .login = w->login,
                                  .minute = ACCOUNT_UNLIMITED,
                                  .registered = *user->email != '\0',
                                  .totp = user->totp};
    return &w->account;
}

static const struct account *account_of(const struct account_claims *c, struct core_pool *pool)
{
    struct account_user user = {.totp = c->totp};
    memcpy(user.id, c->id, sizeof user.id);
    memcpy(user.name, c->name, sizeof user.name);
    memcpy(user.role, c->role, sizeof user.role);
    struct account *account = account__of_user(&user, c->login, pool);
    if (account) {
        account->registered = true;
    }
    return account;
}

const struct account *account_by_access(struct accounts *a, struct core_str token,
                                        struct core_pool *pool)
{
    unsigned char hash[CORE_SIP128_SIZE];
    size_t said_len = token.len > SIGNATURE_TEXT ? token.len - SIGNATURE_TEXT : 0;
    struct core_str said = core_strn(token.ptr, said_len);
    struct core_str signature = core_strn(token.ptr + said_len, token.len - said_len);

    account__news_hear(a);
    core_sip128(a->table_key, signature, hash);
    struct account_seen *seen = &a->seen[(hash[0] | hash[1] << 8) % ACCOUNT_LIMIT_SEEN];
    if (!is_seen(seen, hash, said)) {
        struct account_claims claims;
        if (account__access_read(&a->keys, token, &claims)) {
            return NULL;
        }
        /* As if no login had ended and no account changed yet: that is looked up next. */
        *seen = (struct account_seen){.claims = claims,
                                      .said_len = said.len,
                                      .ends = a->ended.next - 1,
                                      .changes = a->changed.next - 1,
                                      .used = true};
        memcpy(seen->hash, hash, sizeof hash);
        memcpy(seen->said, said.ptr, said.len);
    }
    return still_good(a, seen) ? account_of(&seen->claims, pool) : NULL;
}
