/* test_sampler.c: choosing a token from scores. */
#include "ai/model/sampler.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 1000 };

static void fill(float *logits)
{
    for (int i = 0; i < N; i++)
        logits[i] = (float)((i * 7919) % 1000) / 100;
}

static void greedy_takes_the_best(void **state)
{
    (void)state;
    struct ai_sampler s;
    float logits[4] = {1, 5, 5, -2};
    ai_sampler_init(&s, 0, 1, 1, 0);
    assert_int_equal(ai_sampler_next(&s, logits, 4, NULL), 1);
    float with_nan[3] = {NAN, -1, NAN};
    assert_int_equal(ai_sampler_next(&s, with_nan, 3, NULL), 1);
    float all_nan[2] = {NAN, NAN};
    int32_t token = ai_sampler_next(&s, all_nan, 2, NULL);
    assert_in_range(token, 0, 1);
}

static void penalty_discourages_what_was_said(void **state)
{
    (void)state;
    struct ai_sampler s;
    ai_sampler_init(&s, 0, 1, 2, 0);
    float a[3] = {5, 4, -1};
    assert_int_equal(ai_sampler_next(&s, a, 3, NULL), 0);
    float b[3] = {5, 4, -1}; /* 0 is worth 2.5 now */
    assert_int_equal(ai_sampler_next(&s, b, 3, NULL), 1);
    float c[3] = {5, 4, -1}; /* 1 is worth 2, 0 still 2.5 although it is penalized once only */
    assert_int_equal(ai_sampler_next(&s, c, 3, NULL), 0);
    float d[3] = {-5, -6, -1};
    assert_int_equal(ai_sampler_next(&s, d, 3, NULL), 2);
    assert_true(fabsf(d[0] + 10) < 1e-6f);
}

static void the_same_seed_gives_the_same_tokens(void **state)
{
    (void)state;
    float logits[N];
    int32_t scratch[N], first[50];
    int differ = 0;
    for (unsigned seed = 1; seed <= 3; seed++)
        for (int round = 0; round < 2; round++) {
            struct ai_sampler s;
            ai_sampler_init(&s, 1.5, seed == 2 ? 0.9 : 1, 1, seed);
            for (int i = 0; i < 50; i++) {
                fill(logits);
                int32_t token = ai_sampler_next(&s, logits, N, scratch);
                if (round == 0) {
                    differ += seed > 1 && token != first[i];
                    first[i] = token;
                } else {
                    assert_int_equal(token, first[i]);
                }
            }
        }
    assert_true(differ > 50);
}

/* Frequencies of a small vocabulary against the exact probabilities. */
static void draws_follow_the_probabilities(void **state)
{
    (void)state;
    const double p[4] = {0.5, 0.3, 0.15, 0.05};
    unsigned seen[2][4] = {{0}};
    int32_t scratch[4];
    for (int cut = 0; cut < 2; cut++) {
        struct ai_sampler s;
        ai_sampler_init(&s, 2, cut ? 0.8 : 1, 1, 42);
        for (int i = 0; i < 20000; i++) {
            float logits[4];
            for (int k = 0; k < 4; k++)
                logits[k] = (float)(2 * log(p[k])) + 3;
            seen[cut][ai_sampler_next(&s, logits, 4, scratch)]++;
        }
    }
    for (int k = 0; k < 4; k++)
        assert_true(fabs(seen[0][k] / 20000.0 - p[k]) < 0.015);
    assert_int_equal(seen[1][2] + seen[1][3], 0);
    assert_true(fabs(seen[1][0] / 20000.0 - 0.5 / 0.8) < 0.015);
}

/* Far apart or all alike: the nucleus must reach the wanted weight either way. */
static void the_nucleus_reaches_far(void **state)
{
    (void)state;
    float logits[N];
    int32_t scratch[N];
    struct ai_sampler s;
    ai_sampler_init(&s, 1, 0.999999, 1, 7);
    for (int i = 0; i < N; i++)
        logits[i] = i == 0 ? 0 : -8.0f; /* the rest together outweighs none, but counts */
    unsigned others = 0;
    for (int round = 0; round < 200; round++) {
        float copy[N];
        memcpy(copy, logits, sizeof copy);
        others += ai_sampler_next(&s, copy, N, scratch) != 0;
    }
    assert_in_range(others, 20, 90); /* 999·e^-8 ≈ 0.25 of all */
    for (int i = 0; i < N; i++)
        logits[i] = -INFINITY;
    logits[17] = 1;
    assert_int_equal(ai_sampler_next(&s, logits, N, scratch), 17);
    ai_sampler_init(&s, 1e-9, 0.5, 1, 7);
    fill(logits);
    (void)ai_sampler_next(&s, logits, N, scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greedy_takes_the_best),
        cmocka_unit_test(penalty_discourages_what_was_said),
        cmocka_unit_test(the_same_seed_gives_the_same_tokens),
        cmocka_unit_test(draws_follow_the_probabilities),
        cmocka_unit_test(the_nucleus_reaches_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
