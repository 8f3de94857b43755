/*
 * account.c: the face: the owner, proved by token, one-time code or session. People are people.c.
 */
#include "account/room.h"

#include <stdio.h>

static const struct account owner = {.id = "owner", .name = "owner", .role = "owner"};

int accounts_open(const struct core_env *env, struct store *store, const char *data_dir,
                  struct accounts **ret, char *why, size_t why_cap)
{
    struct accounts *a = core_alloc(sizeof *a);
    a->env = env;
    a->codes.env = env;
    a->sessions.env = env;
    a->sessions.store = store;
    a->store = store;
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
    if (err) {
        snprintf(why, why_cap, "the sessions cannot be read: %s: run `sky doctor`",
                 core_err_text(err));
        goto out;
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
    account__sessions_done(&a->sessions);
    account__keys_done(&a->keys);
    account__audit_done(a);
    free(a->seen);
    core_wipe(a, sizeof *a);
    free(a);
}

const struct account *account_by_token(struct accounts *a, struct core_str token)
{
    return core_crypto_eq(token, core_str(a->token)) ? &owner : NULL;
}

const struct account *account_by_session(struct accounts *a, struct core_str session)
{
    return account__session_known(&a->sessions, session) ? &owner : NULL;
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

void account_session_new(struct accounts *a, const struct account *account,
                         const struct account_actor *by, char out[static ACCOUNT_SESSION_SIZE],
                         void (*acked)(void *arg, int status), void *arg)
{
    (void)account; /* one owner: every session is the owner's */
    account__secret_new(a->env, "sks_", out, ACCOUNT_SESSION_SIZE);
    account__session_add(&a->sessions, core_str(out), by, acked, arg);
}

void account_session_end(struct accounts *a, struct core_str session,
                         const struct account_actor *by, void (*acked)(void *arg, int status),
                         void *arg)
{
    account__session_end(&a->sessions, session, by, acked, arg);
}
