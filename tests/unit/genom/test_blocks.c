/* test_blocks.c: what is cut into blocks comes back
 * however it arrives; many texts are coded as each alone. */
#include "tests/unit/genom/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct genom_dict *dict;

static void a_stream_comes_back(void **state)
{
    enum { SIZE = 1000000 };
    static char text[SIZE], back[SIZE], block[GENOM_BLOCK];
    static uint8_t coded[SIZE + SIZE / 1000 + 4096];
    size_t coded_len = 0, back_len = 0;
    (void)state;
    srandom(21);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = random() % 9 ? "hello world, we meet. "[i % 22] : (char)random();
    for (size_t at = 0; at < SIZE;) {
        size_t len, take = 1 + (size_t)random() % GENOM_BLOCK;
        if (take > SIZE - at)
            take = SIZE - at;
        assert_int_equal(genom_block_put(dict, GENOM_FAST, text + at, take, coded + coded_len,
                                         take + GENOM_BLOCK_EXTRA, &len),
                         0);
        coded_len += len;
        at += take;
    }
    /* It arrives in pieces of any size. */
    size_t from = 0, here = 0;
    while (from < coded_len) {
        size_t used, len;
        int err = genom_block_get(dict, coded + from, here - from, &used, block, sizeof block,
                                  &len);
        if (err == GENOM_EMORE) {
            assert_true(here < coded_len);
            here += 1 + (size_t)random() % 9000;
            here = here < coded_len ? here : coded_len;
            continue;
        }
        assert_int_equal(err, 0);
        memcpy(back + back_len, block, len);
        back_len += len;
        from += used;
    }
    assert_int_equal(back_len, SIZE);
    assert_memory_equal(back, text, SIZE);
}

static void blocks_have_bounds(void **state)
{
    uint8_t out[64];
    char text[16];
    size_t len, used;
    (void)state;
    assert_int_equal(genom_block_put(dict, GENOM_FAST, "a", 0, out, sizeof out, &len), GENOM_EDATA);
    assert_int_equal(genom_block_put(dict, GENOM_FAST, "\xff\xfe", 2, out, 3, &len), GENOM_ESPACE);
    assert_true(len >= 7);
    assert_int_equal(genom_block_put(dict, GENOM_FAST, "\xff\xfe", 2, out, len, &len), 0);
    assert_int_equal(genom_block_get(dict, out, len, &used, text, 1, &len), GENOM_ESPACE);
    static const uint8_t wrong[][6] = {
        {0, 0, 0, 0, 1}, {0xff, 0xff, 0xff, 0x7f, 1}, {1, 0, 0, 0, 255}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(genom_block_get(dict, wrong[i], 6, &used, text, sizeof text, &len),
                         GENOM_EDATA);
    assert_int_equal(genom_block_get(dict, wrong[2], 3, &used, text, sizeof text, &len),
                     GENOM_EMORE);
}

static void many_are_coded_as_each_alone(void **state)
{
    static const struct genom_str texts[] = {
        {"hello", 5}, {"", 0}, {"We meet at noon.", 16}, {"\xff", 1}};
    uint8_t all[64], one[64];
    size_t ends[4], len, from = 0;
    (void)state;
    assert_int_equal(genom_encode_all(dict, GENOM_FAST, texts, 4, all, sizeof all, ends), 0);
    for (size_t i = 0; i < 4; from = ends[i++]) {
        assert_int_equal(
            genom_encode(dict, GENOM_FAST, texts[i].ptr, texts[i].len, one, sizeof one, &len), 0);
        assert_int_equal(ends[i] - from, len);
        assert_memory_equal(all + from, one, len);
    }
    assert_int_equal(genom_encode_all(dict, GENOM_FAST, texts, 4, all, 3, ends), GENOM_ESPACE);
}

static int set_up(void **state)
{
    size_t len;
    const uint8_t *bytes = helper_dict_bytes(&len);
    (void)state;
    dict = helper_dict_open(bytes, len);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_comes_back),
        cmocka_unit_test(blocks_have_bounds),
        cmocka_unit_test(many_are_coded_as_each_alone),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
