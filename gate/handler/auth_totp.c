/* auth_totp.c: the second factor over HTTP: beginning, confirming, removing. */
#include "gate/handler/auth.h"

static int totp_begin_call(struct gate_request *r, struct auth *auth)
{
    return account_totp_begin(auth_accounts(r), core_str(gate_request_account(r)->id),
                              &auth->secret);
}

static void reply_factor_refused(struct gate_request *r, const struct auth *auth)
{
    if (auth->err == CORE_EEXISTS) {
        gate_reply_problem(r, 409, "totp-on", "The account has a second factor",
                           "remove it first to take another");
    } else if (auth->err == CORE_ENOTFOUND) {
        gate_reply_problem(r, 404, "no-totp", "There is no second factor to confirm or remove",
                           "begin with POST /api/auth/totp; the owner registers first");
    } else {
        auth_refuse(r, auth);
    }
}

static void totp_begin_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    struct core_json_out o;
    if (auth->err) {
        reply_factor_refused(r, auth);
        return;
    }
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "secret", auth->secret.secret);
    core_json_out_c(&o, "uri", auth->secret.uri);
    core_json_out_end(&o);
    core_wipe(&auth->secret, sizeof auth->secret);
    gate_reply_header(r, "cache-control", CORE_STR("no-store"));
    gate_reply_json(r, 201);
}

void handle_auth_totp(struct gate_request *r)
{
    struct auth *auth = auth_new(r, 201, totp_begin_call);
    if (auth) {
        gate_work(r, auth_run, totp_begin_done, auth);
    }
}

static int totp_confirm_call(struct gate_request *r, struct auth *auth)
{
    return account_totp_confirm(auth_accounts(r), core_str(gate_request_account(r)->id), auth->totp,
                                &auth->by, auth->codes);
}

static int totp_remove_call(struct gate_request *r, struct auth *auth)
{
    return account_totp_remove(auth_accounts(r), core_str(gate_request_account(r)->id), auth->totp,
                               &auth->by);
}

static void totp_done(struct gate_request *r, void *arg)
{
    struct auth *auth = arg;
    struct core_json_out o;
    if (auth->err) {
        reply_factor_refused(r, auth);
    } else if (auth->status == 204) {
        gate_reply_empty(r, 204);
    } else {
        core_json_out_init(&o, gate_reply_buf(r));
        core_json_out_object(&o, NULL);
        core_json_out_array(&o, "recovery_codes");
        for (unsigned i = 0; i < ACCOUNT_RECOVERY_CODES; i++) {
            core_json_out_c(&o, NULL, auth->codes[i]);
        }
        core_json_out_end(&o);
        core_json_out_end(&o);
        core_wipe(auth->codes, sizeof auth->codes);
        gate_reply_header(r, "cache-control", CORE_STR("no-store"));
        gate_reply_json(r, 200);
    }
}

static void totp_code_begin(struct gate_request *r, int status,
                            int (*call)(struct gate_request *r, struct auth *auth))
{
    core_json body = gate_request_json(r);
    struct auth *auth = body ? auth_new(r, status, call) : NULL;
    if (!auth || !field_str(r, body, "totp", FIELD_REQUIRED, 1, 64, &auth->totp)) {
        return;
    }
    auth->second = true;
    auth_try(r, auth, core_str(gate_request_account(r)->id), ACCOUNT_ACT_TOTP_REFUSED, totp_done);
}

void handle_auth_totp_confirm(struct gate_request *r)
{
    totp_code_begin(r, 200, totp_confirm_call);
}

void handle_auth_totp_remove(struct gate_request *r)
{
    totp_code_begin(r, 204, totp_remove_call);
}
