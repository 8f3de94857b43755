/*
 * session.c: the sessions of browsers: a cookie that is HttpOnly and SameSite=Strict, and Secure
 * over TLS. A browser gets one for the owner's token or a login address here, and for a password in
 * auth.c; it is sent only after the store acknowledged it.
 */
#include "gate/handler/auth.h"

#include <stdio.h>

void auth_cookie(struct gate_request *r, struct core_str value, int64_t age_s)
{
    char cookie[192];
    snprintf(cookie, sizeof cookie,
             "sky_session=%.*s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
             CORE_STR_ARG(value), (long long)age_s, gate_request_secure(r) ? "; Secure" : "");
    gate_reply_header(r, "set-cookie", core_str(cookie));
    core_wipe(cookie, sizeof cookie);
}

bool auth_foreign(struct gate_request *r)
{
    if (!gate_request_foreign(r)) {
        return false;
    }
    gate_reply_problem(r, 403, "cross-origin", "The request comes from another site",
                       "only the server's own pages log a browser in");
    return true;
}

void auth_session_before(struct gate_request *r, struct auth *auth)
{
    struct core_str cookie;
    const struct account *account = gate_request_cookie(r, "sky_session", &cookie)
                                        ? account_by_session(auth_accounts(r), cookie,
                                                             gate_request_pool(r))
                                        : NULL;
    auth->client.browser = true;
    auth->login = account ? core_str(account->login) : CORE_STR("");
}

int auth_session_over(struct gate_request *r, struct auth *auth)
{
    return auth->login.len > 0 ? account_login_end(auth_accounts(r), auth->login, &auth->by) : 0;
}

/* --- The owner's ------------------------------------------------------------------------------ */

static void redirect_to(struct gate_request *r, const char *where)
{
    gate_reply_header(r, "location", core_str(where));
    gate_reply_header(r, "cache-control", CORE_STR("no-store"));
    gate_reply_empty(r, 303);
}

static int owner_call(struct gate_request *r, struct auth *auth)
{
    int err = account_login_file(auth_accounts(r), &auth->client, &auth->tokens);
    return err ? err : auth_session_over(r, auth);
}

static void owner_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err) {
        gate_reply_error(r, auth->err, "the session could not be stored");
    } else {
        gate_request_right(r);
        auth_cookie(r, core_str(auth->tokens.session), ACCOUNT_LIMIT_SESSION_S);
        if (auth->status == 303) { /* a person's browser followed the login address */
            redirect_to(r, "/");
        } else {
            gate_reply_empty(r, 204);
        }
    }
    core_wipe(&auth->tokens, sizeof auth->tokens);
}

static void audit(struct gate_request *r, enum account_act act, const char *outcome)
{
    const struct account_actor by = gate_request_actor(r);
    account_audit(auth_accounts(r),
                  &(const struct account_event){.act = act, .by = &by, .outcome = outcome});
}

static void owner_begin(struct gate_request *r, int status, const char *how)
{
    struct auth *auth = auth_new(r, status, owner_call);
    if (auth) {
        auth->client.how = how;
        auth_session_before(r, auth);
        gate_work(r, auth_run, owner_done, auth);
    }
}

void handle_login(struct gate_request *r)
{
    struct core_str code = {0};
    if (!query_str(r, "code", FIELD_REQUIRED, 64, &code)) {
        return;
    }
    /* Scanners of mail and previews of links look before people do. */
    if (core_str_eq_c(gate_request_method(r), "HEAD")) {
        redirect_to(r, "/");
        return;
    }
    if (account_by_code(auth_accounts(r), code)) {
        owner_begin(r, 303, "code");
    } else {
        audit(r, ACCOUNT_ACT_LOGIN_REFUSED, "wrong code");
        redirect_to(r, "/#login-expired");
    }
}

void handle_session_new(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct core_str token = {0};
    if (!body || !field_str(r, body, "token", FIELD_REQUIRED, 1, 256, &token) || auth_foreign(r)) {
        return;
    }
    if (account_by_token(auth_accounts(r), token)) {
        owner_begin(r, 204, "token");
    } else {
        audit(r, ACCOUNT_ACT_LOGIN_REFUSED, "wrong token");
        gate_reply_problem(r, 401, "wrong-token", "The token is not right",
                           "`sky user token` prints the owner's token");
    }
}

void handle_session_code(struct gate_request *r)
{
    char code[ACCOUNT_CODE_SIZE];
    char path[64];
    struct core_json_out o;
    account_code_new(auth_accounts(r), code);
    audit(r, ACCOUNT_ACT_CODE_MADE, NULL);
    snprintf(path, sizeof path, "/login?code=%s", code);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "path", path);
    core_json_out_i64(&o, "expires_in", ACCOUNT_LIMIT_CODE_S);
    core_json_out_end(&o);
    core_wipe(code, sizeof code);
    gate_reply_json(r, 200);
}

/* --- Everybody's ------------------------------------------------------------------------------ */

static void session_done(struct gate_request *r, void *arg)
{
    const struct account *account = gate_request_account(r);
    struct auth *auth = arg;
    const struct account_user *user = &auth->tokens.user;
    struct core_str cookie;
    struct core_json_out o;
    if (auth->err) {
        auth_refuse(r, auth);
        return;
    }
    bool registered = *user->email != '\0';
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    out_user_fields(&o, user);
    core_json_out_bool(&o, "totp", user->totp);
    core_json_out_bool(&o, "totp_required", registered && account_steers(user->role));
    core_json_out_bool(&o, "account", registered);
    core_json_out_end(&o);
    if (account->cookie && gate_request_cookie(r, "sky_session", &cookie)) {
        auth_cookie(r, cookie, ACCOUNT_LIMIT_SESSION_S); /* the browser keeps it as long as we do */
    }
    gate_reply_json(r, 200);
}

void handle_session_get(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 200, auth_me_call);
    if (auth) {
        gate_work(r, auth_run, session_done, auth);
    }
}

static int end_call(struct gate_request *r, struct auth *auth)
{
    return account_login_end(auth_accounts(r), core_str(gate_request_account(r)->login), &auth->by);
}

static void end_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err) {
        gate_reply_error(r, auth->err, "the session could not be removed");
        return;
    }
    auth_cookie(r, CORE_STR(""), 0);
    gate_reply_empty(r, 204);
}

/* A token is no session: nothing ends. */
void handle_session_end(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 204, end_call);
    if (auth && gate_request_account(r)->cookie) {
        gate_work(r, auth_run, end_done, auth);
    } else if (auth) {
        gate_reply_empty(r, 204);
    }
}
