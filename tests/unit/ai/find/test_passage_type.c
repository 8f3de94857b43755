/* test_passage_type.c: what kind of answer a question wants, and which sentence is one. */
#include "ai/find/passage_type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void kinds_of_answers(void **state)
{
    (void)state;
    static const struct {
        const char *question;
        enum ai_answer_type type;
    } cases[] = {
        {"Which option of tar lists the contents?", AI_ANSWER_OPTION},
        {"What is the default port of ssh?", AI_ANSWER_NUMBER},
        {"How many fields does a line have?", AI_ANSWER_NUMBER},
        {"Kolik paměti je potřeba?", AI_ANSWER_NUMBER},
        {"Wie lange dauert es?", AI_ANSWER_NUMBER},
        {"how heavy is the cat?", AI_ANSWER_NUMBER},
        {"Jak vysoká byla kauce?", AI_ANSWER_NUMBER},
        {"Was kostet eine Ladestation?", AI_ANSWER_NUMBER},
        {"Where are log files stored?", AI_ANSWER_PATH},
        {"Where is it moored?", AI_ANSWER_PLACE},
        {"Ve kterém souboru je heslo?", AI_ANSWER_PATH},
        {"Which command sets the affinity?", AI_ANSWER_COMMAND},
        {"When was Debian founded?", AI_ANSWER_DATE},
        {"deadline for the offer", AI_ANSWER_DATE},
        {"What does it cost per month?", AI_ANSWER_NUMBER},
        {"In which month does it open?", AI_ANSWER_DATE},
        {"Ve kterém roce vznikl?", AI_ANSWER_DATE},
        {"Who founded Debian?", AI_ANSWER_PERSON},
        {"How do I install a package?", AI_ANSWER_HOW},
        {"What is a FIFO?", AI_ANSWER_DEFINITION},
        {"co je APT", AI_ANSWER_DEFINITION},
        {"", AI_ANSWER_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (ai_answer_type(core_str(cases[i].question)) != cases[i].type)
            fail_msg("%s: %d", cases[i].question, ai_answer_type(core_str(cases[i].question)));
}

static float match(enum ai_answer_type type, const char *sentence)
{
    return ai_answer_match(type, core_str(sentence), AI_SENTENCE_PROSE);
}

static void shapes_of_answers(void **state)
{
    (void)state;
    assert_true(match(AI_ANSWER_OPTION, "Use --list or -t.") == 1);
    assert_true(match(AI_ANSWER_OPTION, "a well-known list - or so") == 0);
    assert_true(match(AI_ANSWER_NUMBER, "The default is 22.") == 1);
    assert_true(match(AI_ANSWER_NUMBER, "It has seven fields.") == 1);
    assert_true(match(AI_ANSWER_NUMBER, "It has fields.") == 0);
    assert_true(match(AI_ANSWER_PATH, "see /etc/fstab") == 1);
    assert_true(match(AI_ANSWER_PATH, "read/write") == 0);
    assert_true(match(AI_ANSWER_DATE, "It was founded in 1993 by him.") == 1);
    assert_true(match(AI_ANSWER_PERSON, "It was founded by Ian Murdock.") == 1);
    assert_true(match(AI_ANSWER_PERSON, "it was founded") == 0);
    assert_true(match(AI_ANSWER_PERSON, "Mr Hill, head teacher") == 1);
    assert_true(match(AI_ANSWER_DATE, "Doors open at 7:45.") > 0);
    assert_true(match(AI_ANSWER_DATE, "Wages come on the 28th.") > 0);
    assert_true(match(AI_ANSWER_DATE, "It holds 28 loaves.") == 0);
    assert_true(match(AI_ANSWER_DATE, "Vertragsbeginn: 1.4.2026") == 1);
    assert_true(match(AI_ANSWER_DATE, "Zápis je 12. 3. ve škole.") > 0);
    assert_true(match(AI_ANSWER_DATE, "Release 3.5.1 is out.") == 0);
    assert_true(match(AI_ANSWER_DATE, "It opens in May.") > 0);
    assert_true(match(AI_ANSWER_DATE, "May I open it? You may march in.") == 0);
    assert_int_equal(ai_answer_type(CORE_STR("What time does school start?")), AI_ANSWER_NUMBER);
    assert_true(match(AI_ANSWER_COMMAND, "taskset(1) does") == 1);
    for (int t = AI_ANSWER_OTHER; t <= AI_ANSWER_PERSON; t++) {
        match((enum ai_answer_type)t, "");
        /* What a word of marks alone folds to. */
        assert_false(ai_answer_type_word((enum ai_answer_type)t, core_str("")));
    }
    assert_false(ai_answer_common_word(core_str("")));
}

static void verbs_that_say_little(void **state)
{
    (void)state;
    static const char *const little[] = {"pay", "bekomme", "kostet", "dostala", "plati"};
    static const char *const much[] = {"repair", "kundigen", "vypovedet", "skonto"};
    for (size_t i = 0; i < sizeof little / sizeof *little; i++)
        assert_true(ai_answer_common_word(core_str(little[i])));
    for (size_t i = 0; i < sizeof much / sizeof *much; i++)
        assert_false(ai_answer_common_word(core_str(much[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_answers),
        cmocka_unit_test(shapes_of_answers),
        cmocka_unit_test(verbs_that_say_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
