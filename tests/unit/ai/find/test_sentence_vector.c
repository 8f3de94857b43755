/* test_sentence_vector.c: the parts of a chunk's windows, and rows against plain floats. */
#include "ai/find/sentence_vector.h"

#include "ai/text/text.h"
#include "core/limits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIM = 32, PARTS = 100 };

static const char chunk[] = "The lantern burns oil. It is lit at dusk by the keeper.\n\n"
                            "* the first item\n* the second item\n";

/* Every byte of every sentence is in exactly one part, at its place in its window. */
static void parts_cover_the_sentences(void **state)
{
    (void)state;
    struct core_str text = core_str(chunk);
    for (size_t cut = 1; cut < text.len; cut++) {
        size_t windows[2][2] = {{0, cut}, {cut, text.len}};
        struct ai_embed_part at[PARTS];
        unsigned sentence[PARTS], seen[sizeof chunk] = {0};
        struct ai_sentence_parts parts = {at, sentence, PARTS, 0};
        assert_int_equal(ai_sentence_parts_add(&parts, text, windows, 2, 7, 3), 4);
        struct ai_sentence s[4];
        struct ai_sentences it;
        ai_sentences_init(&it, text);
        for (int i = 0; i < 4; i++)
            assert_true(ai_sentences_next(&it, &s[i]));
        for (size_t i = 0; i < parts.count; i++) {
            size_t window = at[i].text - 7, shift = windows[window][0];
            assert_true(at[i].start < at[i].end);
            if (i > 0 && at[i].text == at[i - 1].text)
                assert_true(at[i].start >= at[i - 1].end);
            for (size_t b = at[i].start - 3 + shift; b < at[i].end - 3 + shift; b++) {
                assert_in_range(b, s[sentence[i]].start, s[sentence[i]].end - 1);
                seen[b]++;
            }
        }
        for (int i = 0; i < 4; i++)
            for (size_t b = s[i].start; b < s[i].end; b++)
                assert_int_equal(seen[b], 1);
    }
}

static void rows_of_other_sentences_do_not_fit(void **state)
{
    (void)state;
    static char rows[5 * DIM];
    assert_true(ai_sentence_vectors_fit(core_strn(rows, sizeof rows - DIM), DIM, core_str(chunk)));
    assert_false(ai_sentence_vectors_fit(core_strn(rows, sizeof rows), DIM, core_str(chunk)));
    assert_false(ai_sentence_vectors_fit(CORE_STR(""), DIM, core_str(chunk)));
}

static void parts_keep_to_the_cap(void **state)
{
    (void)state;
    size_t windows[1][2] = {{0, sizeof chunk - 1}};
    struct ai_embed_part at[PARTS];
    unsigned sentence[PARTS];
    struct ai_sentence_parts parts = {at, sentence, 3, 0};
    assert_int_equal(ai_sentence_parts_add(&parts, core_str(chunk), windows, 1, 0, 0), 4);
    assert_int_equal(parts.count, 3);
    enum { LINES = AI_LIMIT_CHUNK_SENTENCES + 50 };
    char many[LINES * 4];
    for (int i = 0; i < LINES; i++)
        memcpy(many + 4 * i, "* a\n", 4);
    windows[0][1] = sizeof many;
    parts = (struct ai_sentence_parts){at, sentence, PARTS, 0};
    assert_int_equal(ai_sentence_parts_add(&parts, core_strn(many, sizeof many), windows, 1, 0, 0),
                     AI_LIMIT_CHUNK_SENTENCES);
}

static void rows_keep_the_direction(void **state)
{
    (void)state;
    enum { ROWS = 50 };
    float sums[ROWS * DIM], query[DIM];
    unsigned char blob[ROWS * DIM];
    srand(5);
    for (int i = 0; i < ROWS * DIM; i++)
        sums[i] = (float)(rand() % 2001 - 1000) * powf(10, (float)(i / DIM % 7) - 3);
    memset(sums + 3 * DIM, 0, DIM * sizeof *sums);
    sums[4 * DIM] = INFINITY;
    double length = 0;
    for (int i = 0; i < DIM; i++) {
        query[i] = (float)(rand() % 2001 - 1000);
        length += (double)query[i] * query[i];
    }
    for (int i = 0; i < DIM; i++)
        query[i] /= (float)sqrt(length);
    ai_sentence_vectors_pack(sums, ROWS, DIM, blob);
    struct core_str packed = core_strn((char *)blob, sizeof blob);
    for (int r = 0; r < ROWS; r++) {
        double dot = 0, square = 0;
        float got = 9;
        bool has = ai_sentence_vectors_cosine(packed, DIM, (size_t)r, query, &got);
        assert_int_equal(has, r != 3 && r != 4);
        for (int j = 0; j < DIM && has; j++) {
            dot += (double)query[j] * sums[r * DIM + j];
            square += (double)sums[r * DIM + j] * sums[r * DIM + j];
        }
        if (has)
            assert_true(fabs(got - dot / sqrt(square)) < .01);
        else
            assert_true(got == 9);
    }
}

static void foreign_blobs_hold_nothing(void **state)
{
    (void)state;
    float query[DIM] = {1}, got = 9;
    unsigned char blob[2 * DIM];
    memset(blob, 1, sizeof blob);
    struct core_str two = core_strn((char *)blob, sizeof blob);
    assert_true(ai_sentence_vectors_cosine(two, DIM, 1, query, &got));
    got = 9;
    assert_false(ai_sentence_vectors_cosine(two, DIM, 2, query, &got));
    assert_false(
        ai_sentence_vectors_cosine(core_strn((char *)blob, 2 * DIM - 1), DIM, 0, query, &got));
    assert_false(ai_sentence_vectors_cosine(core_strn("", 0), DIM, 0, query, &got));
    assert_true(got == 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_cover_the_sentences),
        cmocka_unit_test(rows_of_other_sentences_do_not_fit),
        cmocka_unit_test(parts_keep_to_the_cap),
        cmocka_unit_test(rows_keep_the_direction),
        cmocka_unit_test(foreign_blobs_hold_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
