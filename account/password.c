/*
 * password.c: passwords as Argon2id in the PHC string format:
 *
 *     $argon2id$v=19$m=19456,t=2,p=1$<salt, base64>$<hash, base64>
 *
 * A hash takes 19 MiB and tens of milliseconds, so one is computed at a time, another may wait, and
 * a flood of logins is turned away.
 */
#include "account/room.h"

#include "core/aside.h"

#include <stdio.h>

enum { SALT = 16, HASH = 32, PASSES_MOST = 16, KIB_MOST = 1 << 17 };

struct phc {
    unsigned kib, passes;
    unsigned char salt[SALT], hash[HASH];
};

static bool begin(struct accounts *a)
{
    if (atomic_fetch_add(&a->hashes, 1) < ACCOUNT_LIMIT_HASHES) {
        return true;
    }
    atomic_fetch_sub(&a->hashes, 1);
    return false;
}

static void end(struct accounts *a)
{
    atomic_fetch_sub(&a->hashes, 1);
}

bool account_password_busy(const struct accounts *a)
{
    return atomic_load(&a->hashes) >= ACCOUNT_LIMIT_HASHES;
}

struct hashing {
    struct core_str password;
    const struct phc *how;
    unsigned char *out; /* HASH bytes */
};

static void hash_now(void *arg)
{
    const struct hashing *h = arg;
    core_argon2id(h->password, core_strn(h->how->salt, SALT), h->how->kib, h->how->passes, h->out,
                  HASH);
}

static void hash(struct accounts *a, struct core_str password, const struct phc *how,
                 unsigned char out[static HASH])
{
    struct hashing h = {.password = password, .how = how, .out = out};
    core_aside_run(a->aside, hash_now, &h);
}

/* Base64 without the padding. */
static void put_base64(const unsigned char *bytes, size_t len, char *out)
{
    size_t n = core_base64_encode(bytes, len, false, out);
    while (n > 0 && out[n - 1] == '=') {
        n--;
    }
    out[n] = '\0';
}

int account__password_hash(struct accounts *a, struct core_str password,
                           char out[static ACCOUNT_PHC_SIZE])
{
    struct phc made = {.kib = ACCOUNT_ARGON2_KIB, .passes = ACCOUNT_ARGON2_PASSES};
    char salt_text[32], hash_text[64];
    if (!begin(a)) {
        return CORE_EBUSY;
    }
    a->env->random(a->env->ctx, made.salt, sizeof made.salt);
    hash(a, password, &made, made.hash);
    end(a);
    put_base64(made.salt, sizeof made.salt, salt_text);
    put_base64(made.hash, sizeof made.hash, hash_text);
    snprintf(out, ACCOUNT_PHC_SIZE, "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", ACCOUNT_ARGON2_KIB,
             ACCOUNT_ARGON2_PASSES, salt_text, hash_text);
    core_wipe(&made, sizeof made);
    core_wipe(hash_text, sizeof hash_text);
    return 0;
}

static bool phc_number(struct core_str text, const char *start, unsigned most, unsigned *ret)
{
    int64_t value;
    if (!core_str_starts(text, core_str(start)) ||
        core_str_to_i64(core_strn(text.ptr + 2, text.len - 2), 1, most, &value)) {
        return false;
    }
    *ret = (unsigned)value;
    return true;
}

static int phc_read(struct core_str text, struct phc *ret)
{
    struct core_str part[6], memory, passes, lanes;
    for (unsigned i = 0; i < 6; i++) {
        if (!core_str_split(&text, '$', &part[i])) {
            return CORE_ECORRUPT;
        }
    }
    if (text.len > 0 || !core_str_eq_c(part[1], "argon2id") || !core_str_eq_c(part[2], "v=19") ||
        !core_str_split(&part[3], ',', &memory) || !core_str_split(&part[3], ',', &passes) ||
        !core_str_split(&part[3], ',', &lanes) || !core_str_eq_c(lanes, "p=1") ||
        !phc_number(memory, "m=", KIB_MOST, &ret->kib) ||
        !phc_number(passes, "t=", PASSES_MOST, &ret->passes) || ret->kib < 8 ||
        core_base64_decode(part[4], ret->salt, SALT) != SALT ||
        core_base64_decode(part[5], ret->hash, HASH) != HASH) {
        return CORE_ECORRUPT;
    }
    return 0;
}

int account__password_check(struct accounts *a, struct core_str phc, struct core_str password)
{
    struct phc want = {.kib = ACCOUNT_ARGON2_KIB, .passes = ACCOUNT_ARGON2_PASSES};
    unsigned char found[HASH];
    int err = 0;
    if (phc.len > 0) {
        err = phc_read(phc, &want);
    }
    if (!err && !begin(a)) {
        err = CORE_EBUSY;
    }
    if (err) {
        goto out;
    }
    hash(a, password, &want, found);
    end(a);
    bool same = core_crypto_eq(core_strn(found, HASH), core_strn(want.hash, HASH));
    err = same && phc.len > 0 ? 0 : CORE_EDENIED;
out:
    core_wipe(found, sizeof found);
    core_wipe(&want, sizeof want);
    return err;
}
