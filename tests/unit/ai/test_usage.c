/* test_usage.c: what is told of usage is what the rows of telemetry add up to. */
#include "tests/unit/ai/answer_fixture.h"

#include "ai/telemetry.h"

#define DAY INT64_C(86400000)

static int64_t wall_now;

static int64_t wall(void *ctx)
{
    (void)ctx;
    return wall_now;
}

static void account(struct answer_fixture *f, const char *id)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO account (id, email, name, role, tier, password, created_ms)"
              " VALUES ($1, $1, $1, 'member', 'free', '', 1)",
              STORE_C(id));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static void add(struct store_batch *batch, int64_t at_ms, const char *owner, const char *provider,
                bool answered, const struct ai_receipt *r)
{
    struct core_env env = *core_env_real();
    env.wall_ms = wall;
    wall_now = at_ms;
    const struct ai_telemetry_row row = {.owner = core_str(owner),
                                         .route = "chat",
                                         .provider = provider,
                                         .answered = answered,
                                         .receipt = r};
    ai_telemetry_add(batch, &env, &row);
}

static int on_text(void *arg, const struct ai_usage_row *row)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, 200 - len, "%.*s %lld %lld %lld %lld;", CORE_STR_ARG(row->key),
             (long long)row->answers, (long long)row->cached, (long long)row->p50_ms,
             (long long)row->p95_ms);
    return 0;
}

static void telemetry_adds_up(void **state)
{
    struct answer_fixture *f = *state;
    char out[200] = "";
    account(f, "a");
    account(f, "b");
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    for (int i = 1; i <= 20; i++) {
        const struct ai_receipt r = {.level = i % 2 ? 0 : 1,
                                     .why_stopped = "w",
                                     .tokens_in = 1,
                                     .tokens_out = 1,
                                     .cost_microusd = 1,
                                     .latency_ms = i * 10};
        add(batch, i <= 10 ? DAY : 3 * DAY, i <= 10 ? "a" : "b", "p", true, &r);
    }
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_int_equal(ai_usage(&f->ai, 0, AI_USAGE_DAY, 10, on_text, out), 0);
    assert_string_equal(out, "1970-01-02 10 5 50 100;1970-01-04 10 5 150 200;");
    *out = '\0';
    assert_int_equal(ai_usage(&f->ai, 0, AI_USAGE_LEVEL, 10, on_text, out), 0);
    assert_string_equal(out, "L0 10 10 90 190;L1 10 0 100 200;");
    *out = '\0';
    assert_int_equal(ai_usage(&f->ai, 2 * DAY, AI_USAGE_USER, 10, on_text, out), 0);
    assert_string_equal(out, "b 10 5 150 200;");
}

/* --- Against the rows themselves -------------------------------------------------------------- */

static uint64_t dice(uint64_t sides)
{
    static uint64_t seed = 11;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % sides;
}

static void fill(struct answer_fixture *f, int count)
{
    static const char *const owners[] = {"a", "b", "owner", "gone"}, *const providers[] = {
                                                                         "cache", "passages",
                                                                         "local:m", "cloud:big"};
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    for (int i = 0; i < count; i++) {
        const struct ai_receipt r = {.level = (unsigned)dice(4),
                                     .why_stopped = dice(9) ? "model" : "error",
                                     .tokens_in = (unsigned)dice(5000),
                                     .tokens_out = (unsigned)dice(900),
                                     .cost_microusd = (int64_t)dice(70000),
                                     .latency_ms = (int64_t)(dice(1 << 20) >> dice(16))};
        add(batch, 5 * DAY + (int64_t)dice(4 * DAY), owners[dice(4)], providers[dice(4)],
            dice(3) > 0, &r);
    }
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

struct told {
    struct answer_fixture *f;
    enum ai_usage_by by;
    int64_t answers, last;
    unsigned rows;
};

static const char *const columns[] = {[AI_USAGE_DAY] = "CAST(at_ms / 86400000 AS TEXT)",
                                      [AI_USAGE_USER] = "owner",
                                      [AI_USAGE_MODEL] = "provider",
                                      [AI_USAGE_LEVEL] = "level"};

/* The whole number that an expression gives over the rows of one key. */
static int64_t of_rows(const struct told *t, struct core_str key, const char *what)
{
    char sql[512];
    int64_t n = -1;
    const struct store_value params[] = {STORE_T(key), STORE_I(6 * DAY)};
    snprintf(sql, sizeof sql, "SELECT %s FROM telemetry WHERE %s = $1 AND at_ms >= $2", what,
             columns[t->by]);
    assert_int_equal(store_read_i64(t->f->ai.store, sql, params, 2, &n), 0);
    return n;
}

/* The percentile of the rows, by sorting them. */
static int64_t sorted(const struct told *t, struct core_str key, int64_t answers, int percent)
{
    char sql[512];
    int64_t n = -1, at = (answers * percent + 99) / 100 - 1;
    const struct store_value params[] = {STORE_T(key), STORE_I(6 * DAY), STORE_I(at)};
    snprintf(sql, sizeof sql,
             "SELECT latency_ms FROM telemetry WHERE %s = $1 AND at_ms >= $2 ORDER BY latency_ms"
             " LIMIT 1 OFFSET $3",
             columns[t->by]);
    assert_int_equal(store_read_i64(t->f->ai.store, sql, params, 3, &n), 0);
    return n;
}

static void near(int64_t found, int64_t real)
{
    int64_t off = found > real ? found - real : real - found;
    assert_true(off * 100 <= real * 6 + 100);
}

static int on_row(void *arg, const struct ai_usage_row *row)
{
    struct told *t = arg;
    struct core_str key = row->key;
    char day[CORE_I64_SIZE];
    if (t->by == AI_USAGE_DAY) { /* 1970-01-07 is day 6 */
        assert_true(core_str_starts(key, CORE_STR("1970-01-0")));
        key = core_strn(day, core_str_from_i64(key.ptr[9] - '1', day));
    }
    assert_int_equal(row->answers, of_rows(t, key, "count(*)"));
    assert_int_equal(row->answered, of_rows(t, key, "sum(answered)"));
    assert_int_equal(row->cached, of_rows(t, key, "sum(CASE WHEN level = 'L0' THEN 1 ELSE 0 END)"));
    assert_int_equal(row->tokens_in, of_rows(t, key, "sum(tokens_in)"));
    assert_int_equal(row->tokens_out, of_rows(t, key, "sum(tokens_out)"));
    assert_int_equal(row->cost_microusd, of_rows(t, key, "sum(cost_microusd)"));
    near(row->p50_ms, sorted(t, key, row->answers, 50));
    near(row->p95_ms, sorted(t, key, row->answers, 95));
    if (t->by == AI_USAGE_USER || t->by == AI_USAGE_MODEL) { /* the dearest first */
        assert_true(t->rows == 0 || row->cost_microusd <= t->last);
        t->last = row->cost_microusd;
    }
    t->answers += row->answers;
    t->rows++;
    return 0;
}

static void compare(struct answer_fixture *f)
{
    static const unsigned rows[] = {3, 4, 4, 4};
    for (unsigned by = 0; by < 4; by++) {
        struct told t = {.f = f, .by = (enum ai_usage_by)by};
        /* In the middle of a day: that day is told whole. */
        assert_int_equal(ai_usage(&f->ai, 6 * DAY + DAY / 2, t.by, 10, on_row, &t), 0);
        assert_int_equal(t.rows, rows[by]);
        assert_int_equal(
            t.answers, answer_count(f, "SELECT count(*) FROM telemetry WHERE at_ms >= 518400000"));
    }
}

static void it_is_what_the_rows_add_up_to(void **state)
{
    struct answer_fixture *f = *state;
    account(f, "a");
    account(f, "b");
    fill(f, 3000);
    compare(f);
}

/* Who is removed stays in all sums but their own. */
static void who_is_removed_stays_as_nobody(void **state)
{
    struct answer_fixture *f = *state;
    account(f, "a");
    account(f, "b");
    account(f, "gone");
    fill(f, 1000);
    int64_t before = answer_count(f, "SELECT sum(cost_microusd) FROM telemetry_day");
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    ai_telemetry_disown(batch, CORE_STR("gone"));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_int_equal(answer_count(f, "SELECT count(*) FROM telemetry_day WHERE owner = 'gone'"), 0);
    assert_int_equal(answer_count(f, "SELECT sum(cost_microusd) FROM telemetry_day"), before);
    compare(f);
    /* Again, with sums of nobody's that they join. */
    batch = store_batch_new(STORE_RELAXED);
    ai_telemetry_disown(batch, CORE_STR("b"));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_int_equal(answer_count(f, "SELECT sum(cost_microusd) FROM telemetry_day"), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(telemetry_adds_up, answer_setup, answer_teardown),
        cmocka_unit_test_setup_teardown(it_is_what_the_rows_add_up_to, answer_setup,
                                        answer_teardown),
        cmocka_unit_test_setup_teardown(who_is_removed_stays_as_nobody, answer_setup,
                                        answer_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
