/*
 * auth_own.c: what is one's own: all of it as one JSON document, and the end of the account.
 *
 * The document may be long, so it comes in pages: the pool reads one, the loop sends it, and the
 * next is read once the client has taken enough:
 *
 *     profile, logins, keys ─► conversations … ─► telemetry … ─► end
 */
#include "gate/handler/auth.h"
#include "gate/handler/spending.h"

/* --- All of it -------------------------------------------------------------------------------- */

struct export
{
    struct auth auth; /* first */
    struct gate_request *r;
    struct core_buf page;
    struct core_timer *timer;
    unsigned part; /* of `parts` that is due; their number: none */
    struct ai_owner_cursor cursor;
    bool started, ran;
};

static const struct {
    const char *name;
    enum ai_owner_part part;
} parts[] = {{"conversations", AI_OWNER_CONVERSATIONS}, {"telemetry", AI_OWNER_TELEMETRY}};
enum { PARTS = sizeof parts / sizeof *parts };

static int key_out(void *arg, const struct account_apikey_info *key)
{
    struct core_json_out *o = arg;
    core_json_out_object(o, NULL);
    spending_out_key(o, key);
    core_json_out_end(o);
    return 0;
}

static int profile_out(struct gate_request *r, struct export *e)
{
    struct core_json_out *o = &e->auth.out;
    struct account_person person;
    struct core_str id = core_str(gate_request_account(r)->id);
    int err = auth_me_call(r, &e->auth);
    if (err) {
        return err;
    }
    core_json_out_object(o, "account");
    out_user_fields(o, &e->auth.tokens.user);
    core_json_out_bool(o, "totp", e->auth.tokens.user.totp);
    if (account_person(auth_accounts(r), id, &person) == 0) {
        out_time(o, "created_at", person.created_ms);
    }
    core_json_out_end(o);
    core_json_out_array(o, "logins");
    e->auth.reached = true;
    e->auth.limit = INT64_MAX;
    err = account_logins(auth_accounts(r), id, auth_login_out, &e->auth);
    core_json_out_end(o);
    core_json_out_array(o, "keys");
    err = err ? err
              : account_apikeys(auth_accounts(r), id, CORE_STR(""), GATE_LIMIT_PAGE, key_out, o);
    core_json_out_end(o);
    return err;
}

static int page_begin(struct gate_request *r, struct export *e)
{
    const struct account *account = gate_request_account(r);
    core_buf_init(&e->page, GATE_LIMIT_EXPORT_PAGE_MOST);
    core_json_out_init(&e->auth.out, &e->page);
    e->auth.login = account->login ? core_str(account->login) : CORE_STR("");
    e->started = true;
    core_json_out_object(&e->auth.out, NULL);
    int err = profile_out(r, e);
    core_json_out_array(&e->auth.out, parts[0].name);
    return err;
}

static int page_more(struct gate_request *r, struct export *e)
{
    struct core_json_out *o = &e->auth.out;
    bool more = false;
    int err = ai_owner_export(gate_request_services(r)->ai, core_str(gate_request_account(r)->id),
                              parts[e->part].part, GATE_LIMIT_EXPORT_PAGE, &e->cursor, o, &more);
    if (err || more) {
        return err;
    }
    core_json_out_end(o);
    e->cursor = (struct ai_owner_cursor){0};
    if (++e->part < PARTS) {
        core_json_out_array(o, parts[e->part].name);
    } else {
        core_json_out_end(o);
    }
    return 0;
}

static void page_run(struct gate_request *r, void *arg)
{
    struct export *e = arg;
    int err = e->started ? 0 : page_begin(r, e);
    err = err ? err : page_more(r, e);
    e->auth.err = err ? err : core_buf_error(&e->page);
    e->ran = true;
}

static void export_over(struct export *e)
{
    core_timer_free(e->timer);
    core_buf_wipe(&e->page);
    gate_stream_end(e->r);
}

static void page_next(void *arg);

/* A client that does not read is waited for; the gate cuts one that never does. */
static void wait_a_little(struct export *e)
{
    if (!e->timer) {
        e->timer = core_timer_new(gate_request_services(e->r)->loop, page_next, e);
    }
    core_timer_start(e->timer, GATE_LIMIT_EXPORT_WAIT_MS, 0);
}

static void page_sent(struct gate_request *r, void *arg)
{
    struct export *e = arg;
    if (e->auth.err || !e->ran) { /* a document without its end is none: the client sees that */
        export_over(e);
        return;
    }
    bool keeps_up = gate_stream_write(r, core_buf_str(&e->page));
    core_buf_clear(&e->page);
    if (e->part == PARTS || gate_request_gone(r)) {
        export_over(e);
    } else if (keeps_up) {
        page_next(e);
    } else {
        wait_a_little(e);
    }
}

static void page_next(void *arg)
{
    struct export *e = arg;
    e->ran = false;
    if (gate_request_gone(e->r)) {
        export_over(e);
    } else if (!gate_stream_write(e->r, CORE_STR("")) ||
               !gate_stream_work(e->r, page_run, page_sent, e)) {
        wait_a_little(e);
    }
}

static void export_first(struct gate_request *r, void *arg)
{
    struct export *e = arg;
    if (e->auth.err) {
        core_buf_wipe(&e->page);
        auth_refuse(r, &e->auth);
        return;
    }
    const struct account_actor by = gate_request_actor(r);
    account_audit(auth_accounts(r),
                  &(const struct account_event){
                      .act = ACCOUNT_ACT_ACCOUNT_EXPORTED, .by = &by, .object = by.id});
    gate_reply_header(r, "content-disposition",
                      CORE_STR("attachment; filename=\"sky-export.json\""));
    gate_reply_header(r, "cache-control", CORE_STR("no-store"));
    gate_stream_begin(r, 200, "application/json");
    page_sent(r, e);
}

void handle_auth_export(struct gate_request *r)
{
    struct export *e = core_pool_alloc(gate_request_pool(r), sizeof *e);
    if (!e) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    e->r = r;
    gate_work(r, page_run, export_first, e);
}

/* --- Another name or address ------------------------------------------------------------------ */

static int change_call(struct gate_request *r, struct auth *auth)
{
    struct account_person person;
    int err = account_change(auth_accounts(r), &auth->by, core_str(gate_request_account(r)->id),
                             &auth->change, &person, &auth->why);
    if (!err) {
        auth->tokens.user = person.user;
    }
    return err;
}

static void change_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err == CORE_ENOTFOUND) {
        gate_reply_problem(r, 404, "no-account", "There is no account to change",
                           "the owner has none before registering");
    } else {
        if (!auth->err) {
            gate_request_right(r);
        }
        auth_me_done(r, auth);
    }
}

/* The address is what one logs in with: who sits at
 * an open browser may not take the account with it. */
void handle_auth_change(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 200, change_call) : NULL;
    if (!auth) {
        return;
    }
    struct account_change *change = &auth->change;
    change->disabled = -1;
    if (!field_str(r, body, "name", FIELD_OPTIONAL, 0, 1024, &change->name) ||
        !field_str(r, body, "email", FIELD_OPTIONAL, 1, 1024, &change->email)) {
        return;
    }
    if (!change->name.ptr && !change->email.ptr) {
        field_problem(r, "name", "or `email` is required");
    } else if (!change->email.ptr || gate_request_proved(r)) {
        gate_work(r, auth_run, change_done, auth);
    }
}

/* --- The end of the account ------------------------------------------------------------------- */

void auth_erase(struct store_batch *batch, struct core_str account)
{
    ai_owner_erase(batch, account);
    gate_keyed_erase(batch, account);
}

static int leave_call(struct gate_request *r, struct auth *auth)
{
    return account_leave(auth_accounts(r), &auth->by, auth->password, auth->totp, auth_erase,
                         &auth->why);
}

static void leave_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err == CORE_EMISMATCH) {
        gate_reply_problem(r, 403, "owner-last", "The owner leaves last",
                           "remove the other accounts first");
    } else if (auth->err == CORE_ENOTFOUND) {
        gate_reply_problem(r, 404, "no-account", "There is no account to remove",
                           "the owner has none before registering");
    } else if (auth->err) {
        auth_refuse(r, auth);
    } else {
        if (gate_request_account(r)->cookie) {
            auth_cookie(r, CORE_STR(""), 0);
        }
        gate_reply_empty(r, 204);
    }
}

void handle_auth_leave(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, 204, leave_call) : NULL;
    if (auth && field_str(r, body, "password", FIELD_REQUIRED, 1, 4096, &auth->password) &&
        field_str(r, body, "totp", FIELD_OPTIONAL, 0, 64, &auth->totp)) {
        auth->second = auth->totp.len > 0;
        auth_try(r, auth, core_str(gate_request_account(r)->id),
                 auth->second ? ACCOUNT_ACT_TOTP_REFUSED : ACCOUNT_ACT_PASSWORD_REFUSED,
                 leave_done);
    }
}
