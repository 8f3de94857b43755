/* test_passage.c: which sentence of a text answers, and what is shown around it. */
#include "ai/find/passage.h"

#include "tests/unit/ai/answer_fixture.h"

static int setup(void **state)
{
    static const char *const models[] = {"minilm", NULL};
    answer_setup(state);
    answer_index_open(*state, 384, models);
    return 0;
}

static int teardown(void **state)
{
    answer_index_close(*state);
    return answer_teardown(state);
}

/* The best passage of one text, without any vectors; empty when nothing in it may answer. */
static struct core_str best(struct answer_fixture *f, const char *question, const char *text)
{
    struct ai_found *found = core_alloc(sizeof *found);
    struct ai_passages *passages = core_alloc(sizeof *passages);
    struct ai_found_chunk chunk = {.text = core_str(text),
                                   .name = CORE_STR("notes"),
                                   .title = CORE_STR("House notes"),
                                   .heading = CORE_STR(""),
                                   .content_id = CORE_STR("c"),
                                   .cosine = -1,
                                   .keyword_rank = 1};
    ai_retrieve_question(&f->ai, 0, core_str(question), f->pool, found);
    found->chunks = &chunk;
    found->count = 1;
    assert_int_equal(ai_passages_choose(&f->ai, found, f->pool, passages), 0);
    struct core_str shown = passages->count ? passages->at[0].text : CORE_STR("");
    free(passages);
    free(found);
    return shown;
}

static void check_all(void **state, const char *const (*cases)[3], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct core_str shown = best(*state, cases[i][0], cases[i][1]);
        if (!core_str_eq_c(shown, cases[i][2]))
            fail_msg("%s: %.*s", cases[i][0], CORE_STR_ARG(shown));
    }
}

static void what_is_shown_around_a_sentence(void **state)
{
    static const char *const cases[][3] = {
        {"Where is the water turned clockwise?",
         "- Fuse box: in the hall.\n- Water tap: in the cellar. Turn the water clockwise.",
         "- Water tap: in the cellar. Turn the water clockwise."},
        {"How is the standby promoted?",
         "Nothing else.\n\nThe standby is promoted so:\n\n    ssh db-02\n    pg_ctl promote\n    exit\n\nThen rest.",
         "The standby is promoted so: ssh db-02 pg_ctl promote exit"},
        {"What does --quiet do?", "--loud\n  Says more.\n\n--quiet\n  Says nothing at all.",
         "--quiet Says nothing at all."},
        {"When is the MOT due?",
         "- MOT due: 22 October 2027\n- Tyre pressure: 2.3 bar\n- Tyres: in the cellar.",
         "- MOT due: 22 October 2027"},
        {"Who was elected?",
         "1. Anna was elected by all. She thanked them.\n2. The boat costs 900 euros.",
         "1. Anna was elected by all. She thanked them."},
        {"What is the excess?",
         "Contents insured: 65,000\nExcess: 250 for each claim\nTerm: a year",
         "Excess: 250 for each claim"},
        {"What goes into the dough?", "The dough takes\n\n- flour for the dough\n- butter\n- sugar",
         "- flour for the dough - butter - sugar"},
        {"When is the meeting?", "The meeting is on 9 April 2026. Bring bread. It lasts long.",
         "The meeting is on 9 April 2026."},
    };
    check_all(state, cases, sizeof cases / sizeof *cases);
}

static void rows_know_their_columns(void **state)
{
    static const char *const fees = "Basic | Family (up to age 26) | Student\n"
                                    "Monthly fee | €3.90 | €9.80 | free\n"
                                    "Card | €1.00 | included | free";
    static const char *const cases[][3] = {
        {"monthly fee of the family account", "",
         "Basic | Family (up to age 26) | Student\nMonthly fee | €3.90 | €9.80 | free"},
        {"first answer of SEV2",
         "Severity | Meaning | First answer\nSEV1 | all is down | 10 minutes\nSEV2 | some is down | 30 minutes",
         "Severity | Meaning | First answer\nSEV2 | some is down | 30 minutes"},
        {"weight of the press", "Width | 40 cm\nWeight | 2,350 kg", "Weight | 2,350 kg"},
        {"revenue of the branch in 2024", "| 2023 | 2024\nRevenue | 110 | 120\nCosts | 90 | 95",
         "| 2023 | 2024\nRevenue | 110 | 120"},
        {"when is the showroom in Zittau open",
         "Showroom | Open\nLiberec | Mon to Fri\nZittau | Wed and Sat",
         "Showroom | Open\nZittau | Wed and Sat"},
        {"which boats does Hanke keep",
         "Boat | Keeper | Built\nLausche | Hanke | 1998\nBerg | Adler | 2004\nRotstein | Hanke | 2011",
         "Boat | Keeper | Built\nLausche | Hanke | 1998\nRotstein | Hanke | 2011"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct core_str shown = best(*state, cases[i][0], *cases[i][1] ? cases[i][1] : fees);
        if (!core_str_eq_c(shown, cases[i][2]))
            fail_msg("%s: %.*s", cases[i][0], CORE_STR_ARG(shown));
    }
}

static void what_stands_behind_a_label(void **state)
{
    static const char *const mail =
        "From: Ann Bolt <ann@example.org>\nTo: Cyril Dent <cyril@example.org>\n"
        "Date: Thu, 14 Mar 2024 17:41:55 +0100\n\nVouchers are sent soon.";
    assert_true(
        core_str_starts(best(*state, "Who sent the mail?", mail), CORE_STR("From: Ann Bolt")));
    assert_true(
        core_str_starts(best(*state, "When was the mail sent?", mail), CORE_STR("Date: Thu")));
    assert_true(core_str_starts(best(*state, "What is the phone number of Tom Birch?",
                                     "The tyres are in the cellar of Tom Birch.\n\nTom Birch mends "
                                     "it. His number is 01632 960 144."),
                                CORE_STR("Tom Birch mends it. His number")));
    assert_true(core_str_starts(
        best(*state, "What is the customer number?",
             "A customer came by and wanted a number of things.\nCustomer number: 50442"),
        CORE_STR("Customer number: 50442")));
}

static void what_may_not_answer(void **state)
{
    assert_int_equal(best(*state, "What is the house notes about?", "House notes").len, 11);
    assert_false(core_str_starts(
        best(*state, "What is in the house notes?", "House notes\n\nThe house has a roof."),
        CORE_STR("House notes")));
    assert_true(core_str_find(best(*state, "Where is the key?",
                                   "Where is the key?\nThe key is under the stool."),
                              CORE_STR("The key is under")) >= 0);
    assert_int_equal(best(*state, "Where is the key?", "").len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_shown_around_a_sentence, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_know_their_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(what_stands_behind_a_label, setup, teardown),
        cmocka_unit_test_setup_teardown(what_may_not_answer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
