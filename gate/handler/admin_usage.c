/* admin_usage.c: what answers cost, and the ones that people voted down. */
#include "gate/handler/handlers.h"

#include <stdio.h>

struct usage {
    struct core_str id, before;
    int64_t days, limit;
    enum ai_usage_by by;
    struct core_json_out out;
    size_t count;
    char next[CORE_ID_SIZE];
    bool more;
    int err;
};

static struct usage *usage_new(struct gate_request *r)
{
    struct usage *u = core_pool_alloc(gate_request_pool(r), sizeof *u);
    if (!u) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return NULL;
    }
    u->id = gate_request_param(r, "id");
    u->before = CORE_STR("");
    core_json_out_init(&u->out, gate_reply_buf(r));
    return u;
}

static void usage_done(struct gate_request *r, void *arg)
{
    struct usage *u = arg;
    if (u->err) {
        core_buf_clear(gate_reply_buf(r));
        gate_reply_error(r, u->err, NULL);
    } else {
        gate_reply_json(r, 200);
    }
}

/* --- Sums ------------------------------------------------------------------------------------- */

static int on_row(void *arg, const struct ai_usage_row *row)
{
    struct core_json_out *o = &((struct usage *)arg)->out;
    core_json_out_object(o, NULL);
    core_json_out_str(o, "key", row->key);
    core_json_out_i64(o, "answers", row->answers);
    core_json_out_i64(o, "answered", row->answered);
    core_json_out_i64(o, "cached", row->cached);
    core_json_out_i64(o, "tokens_in", row->tokens_in);
    core_json_out_i64(o, "tokens_out", row->tokens_out);
    core_json_out_i64(o, "cost_microusd", row->cost_microusd);
    core_json_out_i64(o, "p50_ms", row->p50_ms);
    core_json_out_i64(o, "p95_ms", row->p95_ms);
    core_json_out_end(o);
    return 0;
}

static void usage_run(struct gate_request *r, void *arg)
{
    struct usage *u = arg;
    const struct gate_services *s = gate_request_services(r);
    int64_t from_ms = core_wall_ms(s->env) - u->days * 86400000;
    from_ms -= from_ms % 86400000; /* days are told whole */
    core_json_out_object(&u->out, NULL);
    out_time(&u->out, "from", from_ms);
    core_json_out_array(&u->out, "usage");
    u->err = ai_usage(s->ai, from_ms, u->by, (unsigned)u->limit, on_row, u);
    core_json_out_end(&u->out);
    core_json_out_end(&u->out);
}

static bool by_read(struct gate_request *r, enum ai_usage_by *ret)
{
    static const char *const names[] = {[AI_USAGE_DAY] = "day",
                                        [AI_USAGE_USER] = "user",
                                        [AI_USAGE_MODEL] = "model",
                                        [AI_USAGE_LEVEL] = "level"};
    struct core_str by = CORE_STR("day");
    if (!query_str(r, "by", FIELD_OPTIONAL, 16, &by)) {
        return false;
    }
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (core_str_eq_c(by, names[i])) {
            *ret = (enum ai_usage_by)i;
            return true;
        }
    }
    field_problem(r, "by", "must be one of day, user, model, level");
    return false;
}

void handle_admin_usage(struct gate_request *r)
{
    struct usage *u = usage_new(r);
    if (!u) {
        return;
    }
    u->days = 30;
    u->limit = GATE_LIMIT_PAGE;
    if (by_read(r, &u->by) && query_days(r, "range", &u->days) &&
        query_int(r, "limit", 1, GATE_LIMIT_PAGE, &u->limit)) {
        gate_work(r, usage_run, usage_done, u);
    }
}

/* --- Levels ----------------------------------------------------------------------------------- */

void handle_admin_levels(struct gate_request *r)
{
    struct ai *ai = gate_request_services(r)->ai;
    struct core_json_out o;
    unsigned levels = ai_levels(ai);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_array(&o, "levels");
    for (unsigned level = 0; level <= 5; level++) {
        const char name[] = {'L', (char)('0' + level), '\0'};
        bool ready = (levels & 1u << level) != 0;
        char why[AI_LIMIT_WHY] = "";
        core_json_out_object(&o, NULL);
        core_json_out_c(&o, "level", name);
        core_json_out_bool(&o, "ready", ready);
        if (!ready) {
            ai_level_why(ai, level, why, sizeof why);
        }
        core_json_out_c(&o, "why", why);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

/* --- Votes ------------------------------------------------------------------------------------ */

static int on_vote(void *arg, const struct ai_vote *vote)
{
    struct usage *u = arg;
    struct core_json_out *o = &u->out;
    if (u->count == (size_t)u->limit) {
        u->more = true;
        return 1;
    }
    u->count++;
    snprintf(u->next, sizeof u->next, "%.*s", CORE_STR_ARG(vote->id));
    core_json_out_object(o, NULL);
    core_json_out_str(o, "id", vote->id);
    core_json_out_str(o, "question", vote->question);
    core_json_out_str(o, "answer", vote->answer);
    core_json_out_str(o, "owner", vote->owner);
    out_time(o, "at", vote->at_ms);
    if (vote->cache_id.len) {
        core_json_out_str(o, "cache_id", vote->cache_id);
    }
    if (vote->receipt_json.len) {
        core_json_out_raw(o, "receipt", vote->receipt_json);
    }
    core_json_out_end(o);
    return 0;
}

static void votes_run(struct gate_request *r, void *arg)
{
    struct usage *u = arg;
    core_json_out_object(&u->out, NULL);
    core_json_out_array(&u->out, "votes");
    u->err = ai_votes_down(gate_request_services(r)->ai, u->before, (unsigned)u->limit + 1, on_vote,
                           u);
    core_json_out_end(&u->out);
    core_json_out_c(&u->out, "next", u->more ? u->next : NULL);
    core_json_out_end(&u->out);
}

void handle_admin_votes(struct gate_request *r)
{
    struct usage *u = usage_new(r);
    if (!u) {
        return;
    }
    u->limit = 50;
    if (query_int(r, "limit", 1, GATE_LIMIT_PAGE, &u->limit) &&
        query_cursor(r, "before", &u->before)) {
        gate_work(r, votes_run, usage_done, u);
    }
}

static void remove_run(struct gate_request *r, void *arg)
{
    struct usage *u = arg;
    u->err = ai_cache_remove(gate_request_services(r)->ai, u->id);
}

static void remove_done(struct gate_request *r, void *arg)
{
    struct usage *u = arg;
    if (u->err) {
        gate_reply_error(r, u->err, "no cached answer has that id");
    } else {
        gate_reply_empty(r, 204);
    }
}

void handle_admin_cache_remove(struct gate_request *r)
{
    struct usage *u = usage_new(r);
    if (u) {
        gate_work(r, remove_run, remove_done, u);
    }
}
