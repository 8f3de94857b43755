/*
 * keys.c: the keys of access and refresh tokens, from one secret in DATA/keys/access.key, mode
 * 0600. Whoever removes the file ends every login.
 */
#include "account/room.h"

#include <stdio.h>

enum { SECRET = 32 };

static int secret_read(const struct core_env *env, const char *path,
                       unsigned char out[static SECRET])
{
    struct core_buf text;
    core_buf_init(&text, ACCOUNT_LIMIT_TOKEN_FILE);
    int err = env->fs->read(env->ctx, path, &text);
    if (!err &&
        core_hex_decode(core_str_trim(core_buf_str(&text)), out, SECRET) != (ssize_t)SECRET) {
        err = CORE_ECORRUPT;
    }
    core_buf_wipe(&text);
    return err;
}

static int secret_make(const struct core_env *env, const char *path,
                       unsigned char out[static SECRET])
{
    char text[2 * SECRET + 2];
    env->random(env->ctx, out, SECRET);
    core_hex_encode(out, SECRET, text);
    text[2 * SECRET] = '\n';
    int err = env->fs->write(env->ctx, path, core_strn(text, 2 * SECRET + 1), 0600);
    core_wipe(text, sizeof text);
    return err;
}

static void derive(const unsigned char secret[static SECRET], struct account_keys *ret)
{
    struct core_str of = core_strn(secret, SECRET);
    unsigned char seed[CORE_ED25519_SEED_SIZE];
    core_hkdf_sha256(CORE_STR(""), of, CORE_STR("sky access token"), seed, sizeof seed);
    ret->sign = core_ed25519_new(seed, ret->public);
    core_hkdf_sha256(CORE_STR(""), of, CORE_STR("sky refresh token"), ret->mac, sizeof ret->mac);
    core_hkdf_sha256(CORE_STR(""), of, CORE_STR("sky second factor"), ret->seal, sizeof ret->seal);
    core_wipe(seed, sizeof seed);
}

int account__keys_open(const struct core_env *env, const char *data_dir, struct account_keys *ret,
                       char *why, size_t why_cap)
{
    char path[4096];
    unsigned char secret[SECRET];
    int n = snprintf(path, sizeof path, "%s/keys", data_dir);
    if (n < 0 || (size_t)n + sizeof "/access.key" > sizeof path) {
        snprintf(why, why_cap, "the path of the data folder is too long: use a shorter --data");
        return CORE_ETOOBIG;
    }
    int err = env->fs->mkdirs(env->ctx, path, 0700);
    memcpy(path + n, "/access.key", sizeof "/access.key");
    if (!err) {
        err = secret_read(env, path, secret);
    }
    if (err == CORE_ENOTFOUND) {
        err = secret_make(env, path, secret);
    }
    if (err) {
        snprintf(why, why_cap, "%s: %s: restore it, or remove it and everybody logs in again", path,
                 core_err_text(err));
    } else {
        derive(secret, ret);
    }
    core_wipe(secret, sizeof secret);
    return err;
}

void account__keys_done(struct account_keys *keys)
{
    core_key_free(keys->sign);
    core_wipe(keys, sizeof *keys);
}
