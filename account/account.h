/*
 * account.h: who is asking. Until accounts exist there is one owner, who proves it by a token
 * file (DATA/owner.token, mode 0600), a one-time login code, or a browser session made from either.
 *
 * Loop thread; functions marked "pool" block on the store.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "core/store/store.h"

struct accounts;
struct account {
    const char *id; /* "owner" */
    const char *name;
    const char *role; /* "owner" */
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
                         char out[static ACCOUNT_SESSION_SIZE],
                         void (*acked)(void *arg, int status), void *arg);
void account_session_end(struct accounts *accounts, struct core_str session,
                         void (*acked)(void *arg, int status), void *arg);

/* For `sky user token`: reads the token file of a data folder (creating nothing). */
int account_token_read(const struct core_env *env, const char *data_dir,
                       char out[static ACCOUNT_TOKEN_SIZE], char *why, size_t why_cap);

#endif
