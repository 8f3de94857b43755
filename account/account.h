/*
 * account.h: who is asking. The owner proves it by a token file (DATA/owner.token, mode 0600), a one-time
 * login code, or a browser session made from either; people with an account by e-mail and password, which
 * give an access token for a few minutes and a refresh token for the next one.
 *
 * Loop thread; functions marked "pool" block on the store and may be called from any pool thread.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "account/audit.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/store/store.h"

struct accounts;
struct account {
    const char *id; /* "owner", or core_id_new()'s */
    const char *name;
    const char *role;  /* "owner", "admin", "member", "guest" or "agent" */
    const char *login; /* NULL: not by an access token */
    const char *key;   /* the id of the API key it came by, or NULL */
};

/* Makes the token on first start; loads sessions. `why`: one line naming the file and the remedy. */
int accounts_open(const struct core_env *env, struct store *store, const char *data_dir,
                  struct accounts **ret, char *why, size_t why_cap);
void accounts_free(struct accounts *accounts); /* wipes */

#define ACCOUNT_TOKEN_SIZE 48 /* "sky_" + 43 characters + NUL */
#define ACCOUNT_CODE_SIZE 27
#define ACCOUNT_SESSION_SIZE 48

/* Constant time. NULL: refused. */
const struct account *account_by_token(struct accounts *accounts, struct core_str token);
const struct account *account_by_session(struct accounts *accounts, struct core_str session);

/* A one-time code, valid ACCOUNT_LIMIT_CODE_S; the oldest falls out past ACCOUNT_LIMIT_CODES. */
void account_code_new(struct accounts *accounts, char out[static ACCOUNT_CODE_SIZE]);
/* Uses the code up. */
const struct account *account_by_code(struct accounts *accounts, struct core_str code);

/* Session for a browser; written to the store (durable), acked on the loop: status as
 * store_write(). `out` is filled at once but must be sent only after the ack. */
void account_session_new(struct accounts *accounts, const struct account *account,
                         const struct account_actor *by, char out[static ACCOUNT_SESSION_SIZE],
                         void (*acked)(void *arg, int status), void *arg);
void account_session_end(struct accounts *accounts, struct core_str session,
                         const struct account_actor *by, void (*acked)(void *arg, int status),
                         void *arg);

/* --- Accounts ------------------------------------------------------------------------------- */

struct account_user {
    char id[CORE_ID_SIZE];
    char email[ACCOUNT_LIMIT_EMAIL];
    char name[ACCOUNT_LIMIT_NAME];
    char role[16], tier[16];
};

#define ACCOUNT_REFRESH_SIZE 96
struct account_tokens {
    struct account_user user;
    char access[ACCOUNT_LIMIT_ACCESS];
    char refresh[ACCOUNT_REFRESH_SIZE];
};

/* Where a request came from; agent and address may be shown to the account's person. */
struct account_client {
    struct core_str agent, address, request;
};

struct account_form {
    struct core_str email, name, password, invite; /* name and invite may be empty */
    bool owner; /* whoever asks has proved to be the owner: the first account becomes theirs */
    bool open;  /* anybody may register */
};
/* What was wrong with a form: the field, and what it must be, for people; and the account that it was about, "" when
 * there is none, for the audit log alone. */
struct account_why {
    const char *field, *must;
    char account[CORE_ID_SIZE];
};

/* Whoever guesses waits: seconds until the next try for this e-mail (empty: none) from this address; 0: now. Ask
 * before logging in or registering, and say afterwards whether it was right. */
unsigned account_wait(struct accounts *a, struct core_str email, struct core_str address);
void account_tried(struct accounts *a, struct core_str email, struct core_str address, bool right);

/* Pool. Makes an account and logs it in. CORE_EINVAL (why), CORE_EDENIED (neither owner nor a good
 * invitation), CORE_EEXISTS (the e-mail), CORE_EBUSY (many do it now), or the store's. *ret is for
 * core_wipe(). */
int account_register(struct accounts *a, const struct account_form *form,
                     const struct account_client *client, struct account_tokens *ret,
                     struct account_why *why);
/* Pool. totp: a code of the second factor or a recovery code; empty: none. CORE_EAUTH: no such account,
 * another password, or disabled: nobody learns which, and it takes as long; or another code. With why->field
 * "totp" the password was right and a code is missing. CORE_EBUSY. */
int account_login(struct accounts *a, struct core_str email, struct core_str password,
                  struct core_str totp, const struct account_client *client,
                  struct account_tokens *ret, struct account_why *why);
/* Pool. The next pair of tokens. A refresh token works once: one that was used before ends its login,
 * since two hold it. CORE_EAUTH. */
int account_refresh(struct accounts *a, struct core_str refresh,
                    const struct account_client *client, struct account_tokens *ret);
/* Pool. Ends a login: its refresh token and its access tokens work no longer. */
int account_login_end(struct accounts *a, struct core_str login, const struct account_actor *by);
/* Pool. The logins of an account that have not ended, the last used first; non-zero from on_login stops. */
struct account_login_info {
    struct core_str id, agent, address; /* valid during the call */
    int64_t created_ms, used_ms;
};
int account_logins(struct accounts *a, struct core_str account,
                   int (*on_login)(void *arg, const struct account_login_info *login), void *arg);
/* Pool. Ends one of them; CORE_ENOTFOUND: there is none, or it is another's. */
int account_login_revoke(struct accounts *a, struct core_str account, struct core_str login,
                         const struct account_actor *by);
/* Pool. Takes another password and ends all logins but `keep` (NULL: all). CORE_EAUTH: the old one is not
 * right; CORE_EINVAL (why), CORE_EBUSY. */
int account_password_change(struct accounts *a, struct core_str account, struct core_str old,
                            struct core_str password, const char *keep,
                            const struct account_actor *by, struct account_why *why);
/* The second factor, all pool. Begin: a secret for an app, which counts once it is confirmed with a code of it;
 * CORE_EEXISTS: there is one already. Confirm gives recovery codes, which are shown once; CORE_EAUTH: another
 * code, CORE_ENOTFOUND: not begun. Remove takes a code too. */
struct account_totp {
    char secret[33];                    /* base32 */
    char uri[ACCOUNT_LIMIT_EMAIL + 96]; /* otpauth://…, for a QR code */
};
#define ACCOUNT_RECOVERY_SIZE 17
int account_totp_begin(struct accounts *a, struct core_str account, struct account_totp *ret);
int account_totp_confirm(struct accounts *a, struct core_str account, struct core_str code,
                         const struct account_actor *by,
                         char ret_codes[static ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE]);
int account_totp_remove(struct accounts *a, struct core_str account, struct core_str code,
                        const struct account_actor *by);
/* Pool. CORE_ENOTFOUND: the owner before there was an account, or gone. */
int account_read(struct accounts *a, struct core_str id, struct account_user *ret);
/* Pool. An invitation to register once, for ACCOUNT_INVITE_S. CORE_EINVAL: no role to invite to. */
#define ACCOUNT_INVITE_SIZE 48
int account_invite(struct accounts *a, const struct account_actor *by, struct core_str role,
                   char out[static ACCOUNT_INVITE_SIZE]);

/* The account that an access token names; it and its strings are the pool's. NULL: not ours, altered,
 * expired, or its login ended. */
const struct account *account_by_access(struct accounts *a, struct core_str token,
                                        struct core_pool *pool);

/* --- What may be spent ------------------------------------------------------------------------- */

/* Who pays for what is asked: the account, and the API key it came by (NULL: none). */
struct account_payer {
    const char *account, *key;
};
/* A request counts by itself. */
struct account_cost {
    int64_t microusd, tokens;
};
/* The budget that a request would have passed. */
struct account_broke {
    char budget[ACCOUNT_LIMIT_NAME];
    const char *unit, *period; /* "money", "tokens", "requests"; "day", "month" */
    int64_t limit, spent, resets_ms;
};
#define ACCOUNT_HOLD_SIZE CORE_ID_SIZE
/* Pool. Sets the worst case of one call of a level aside in all budgets that bind the payer, or in none:
 * CORE_EBUDGET (ret_broke). `ret_hold` is "" when no budget binds. Durable when money is at stake: what is set aside and
 * never settled (the process died) counts as spent. */
int account_spend_hold(struct accounts *a, const struct account_payer *payer, unsigned level,
                       const struct account_cost *worst, char ret_hold[static ACCOUNT_HOLD_SIZE],
                       struct account_broke *ret_broke);
/* Any thread. Adds to the batch that records what a hold was for: what it really cost. "" adds nothing. */
void account_spend_settle(struct store_batch *batch, const char *hold,
                          const struct account_cost *real);

/* For `sky user token`: reads the token file of a data folder (creating nothing). */
int account_token_read(const struct core_env *env, const char *data_dir,
                       char out[static ACCOUNT_TOKEN_SIZE], char *why, size_t why_cap);

#endif
