/* auth.h: what the handlers of accounts share: one request
 * from its fields to its answer. Inside gate/handler. */
#ifndef GATE_HANDLER_AUTH_H
#define GATE_HANDLER_AUTH_H

#include "gate/handler/handlers.h"

#include <stdio.h>

/* In the request's memory. A handler fills what its
 * call reads; the call fills what the answer says. */
struct auth {
    int (*call)(struct gate_request *r, struct auth *auth);
    void (*answer)(struct gate_request *r, void *arg); /* to a try */
    struct account_form form;
    enum account_act refused; /* what a try that was wrong is called */
    struct account_actor by;
    struct core_str refresh, role, tried, login, password, totp;
    struct account_totp secret;
    char codes[ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE];
    struct core_json_out out;
    struct core_str after; /* a list: begins behind this id */
    int64_t limit;
    unsigned count;
    char next[CORE_ID_SIZE];
    bool reached, more;
    struct account_client client;
    struct account_tokens tokens;
    struct account_why why;
    char secret_once[ACCOUNT_INVITE_SIZE]; /* an invitation or a reset: shown once */
    struct account_change change;
    int err, status;
    bool second; /* it is about the second factor */
    bool hashes; /* a password, whatever else it is */
    bool half;   /* that it was right forgives nothing: it is not the whole proof */
};

struct accounts *auth_accounts(struct gate_request *r);
/* NULL: answered. status: that of success; call: on the pool, returns a core_err. */
struct auth *auth_new(struct gate_request *r, int status,
                      int (*call)(struct gate_request *r, struct auth *auth));
/* For gate_work(): makes the call. */
void auth_run(struct gate_request *r, void *arg);
/* Makes the call unless whoever asks must wait, counts how it ended, then
 * done(). tried: the e-mail address or id of the account that it is about,
 * or none. refused: what a wrong one is in the audit log. */
void auth_try(struct gate_request *r, struct auth *auth, struct core_str tried,
              enum account_act refused, void (*done)(struct gate_request *r, void *arg));
/* For auth_new(): who asks, into tokens.user. */
int auth_me_call(struct gate_request *r, struct auth *auth);
/* For gate_work(): answers with tokens.user, or why not. */
void auth_me_done(struct gate_request *r, void *arg);
/* "id": …, "email": … of an object. */
void out_user_fields(struct core_json_out *o, const struct account_user *user);

/* For account_logins() with a struct auth: a login
 * as an object into its `out`, as many as its limit. */
int auth_login_out(void *arg, const struct account_login_info *login);
/* Which page of a list of logins; false: answered. */
bool auth_logins_page(struct gate_request *r, struct auth *auth);
/* Pool. The page {"sessions": […], "next"} of an account into the answer. */
int auth_logins_out(struct gate_request *r, struct auth *auth, struct core_str account);

/* Adds to the batch that removes an account: what other rooms and this one hold of it. */
void auth_erase(struct store_batch *batch, struct core_str account);

/* --- session.c: for whatever logs a browser in ------------------------------------------------ */

/* Answers and is true when another site's page asks. */
bool auth_foreign(struct gate_request *r);
/* Asks for a session, and notes the one that it takes the place of. */
void auth_session_before(struct gate_request *r, struct auth *auth);
/* Pool. Ends that one. */
int auth_session_over(struct gate_request *r, struct auth *auth);
/* Adds Set-Cookie; age 0: takes the cookie away. */
void auth_cookie(struct gate_request *r, struct core_str value, int64_t age_s);

/* For gate_work(): answers with the list that the call made, or why not. */
void auth_list_done(struct gate_request *r, void *arg);
/* Answers why not. */
void auth_refuse(struct gate_request *r, const struct auth *auth);

#endif
