/* test_utf8.c: every code point there and back, every malformed form refused, the tables. */
#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_code_point_round_trips(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        uint32_t back;
        size_t len = core_utf8_put(code, bytes);
        struct core_str s = core_strn(bytes, len);
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        if (!core_utf8_valid(s) || core_utf8_next(s, 0, &back) != len ||
            back != (surrogate ? 0xfffd : code))
            fail_msg("U+%04X", code);
        /* Every proper prefix is broken. */
        for (size_t cut = 1; cut < len; cut++)
            if (core_utf8_valid(core_strn(bytes, cut)))
                fail_msg("U+%04X cut to %zu", code, cut);
    }
    char bytes[4];
    assert_int_equal(core_utf8_put(0x110000, bytes), 3);
    assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
}

/* How many sequences of one to four bytes are valid, by counting rather than by decoding. */
static void exactly_the_scalar_values_are_valid(void **state)
{
    (void)state;
    size_t two = 0, three = 0;
    for (unsigned v = 0; v < 0x10000; v++) {
        char b[2] = {(char)(v >> 8), (char)v};
        uint32_t code;
        two += core_utf8_valid(core_strn(b, 2)) && core_utf8_next(core_strn(b, 2), 0, &code) == 2;
    }
    for (unsigned v = 0x800000; v < 0x1000000; v++) {
        char b[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};
        uint32_t code;
        three += core_utf8_next(core_strn(b, 3), 0, &code) == 3;
    }
    assert_int_equal(two, 0x800 - 0x80);
    assert_int_equal(three, 0x10000 - 0x800 - 0x800);
}

static void malformed_text_is_refused(void **state)
{
    (void)state;
    static const struct core_str bad[] = {
        CORE_STR("\x80"),
        CORE_STR("\xc0\x80"),
        CORE_STR("\xc1\xbf"),
        CORE_STR("\xe0\x9f\xbf"),
        CORE_STR("\xed\xa0\x80"),
        CORE_STR("\xed\xbf\xbf"),
        CORE_STR("\xf0\x8f\xbf\xbf"),
        CORE_STR("\xf4\x90\x80\x80"),
        CORE_STR("\xf5\x80\x80\x80"),
        CORE_STR("\xff"),
        CORE_STR("\xfe"),
        CORE_STR("\xe2\x82"),
        CORE_STR("\xe2\x28\xa1"),
        CORE_STR("\xf0\x9f\x98"),
        CORE_STR("\xf0\x9f\x28\x80"),
        CORE_STR("abcdefgh\xc3"),
        CORE_STR("abcdefghijkl\x80"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(core_utf8_valid(bad[i]));
        uint32_t code;
        if ((unsigned char)bad[i].ptr[0] >= 0x80) {
            assert_int_equal(core_utf8_next(bad[i], 0, &code), 1);
            assert_int_equal(code, 0xfffd);
        }
    }
    assert_true(core_utf8_valid(core_strn(NULL, 0)));
    assert_true(core_utf8_valid(CORE_STR("\xc5\x99\xc3\xad \xe2\x82\xac \xf0\x9f\x98\x80\0x")));
}

static void cutting(void **state)
{
    (void)state;
    struct core_str s = CORE_STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
    static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t max = 0; max < sizeof want / sizeof *want; max++)
        assert_int_equal(core_utf8_cut(s, max), want[max]);
    struct core_str junk = CORE_STR("\x80\x80\x80\x80\x80\x80\x80\x80");
    assert_int_equal(core_utf8_cut(junk, 6), 6);
    assert_int_equal(core_utf8_cut(core_strn(NULL, 0), 5), 0);
}

static void lower_case(void **state)
{
    (void)state;
    static const struct {
        uint32_t from, to;
    } pairs[] = {
        {'A', 'a'},       {'Z', 'z'},       {'[', '['},     {'@', '@'},           {'a', 'a'},
        {0xc9, 0xe9},     {0xd7, 0xd7},     {0xdf, 0xdf},   {0x1e9e, 0xdf},       {0x10c, 0x10d},
        {0x10d, 0x10d},   {0x158, 0x159},   {0x130, 'i'},   {0x178, 0xff},        {0x17f, 's'},
        {0x391, 0x3b1},   {0x3a3, 0x3c3},   {0x3c2, 0x3c3}, {0x386, 0x3ac},       {0x410, 0x430},
        {0x401, 0x451},   {0x42f, 0x44f},   {0x44f, 0x44f}, {0x212a, 'k'},        {0xff21, 0xff41},
        {0x4e00, 0x4e00}, {0x5d0, 0x5d0},   {0x531, 0x531}, {0x10ffff, 0x10ffff}, {0x1f08, 0x1f00},
        {0x1f5a, 0x1f5a}, {0x1f59, 0x1f51},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(core_utf8_lower(pairs[i].from), pairs[i].to);
    /* Folding twice changes nothing more. */
    for (uint32_t code = 0; code <= 0x10ffff; code++)
        if (core_utf8_lower(core_utf8_lower(code)) != core_utf8_lower(code))
            fail_msg("U+%04X", code);
}

static void word_characters(void **state)
{
    (void)state;
    static const uint32_t yes[] = {'a',    'Z',    '0',    '9',   0xe9,    0xaa,    0x301,
                                   0x416,  0x5d0,  0x661,  0x7ea, 0x905,   0x1e9e,  0x4e00,
                                   0xac00, 0x3042, 0x2160, 0xbd,  0x1d400, 0x20000, 0xff21};
    static const uint32_t no[] = {' ',    '_',     '-',    '.',    '\n',     0xa0,
                                  0xd7,   0xab,    0x2013, 0x2026, 0x20ac,   0x3002,
                                  0xfffd, 0x1f600, 0xe000, 0x378,  0x10ffff, 0x200b};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!core_utf8_is_word(yes[i]))
            fail_msg("U+%04X", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (core_utf8_is_word(no[i]))
            fail_msg("U+%04X", no[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_round_trips),
        cmocka_unit_test(exactly_the_scalar_values_are_valid),
        cmocka_unit_test(malformed_text_is_refused),
        cmocka_unit_test(cutting),
        cmocka_unit_test(lower_case),
        cmocka_unit_test(word_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
