/*
 * totp.c: the second factor: codes of RFC 6238 (SHA-1, six digits, 30 seconds, as every app has
 * them), each of which works once, and recovery codes for when the device is lost.
 *
 *     nothing ── begin: a secret ── confirm: one code of it ── on ── remove
 *
 * The store holds the secret sealed under a key of
 * DATA/keys/access.key, and hashes of recovery codes.
 */
#include "account/room.h"

#include <stdio.h>

enum { STEP_S = 30 };

/* --- Codes ------------------------------------------------------------------------------------ */

void account__totp_code(const unsigned char secret[static ACCOUNT_TOTP_SECRET], int64_t step,
                        char out[static 7])
{
    unsigned char counter[8], mac[CORE_SHA1_SIZE];
    for (unsigned i = 0; i < 8; i++) {
        counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    }
    core_hmac_sha1(core_strn(secret, ACCOUNT_TOTP_SECRET), core_strn(counter, sizeof counter), mac);
    unsigned at = mac[CORE_SHA1_SIZE - 1] & 15;
    uint32_t number = (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 |
                      (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    snprintf(out, 7, "%06u", number % 1000000);
    core_wipe(mac, sizeof mac);
}

int64_t account__totp_step(const unsigned char secret[static ACCOUNT_TOTP_SECRET],
                           struct core_str code, int64_t now_s, int64_t last)
{
    int64_t now = now_s / STEP_S, found = -1;
    char right[7];
    for (int64_t step = now - 1; step <= now + 1; step++) {
        account__totp_code(secret, step, right);
        if (core_crypto_eq(code, core_strn(right, 6)) && step > last) {
            found = step;
        }
    }
    core_wipe(right, sizeof right);
    return found;
}

/* RFC 4648, without padding: 20 bytes are 32 characters. */
static void base32(const unsigned char secret[static ACCOUNT_TOTP_SECRET], char out[static 33])
{
    for (unsigned i = 0; i < 32; i++) {
        unsigned bit = i * 5, at = bit / 8;
        unsigned two = (unsigned)secret[at] << 8 |
                       (at + 1 < ACCOUNT_TOTP_SECRET ? secret[at + 1] : 0);
        out[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[two >> (11 - bit % 8) & 31];
    }
    out[32] = '\0';
}

/* --- The store -------------------------------------------------------------------------------- */

struct reading {
    const struct accounts *a;
    struct core_str account;
    struct account_factor factor;
};

static int on_factor(void *arg, const struct store_row *row)
{
    struct reading *r = arg;
    struct core_str sealed = store_row_str(row, 0);
    if (sealed.len != ACCOUNT_TOTP_SEALED) {
        return 0;
    }
    struct core_str body = core_strn(sealed.ptr + CORE_AEAD_NONCE_SIZE,
                                     sealed.len - CORE_AEAD_NONCE_SIZE);
    int err = core_aead_open(r->a->keys.seal, (const unsigned char *)sealed.ptr, r->account, body,
                             r->factor.secret);
    memcpy(r->factor.sealed, sealed.ptr, sealed.len);
    r->factor.known = err == 0;
    r->factor.on = store_row_i64(row, 1) != 0;
    r->factor.step = store_row_i64(row, 2);
    return r->factor.on && err ? CORE_ECORRUPT : 0;
}

int account__factor_read(struct accounts *a, struct core_str account, struct account_factor *ret)
{
    struct reading r = {.a = a, .account = account};
    const struct store_value id = STORE_T(account);
    int err = store_read(a->store, "SELECT totp, totp_on, totp_step FROM account WHERE id = $1",
                         &id, 1, on_factor, &r);
    if (!err) {
        *ret = r.factor;
    }
    core_wipe(&r.factor, sizeof r.factor);
    return err;
}

static const char RECOVERY_LETTERS[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* The letters of a code as they were given, however it was typed. */
static size_t recovery_letters(struct core_str code, char out[static ACCOUNT_RECOVERY_LETTERS])
{
    size_t len = 0;
    for (size_t i = 0; i < code.len && len < ACCOUNT_RECOVERY_LETTERS; i++) {
        char c = code.ptr[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (c != '-' && c != ' ') {
            out[len++] = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
        }
    }
    return len;
}

static void recovery_hash(struct core_str account, struct core_str code,
                          unsigned char out[static CORE_SHA256_SIZE])
{
    char letters[ACCOUNT_RECOVERY_LETTERS];
    size_t len = recovery_letters(code, letters);
    core_hmac_sha256(account, core_strn(letters, len), out);
    core_wipe(letters, sizeof letters);
}

int account__factor_use(struct accounts *a, struct core_str account,
                        const struct account_factor *factor, struct core_str code)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    if (code.len == 6) {
        int64_t step = account__totp_step(factor->secret, code, core_wall_ms(a->env) / 1000,
                                          factor->step);
        store_put(
            batch, 1,
            "UPDATE account SET totp_step = $2 WHERE id = $1 AND totp_on = 1 AND totp_step < $2",
            STORE_T(account), STORE_I(step));
    } else {
        unsigned char hash[CORE_SHA256_SIZE];
        recovery_hash(account, code, hash);
        store_put(batch, 1, "DELETE FROM recovery WHERE account_id = $1 AND code_hash = $2",
                  STORE_T(account), STORE_B(hash, sizeof hash));
    }
    int err = store_write_wait(a->store, batch);
    return err == CORE_EMISMATCH ? CORE_EAUTH : err;
}

/* --- Beginning, confirming, removing ---------------------------------------------------------- */

int account_totp_begin(struct accounts *a, struct core_str account, struct account_totp *ret)
{
    struct account_user user;
    struct account_factor factor = {0};
    unsigned char sealed[ACCOUNT_TOTP_SEALED], secret[ACCOUNT_TOTP_SECRET];
    int err = account_read(a, account, &user);
    if (!err) {
        err = account__factor_read(a, account, &factor);
    }
    if (!err && factor.on) {
        err = CORE_EEXISTS;
    }
    if (err) {
        goto out;
    }
    a->env->random(a->env->ctx, secret, sizeof secret);
    a->env->random(a->env->ctx, sealed, CORE_AEAD_NONCE_SIZE);
    core_aead_seal(a->keys.seal, sealed, account, core_strn(secret, sizeof secret),
                   sealed + CORE_AEAD_NONCE_SIZE);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "UPDATE account SET totp = $2, totp_step = 0 WHERE id = $1 AND totp_on = 0",
              STORE_T(account), STORE_B(sealed, sizeof sealed));
    err = store_write_wait(a->store, batch);
    if (!err) {
        base32(secret, ret->secret);
        snprintf(ret->uri, sizeof ret->uri, "otpauth://totp/sky:%s?secret=%s&issuer=sky",
                 user.email, ret->secret);
    }
out:
    core_wipe(secret, sizeof secret);
    core_wipe(&factor, sizeof factor);
    return err == CORE_EMISMATCH ? CORE_EEXISTS : err;
}

/* "xxxx-xxxx-xxxx-xxxx-xxxx-xxxx": 120 random bits, more
 * than anybody can try, so that a plain hash keeps them. */
static void recovery_new(const struct core_env *env, char out[static ACCOUNT_RECOVERY_SIZE])
{
    unsigned char raw[ACCOUNT_RECOVERY_LETTERS];
    env->random(env->ctx, raw, sizeof raw);
    for (unsigned i = 0; i < ACCOUNT_RECOVERY_LETTERS; i++) {
        if (i && i % 4 == 0) {
            *out++ = '-';
        }
        *out++ = RECOVERY_LETTERS[raw[i] & 31];
    }
    *out = '\0';
    core_wipe(raw, sizeof raw);
}

/* Adds codes to the batch, and to what is shown once. */
static void recovery_make(struct accounts *a, struct core_str account, struct store_batch *batch,
                          char out[static ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE])
{
    unsigned char hash[CORE_SHA256_SIZE];
    for (unsigned i = 0; i < ACCOUNT_RECOVERY_CODES; i++) {
        recovery_new(a->env, out[i]);
        recovery_hash(account, core_str(out[i]), hash);
        store_put(batch, 1, "INSERT INTO recovery (account_id, code_hash) VALUES ($1, $2)",
                  STORE_T(account), STORE_B(hash, sizeof hash));
    }
}

/* Logins and API keys of the account are with it, or without it, from the return on. */
static void changed(struct accounts *a, struct core_str account)
{
    account__news_changed(a, account);
    account__view_renew(a);
}

int account_totp_confirm(struct accounts *a, struct core_str account, struct core_str code,
                         const struct account_actor *by,
                         char ret_codes[static ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE])
{
    struct account_factor factor = {0};
    char codes[ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE];
    int64_t step = -1;
    int err = account__factor_read(a, account, &factor);
    if (!err && (factor.on || !factor.known)) {
        err = factor.on ? CORE_EEXISTS : CORE_ENOTFOUND;
    }
    if (!err) {
        step = account__totp_step(factor.secret, code, core_wall_ms(a->env) / 1000, 0);
        err = step < 0 ? CORE_EAUTH : 0;
    }
    if (err) {
        goto out;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE account SET totp_on = 1, totp_step = $2, version = version + 1, "
              "changed_ms = $3 WHERE id = $1 AND totp_on = 0 AND totp = $4",
              STORE_T(account), STORE_I(step), STORE_I(core_wall_ms(a->env)),
              STORE_B(factor.sealed, sizeof factor.sealed));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM recovery WHERE account_id = $1",
              STORE_T(account));
    recovery_make(a, account, batch, codes);
    account_audit_add(a->env, batch,
                      &(const struct account_event){
                          .act = ACCOUNT_ACT_TOTP_CONFIRMED, .by = by, .object = account});
    err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        changed(a, account);
    }
    if (!err) {
        memcpy(ret_codes, codes, sizeof codes);
    }
    err = err == CORE_EMISMATCH ? CORE_EAUTH : err; /* it was begun anew: another secret's code */
out:
    core_wipe(codes, sizeof codes);
    core_wipe(&factor, sizeof factor);
    return err;
}

int account_totp_remove(struct accounts *a, struct core_str account, struct core_str code,
                        const struct account_actor *by)
{
    struct account_factor factor = {0};
    int err = account__factor_read(a, account, &factor);
    if (!err) {
        err = factor.on ? account__factor_use(a, account, &factor, code) : CORE_ENOTFOUND;
    }
    core_wipe(&factor, sizeof factor);
    return err ? err : account__factor_drop(a, by, account);
}

int account__factor_drop(struct accounts *a, const struct account_actor *by,
                         struct core_str account)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE account SET totp = NULL, totp_on = 0, totp_step = 0, version = version + 1, "
              "changed_ms = $2 WHERE id = $1",
              STORE_T(account), STORE_I(core_wall_ms(a->env)));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM recovery WHERE account_id = $1",
              STORE_T(account));
    account__audit_put(a, batch, ACCOUNT_ACT_TOTP_REMOVED, by, account, NULL);
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        changed(a, account);
    }
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}
