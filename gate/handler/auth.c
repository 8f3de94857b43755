/*
 * auth.c: accounts over HTTP: registering, logging in, the next tokens,
 * logging out, who one is, where one is logged in, another password.
 * The second factor is auth_totp.c, inviting auth_invite.c.
 *
 * Passwords and tokens are read and made on the gate's pool, where hashing may take its time. No
 * answer says whether an account exists, but to whoever may make one.
 */
#include "gate/handler/auth.h"

#include <stdio.h>

struct accounts *auth_accounts(struct gate_request *r)
{
    return gate_request_services(r)->accounts;
}

/* --- Answers ---------------------------------------------------------------------------------- */

void out_user_fields(struct core_json_out *o, const struct account_user *user)
{
    core_json_out_c(o, "id", user->id);
    core_json_out_c(o, "email", user->email);
    core_json_out_c(o, "name", user->name);
    core_json_out_c(o, "role", user->role);
    core_json_out_c(o, "tier", user->tier);
    if (strcmp(user->role, "agent") == 0) {
        core_json_out_bool(o, "agent", true);
    }
}

static void out_user(struct core_json_out *o, const char *key, const struct account_user *user)
{
    core_json_out_object(o, key);
    out_user_fields(o, user);
    core_json_out_end(o);
}

static void reply_tokens(struct gate_request *r, const struct auth *auth)
{
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    out_user(&o, "user", &auth->tokens.user);
    if (auth->client.browser) {
        core_json_out_i64(&o, "expires_in", ACCOUNT_LIMIT_SESSION_S);
        auth_cookie(r, core_str(auth->tokens.session), ACCOUNT_LIMIT_SESSION_S);
    } else {
        core_json_out_c(&o, "access_token", auth->tokens.access);
        core_json_out_c(&o, "refresh_token", auth->tokens.refresh);
        core_json_out_i64(&o, "expires_in", ACCOUNT_ACCESS_S);
    }
    core_json_out_end(&o);
    gate_reply_header(r, "cache-control", CORE_STR("no-store"));
    gate_reply_json(r, auth->status);
}

static void reply_wait(struct gate_request *r, unsigned wait_s)
{
    char text[16];
    snprintf(text, sizeof text, "%u", wait_s);
    gate_reply_header(r, "retry-after", core_str(text));
    gate_reply_problem(r, 429, "too-many-tries", "Too many tries",
                       "wait as long as Retry-After says, then try again");
}

void auth_refuse(struct gate_request *r, const struct auth *auth)
{
    switch (auth->err) {
    case CORE_EINVAL:
        if (auth->why.field) {
            field_problem(r, auth->why.field, auth->why.must);
            return;
        }
        break;
    case CORE_EBUSY:
        reply_wait(r, 1);
        return;
    case CORE_EDENIED:
        gate_reply_problem(
            r, 403, "registration-closed", "An invitation is required",
            "ask the owner for one; the owner registers first, with the owner's token "
            "(`sky user token`) as Authorization: Bearer");
        return;
    case CORE_EEXISTS:
        gate_reply_problem(r, 409, "email-taken", "This e-mail address has an account", "log in");
        return;
    case CORE_ENOTFOUND:
        gate_reply_problem(r, 404, "not-found", "There is no such thing", "look at the list again");
        return;
    case CORE_EUNSUPPORTED:
        gate_reply_problem(r, 403, "no-login", "There is no session for this",
                           "agents log in without `session` and use tokens; the owner's token and "
                           "API keys need no login");
        return;
    case CORE_EAUTH:
        if (auth->second) { /* who asks is known: it is a proof that is wrong */
            gate_reply_problem(r, 403, "wrong-code", "The code is not right",
                               "each works once, for about a minute");
            return;
        }
        if (auth->password.len > 0) {
            gate_reply_problem(r, 403, "wrong-password", "The password is not right", NULL);
            return;
        }
        gate_reply_header(r, "www-authenticate", CORE_STR("Bearer realm=\"sky\""));
        if (auth->why.field) {
            gate_reply_problem(r, 401, "totp-required", "The second factor is required",
                               "send a code of your app, or a recovery code, as `totp`");
            return;
        }
        gate_reply_problem(r, 401, "wrong-credentials", "The credentials are not right",
                           auth->refresh.len > 0 ? "log in again"
                                                 : "check the e-mail and the password");
        return;
    }
    gate_reply_error(r, auth->err, NULL);
}

/* --- From request to answer ------------------------------------------------------------------- */

void auth_run(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    auth->err = auth->call(r, auth);
}

static void auth_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err) {
        auth_refuse(r, auth);
    } else if (auth->status == 204) {
        gate_reply_empty(r, 204);
    } else {
        reply_tokens(r, auth);
    }
    core_wipe(&auth->tokens, sizeof auth->tokens);
}

struct auth *auth_new(struct gate_request *r, int status,
                      int (*call)(struct gate_request *r, struct auth *auth))
{
    struct auth *auth = core_pool_alloc(gate_request_pool(r), sizeof *auth);
    if (!auth) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    auth->call = call;
    auth->status = status;
    auth->client = (struct account_client){.agent = gate_request_header(r, "user-agent"),
                                           .address = core_str(gate_request_peer(r)),
                                           .request = core_str(gate_request_id(r))};
    auth->by = gate_request_actor(r);
    return auth;
}

/* Of registering and logging in: for a browser, or for a program. */
static bool read_credentials(struct gate_request *r, core_json body, struct auth *auth)
{
    bool session = false;
    if (!field_str(r, body, "email", FIELD_REQUIRED, 1, 1024, &auth->form.email) ||
        !field_str(r, body, "password", FIELD_REQUIRED, 1, 4096, &auth->form.password) ||
        !field_bool(r, body, "session", &session) || (session && auth_foreign(r))) {
        return false;
    }
    if (session) {
        auth_session_before(r, auth);
    }
    return true;
}

/* --- Tries ------------------------------------------------------------------------------------ */

static enum account_outcome outcome_of(const struct auth *auth)
{
    if (auth->err == 0) {
        return auth->half ? ACCOUNT_NEITHER : ACCOUNT_RIGHT;
    }
    bool missing = auth->err == CORE_EAUTH && auth->why.field; /* a code: nothing was wrong */
    return !missing && (auth->err == CORE_EAUTH || auth->err == CORE_EDENIED) ? ACCOUNT_WRONG
                                                                              : ACCOUNT_NEITHER;
}

/* The password, or all of it. Whoever registers or
 * resets proves nothing that could be guessed at again. */
static bool proved_something(const struct auth *auth)
{
    bool missing = auth->err == CORE_EAUTH && auth->why.field;
    return auth->tried.len > 0 && (auth->err == 0 || missing);
}

/* Counts what was wrong, so that the next try waits. */
static void tried_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    enum account_outcome outcome = outcome_of(auth);
    account_tried(auth_accounts(r), auth->tried, auth->client.address, outcome);
    if (proved_something(auth)) {
        gate_request_right(r);
    }
    if (outcome == ACCOUNT_WRONG) {
        account_audit(auth_accounts(r),
                      &(const struct account_event){.act = auth->refused,
                                                    .by = &auth->by,
                                                    .object = core_str(auth->why.account),
                                                    .outcome = "refused"});
    }
    auth->answer(r, auth);
}

void auth_try(struct gate_request *r, struct auth *auth, struct core_str tried,
              enum account_act refused, void (*done)(struct gate_request *r, void *arg))
{
    auth->tried = tried;
    auth->refused = refused;
    auth->answer = done;
    unsigned wait_s = account_try(auth_accounts(r), tried, auth->client.address);
    if (wait_s > 0) {
        reply_wait(r, wait_s);
        return;
    }
    auth->err = CORE_EBUSY; /* unless it runs */
    if ((auth->hashes && account_password_busy(auth_accounts(r))) ||
        !gate_stream_work(r, auth_run, tried_done, auth)) {
        tried_done(r, auth);
    }
}

/* --- Registering ------------------------------------------------------------------------------ */

/* By the owner's token, or on a page by a session that began with it. */
static bool proves_owner(struct gate_request *r, const struct auth *auth)
{
    struct core_str secret;
    if (gate_request_bearer(r, &secret)) {
        return account_by_token(auth_accounts(r), secret) != NULL;
    }
    if (!auth->client.browser || !gate_request_cookie(r, "sky_session", &secret)) {
        return false;
    }
    const struct account *account = account_by_session(auth_accounts(r), secret,
                                                       gate_request_pool(r));
    return account && account->file;
}

static int register_call(struct gate_request *r, struct auth *auth)
{
    int err = account_register(auth_accounts(r), &auth->form, &auth->client, &auth->tokens,
                               &auth->why);
    return err ? err : auth_session_over(r, auth);
}

void handle_auth_register(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 201, register_call) : NULL;
    if (!auth || !read_credentials(r, body, auth) ||
        !field_str(r, body, "name", FIELD_OPTIONAL, 0, 1024, &auth->form.name) ||
        !field_str(r, body, "invite", FIELD_OPTIONAL, 0, 256, &auth->form.invite)) {
        return;
    }
    auth->form.owner = proves_owner(r, auth);
    auth->form.open = gate_request_services(r)->registration_open;
    auth->hashes = true;
    auth_try(r, auth, CORE_STR(""), ACCOUNT_ACT_ACCOUNT_REFUSED, auth_done);
}

/* --- Logging in and out ----------------------------------------------------------------------- */

static int login_call(struct gate_request *r, struct auth *auth)
{
    int err = account_login(auth_accounts(r), auth->form.email, auth->form.password, auth->totp,
                            &auth->client, &auth->tokens, &auth->why);
    return err ? err : auth_session_over(r, auth);
}

void handle_auth_login(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 200, login_call) : NULL;
    if (auth && read_credentials(r, body, auth) &&
        field_str(r, body, "totp", FIELD_OPTIONAL, 0, 64, &auth->totp)) {
        auth->hashes = true;
        auth_try(r, auth, auth->form.email, ACCOUNT_ACT_LOGIN_REFUSED, auth_done);
    }
}

static int refresh_call(struct gate_request *r, struct auth *auth)
{
    return account_refresh(auth_accounts(r), auth->refresh, &auth->client, &auth->tokens);
}

void handle_auth_refresh(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 200, refresh_call) : NULL;
    if (auth && field_str(r, body, "refresh_token", FIELD_REQUIRED, 1, 256, &auth->refresh)) {
        gate_work(r, auth_run, auth_done, auth);
    }
}

static int logout_call(struct gate_request *r, struct auth *auth)
{
    return account_login_end(auth_accounts(r), core_str(gate_request_account(r)->login), &auth->by);
}

/* The owner's token is no login: nothing ends. */
void handle_auth_logout(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 204, logout_call);
    if (auth && gate_request_account(r)->login) {
        gate_work(r, auth_run, auth_done, auth);
    } else if (auth) {
        gate_reply_empty(r, 204);
    }
}

/* --- Who one is ------------------------------------------------------------------------------- */

int auth_me_call(struct gate_request *r, struct auth *auth)
{
    const struct account *account = gate_request_account(r);
    struct account_user *user = &auth->tokens.user;
    int err = account_read(auth_accounts(r), core_str(account->id), user);
    if (err == CORE_ENOTFOUND && account->file) {
        /* The owner before the first registration. */
        snprintf(user->id, sizeof user->id, "%s", account->id);
        snprintf(user->name, sizeof user->name, "%s", account->name);
        snprintf(user->role, sizeof user->role, "%s", account->role);
        snprintf(user->tier, sizeof user->tier, "owner");
        return 0;
    }
    return err == CORE_ENOTFOUND ? CORE_EAUTH : err;
}

void auth_me_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    struct core_json_out o;
    if (auth->err) {
        auth_refuse(r, auth);
        return;
    }
    core_json_out_init(&o, gate_reply_buf(r));
    out_user(&o, NULL, &auth->tokens.user);
    gate_reply_json(r, 200);
}

void handle_auth_me(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 200, auth_me_call);
    if (auth) {
        gate_work(r, auth_run, auth_me_done, auth);
    }
}

/* --- Logins ----------------------------------------------------------------------------------- */

/* There are few, so pages are cut here. */
int auth_login_out(void *arg, const struct account_login_info *login)
{
    struct auth *auth = arg;
    if (!auth->reached) {
        auth->reached = core_str_eq(login->id, auth->after);
        return 0;
    }
    if (auth->count == auth->limit) {
        auth->more = true;
        return 1;
    }
    auth->count++;
    snprintf(auth->next, sizeof auth->next, "%.*s", CORE_STR_ARG(login->id));
    core_json_out_object(&auth->out, NULL);
    core_json_out_str(&auth->out, "id", login->id);
    core_json_out_str(&auth->out, "agent", login->agent);
    core_json_out_str(&auth->out, "address", login->address);
    out_time(&auth->out, "created_at", login->created_ms);
    out_time(&auth->out, "used_at", login->used_ms);
    core_json_out_bool(&auth->out, "current", core_str_eq(login->id, auth->login));
    core_json_out_end(&auth->out);
    return 0;
}

int auth_logins_out(struct gate_request *r, struct auth *auth, struct core_str account)
{
    const struct account *asking = gate_request_account(r);
    auth->login = asking->login ? core_str(asking->login) : CORE_STR("");
    core_json_out_init(&auth->out, gate_reply_buf(r));
    core_json_out_object(&auth->out, NULL);
    core_json_out_array(&auth->out, "sessions");
    auth->reached = auth->after.len == 0;
    int err = account_logins(auth_accounts(r), account, auth_login_out, auth);
    core_json_out_end(&auth->out);
    core_json_out_c(&auth->out, "next", auth->more ? auth->next : NULL);
    core_json_out_end(&auth->out);
    if (err < 0 || auth->reached) {
        return err < 0 ? err : 0;
    }
    auth->why = (struct account_why){.field = "after", .must = "must be the `next` of a page"};
    return CORE_EINVAL;
}

static int logins_call(struct gate_request *r, struct auth *auth)
{
    return auth_logins_out(r, auth, core_str(gate_request_account(r)->id));
}

void auth_list_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err) {
        core_buf_clear(gate_reply_buf(r));
        auth_refuse(r, auth);
    } else {
        gate_reply_json(r, 200);
    }
}

bool auth_logins_page(struct gate_request *r, struct auth *auth)
{
    auth->limit = 100;
    return query_int(r, "limit", 1, GATE_LIMIT_PAGE, &auth->limit) &&
           query_cursor(r, "after", &auth->after);
}

void handle_auth_sessions(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 200, logins_call);
    if (auth && auth_logins_page(r, auth)) {
        gate_work(r, auth_run, auth_list_done, auth);
    }
}

static int revoke_call(struct gate_request *r, struct auth *auth)
{
    return account_login_revoke(auth_accounts(r), core_str(gate_request_account(r)->id),
                                gate_request_param(r, "id"), &auth->by);
}

void handle_auth_session_end(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 204, revoke_call);
    if (auth) {
        gate_work(r, auth_run, auth_done, auth);
    }
}

/* --- Another password ------------------------------------------------------------------------- */

static int password_call(struct gate_request *r, struct auth *auth)
{
    const struct account *account = gate_request_account(r);
    int err = account_password_change(auth_accounts(r), core_str(account->id), auth->form.password,
                                      auth->password, account->login, &auth->by, &auth->why);
    if (err == CORE_EINVAL) {
        auth->why.field = "new_password";
    }
    return err;
}

void handle_auth_password(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 204, password_call) : NULL;
    if (auth && field_str(r, body, "password", FIELD_REQUIRED, 1, 4096, &auth->form.password) &&
        field_str(r, body, "new_password", FIELD_REQUIRED, 1, 4096, &auth->password)) {
        auth->half = true; /* who knows it may still be guessing codes */
        auth_try(r, auth, core_str(gate_request_account(r)->id), ACCOUNT_ACT_PASSWORD_REFUSED,
                 auth_done);
    }
}

/* --- Proving again ---------------------------------------------------------------------------- */

static int step_up_call(struct gate_request *r, struct auth *auth)
{
    return account_step_up(auth_accounts(r), gate_request_account(r), auth->password, auth->totp,
                           &auth->why);
}

static void step_up_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (!auth->err) {
        account_audit(auth_accounts(r), &(const struct account_event){.act = ACCOUNT_ACT_STEP_UP_OK,
                                                                      .by = &auth->by});
    }
    auth_done(r, auth);
}

void handle_auth_step_up(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 204, step_up_call) : NULL;
    if (auth && field_str(r, body, "password", FIELD_OPTIONAL, 0, 4096, &auth->password) &&
        field_str(r, body, "totp", FIELD_OPTIONAL, 0, 64, &auth->totp)) {
        auth->second = auth->totp.len > 0 || auth->password.len == 0;
        auth_try(r, auth, core_str(gate_request_account(r)->id), ACCOUNT_ACT_STEP_UP_REFUSED,
                 step_up_done);
    }
}
