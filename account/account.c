/*
 * account.c: the face: the owner, proved by token or one-time code. People are people.c.
 */
#include "account/room.h"

#include "core/aside.h"
#include "core/log.h"

#include <stdio.h>

static const struct account owner = {
    .id = "owner", .name = "owner", .role = "owner", .file = true, .minute = ACCOUNT_UNLIMITED};

int accounts_open(const struct core_env *env, struct store *store, const char *data_dir,
                  struct accounts **ret, char *why, size_t why_cap)
{
    struct accounts *a = core_alloc(sizeof *a);
    a->env = env;
    a->codes.env = env;
    a->sessions.env = env;
    a->sessions.store = store;
    a->store = store;
    a->aside = core_aside_new();
    env->random(env->ctx, a->table_key, sizeof a->table_key);
    a->seen = core_alloc_array(ACCOUNT_LIMIT_SEEN, sizeof *a->seen);
    int err = account__token_load(env, data_dir, true, a->token, why, why_cap);
    if (!err) {
        err = account__keys_open(env, data_dir, &a->keys, why, why_cap);
    }
    if (err) {
        goto out;
    }
    err = account__sessions_load(&a->sessions);
    if (!err) {
        err = account__ended_load(a);
    }
    if (!err) {
        err = account__changed_load(a);
    }
    if (!err) {
        err = account__view_load(a);
    }
    if (err) {
        snprintf(why, why_cap, "the sessions cannot be read: %s: run `sky doctor`",
                 core_err_text(err));
        goto out;
    }
    /* A disk that is full keeps the server from writing,
     * not from starting: what is set aside stays so. */
    if (account__spend_recover(a)) {
        core_log(CORE_LOG_ERROR, "budget.recover",
                 {"remedy", CORE_LOG_C("make room on the disk and start again")});
    }
    *ret = a;
    a = NULL;
out:
    accounts_free(a);
    return err;
}

void accounts_free(struct accounts *a)
{
    if (!a) {
        return;
    }
    account__news_hear(a);
    account__sessions_done(&a->sessions);
    account__keys_done(&a->keys);
    account__audit_done(a);
    free(a->seen);
    free(a->changed.users);
    free(a->changed.at_s);
    free(a->proofs.items);
    account__view_free(account__view(a));
    core_aside_free(a->aside);
    core_wipe(a, sizeof *a);
    free(a);
}

const struct account *account_by_token(struct accounts *a, struct core_str token)
{
    return core_crypto_eq(token, core_str(a->token)) ? &owner : NULL;
}

void account_code_new(struct accounts *a, char out[static ACCOUNT_CODE_SIZE])
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char raw[ACCOUNT_CODE_SIZE - 1];
    a->env->random(a->env->ctx, raw, sizeof raw);
    for (size_t i = 0; i < sizeof raw; i++) {
        out[i] = digits[raw[i] & 31];
    }
    out[sizeof raw] = '\0';
    core_wipe(raw, sizeof raw);
    account__code_add(&a->codes, core_str(out));
}

const struct account *account_by_code(struct accounts *a, struct core_str code)
{
    return account__code_use(&a->codes, code) ? &owner : NULL;
}
