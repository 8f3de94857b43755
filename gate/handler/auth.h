/* auth.h: what the handlers of accounts share: one request from its fields to its answer. Inside gate/handler. */
#ifndef GATE_HANDLER_AUTH_H
#define GATE_HANDLER_AUTH_H

#include "gate/handler/handlers.h"

/* In the request's memory. A handler fills what its call reads; the call fills what the answer says. */
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
    char invite[ACCOUNT_INVITE_SIZE];
    int err, status;
    bool second; /* it is about the second factor */
};

struct accounts *auth_accounts(struct gate_request *r);
/* NULL: answered. status: that of success; call: on the pool, returns a core_err. */
struct auth *auth_new(struct gate_request *r, int status,
                      int (*call)(struct gate_request *r, struct auth *auth));
/* For gate_work(): makes the call. */
void auth_run(struct gate_request *r, void *arg);
/* Makes the call unless whoever asks must wait, counts how it ended, then done(). tried: the e-mail address or id
 * of the account that it is about, or none. refused: what a wrong one is in the audit log. */
void auth_try(struct gate_request *r, struct auth *auth, struct core_str tried,
              enum account_act refused, void (*done)(struct gate_request *r, void *arg));
/* Answers why not. */
void auth_refuse(struct gate_request *r, const struct auth *auth);

#endif
