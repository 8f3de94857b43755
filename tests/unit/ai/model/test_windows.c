/* test_windows.c: cutting text into windows of so many tokens. */
#include "ai/model/windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* A token for each four bytes begun. */
static size_t quarter(void *arg, struct core_str piece)
{
    (void)arg;
    return (piece.len + 3) / 4;
}

enum { CAP = 64 };

static size_t cut(const char *text, size_t tokens, size_t (*windows)[2])
{
    return ai_windows_cut(core_str(text), tokens, quarter, NULL, windows, CAP);
}

static void short_text_is_one_window(void **state)
{
    (void)state;
    size_t w[CAP][2];
    assert_int_equal(cut("  one two \n", 10, w), 1);
    assert_int_equal(w[0][0], 2);
    assert_int_equal(w[0][1], 9);
    assert_int_equal(cut("", 10, w), 0);
    assert_int_equal(cut(" \n\t ", 10, w), 0);
}

static void windows_end_at_sentences(void **state)
{
    (void)state;
    size_t w[CAP][2];
    const char *text = "aaaa bbbb cccc. dddd eeee ffff gggg hhhh";
    assert_int_equal(cut(text, 6, w), 2);
    assert_int_equal(w[0][1], 15); /* after "cccc." although dddd and eeee would fit */
    assert_int_equal(w[1][0], 16);
    const char *early = "a. bbbb cccc dddd eeee ffff gggg";
    assert_true(cut(early, 6, w) == 2 &&
                w[0][1] == 27); /* a sentence that ends too early is ignored */
}

static void overlong_words_are_split_between_code_points(void **state)
{
    (void)state;
    size_t w[CAP][2];
    char text[400];
    for (int i = 0; i < 200; i++)
        memcpy(text + i * 2, "\xc5\x99", 2);
    size_t n = ai_windows_cut(core_strn(text, sizeof text), 5, quarter, NULL, w, CAP);
    assert_true(n > 10);
    for (size_t i = 0; i < n; i++)
        assert_true(core_utf8_valid(core_strn(text + w[i][0], w[i][1] - w[i][0])));
    assert_int_equal(w[n - 1][1], sizeof text);
    /* Bytes that are no text at all must not stop it. */
    memset(text, 0x80, sizeof text);
    n = ai_windows_cut(core_strn(text, sizeof text), 5, quarter, NULL, w, CAP);
    assert_true(n > 0);
}

/* Whatever the text: every word is in exactly one window, in order, and no window is too big. */
static void random_texts_are_covered(void **state)
{
    (void)state;
    srand(5);
    static size_t w[4096][2];
    for (int round = 0; round < 3000; round++) {
        char text[600];
        size_t len = (size_t)rand() % sizeof text, tokens = 1 + (size_t)rand() % 20;
        for (size_t i = 0; i < len; i++)
            text[i] = "abcdefgh. \n?)"[rand() % 13];
        struct core_str s = core_strn(text, len);
        size_t n = ai_windows_cut(s, tokens, quarter, NULL, w, 4096);
        size_t at = 0;
        for (size_t i = 0; i < n; i++) {
            for (; at < w[i][0]; at++)
                assert_true(text[at] == ' ' || text[at] == '\n');
            assert_true(w[i][1] > w[i][0]);
            size_t sum = 0;
            for (size_t k = w[i][0], word; k < w[i][1]; k = word + 1) {
                for (word = k; word < w[i][1] && text[word] != ' ' && text[word] != '\n'; word++)
                    ;
                sum += (word - k + 3) / 4;
            }
            assert_true(sum <= tokens);
            at = w[i][1];
        }
        for (; at < len; at++)
            assert_true(text[at] == ' ' || text[at] == '\n');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_text_is_one_window),
        cmocka_unit_test(windows_end_at_sentences),
        cmocka_unit_test(overlong_words_are_split_between_code_points),
        cmocka_unit_test(random_texts_are_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
