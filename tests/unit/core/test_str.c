/* test_str.c: comparing, searching, splitting, numbers. */
#include "core/str.h"

#include "core/err.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct core_str none = {NULL, 0};

static void comparing(void **state)
{
    (void)state;
    assert_true(core_str_eq(CORE_STR("abc"), core_str("abc")));
    assert_false(core_str_eq(CORE_STR("abc"), CORE_STR("abd")));
    assert_false(core_str_eq(CORE_STR("abc"), CORE_STR("ab")));
    assert_true(core_str_eq(CORE_STR("a\0b"), core_strn("a\0b", 3)));
    assert_false(core_str_eq(CORE_STR("a\0b"), CORE_STR("a\0c")));
    assert_true(core_str_eq(none, CORE_STR("")));
    assert_true(core_str_eq_c(none, NULL));
    assert_true(core_str_eq_c(CORE_STR("x"), "x"));
    assert_true(core_str_ieq(CORE_STR("Content-TYPE"), CORE_STR("content-type")));
    assert_false(core_str_ieq(CORE_STR("@"), CORE_STR("`")));
    assert_false(core_str_ieq(CORE_STR("\xc9"), CORE_STR("\xe9")));
    assert_true(core_str_ieq(CORE_STR("\xc9z"), CORE_STR("\xc9Z")));
    assert_true(core_str_istarts(CORE_STR("BEARER x"), CORE_STR("Bearer ")));
    assert_true(core_str_istarts(CORE_STR("a"), CORE_STR("")));
    assert_false(core_str_istarts(CORE_STR("Bear"), CORE_STR("Bearer")));
    assert_true(core_str_starts(CORE_STR("sky_x"), CORE_STR("sky_")));
    assert_false(core_str_starts(CORE_STR("sk"), CORE_STR("sky_")));
    assert_true(core_str_starts(none, none));
    assert_true(core_str_ends(CORE_STR("a.txt"), CORE_STR(".txt")));
    assert_false(core_str_ends(CORE_STR("txt"), CORE_STR(".txt")));
    assert_true(core_str_ends(none, none));
    assert_int_equal(core_str_hash(CORE_STR("")), 0xcbf29ce484222325u);
    assert_int_equal(core_str_hash(CORE_STR("a")), 0xaf63dc4c8601ec8cu);
}

static void lower_case_is_of_ascii(void **state)
{
    (void)state;
    char every[256], out[256];
    for (int i = 0; i < 256; i++)
        every[i] = (char)i;
    core_str_lower(core_strn(every, sizeof every), out);
    for (int i = 0; i < 256; i++)
        assert_int_equal(out[i], (char)(i >= 'A' && i <= 'Z' ? i + 32 : i));
    core_str_lower(none, out);
}

static void searching(void **state)
{
    (void)state;
    assert_int_equal(core_str_find(CORE_STR("hello world"), CORE_STR("o w")), 4);
    assert_int_equal(core_str_find(CORE_STR("hello"), CORE_STR("hello!")), -1);
    assert_int_equal(core_str_find(CORE_STR("a\0b\0c"), CORE_STR("\0c")), 3);
    assert_int_equal(core_str_find(none, none), 0);
    assert_int_equal(core_str_find(none, CORE_STR("x")), -1);
    assert_int_equal(core_str_find_byte(CORE_STR("abc"), 'c'), 2);
    assert_int_equal(core_str_find_byte(CORE_STR("abc"), 'd'), -1);
    assert_int_equal(core_str_find_byte(none, 'd'), -1);
}

static void trimming_and_splitting(void **state)
{
    (void)state;
    assert_true(core_str_eq_c(core_str_trim(CORE_STR(" \t a b\r\n")), "a b"));
    assert_int_equal(core_str_trim(CORE_STR(" \r\n")).len, 0);
    assert_int_equal(core_str_trim(none).len, 0);

    struct core_str s = CORE_STR("a,,b,");
    struct core_str part;
    assert_true(core_str_split(&s, ',', &part));
    assert_true(core_str_eq_c(part, "a"));
    assert_true(core_str_split(&s, ',', &part));
    assert_true(core_str_eq_c(part, ""));
    assert_true(core_str_split(&s, ',', &part));
    assert_true(core_str_eq_c(part, "b"));
    assert_false(core_str_split(&s, ',', &part));
    assert_true(core_str_eq_c(part, "b"));
}

static void integers(void **state)
{
    (void)state;
    int64_t v = 77;
    assert_int_equal(core_str_to_i64(CORE_STR("0"), 0, 9, &v), 0);
    assert_int_equal(v, 0);
    assert_int_equal(core_str_to_i64(CORE_STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v),
                     0);
    assert_true(v == INT64_MIN);
    assert_int_equal(core_str_to_i64(CORE_STR("9223372036854775807"), INT64_MIN, INT64_MAX, &v), 0);
    assert_true(v == INT64_MAX);
    const char *bad[] = {"",
                         "-",
                         "+1",
                         " 1",
                         "1 ",
                         "1a",
                         "0x1",
                         "9223372036854775808",
                         "-9223372036854775809",
                         "1e3",
                         "99999999999999999999999"};
    v = 77;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(core_str_to_i64(core_str(bad[i]), INT64_MIN, INT64_MAX, &v), CORE_EINVAL);
    assert_int_equal(core_str_to_i64(CORE_STR("10"), 0, 9, &v), CORE_EINVAL);
    assert_int_equal(core_str_to_i64(CORE_STR("-1"), 0, 9, &v), CORE_EINVAL);
    assert_int_equal(core_str_to_i64(CORE_STR("1\0"), 0, 9, &v), CORE_EINVAL);
    assert_int_equal(v, 77);
}

static void printed(int64_t value, const char *want)
{
    char out[CORE_I64_SIZE];
    assert_true(core_str_eq_c(core_strn(out, core_str_from_i64(value, out)), want));
}

static void integers_are_printed(void **state)
{
    (void)state;
    char out[CORE_I64_SIZE];
    printed(0, "0");
    printed(9, "9");
    printed(-10, "-10");
    printed(INT64_MAX, "9223372036854775807");
    printed(INT64_MIN, "-9223372036854775808");
    for (uint64_t power = 1;; power *= 10) { /* each length, both ends of it */
        for (uint64_t value = power - 1; value <= power + 1; value++) {
            char want[32];
            size_t want_len = (size_t)snprintf(want, sizeof want, "%llu",
                                               (unsigned long long)value);
            memset(out, '?', sizeof out);
            assert_int_equal(core_str_from_u64(value, out), want_len);
            assert_memory_equal(out, want, want_len);
            assert_true(want_len == sizeof out || out[want_len] == '?');
        }
        if (power > UINT64_MAX / 10)
            break;
    }
    size_t len = core_str_from_u64(UINT64_MAX, out);
    assert_true(core_str_eq_c(core_strn(out, len), "18446744073709551615"));
    /* Where a number gets a digit more, and not a byte behind it. */
    for (uint64_t ten = 1; ten < UINT64_MAX / 10; ten *= 10) {
        for (uint64_t value = ten * 10 - 2; value <= ten * 10 + 1; value++) {
            char want[CORE_I64_SIZE + 1], room[CORE_I64_SIZE + 1];
            memset(room, '#', sizeof room);
            len = core_str_from_u64(value, room);
            assert_int_equal(len, snprintf(want, sizeof want, "%" PRIu64, value));
            assert_memory_equal(room, want, len);
            assert_int_equal(room[len], '#');
        }
    }
}

static void printed_as_printf(double value, int digits)
{
    char want[64], out[CORE_DOUBLE_SIZE];
    snprintf(want, sizeof want, "%.*g", digits, value);
    size_t len = core_str_from_double(value, digits, out);
    if (strcmp(out, want) || len != strlen(want))
        fail_msg("%s instead of %s", out, want);
}

/* What has a short way to its text gets the text that all others get. */
static void short_decimals_are_printed_as_printf_does(void **state)
{
    (void)state;
    static const int digits[] = {5, 6, 15, 16, 17};
    for (unsigned i = 0; i <= 1001000; i++) {
        double exact = i / 1000.0;
        const double values[] = {exact,
                                 -exact,
                                 i * 0.001,
                                 exact + 0.0005,
                                 exact + 0.0004999999,
                                 nextafter(exact, 2000),
                                 nextafter(exact, -1)};
        printed_as_printf(exact, 6);
        for (size_t k = 0; i % 97 == 0 && k < sizeof values / sizeof *values; k++)
            for (size_t d = 0; d < sizeof digits / sizeof *digits; d++)
                printed_as_printf(values[k], digits[d]);
    }
    for (unsigned i = 0; i <= 1001000; i++) {
        double exact = i / 10000.0;
        printed_as_printf(exact, 6);
        for (size_t d = 0; i % 97 == 0 && d < sizeof digits / sizeof *digits; d++) {
            printed_as_printf(exact, digits[d]);
            printed_as_printf(exact + 0.00005, digits[d]);
            printed_as_printf(nextafter(exact, 2000), digits[d]);
        }
    }
    /* From 100 on six digits are not all that ten-thousandths have. */
    for (unsigned i = 1000000; i <= 10010000; i += 37)
        for (size_t d = 0; d < sizeof digits / sizeof *digits; d++)
            printed_as_printf(i / 10000.0, digits[d]);
    /* Shares and means, and what lies at the borders of the short ways. */
    for (unsigned i = 1; i <= 1000; i++)
        for (unsigned k = 1; k <= 1000; k++)
            printed_as_printf((double)i / k, 6);
    uint64_t dice = 1;
    for (unsigned i = 0; i < 1000000; i++) {
        dice = dice * 6364136223846793005u + 1442695040888963407u;
        printed_as_printf(pow(10, (double)(dice >> 11) / (double)(1ull << 53) * 14 - 7), 6);
    }
    for (double ten = 1e-6; ten < 1e8; ten *= 10)
        for (int i = -2; i <= 2; i++)
            printed_as_printf(ten * (1 + i * 1e-7) * (1 + i * 1e-16), 6);
    printed_as_printf(0.0, 6);
    printed_as_printf(-0.0, 6);
    printed_as_printf(NAN, 6);
    printed_as_printf(-INFINITY, 6);
}

static void check_doubles(void)
{
    double v = 7;
    assert_int_equal(core_str_to_double(CORE_STR("-1.5e3"), &v), 0);
    assert_true(v == -1500);
    assert_int_equal(core_str_to_double(CORE_STR("15E+2"), &v), 0);
    assert_true(v == 1500);
    assert_int_equal(core_str_to_double(CORE_STR("0.25"), &v), 0);
    assert_true(v == .25);
    const char *bad[] = {"",    ".5",    "1.", "1e",   "inf",   "nan", "0x1p3", " 1",
                         "1,5", "1e999", "+1", "1.5x", "1.5.2", "--1", "-"};
    v = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(core_str_to_double(core_str(bad[i]), &v), CORE_EINVAL);
    char longer[100];
    memset(longer, '1', sizeof longer);
    assert_int_equal(core_str_to_double(core_strn(longer, sizeof longer), &v), CORE_EINVAL);
    assert_true(v == 7);

    char out[CORE_DOUBLE_SIZE];
    assert_int_equal(core_str_from_double(0.5, 6, out), 3);
    assert_string_equal(out, "0.5");
    core_str_from_double(-1234567.0, 6, out);
    assert_string_equal(out, "-1.23457e+06");
    core_str_from_double(-2.2250738585072014e-308, 17, out);
    assert_string_equal(out, "-2.2250738585072014e-308");
}

static void doubles_in_any_locale(void **state)
{
    (void)state;
    check_doubles();
    const char *comma[] = {"de_DE.UTF-8", "cs_CZ.UTF-8", "fr_FR.UTF-8"};
    for (size_t i = 0; i < sizeof comma / sizeof *comma; i++)
        if (setlocale(LC_NUMERIC, comma[i]))
            check_doubles();
    setlocale(LC_NUMERIC, "C");
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(core_str_distance(none, none), 0);
    assert_int_equal(core_str_distance(none, CORE_STR("abc")), 3);
    assert_int_equal(core_str_distance(CORE_STR("abc"), none), 3);
    assert_int_equal(core_str_distance(CORE_STR("serve"), CORE_STR("serve")), 0);
    assert_int_equal(core_str_distance(CORE_STR("sevre"), CORE_STR("serve")), 1);
    assert_int_equal(core_str_distance(CORE_STR("kitten"), CORE_STR("sitting")), 3);
    assert_int_equal(core_str_distance(CORE_STR("ab"), CORE_STR("ba")), 1);
    char longer[65] = {0};
    assert_true(core_str_distance(core_strn(longer, 65), none) == SIZE_MAX);
    assert_int_equal(core_str_distance(core_strn(longer, 64), none), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparing),
        cmocka_unit_test(lower_case_is_of_ascii),
        cmocka_unit_test(searching),
        cmocka_unit_test(trimming_and_splitting),
        cmocka_unit_test(integers),
        cmocka_unit_test(integers_are_printed),
        cmocka_unit_test(short_decimals_are_printed_as_printf_does),
        cmocka_unit_test(doubles_in_any_locale),
        cmocka_unit_test(distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
