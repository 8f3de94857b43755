/*
 * audit.h: what was done, by whom, in an order that
 * cannot be changed unseen. Part of the face, account.h.
 *
 *     row n:  time, actor, act, object, outcome, detail     hash n = SHA-256(hash n−1 ‖ n ‖ row n)
 *     head:   the number and hash of the last row, and of the last row that was removed for its age
 *
 * The store's one writer gives a row its number and hash while it commits the batch, so a row
 * exists if and only if the act in the same batch does, whatever other batches do meanwhile.
 */
#ifndef ACCOUNT_AUDIT_H
#define ACCOUNT_AUDIT_H

#include "core/buf.h"
#include "core/limits.h"
#include "core/store/store.h"

/* X(id, name, counted): a counted act is what anybody can make happen as
 * often as they like: of those only ACCOUNT_AUDIT_EACH a minute get a row
 * each, and the others one that says how many they were. */
#define ACCOUNT_ACTS(X)                                                                            \
    X(LOGIN_OK, "login.ok", false)                                                                 \
    X(LOGIN_REFUSED, "login.refused", true)                                                        \
    X(LOGIN_ENDED, "login.ended", false)                                                           \
    X(ACCOUNT_REGISTERED, "account.registered", false)                                             \
    X(ACCOUNT_REFUSED, "account.refused", true)                                                    \
    X(ACCOUNT_CHANGED, "account.changed", false)                                                   \
    X(ACCOUNT_REMOVED, "account.removed", false)                                                   \
    X(ACCOUNT_EXPORTED, "account.exported", false)                                                 \
    X(PASSWORD_CHANGED, "password.changed", false)                                                 \
    X(PASSWORD_RESET, "password.reset", false)                                                     \
    X(PASSWORD_REFUSED, "password.refused", true)                                                  \
    X(TOTP_CONFIRMED, "totp.confirmed", false)                                                     \
    X(TOTP_REMOVED, "totp.removed", false)                                                         \
    X(TOTP_REFUSED, "totp.refused", true)                                                          \
    X(STEP_UP_OK, "step-up.ok", false)                                                             \
    X(STEP_UP_REFUSED, "step-up.refused", true)                                                    \
    X(RESET_MADE, "reset.made", false)                                                             \
    X(RESET_REFUSED, "reset.refused", true)                                                        \
    X(INVITE_MADE, "invite.made", false)                                                           \
    X(INVITE_USED, "invite.used", false)                                                           \
    X(INVITE_REMOVED, "invite.removed", false)                                                     \
    X(CODE_MADE, "code.made", false)                                                               \
    X(TOKEN_PRINTED, "token.printed", false)                                                       \
    X(ROLE_REFUSED, "role.refused", true)                                                          \
    X(SCOPE_REFUSED, "scope.refused", true)                                                        \
    X(KEY_MADE, "key.made", false)                                                                 \
    X(KEY_CHANGED, "key.changed", false)                                                           \
    X(KEY_REMOVED, "key.removed", false)                                                           \
    X(BUDGET_SET, "budget.set", false)                                                             \
    X(BUDGET_REMOVED, "budget.removed", false)                                                     \
    X(TIER_SET, "tier.set", false)                                                                 \
    X(TIER_REMOVED, "tier.removed", false)                                                         \
    X(TEAM_SET, "team.set", false)                                                                 \
    X(TEAM_REMOVED, "team.removed", false)                                                         \
    X(PROVIDER_SET, "provider.set", false)                                                         \
    X(PROVIDER_REMOVED, "provider.removed", false)                                                 \
    X(PROVIDER_TESTED, "provider.tested", false)                                                   \
    X(PROMPT_CHANGED, "prompt.changed", false)                                                     \
    X(PRICE_SET, "price.set", false)                                                               \
    X(DOCUMENT_REMOVED, "document.removed", false)                                                 \
    X(SOURCE_FORGOTTEN, "source.forgotten", false)                                                 \
    X(LEARN_STARTED, "learn.started", false)                                                       \
    X(CONFIG_RELOADED, "config.reloaded", false)                                                   \
    X(AUDIT_PRUNED, "audit.pruned", false)                                                         \
    X(BACKUP_STARTED, "backup.started", false)

enum account_act {
#define X(id, name, counted) ACCOUNT_ACT_##id,
    ACCOUNT_ACTS(X)
#undef X
        ACCOUNT_ACT_COUNT
};
/* The name of the table. */
const char *account_act_name(enum account_act act);

/* Who did it, and from where; each may be empty. All empty: the program itself. */
struct account_actor {
    struct core_str id, name;   /* of the account, the name as it is now */
    struct core_str role;       /* for what it may do; not logged */
    struct core_str login, key; /* by which of its logins, or API keys */
    struct core_str address, request;
};

struct account_event {
    enum account_act act;
    const struct account_actor *by; /* NULL: the program itself */
    struct core_str object;         /* the id of what it was done to, or empty */
    const char *outcome;            /* NULL: "ok" */
    struct core_str
        detail; /* a JSON object without secrets, at most ACCOUNT_LIMIT_AUDIT_DETAIL bytes; or empty */
};

struct accounts;
/* Any thread. Adds the row to the batch that does the act. Texts that are too long are cut, and
 * nothing in them can make the batch fail. */
void account_audit_add(const struct core_env *env, struct store_batch *batch,
                       const struct account_event *event);
/* Any thread. The row in a durable batch of its own, for which nobody waits; a counted act may be
 * counted instead, and then it must be the loop thread. */
void account_audit(struct accounts *accounts, const struct account_event *event);
/* Loop thread, about once a minute: writes what was counted in minutes that are over. */
void account_audit_tick(struct accounts *accounts);

/* --- Looking at it: pool, or no server at all ------------------------------------------------- */

struct account_audit_row {
    int64_t seq, at_ms;
    struct core_str actor, name, login, key, address, request, act, object, outcome, detail;
};
/* Empty or 0: all. */
struct account_audit_query {
    int64_t before; /* rows with a smaller number */
    struct core_str act, actor;
    unsigned limit;
};
/* The newest first; the strings are valid during the
 * call. Non-zero from on_row stops and is returned. */
int account_audit_list(struct store *store, const struct account_audit_query *query,
                       int (*on_row)(void *arg, const struct account_audit_row *row), void *arg);

struct account_audit_report {
    int64_t rows, first, last; /* that were looked at; first and last are 0 where there is none */
    char head[65];             /* the hash up to the last, in hexadecimal */
    int64_t bad;               /* number of the first row that is wrong; 0: none is */
    char what[160];            /* what is wrong with it */
};
/* 0 also when something is wrong: see `bad`. Else the store's error. */
int account_audit_verify(struct store *store, struct account_audit_report *ret);
/* The same two as JSON, appended: a page {"audit":[…],"next":"<before>"|null}, newest first; and
 * {"ok","rows","first","last","head","bad","what"}. 0, or the store's error. */
struct core_json_out;
void account_audit_row_out(struct core_json_out *o, const struct account_audit_row *row);
int account_audit_list_out(struct store *store, const struct account_audit_query *query,
                           struct core_buf *out);
int account_audit_verify_out(struct store *store, struct core_buf *out);
/* Removes rows older than so many days. What is left can still be verified, since the head
 * remembers the hash up to which rows were removed, and a row says so. */
int account_audit_prune(const struct core_env *env, struct store *store, unsigned days);

#endif
