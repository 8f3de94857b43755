/* test_rowmap.c: the hash table against a plain array. */
#include "ai/index/rowmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { IDS = 600 };

static void agrees_with_an_array(void **state)
{
    (void)state;
    struct ai_rowmap map = {0};
    uint32_t first[IDS] = {0}, count[IDS] = {0};
    size_t used = 0;
    srand(9);
    assert_null(ai_rowmap_get(&map, 1));
    ai_rowmap_remove(&map, 1);
    for (int step = 0; step < 200000; step++) {
        int i = rand() % IDS;
        /* Ids far apart, and some that share a home. */
        int64_t id = i % 3 ? i : (int64_t)i << 40;
        if (rand() % 2) {
            used += !count[i];
            first[i] = (uint32_t)rand();
            count[i] = 1 + (uint32_t)rand() % 9;
            assert_int_equal(ai_rowmap_put(&map, id, first[i], count[i]), 0);
        } else {
            used -= count[i] > 0;
            count[i] = 0;
            ai_rowmap_remove(&map, id);
        }
        int k = rand() % IDS;
        struct ai_rowmap_entry *e = ai_rowmap_get(&map, k % 3 ? k : (int64_t)k << 40);
        assert_int_equal(e != NULL, count[k] > 0);
        if (e)
            assert_true(e->first == first[k] && e->count == count[k]);
        assert_int_equal(map.used, used);
    }
    for (int i = 0; i < IDS; i++) {
        struct ai_rowmap_entry *e = ai_rowmap_get(&map, i % 3 ? i : (int64_t)i << 40);
        assert_int_equal(e != NULL, count[i] > 0);
    }
    ai_rowmap_done(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_an_array)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
