/*
 * admin_events.c: what the server does now: once, or as events every GATE_LIVE_MS for whoever looks at the
 * dashboard.
 *
 * Each reader has a timer and the sample before, of which rates are made; so nothing runs while nobody
 * looks. The stream has no end of its own: it ends when the reader leaves, may look no longer, or the server
 * stops.
 */
#include "gate/handler/handlers.h"

#include <stdlib.h>

struct watch {
    struct gate_request *r;
    struct core_timer *timer;
    struct gate_sample before;
    struct core_buf event;
};

static void watch_free(struct watch *w)
{
    core_buf_done(&w->event);
    core_timer_free(w->timer);
    free(w);
}

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

/* true: the stream has ended. */
static bool watch_step(struct watch *w)
{
    const struct gate_services *s = gate_request_services(w->r);
    struct gate_sample now;
    struct core_json_out o;
    if (gate_request_gone(w->r)) {
        gate_request_release(w->r);
        return true;
    }
    if (gate_stream_over(w->r)) {
        gate_stream_end(w->r);
        return true;
    }
    gate_trend_now(s->trend, &now);
    core_buf_clear(&w->event);
    core_json_out_init(&o, &w->event);
    snapshot_out(&o, s, &now, &w->before);
    w->before = now;
    gate_stream_event(w->r, "now", core_buf_str(&w->event));
    return false;
}

static void on_watch_timer(void *arg)
{
    struct watch *w = arg;
    if (watch_step(w)) {
        watch_free(w);
    }
}

static void on_watch_gone(struct gate_request *r, void *arg)
{
    (void)r;
    struct watch *w = arg;
    core_timer_start(w->timer, 0, 0); /* ends in on_watch_timer, never inside this call */
}

static void watch_begin(struct gate_request *r)
{
    struct watch *w = core_alloc(sizeof *w);
    const struct gate_services *s = gate_request_services(r);
    w->r = r;
    core_buf_init(&w->event, GATE_LIMIT_EVENT);
    w->timer = core_timer_new(s->loop, on_watch_timer, w);
    w->before = *gate_trend_last(s->trend);
    gate_stream_begin(r, 200, "text/event-stream");
    gate_request_on_gone(r, on_watch_gone, w);
    if (watch_step(w)) {
        watch_free(w);
    } else {
        core_timer_start(w->timer, GATE_LIVE_MS, GATE_LIVE_MS);
    }
}

void handle_admin_events(struct gate_request *r)
{
    const struct gate_services *s = gate_request_services(r);
    struct gate_sample now;
    struct core_json_out o;
    if (core_str_find(gate_request_header(r, "accept"), CORE_STR("text/event-stream")) >= 0) {
        watch_begin(r);
        return;
    }
    gate_trend_now(s->trend, &now);
    core_json_out_init(&o, gate_reply_buf(r));
    snapshot_out(&o, s, &now, gate_trend_last(s->trend));
    gate_reply_json(r, 200);
}
