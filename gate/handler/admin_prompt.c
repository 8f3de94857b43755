/*
 * admin_prompt.c: the system prompt, version by version, tried before it is
 * saved; and what a token of a local model costs. What was written on the
 * pool takes effect on the loop, when it is acknowledged.
 */
#include "gate/handler/handlers.h"

#include <stdio.h>

struct prompt {
    struct account_actor by;
    struct core_str text, note;
    int64_t version, base, limit, before;
    struct ai_prompt saved;
    struct ai_price price;
    struct core_json_out out;
    size_t count;
    char next[CORE_I64_SIZE + 1];
    bool more;
    int err;
};

static struct prompt *prompt_new(struct gate_request *r)
{
    struct prompt *p = core_pool_alloc(gate_request_pool(r), sizeof *p);
    if (!p) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    p->by = gate_request_actor(r);
    p->note = CORE_STR("");
    core_json_out_init(&p->out, gate_reply_buf(r));
    return p;
}

static void prompt_out(struct core_json_out *o, const struct ai_prompt *prompt)
{
    core_json_out_object(o, NULL);
    core_json_out_i64(o, "version", prompt->version);
    core_json_out_c(o, "text", prompt->text);
    core_json_out_i64(o, "bytes_max", AI_LIMIT_PROMPT);
    core_json_out_end(o);
}

void handle_admin_prompt(struct gate_request *r)
{
    struct ai_prompt now;
    struct core_json_out o;
    ai_prompt_now(gate_request_services(r)->ai, &now);
    core_json_out_init(&o, gate_reply_buf(r));
    prompt_out(&o, &now);
    gate_reply_json(r, 200);
}

/* --- Saving ----------------------------------------------------------------------------------- */

static void save_run(struct gate_request *r, void *arg)
{
    struct prompt *p = arg;
    p->err = ai_prompt_save(gate_request_services(r)->ai, &p->by, p->text, p->note, p->base,
                            &p->saved);
}

static void restore_run(struct gate_request *r, void *arg)
{
    struct prompt *p = arg;
    p->err = ai_prompt_restore(gate_request_services(r)->ai, &p->by, p->version, p->base,
                               &p->saved);
}

static void saved_done(struct gate_request *r, void *arg)
{
    struct prompt *p = arg;
    if (!p->err) {
        ai_prompt_apply(gate_request_services(r)->ai, &p->saved);
        prompt_out(&p->out, &p->saved);
        gate_reply_json(r, 200);
    } else if (p->err == CORE_EMISMATCH) {
        gate_reply_problem(r, 409, "changed", "Somebody else saved the prompt",
                           "read it again and repeat the change with the new `base_version`");
    } else {
        gate_reply_error(r, p->err, "no version has that number");
    }
}

static bool base_read(struct gate_request *r, core_json body, struct prompt *p)
{
    return field_int(r, body, "base_version", FIELD_REQUIRED, 0, INT32_MAX, &p->base);
}

static bool text_read(struct gate_request *r, core_json body, struct core_str *ret)
{
    if (!field_str(r, body, "text", FIELD_REQUIRED, 1, AI_LIMIT_PROMPT, ret)) {
        return false;
    }
    const char *must = ai_prompt_wrong(*ret);
    if (must) {
        field_problem(r, "text", must);
    }
    return must == NULL;
}

void handle_admin_prompt_save(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct prompt *p = body ? prompt_new(r) : NULL;
    if (p && text_read(r, body, &p->text) &&
        field_str(r, body, "note", FIELD_OPTIONAL, 0, AI_LIMIT_PROMPT_NOTE, &p->note) &&
        base_read(r, body, p)) {
        gate_work(r, save_run, saved_done, p);
    }
}

void handle_admin_prompt_restore(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct prompt *p = body ? prompt_new(r) : NULL;
    if (p && field_int(r, body, "version", FIELD_REQUIRED, 0, INT32_MAX, &p->version) &&
        base_read(r, body, p)) {
        gate_work(r, restore_run, saved_done, p);
    }
}

/* --- Versions --------------------------------------------------------------------------------- */

static int on_version(void *arg, const struct ai_prompt_version *version)
{
    struct prompt *p = arg;
    struct core_json_out *o = &p->out;
    if (p->count == (size_t)p->limit) {
        p->more = true;
        return 1;
    }
    p->count++;
    snprintf(p->next, sizeof p->next, "%lld", (long long)version->version);
    core_json_out_object(o, NULL);
    core_json_out_i64(o, "version", version->version);
    core_json_out_str(o, "text", version->text);
    core_json_out_str(o, "note", version->note);
    core_json_out_str(o, "by", version->by);
    if (version->at_ms > 0) {
        out_time(o, "at", version->at_ms);
    }
    core_json_out_end(o);
    return 0;
}

static void versions_run(struct gate_request *r, void *arg)
{
    struct prompt *p = arg;
    core_json_out_object(&p->out, NULL);
    core_json_out_array(&p->out, "versions");
    p->err = ai_prompt_versions(gate_request_services(r)->ai, p->before, (unsigned)p->limit + 1,
                                on_version, p);
    core_json_out_end(&p->out);
    core_json_out_c(&p->out, "next", p->more ? p->next : NULL);
    core_json_out_end(&p->out);
}

static void list_done(struct gate_request *r, void *arg)
{
    struct prompt *p = arg;
    if (p->err) {
        core_buf_clear(gate_reply_buf(r));
        gate_reply_error(r, p->err, NULL);
    } else {
        gate_reply_json(r, 200);
    }
}

void handle_admin_prompt_versions(struct gate_request *r)
{
    struct prompt *p = prompt_new(r);
    if (!p) {
        return;
    }
    p->limit = 50;
    p->before = INT64_MAX;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &p->limit) &&
        query_int(r, "before", 0, INT64_MAX, &p->before)) {
        gate_work(r, versions_run, list_done, p);
    }
}

/* --- Trying a text ---------------------------------------------------------------------------- */

struct trial {
    struct gate_request *r;
    struct ai_ask ask;
    struct ai_message message;
};

static void on_done(struct ai_ask *ask, int status, const struct ai_answer *answer)
{
    struct trial *t = ask->arg;
    struct core_json_out o;
    if (status && answer->broke) {
        gate_reply_budget(t->r, answer->broke);
        return;
    }
    if (status) {
        gate_reply_error(t->r, status, NULL);
        return;
    }
    core_json_out_init(&o, gate_reply_buf(t->r));
    core_json_out_object(&o, NULL);
    core_json_out_str(&o, "answer", answer->text);
    core_json_out_bool(&o, "answered", answer->answered);
    ai_receipt_json(&o, "receipt", answer);
    core_json_out_end(&o);
    gate_reply_json(t->r, 200);
}

static void on_gone(struct gate_request *r, void *arg)
{
    struct trial *t = arg;
    ai_ask_cancel(gate_request_services(r)->ai, &t->ask);
}

static void trial_start(struct gate_request *r, void *arg)
{
    struct trial *t = arg;
    gate_request_on_gone(r, on_gone, t);
    int err = ai_ask_start(gate_request_services(r)->ai, &t->ask);
    if (err) {
        gate_reply_error(r, err, NULL);
    }
}

void handle_admin_prompt_preview(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct trial *t = body ? core_pool_alloc(gate_request_pool(r), sizeof *t) : NULL;
    if (!t) {
        if (body) {
            gate_reply_error(r, CORE_ENOMEM, NULL);
        }
        return;
    }
    t->r = r;
    t->message.role = AI_USER;
    if (!text_read(r, body, &t->ask.prompt) ||
        !field_str(r, body, "question", FIELD_REQUIRED, 1, GATE_LIMIT_MESSAGE, &t->message.text)) {
        return;
    }
    if (core_str_trim(t->message.text).len == 0) {
        field_problem(r, "question", "must hold more than white space");
        return;
    }
    t->ask.mode = AI_ASK_DOCUMENTS;
    t->ask.trial = true;
    t->ask.owner = core_str(gate_request_account(r)->id);
    t->ask.payer = payer_of(r);
    t->ask.messages = &t->message;
    t->ask.message_count = 1;
    t->ask.model = "skyai";
    t->ask.level_max = 5;
    t->ask.top_p = 1;
    t->ask.on_done = on_done;
    t->ask.arg = t;
    ask_begin(r, &t->ask.level_max, trial_start, t);
}

/* --- Prices ----------------------------------------------------------------------------------- */

static int on_price(void *arg, const struct ai_price *price)
{
    struct core_json_out *o = &((struct prompt *)arg)->out;
    core_json_out_object(o, NULL);
    core_json_out_str(o, "model", price->model);
    core_json_out_i64(o, "in_microusd", price->in_microusd);
    core_json_out_i64(o, "out_microusd", price->out_microusd);
    core_json_out_bool(o, "in_use", price->in_use);
    core_json_out_end(o);
    return 0;
}

static void prices_run(struct gate_request *r, void *arg)
{
    struct prompt *p = arg;
    core_json_out_object(&p->out, NULL);
    core_json_out_array(&p->out, "prices");
    p->err = ai_prices(gate_request_services(r)->ai, on_price, p);
    core_json_out_end(&p->out);
    core_json_out_end(&p->out);
}

void handle_admin_prices(struct gate_request *r)
{
    struct prompt *p = prompt_new(r);
    if (p) {
        gate_work(r, prices_run, list_done, p);
    }
}

static void price_run(struct gate_request *r, void *arg)
{
    struct prompt *p = arg;
    p->err = ai_price_set(gate_request_services(r)->ai, &p->by, &p->price);
}

static void price_done(struct gate_request *r, void *arg)
{
    struct prompt *p = arg;
    if (p->err == CORE_EINVAL) {
        field_problem(r, "model", "must name a local model, such as local:smollm2");
    } else if (p->err) {
        gate_reply_error(r, p->err, "there are as many prices as there may be");
    } else {
        ai_price_apply(gate_request_services(r)->ai, &p->price);
        gate_reply_empty(r, 204);
    }
}

void handle_admin_price_set(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct prompt *p = body ? prompt_new(r) : NULL;
    if (p && field_str(r, body, "model", FIELD_REQUIRED, 1, 128, &p->price.model) &&
        field_int(r, body, "in_microusd", FIELD_REQUIRED, 0, AI_LIMIT_PRICE,
                  &p->price.in_microusd) &&
        field_int(r, body, "out_microusd", FIELD_REQUIRED, 0, AI_LIMIT_PRICE,
                  &p->price.out_microusd)) {
        gate_work(r, price_run, price_done, p);
    }
}
