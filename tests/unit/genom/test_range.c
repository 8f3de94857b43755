/* test_range.c: random symbols come back; the size is that of their information; garbage ends. */
#include "genom/range.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SYMBOLS 3000

static uint32_t dice(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void symbols_come_back(void **state)
{
    static uint8_t out[1 << 16];
    (void)state;
    for (uint32_t seed = 1; seed <= 400; seed++) {
        struct genom__enc e;
        struct genom__dec d;
        uint32_t s = seed, count = dice(&s) % (seed % 4 ? 20 : SYMBOLS);
        double bits = 0;
        genom__enc_init(&e, out, sizeof out);
        for (uint32_t i = 0; i < count; i++) {
            /* Ends of the interval and tiny parts, so that carries run through many bytes. */
            uint32_t kind = dice(&s) % 4, at = dice(&s);
            uint32_t width = kind == 0 ? 1 : kind == 1 ? 32767 : 1 + at % 20000;
            uint32_t from = kind == 1 ? 1 : kind == 0 ? 32767 : (32768 - width) * (at & 1);
            genom__enc_put(&e, from, width, 15);
            genom__enc_any(&e, at % 997, 997);
            bits += 15 - log2(width) + log2(997);
        }
        genom__enc_end(&e);
        assert_true(e.len <= sizeof out);
        assert_true((double)e.len <= bits / 8 * 1.002 + 2);
        size_t len = e.len;
        while (len > 0 && e.len - len < 4 && out[len - 1] == 0)
            len--;
        genom__dec_init(&d, out, len);
        s = seed;
        dice(&s);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t kind = dice(&s) % 4, at = dice(&s);
            uint32_t width = kind == 0 ? 1 : kind == 1 ? 32767 : 1 + at % 20000;
            uint32_t from = kind == 1 ? 1 : kind == 0 ? 32767 : (32768 - width) * (at & 1);
            uint32_t look = genom__dec_look(&d, 15);
            assert_true(look >= from && look < from + width);
            genom__dec_take(&d, from, width, 15);
            assert_int_equal(genom__dec_any(&d, 997), at % 997);
        }
        assert_false(genom__dec_spent(&d));
        assert_true(d.at >= len);
    }
}

static void a_small_buffer_is_counted_not_passed(void **state)
{
    uint8_t out[9] = {0};
    struct genom__enc e;
    (void)state;
    out[8] = 0x5a;
    genom__enc_init(&e, out, 8);
    for (unsigned i = 0; i < 100; i++)
        genom__enc_put(&e, i * 300, 1, 15);
    genom__enc_end(&e);
    assert_true(e.len > 180 && e.len < 192);
    assert_int_equal(out[8], 0x5a);
}

static void what_is_cut_off_is_noticed(void **state)
{
    struct genom__dec d;
    (void)state;
    genom__dec_init(&d, (const uint8_t *)"\x12\x34", 2);
    for (unsigned i = 0; i < 12 && !genom__dec_spent(&d); i++)
        genom__dec_take(&d, genom__dec_look(&d, 15), 1, 15);
    assert_true(genom__dec_spent(&d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_come_back),
        cmocka_unit_test(a_small_buffer_is_counted_not_passed),
        cmocka_unit_test(what_is_cut_off_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
