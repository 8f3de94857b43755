/* test_report.c: answers are added up as they are
 * written, and told by buckets, levels and percentiles. */
#include "tests/unit/ai/answer_fixture.h"

#include "ai/telemetry.h"

#include <time.h>

#define MINUTE 60000
#define QUARTER 900000
#define DAY 86400000
/* 2026-03-29 is the day on which clocks in Europe are set forward; reports know nothing of that. */
#define MIDNIGHT 1774742400000

static int64_t wall_now;

static int64_t wall(void *ctx)
{
    (void)ctx;
    return wall_now;
}

static void answer_at(struct answer_fixture *f, int64_t at_ms, unsigned level, bool answered,
                      int64_t latency_ms, const char *why)
{
    struct core_env env = *core_env_real();
    const struct ai_receipt receipt = {.level = level,
                                       .why_stopped = why,
                                       .tokens_in = 10,
                                       .tokens_out = 3,
                                       .cost_microusd = 7,
                                       .latency_ms = latency_ms};
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    env.wall_ms = wall;
    wall_now = at_ms;
    ai_telemetry_add(batch, &env,
                     &(struct ai_telemetry_row){.owner = CORE_STR("owner"),
                                                .route = "chat",
                                                .provider = "passages",
                                                .answered = answered,
                                                .receipt = &receipt});
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static struct ai_report *report(struct answer_fixture *f, int64_t now_ms, int64_t step_ms,
                                unsigned buckets)
{
    static struct ai_report r;
    memset(&r, 0x5a, sizeof r);
    assert_int_equal(ai_report(&f->ai, now_ms, step_ms, buckets, &r), 0);
    return &r;
}

static void nothing_is_told_of_nothing(void **state)
{
    const struct ai_report *r = report(*state, MIDNIGHT + 1, QUARTER, 96);
    assert_int_equal(r->buckets, 96);
    assert_int_equal(r->from_ms, MIDNIGHT + QUARTER - DAY);
    for (unsigned l = 0; l < AI_LEVELS; l++) {
        assert_int_equal(r->totals[l].answered, 0);
        assert_int_equal(r->totals[l].p95_ms, -1);
        for (unsigned b = 0; b < 96; b++) {
            assert_int_equal(r->cells[l][b].answered, 0);
            assert_int_equal(r->cells[l][b].p50_ms, -1);
        }
    }
}

static void buckets_end_at_midnight(void **state)
{
    struct answer_fixture *f = *state;
    answer_at(f, MIDNIGHT - 1, 1, true, 5, "confident");
    answer_at(f, MIDNIGHT, 1, true, 6, "confident");
    answer_at(f, MIDNIGHT + QUARTER - 1, 1, false, 7, "refused");
    answer_at(f, MIDNIGHT + QUARTER, 1, true, 8, "confident");
    const struct ai_report *r = report(f, MIDNIGHT + QUARTER, QUARTER, 96);
    assert_int_equal(r->from_ms, MIDNIGHT + 2 * QUARTER - DAY);
    assert_int_equal(r->cells[1][93].answered, 1); /* the last quarter of the day before */
    assert_int_equal(r->cells[1][94].answered, 1);
    assert_int_equal(r->cells[1][94].refused, 1);
    assert_int_equal(r->cells[1][95].answered, 1);
    assert_int_equal(r->totals[1].answered, 3);
    assert_int_equal(r->cells[1][94].p50_ms, 6);
    assert_int_equal(r->cells[1][94].p95_ms, 7);
    /* Two hours a bucket, and days that the hours of a summer time do not shift. */
    r = report(f, MIDNIGHT + 12 * 3600000, 8 * QUARTER, 84);
    assert_int_equal((MIDNIGHT - r->from_ms) % (8 * QUARTER), 0);
    assert_int_equal(r->totals[1].answered + r->totals[1].refused, 4);
    /* What lies before the span is left out. */
    r = report(f, MIDNIGHT + DAY, QUARTER, 96);
    assert_int_equal(r->totals[1].answered, 1);
}

static void minutes_are_kept_for_an_hour(void **state)
{
    struct answer_fixture *f = *state;
    answer_at(f, MIDNIGHT - 59 * MINUTE, 0, true, 1, "confident");
    answer_at(f, MIDNIGHT - 60 * MINUTE, 0, true, 1, "confident");
    answer_at(f, MIDNIGHT + 59999, 0, true, 1, "confident");
    const struct ai_report *r = report(f, MIDNIGHT, MINUTE, 60);
    assert_int_equal(r->cells[0][0].answered, 1);
    assert_int_equal(r->cells[0][59].answered, 1);
    assert_int_equal(r->totals[0].answered, 2);
    struct core_env env = *core_env_real();
    env.wall_ms = wall;
    wall_now = MIDNIGHT + AI_LIMIT_TELEMETRY_FINE_MS;
    f->ai.env = &env;
    assert_int_equal(ai_telemetry_trim(&f->ai), 0);
    f->ai.env = core_env_real();
    assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM telemetry_sum WHERE step_s = 60"), 1);
    assert_int_equal(answer_count(f, "SELECT SUM(answers) FROM telemetry_sum WHERE step_s = 900"),
                     3);
}

static void failures_say_nothing_of_latencies(void **state)
{
    struct answer_fixture *f = *state;
    answer_at(f, MIDNIGHT, 2, true, 100, "confident");
    answer_at(f, MIDNIGHT, 2, false, 60000, "error");
    answer_at(f, MIDNIGHT, 2, false, 50000, "cancelled");
    const struct ai_report *r = report(f, MIDNIGHT, QUARTER, 1);
    const struct ai_report_cell *c = &r->cells[2][0];
    assert_int_equal(c->answered, 1);
    assert_int_equal(c->refused, 0);
    assert_int_equal(c->failed, 1);
    assert_int_equal(c->cancelled, 1);
    assert_int_equal(c->tokens_in, 30);
    assert_int_equal(c->tokens_out, 9);
    assert_int_equal(c->cost_microusd, 21);
    assert_int_equal(c->p95_ms, 100);
    assert_memory_equal(c, &r->totals[2], sizeof *c);
}

static int64_t exact(const int64_t *sorted, int count, int percent)
{
    return sorted[(count * percent + 99) / 100 - 1];
}

static int order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* From milliseconds to minutes, a percentile is hardly off. */
static void percentiles_are_near(void **state)
{
    struct answer_fixture *f = *state;
    enum { COUNT = 200 };
    int64_t latencies[COUNT];
    uint64_t seed = 7;
    for (int i = 0; i < COUNT; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        latencies[i] = (int64_t)(seed >> 40) >> (seed >> 33) % 20;
        answer_at(f, MIDNIGHT, 1, true, latencies[i], "confident");
    }
    qsort(latencies, COUNT, sizeof *latencies, order);
    const struct ai_report *r = report(f, MIDNIGHT, QUARTER, 1);
    const int64_t found[] = {r->cells[1][0].p50_ms, r->cells[1][0].p95_ms};
    const int64_t real[] = {exact(latencies, COUNT, 50), exact(latencies, COUNT, 95)};
    for (size_t i = 0; i < 2; i++) {
        int64_t off = found[i] > real[i] ? found[i] - real[i] : real[i] - found[i];
        assert_true(off * 100 <= real[i] * 6 + 100);
    }
}

static void classes_rise(void **state)
{
    (void)state;
    unsigned last = 0;
    for (int64_t ms = 0; ms < 20000000; ms += ms < 4096 ? 1 : ms / 1000) {
        unsigned class = ai_telemetry_class(ms);
        assert_true(class >= last && class < AI_TELEMETRY_CLASSES);
        assert_true(ms >= 16 || class == ms);
        last = class;
    }
    assert_int_equal(last, AI_TELEMETRY_CLASSES - 1);
    assert_int_equal(ai_telemetry_class(-5), 0);
    assert_int_equal(ai_telemetry_class(INT64_MAX), AI_TELEMETRY_CLASSES - 1);
}

/* A month of a million answers: sums of all quarters
 * of an hour, levels, outcomes and forty classes. */
static void a_million_answers_add_up(void **state)
{
    struct answer_fixture *f = *state;
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(
        batch, STORE_ROWS_ANY,
        "INSERT INTO telemetry_sum WITH RECURSIVE n (i) AS"
        " (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 250000 - 1)"
        " SELECT 900, $1 - CAST(i / 88 AS BIGINT) * 900000, 'L' || (i % 3), CASE WHEN i % 5 = 0 THEN"
        " 'refused' ELSE 'answered' END, i % 88, 4, 4 * (i % 88), 40, 12, 0 FROM n",
        STORE_I(MIDNIGHT));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    const struct ai_report *r = report(f, MIDNIGHT, 24 * QUARTER, 120);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    double ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
    int64_t all = 0;
    for (unsigned l = 0; l < AI_LEVELS; l++)
        all += r->totals[l].answered + r->totals[l].refused;
    assert_int_equal(all, 1000000);
    printf("# a month of 1,000,000 answers, 250,000 sums: %.0f ms of the processor\n", ms);
}

static void what_does_not_belong_is_told(void **state)
{
    struct answer_fixture *f = *state;
    static struct ai_report r;
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO telemetry_sum VALUES (900, $1, 'L1', 'answered', 4000, 1, 1, 1, 1, 1)",
              STORE_I(MIDNIGHT));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_int_equal(ai_report(&f->ai, MIDNIGHT, QUARTER, 96, &r), CORE_ECORRUPT);
}

/* --- The newest ------------------------------------------------------------------------------ */

static uint64_t mono;

static uint64_t mono_ns(void *ctx)
{
    (void)ctx;
    return mono;
}

static void the_last_minute_is_exact(void **state)
{
    struct answer_fixture *f = *state;
    struct core_env env = *core_env_real();
    struct ai_recent r;
    env.mono_ns = mono_ns;
    f->ai.env = &env;
    mono = 0;
    ai_recent(&f->ai, 1, &r);
    assert_true(r.answers == 0 && r.minute == 0 && r.p50_ms == -1 && r.p95_ms == -1);
    for (int i = 1; i <= 100; i++)
        ai__recent_add(&f->ai, 1, 101 - i);
    ai_recent(&f->ai, 1, &r);
    assert_true(r.answers == 100 && r.minute == 100 && r.p50_ms == 50 && r.p95_ms == 95);
    mono = 61000000000;
    ai_recent(&f->ai, 1, &r);
    assert_true(r.answers == 100 && r.minute == 0 && r.p95_ms == -1);
    for (int i = 0; i < 3 * AI_LIMIT_RECENT; i++)
        ai__recent_add(&f->ai, 1, i < 2 * AI_LIMIT_RECENT ? 1 : 9000000000);
    ai__recent_add(&f->ai, 2, -1);
    ai_recent(&f->ai, 1, &r);
    assert_true(r.minute == AI_LIMIT_RECENT && r.p50_ms == UINT32_MAX);
    ai_recent(&f->ai, 2, &r);
    assert_true(r.answers == 1 && r.p50_ms == 0);
    f->ai.env = core_env_real();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, answer_setup, answer_teardown)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_told_of_nothing),   TEST(buckets_end_at_midnight),
        TEST(minutes_are_kept_for_an_hour), TEST(failures_say_nothing_of_latencies),
        TEST(percentiles_are_near),         cmocka_unit_test(classes_rise),
        TEST(a_million_answers_add_up),     TEST(what_does_not_belong_is_told),
        TEST(the_last_minute_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
