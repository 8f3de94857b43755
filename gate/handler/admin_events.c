/*
 * admin_events.c: what the server does now: once, or as events
 * every GATE_LIVE_MS for whoever looks at the dashboard.
 *
 * Each reader has the sample before, of which rates are made. The stream has no end of its own.
 */
#include "gate/handler/handlers.h"

static void http_out(struct core_json_out *o, const struct gate_sample *now,
                     const struct gate_sample *before)
{
    static const char *const classes[] = {"2xx", "3xx", "4xx", "5xx"};
    double span_s = (double)(now->mono_ms - before->mono_ms) / 1000;
    uint64_t requests = 0;
    for (size_t i = 0; i < 4; i++)
        requests += now->requests[i] - before->requests[i];
    uint64_t errors = now->requests[3] - before->requests[3];
    core_json_out_object(o, "http");
    core_json_out_double(o, "requests_s", span_s > 0 ? (double)requests / span_s : 0);
    core_json_out_double(o, "errors_s", span_s > 0 ? (double)errors / span_s : 0);
    core_json_out_u64(o, "in_flight", now->in_flight);
    core_json_out_u64(o, "connections", now->connections);
    core_json_out_object(o, "requests");
    for (size_t i = 0; i < 4; i++)
        core_json_out_u64(o, classes[i], now->requests[i]);
    core_json_out_end(o);
    core_json_out_end(o);
}

static void process_out(struct core_json_out *o, const struct gate_sample *now,
                        const struct gate_sample *before)
{
    double span_s = (double)(now->mono_ms - before->mono_ms) / 1000;
    core_json_out_object(o, "process");
    core_json_out_double(o, "cpu_percent",
                         span_s > 0 ? 100 * (now->cpu_s - before->cpu_s) / span_s : 0);
    core_json_out_double(o, "cpu_s", now->cpu_s);
    core_json_out_i64(o, "memory_bytes", now->memory_bytes);
    core_json_out_end(o);
}

static void latency_out(struct core_json_out *o, const char *key, int64_t ms)
{
    if (ms < 0)
        core_json_out_null(o, key);
    else
        core_json_out_i64(o, key, ms);
}

static void levels_out(struct core_json_out *o, struct ai *ai)
{
    unsigned levels = ai_levels(ai);
    core_json_out_array(o, "levels");
    for (unsigned level = 0; level < AI_LEVELS; level++) {
        struct ai_recent recent;
        ai_recent(ai, level, &recent);
        if (!(levels & 1u << level) && recent.answers == 0)
            continue;
        const char name[] = {'L', (char)('0' + level), '\0'};
        core_json_out_object(o, NULL);
        core_json_out_c(o, "level", name);
        core_json_out_u64(o, "answers", recent.answers);
        core_json_out_u64(o, "answers_minute", recent.minute);
        latency_out(o, "p50_ms", recent.p50_ms);
        latency_out(o, "p95_ms", recent.p95_ms);
        core_json_out_end(o);
    }
    core_json_out_end(o);
}

static void snapshot_out(struct core_json_out *o, const struct gate_services *s,
                         const struct gate_sample *now, const struct gate_sample *before)
{
    int store = store_health(s->store);
    core_json_out_object(o, NULL);
    out_time(o, "at", core_wall_ms(s->env));
    core_json_out_c(o, "store", store ? core_err_text(store) : "ok");
    http_out(o, now, before);
    levels_out(o, s->ai);
    process_out(o, now, before);
    out_knowledge(o, s->ai);
    core_json_out_end(o);
}

static const char *now_look(struct gate_request *r, void *state, struct core_buf *event, bool *last)
{
    (void)last;
    const struct gate_services *s = gate_request_services(r);
    struct gate_sample *before = state, now;
    struct core_json_out o;
    gate_trend_now(s->trend, &now);
    core_json_out_init(&o, event);
    snapshot_out(&o, s, &now, before);
    *before = now;
    return "now";
}

static void watch_begin(struct gate_request *r)
{
    struct gate_sample *before = core_pool_alloc(gate_request_pool(r), sizeof *before);
    if (!before) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    *before = *gate_trend_last(gate_request_services(r)->trend);
    follow_begin(r, GATE_LIVE_MS, now_look, before);
}

void handle_admin_events(struct gate_request *r)
{
    const struct gate_services *s = gate_request_services(r);
    struct gate_sample now;
    struct core_json_out o;
    if (follow_wanted(r)) {
        watch_begin(r);
        return;
    }
    gate_trend_now(s->trend, &now);
    core_json_out_init(&o, gate_reply_buf(r));
    snapshot_out(&o, s, &now, gate_trend_last(s->trend));
    gate_reply_json(r, 200);
}
