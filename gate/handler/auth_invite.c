/* auth_invite.c: invitations over HTTP: making one, the open ones, taking one back. */
#include "gate/handler/auth.h"

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
        core_json_out_c(&o, "invite", auth->secret_once);
        core_json_out_str(&o, "role", auth->role);
        core_json_out_i64(&o, "expires_in", ACCOUNT_INVITE_S);
        core_json_out_end(&o);
        gate_reply_header(r, "cache-control", CORE_STR("no-store"));
        gate_reply_json(r, 201);
    }
    core_wipe(auth->secret_once, sizeof auth->secret_once);
}

static int invite_call(struct gate_request *r, struct auth *auth)
{
    return account_invite(auth_accounts(r), &auth->by, auth->role, auth->secret_once);
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

static int out_invite(void *arg, const struct account_invite_info *invite)
{
    struct core_json_out *o = arg;
    core_json_out_object(o, NULL);
    core_json_out_str(o, "id", invite->id);
    core_json_out_str(o, "role", invite->role);
    core_json_out_str(o, "created_by", invite->created_by);
    out_time(o, "created_at", invite->created_ms);
    out_time(o, "expires_at", invite->expires_ms);
    core_json_out_end(o);
    return 0;
}

static int invites_call(struct gate_request *r, struct auth *auth)
{
    core_json_out_init(&auth->out, gate_reply_buf(r));
    core_json_out_object(&auth->out, NULL);
    core_json_out_array(&auth->out, "invites");
    int err = account_invites(auth_accounts(r), out_invite, &auth->out);
    core_json_out_end(&auth->out);
    core_json_out_end(&auth->out);
    return err;
}

void handle_auth_invites(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 200, invites_call);
    if (auth) {
        gate_work(r, auth_run, auth_list_done, auth);
    }
}

static int invite_end_call(struct gate_request *r, struct auth *auth)
{
    return account_invite_end(auth_accounts(r), &auth->by, gate_request_param(r, "id"));
}

static void invite_end_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    if (auth->err) {
        auth_refuse(r, auth);
    } else {
        gate_reply_empty(r, 204);
    }
}

void handle_auth_invite_end(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 204, invite_end_call);
    if (auth) {
        gate_work(r, auth_run, invite_end_done, auth);
    }
}
