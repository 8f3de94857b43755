/* test_passage_unit.c: what the number that is asked for is a number of. */
#include "ai/find/passage_unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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
        {"How old is Felix?", AI_UNIT_AGE, "Felix is 4 years old.", "Call 0117 496 0905."},
        {"How old is grandfather?", AI_UNIT_AGE, "Born 3 May 1951.",
         "Not for less than 1,200,000."},
        {"Wie alt ist das Haus?", AI_UNIT_AGE, "Es wurde 1931 gebaut.", "Es hat 4 Zimmer."},
        {"Jak starý je Felix?", AI_UNIT_AGE, "Felixovi jsou 4 roky.", "Felix má 4 míče."},
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
        {"What is the phone number of the plumber?", AI_UNIT_PHONE, "Novak, 0117 496 0233",
         "Room 233"},
        {"Telefonnummer der Verwaltung", AI_UNIT_PHONE, "Tel. 0911/5550-42", "Flur 2"},
        {"Jaké je telefonní číslo na školu?", AI_UNIT_PHONE, "+420 555 010 233", "12. 3. 2026"},
        {"What is her e-mail address?", AI_UNIT_MAIL, "write to a.b@example.org", "ring her @ 5"},
        {"Can I use my phone at work?", AI_UNIT_ANY, "5", ""},
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
    assert_true(ai_answer_unit_alone(AI_UNIT_OFTEN) && !ai_answer_unit_needed(AI_UNIT_OFTEN));
    assert_true(ai_answer_unit_needed(AI_UNIT_MONEY) && !ai_answer_unit_alone(AI_UNIT_MONEY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(units_of_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
