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

/* --- session.c: browser sessions -------------------------------------------------------------- */

struct account_session {
    unsigned char hash[CORE_SHA256_SIZE]; /* of the cookie */
    char login[CORE_ID_SIZE];
    struct account_user user;
    bool file; /* it began with the owner's token */
    int64_t begun_ms, used_ms, expires_ms;
    int32_t next; /* in its bucket */
};
/* Loop thread. */
struct account_sessions {
    const struct core_env *env;
    struct store *store;
    struct account_session *items;
    size_t count, cap;
    int32_t *buckets;
};
int account__sessions_load(struct account_sessions *s);
void account__sessions_done(struct account_sessions *s);
void account__session_add(struct account_sessions *s, const struct account_session *session);
void account__session_drop(struct account_sessions *s, const char *login);
/* All of an account but that of the login `keep`, which may be empty. */
void account__sessions_drop(struct account_sessions *s, const char *account, const char *keep);
/* All of an account, to what it is now. */
void account__session_change(struct account_sessions *s, const struct account_user *user);

/* --- news.c: from the pool's threads to the loop thread --------------------------------------- */

struct account_news {
    struct account_news *next;
    enum {
        ACCOUNT_NEWS_BEGAN,
        ACCOUNT_NEWS_PROVED,
        ACCOUNT_NEWS_ENDED,
        ACCOUNT_NEWS_CHANGED,
        ACCOUNT_NEWS_LOST
    } kind;
    struct account_session
        session; /* or its login, or its user, or of whom and the login that stays */
};
/* Any thread, after the store has it. */
void account__news_began(struct accounts *a, const struct account_session *session);
void account__news_proved(struct accounts *a, const char *login);
void account__news_ended(struct accounts *a, struct core_str login);
/* What store_write_wait() answered: the batch is in the store, or may be.
 * The loop is to be told of both, and then nothing may fail any more:
 * whoever tried again would find it done and tell nobody. */
bool account__written(int err);
/* Pool. */
void account__news_changed(struct accounts *a, struct core_str account);
/* Any thread. Something of an account is in the store that could not be
 * read again: nothing is believed of it that was known before, but of
 * the login `keep` (may be NULL) that its session goes on. */
void account__news_lost(struct accounts *a, struct core_str account, const char *keep);
/* Loop thread: takes what was posted into memory. */
void account__news_hear(struct accounts *a);

/* --- code.c: one-time login codes ------------------------------------------------------------- */

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

/* --- keys.c: what signs tokens ---------------------------------------------------------------- */

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

/* --- password.c ------------------------------------------------------------------------------- */

#define ACCOUNT_PHC_SIZE 128
/* Pool; both tens of milliseconds. CORE_EBUSY: as many as may are being computed. */
int account__password_hash(struct accounts *a, struct core_str password,
                           char out[static ACCOUNT_PHC_SIZE]);
/* phc empty: takes as long and refuses. CORE_EDENIED, CORE_EBUSY, CORE_ECORRUPT. */
int account__password_check(struct accounts *a, struct core_str phc, struct core_str password);

/* --- throttle.c: tries that failed, by account and by address --------------------------------- */

struct account_try {
    uint64_t key;          /* 0: free */
    unsigned failed, open; /* open: not answered yet */
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
/* Begins a try, which ends with close. Not 0: seconds until there is room for one more at once. */
unsigned account__throttle_open(struct account_throttle *t, uint64_t key, uint64_t now_ms);
void account__throttle_close(struct account_throttle *t, uint64_t key, uint64_t now_ms);

/* --- date.c ----------------------------------------------------------------------------------- */

/* "2026-01-31": a day that is in the calendar, from 1970 on. */
bool account__date_valid(struct core_str text);

/* --- cost_csv.c ------------------------------------------------------------------------------- */

typedef int account__cost_fn(void *arg, const struct account_cost_row *row);
/* Calls on_row for each amount of the file, in its order; non-zero from it stops and is returned.
 * CORE_EINVAL, CORE_ETOOBIG. Several rows may be for one day, service and currency. */
int account__cost_csv(struct core_str csv, account__cost_fn *on_row, void *arg,
                      struct account_cost_why *why);
/* "USD" */
bool account__currency_valid(struct core_str text);

/* --- access.c: access tokens ------------------------------------------------------------------ */

struct account_claims {
    char id[CORE_ID_SIZE], login[CORE_ID_SIZE];
    char name[ACCOUNT_LIMIT_NAME], role[16];
    bool totp;
    int64_t issued_s, expires_s;
};
/* CORE_ETOOBIG is not possible for a user within its limits. */
void account__access_write(const struct account_keys *keys, const struct account_claims *claims,
                           char out[static ACCOUNT_LIMIT_ACCESS]);
/* CORE_EAUTH: not ours, or altered. Times are the caller's to compare. */
int account__access_read(const struct account_keys *keys, struct core_str token,
                         struct account_claims *ret);

/* Tokens whose signature was found right, by a hash of it. Loop thread. */
struct account_seen {
    unsigned char hash[CORE_SIP128_SIZE]; /* of the signature, under accounts.table_key */
    char said[ACCOUNT_LIMIT_ACCESS];      /* what it signs */
    size_t said_len;
    struct account_claims claims;
    unsigned ends;    /* how many logins had ended when this one had not */
    unsigned changes; /* how many accounts had changed when this was what it is */
    bool used;
};

/* Accounts as they are, which changed less than ACCOUNT_ACCESS_S ago, the newest
 * ACCOUNT_LIMIT_CHANGED. What an access token says that was issued no later than floor_s may be
 * untrue: one that changed then is not among them any more. */
struct account_changed {
    struct account_user *users;
    int64_t *at_s;
    unsigned next;
    int64_t floor_s;
};
int account__changed_load(struct accounts *a);
void account__changed_add(struct account_changed *c, const struct account_user *user, int64_t at_s);
/* Of a user, for a request. NULL: the pool is full. */
struct account *account__of_user(const struct account_user *user,
                                 const char login[static CORE_ID_SIZE], struct core_pool *pool);

/* --- login.c ---------------------------------------------------------------------------------- */

/* Hashes of logins that ended less than ACCOUNT_ACCESS_S ago, the newest ACCOUNT_LIMIT_ENDED of
 * them; floor_s as above. */
struct account_ended {
    uint64_t keys[ACCOUNT_LIMIT_ENDED];
    int64_t at_s[ACCOUNT_LIMIT_ENDED];
    unsigned next;
    int64_t floor_s;
};
int account__ended_load(struct accounts *a);
/* Once is enough: again changes nothing. */
void account__ended_add(struct account_ended *e, struct core_str login, int64_t at_s);
bool account__ended_has(const struct account_ended *e, const char *login);
/* The token of a turn of a login; CORE_EAUTH: none of ours. */
void account__refresh_write(const struct account_keys *keys, const char *login, int64_t turn,
                            char out[static ACCOUNT_REFRESH_SIZE]);
int account__refresh_read(const struct account_keys *keys, struct core_str token,
                          char ret_login[static CORE_ID_SIZE], int64_t *ret_turn);
/* Pool. Fills the tokens; their user is filled already. file: the owner's token proved it.
 * CORE_EBUSY: the account changed meanwhile. */
int account__login_begin(struct accounts *a, const struct account_client *client, bool file,
                         struct account_tokens *tokens);
/* The user as who does something. */
struct account_actor account__actor_of(const struct account_user *user,
                                       const struct account_client *client);

/* When a login that began then, and is used now, ends
 * if it is not used again, which it may for `unused_s`. */
int64_t account__login_expires(int64_t begun_ms, int64_t now_ms, int64_t unused_s);
/* Ends the logins of an account, but `keep` (may be NULL);
 * once the batch is written, the other one (pool) tells. */
void account__logins_end_put(struct store_batch *batch, struct core_str account, const char *keep,
                             int64_t now_ms);
void account__logins_end_tell(struct accounts *a, struct core_str account, const char *keep,
                              int64_t now_ms);

/* --- typed.c: each CORE_EINVAL, some saying why ----------------------------------------------- */

/* Says so of a field: it is CORE_EINVAL. */
int account__wrong(struct account_why *why, const char *field, const char *must);
/* What keys, budgets and teams are called. */
int account__label_check(struct core_str name, struct account_why *why);
/* In lower case. */
int account__email_read(struct core_str text, char out[static ACCOUNT_LIMIT_EMAIL]);
#define ACCOUNT_EMAIL_MUST "must be an e-mail address in ASCII, such as name@example.org"
#define ACCOUNT_NAME_MUST "must be text of at most 128 bytes without characters that cannot be seen"
/* What stands before the @ when no name is given. */
int account__name_read(struct core_str name, const char *email,
                       char out[static ACCOUNT_LIMIT_NAME]);
int account__password_good(struct core_str password, const char *email, struct account_why *why);
/* E-mail and name into *ret; the password is checked. */
int account__form_read(const struct account_form *form, struct account_user *ret,
                       struct account_why *why);

/* --- common.c --------------------------------------------------------------------------------- */

/* Is it one that whoever guesses tries first? */
bool account__password_common(struct core_str password);
/* Does it hold one of the product's own words? */
bool account__password_ours(struct core_str password);

/* --- known.c ---------------------------------------------------------------------------------- */

bool account__password_known(struct core_str password);

/* --- invite.c --------------------------------------------------------------------------------- */

void account__invite_id(struct core_str hash, char out[static ACCOUNT_INVITE_ID_SIZE]);
/* The role that an invitation gives; empty: it gives none. */
int account__invite_role(struct accounts *a, const unsigned char hash[static CORE_SHA256_SIZE],
                         char *ret_role);

/* --- totp.c: the second factor ---------------------------------------------------------------- */

#define ACCOUNT_TOTP_SECRET 20
#define ACCOUNT_TOTP_SEALED (CORE_AEAD_NONCE_SIZE + ACCOUNT_TOTP_SECRET + CORE_AEAD_TAG_SIZE)
struct account_factor {
    bool known, on; /* there is a secret; it was confirmed */
    unsigned char secret[ACCOUNT_TOTP_SECRET];
    unsigned char sealed[ACCOUNT_TOTP_SEALED]; /* the same as the store has it */
    int64_t step;                              /* of the last code that was used */
};
/* RFC 6238: six digits for a step of 30 seconds. */
void account__totp_code(const unsigned char secret[static ACCOUNT_TOTP_SECRET], int64_t step,
                        char out[static 7]);
/* The step whose code it is, at most one away from now's and later than `last`; −1: none. */
int64_t account__totp_step(const unsigned char secret[static ACCOUNT_TOTP_SECRET],
                           struct core_str code, int64_t now_s, int64_t last);
int account__factor_read(struct accounts *a, struct core_str account, struct account_factor *ret);
/* Takes the factor away, and its recovery codes. */
int account__factor_drop(struct accounts *a, const struct account_actor *by,
                         struct core_str account);
/* Takes a code, or a recovery code: neither works again. CORE_EAUTH. */
int account__factor_use(struct accounts *a, struct core_str account,
                        const struct account_factor *factor, struct core_str code);

/* --- proof.c ---------------------------------------------------------------------------------- */

struct account_proof {
    char login[CORE_ID_SIZE];
    uint64_t at_ms; /* monotonic */
};
struct account_proofs {
    struct account_proof *items;
    unsigned next;
};
void account__proof_add(struct account_proofs *p, const char *login, uint64_t now_ms);
/* Pool. As account_step_up(), of an account. */
int account__prove(struct accounts *a, struct core_str account, struct core_str password,
                   struct core_str totp, struct account_why *why);

/* Pool. CORE_EAUTH. */
int account__password_again(struct accounts *a, struct core_str account, struct core_str password);

/* --- people.c --------------------------------------------------------------------------------- */

/* In SQL: the account `id` (a column) steers now. The owner does before there is an account. */
#define ACCOUNT_STEERS(id)                                                                         \
    "(" id " = 'owner' OR EXISTS (SELECT 1 FROM account s WHERE s.id = " id " AND s.disabled = 0 " \
    "AND s.role IN ('owner', 'admin')))"
#define ACCOUNT_USER_COLUMNS "account.id, email, name, role, tier, totp_on, account.version"
/* From these columns, of which `column` is the first. */
void account__user_of_row(const struct store_row *row, unsigned column, struct account_user *ret);
/* The owner before there is an account. */
void account__owner_unregistered(struct account_user *ret);
/* With a NUL; cut to fit. */
void account__copy(struct core_str text, char *out, size_t cap);
/* What account__person_read() reads by. */
extern const char ACCOUNT_PERSON_BY_ID[], ACCOUNT_PERSON_BY_EMAIL[], ACCOUNT_PERSON_BY_LOGIN[],
    ACCOUNT_PERSON_BY_RESET[];
/* CORE_ENOTFOUND. phc and ret_disabled may be NULL. */
int account__person_read(struct accounts *a, const char *sql, struct core_str key,
                         struct account_user *ret, char phc[ACCOUNT_PHC_SIZE], bool *ret_disabled);

/* --- view.c: what the loop knows of the store without asking it ------------------------------- */

struct account_apikey {
    char id[CORE_ID_SIZE], account[CORE_ID_SIZE];
    char name[ACCOUNT_LIMIT_NAME], role[16]; /* of the account */
    unsigned char hash[CORE_SHA256_SIZE];
    unsigned scopes;
    bool totp; /* the account has a second factor, or is the owner's before there is one */
    int64_t minute, expires_ms, used_ms;
};
struct account_tiered {
    char id[CORE_ID_SIZE]; /* of an account */
    uint8_t tier;
};
struct account_view {
    struct account_view *next; /* of those that wait */
    uint64_t serial;
    struct account_tier tiers[ACCOUNT_LIMIT_TIERS];
    size_t tier_count;
    struct account_apikey *keys;
    struct account_tiered *tiered;
    uint32_t *key_slots,
        *tiered_slots; /* tables of indices by the hash of the id, 1 is the first */
    size_t key_count, key_cap, key_mask, tiered_count, tiered_cap, tiered_mask;
};
/* Pool. Whatever was in the store at the call the loop sees
 * after it; or, when that cannot be read, accounts_stale(). */
int account__view_load(struct accounts *a);
/* Pool. To be called after each change of API keys, tiers, and of an account's name, role, tier, or
 * whether it may log in, before whoever asked for it is told. Budgets are looked at anew too. */
void account__view_renew(struct accounts *a);
/* Pool. store_write_wait() of such a change, and that. */
int account__view_write(struct accounts *a, struct store_batch *batch);
/* Loop thread. The newest. */
struct account_view *account__view(struct accounts *a);
void account__view_free(struct account_view *view); /* accepts NULL; wipes */
struct account_apikey *account__view_key(const struct account_view *view, struct core_str id);
const struct account_tier *account__view_tier(const struct account_view *view, struct core_str id);

/* --- tier.c ----------------------------------------------------------------------------------- */

/* What account__tier_read() takes from a row, in its order. */
#define ACCOUNT_TIER_COLUMNS                                                                       \
    "name, ask_minute, read_minute, write_minute, tokens_day, microusd_month, level_max, "         \
    "keys_max, body_max"
/* The name of the tier of the account `id` (a parameter) that is in force: of one whose tier is
 * gone, or that is gone itself, what view.c says too. */
#define ACCOUNT_TIER_OF(id)                                                                        \
    "coalesce((SELECT x.name FROM tier x JOIN account y ON y.tier = x.name WHERE y.id = " id       \
    "), CASE " id " WHEN 'owner' THEN 'owner' ELSE 'free' END)"
void account__tier_read(const struct store_row *row, struct account_tier *ret);

/* --- period.c: days and months, UTC ----------------------------------------------------------- */

struct account_periods {
    int64_t day_ms, day_ends_ms, month_ms, month_ends_ms;
};
void account__periods(int64_t wall_ms, struct account_periods *ret);

/* --- spend.c ---------------------------------------------------------------------------------- */

/* Any thread. To be called after each change of budgets
 * and teams, before whoever asked for it is told. */
void account__spend_changed(struct accounts *a);
/* At the start: holds of the run before are settled or released. */
int account__spend_recover(struct accounts *a);

/* --- budget.c, apikey.c ----------------------------------------------------------------------- */

/* Adds to a batch: removes the budgets of an account, key or team. */
void account__budgets_forget(struct store_batch *batch, const char *kind, struct core_str subject);
/* Adds to the batch that removes an account: its keys,
 * their budgets and its own, and what its tier counted. */
void account__spending_forget(struct store_batch *batch, struct core_str account);
/* --- audit.c ---------------------------------------------------------------------------------- */

#define ACCOUNT_AUDIT_TEXTS 10
/* A counted act in a minute (of wall time): rows of their own, and how many more. */
struct account_counted {
    int64_t minute;
    unsigned each, more;
};
/* account_audit_add(), of what went well and needs no more words. detail may be NULL. */
void account__audit_put(const struct accounts *a, struct store_batch *batch, enum account_act act,
                        const struct account_actor *by, struct core_str object, const char *detail);
/* What is hashed of a row: its time and texts, each
 * with its length, so that two rows are never one text. */
void account__audit_encode(struct core_buf *out, int64_t at_ms, const struct core_str *texts,
                           size_t count);
/* Writes what was counted. */
void account__audit_done(struct accounts *a);

/* --- account.c -------------------------------------------------------------------------------- */

struct accounts {
    const struct core_env *env;
    struct store *store;
    char token[ACCOUNT_TOKEN_SIZE];
    struct account_codes codes;
    struct account_sessions sessions;
    struct account_keys keys;
    atomic_uint hashes;       /* being computed, and waiting for it */
    struct core_aside *aside; /* computes them */
    struct account_throttle throttle;
    _Atomic(struct account_news *) news; /* newest first */
    struct account_ended ended;
    struct account_changed changed;
    struct account_proofs proofs;
    unsigned char table_key[CORE_SIP_KEY_SIZE]; /* of the tables in memory; drawn at start */
    struct account_seen *seen;
    struct account_view *view;            /* the loop's */
    _Atomic(struct account_view *) views; /* that wait for it, the last put first */
    _Atomic uint64_t view_serial, view_wanted;
    atomic_uint spend_changes;
    _Atomic uint64_t unbound[ACCOUNT_LIMIT_UNBOUND];   /* payers without a budget, see spend.c */
    struct account_counted counted[ACCOUNT_ACT_COUNT]; /* loop thread */
};

#endif
