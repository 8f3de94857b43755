/* test_talk.c: small talk, questions that lean on the one before, what kind of answer is wanted. */
#include "ai/find/passage_type.h"
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
        "",
    };
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
    };
    static const char *const keeps[][2] = {
        {"What does error E15 mean?", "and how do I reset it?"},
        {"What does error E15 mean?", "and within 24 hours?"},
        {"How high was the rent in 2023?", "and for 12 months?"},
        {"Does E15 differ from E16?", "and E24?"},
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
    assert_int_equal(ai_answer_type(CORE_STR("What time does school start?")), AI_ANSWER_NUMBER);
    assert_true(match(AI_ANSWER_COMMAND, "taskset(1) does") == 1);
    for (int t = AI_ANSWER_OTHER; t <= AI_ANSWER_PERSON; t++) {
        match((enum ai_answer_type)t, "");
        /* What a word of marks alone folds to. */
        assert_false(ai_answer_type_word((enum ai_answer_type)t, core_str("")));
    }
    assert_false(ai_answer_common_word(core_str("")));
}

static void units_of_answers(void **state)
{
    (void)state;
    static const struct {
        const char *question;
        enum ai_answer_unit unit;
        const char *with, *without;
    } cases[] = {
        {"how much rent do we pay", AI_UNIT_MONEY, "It is 1,485 pounds.", "Call 0117 496 0233."},
        {"Jak drahý je ten stůl?", AI_UNIT_MONEY, "stůl | 780 Kč", "stůl | 90 cm"},
        {"Was kostet das Rad?", AI_UNIT_MONEY, "Rad | 3.077,95", "Rad | 29 Zoll"},
        {"price of the lamp", AI_UNIT_MONEY, "It was £9.", "It has 9 bulbs."},
        {"price of the lamp", AI_UNIT_MONEY, "9 € each", "$ lamp --on $HOME"},
        {"How old is Felix?", AI_UNIT_SPAN, "Felix is 4 years old.", "Call 0117 496 0905."},
        {"Wie lange schmort das?", AI_UNIT_SPAN, "90 Minuten schmoren", "Für 4 Rouladen"},
        {"how long is the hike", AI_UNIT_SPAN, "It is 27km there.", "It is walk 14."},
        {"Jak těžká je pračka?", AI_UNIT_WEIGHT, "Hmotnost 73 kg", "Příkon 2200 W"},
        {"how loud is it", AI_UNIT_LOUDNESS, "Noise: 42 dB", "It has 3 motors."},
        {"At what temperature is it kept?", AI_UNIT_HEAT, "Below 25 °C.", "Below 25 m."},
        {"Wie warm muss es sein?", AI_UNIT_HEAT, "15 Grad", "15 Euro"},
        {"What time does it open?", AI_UNIT_CLOCK, "It opens at 7:45.", "It opens in 7 days."},
        {"Um wie viel Uhr ist Ruhe?", AI_UNIT_CLOCK, "ab 22 Uhr", "ab 22 Euro"},
        {"How often is it fed?", AI_UNIT_OFTEN, "Fed daily.", "Feed 50 g of it."},
        {"Jak často se zalévá?", AI_UNIT_OFTEN, "každý týden", "dva litry"},
        {"How long is it valid?", AI_UNIT_SPAN, "Valid until 31 March.", "Offer 117."},
        {"How quickly do they come?", AI_UNIT_SPAN, "within 15 minutes", "15 people"},
        {"how many days may I pay late", AI_UNIT_ANY, "5", ""},
        {"how much salt goes in", AI_UNIT_ANY, "1.5 kg", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum ai_answer_unit unit = ai_answer_unit(core_str(cases[i].question));
        if (unit != cases[i].unit)
            fail_msg("%s: %d", cases[i].question, unit);
        assert_true(ai_answer_unit_match(unit, core_str(cases[i].with)) == 1);
        float without = ai_answer_unit_match(unit, core_str(cases[i].without));
        assert_true(unit == AI_UNIT_ANY ? without == 1 : without < .5f);
    }
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
        cmocka_unit_test(greetings_are_no_questions), cmocka_unit_test(followups),
        cmocka_unit_test(the_same_of_another),        cmocka_unit_test(kinds_of_answers),
        cmocka_unit_test(shapes_of_answers),          cmocka_unit_test(units_of_answers),
        cmocka_unit_test(verbs_that_say_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
