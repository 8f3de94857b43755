/* test_scan.c: the quick way to read a short word and the byte by byte way agree on everything. */
#include "genom/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void both_ways_agree(void **state)
{
    static const char some[] = "abzAZ'@[`{ \x80\xff\0x";
    char text[24];
    unsigned longest = 0;
    (void)state;
    srandom(5);
    for (unsigned round = 0; round < 200000; round++) {
        struct genom__short quick, slow;
        size_t avail = 1 + (size_t)random() % sizeof text;
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = random() % 8 ? (char)("aB"[random() % 2] + random() % 25)
                                   : some[(size_t)random() % sizeof some];
        genom__scan(text, avail, &quick);
        genom__scan_bytes(text, avail, &slow);
        assert_int_equal(quick.len, slow.len);
        assert_int_equal(quick.casing, slow.casing);
        assert_true(quick.a == slow.a && quick.b == slow.b);
        if (quick.len > longest)
            longest = quick.len;
    }
    assert_int_equal(longest, GENOM__SCAN);
}

static void words_are_read(void **state)
{
    struct genom__short s;
    (void)state;
    genom__scan("Don't stop", 10, &s);
    assert_int_equal(s.len, 5);
    assert_int_equal(s.casing, 1);
    assert_true(s.a == 0x74276e6f64);
    genom__scan("DOGS' ", 6, &s);
    assert_int_equal(s.len, 4);
    assert_int_equal(s.casing, 2);
    genom__scan("aB", 2, &s);
    assert_int_equal(s.casing, 3);
    genom__scan("A", 1, &s);
    assert_int_equal(s.casing, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_agree),
        cmocka_unit_test(words_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
