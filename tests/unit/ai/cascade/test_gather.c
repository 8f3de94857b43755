/* test_gather.c: rows that nobody waits for arrive all, added up as if each had come alone. */
#include "tests/unit/ai/answer_fixture.h"

#include "ai/cascade/gather.h"

static int set_up(void **state)
{
    int err = answer_setup(state);
    struct answer_fixture *f = *state;
    struct store_options options = {
        .env = f->ai.env, .url = "sqlite", .data_dir = f->dir, .readers_max = 2};
    char why[256] = "";
    f->ai.loop = core_loop_new(f->ai.env);
    store_free(f->ai.store);
    options.loop = f->ai.loop; /* it answers there */
    if (store_open(&options, &f->ai.store, why, sizeof why) < 0)
        fail_msg("%s", why);
    return err;
}

static int tear_down(void **state)
{
    struct answer_fixture *f = *state;
    struct core_loop *loop = f->ai.loop;
    int err = answer_teardown(state);
    core_loop_free(loop);
    return err;
}

static void add(struct ai_gather *g, int64_t latency_ms, bool answered)
{
    const struct ai_receipt receipt = {.level = 3,
                                       .why_stopped = "model",
                                       .tokens_in = 10,
                                       .tokens_out = 3,
                                       .cost_microusd = 7,
                                       .latency_ms = latency_ms};
    const struct ai_telemetry_row row = {.owner = CORE_STR("owner"),
                                         .route = "completions",
                                         .provider = "p:m",
                                         .answered = answered,
                                         .receipt = &receipt};
    ai_gather_add(g, &row);
}

static int64_t count(struct answer_fixture *f, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(store_read_i64(f->ai.store, sql, NULL, 0, &n), 0);
    return n;
}

static void wait_for_rows(struct answer_fixture *f, int64_t rows)
{
    uint64_t end_ms = core_mono_ms(f->ai.env) + 60000;
    while (count(f, "SELECT COUNT(*) FROM telemetry") < rows && core_mono_ms(f->ai.env) < end_ms) {
        core_loop_turn(f->ai.loop);
        usleep(1000);
    }
    assert_int_equal(count(f, "SELECT COUNT(*) FROM telemetry"), rows);
}

static void rows_arrive_and_are_added_up(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_gather *g = ai_gather_new(&f->ai);
    add(g, 5, true);
    add(g, 5, true);
    add(g, 500, true);
    add(g, 5, false);
    wait_for_rows(f, 4);
    for (int step_s = 60; step_s <= 900; step_s += 840) {
        const struct store_value step = STORE_I(step_s);
        int64_t n = 0;
        assert_int_equal(store_read_i64(f->ai.store,
                                        "SELECT SUM(answers) * 1000000 + SUM(tokens_in) * 10000 +"
                                        " SUM(tokens_out) * 100 + SUM(cost_microusd)"
                                        " FROM telemetry_sum WHERE step_s = $1",
                                        &step, 1, &n),
                         0);
        assert_int_equal(n, 4 * 1000000 + 40 * 10000 + 12 * 100 + 28);
        assert_int_equal(store_read_i64(f->ai.store,
                                        "SELECT SUM(latency_ms) FROM telemetry_sum"
                                        " WHERE step_s = $1 AND outcome = 'answered'",
                                        &step, 1, &n),
                         0);
        assert_int_equal(n, 510);
    }
    assert_int_equal(count(f, "SELECT COUNT(*) FROM telemetry_day"),
                     2); /* two classes of latency */
    assert_int_equal(count(f, "SELECT SUM(answers) * 1000000 + SUM(answered) * 100000 +"
                              " SUM(tokens_in) * 1000 + SUM(cost_microusd) FROM telemetry_day"
                              " WHERE owner = 'owner' AND provider = 'p:m' AND level = 'L3'"),
                     4 * 1000000 + 3 * 100000 + 40 * 1000 + 28);
    ai_gather_free(g);
    assert_int_equal(count(f, "SELECT COUNT(DISTINCT id) FROM telemetry"), 4);
}

static void many_do_not_wait_for_the_timer(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_gather *g = ai_gather_new(&f->ai);
    for (int i = 0; i < 3 * AI_LIMIT_GATHER + 1; i++)
        add(g, i * i, i % 3 > 0);
    ai_gather_free(g); /* and the end not either */
    wait_for_rows(f, 3 * AI_LIMIT_GATHER + 1);
    assert_int_equal(count(f, "SELECT COUNT(DISTINCT id) FROM telemetry"), 3 * AI_LIMIT_GATHER + 1);
    assert_int_equal(count(f, "SELECT SUM(answers) FROM telemetry_sum WHERE step_s = 60"),
                     3 * AI_LIMIT_GATHER + 1);
    assert_int_equal(count(f, "SELECT SUM(answers) FROM telemetry_day"), 3 * AI_LIMIT_GATHER + 1);
    ai_gather_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_arrive_and_are_added_up),
        TEST(many_do_not_wait_for_the_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
