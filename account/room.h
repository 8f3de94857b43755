/* room.h: what the files of account/ share. Not for other rooms. */
#ifndef ACCOUNT_ROOM_H
#define ACCOUNT_ROOM_H

#include "account/account.h"
#include "core/mem.h"
#include "core/crypto.h"
#include "core/limits.h"

#include <stdatomic.h>

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
                          const struct account_actor *by, void (*acked)(void *arg, int status),
                          void *arg);
void account__session_end(struct account_sessions *s, struct core_str session,
                          const struct account_actor *by, void (*acked)(void *arg, int status),
                          void *arg);

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

/* --- keys.c: what signs tokens ------------------------------------------------------------------- */

struct account_keys {
    struct core_key *sign;
    unsigned char public[CORE_ED25519_PUBLIC_SIZE];
    unsigned char mac[CORE_SHA256_SIZE];    /* of refresh tokens */
    unsigned char seal[CORE_AEAD_KEY_SIZE]; /* of secrets of second factors */
};
/* From DATA/keys/access.key, which is made when it is not there. */
int account__keys_open(const struct core_env *env, const char *data_dir, struct account_keys *ret,
                       char *why, size_t why_cap);
void account__keys_done(struct account_keys *keys);

/* --- password.c ---------------------------------------------------------------------------------- */

#define ACCOUNT_PHC_SIZE 128
/* Pool; both tens of milliseconds. CORE_EBUSY: as many as may are being computed. */
int account__password_hash(struct accounts *a, struct core_str password,
                           char out[static ACCOUNT_PHC_SIZE]);
/* phc empty: takes as long and refuses. CORE_EDENIED, CORE_EBUSY, CORE_ECORRUPT. */
int account__password_check(struct accounts *a, struct core_str phc, struct core_str password);

/* --- throttle.c: tries that failed, by account and by address ------------------------------------ */

struct account_try {
    uint64_t key; /* 0: free */
    unsigned failed;
    uint64_t last_ms, until_ms;
};
struct account_throttle {
    struct account_try tries[ACCOUNT_LIMIT_THROTTLED];
};
uint64_t account__throttle_key(struct core_str kind, struct core_str of);
/* Seconds until one of the keys may try again; 0: now. */
unsigned account__throttle_wait(struct account_throttle *t, const uint64_t *keys, size_t count,
                                uint64_t now_ms);
void account__throttle_failed(struct account_throttle *t, const uint64_t *keys, size_t count,
                              uint64_t now_ms);
void account__throttle_passed(struct account_throttle *t, uint64_t key);

/* --- access.c: access tokens ---------------------------------------------------------------------- */

struct account_claims {
    char id[CORE_ID_SIZE], login[CORE_ID_SIZE];
    char name[ACCOUNT_LIMIT_NAME], role[16];
    int64_t issued_s, expires_s;
};
/* CORE_ETOOBIG is not possible for a user within its limits. */
void account__access_write(const struct account_keys *keys, const struct account_claims *claims,
                           char out[static ACCOUNT_LIMIT_ACCESS]);
/* CORE_EAUTH: not ours, or altered. Times are the caller's to compare. */
int account__access_read(const struct account_keys *keys, struct core_str token,
                         struct account_claims *ret);

/* Tokens whose signature was found right, by their hash. Loop thread. */
struct account_seen {
    unsigned char hash[CORE_SHA256_SIZE];
    struct account_claims claims;
    unsigned ends; /* how many logins had ended when this one had not */
    bool used;
};

/* --- login.c ---------------------------------------------------------------------------------------- */

/* Hashes of logins that ended less than ACCOUNT_ACCESS_S ago, the newest ACCOUNT_LIMIT_ENDED of them. Any
 * thread: one that reads while another writes sees the new one once `ends` has gone up. */
struct account_ended {
    _Atomic uint64_t keys[ACCOUNT_LIMIT_ENDED];
    atomic_uint next, ends;
};
int account__ended_load(struct accounts *a);
bool account__ended_has(struct account_ended *e, const char *login);
/* The token of a turn of a login; CORE_EAUTH: none of ours. */
void account__refresh_write(const struct account_keys *keys, const char *login, int64_t turn,
                            char out[static ACCOUNT_REFRESH_SIZE]);
int account__refresh_read(const struct account_keys *keys, struct core_str token,
                          char ret_login[static CORE_ID_SIZE], int64_t *ret_turn);
/* Pool. Fills the tokens; their user is filled already. */
int account__login_begin(struct accounts *a, const struct account_client *client,
                         struct account_tokens *tokens);
/* The user as who does something. */
struct account_actor account__actor_of(const struct account_user *user,
                                       const struct account_client *client);

/* Pool. Ends the logins of an account, but `keep` (may be NULL). */
int account__logins_end(struct accounts *a, struct core_str account, const char *keep,
                        const struct account_actor *by);

/* --- totp.c: the second factor ---------------------------------------------------------------------- */

#define ACCOUNT_TOTP_SECRET 20
struct account_factor {
    bool known, on; /* there is a secret; it was confirmed */
    unsigned char secret[ACCOUNT_TOTP_SECRET];
    int64_t step; /* of the last code that was used */
};
/* RFC 6238: six digits for a step of 30 seconds. */
void account__totp_code(const unsigned char secret[static ACCOUNT_TOTP_SECRET], int64_t step,
                        char out[static 7]);
/* The step whose code it is, at most one away from now's and later than `last`; −1: none. */
int64_t account__totp_step(const unsigned char secret[static ACCOUNT_TOTP_SECRET],
                           struct core_str code, int64_t now_s, int64_t last);
int account__factor_read(struct accounts *a, struct core_str account, struct account_factor *ret);
/* Takes a code, or a recovery code: neither works again. CORE_EAUTH. */
int account__factor_use(struct accounts *a, struct core_str account,
                        const struct account_factor *factor, struct core_str code);

/* --- people.c ----------------------------------------------------------------------------------------- */

/* What account__person_read() reads by. */
extern const char ACCOUNT_PERSON_BY_ID[], ACCOUNT_PERSON_BY_EMAIL[], ACCOUNT_PERSON_BY_LOGIN[];
/* CORE_ENOTFOUND. phc and ret_disabled may be NULL. */
int account__person_read(struct accounts *a, const char *sql, struct core_str key,
                         struct account_user *ret, char phc[ACCOUNT_PHC_SIZE], bool *ret_disabled);

/* --- audit.c ------------------------------------------------------------------------------------------- */

#define ACCOUNT_AUDIT_TEXTS 10
/* A counted act in a minute (of wall time): rows of their own, and how many more. */
struct account_counted {
    int64_t minute;
    unsigned each, more;
};
/* What is hashed of a row: its time and texts, each with its length, so that two rows are never one text. */
void account__audit_encode(struct core_buf *out, int64_t at_ms, const struct core_str *texts,
                           size_t count);
/* Writes what was counted. */
void account__audit_done(struct accounts *a);

/* --- account.c -------------------------------------------------------------------------------------- */

struct accounts {
    const struct core_env *env;
    struct store *store;
    char token[ACCOUNT_TOKEN_SIZE];
    struct account_codes codes;
    struct account_sessions sessions;
    struct account_keys keys;
    atomic_uint hashes; /* being computed */
    struct account_throttle throttle;
    struct account_ended ended;
    struct account_seen *seen;
    struct account_counted counted[ACCOUNT_ACT_COUNT]; /* loop thread */
};

#endif
