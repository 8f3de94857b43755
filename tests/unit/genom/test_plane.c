/* test_plane.c: the ring is a permutation with arcs;
 * neighbours come nearest first, by angle and by meaning. */
#include "tests/unit/genom/helper.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct genom_dict *small;

static void the_ring_holds_each_token_once(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < small->count; id++)
        assert_int_equal(genom_ring(small, load32(small->posn + 4 * (size_t)id)), id);
    assert_int_equal(genom_ring(small, small->count), GENOM_NONE);
}

static void neighbours_on_the_plane_are_left_and_right(void **state)
{
    struct genom_near near[GENOM_NEAR_MAX + 1];
    uint32_t id = genom_lookup(small, "hello", 5);
    (void)state;
    uint32_t at = load32(small->posn + 4 * (size_t)id);
    assert_int_equal(genom_near_on_plane(small, id, near, 4), 4);
    assert_int_equal(near[0].id, genom_ring(small, (at + 1) % small->count));
    assert_int_equal(near[1].id, genom_ring(small, (at + small->count - 1) % small->count));
    assert_true(near[0].distance > 0 && near[2].distance > near[1].distance);
    assert_int_equal(genom_near_on_plane(small, id, near, 9999), GENOM_NEAR_MAX);
    assert_int_equal(genom_near_on_plane(small, id, near, 0), 0);
    assert_int_equal(genom_near_on_plane(small, small->count, near, 4), 0);
}

static void meaning_agrees_with_all_pairs(void **state)
{
    struct genom_near near[8];
    (void)state;
    for (uint32_t id = 16; id < 16 + small->vec_rows; id++) {
        assert_int_equal(genom_near_by_meaning(small, id, near, 3), 3);
        for (unsigned i = 0; i < 3; i++) {
            double cosine, better = 0;
            assert_true(genom_similarity(small, id, near[i].id, &cosine));
            assert_true(cosine == near[i].distance && near[i].id != id);
            for (uint32_t other = 16; other < 16 + small->vec_rows; other++)
                if (other != id && genom_similarity(small, id, other, &cosine))
                    better += cosine > near[i].distance;
            assert_true(better <= i);
        }
    }
    assert_int_equal(genom_near_by_meaning(small, small->count - 1, near, 3), 0);
    assert_int_equal(genom_near_by_meaning(small, GENOM_NONE, near, 3), 0);
    assert_int_equal(genom_near_by_meaning(small, 16, near, 0), 0);
}

static void sectors_cover_the_ring(void **state)
{
    struct genom_dict *d = helper_real_dict();
    struct genom_sector s;
    struct genom_token t;
    uint32_t next = 0;
    (void)state;
    assert_non_null(d);
    for (unsigned i = 0; i < genom_sector_count(d); i++) {
        assert_true(genom_sector(d, i, &s));
        assert_int_equal(s.first, next);
        next += s.count;
        for (uint32_t at = s.first; at < next; at += 1 + s.count / 50) {
            assert_true(genom_token(d, genom_ring(d, at), &t));
            assert_string_equal(t.sector, s.name);
            assert_true(t.phase - s.phase <= s.width);
        }
    }
    assert_int_equal(next, GENOM_TOKENS);
    assert_false(genom_sector(d, genom_sector_count(d), &s));
}

static void similar_words_are_near_by_meaning(void **state)
{
    struct genom_dict *d = helper_real_dict();
    struct genom_near near[10];
    bool found = false;
    (void)state;
    assert_int_equal(genom_near_by_meaning(d, genom_lookup(d, "monday", 6), near, 10), 10);
    for (unsigned i = 0; i < 10; i++)
        found |= near[i].id == genom_lookup(d, "tuesday", 7);
    assert_true(found);
}

static int set_up(void **state)
{
    static uint8_t *bytes;
    size_t len;
    (void)state;
    bytes = helper_dict_bytes(&len);
    small = helper_dict_open(bytes, len);
    return 0;
}

static void neighbours_of_any_phase_come_nearest_first(void **state)
{
    struct genom_near near[GENOM_NEAR_MAX], all[2];
    (void)state;
    for (uint32_t position = 0; position < small->count; position += 7) {
        struct genom_token token;
        genom_token(small, genom_ring(small, position), &token);
        size_t count = genom_near_phase(small, token.phase + 1000, near, GENOM_NEAR_MAX);
        assert_int_equal(count, GENOM_NEAR_MAX < small->count ? GENOM_NEAR_MAX : small->count);
        assert_int_equal(near[0].id, token.id);
        for (size_t i = 1; i < count; i++)
            assert_true(near[i].distance >= near[i - 1].distance);
        genom_near_on_plane(small, token.id, all, 2);
        assert_true(near[1].id == all[0].id || near[1].id == all[1].id);
    }
}

/* The same sum by libm. */
static void a_centroid_is_the_mean(void **state)
{
    static const char *const texts[] = {"hello",         "world",
                                        "Hello, world!", "the quick brown fox",
                                        "of of of x",    "one two three four five six seven"};
    const struct genom_dict *dict = helper_real_dict();
    (void)state;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        struct genom_piece pieces[32];
        struct genom_point point;
        size_t at = 0, tokens = 0;
        double re = 0, im = 0;
        size_t n = genom_pieces(dict, texts[t], strlen(texts[t]), &at, pieces, 32);
        for (size_t i = 0; i < n; i++) {
            struct genom_token token;
            if (!genom_token(dict, pieces[i].id, &token))
                continue;
            re += token.r * cos(token.theta);
            im += token.r * sin(token.theta);
            tokens++;
        }
        assert_true(genom_centroid(dict, texts[t], strlen(texts[t]), &point));
        assert_int_equal(point.tokens, tokens);
        re /= (double)tokens;
        im /= (double)tokens;
        assert_true(fabs(point.re - re) < 1e-8 && fabs(point.im - im) < 1e-8);
        assert_true(fabs(point.r - hypot(re, im)) < 1e-8);
        double apart = fabs(remainder(point.theta - atan2(im, re), 2 * acos(-1)));
        assert_true(apart < 1e-8);
    }
}

static void a_text_without_tokens_has_no_centroid(void **state)
{
    struct genom_point point = {.r = 7};
    (void)state;
    assert_false(genom_centroid(helper_real_dict(), "", 0, &point));
    assert_false(genom_centroid(helper_real_dict(), "zqxjkvzqxjkv", 12, &point));
    assert_true(point.r == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ring_holds_each_token_once),
        cmocka_unit_test(neighbours_on_the_plane_are_left_and_right),
        cmocka_unit_test(meaning_agrees_with_all_pairs),
        cmocka_unit_test(sectors_cover_the_ring),
        cmocka_unit_test(similar_words_are_near_by_meaning),
        cmocka_unit_test(neighbours_of_any_phase_come_nearest_first),
        cmocka_unit_test(a_centroid_is_the_mean),
        cmocka_unit_test(a_text_without_tokens_has_no_centroid),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
