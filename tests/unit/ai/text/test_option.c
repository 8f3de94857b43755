/* test_option.c: options in questions and in manuals. */
#include "ai/text/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void finds(const char *text, const char *expected)
{
    struct core_str options[4];
    char found[128] = "";
    size_t n = 0, count = ai_options_find(core_str(text), options, 4);
    for (size_t i = 0; i < count; i++)
        n += (size_t)snprintf(found + n, sizeof found - n, "%.*s;", CORE_STR_ARG(options[i]));
    assert_string_equal(found, expected);
}

static void options_of_a_text(void **state)
{
    (void)state;
    finds("What does rsync -a do?", "-a;");
    finds("--max-size=5 or \"--delete\"?", "--max-size;--delete;");
    finds("tar -x, -X/-z and -x again", "-x;-X;-z;");
    finds("ping -6 -c3", "-6;-c3;");
    finds("a well-known e-mail - not an option, nor -- this or --", "");
    finds("5-3, --5, -", "");
    finds("--trailing-", "--trailing;");
    finds("-a -b -c -d -e", "-a;-b;-c;-d;");
    finds("", "");
}

static void just_this_one(void **state)
{
    (void)state;
    assert_true(ai_option_named(core_str("--archive, -a"), CORE_STR("-a")));
    assert_true(ai_option_named(core_str("[-c directory] [-f flags]"), CORE_STR("-f")));
    assert_false(ai_option_named(core_str("--delete-after"), CORE_STR("--delete")));
    assert_false(ai_option_named(core_str("-A"), CORE_STR("-a")));
    assert_false(ai_option_named(core_str("non-a"), CORE_STR("-a")));
}

static void what_a_line_is_about(void **state)
{
    (void)state;
    struct core_str option = CORE_STR("-r");
    assert_true(ai_option_subject(core_str("  -R, --recurse, --recursive, -r"), option));
    assert_true(ai_option_subject(core_str("The -r option removes it."), option));
    assert_true(ai_option_subject(core_str("With -r it is removed."), option));
    assert_false(ai_option_subject(core_str("This goes on for a while before -r."), option));
    assert_false(ai_option_subject(core_str(""), option));
    assert_false(
        ai_option_subject(core_str("With option --delete-after it stays."), CORE_STR("--delete")));
    assert_true(ai_option_named(core_str("was macht „-r“ da, {-c|-r}"), option));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_a_text),
        cmocka_unit_test(just_this_one),
        cmocka_unit_test(what_a_line_is_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
