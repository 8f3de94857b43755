/* test_cut.c: cutting many pieces at a time agrees, byte by byte and with each instruction set,
 * with cutting one after the other. */
#include "genom/cut.h"
#include "genom/window.h"
#include "tests/unit/genom/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXT_MAX = 400, FRAGMENT_MAX = 100, ROUNDS = 60000 };

/* Of the processor. */
enum needs { NOTHING, AVX2, AVX512 };

static bool has(enum needs needs)
{
#ifdef __SSE2__
    if (needs == AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    if (needs == AVX512)
        return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512dq");
#endif
    return needs == NOTHING;
}

static void windows_agree(void **state)
{
    char text[WINDOW];
    (void)state;
    srandom(5);
    for (unsigned round = 0; round < 20000; round++) {
        struct window slow, fast;
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)(round < 4 ? round * 64 + i : (size_t)random());
        window_bytes(text, &slow);
        assert_int_equal(slow.letters & 1, (text[0] | 32) >= 'a' && (text[0] | 32) <= 'z');
#ifdef __SSE2__
        window_sse2(text, &fast);
        assert_memory_equal(&slow, &fast, sizeof slow);
        if (has(AVX2)) {
            window_avx2(text, &fast);
            assert_memory_equal(&slow, &fast, sizeof slow);
        }
        if (has(AVX512)) {
            window_avx512(text, &fast);
            assert_memory_equal(&slow, &fast, sizeof slow);
        }
#else
        (void)fast;
#endif
    }
}

/* --- Cutters -------------------------------------------------------------------------------- */

static void cut_one_by_one(struct cutter *c)
{
    while (c->at < c->len && c->count < c->max)
        genom__cut_one(c);
}

static const struct {
    const char *name;
    genom__cut *cut;
    enum needs needs;
} ways[] = {
    {"byte by byte", genom__cut_bytes, NOTHING},
#ifdef __SSE2__
    {"SSE2", genom__cut_sse2, NOTHING},
    {"AVX2", genom__cut_avx2, AVX2},
    {"AVX-512", genom__cut_avx512, AVX512},
#endif
};

/* In calls of at most `max` pieces. */
static size_t cut_with(const struct genom_dict *dict, genom__cut *cut, const char *text, size_t len,
                       struct genom_piece *out, size_t max)
{
    struct cutter c = {.dict = dict, .text = text, .len = len, .out = out};
    while (c.at < c.len) {
        size_t before = c.at;
        c.max = c.count + max;
        cut(&c);
        assert_true(c.at > before && c.at <= c.len);
    }
    return c.count;
}

static const char *const fragments[] = {
    "the",
    "of",
    "I",
    "Hello",
    "WORLD",
    "don't",
    "Don't",
    "DON'T",
    "O'Neil",
    "I'M",
    "'tis",
    "dogs'",
    "a'",
    "''",
    "...",
    "....",
    "!!!",
    "??",
    "://",
    "--",
    "-",
    "(",
    ")",
    ":-)",
    "  ",
    "    ",
    "\n",
    "\n\n",
    "\t\t",
    "\r\n",
    "\n   ",
    "\n       ",
    "\n        ",
    "\n\n\n",
    "\n\n\n\n\n",
    "\n\n\n\n\n\n  ",
    "         ",
    "                                        ",
    " \n",
    " ",
    "  .",
    ",",
    "_",
    "1",
    "12",
    "2024",
    "12345",
    "007",
    "3rd",
    "x86",
    "fOO",
    "FOo",
    "McCoy",
    "zqxjkv",
    "Zqxjkv",
    "internationalization",
    "abcdefghijklmnop",
    "abcdefghijklmnopq",
    "\xc3\xa9",
    "na\xc3\xafve",
    "p\xc5\x99\xc3\xadklad",
    "\xe4\xbd\xa0\xe5\xa5\xbd",
    "\xf0\x9f\x91\x8d",
    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
    "\xe2\x80\x94",
    "\xe2\x80\xa6\xe2\x80\xa6",
    "\xe2\x94\x82",
    "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80",
    "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80",
    "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x80\x8d",
    "\xff",
    "\xc3",
    "Q'\xc3\xa9",
    "q\xff",
    "[",
    "@",
    "`",
    "{}",
    "supercalifragilistic",
    "################################################################################",
};

static size_t make_text(char *out)
{
    size_t len = 0, most = (size_t)random() % TEXT_MAX;
    while (len < most) {
        const char *f = fragments[(size_t)random() % (sizeof fragments / sizeof *fragments)];
        size_t n = strlen(f);
        if (random() % 40 == 0)
            out[len++] = 0;
        memcpy(out + len, f, n);
        len += n;
        if (random() % 3)
            out[len++] = ' ';
    }
    return len;
}

static void agree(const struct genom_dict *dict)
{
    static char text[TEXT_MAX + FRAGMENT_MAX];
    static struct genom_piece one[TEXT_MAX + FRAGMENT_MAX], many[TEXT_MAX + FRAGMENT_MAX];
    srandom(7);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t len = make_text(text), max = round % 2 ? 256 : 1 + (size_t)random() % 20;
        size_t count = cut_with(dict, cut_one_by_one, text, len, one, 1);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            if (!has(ways[i].needs))
                continue;
            size_t found = cut_with(dict, ways[i].cut, text, len, many, max);
            size_t same = 0;
            while (same < count && same < found && !memcmp(&one[same], &many[same], sizeof *one))
                same++;
            if (same < count || found > count)
                fail_msg("%s, round %u: otherwise from byte %u on: %.*s", ways[i].name, round,
                         one[same].at, (int)len, text);
        }
    }
}

static void a_small_dictionary(void **state)
{
    size_t len;
    uint8_t *bytes = helper_dict_bytes(&len);
    struct genom_dict *dict = helper_dict_open(bytes, len);
    (void)state;
    agree(dict);
    genom_dict_close(dict);
    free(bytes);
}

static void the_real_dictionary(void **state)
{
    (void)state;
    agree(helper_real_dict());
}

static void runs_are_one_piece(void **state)
{
    static const char text[] = "Name\n       It is ... here://x";
    struct genom_piece pieces[16];
    size_t at = 0, count = genom_pieces(helper_real_dict(), text, sizeof text - 1, &at, pieces, 16);
    (void)state;
    assert_int_equal(count, 8);
    assert_int_equal(pieces[1].len, 7); /* the last space is the mark of "It" */
    assert_int_equal(pieces[2].space, 1);
    assert_int_equal(pieces[4].len, 3);
    assert_int_equal(pieces[6].len, 3);
}

/* In the square of its length either of these would take minutes. */
static void long_words_take_their_length(void **state)
{
    static const char *const words[] = {"y", "é", "é'", "a'"};
    enum { LONG = 4 << 20 };
    char *text = malloc(LONG);
    struct genom_piece pieces[64];
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]), at = 0;
        for (size_t put = 0; put < LONG; put++)
            text[put] = words[i][put % len];
        while (at < LONG)
            assert_true(genom_pieces(helper_real_dict(), text, LONG, &at, pieces, 64) > 0);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_agree),
        cmocka_unit_test(a_small_dictionary),
        cmocka_unit_test(the_real_dictionary),
        cmocka_unit_test(runs_are_one_piece),
        cmocka_unit_test(long_words_take_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
