/* spending.c: see spending.h. */
#include "gate/handler/spending.h"

#include <stdio.h>

struct accounts *spending_accounts(struct gate_request *r)
{
    return gate_request_services(r)->accounts;
}

void *spending_new(struct gate_request *r, size_t size,
                   int (*call)(struct gate_request *r, struct spending *s))
{
    struct spending *s = core_pool_alloc(gate_request_pool(r), size);
    if (!s) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    s->call = call;
    s->by = gate_request_actor(r);
    return s;
}

static void run(struct gate_request *r, void *arg)
{
    struct spending *s = arg;
    if (s->list) {
        core_json_out_init(&s->out, gate_reply_buf(r));
        core_json_out_object(&s->out, NULL);
        core_json_out_array(&s->out, s->list);
    }
    s->err = s->call(r, s);
    if (s->list) {
        core_json_out_end(&s->out);
        core_json_out_c(&s->out, "next", s->count > s->limit ? s->next : NULL);
        if (s->err >= 0 && s->more) {
            s->err = s->more(r, s);
        }
        core_json_out_end(&s->out);
    }
}

static void refuse(struct gate_request *r, const struct spending *s)
{
    core_buf_clear(gate_reply_buf(r));
    if (s->err == CORE_EINVAL && s->why.field) {
        field_problem(r, s->why.field, s->why.must);
    } else if (s->err == CORE_ELIMIT) {
        gate_reply_problem(r, 409, "limit-reached", "There are as many as there may be",
                           "remove one, or ask an administrator for another tier");
    } else if (s->err == CORE_EDENIED) {
        gate_reply_problem(r, 403, "forbidden", "The role does not allow this",
                           "what is the owner's only the owner changes: ask the owner");
    } else if (s->err == CORE_EEXISTS) {
        gate_reply_problem(r, 409, "name-taken", "There is one of that name", "choose another");
    } else if (s->err == CORE_EMISMATCH) {
        gate_reply_problem(r, 409, "in-use", "It is in use", s->why.must);
    } else {
        gate_reply_error(r, s->err, s->err == CORE_ENOTFOUND ? "look at the list again" : NULL);
    }
}

static void done(struct gate_request *r, void *arg)
{
    struct spending *s = arg;
    if (s->err < 0) {
        refuse(r, s);
    } else if (s->answer) {
        s->answer(r, s);
    } else if (s->list) {
        gate_reply_json(r, 200);
    } else {
        gate_reply_empty(r, 204);
    }
}

void spending_go(struct gate_request *r, struct spending *s)
{
    gate_work(r, run, done, s);
}

void spending_list(struct gate_request *r, struct spending *s, const char *name)
{
    s->list = name;
    s->limit = 50;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &s->limit) &&
        (s->by_name ? query_str(r, "after", FIELD_OPTIONAL, ACCOUNT_LIMIT_NAME - 1, &s->after)
                    : query_cursor(r, "after", &s->after))) {
        spending_go(r, s);
    }
}

bool spending_item(struct spending *s, struct core_str cursor)
{
    if (s->count++ == s->limit) {
        return false;
    }
    snprintf(s->next, sizeof s->next, "%.*s", CORE_STR_ARG(cursor));
    core_json_out_object(&s->out, NULL);
    return true;
}

void spending_reply_id(struct gate_request *r, const char *id)
{
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "id", id);
    core_json_out_end(&o);
    gate_reply_json(r, 201);
}

void spending_out_tier(struct core_json_out *o, const struct account_tier *t)
{
    char level[3] = {'L', (char)('0' + t->level_max), '\0'};
    core_json_out_c(o, "name", t->name);
    core_json_out_c(o, "level_max", level);
    out_limit(o, "ask_per_minute", t->ask_minute);
    out_limit(o, "read_per_minute", t->read_minute);
    out_limit(o, "write_per_minute", t->write_minute);
    out_limit(o, "tokens_per_day", t->tokens_day);
    out_limit(o, "microusd_per_month", t->microusd_month);
    out_limit(o, "keys", t->keys_max);
    out_limit(o, "body_bytes", t->body_max);
}
