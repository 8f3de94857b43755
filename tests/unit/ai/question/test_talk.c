/* test_talk.c: small talk, and questions that lean on the one before. */
#include "ai/question/followup.h"
#include "ai/question/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void greetings_are_no_questions(void **state)
{
    (void)state;
    enum ai_lang lang = AI_LANG_OTHER;
    assert_int_equal(ai_talk_recognise(CORE_STR("Hello!"), &lang), AI_TALK_GREETING);
    assert_int_equal(lang, AI_LANG_EN);
    assert_int_equal(ai_talk_recognise(CORE_STR("  Dobrý den. "), &lang), AI_TALK_GREETING);
    assert_int_equal(lang, AI_LANG_CS);
    assert_int_equal(ai_talk_recognise(CORE_STR("Danke"), &lang), AI_TALK_THANKS);
    assert_int_equal(ai_talk_recognise(CORE_STR("what can you do?"), &lang), AI_TALK_ABOUT);
    assert_int_equal(ai_talk_recognise(CORE_STR("Bye!"), &lang), AI_TALK_LEAVE);
    assert_int_equal(ai_talk_recognise(CORE_STR("Na shledanou"), &lang), AI_TALK_LEAVE);
    assert_int_equal(ai_talk_recognise(CORE_STR("Tschüss"), &lang), AI_TALK_LEAVE);
    assert_int_equal(lang, AI_LANG_DE);
    assert_int_equal(ai_talk_recognise(CORE_STR("hello, which port?"), &lang), AI_TALK_NONE);
    assert_int_equal(ai_talk_recognise(CORE_STR("2+2"), &lang), AI_TALK_NONE);
    assert_int_equal(ai_talk_recognise(CORE_STR(""), &lang), AI_TALK_NONE);
    assert_int_equal(ai_talk_recognise(CORE_STR("\xff\xfe"), &lang), AI_TALK_NONE);
    for (int t = AI_TALK_GREETING; t < AI_TALK_NONE; t++)
        for (int l = AI_LANG_EN; l <= AI_LANG_OTHER; l++)
            assert_true(ai_talk_text((enum ai_talk)t, (enum ai_lang)l).len > 5);
}

static void followups(void **state)
{
    (void)state;
    static const char *const lean[] = {
        "and for IPv6?",  "What about UDP?",      "Why?",
        "and on Debian?", "How do I disable it?", "What does that do?",
        "for IPv6?",      "a co IPv6?",           "A pro skupiny?",
        "Und mit SSH?",   "was ist mit IPv6?",
    };
    static const char *const alone[] = {
        "What is tar?",
        "How do I install a package?",
        "What is the default port of ssh?",
        "Jak nainstaluji balíček?",
        "Wie installiere ich ein Paket?",
        "Which packages does apt remove when it cleans the system that I use every day?",
        "A company car: who pays?",
        "¿Cuánto he pagado de alquiler?",
        "",
    };
    static const char *const refer[] = {"And the other one?", "Wie alt ist sie?",
                                        "Kdo ho koupil včera večer v obchodě?"};
    static const char *const complete[] = {"What is tar?", "Who bought the boat?", "\u0301"};
    for (size_t i = 0; i < sizeof refer / sizeof *refer; i++)
        if (!ai_followup_refers(core_str(refer[i])))
            fail_msg("complete: %s", refer[i]);
    for (size_t i = 0; i < sizeof complete / sizeof *complete; i++)
        if (ai_followup_refers(core_str(complete[i])))
            fail_msg("refers: %s", complete[i]);
    for (size_t i = 0; i < sizeof lean / sizeof *lean; i++)
        if (!ai_followup(core_str(lean[i])))
            fail_msg("stands alone: %s", lean[i]);
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        if (ai_followup(core_str(alone[i])))
            fail_msg("leans: %s", alone[i]);
}

static void the_same_of_another(void **state)
{
    (void)state;
    struct core_str old, new;
    static const char *const swaps[][4] = {
        {"What does error E15 mean?", "and E24?", "E15", "E24"},
        {"How high was the rent in 2023?", "And in 2024?", "2023", "2024"},
        {"Was bedeutet F22?", "und E107?", "F22", "E107"},
        {"How do I switch IPv6 off?", "and IPv4?", "IPv6", "IPv4"},
        {"What does house 3 cost?", "And house 6?", "3", "6"},
        {"What does house 3 cost?", "and for 6?", "3", "6"},
        {"What does it cost for 2 people?", "And for 6 people in July?", "2", "6"},
    };
    static const char *const keeps[][2] = {
        {"What does error E15 mean?", "and how do I reset it?"},
        {"What does error E15 mean?", "and within 24 hours?"},
        {"How high was the rent in 2023?", "and for 12 months?"},
        {"Does E15 differ from E16?", "and E24?"},
        {"What does house 3 cost?", "And what does it cost for 6 people?"},
        {"Was kostet Haus 3?", "Und was kostet es für 6 Personen?"},
        {"What does error E15 mean?", "and E15 after a reset?"},
        {"What is it?", "and E24?"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof swaps / sizeof *swaps; i++) {
        assert_true(ai_followup_swaps(core_str(swaps[i][0]), core_str(swaps[i][1]), &old, &new));
        assert_true(core_str_eq_c(old, swaps[i][2]) && core_str_eq_c(new, swaps[i][3]));
    }
    for (size_t i = 0; i < sizeof keeps / sizeof *keeps; i++)
        if (ai_followup_swaps(core_str(keeps[i][0]), core_str(keeps[i][1]), &old, &new))
            fail_msg("%s %s", keeps[i][0], keeps[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greetings_are_no_questions),
        cmocka_unit_test(followups),
        cmocka_unit_test(the_same_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
