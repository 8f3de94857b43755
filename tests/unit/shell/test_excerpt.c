/* test_excerpt.c: the part of a passage that is shown begins a little before what was asked for. */
#include "shell/excerpt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool hit(const char *word, const char *words)
{
    return shell_excerpt_hit(core_str(word), core_str(words));
}

static void a_word_is_hit_in_its_forms(void **state)
{
    (void)state;
    assert_true(hit("Kaution", "kaution"));
    assert_true(hit("KÁVA", "kava"));
    assert_true(hit("cafe\xcc\x81", "café"));
    assert_true(hit("Kautionskonto", "Die Kaution?"));
    assert_true(hit("boat", "boats"));
    assert_true(hit("smlouvou", "smlouva"));
    assert_true(hit("2026", "invoice 2026-01"));
    assert_false(hit("this", "thin"));
    assert_false(hit("theatre", "th"));
    assert_false(hit("20261", "2026"));
    assert_false(hit("Kauz", "Kaution"));
    assert_false(hit("x", ""));
    assert_false(hit("\xff", "\xff\xc3"));
}

static const char lease[] =
    "The monthly rent is 485 euros, and 140 euros are paid for heating, water and the caretaker.\n"
    "It is due on the third working day of each month, to the account that the landlord named.\n"
    "2 Deposit\nThe deposit is 970 euros and is kept in a savings account.";

/* What is shown when the words are searched for. */
static const char *shown(const char *words)
{
    return lease + shell_excerpt_begin(core_str(lease), core_str(words), 100);
}

static void starts(const char *text, const char *prefix)
{
    if (!core_str_starts(core_str(text), core_str(prefix))) {
        assert_string_equal(text, prefix);
    }
}

static void it_begins_a_little_before_the_word(void **state)
{
    (void)state;
    starts(shown("DEPOSIT"), "2 Deposit\n");
    starts(shown("landlord"), "third working day of each month, to the account that the landlord");
    starts(shown("caretaker"),
           "euros, and 140 euros are paid for heating, water and the caretaker");
    starts(shown("rent"), "The monthly rent");
    starts(shown("zebra"), "The monthly rent");
    starts(shown(""), "The monthly rent");
    assert_int_equal(shell_excerpt_begin(CORE_STR(""), CORE_STR("x"), 100), 0);
}

static void it_holds_the_most_of_the_words(void **state)
{
    (void)state;
    starts(shown("euros savings"), "The deposit is 970");
    /* That very word, not the earlier one that is like it. */
    starts(shown("accounts savings"), "The deposit is 970");
    assert_true(shell_excerpt_holds(core_str(lease), CORE_STR("zebra savings")));
    assert_false(shell_excerpt_holds(core_str(lease), CORE_STR("zebra")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_hit_in_its_forms),
        cmocka_unit_test(it_begins_a_little_before_the_word),
        cmocka_unit_test(it_holds_the_most_of_the_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
