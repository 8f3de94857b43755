/*
 * account.h: who is asking. The owner proves it by a token file (DATA/owner.token, mode 0600), a
 * one-time login code, or a browser session made from either; people with an account by e-mail and
 * password, which give an access token for a few minutes and a refresh token for the next one.
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
    const char *login; /* NULL: by the owner's token or an API key */
    const char *key;   /* the id of the API key it came by, or NULL */
    bool cookie;       /* by a browser's session */
    bool file;         /* by the owner's token, or a session that began with it */
    bool registered;   /* has an e-mail and a password; not said of the owner's token */
    bool
        totp; /* has a second factor; not said of the owner's token. With a key: or has no account yet */
    unsigned scopes; /* with a key: what the key is for */
    int64_t minute;  /* with a key: requests it may make in one; ACCOUNT_UNLIMITED */
};
#define ACCOUNT_UNLIMITED (-1)

/* Makes the token on first start; loads sessions. `why`: one line naming the file and the
 * remedy. */
int accounts_open(const struct core_env *env, struct store *store, const char *data_dir,
                  struct accounts **ret, char *why, size_t why_cap);
void accounts_free(struct accounts *accounts); /* wipes */
/* Loop thread. There was a change that could not be read back from the store: no API key opens
 * anything until accounts_reload() (pool), or another change, went well. Ask about once a
 * minute. */
bool accounts_stale(struct accounts *accounts);
int accounts_reload(struct accounts *accounts);

#define ACCOUNT_TOKEN_SIZE 48 /* "sky_" + 43 characters + NUL */
#define ACCOUNT_CODE_SIZE 27
#define ACCOUNT_SESSION_SIZE 48

/* Constant time. NULL: refused. */
const struct account *account_by_token(struct accounts *accounts, struct core_str token);
/* It and its strings are the pool's. */
const struct account *account_by_session(struct accounts *accounts, struct core_str session,
                                         struct core_pool *pool);

/* A one-time code, valid ACCOUNT_LIMIT_CODE_S; the oldest falls out past ACCOUNT_LIMIT_CODES. */
void account_code_new(struct accounts *accounts, char out[static ACCOUNT_CODE_SIZE]);
/* Uses the code up. */
const struct account *account_by_code(struct accounts *accounts, struct core_str code);

/* --- Accounts ------------------------------------------------------------------------------- */

struct account_user {
    char id[CORE_ID_SIZE];
    char email[ACCOUNT_LIMIT_EMAIL];
    char name[ACCOUNT_LIMIT_NAME];
    char role[16], tier[16];
    bool totp;       /* a second factor is on */
    int64_t version; /* how often it changed */
};

#define ACCOUNT_REFRESH_SIZE 96
struct account_tokens {
    struct account_user user;
    char access[ACCOUNT_LIMIT_ACCESS];
    char refresh[ACCOUNT_REFRESH_SIZE];
    char session[ACCOUNT_SESSION_SIZE]; /* instead of both, for a browser */
};

/* Where a request came from; agent and address may be shown to the account's person. */
struct account_client {
    struct core_str agent, address, request;
    bool browser;    /* it wants a session */
    const char *how; /* what proves who it is, for the audit log; NULL: a password */
};

struct account_form {
    struct core_str email, name, password, invite; /* name and invite may be empty */
    bool owner; /* whoever asks has proved to be the owner: the first account becomes theirs */
    bool open;  /* anybody may register */
};
/* What was wrong with a form: the field, and what it must be, for people; and the account that it
 * was about, "" when there is none, for the audit log alone. */
struct account_why {
    const char *field, *must;
    char account[CORE_ID_SIZE];
};

/* Whoever guesses waits: seconds until the next try for this e-mail or id
 * (empty: none) from this address; 0: now, and account_tried() must say
 * how it went: until then it counts as if it had failed. */
unsigned account_try(struct accounts *a, struct core_str email, struct core_str address);
enum account_outcome {
    ACCOUNT_RIGHT, /* all that was wrong before is forgiven */
    ACCOUNT_WRONG,
    ACCOUNT_NEITHER /* it was not decided, or is no reason to forgive: half of a proof */
};
void account_tried(struct accounts *a, struct core_str email, struct core_str address,
                   enum account_outcome outcome);

/* Pool. Makes an account and logs it in. CORE_EINVAL (why), CORE_EDENIED (neither owner nor a good
 * invitation), CORE_EEXISTS (the e-mail), CORE_EBUSY (many do it now), CORE_EUNSUPPORTED (a
 * browser, for an agent), or the store's. *ret is for core_wipe(). */
int account_register(struct accounts *a, const struct account_form *form,
                     const struct account_client *client, struct account_tokens *ret,
                     struct account_why *why);
/* Pool. totp: a code of the second factor or a recovery code; empty: none. CORE_EAUTH: no such
 * account, another password, or disabled: nobody learns which, and it takes as long; or another
 * code. With why->field "totp" the password was right and a code is missing. CORE_EBUSY,
 * CORE_EUNSUPPORTED (a browser, for an agent). */
int account_login(struct accounts *a, struct core_str email, struct core_str password,
                  struct core_str totp, const struct account_client *client,
                  struct account_tokens *ret, struct account_why *why);
/* Pool. The next pair of tokens. A refresh token works once: one that was used before ends its
 * login, since two hold it. CORE_EAUTH. */
int account_refresh(struct accounts *a, struct core_str refresh,
                    const struct account_client *client, struct account_tokens *ret);
/* Pool. Logs the owner in, who proved it by token or code: with an account or before there is
 * one. */
int account_login_file(struct accounts *a, const struct account_client *client,
                       struct account_tokens *ret);
/* Pool. Ends a login: its session, or its refresh token and access tokens, work no longer. */
int account_login_end(struct accounts *a, struct core_str login, const struct account_actor *by);
/* Pool. The logins of an account that have not ended,
 * the last used first; non-zero from on_login stops. */
struct account_login_info {
    struct core_str id, agent, address; /* valid during the call */
    int64_t created_ms, used_ms;
};
int account_logins(struct accounts *a, struct core_str account,
                   int (*on_login)(void *arg, const struct account_login_info *login), void *arg);
/* Pool. Ends one of them; CORE_ENOTFOUND: there is none, or it is another's. */
int account_login_revoke(struct accounts *a, struct core_str account, struct core_str login,
                         const struct account_actor *by);
/* Any thread. Whether what hashes a password would be answered with CORE_EBUSY now. */
bool account_password_busy(const struct accounts *a);
/* Pool. Takes another password and ends all logins but `keep` (NULL: all), and an open reset.
 * CORE_EAUTH: the old one is not right; CORE_EINVAL (why), CORE_EBUSY. */
int account_password_change(struct accounts *a, struct core_str account, struct core_str old,
                            struct core_str password, const char *keep,
                            const struct account_actor *by, struct account_why *why);
/* Has the login proved who it is within ACCOUNT_PROOF_S? */
bool account_proved(struct accounts *a, const struct account *account);
/* Pool. Proves it again: by a code where there is a second factor, else
 * by the password. CORE_EINVAL (why: the other one is wanted),
 * CORE_EAUTH, CORE_EBUSY; CORE_EUNSUPPORTED: it came by no login. */
int account_step_up(struct accounts *a, const struct account *account, struct core_str password,
                    struct core_str totp, struct account_why *why);
/* The second factor, all pool. Begin: a secret for an app, which counts once it is confirmed with a
 * code of it; CORE_EEXISTS: there is one already. Confirm gives recovery codes, which are shown
 * once; CORE_EAUTH: another code, CORE_ENOTFOUND: not begun. Remove takes a code too. */
struct account_totp {
    char secret[33];                    /* base32 */
    char uri[ACCOUNT_LIMIT_EMAIL + 96]; /* otpauth://…, for a QR code */
};
#define ACCOUNT_RECOVERY_LETTERS 24
#define ACCOUNT_RECOVERY_SIZE 30 /* in fours, with '-' between them */
int account_totp_begin(struct accounts *a, struct core_str account, struct account_totp *ret);
int account_totp_confirm(struct accounts *a, struct core_str account, struct core_str code,
                         const struct account_actor *by,
                         char ret_codes[static ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE]);
int account_totp_remove(struct accounts *a, struct core_str account, struct core_str code,
                        const struct account_actor *by);
/* Of a role: it changes what others see and may do. */
bool account_steers(const char *role);
/* Pool. CORE_ENOTFOUND: the owner before there was an account, or gone. */
int account_read(struct accounts *a, struct core_str id, struct account_user *ret);
/* Pool. An invitation to register once, for ACCOUNT_INVITE_S. CORE_EINVAL: no role to invite to. */
#define ACCOUNT_INVITE_SIZE 48
int account_invite(struct accounts *a, const struct account_actor *by, struct core_str role,
                   char ret[static ACCOUNT_INVITE_SIZE]);

/* Pool. The open ones, the newest first; their codes nobody knows. */
#define ACCOUNT_INVITE_ID_SIZE 17
struct account_invite_info {
    struct core_str id, role, created_by; /* valid during the call */
    int64_t created_ms, expires_ms;
};
int account_invites(struct accounts *a,
                    int (*on_invite)(void *arg, const struct account_invite_info *invite),
                    void *arg);
/* Pool. CORE_ENOTFOUND. */
int account_invite_end(struct accounts *a, const struct account_actor *by, struct core_str id);

/* --- People, for those who steer (all pool) --------------------------------------------------- */

struct account_person {
    struct account_user user;
    int64_t created_ms, used_ms; /* used: 0 for never */
    bool disabled;
};
int account_person(struct accounts *a, struct core_str id, struct account_person *ret);
/* By id, after the id `after`, whose e-mail or name holds `like` (both may be empty). */
int account_people(struct accounts *a, struct core_str like, struct core_str after, unsigned limit,
                   int (*on_person)(void *arg, const struct account_person *person), void *arg);
/* The owner steers everybody, administrators whoever does not steer; nobody loses the owner's place
 * or gets it. CORE_EDENIED otherwise, CORE_ENOTFOUND. */
int account_steer(struct accounts *a, const struct account_actor *by, struct core_str id);
/* What changes holds for the next request. Disabling ends all logins, and so
 * does becoming an agent or ceasing to be one. CORE_EINVAL (why),
 * CORE_EDENIED, CORE_ENOTFOUND, CORE_EBUSY: it changed meanwhile. */
struct account_change {
    struct core_str role, tier, name; /* ptr NULL: stays */
    struct core_str email;            /* the same; only one's own: CORE_EDENIED; CORE_EEXISTS */
    int disabled;                     /* −1: stays */
};
int account_change(struct accounts *a, const struct account_actor *by, struct core_str id,
                   const struct account_change *change, struct account_person *ret,
                   struct account_why *why);
/* Removes the account, its logins and what lets one in. others: adds to the same batch what other
 * rooms hold of it. CORE_EDENIED, CORE_ENOTFOUND, CORE_EBUSY: it changed meanwhile. */
int account_remove(struct accounts *a, const struct account_actor *by, struct core_str id,
                   void (*others)(struct store_batch *batch, struct core_str account));
/* One's own, with the password, and a code where there is a second factor: CORE_EAUTH. The owner
 * goes last: CORE_EMISMATCH. CORE_EBUSY: it changed meanwhile, or another began. */
int account_leave(struct accounts *a, const struct account_actor *by, struct core_str password,
                  struct core_str totp,
                  void (*others)(struct store_batch *batch, struct core_str account),
                  struct account_why *why);
/* Takes a second factor away that was lost. CORE_ENOTFOUND: there is none. */
int account_totp_strip(struct accounts *a, const struct account_actor *by, struct core_str id);
/* A secret that sets another password once, within ACCOUNT_RESET_S; one before it works no
 * longer. */
#define ACCOUNT_RESET_SIZE 48
int account_reset_new(struct accounts *a, const struct account_actor *by, struct core_str id,
                      char ret[static ACCOUNT_RESET_SIZE]);
/* Uses it: all logins end, the second factor stays. CORE_EAUTH: another secret; CORE_EINVAL
 * (why). */
int account_reset(struct accounts *a, struct core_str secret, struct core_str password,
                  const struct account_client *client, struct account_why *why);

/* The account that an access token names; it and its strings are the pool's. NULL: not ours,
 * altered, expired, or its login ended. */
const struct account *account_by_access(struct accounts *a, struct core_str token,
                                        struct core_pool *pool);

/* --- API keys --------------------------------------------------------------------------------- */

/* What a key is for. It never may do what its account may not. */
enum account_scope {
    ACCOUNT_SCOPE_CHAT = 1,
    ACCOUNT_SCOPE_EMBED = 2,
    ACCOUNT_SCOPE_GENOM = 4,
    ACCOUNT_SCOPE_KNOWLEDGE = 8,
    ACCOUNT_SCOPE_LEARN = 16,
    ACCOUNT_SCOPE_ADMIN = 32
};
#define ACCOUNT_SCOPES 6
/* "chat", …; static. 0: no scope has that name. Any thread. */
const char *account_scope_name(unsigned scope);
unsigned account_scope_named(struct core_str name);

/* "sky-", the id, "-", 43 characters, NUL. */
#define ACCOUNT_APIKEY_SIZE (4 + CORE_ID_SIZE + 44)

struct account_apikey_form {
    struct core_str name; /* for people */
    unsigned scopes;
    int64_t expires_ms; /* 0: never */
    int64_t minute;     /* requests in one minute; ACCOUNT_UNLIMITED: as many as its account */
    /* Of a change: which of these are meant. */
    bool set_name, set_scopes, set_expires, set_minute;
};
struct account_apikey_info {
    struct core_str id, account, name; /* valid during the call */
    unsigned scopes;
    int64_t minute, created_ms, expires_ms, used_ms; /* used_ms 0: never */
};
/* Pool. The key, which is shown once, for core_wipe(), and its id. CORE_EINVAL (why), CORE_ELIMIT:
 * the account has as many as its tier grants, or the server as many as it may. */
int account_apikey_new(struct accounts *a, const struct account_actor *by,
                       const struct account_apikey_form *form,
                       char ret_key[static ACCOUNT_APIKEY_SIZE], char ret_id[static CORE_ID_SIZE],
                       struct account_why *why);
/* Pool. Those of an account (empty: of all), the oldest first, behind the id `after` (may be
 * empty); non-zero from on_key stops. */
int account_apikeys(struct accounts *a, struct core_str account, struct core_str after,
                    int64_t limit, int (*on_key)(void *arg, const struct account_apikey_info *key),
                    void *arg);
/* Pool. From the return on the key is another, or none. account empty: whosever it is.
 * CORE_ENOTFOUND, CORE_EINVAL (why). */
int account_apikey_change(struct accounts *a, const struct account_actor *by,
                          struct core_str account, struct core_str id,
                          const struct account_apikey_form *form, struct account_why *why);
int account_apikey_revoke(struct accounts *a, const struct account_actor *by,
                          struct core_str account, struct core_str id);

/* The account that an API key stands for; it and its strings are the pool's.
 * NULL: none of ours, revoked, expired, or the account may no longer log in.
 * Constant time; that it was used is written once a minute. */
const struct account *account_by_apikey(struct accounts *a, struct core_str token,
                                        struct core_pool *pool);

/* --- Tiers ------------------------------------------------------------------------------------ */

/* What an account may do. Every number may be ACCOUNT_UNLIMITED, but level_max. */
struct account_tier {
    char name[16];
    int64_t ask_minute, read_minute, write_minute; /* requests, by class */
    int64_t tokens_day, microusd_month;
    int64_t level_max; /* 0 … 5 */
    int64_t keys_max, body_max;
};
/* Loop thread. Of whoever asks; valid until the next call of anything here. */
const struct account_tier *account_tier(struct accounts *a, const struct account *account);
/* All pool, in force from the return on. Those there are, by name. */
int account_tiers(struct accounts *a, struct core_str after, int64_t limit,
                  int (*on_tier)(void *arg, const struct account_tier *tier), void *arg);
/* What the tier of an account grants, and what of it is used in the day and month that are now,
 * with what is set aside. */
struct account_granted {
    struct account_tier tier;
    int64_t tokens_used, microusd_used, day_ends_ms, month_ends_ms;
};
int account_granted(struct accounts *a, struct core_str account, struct account_granted *ret);
/* Makes or changes one. CORE_EINVAL (why), CORE_ELIMIT;
 * CORE_EDENIED: "owner" is the owner's to change. */
int account_tier_put(struct accounts *a, const struct account_actor *by,
                     const struct account_tier *tier, struct account_why *why);
/* CORE_ENOTFOUND; CORE_EMISMATCH: accounts have it, or it is "free" or "owner", which always
 * are. */
int account_tier_remove(struct accounts *a, const struct account_actor *by, struct core_str name);

/* --- Teams ------------------------------------------------------------------------------------ */

/* Accounts that share budgets: each is in one at most. All pool, in force from the return on. */
struct account_team {
    struct core_str id, name; /* valid during the call */
    int64_t accounts, created_ms;
};
int account_teams(struct accounts *a, struct core_str after, int64_t limit,
                  int (*on_team)(void *arg, const struct account_team *team), void *arg);
/* CORE_EINVAL (why), CORE_EEXISTS (the name), CORE_ELIMIT. */
int account_team_new(struct accounts *a, const struct account_actor *by, struct core_str name,
                     char ret_id[static CORE_ID_SIZE], struct account_why *why);
int account_team_rename(struct accounts *a, const struct account_actor *by, struct core_str id,
                        struct core_str name, struct account_why *why);
/* With its budgets; its accounts are in none then. CORE_ENOTFOUND. */
int account_team_remove(struct accounts *a, const struct account_actor *by, struct core_str id);
/* Who is in it, by id, behind the id `after`. CORE_ENOTFOUND: no such team. */
struct account_member {
    struct core_str id, email, name; /* valid during the call */
};
int account_team_members(struct accounts *a, struct core_str id, struct core_str after,
                         int64_t limit,
                         int (*on_member)(void *arg, const struct account_member *member),
                         void *arg);
/* Puts the account into it, out of the one it was in; or
 * takes it out. CORE_ENOTFOUND: no such team or account. */
int account_team_join(struct accounts *a, const struct account_actor *by, struct core_str id,
                      struct core_str account);
int account_team_leave(struct accounts *a, const struct account_actor *by, struct core_str id,
                       struct core_str account);

/* --- What may be spent ------------------------------------------------------------------------ */

/* Who pays for what is asked: the account, and the API key it came by (NULL: none). */
struct account_payer {
    const char *account, *key;
};
struct account_cost {
    int64_t microusd, tokens;
};
/* The budget that a request would have passed. */
struct account_broke {
    char budget[ACCOUNT_LIMIT_NAME];
    const char *unit, *period;       /* "money", "tokens", "requests"; "day", "month" */
    int64_t limit, spent, resets_ms; /* money in microusd; spent with what is set aside */
};
/* Its members, into an object that is open. */
struct core_json_out;
void account_broke_out(struct core_json_out *o, const struct account_broke *broke);
/* Which budget it is, what it grants, what to do. Returns `out`. */
#define ACCOUNT_BROKE_TEXT_SIZE 320
const char *account_broke_text(const struct account_broke *broke,
                               char out[static ACCOUNT_BROKE_TEXT_SIZE]);
/* The hold's id, and the worst case it was made for. */
#define ACCOUNT_HOLD_SIZE (CORE_ID_SIZE + 2 * CORE_I64_SIZE + 2)
/* Pool. Sets the worst case of one call of a level aside in all budgets that bind the payer, or in
 * none: CORE_EBUDGET (ret_broke). It counts as one request of the level. `ret_hold` is "" when no
 * budget binds. Durable when money is at stake: what is set aside and never settled (the process
 * died) counts as spent. CORE_EBUSY: budgets change too fast. */
int account_spend_hold(struct accounts *a, const struct account_payer *payer, unsigned level,
                       const struct account_cost *worst, char ret_hold[static ACCOUNT_HOLD_SIZE],
                       struct account_broke *ret_broke);
/* Any thread. Adds to the batch that records what a hold was for: what it
 * really cost, which is no more than its worst case: more is cut to it and
 * logged. Once: again it changes nothing. "" adds nothing. */
void account_spend_settle(struct store_batch *batch, const char *hold,
                          const struct account_cost *real);
/* Pool. Counts one request, whatever levels it reaches, in the budgets of requests that name no
 * level; CORE_EBUDGET. */
int account_spend_request(struct accounts *a, const struct account_payer *payer,
                          struct account_broke *ret_broke);
/* Any thread, at once. It is known that no budget binds calls of the level (ACCOUNT_LEVEL_ANY:
 * whole requests): account_spend_hold() or account_spend_request() would set nothing aside. */
bool account_spend_free(struct accounts *a, const struct account_payer *payer, int level);

/* --- Budgets ---------------------------------------------------------------------------------- */

#define ACCOUNT_LEVEL_ANY (-1)
struct account_budget_form {
    struct core_str name;
    struct core_str kind, subject; /* "all", "account", "key", "team"; whose id (empty for "all") */
    struct core_str unit, period;  /* as in struct account_broke */
    int64_t level;                 /* 0 … 5, ACCOUNT_LEVEL_ANY */
    int64_t cap;                   /* money in microusd */
    bool set_name, set_cap;        /* of a change: which of these two are meant */
};
struct account_budget {
    struct core_str id, name, kind, subject, unit, period; /* valid during the call */
    int64_t level, cap, spent, reserved;                   /* of the period that is now */
    int64_t resets_ms, created_ms;
};
/* All pool, in force from the return on. CORE_EINVAL (why), CORE_ELIMIT, CORE_ENOTFOUND. */
int account_budget_new(struct accounts *a, const struct account_actor *by,
                       const struct account_budget_form *form, char ret_id[static CORE_ID_SIZE],
                       struct account_why *why);
int account_budget_change(struct accounts *a, const struct account_actor *by, struct core_str id,
                          const struct account_budget_form *form, struct account_why *why);
int account_budget_remove(struct accounts *a, const struct account_actor *by, struct core_str id);
/* Those of an account, its keys and its team (empty: all there are), the oldest first, behind the
 * id `after`; non-zero from on_budget stops. */
int account_budgets(struct accounts *a, struct core_str account, struct core_str after,
                    int64_t limit, int (*on_budget)(void *arg, const struct account_budget *budget),
                    void *arg);

/* For `sky user token`: reads the token file of a data folder (creating nothing). */
int account_token_read(const struct core_env *env, const char *data_dir,
                       char out[static ACCOUNT_TOKEN_SIZE], char *why, size_t why_cap);

/* The rest of the face, each about one thing. */
#include "account/cost.h"
#include "account/sprint.h"

#endif
