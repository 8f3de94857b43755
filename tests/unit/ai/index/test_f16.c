/* test_f16.c: half-precision rows; the portable and the fast kernels against each other. */
#include "ai/index/f16.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void every_half_survives(void **state)
{
    (void)state;
    for (uint32_t h = 0; h < 0x10000; h++) {
        uint16_t half = (uint16_t)h, back;
        float value;
        ai_f16_unpack(&half, 1, &value);
        ai_f16_pack(&value, 1, &back);
        if ((h & 0x7c00) == 0x7c00 && (h & 0x3ff))
            assert_true(isnan(value) && (back & 0x7c00) == 0x7c00 && (back & 0x3ff));
        else
            assert_int_equal(back, half);
    }
}

static void known_values(void **state)
{
    (void)state;
    const float in[] = {0,     -0.0f, 1,        -2,       65504,      65519,
                        65520, 1e30f, 0x1p-24f, 0x1p-26f, 1.0009765f, INFINITY};
    const uint16_t expected[] = {0,      0x8000, 0x3c00, 0xc000, 0x7bff, 0x7bff,
                                 0x7c00, 0x7c00, 1,      0,      0x3c01, 0x7c00};
    uint16_t out[12];
    ai_f16_pack(in, 12, out);
    for (int i = 0; i < 12; i++)
        assert_int_equal(out[i], expected[i]);
}

/* Halfway cases go to the even neighbour. */
static void rounding_is_to_the_nearest(void **state)
{
    (void)state;
    srand(3);
    for (int i = 0; i < 200000; i++) {
        float value = ((float)rand() / (float)RAND_MAX - 0.5f) * (i % 2 ? 4.0f : 1e-4f);
        uint16_t half;
        float back, up, down;
        ai_f16_pack(&value, 1, &half);
        ai_f16_unpack(&half, 1, &back);
        uint16_t next = (uint16_t)(half + 1), before = (uint16_t)(half - 1);
        if ((half & 0x7fff) == 0)
            continue;
        ai_f16_unpack(&next, 1, &up);
        ai_f16_unpack(&before, 1, &down);
        assert_true(fabsf(value - back) <= fabsf(value - up));
        assert_true(fabsf(value - back) <= fabsf(value - down));
    }
}

static void twins_agree(void **state)
{
    (void)state;
    if (!ai_f16_fast())
        skip();
    srand(4);
    enum { LANES = 384, ROWS = 33 };
    static float query[LANES], row[LANES];
    static uint16_t rows[ROWS * LANES + 1];
    uint16_t *unaligned = rows + 1;
    for (int i = 0; i < LANES; i++)
        query[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    for (int r = 0; r < ROWS; r++) {
        for (int i = 0; i < LANES; i++)
            row[i] = ((float)rand() / (float)RAND_MAX - 0.5f) / 10;
        ai_f16_pack(row, LANES, unaligned + r * LANES);
    }
    for (size_t count = 0; count <= ROWS; count += 11) {
        float plain[ROWS], fast[ROWS];
        ai_f16_dot_plain(unaligned, LANES, count, query, plain);
        ai_f16_dot_fast(unaligned, LANES, count, query, fast);
        for (size_t r = 0; r < count; r++) {
            double exact = 0;
            ai_f16_unpack(unaligned + r * LANES, LANES, row);
            for (int i = 0; i < LANES; i++)
                exact += (double)row[i] * query[i];
            assert_true(fabs(plain[r] - exact) < 2e-6);
            assert_true(fabs(fast[r] - exact) < 2e-6);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_survives),
        cmocka_unit_test(known_values),
        cmocka_unit_test(rounding_is_to_the_nearest),
        cmocka_unit_test(twins_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
