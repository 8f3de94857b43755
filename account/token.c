/*
 * token.c: the owner's token: 32 random bytes as text in DATA/owner.token, mode 0600.
 *
 * Whoever may read that file is the owner. A file that exists and cannot be used is never replaced:
 * programs that hold the old token would lose their access without a word.
 */
#include "account/room.h"

#include <assert.h>
#include <stdio.h>

static const char PREFIX[] = "sky_";

void account__secret_new(const struct core_env *env, const char *prefix, char *out, size_t cap)
{
    unsigned char raw[32];
    char text[48]; /* 43 characters; room for the padding that the other alphabet would have */
    env->random(env->ctx, raw, sizeof raw);
    core_base64_encode(raw, sizeof raw, true, text);
    int len = snprintf(out, cap, "%s%s", prefix, text);
    assert(len > 0 && (size_t)len < cap);
    core_wipe(raw, sizeof raw);
    core_wipe(text, sizeof text);
}

static int token_path(const char *data_dir, char *out, size_t cap)
{
    int n = snprintf(out, cap, "%s/owner.token", data_dir);
    return n < 0 || (size_t)n >= cap ? CORE_ETOOBIG : 0;
}

static int token_parse(struct core_str text, char out[static ACCOUNT_TOKEN_SIZE])
{
    struct core_str token = core_str_trim(text);
    unsigned char raw[32];
    if (token.len != ACCOUNT_TOKEN_SIZE - 1 || !core_str_starts(token, core_str(PREFIX))) {
        return CORE_ECORRUPT;
    }
    struct core_str secret = core_strn(token.ptr + sizeof PREFIX - 1,
                                       token.len - sizeof PREFIX + 1);
    ssize_t n = core_base64_decode(secret, raw, sizeof raw);
    core_wipe(raw, sizeof raw);
    if (n != (ssize_t)sizeof raw) {
        return CORE_ECORRUPT;
    }
    memcpy(out, token.ptr, token.len);
    out[token.len] = '\0';
    return 0;
}

static int token_create(const struct core_env *env, const char *path,
                        char out[static ACCOUNT_TOKEN_SIZE])
{
    char line[ACCOUNT_TOKEN_SIZE + 1];
    account__secret_new(env, PREFIX, out, ACCOUNT_TOKEN_SIZE);
    size_t len = strlen(out);
    memcpy(line, out, len);
    line[len] = '\n';
    int err = env->fs->write(env->ctx, path, core_strn(line, len + 1), 0600);
    core_wipe(line, sizeof line);
    return err;
}

int account__token_load(const struct core_env *env, const char *data_dir, bool create,
                        char out[static ACCOUNT_TOKEN_SIZE], char *why, size_t why_cap)
{
    char path[4096];
    char token[ACCOUNT_TOKEN_SIZE];
    struct core_buf text;
    core_buf_init(&text, ACCOUNT_LIMIT_TOKEN_FILE);
    int err = token_path(data_dir, path, sizeof path);
    if (err) {
        snprintf(why, why_cap, "the path of the data folder is too long: use a shorter --data");
        goto out;
    }
    err = env->fs->read(env->ctx, path, &text);
    if (err == CORE_ENOTFOUND && create) {
        err = token_create(env, path, token);
    } else if (!err) {
        err = token_parse(core_buf_str(&text), token);
    }
    if (err == CORE_ENOTFOUND) {
        snprintf(why, why_cap, "%s does not exist: start `sky serve` once, it makes the token",
                 path);
    } else if (err == CORE_ECORRUPT || err == CORE_ETOOBIG) {
        snprintf(why, why_cap,
                 "%s does not hold a token: restore it, or remove it to have a new one made", path);
    } else if (err) {
        snprintf(why, why_cap, "%s: %s: check its owner and mode (0600)", path, core_err_text(err));
    } else {
        memcpy(out, token, sizeof token);
    }
out:
    core_wipe(token, sizeof token);
    core_buf_wipe(&text);
    return err;
}

int account_token_read(const struct core_env *env, const char *data_dir,
                       char out[static ACCOUNT_TOKEN_SIZE], char *why, size_t why_cap)
{
    return account__token_load(env, data_dir, false, out, why, why_cap);
}
