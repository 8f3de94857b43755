/*
 * trend.c: two rings of samples, fine and coarse, filled by one timer.
 *
 *     fine    ░░░░░░░░ 10 s apart, GATE_TREND_FINE places
 *     coarse  ▒▒▒▒▒▒▒▒ every 30th of them, GATE_TREND_COARSE places
 *
 * The registry of metrics keeps no past; this is all that there is, and it
 * goes with the process. A sample carries the monotonic clock, so a clock that
 * was set neither opens a hole nor turns the order round.
 */
#include "gate/trend.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/metrics.h"

#include <stdlib.h>

#define COARSE_EACH (GATE_TREND_COARSE_MS / GATE_TREND_FINE_MS)

struct gate_trend {
    struct core_loop *loop;
    const unsigned *requests;
    struct core_timer *timer;
    uint64_t taken; /* samples so far */
    struct gate_sample fine[GATE_TREND_FINE], coarse[GATE_TREND_COARSE];
};

void gate_trend_now(const struct gate_trend *trend, struct gate_sample *ret)
{
    static const char *const classes[] = {"code=\"2", "code=\"3", "code=\"4", "code=\"5"};
    struct core_process process;
    core_process_now(&process);
    *ret = (struct gate_sample){
        .mono_ms = core_mono_ms(core_loop_env(trend->loop)),
        .connections = (unsigned)core_metrics_sum("sky_http_connections", NULL),
        .in_flight = *trend->requests,
        .cpu_s = process.cpu_s,
        .memory_bytes = process.memory_bytes,
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        ret->requests[i] = (uint64_t)core_metrics_sum("sky_http_requests_total", classes[i]);
}

void gate_trend_take(struct gate_trend *t)
{
    struct gate_sample *s = &t->fine[t->taken % GATE_TREND_FINE];
    gate_trend_now(t, s);
    if (t->taken % COARSE_EACH == 0)
        t->coarse[t->taken / COARSE_EACH % GATE_TREND_COARSE] = *s;
    t->taken++;
}

static void on_timer(void *arg)
{
    gate_trend_take(arg);
}

struct gate_trend *gate_trend_new(struct core_loop *loop, const unsigned *requests)
{
    struct gate_trend *t = core_alloc(sizeof *t);
    t->loop = loop;
    t->requests = requests;
    t->timer = core_timer_new(loop, on_timer, t);
    gate_trend_take(t);
    core_timer_start(t->timer, GATE_TREND_FINE_MS, GATE_TREND_FINE_MS);
    return t;
}

void gate_trend_free(struct gate_trend *t)
{
    if (t)
        core_timer_free(t->timer);
    free(t);
}

const struct gate_sample *gate_trend_last(const struct gate_trend *t)
{
    return &t->fine[(t->taken - 1) % GATE_TREND_FINE];
}

int64_t gate_trend_read(const struct gate_trend *t, int64_t span_ms,
                        void (*on_sample)(void *arg, int64_t at_ms,
                                          const struct gate_sample *sample),
                        void *arg)
{
    const struct core_env *env = core_loop_env(t->loop);
    /* A young server is told of in detail. */
    bool fine = span_ms <= (int64_t)GATE_TREND_FINE * GATE_TREND_FINE_MS ||
                t->taken <= GATE_TREND_FINE;
    const struct gate_sample *ring = fine ? t->fine : t->coarse;
    uint64_t places = fine ? GATE_TREND_FINE : GATE_TREND_COARSE;
    uint64_t count = fine ? t->taken : (t->taken + COARSE_EACH - 1) / COARSE_EACH;
    int64_t wall_ms = core_wall_ms(env);
    uint64_t mono_ms = core_mono_ms(env);
    for (uint64_t i = count > places ? count - places : 0; i < count; i++) {
        const struct gate_sample *s = &ring[i % places];
        int64_t age_ms = (int64_t)(mono_ms - s->mono_ms);
        if (age_ms <= span_ms)
            on_sample(arg, wall_ms - age_ms, s);
    }
    return fine ? GATE_TREND_FINE_MS : GATE_TREND_COARSE_MS;
}
