/*
 * session.c: a browser proves the owner once and gets a cookie.
 *
 * The cookie is HttpOnly and SameSite=Strict, and Secure over TLS. It is sent only after the store
 * acknowledged the session.
 */
#include "gate/handler/handlers.h"

#include <stdio.h>

struct login {
    struct gate_request *r;
    char session[ACCOUNT_SESSION_SIZE];
    bool redirect; /* a person's browser followed the login address */
};

static void cookie_set(struct gate_request *r, const char *value, int64_t age_s)
{
    char cookie[192];
    snprintf(cookie, sizeof cookie,
             "sky_session=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", value,
             (long long)age_s, gate_request_secure(r) ? "; Secure" : "");
    gate_reply_header(r, "set-cookie", core_str(cookie));
    core_wipe(cookie, sizeof cookie);
}

static void redirect_to(struct gate_request *r, const char *where)
{
    gate_reply_header(r, "location", core_str(where));
    gate_reply_header(r, "cache-control", CORE_STR("no-store"));
    gate_reply_empty(r, 303);
}

static void on_session(void *arg, int status)
{
    struct login *login = arg;
    struct gate_request *r = login->r;
    if (status) {
        gate_reply_error(r, status, "the session could not be stored");
    } else {
        cookie_set(r, login->session, ACCOUNT_LIMIT_SESSION_S);
        if (login->redirect) {
            redirect_to(r, "/");
        } else {
            gate_reply_empty(r, 204);
        }
    }
    core_wipe(login->session, sizeof login->session);
    free(login);
}

static void session_audit(struct gate_request *r, enum account_act act, const char *outcome)
{
    const struct account_actor by = gate_request_actor(r);
    account_audit(gate_request_services(r)->accounts,
                  &(const struct account_event){.act = act, .by = &by, .outcome = outcome});
}

static void session_begin(struct gate_request *r, const struct account *account, bool redirect)
{
    struct login *login = core_alloc(sizeof *login);
    login->r = r;
    login->redirect = redirect;
    struct account_actor by = gate_request_actor(r);
    by.id = core_str(account->id);
    by.name = core_str(account->name);
    account_session_new(gate_request_services(r)->accounts, account, &by, login->session,
                        on_session, login);
}

void handle_login(struct gate_request *r)
{
    struct core_str code = {0};
    if (!query_str(r, "code", FIELD_REQUIRED, 64, &code)) {
        return;
    }
    const struct account *account = account_by_code(gate_request_services(r)->accounts, code);
    if (account) {
        session_begin(r, account, true);
    } else {
        session_audit(r, ACCOUNT_ACT_SESSION_REFUSED, "wrong code");
        redirect_to(r, "/#login-expired");
    }
}

void handle_session_new(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct core_str token = {0};
    if (!body || !field_str(r, body, "token", FIELD_REQUIRED, 1, 256, &token)) {
        return;
    }
    const struct account *account = account_by_token(gate_request_services(r)->accounts, token);
    if (account) {
        session_begin(r, account, false);
    } else {
        session_audit(r, ACCOUNT_ACT_SESSION_REFUSED, "wrong token");
        gate_reply_problem(r, 401, "wrong-token", "The token is not right",
                           "`sky user token` prints the owner's token");
    }
}

void handle_session_get(struct gate_request *r)
{
    const struct account *account = gate_request_account(r);
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "name", account->name);
    core_json_out_c(&o, "role", account->role);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

static void on_ended(void *arg, int status)
{
    struct gate_request *r = arg;
    if (status) {
        gate_reply_error(r, status, "the session could not be removed");
        return;
    }
    cookie_set(r, "", 0);
    gate_reply_empty(r, 204);
}

void handle_session_end(struct gate_request *r)
{
    struct core_str session;
    if (gate_request_cookie(r, "sky_session", &session)) {
        const struct account_actor by = gate_request_actor(r);
        account_session_end(gate_request_services(r)->accounts, session, &by, on_ended, r);
    } else {
        gate_reply_empty(r, 204);
    }
}

void handle_session_code(struct gate_request *r)
{
    char code[ACCOUNT_CODE_SIZE];
    char path[64];
    struct core_json_out o;
    account_code_new(gate_request_services(r)->accounts, code);
    session_audit(r, ACCOUNT_ACT_CODE_MADE, NULL);
    snprintf(path, sizeof path, "/login?code=%s", code);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "path", path);
    core_json_out_i64(&o, "expires_in", ACCOUNT_LIMIT_CODE_S);
    core_json_out_end(&o);
    core_wipe(code, sizeof code);
    gate_reply_json(r, 200);
}
