/*
 * providers.c: /api/admin/providers: who answers on
 * remote levels. What is shown of a key is its reference.
 */
#include "gate/handler/handlers.h"

#include "core/err.h"

#include <stdio.h>

struct providers {
    struct gate_request *r;
    struct account_actor by;
    core_json body; /* of a change */
    struct ai_provider one;
    struct ai_provider *all;
    size_t count;
    char (*keys)[256]; /* why each key cannot be read, or "" */
    const char *field, *must;
    int err;
    struct ai_provider_test test;
};

static struct providers *providers_new(struct gate_request *r)
{
    struct providers *p = core_pool_alloc(gate_request_pool(r), sizeof *p);
    if (p) {
        p->r = r;
        p->by = gate_request_actor(r);
    } else {
        gate_reply_error(r, CORE_ENOMEM, NULL);
    }
    return p;
}

/* --- Printing --------------------------------------------------------------------------------- */

static void provider_out(struct gate_request *r, struct core_json_out *o, const char *key,
                         const struct ai_provider *p, const char *why)
{
    core_json_out_object(o, key);
    core_json_out_c(o, "id", p->id);
    core_json_out_c(o, "name", p->name);
    core_json_out_c(o, "base_url", p->base_url);
    core_json_out_c(o, "key", p->key);
    core_json_out_c(o, "key_problem", *why ? why : NULL);
    core_json_out_i64(o, "rank", p->rank);
    core_json_out_bool(o, "enabled", p->enabled);
    core_json_out_c(o, "state", ai_provider_state(gate_request_services(r)->ai, p->id));
    core_json_out_u64(o, "timeout_first_ms", p->first_ms);
    core_json_out_u64(o, "timeout_ms", p->whole_ms);
    core_json_out_u64(o, "calls_max", p->calls_max);
    out_limit(o, "stop_tokens", p->stop_tokens);
    core_json_out_array(o, "models");
    for (size_t i = 0; i < p->model_count; i++) {
        const struct ai_provider_model *m = &p->models[i];
        char level[8];
        snprintf(level, sizeof level, "L%u", m->level);
        core_json_out_object(o, NULL);
        core_json_out_c(o, "name", m->name);
        core_json_out_c(o, "level", level);
        core_json_out_i64(o, "price_in", m->price_in);
        core_json_out_i64(o, "price_out", m->price_out);
        core_json_out_u64(o, "context", m->context);
        core_json_out_u64(o, "output_max", m->output_max);
        core_json_out_end(o);
    }
    core_json_out_end(o);
    core_json_out_end(o);
}

static void one_out(struct providers *p, int status)
{
    struct core_json_out o;
    char why[256];
    ai_provider_check(&p->one, why, sizeof why);
    core_json_out_init(&o, gate_reply_buf(p->r));
    provider_out(p->r, &o, NULL, &p->one, why);
    gate_reply_json(p->r, status);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static bool text_read(struct gate_request *r, core_json body, const char *name,
                      enum field_need need, size_t cap, char *out)
{
    struct core_str text = {0};
    if (!field_str(r, body, name, need, need == FIELD_REQUIRED, cap - 1, &text)) {
        return false;
    }
    if (text.ptr) {
        memset(out, 0, cap);
        memcpy(out, text.ptr, text.len);
    }
    return true;
}

static bool number_read(struct gate_request *r, core_json body, const char *name, int64_t max,
                        unsigned *out)
{
    int64_t n = *out;
    if (!field_int(r, body, name, FIELD_OPTIONAL, 0, max, &n)) {
        return false;
    }
    *out = (unsigned)n;
    return true;
}

static bool model_read(struct gate_request *r, core_json item, struct ai_provider_model *m)
{
    struct core_str level = CORE_STR("L3");
    *m = (struct ai_provider_model){.level = 3, .output_max = AI_REMOTE_TOKENS};
    if (core_json_type(item) != CORE_JSON_OBJECT) {
        field_problem(r, "models", "must be a list of objects");
        return false;
    }
    if (!text_read(r, item, "name", FIELD_REQUIRED, sizeof m->name, m->name) ||
        !field_str(r, item, "level", FIELD_OPTIONAL, 1, 8, &level) ||
        !field_int(r, item, "price_in", FIELD_REQUIRED, 0, AI_LIMIT_PRICE, &m->price_in) ||
        !field_int(r, item, "price_out", FIELD_REQUIRED, 0, AI_LIMIT_PRICE, &m->price_out) ||
        !number_read(r, item, "context", AI_LIMIT_PROVIDER_TOKENS, &m->context) ||
        !number_read(r, item, "output_max", AI_LIMIT_PROVIDER_TOKENS, &m->output_max)) {
        return false;
    }
    if (!core_str_eq_c(level, "L3")) {
        field_problem(r, "level", "must be L3");
        return false;
    }
    return true;
}

static bool models_read(struct gate_request *r, core_json body, enum field_need need,
                        struct ai_provider *p)
{
    core_json list = core_json_get(body, "models"), item;
    enum core_json_type type = core_json_type(list);
    struct core_json_iter it = core_json_iter(list);
    struct core_str key;
    if (type == CORE_JSON_ABSENT || type == CORE_JSON_NULL) {
        if (need == FIELD_REQUIRED) {
            field_problem(r, "models", "is required");
        }
        return need == FIELD_OPTIONAL;
    }
    if (type != CORE_JSON_ARRAY || core_json_count(list) > AI_LIMIT_PROVIDER_MODELS) {
        field_problem(r, "models", "must be a list of 1 to 8 objects");
        return false;
    }
    p->model_count = 0;
    memset(p->models, 0, sizeof p->models);
    while (core_json_next(&it, &key, &item)) {
        if (!model_read(r, item, &p->models[p->model_count])) {
            return false;
        }
        p->model_count++;
    }
    return true;
}

/* Fields that the body has replace those of *p. */
static bool provider_read(struct gate_request *r, core_json body, enum field_need need,
                          struct ai_provider *p)
{
    return text_read(r, body, "name", need, sizeof p->name, p->name) &&
           text_read(r, body, "base_url", need, sizeof p->base_url, p->base_url) &&
           text_read(r, body, "key", FIELD_OPTIONAL, sizeof p->key, p->key) &&
           field_int(r, body, "rank", FIELD_OPTIONAL, -1000000, 1000000, &p->rank) &&
           field_bool(r, body, "enabled", &p->enabled) &&
           number_read(r, body, "timeout_first_ms", AI_LIMIT_PROVIDER_MS, &p->first_ms) &&
           number_read(r, body, "timeout_ms", AI_LIMIT_PROVIDER_MS, &p->whole_ms) &&
           number_read(r, body, "calls_max", AI_LIMIT_ASKS, &p->calls_max) &&
           field_limit(r, body, "stop_tokens", 0, AI_LIMIT_PROVIDER_TOKENS, &p->stop_tokens,
                       NULL) &&
           models_read(r, body, need, p);
}

/* --- Handlers --------------------------------------------------------------------------------- */

static void list_run(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    p->err = ai_providers(gate_request_services(r)->ai, p->all, &p->count);
    for (size_t i = 0; !p->err && i < p->count; i++) {
        ai_provider_check(&p->all[i], p->keys[i], sizeof p->keys[i]);
    }
}

static void list_done(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    struct core_json_out o;
    if (p->err) {
        gate_reply_error(r, p->err, NULL);
        return;
    }
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_array(&o, "providers");
    for (size_t i = 0; i < p->count; i++) {
        provider_out(r, &o, NULL, &p->all[i], p->keys[i]);
    }
    core_json_out_end(&o);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

void handle_providers(struct gate_request *r)
{
    struct core_pool *pool = gate_request_pool(r);
    struct providers *p = providers_new(r);
    if (!p) {
        return;
    }
    p->all = core_pool_alloc(pool, AI_LIMIT_PROVIDERS * sizeof *p->all);
    p->keys = core_pool_alloc(pool, AI_LIMIT_PROVIDERS * sizeof *p->keys);
    if (p->all && p->keys) {
        gate_work(r, list_run, list_done, p);
    } else {
        gate_reply_error(r, CORE_ENOMEM, NULL);
    }
}

static void save_run(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    p->err = ai_provider_save(gate_request_services(r)->ai, &p->by, &p->one, &p->field, &p->must);
}

static void save_done(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    if (p->err == CORE_EINVAL && p->field) {
        field_problem(r, p->field, p->must);
    } else if (p->err == CORE_EEXISTS) {
        gate_reply_problem(r, 409, "name-taken", "Another provider has that name",
                           "choose another");
    } else if (p->err == CORE_ELIMIT) {
        gate_reply_problem(r, 409, "too-many-providers", "There are too many providers",
                           "remove one first");
    } else if (p->err) {
        gate_reply_error(r, p->err, "no provider has that id");
    } else {
        one_out(p, core_str_eq_c(gate_request_method(r), "POST") ? 201 : 200);
    }
}

void handle_provider_new(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct providers *p = body ? providers_new(r) : NULL;
    if (!p) {
        return;
    }
    p->one = (struct ai_provider){.enabled = true,
                                  .first_ms = AI_PROVIDER_FIRST_MS,
                                  .whole_ms = AI_PROVIDER_WHOLE_MS,
                                  .calls_max = AI_PROVIDER_CALLS,
                                  .stop_tokens = ACCOUNT_UNLIMITED};
    if (provider_read(r, body, FIELD_REQUIRED, &p->one)) {
        gate_work(r, save_run, save_done, p);
    }
}

static void read_run(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    p->err = ai_provider_read(gate_request_services(r)->ai, gate_request_param(r, "id"), &p->one);
}

static void read_done(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    if (p->err) {
        gate_reply_error(r, p->err, "no provider has that id");
    } else if (provider_read(r, p->body, FIELD_OPTIONAL, &p->one)) {
        gate_work(r, save_run, save_done, p);
    }
}

void handle_provider_change(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct providers *p = body ? providers_new(r) : NULL;
    if (p) {
        p->body = body;
        gate_work(r, read_run, read_done, p);
    }
}

static void remove_run(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    p->err = ai_provider_remove(gate_request_services(r)->ai, &p->by, gate_request_param(r, "id"));
}

static void remove_done(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    if (p->err) {
        gate_reply_error(r, p->err, "no provider has that id");
    } else {
        gate_reply_empty(r, 204);
    }
}

void handle_provider_remove(struct gate_request *r)
{
    struct providers *p = providers_new(r);
    if (p) {
        gate_work(r, remove_run, remove_done, p);
    }
}

/* --- Testing ---------------------------------------------------------------------------------- */

static void on_tested(struct ai_provider_test *test, int status, int http)
{
    struct providers *p = test->arg;
    struct core_json_out o;
    char error[64 + sizeof test->why];
    snprintf(error, sizeof error, "%s%s%s", core_err_text(status), *test->why ? ": " : "",
             test->why);
    core_json_out_init(&o, gate_reply_buf(p->r));
    core_json_out_object(&o, NULL);
    core_json_out_bool(&o, "ok", status == 0);
    core_json_out_c(&o, "error", status ? error : NULL);
    core_json_out_i64(&o, "http_status", http);
    core_json_out_i64(&o, "latency_ms", test->latency_ms);
    core_json_out_u64(&o, "tokens_in", test->tokens_in);
    core_json_out_u64(&o, "tokens_out", test->tokens_out);
    core_json_out_i64(&o, "cost_microusd", test->cost_microusd);
    core_json_out_end(&o);
    gate_reply_json(p->r, 200);
}

static void on_gone(struct gate_request *r, void *arg)
{
    struct providers *p = arg;
    ai_provider_test_cancel(gate_request_services(r)->ai, &p->test);
}

void handle_provider_test(struct gate_request *r)
{
    struct providers *p = providers_new(r);
    if (!p) {
        return;
    }
    p->test.id = gate_request_param(r, "id");
    p->test.payer = payer_of(r);
    p->test.by = p->by;
    p->test.on_done = on_tested;
    p->test.arg = p;
    gate_request_on_gone(r, on_gone, p);
    int err = ai_provider_test_start(gate_request_services(r)->ai, &p->test);
    if (err) {
        gate_reply_error(r, err, "no provider that is enabled has that id");
    }
}
