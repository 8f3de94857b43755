/* test_provider.c: providers in the store, each change with its row in the audit log. */
#include "tests/unit/ai/answer_fixture.h"

#include "ai/cascade/remote.h"

/* --- Fixture ---------------------------------------------------------------------------------- */

static const struct account_actor me = {.id = CORE_STR("me"), .name = CORE_STR("Me")};

static int set_up(void **state)
{
    answer_setup(state);
    struct answer_fixture *f = *state;
    f->ai.loop = core_loop_new(f->ai.env);
    return ai_remote_open(&f->ai);
}

static int tear_down(void **state)
{
    struct answer_fixture *f = *state;
    core_loop_turn(f->ai.loop); /* lists that were read */
    ai_remote_close(&f->ai);
    core_loop_free(f->ai.loop);
    return answer_teardown(state);
}

static struct ai_provider named(const char *name)
{
    struct ai_provider p = {.base_url = "http://127.0.0.1:9/v1",
                            .enabled = true,
                            .first_ms = 1,
                            .whole_ms = 1,
                            .calls_max = 1,
                            .stop_tokens = -1,
                            .models = {{.name = "m", .level = 3, .output_max = 1}},
                            .model_count = 1};
    snprintf(p.name, sizeof p.name, "%s", name);
    return p;
}

static int save(struct answer_fixture *f, struct ai_provider *p)
{
    const char *field, *must;
    return ai_provider_save(&f->ai, &me, p, &field, &must);
}

static int64_t told(struct answer_fixture *f, const char *act)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM audit WHERE act = '%s' AND actor = 'me' AND outcome = 'ok'",
             act);
    return answer_count(f, sql);
}

/* --- Tests ------------------------------------------------------------------------------------ */

static void a_change_and_its_row_are_one(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_provider p = named("one"), read;
    assert_int_equal(save(f, &p), 0);
    assert_int_equal(told(f, "provider.set"), 1);
    p.rank = 7;
    assert_int_equal(save(f, &p), 0);
    assert_int_equal(told(f, "provider.set"), 2);
    assert_int_equal(ai_provider_read(&f->ai, core_str(p.id), &read), 0);
    assert_int_equal(read.rank, 7);
    assert_int_equal(ai_provider_remove(&f->ai, &me, core_str(p.id)), 0);
    assert_int_equal(told(f, "provider.removed"), 1);
}

/* The row goes with the batch: what the store refuses leaves
 * none, also where its first statements went through. */
static void what_is_refused_leaves_no_row(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_provider p = named("one"), same = named("one"), gone = named("gone");
    assert_int_equal(save(f, &p), 0);
    assert_int_equal(save(f, &same), CORE_EEXISTS);
    snprintf(gone.id, sizeof gone.id, "nobody");
    assert_int_equal(save(f, &gone), CORE_ENOTFOUND);
    assert_int_equal(ai_provider_remove(&f->ai, &me, CORE_STR("nobody")), CORE_ENOTFOUND);
    assert_int_equal(told(f, "provider.set"), 1);
    assert_int_equal(told(f, "provider.removed"), 0);
    assert_int_equal(answer_count(f, "SELECT seq FROM audit_head"), 1);
}

/* The other way round: a log that takes no row lets nothing change. */
static void no_row_no_change(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_provider p = named("one"), other = named("two"), read;
    assert_int_equal(save(f, &p), 0);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM audit_head WHERE id = $1", STORE_I(1));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_int_not_equal(save(f, &other), 0);
    p.rank = 7;
    assert_int_not_equal(save(f, &p), 0);
    assert_int_not_equal(ai_provider_remove(&f->ai, &me, core_str(p.id)), 0);
    assert_int_equal(answer_count(f, "SELECT count(*) FROM provider"), 1);
    assert_int_equal(ai_provider_read(&f->ai, core_str(p.id), &read), 0);
    assert_int_equal(read.rank, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_change_and_its_row_are_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_refused_leaves_no_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_row_no_change, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
