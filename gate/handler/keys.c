/* keys.c: API keys over HTTP: one's own, and those of all
 * for administrators. The key itself is in one answer only. */
#include "gate/handler/spending.h"

struct keys {
    struct spending base;
    struct account_apikey_form form;
    struct core_str account; /* empty: whosever */
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
};

/* --- Lists ------------------------------------------------------------------------------------ */

void spending_out_key(struct core_json_out *o, const struct account_apikey_info *key)
{
    core_json_out_str(o, "id", key->id);
    core_json_out_str(o, "account", key->account);
    core_json_out_str(o, "name", key->name);
    core_json_out_array(o, "scopes");
    for (unsigned i = 0; i < ACCOUNT_SCOPES; i++) {
        if (key->scopes & 1u << i) {
            core_json_out_c(o, NULL, account_scope_name(1u << i));
        }
    }
    core_json_out_end(o);
    out_limit(o, "per_minute", key->minute);
    out_time(o, "created_at", key->created_ms);
    out_time_or_null(o, "expires_at", key->expires_ms);
    out_time_or_null(o, "used_at", key->used_ms);
}

static int on_key(void *arg, const struct account_apikey_info *key)
{
    struct spending *s = arg;
    if (!spending_item(s, key->id)) {
        return 1;
    }
    spending_out_key(&s->out, key);
    core_json_out_end(&s->out);
    return 0;
}

static int list_call(struct gate_request *r, struct spending *s)
{
    return account_apikeys(spending_accounts(r), ((struct keys *)s)->account, s->after,
                           s->limit + 1, on_key, s);
}

void handle_keys_get(struct gate_request *r)
{
    struct keys *k = spending_new(r, sizeof *k, list_call);
    if (k) {
        k->account = core_str(gate_request_account(r)->id);
        spending_list(r, &k->base, "keys");
    }
}

void handle_admin_keys(struct gate_request *r)
{
    struct keys *k = spending_new(r, sizeof *k, list_call);
    if (k && query_str(r, "account", FIELD_OPTIONAL, CORE_ID_SIZE - 1, &k->account)) {
        spending_list(r, &k->base, "keys");
    }
}

/* --- Making and changing ---------------------------------------------------------------------- */

static bool scopes_read(struct gate_request *r, core_json body, struct account_apikey_form *form,
                        enum field_need need)
{
    core_json list = core_json_get(body, "scopes"), item;
    struct core_json_iter it = core_json_iter(list);
    struct core_str name;
    form->set_scopes = core_json_type(list) != CORE_JSON_ABSENT;
    while (core_json_type(list) == CORE_JSON_ARRAY && core_json_next(&it, NULL, &item)) {
        unsigned scope = core_json_str(item, &name) ? 0 : account_scope_named(name);
        form->scopes |= scope;
        if (!scope) {
            form->scopes = 0;
            break;
        }
    }
    if ((form->set_scopes || need == FIELD_REQUIRED) && !form->scopes) {
        field_problem(r, "scopes",
                      "must be a list of some of chat, embed, genom, knowledge, learn and admin");
        return false;
    }
    return true;
}

/* seconds from now, or never */
static bool expiry_read(struct gate_request *r, core_json body, struct account_apikey_form *form)
{
    int64_t seconds = ACCOUNT_UNLIMITED;
    if (!field_limit(r, body, "expires_in", 1, ACCOUNT_LIMIT_APIKEY_S, &seconds,
                     &form->set_expires)) {
        return false;
    }
    form->expires_ms = seconds == ACCOUNT_UNLIMITED
                           ? 0
                           : core_wall_ms(gate_request_services(r)->env) + seconds * 1000;
    return true;
}

static bool form_read(struct gate_request *r, struct account_apikey_form *form,
                      enum field_need need)
{
    core_json body = gate_request_json(r);
    form->minute = ACCOUNT_UNLIMITED;
    if (!body || !field_str(r, body, "name", need, 1, ACCOUNT_LIMIT_NAME - 1, &form->name) ||
        !scopes_read(r, body, form, need) || !expiry_read(r, body, form) ||
        !field_limit(r, body, "per_minute", 1, ACCOUNT_LIMIT_MINUTE, &form->minute,
                     &form->set_minute)) {
        return false;
    }
    form->set_name = form->name.len > 0;
    return true;
}

static void new_answer(struct gate_request *r, struct spending *s)
{
    struct keys *k = (struct keys *)s;
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "id", k->id);
    core_json_out_c(&o, "key", k->key);
    core_json_out_end(&o);
    core_wipe(k->key, sizeof k->key);
    gate_reply_header(r, "cache-control", CORE_STR("no-store"));
    gate_reply_json(r, 201);
}

static int new_call(struct gate_request *r, struct spending *s)
{
    struct keys *k = (struct keys *)s;
    return account_apikey_new(spending_accounts(r), &s->by, &k->form, k->key, k->id, &s->why);
}

void handle_key_new(struct gate_request *r)
{
    struct keys *k = spending_new(r, sizeof *k, new_call);
    if (!k || !form_read(r, &k->form, FIELD_REQUIRED)) {
        return;
    }
    k->base.answer = new_answer;
    spending_go(r, &k->base);
}

static int change_call(struct gate_request *r, struct spending *s)
{
    struct keys *k = (struct keys *)s;
    return account_apikey_change(spending_accounts(r), &s->by,
                                 core_str(gate_request_account(r)->id), gate_request_param(r, "id"),
                                 &k->form, &s->why);
}

void handle_key_change(struct gate_request *r)
{
    struct keys *k = spending_new(r, sizeof *k, change_call);
    if (k && form_read(r, &k->form, FIELD_OPTIONAL)) {
        spending_go(r, &k->base);
    }
}

/* --- Revoking --------------------------------------------------------------------------------- */

static int revoke_call(struct gate_request *r, struct spending *s)
{
    return account_apikey_revoke(spending_accounts(r), &s->by, ((struct keys *)s)->account,
                                 gate_request_param(r, "id"));
}

void handle_key_revoke(struct gate_request *r)
{
    struct keys *k = spending_new(r, sizeof *k, revoke_call);
    if (k) {
        k->account = core_str(gate_request_account(r)->id);
        spending_go(r, &k->base);
    }
}

void handle_admin_key_revoke(struct gate_request *r)
{
    struct spending *s = spending_new(r, sizeof(struct keys), revoke_call);
    if (s) {
        spending_go(r, s);
    }
}
