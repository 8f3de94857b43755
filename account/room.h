/* room.h: what the files of account/ share. Not for other rooms. */
#ifndef ACCOUNT_ROOM_H
#define ACCOUNT_ROOM_H

#include "account/account.h"
#include "core/mem.h"
#include "core/crypto.h"
#include "core/limits.h"

/* --- token.c: the owner's token file ---------------------------------------------------------- */

/* Reads DATA/owner.token, making it first when it does not exist and `create` is set. */
int account__token_load(const struct core_env *env, const char *data_dir, bool create,
                        char out[static ACCOUNT_TOKEN_SIZE], char *why, size_t why_cap);
/* `prefix` and 32 random bytes in base64url; cap is what that needs or more (asserted). */
void account__secret_new(const struct core_env *env, const char *prefix, char *out, size_t cap);

/* --- session.c: browser sessions ---------------------------------------------------------------- */

struct account_session {
    unsigned char hash[CORE_SHA256_SIZE];
    int64_t expires_ms;
};
struct account_sessions {
    const struct core_env *env;
    struct store *store;
    struct account_session *items; /* newest last */
    size_t count, cap;
};
int account__sessions_load(struct account_sessions *s);
void account__sessions_done(struct account_sessions *s);
bool account__session_known(struct account_sessions *s, struct core_str session);
void account__session_add(struct account_sessions *s, struct core_str session,
                          void (*acked)(void *arg, int status), void *arg);
void account__session_end(struct account_sessions *s, struct core_str session,
                          void (*acked)(void *arg, int status), void *arg);

/* --- code.c: one-time login codes --------------------------------------------------------------- */

struct account_code {
    unsigned char hash[CORE_SHA256_SIZE];
    uint64_t expires_mono_ms;
};
struct account_codes {
    const struct core_env *env;
    struct account_code items[ACCOUNT_LIMIT_CODES]; /* oldest first */
    size_t count;
};
void account__code_add(struct account_codes *c, struct core_str code);
/* True once for a code that is known and not expired. */
bool account__code_use(struct account_codes *c, struct core_str code);

#endif
