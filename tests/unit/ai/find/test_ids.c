/* test_ids.c: each row of many ids comes once, however the ids fill the statements. */
#include "ai/find/ids.h"

#include "tests/unit/ai/answer_fixture.h"

#define SQL                                                                                        \
    "SELECT chunk_id, data FROM sentence WHERE chunk_id IN (" AI_IDS ") AND model = " AI_IDS_NEXT

enum { ROWS = 2 * AI_IDS_COUNT + 6 };

static void put_rows(struct answer_fixture *f, const char *model, const char *data)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    for (int64_t id = 1; id <= ROWS; id++)
        store_put(batch, 1, "INSERT INTO sentence (chunk_id, model, data) VALUES ($1, $2, $3)",
                  STORE_I(id), STORE_C(model), STORE_B(data, strlen(data)));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static int on_row(void *arg, const struct store_row *row)
{
    unsigned *seen = arg;
    int64_t id = store_row_i64(row, 0);
    assert_in_range(id, 1, ROWS);
    assert_true(core_str_eq_c(store_row_str(row, 1), "ours"));
    seen[id]++;
    return 0;
}

static int on_first(void *arg, const struct store_row *row)
{
    (void)row;
    return ++*(int *)arg;
}

static void each_once(void **state)
{
    static const size_t counts[] = {0, 1, AI_IDS_COUNT - 1, AI_IDS_COUNT, AI_IDS_COUNT + 1, ROWS};
    struct answer_fixture *f = *state;
    const struct store_value model = STORE_C("minilm");
    int64_t ids[ROWS];
    put_rows(f, "minilm", "ours");
    put_rows(f, "e5", "of another model");
    for (size_t i = 0; i < ROWS; i++)
        ids[i] = (int64_t)(ROWS - i);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        unsigned seen[ROWS + 1] = {0};
        assert_int_equal(ai_ids_read(f->ai.store, SQL, ids, counts[c], &model, on_row, seen), 0);
        for (size_t i = 0; i < ROWS; i++)
            assert_int_equal(seen[ids[i]], i < counts[c]);
    }
}

static void who_is_not_there(void **state)
{
    struct answer_fixture *f = *state;
    const struct store_value model = STORE_C("minilm");
    const int64_t ids[] = {ROWS + 1, 1, 1, -1};
    unsigned seen[ROWS + 1] = {0};
    put_rows(f, "minilm", "ours");
    assert_int_equal(ai_ids_read(f->ai.store, SQL, ids, 4, &model, on_row, seen), 0);
    assert_int_equal(seen[1], 1);
}

static void it_stops(void **state)
{
    struct answer_fixture *f = *state;
    const struct store_value model = STORE_C("minilm");
    int64_t ids[ROWS];
    int calls = 0;
    put_rows(f, "minilm", "ours");
    for (size_t i = 0; i < ROWS; i++)
        ids[i] = (int64_t)i + 1;
    assert_int_equal(ai_ids_read(f->ai.store, SQL, ids, ROWS, &model, on_first, &calls), 1);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_once, answer_setup, answer_teardown),
        cmocka_unit_test_setup_teardown(who_is_not_there, answer_setup, answer_teardown),
        cmocka_unit_test_setup_teardown(it_stops, answer_setup, answer_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
