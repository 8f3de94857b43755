/* test_trend.c: samples come by the timer, in order, fine for an hour and coarse for a week,
 * whatever the wall clock does. */
#include "gate/trend.h"

#include "core/limits.h"
#include "core/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t mono_ms;
static int64_t wall_ms;

static uint64_t mono(void *ctx)
{
    (void)ctx;
    return mono_ms * 1000000;
}

static int64_t wall(void *ctx)
{
    (void)ctx;
    return wall_ms;
}

struct seen {
    size_t count;
    int64_t first_ms, last_ms;
    uint64_t requests;
};

static void see(void *arg, int64_t at_ms, const struct gate_sample *s)
{
    struct seen *seen = arg;
    if (seen->count++ == 0)
        seen->first_ms = at_ms;
    else
        assert_true(at_ms > seen->last_ms && s->requests[0] >= seen->requests);
    seen->last_ms = at_ms;
    seen->requests = s->requests[0];
}

static struct seen read_all(const struct gate_trend *t, int64_t span_ms, int64_t step_ms)
{
    struct seen seen = {.count = 0};
    assert_int_equal(gate_trend_read(t, span_ms, see, &seen), step_ms);
    return seen;
}

static void pass(struct gate_trend *t, unsigned samples)
{
    for (unsigned i = 0; i < samples; i++) {
        mono_ms += GATE_TREND_FINE_MS;
        wall_ms += GATE_TREND_FINE_MS;
        core_metric_add(core_counter("sky_http_requests_total", "route=\"/x\",code=\"200\"", "x"),
                        2);
        gate_trend_take(t);
    }
}

static void samples_are_kept_as_long_as_they_should(void **state)
{
    (void)state;
    struct core_env env = *core_env_real();
    unsigned under_way = 3;
    const int64_t hour = 3600000, week = 7 * 24 * hour;
    env.mono_ns = mono;
    env.wall_ms = wall;
    mono_ms = 5000;
    wall_ms = 1774742400000;
    struct core_loop *loop = core_loop_new(&env);
    struct gate_trend *t = gate_trend_new(loop, &under_way);
    struct seen s = read_all(t, week, GATE_TREND_FINE_MS);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.last_ms, wall_ms);
    assert_int_equal(gate_trend_last(t)->in_flight, 3);
    assert_true(gate_trend_last(t)->memory_bytes > 0);
    pass(t, 100);
    s = read_all(t, week, GATE_TREND_FINE_MS); /* young: in detail */
    assert_int_equal(s.count, 101);
    assert_int_equal(s.requests, gate_trend_last(t)->requests[0]);
    s = read_all(t, 60000, GATE_TREND_FINE_MS);
    assert_int_equal(s.count, 7);
    pass(t, 400);
    s = read_all(t, hour, GATE_TREND_FINE_MS);
    assert_int_equal(s.count, GATE_TREND_FINE);
    assert_int_equal(s.last_ms - s.first_ms, hour - GATE_TREND_FINE_MS);
    s = read_all(t, 24 * hour, GATE_TREND_COARSE_MS);
    assert_int_equal(s.count, 17); /* 501 samples, each 30th */
    /* A clock that is set back, or forth, moves all samples with it. */
    wall_ms -= 5 * hour;
    s = read_all(t, hour, GATE_TREND_FINE_MS);
    assert_int_equal(s.last_ms, wall_ms);
    pass(t, 30 * (GATE_TREND_COARSE + 5));
    s = read_all(t, week, GATE_TREND_COARSE_MS);
    assert_in_range(s.count, GATE_TREND_COARSE - 1, GATE_TREND_COARSE);
    gate_trend_free(t);
    gate_trend_free(NULL);
    core_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples_are_kept_as_long_as_they_should)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
