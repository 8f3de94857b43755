/* test_shape.c: dates, phone numbers and the like, and what only looks like them. */
#include "ai/find/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool date, year;
    } cases[] = {
        {"on 12.3.2026", true, true},
        {"12. 3. 2026", true, true},
        {"am 12. 3. um zehn", true, false},
        {"until 31.12.", true, false},
        {"3/12/2026", true, true},
        {"12/31/2026", true, true},
        {"2026-03-12", true, true},
        {"12.3. and 2026-03-12", true, true},
        {"3.1. The tenant pays.", false, false},
        {"version 3.5.1", false, false},
        {"at 10.1.2.3", false, false},
        {"of 32.3.2026", false, false},
        {"12.13.2026", false, false},
        {"1/2 of it", false, false},
        {"1234567.3.2026", false, false},
        {"2026-13-01", false, false},
        {"12.", false, false},
        {"", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool year;
        if (ai_shape_date(core_str(cases[i].text), &year) != cases[i].date || year != cases[i].year)
            fail_msg("%s", cases[i].text);
    }
}

static void ways_to_reach_somebody(void **state)
{
    (void)state;
    static const char *const phones[] = {"+420 555 010 233", "call 0117 496 0233.",
                                         "Tel. (0911) 5550-42", "555010233", "0911/555 04 22"};
    static const char *const others[] = {
        "2026-03-12", "12. 3. 2026",           "room 233", "1,234,567.00", "0x12345678abcdef", "",
        "+",          "DE12345678901234567890"};
    for (size_t i = 0; i < sizeof phones / sizeof *phones; i++)
        if (!ai_shape_phone(core_str(phones[i])))
            fail_msg("%s", phones[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (ai_shape_phone(core_str(others[i])))
            fail_msg("%s", others[i]);
    assert_true(ai_shape_mail(CORE_STR("to a.b@example.org")));
    assert_false(ai_shape_mail(CORE_STR("two @ home, user@")));
}

static void other_shapes(void **state)
{
    (void)state;
    assert_true(ai_shape_path(CORE_STR("see ~/bin")) && ai_shape_path(CORE_STR("setup.py")));
    assert_false(ai_shape_path(CORE_STR("and/or 3.5")));
    assert_true(ai_shape_page(CORE_STR("tar(1)")));
    assert_false(ai_shape_page(CORE_STR("(1)")));
    assert_true(ai_shape_clock(CORE_STR("4:30")));
    assert_false(ai_shape_clock(CORE_STR("4:3 or 1:99")));
    assert_true(ai_shape_cents(CORE_STR("it was 612.40")));
    assert_false(ai_shape_cents(CORE_STR("it was 612.4")));
    assert_true(ai_shape_sign(CORE_STR("9 €"), CORE_STR("€")));
    assert_false(ai_shape_sign(CORE_STR("$HOME"), CORE_STR("$")));
    assert_true(ai_shape_time(CORE_STR("28th")));
    assert_false(ai_shape_time(CORE_STR("th")) || ai_shape_time(CORE_STR("2800th")));
    assert_true(core_str_eq_c(ai_shape_behind_number(CORE_STR("1.5kg")), "kg"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),
        cmocka_unit_test(ways_to_reach_somebody),
        cmocka_unit_test(other_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
