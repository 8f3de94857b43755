/* test_i8.c: vectors in bytes; the twins of the kernel against each other and against floats. */
#include "ai/index/i8.h"

#include "core/limits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 40, PAD = 24 };

static void packing(void **state)
{
    (void)state;
    const float in[] = {0, 1, -1, 0.5f, 0.004f, -0.004f, 2, -2, INFINITY, -INFINITY, NAN};
    const int expected[] = {0, 100, -100, 50, 0, 0, 127, -127, 127, -127, -127};
    unsigned char out[AI_I8_LANES];
    ai_i8_pack(in, 11, 100, sizeof out, out);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i] - 128, i < 11 ? expected[i] : 0);
    float value = 0.0451f; /* halves away from the cut */
    ai_i8_pack(&value, 1, 100, AI_I8_LANES, out);
    assert_int_equal(out[0], 128 + 5);
    value = -0.0451f;
    ai_i8_pack(&value, 1, 100, AI_I8_LANES, out);
    assert_int_equal(out[0], 128 - 5);
}

static void check_twins(size_t lanes, bool extreme)
{
    ai_i8_kernel *const twins[] = {ai_i8_dots_plain(), ai_i8_dots_avx2(), ai_i8_dots_vnni(),
                                   ai_i8_dots()};
    size_t stride = lanes + PAD; /* rows need no alignment */
    unsigned char *bytes = malloc(ROWS * stride), query[AI_LIMIT_VECTOR_DIMENSIONS];
    for (size_t i = 0; i < ROWS * stride; i++)
        bytes[i] = (unsigned char)(extreme ? (rand() % 2 ? 255 : 1) : 1 + rand() % 255);
    for (size_t i = 0; i < lanes; i++)
        query[i] = (unsigned char)(extreme ? (rand() % 2 ? 255 : 1) : 1 + rand() % 255);
    const struct ai_i8_rows rows = {.base = bytes, .stride = stride, .lanes = lanes};
    uint32_t which[2 * ROWS];
    for (size_t i = 0; i < 2 * ROWS; i++)
        which[i] = (uint32_t)rand() % ROWS;
    for (size_t t = 0; t < sizeof twins / sizeof *twins; t++) {
        int32_t out[2 * ROWS + 1];
        out[2 * ROWS] = 12345;
        if (!twins[t])
            continue;
        twins[t](&rows, query, which, 0, out + 2 * ROWS);
        twins[t](&rows, query, which, 2 * ROWS, out);
        assert_int_equal(out[2 * ROWS], 12345);
        for (size_t r = 0; r < 2 * ROWS; r++) {
            int32_t sum = 0;
            for (size_t i = 0; i < lanes; i++)
                sum += (bytes[which[r] * stride + i] - 128) * (query[i] - 128);
            assert_int_equal(out[r], sum);
        }
    }
    free(bytes);
}

static void twins_agree_to_the_last_bit(void **state)
{
    (void)state;
    srand(3);
    for (size_t lanes = 64; lanes <= AI_LIMIT_VECTOR_DIMENSIONS;
         lanes += lanes < 512 ? 64 : AI_LIMIT_VECTOR_DIMENSIONS - 512) {
        check_twins(lanes, false);
        check_twins(lanes, true); /* products as large as they get */
    }
}

static void close_to_floats(void **state)
{
    (void)state;
    enum { DIM = 384 };
    unsigned char a[DIM], b[DIM];
    float x[DIM], y[DIM];
    srand(4);
    for (int round = 0; round < 200; round++) {
        double xx = 0, yy = 0, dot = 0;
        for (int i = 0; i < DIM; i++) {
            x[i] = (float)rand() / (float)RAND_MAX - 0.5f;
            y[i] = (float)rand() / (float)RAND_MAX - 0.5f + x[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }
        for (int i = 0; i < DIM; i++) {
            x[i] /= (float)sqrt(xx);
            y[i] /= (float)sqrt(yy);
            dot += (double)x[i] * y[i];
        }
        const float scale = 127 / 0.2f;
        ai_i8_pack(x, DIM, scale, DIM, a);
        ai_i8_pack(y, DIM, scale, DIM, b);
        const struct ai_i8_rows rows = {.base = a, .stride = DIM, .lanes = DIM};
        uint32_t first = 0;
        int32_t out;
        ai_i8_dots()(&rows, b, &first, 1, &out);
        /* Searching takes scores to be off by 3 · scale at most. */
        assert_true(fabs(out - dot * scale * scale) < 3 * scale);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing),
        cmocka_unit_test(twins_agree_to_the_last_bit),
        cmocka_unit_test(close_to_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
