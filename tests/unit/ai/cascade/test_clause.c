/* test_clause.c: a number is only taken for what it is said of. */
#include "ai/cascade/clause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char excess[] = "Excess: 250 GBP for each claim; 1,000 GBP for subsidence. Single "
                             "articles above 1,500 GBP have to be named.";
static const char hours[] = "Open Monday 9 to 12, Tuesday 14 to 18.\nThe bell costs 5 euros.";

static void numbers_keep_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *evidence, *sentence;
        bool supported;
    } cases[] = {
        {excess, "The excess for subsidence is 250 GBP.", false},
        {excess, "The excess for subsidence is 1,000 GBP.", true},
        {excess, "The excess is 250 GBP for each claim.", true},
        {excess, "For each claim the excess is 1,000 GBP.", false},
        {excess, "It is 250 GBP for each claim and 1,000 GBP for subsidence.", true},
        {excess, "Articles above 1,500 GBP have to be named.", true},
        {hours, "On Tuesday it is open from 9 to 12.", false},
        {hours, "On Tuesday it is open from 14 to 18.", true},
        {hours, "It is open on Monday from 9 to 12.", true},
        {hours, "The bell costs 5 euros.", true},
        {"On 3 May, 45 people came.", "45 people came on 3 May.", true},
        {"Die Miete beträgt 700 Euro, die Kaution 1.400 Euro.", "Die Kaution beträgt 700 Euro.",
         false},
        {"Die Miete beträgt 700 Euro, die Kaution 1.400 Euro.", "Die Kaution beträgt 1.400 Euro.",
         true},
        {hours, "There are 77 of them on Tuesday.", true},
        {"", "It is 5.", true},
        {hours, "", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (ai_clause_supported(core_str(cases[i].sentence), core_str(cases[i].evidence)) !=
            cases[i].supported)
            fail_msg("%s", cases[i].sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_keep_their_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
