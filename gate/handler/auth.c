/*
 * auth.c: accounts over HTTP: registering, logging in, the next tokens, logging out, inviting, who one is, where
 * one is logged in, another password. The second factor is auth_totp.c.
 *
 * Passwords and tokens are read and made on the gate's pool, where hashing may take its time. No answer says
 * whether an account exists, but to whoever may make one.
 */
#include "gate/handler/auth.h"

#include <stdio.h>

struct accounts *auth_accounts(struct gate_request *r)
{
    return gate_request_services(r)->accounts;
}

/* --- Answers ----------------------------------------------------------------------------------------- */

static void out_user(struct core_json_out *o, const char *key, const struct account_user *user)
{
    core_json_out_object(o, key);
    core_json_out_c(o, "id", user->id);
    core_json_out_c(o, "email", user->email);
    core_json_out_c(o, "name", user->name);
    core_json_out_c(o, "role", user->role);
    core_json_out_c(o, "tier", user->tier);
    core_json_out_end(o);
}

static void reply_tokens(struct gate_request *r, const struct auth *auth)
{
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    out_user(&o, "user", &auth->tokens.user);
    core_json_out_c(&o, "access_token", auth->tokens.access);
    core_json_out_c(&o, "refresh_token", auth->tokens.refresh);
    core_json_out_i64(&o, "expires_in", ACCOUNT_ACCESS_S);
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
    case CORE_EAUTH:
        if (auth->password.len > 0) { /* who asks is known: it is the old password that is wrong */
            gate_reply_problem(r, 403, "wrong-password", "The password is not right", NULL);
            return;
        }
        if (auth->second) {
            gate_reply_problem(r, 403, "wrong-code", "The code is not right",
                               "each works once, for about a minute");
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

/* --- From request to answer ---------------------------------------------------------------------------- */

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

static bool read_credentials(struct gate_request *r, core_json body, struct account_form *form)
{
    return field_str(r, body, "email", FIELD_REQUIRED, 1, 1024, &form->email) &&
           field_str(r, body, "password", FIELD_REQUIRED, 1, 4096, &form->password);
}

/* --- Tries ---------------------------------------------------------------------------------------------------- */

/* Counts what was wrong, so that the next try waits. */
static void tried_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    bool missing = auth->err == CORE_EAUTH && auth->why.field; /* a code: nothing was wrong */
    if (!missing && (auth->err == 0 || auth->err == CORE_EAUTH || auth->err == CORE_EDENIED)) {
        account_tried(auth_accounts(r), auth->tried, auth->client.address, auth->err == 0);
        if (auth->err) {
            account_audit(auth_accounts(r),
                          &(const struct account_event){.act = auth->refused,
                                                        .by = &auth->by,
                                                        .object = core_str(auth->why.account),
                                                        .outcome = "refused"});
        }
    }
    auth->answer(r, auth);
}

void auth_try(struct gate_request *r, struct auth *auth, struct core_str tried,
              enum account_act refused, void (*done)(struct gate_request *r, void *arg))
{
    auth->tried = tried;
    auth->refused = refused;
    auth->answer = done;
    unsigned wait_s = account_wait(auth_accounts(r), tried, auth->client.address);
    if (wait_s > 0) {
        reply_wait(r, wait_s);
    } else {
        gate_work(r, auth_run, tried_done, auth);
    }
}

/* --- Registering ------------------------------------------------------------------------------------------ */

static bool proves_owner(struct gate_request *r)
{
    struct core_str token;
    return gate_request_bearer(r, &token) && account_by_token(auth_accounts(r), token);
}

static int register_call(struct gate_request *r, struct auth *auth)
{
    return account_register(auth_accounts(r), &auth->form, &auth->client, &auth->tokens,
                            &auth->why);
}

void handle_auth_register(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 201, register_call) : NULL;
    if (!auth || !read_credentials(r, body, &auth->form) ||
        !field_str(r, body, "name", FIELD_OPTIONAL, 0, 1024, &auth->form.name) ||
        !field_str(r, body, "invite", FIELD_OPTIONAL, 0, 256, &auth->form.invite)) {
        return;
    }
    auth->form.owner = proves_owner(r);
    auth->form.open = gate_request_services(r)->registration_open;
    auth_try(r, auth, CORE_STR(""), ACCOUNT_ACT_ACCOUNT_REFUSED, auth_done);
}

static void invite_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    struct core_json_out o;
    if (auth->err == CORE_EINVAL) {
        field_problem(r, "role", "must be admin, member, guest or agent");
    } else if (auth->err == CORE_ELIMIT) {
        gate_reply_problem(r, 409, "too-many-invites", "Too many invitations are open",
                           "those that nobody uses end after a week");
    } else if (auth->err) {
        gate_reply_error(r, auth->err, NULL);
    } else {
        core_json_out_init(&o, gate_reply_buf(r));
        core_json_out_object(&o, NULL);
        core_json_out_c(&o, "invite", auth->invite);
        core_json_out_str(&o, "role", auth->role);
        core_json_out_i64(&o, "expires_in", ACCOUNT_INVITE_S);
        core_json_out_end(&o);
        gate_reply_header(r, "cache-control", CORE_STR("no-store"));
        gate_reply_json(r, 201);
    }
    core_wipe(auth->invite, sizeof auth->invite);
}

static int invite_call(struct gate_request *r, struct auth *auth)
{
    return account_invite(auth_accounts(r), &auth->by, auth->role, auth->invite);
}

void handle_auth_invite(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 201, invite_call) : NULL;
    if (auth) {
        auth->role = CORE_STR("member");
        if (field_str(r, body, "role", FIELD_OPTIONAL, 1, 16, &auth->role)) {
            gate_work(r, auth_run, invite_done, auth);
        }
    }
}

/* --- Logging in and out ------------------------------------------------------------------------------------- */

static int login_call(struct gate_request *r, struct auth *auth)
{
    return account_login(auth_accounts(r), auth->form.email, auth->form.password, auth->totp,
                         &auth->client, &auth->tokens, &auth->why);
}

void handle_auth_login(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 200, login_call) : NULL;
    if (auth && read_credentials(r, body, &auth->form) &&
        field_str(r, body, "totp", FIELD_OPTIONAL, 0, 64, &auth->totp)) {
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

/* --- Who one is ------------------------------------------------------------------------------------------------ */

static int me_call(struct gate_request *r, struct auth *auth)
{
    const struct account *account = gate_request_account(r);
    struct account_user *user = &auth->tokens.user;
    int err = account_read(auth_accounts(r), core_str(account->id), user);
    if (err == CORE_ENOTFOUND && !account->login) {
        /* The owner before the first registration. */
        snprintf(user->id, sizeof user->id, "%s", account->id);
        snprintf(user->name, sizeof user->name, "%s", account->name);
        snprintf(user->role, sizeof user->role, "%s", account->role);
        snprintf(user->tier, sizeof user->tier, "free");
        return 0;
    }
    return err == CORE_ENOTFOUND ? CORE_EAUTH : err;
}

static void me_done(struct gate_request *r, void *arg)
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
    struct auth *auth = auth_new(r, 200, me_call);
    if (auth) {
        gate_work(r, auth_run, me_done, auth);
    }
}

/* --- Logins ------------------------------------------------------------------------------------------------- */

/* There are few, so pages are cut here. */
static int out_login(void *arg, const struct account_login_info *login)
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

static int logins_call(struct gate_request *r, struct auth *auth)
{
    const struct account *account = gate_request_account(r);
    auth->login = account->login ? core_str(account->login) : CORE_STR("");
    core_json_out_init(&auth->out, gate_reply_buf(r));
    core_json_out_object(&auth->out, NULL);
    core_json_out_array(&auth->out, "sessions");
    auth->reached = auth->after.len == 0;
    int err = account_logins(auth_accounts(r), core_str(account->id), out_login, auth);
    core_json_out_end(&auth->out);
    core_json_out_c(&auth->out, "next", auth->more ? auth->next : NULL);
    core_json_out_end(&auth->out);
    return err < 0 ? err : auth->reached ? 0 : CORE_EINVAL;
}

static void logins_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err) {
        core_buf_clear(gate_reply_buf(r));
    }
    if (auth->err == CORE_EINVAL) {
        field_problem(r, "after", "must be the `next` of a page");
    } else if (auth->err) {
        gate_reply_error(r, auth->err, NULL);
    } else {
        gate_reply_json(r, 200);
    }
}

void handle_auth_sessions(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 200, logins_call);
    if (!auth) {
        return;
    }
    auth->limit = 100;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &auth->limit) &&
        query_str(r, "after", FIELD_OPTIONAL, CORE_ID_SIZE - 1, &auth->after)) {
        gate_work(r, auth_run, logins_done, auth);
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

/* --- Another password ----------------------------------------------------------------------------------------- */

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
        auth_try(r, auth, core_str(gate_request_account(r)->id), ACCOUNT_ACT_PASSWORD_REFUSED,
                 auth_done);
    }
}
