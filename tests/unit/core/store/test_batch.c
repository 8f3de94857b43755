/* test_batch.c: a batch survives being sent, and bytes that are no batch are refused. */
#include "core/store/batch.h"

#include "tests/unit/core/store/helper.h"

#include "core/err.h"
#include "core/mem.h"

#include <stdlib.h>

#define INSERT "INSERT INTO t VALUES ($1, $2, $3)"
#define SELECT "SELECT $1"

static struct store_batch *sample(void)
{
    struct store_batch *b = store_batch_new(STORE_DURABLE);

    store_put(b, 1, INSERT, STORE_I(-1), STORE_R(2.5), STORE_C("čtyři"));
    store_put(b, STORE_ROWS_ANY, SELECT, STORE_B("\0\1", 2));
    store_put(b, 7, INSERT, STORE_N(), STORE_C(""), STORE_B("", 0));
    store_batch_add(b, 0, "DELETE FROM t", NULL, 0);
    return b;
}

static void a_batch_reads_back(void **state)
{
    (void)state;
    struct store_batch *sent = sample();
    struct store_batch *b;
    struct store_batch_iter it;
    struct store_statement s;

    assert_int_equal(store__batch_decode(store__batch_encoded(sent), &b), 0);
    assert_true(core_str_eq(store__batch_encoded(sent), store__batch_encoded(b)));
    store_batch_free(sent);
    assert_int_equal(b->durability, STORE_DURABLE);
    assert_int_equal(store_batch_count(b), 4);
    store__batch_iter(b, &it);
    assert_int_equal(store__batch_next(&it, &s), 1);
    assert_int_equal(s.rows_expected, 1);
    assert_true(core_str_eq_c(s.sql, INSERT));
    assert_int_equal(s.count, 3);
    assert_int_equal(s.params[0].i64, -1);
    assert_true(s.params[1].type == STORE_REAL && s.params[1].real == 2.5);
    assert_true(core_str_eq_c(s.params[2].bytes, "čtyři"));
    assert_int_equal(store__batch_next(&it, &s), 1);
    assert_int_equal(s.rows_expected, STORE_ROWS_ANY);
    assert_true(core_str_eq(s.params[0].bytes, CORE_STR("\0\1")));
    assert_int_equal(store__batch_next(&it, &s), 1);
    assert_true(core_str_eq_c(s.sql, INSERT)); /* carried once, used twice */
    assert_int_equal(s.params[0].type, STORE_NULL);
    assert_int_equal(s.params[2].type, STORE_BLOB);
    assert_int_equal(store__batch_next(&it, &s), 1);
    assert_int_equal(s.count, 0);
    assert_int_equal(store__batch_next(&it, &s), 0);
    /* A received batch is complete. */
    store_batch_add(b, 0, "SELECT 1", NULL, 0);
    assert_int_equal(b->error, CORE_ETOOBIG);
    store_batch_free(b);
}

static void sql_travels_once(void **state)
{
    (void)state;
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    size_t first;

    store_put(b, 1, INSERT, STORE_I(1), STORE_I(2), STORE_I(3));
    first = store_batch_bytes(b);
    for (int i = 0; i < 100; i++)
        store_put(b, 1, INSERT, STORE_I(1), STORE_I(2), STORE_I(3));
    assert_true(store_batch_bytes(b) < first + 100 * 40);
    store_batch_free(b);
}

static void too_many_texts_are_refused(void **state)
{
    (void)state;
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    static char texts[CORE_LIMIT_BATCH_SQL + 1][12];

    for (int i = 0; i < CORE_LIMIT_BATCH_SQL; i++) {
        memcpy(texts[i], "SELECT 1", 9);
        store_batch_add(b, 0, texts[i], NULL, 0);
    }
    store_batch_add(b, 0, texts[0], NULL, 0); /* known */
    assert_int_equal(b->error, 0);
    store_batch_add(b, 0, texts[CORE_LIMIT_BATCH_SQL], NULL, 0);
    assert_int_equal(b->error, CORE_ETOOBIG);
    store_batch_free(b);
}

static int decode(const char *bytes, size_t len)
{
    struct store_batch *b = NULL;
    /* A block of exactly that size: a read behind it is seen. */
    char *copy = malloc(len ? len : 1);
    int err;

    memcpy(copy, bytes, len);
    err = store__batch_decode(core_strn(copy, len), &b);
    if (err == 0) {
        /* Whatever is taken for a batch must be one: the same bytes again. */
        assert_true(core_str_eq(store__batch_encoded(b), core_strn(bytes, len)));
        store_batch_free(b);
    } else {
        assert_null(b);
    }
    free(copy);
    return err;
}

static void cut_batches_are_refused(void **state)
{
    (void)state;
    struct store_batch *b = sample();
    struct core_str all = store__batch_encoded(b);
    struct core_buf longer;

    for (size_t len = 0; len < all.len; len++)
        assert_int_equal(decode(all.ptr, len), CORE_ECORRUPT);
    assert_int_equal(decode(all.ptr, all.len), 0);
    core_buf_init(&longer, 4096);
    core_buf_add_str(&longer, all);
    core_buf_add_byte(&longer, 0);
    assert_int_equal(decode(longer.ptr, longer.len), CORE_ECORRUPT);
    core_buf_done(&longer);
    store_batch_free(b);
}

static void damaged_batches_do_no_harm(void **state)
{
    (void)state;
    struct store_batch *b = sample();
    struct core_str all = store__batch_encoded(b);
    uint64_t seed = chosen_seed(7);
    char *copy = malloc(all.len);
    unsigned refused = 0;

    for (int round = 0; round < 200000; round++) {
        unsigned hits = 1 + dice(&seed) % 3;
        memcpy(copy, all.ptr, all.len);
        while (hits--)
            copy[dice(&seed) % all.len] = (char)dice(&seed);
        refused += decode(copy, all.len) < 0;
    }
    assert_true(refused > 1000);
    free(copy);
    store_batch_free(b);
}

static void texts_are_checked_on_the_way_in(void **state)
{
    (void)state;
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    struct core_str all;
    char copy[128];
    char *a;

    store_put(b, 1, SELECT, STORE_C("aaaa"));
    all = store__batch_encoded(b);
    assert_true(all.len < sizeof copy);
    memcpy(copy, all.ptr, all.len);
    a = copy + all.len - 4;
    assert_int_equal(decode(copy, all.len), 0);
    *a = '\0';
    assert_int_equal(decode(copy, all.len), CORE_ECORRUPT);
    *a = '\xff';
    assert_int_equal(decode(copy, all.len), CORE_ECORRUPT);
    store_batch_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_reads_back),
        cmocka_unit_test(sql_travels_once),
        cmocka_unit_test(too_many_texts_are_refused),
        cmocka_unit_test(cut_batches_are_refused),
        cmocka_unit_test(damaged_batches_do_no_harm),
        cmocka_unit_test(texts_are_checked_on_the_way_in),
    };
    return cmocka_run_group_tests_name("core_store_batch", tests, NULL, NULL);
}
