/*
 * people.c: accounts as the owner and administrators see and change them: the list, one of them,
 * its logins, a reset of its password, a lost second factor, its end.
 */
#include "gate/handler/auth.h"

/* --- Answers ---------------------------------------------------------------------------------- */

static void people_refuse(struct gate_request *r, const struct auth *auth)
{
    if (auth->err == CORE_EDENIED) {
        account_audit(auth_accounts(r),
                      &(const struct account_event){.act = ACCOUNT_ACT_ROLE_REFUSED,
                                                    .by = &auth->by,
                                                    .object = gate_request_param(r, "id"),
                                                    .outcome = "refused"});
        gate_reply_problem(r, 403, "forbidden", "This account is not yours to change so",
                           "administrators change members, guests and agents; the owner changes "
                           "everybody, but stays the owner");
    } else if (auth->err == CORE_ENOTFOUND) {
        gate_reply_problem(r, 404, "not-found", "There is no such account, or no such thing of it",
                           "look at the list again");
    } else {
        auth_refuse(r, auth);
    }
}

static void out_person(struct core_json_out *o, const struct account_person *person)
{
    core_json_out_object(o, NULL);
    out_user_fields(o, &person->user);
    out_time(o, "created_at", person->created_ms);
    if (person->used_ms > 0) {
        out_time(o, "last_used_at", person->used_ms);
    } else {
        core_json_out_null(o, "last_used_at");
    }
    core_json_out_bool(o, "disabled", person->disabled);
    core_json_out_bool(o, "totp", person->user.totp);
    core_json_out_end(o);
}

static void buffer_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err) {
        core_buf_clear(gate_reply_buf(r));
        people_refuse(r, auth);
    } else {
        gate_reply_json(r, 200);
    }
}

static void empty_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err) {
        people_refuse(r, auth);
    } else {
        gate_reply_empty(r, 204);
    }
}

/* For a route of one account that takes no body. */
static void begin(struct gate_request *r, int (*call)(struct gate_request *r, struct auth *auth),
                  void (*done)(struct gate_request *r, void *arg))
{
    struct auth *auth = auth_new(r, 204, call);
    if (auth) {
        gate_work(r, auth_run, done, auth);
    }
}

/* --- The list --------------------------------------------------------------------------------- */

struct people {
    struct auth auth;
    struct core_str like, after;
    int64_t limit, count;
    char next[CORE_ID_SIZE];
    bool more;
};

static int on_person(void *arg, const struct account_person *person)
{
    struct people *p = arg;
    if (p->count == p->limit) {
        p->more = true;
        return 1;
    }
    p->count++;
    memcpy(p->next, person->user.id, sizeof p->next);
    out_person(&p->auth.out, person);
    return 0;
}

static void list_run(struct gate_request *r, void *arg)
{
    struct people *p = arg;
    struct core_json_out *o = &p->auth.out;
    core_json_out_object(o, NULL);
    core_json_out_array(o, "people");
    int err = account_people(auth_accounts(r), p->like, p->after, (unsigned)p->limit + 1, on_person,
                             p);
    p->auth.err = err > 0 ? 0 : err;
    core_json_out_end(o);
    core_json_out_c(o, "next", p->more ? p->next : NULL);
    core_json_out_end(o);
}

void handle_people(struct gate_request *r)
{
    struct people *p = core_pool_alloc(gate_request_pool(r), sizeof *p);
    if (!p) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    p->limit = 50;
    core_json_out_init(&p->auth.out, gate_reply_buf(r));
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &p->limit) &&
        query_cursor(r, "after", &p->after) && query_str(r, "q", FIELD_OPTIONAL, 256, &p->like)) {
        gate_work(r, list_run, buffer_done, p);
    }
}

/* --- One of them ------------------------------------------------------------------------------ */

static int change_call(struct gate_request *r, struct auth *auth)
{
    struct account_person person;
    int err = account_change(auth_accounts(r), &auth->by, gate_request_param(r, "id"),
                             &auth->change, &person, &auth->why);
    if (!err) {
        core_json_out_init(&auth->out, gate_reply_buf(r));
        out_person(&auth->out, &person);
    }
    return err;
}

static void changed_meanwhile(struct gate_request *r)
{
    gate_reply_problem(r, 409, "changed", "The account changed meanwhile",
                       "look at it again, then decide");
}

static void change_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err == CORE_EBUSY) {
        changed_meanwhile(r);
    } else {
        buffer_done(r, auth);
    }
}

void handle_person_change(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 200, change_call) : NULL;
    bool disabled = false;
    if (!auth || !field_str(r, body, "role", FIELD_OPTIONAL, 1, 16, &auth->change.role) ||
        !field_str(r, body, "tier", FIELD_OPTIONAL, 1, 16, &auth->change.tier) ||
        !field_str(r, body, "name", FIELD_OPTIONAL, 1, 1024, &auth->change.name) ||
        !field_bool(r, body, "disabled", &disabled)) {
        return;
    }
    enum core_json_type type = core_json_type(core_json_get(body, "disabled"));
    auth->change.disabled = type == CORE_JSON_ABSENT || type == CORE_JSON_NULL ? -1 : disabled;
    gate_work(r, auth_run, change_done, auth);
}

static int remove_call(struct gate_request *r, struct auth *auth)
{
    return account_remove(auth_accounts(r), &auth->by, gate_request_param(r, "id"), auth_erase);
}

static void remove_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err == CORE_EBUSY) {
        changed_meanwhile(r);
    } else {
        empty_done(r, auth);
    }
}

void handle_person_remove(struct gate_request *r)
{
    begin(r, remove_call, remove_done);
}

static int strip_call(struct gate_request *r, struct auth *auth)
{
    return account_totp_strip(auth_accounts(r), &auth->by, gate_request_param(r, "id"));
}

void handle_person_totp_remove(struct gate_request *r)
{
    begin(r, strip_call, empty_done);
}

/* --- Its logins ------------------------------------------------------------------------------- */

static int logins_call(struct gate_request *r, struct auth *auth)
{
    struct account_user user;
    int err = account_read(auth_accounts(r), gate_request_param(r, "id"), &user);
    return err ? err : auth_logins_out(r, auth, gate_request_param(r, "id"));
}

void handle_person_sessions(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 200, logins_call);
    if (auth && auth_logins_page(r, auth)) {
        gate_work(r, auth_run, buffer_done, auth);
    }
}

static int login_end_call(struct gate_request *r, struct auth *auth)
{
    struct core_str id = gate_request_param(r, "id");
    int err = account_steer(auth_accounts(r), &auth->by, id);
    return err ? err
               : account_login_revoke(auth_accounts(r), id, gate_request_param(r, "sid"),
                                      &auth->by);
}

void handle_person_session_end(struct gate_request *r)
{
    begin(r, login_end_call, empty_done);
}

/* --- Another password ------------------------------------------------------------------------- */

static int reset_new_call(struct gate_request *r, struct auth *auth)
{
    return account_reset_new(auth_accounts(r), &auth->by, gate_request_param(r, "id"),
                             auth->secret_once);
}

static void reset_new_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    struct core_json_out o;
    if (auth->err) {
        people_refuse(r, auth);
        return;
    }
    char path[ACCOUNT_RESET_SIZE + 16];
    snprintf(path, sizeof path, "/#reset=%s", auth->secret_once);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "path", path);
    core_json_out_i64(&o, "expires_in", ACCOUNT_RESET_S);
    core_json_out_end(&o);
    core_wipe(path, sizeof path);
    core_wipe(auth->secret_once, sizeof auth->secret_once);
    gate_reply_header(r, "cache-control", CORE_STR("no-store"));
    gate_reply_json(r, 201);
}

void handle_person_reset(struct gate_request *r)
{
    begin(r, reset_new_call, reset_new_done);
}

static int reset_call(struct gate_request *r, struct auth *auth)
{
    return account_reset(auth_accounts(r), auth->refresh, auth->password, &auth->client,
                         &auth->why);
}

static void reset_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err == CORE_EAUTH) {
        gate_reply_problem(r, 403, "wrong-reset", "This reset was used, or its time is over",
                           "ask whoever gave it for another one");
    } else {
        empty_done(r, auth);
    }
}

void handle_auth_reset(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 204, reset_call) : NULL;
    if (auth && field_str(r, body, "token", FIELD_REQUIRED, 1, 256, &auth->refresh) &&
        field_str(r, body, "password", FIELD_REQUIRED, 1, 4096, &auth->password)) {
        auth_try(r, auth, CORE_STR(""), ACCOUNT_ACT_RESET_REFUSED, reset_done);
    }
}
