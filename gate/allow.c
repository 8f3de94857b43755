/*
 * allow.c: who may use a route, once it is known who asks: their role, what their key is for,
 * whether their own page asks, their second factor, and how lately they proved who they are. The
 * route table says what each route wants.
 */
#include "gate/inside.h"

#include "core/err.h"

#include <stdio.h>

static bool is(const char *role, const char *other)
{
    return strcmp(role, other) == 0;
}

bool gate_auth_allows(enum gate_auth auth, const char *role)
{
    switch (auth) {
    case GATE_OPEN:
    case GATE_USER:
        return true;
    case GATE_MEMBER:
        return !is(role, "guest");
    case GATE_PERSON:
        return !is(role, "agent");
    case GATE_ADMIN:
        return account_steers(role);
    case GATE_OWNER:
        return is(role, "owner");
    }
    return false;
}

/* Is known who asks, and that they may not. */
static void refused(struct gate_request *r, enum account_act act)
{
    const struct account_actor by = gate_request_actor(r);
    account_audit(r->gate->services.accounts,
                  &(const struct account_event){.act = act,
                                                .by = &by,
                                                .object = core_str(r->route ? r->route->id : ""),
                                                .outcome = "refused"});
}

static bool role_may(struct gate_request *r, enum gate_auth auth)
{
    static const struct {
        const char *title, *detail;
    } says[] = {
        [GATE_MEMBER] = {"Guests may not do this",
                         "it wants the role `member`: ask an administrator for it"},
        [GATE_PERSON] = {"Only people may do this, not agents",
                         "use the account of a person for it"},
        [GATE_ADMIN] = {"Only the owner and administrators may do this",
                        "it wants the role `admin`: ask an administrator to do it"},
        [GATE_OWNER] = {"Only the owner may do this",
                        "it wants the role `owner`: ask the owner to do it"},
    };
    if (gate_auth_allows(auth, r->account->role))
        return true;
    refused(r, ACCOUNT_ACT_ROLE_REFUSED);
    gate_reply_problem(r, 403, "forbidden", says[auth].title, says[auth].detail);
    return false;
}

/* What came by an API key must be what the key is for. */
static bool within_scope(struct gate_request *r, int scope)
{
    char detail[96];
    if (!r->account->key || scope == GATE_SCOPE_ANY || (r->account->scopes & (unsigned)scope))
        return true;
    refused(r, ACCOUNT_ACT_SCOPE_REFUSED);
    if (scope == GATE_SCOPE_NONE)
        snprintf(detail, sizeof detail, "no API key may do this: log in");
    else
        snprintf(detail, sizeof detail, "use a key with the scope `%s`",
                 account_scope_name((unsigned)scope));
    gate_reply_problem(r, 403, "key-scope", "The API key is not for this", detail);
    return false;
}

static bool own_page(struct gate_request *r)
{
    struct core_str method = gate_request_method(r);
    bool reads = core_str_eq_c(method, "GET") || core_str_eq_c(method, "HEAD");
    if (!r->account->cookie || reads || gate__access_same_origin(r))
        return true;
    gate_reply_problem(r, 403, "cross-origin", "The request comes from another site",
                       "requests with the session cookie must come from the server's own pages");
    return false;
}

/* Whoever steers has a second factor, also by an API key: it may be from before they steered. The
 * owner's token is the key of last resort. */
static bool has_factor(const struct account *account, enum gate_auth auth)
{
    bool steering = auth == GATE_ADMIN || auth == GATE_OWNER;
    return !steering || account->file || account->totp;
}

static bool factor_there(struct gate_request *r, enum gate_auth auth)
{
    if (has_factor(r->account, auth))
        return true;
    gate_reply_problem(r, 403, "totp-enrolment-required", "A second factor is required for this",
                       "begin one with POST /api/auth/totp and confirm it");
    return false;
}

bool gate_request_proved(struct gate_request *r)
{
    if (account_proved(r->gate->services.accounts, r->account))
        return true;
    gate_reply_problem(r, 403, "step-up-required", "Prove again who you are",
                       "send a code of your second factor as `totp`, or without one the "
                       "`password`, to POST /api/auth/step-up, then try again");
    return false;
}

bool gate__allow(struct gate_request *r, const struct gate_route *route)
{
    enum gate_auth auth = route ? route->auth : GATE_USER;
    /* Where nothing is there is no scope. */
    return role_may(r, auth) && (!route || within_scope(r, route->scope)) && own_page(r) &&
           factor_there(r, auth) && (!route || !route->step_up || gate_request_proved(r));
}

bool gate_stream_over(const struct gate_request *r)
{
    struct core_pool *pool = core_pool_new(GATE_LIMIT_REQUEST_POOL);
    const struct account *account = r->gate->draining ? NULL : gate__access_account(r, pool);
    bool may = account && gate_auth_allows(r->route->auth, account->role) &&
               has_factor(account, r->route->auth);
    core_pool_free(pool);
    return !may;
}
