/* test_metrics.c: registration, concurrent updates, the text form, the cap. */
#include "core/metrics.h"

#include "core/err.h"
#include "core/limits.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct core_buf text;

static void render(void)
{
    core_buf_done(&text);
    core_buf_init(&text, 4 << 20);
    assert_int_equal(core_metrics_render(&text), 0);
}

static void expect(const char *part)
{
    if (!strstr(text.ptr, part))
        fail_msg("not rendered: %s", part);
}

static double sample(const char *name)
{
    char line[100];
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(text.ptr, line);
    struct core_str rest = core_str(at ? at + strlen(line) : "");
    struct core_str number;
    double value = NAN;
    if (!core_str_split(&rest, '\n', &number) || core_str_to_double(number, &value) != 0)
        fail_msg("no sample %s", name);
    return value;
}

static void counters_and_gauges(void **state)
{
    (void)state;
    struct core_metric *a = core_counter("t_requests_total", "code=\"200\"",
                                         "Requests\nseen \\o/.");
    struct core_metric *g = core_gauge("t_level", NULL, "Level.");
    struct core_metric *b = core_counter("t_requests_total", "code=\"404\"", "Ignored.");
    assert_ptr_not_equal(a, b);
    assert_ptr_equal(a, core_counter("t_requests_total", "code=\"200\"", NULL));
    assert_ptr_equal(g, core_gauge("t_level", "", NULL));
    core_metric_add(a, 2);
    core_metric_add(a, .5);
    core_metric_set(g, -0.1);
    assert_true(core_metric_value(a) == 2.5);
    render();
    expect("# HELP t_requests_total Requests\\nseen \\\\o/.\n# TYPE t_requests_total counter\n"
           "t_requests_total{code=\"200\"} 2.5\nt_requests_total{code=\"404\"} 0\n");
    expect("# HELP t_level Level.\n# TYPE t_level gauge\nt_level -0.1\n");
    core_metric_add(b, 4503599627370497.0);
    core_metric_set(g, 1.0 / 3);
    render();
    expect("{code=\"404\"} 4503599627370497\n");
    expect("t_level 0.33333333333333331\n");
    core_metric_set(g, -INFINITY);
    render();
    expect("t_level -Inf\n");
    core_metric_set(g, NAN);
    render();
    expect("t_level NaN\n");
}

static void histograms(void **state)
{
    (void)state;
    struct core_metric *h = core_histogram("t_seconds", "route=\"/x\"", "Latency.");
    core_metric_observe(h, .0005);
    core_metric_observe(h, .0006);
    core_metric_observe(h, 31);
    core_metric_observe(h, 0);
    assert_true(core_metric_value(h) == 4);
    render();
    expect("# TYPE t_seconds histogram\nt_seconds_bucket{route=\"/x\",le=\"0.0005\"} 2\n"
           "t_seconds_bucket{route=\"/x\",le=\"0.001\"} 3\n");
    expect("le=\"30\"} 3\nt_seconds_bucket{route=\"/x\",le=\"+Inf\"} 4\n"
           "t_seconds_sum{route=\"/x\"} 31.0011\nt_seconds_count{route=\"/x\"} 4\n");
}

static void the_process_is_described(void **state)
{
    (void)state;
    render();
    assert_true(sample("process_resident_memory_bytes") > 100000);
    assert_true(sample("process_open_fds") >= 3);
    assert_true(sample("process_max_fds") > 3);
    assert_true(sample("process_start_time_seconds") > 1.6e9);
    assert_true(sample("process_cpu_seconds_total") >= 0);
    struct core_buf small;
    core_buf_init(&small, 100);
    assert_int_equal(core_metrics_render(&small), CORE_ETOOBIG);
    core_buf_done(&small);
}

static void *hammer(void *arg)
{
    struct core_metric *h = core_histogram("t_threads_seconds", NULL, "Threads.");
    for (int i = 0; i < 50000; i++) {
        core_metric_add(arg, 1);
        core_metric_observe(h, .25);
        if (i % 1000 == 0)
            assert_ptr_equal(core_counter("t_threads_total", NULL, NULL), arg);
    }
    return NULL;
}

static void updates_are_not_lost(void **state)
{
    (void)state;
    struct core_metric *c = core_counter("t_threads_total", NULL, "Threads.");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, c), 0);
    for (int i = 0; i < 20; i++)
        render();
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_true(core_metric_value(c) == 200000);
    render();
    expect("t_threads_seconds_sum 50000\nt_threads_seconds_count 200000\n");
}

/* Last, because it fills the registry. */
static void the_registry_is_capped(void **state)
{
    (void)state;
    struct core_metric *last = NULL, *before = NULL;
    char labels[40];
    for (int i = 0; i < 2 * CORE_LIMIT_METRICS; i++) {
        snprintf(labels, sizeof labels, "n=\"%d\"", i);
        before = last;
        last = core_counter("t_many_total", labels, "Many.");
        core_metric_add(last, 1);
    }
    assert_ptr_equal(last, before);
    struct core_metric *g = core_gauge("t_one_more", NULL, "More.");
    core_metric_set(g, 3);
    core_metric_observe(core_histogram("t_more_seconds", NULL, "More."), 1);
    assert_ptr_equal(g, core_gauge("t_and_more", NULL, "More."));
    render();
    assert_true(sample("sky_metrics_overflow_total") > CORE_LIMIT_METRICS);
    assert_true(sample("sky_metrics_overflow") == 3);
    assert_true(sample("sky_metrics_overflow_seconds_count") == 1);
    /* What was registered before is still found. */
    assert_ptr_not_equal(core_counter("t_many_total", "n=\"0\"", NULL), last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_and_gauges),      cmocka_unit_test(histograms),
        cmocka_unit_test(the_process_is_described), cmocka_unit_test(updates_are_not_lost),
        cmocka_unit_test(the_registry_is_capped),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    core_buf_done(&text);
    return failed;
}
