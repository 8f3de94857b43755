/* test_ground.c: which generated sentences may be shown, and where sentences end. */
#include "ai/cascade/ground.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct core_str evidence = CORE_STR(
    "sshd_config(5)\nPort\nSpecifies the port number that sshd(8) listens on. The default is "
    "22. The option -p of ssh names another one; see /etc/ssh/sshd_config. Root can not log "
    "in with a password by default. It was written by Tatu Ylonen.\n");

static bool shown(const char *sentence, const char *question)
{
    return ai_ground_supported(core_str(sentence), evidence, core_str(question), true);
}

static void supported_sentences_pass(void **state)
{
    (void)state;
    assert_true(shown("The default port is 22.", "What is the default port of ssh?"));
    assert_true(shown("Use the option -p to name another port.", "How do I use another port?"));
    assert_true(shown("It is set in /etc/ssh/sshd_config.", "Where is the port set?"));
    assert_true(shown("It was written by Tatu Ylonen.", "Who wrote it?"));
    assert_true(shown("No, root can not log in with a password.", "Can root log in?"));
}

static void inventions_do_not(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "The default port is 2222.",                 /* a number */
        "Use the option -P.",                        /* an option, by case */
        "It is set in /etc/sshd.conf.",              /* a path */
        "It was written by Linus Torvalds.",         /* a name */
        "The server encrypts all mail at midnight.", /* everything */
        "The default port.",                         /* only the question */
        "",
        "Yes.",
        "The default port is set with `sshd-config`.", /* what looks like a name */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (shown(bad[i], "What is the default port?"))
            fail_msg("shown: %s", bad[i]);
    assert_false(ai_ground_supported(CORE_STR("The port number is never 22."),
                                     CORE_STR("The port number is 22."), CORE_STR("Which number?"),
                                     true));
    assert_false(ai_ground_supported(CORE_STR("Guests mustn't park behind the house."),
                                     CORE_STR("Guests must park behind the house."),
                                     CORE_STR("Where can guests park?"), true));
    assert_false(ai_ground_supported(CORE_STR("Sie brauchen keinen Antrag beim Chef."),
                                     CORE_STR("Sie brauchen einen Antrag beim Chef."),
                                     CORE_STR("Was brauchen Sie beim Chef?"), true));
    assert_true(ai_ground_supported(CORE_STR("Use `tar`, which packs all files."),
                                    CORE_STR("Use tar, which packs all files."),
                                    CORE_STR("What is `tar`?"), true));
}

/* Of what the question names the evidence says nothing, but of another thing of its kind. */
static void others_of_a_kind_do_not(void **state)
{
    (void)state;
    struct core_str faults = CORE_STR("E15 means that the flue is blocked. Wait 10 minutes.");
    assert_true(ai_ground_supported(CORE_STR("E15 means that the flue is blocked."), faults,
                                    CORE_STR("What does E15 mean?"), true));
    assert_false(ai_ground_supported(CORE_STR("E24 means that the flue is blocked."), faults,
                                     CORE_STR("What does E24 mean?"), true));
    assert_true(ai_ground_supported(CORE_STR("Not 20 but wait 10 minutes."), faults,
                                    CORE_STR("Do I not wait 20 minutes?"), true));
}

static void what_is_asked_about_has_to_be_there(void **state)
{
    (void)state;
    struct core_str flight = CORE_STR("We fly on 12 July at 6:40 from Manchester to Bergen.");
    struct core_str ferry = CORE_STR(
        "The ferry leaves on 12 July at 6:40 from Manchester to Bergen.");
    assert_false(ai_ground_supported(ferry, flight, CORE_STR("When does the ferry leave?"), true));
    assert_true(ai_ground_supported(ferry, flight, CORE_STR("When does the ferry leave?"), false));
    assert_true(ai_ground_supported(CORE_STR("You fly on 12 July at 6:40."), flight,
                                    CORE_STR("When do we fly?"), true));
    /* In another form, by another word. */
    assert_true(ai_ground_supported(CORE_STR("The warranty lasts two years from the purchase."),
                                    CORE_STR("The guarantee lasts two years from the purchase."),
                                    CORE_STR("How long is the warranty?"), true));
    assert_true(ai_ground_supported(CORE_STR("Children must wear jackets."),
                                    CORE_STR("Jackets must be worn by children."),
                                    CORE_STR("What must children wear?"), true));
}

static void check_end(const char *text, bool whole, size_t want)
{
    assert_int_equal(ai_ground_sentence(core_str(text), whole), want);
}

static void sentences_end(void **state)
{
    (void)state;
    check_end("One. Two.", false, 4);
    check_end("One.", false, 0);
    check_end("One.", true, 4);
    check_end("Version 3.5 is", false, 0);
    check_end("Use e.g. this. Then", false, 14);
    check_end("He said \"no.\" Then", false, 13);
    check_end("You get 5.", true, 10);
    check_end("It is in room C. Then", false, 0);
    check_end("Soap, towels, etc.", true, 18);
    check_end("Die Frist ist 5. Danach", false, 16);
    check_end("It is **5 days.** Then", false, 17);
    check_end("Er sagt „ja.“ Dann", false, 17);
    check_end("See\ne.g. this. Then", false, 14);
    check_end("", true, 0);
    check_end("No end", true, 0);
}

static void prompts_are_capped(void **state)
{
    (void)state;
    static char text[4000];
    struct core_pool *pool = core_pool_new(1 << 20);
    struct ai_found_chunk chunk = {.name = CORE_STR("N")};
    struct ai_passages passages = {.count = 2};
    struct ai_message messages[2];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 2; i++)
        passages.at[i] = (struct ai_passage){.chunk = &chunk, .text = CORE_STR("Some words.")};
    assert_int_equal(
        ai_ground_prompt(&passages, CORE_STR("Be brief."), CORE_STR("What?"), pool, messages), 0);
    assert_true(core_str_find(messages[1].text, CORE_STR("From N: Some words.\n")) >= 0);
    assert_true(core_str_ends(messages[1].text, CORE_STR("Question: What?")));
    passages.at[0].text = passages.at[1].text = core_strn(text, sizeof text);
    assert_true(
        ai_ground_prompt(&passages, CORE_STR("Be brief."), CORE_STR("What?"), pool, messages) < 0);
    core_pool_free(pool);
}

static void what_lacks_the_code_is_not_shown(void **state)
{
    (void)state;
    struct ai_found_chunk chunk = {.name = CORE_STR("oven"), .heading = CORE_STR("DK7 faults")};
    struct ai_passages passages = {.count = 2};
    passages.at[0] = (struct ai_passage){.chunk = &chunk, .text = CORE_STR("E11: no sensor.")};
    passages.at[1] = (struct ai_passage){.chunk = &chunk, .text = CORE_STR("It is 24 months old.")};
    assert_true(ai_ground_shows(&passages, 0, CORE_STR("What is E11?")));
    assert_false(ai_ground_shows(&passages, 1, CORE_STR("What is E11?")));
    assert_true(ai_ground_shows(&passages, 1, CORE_STR("What is E12?")));
    assert_true(ai_ground_shows(&passages, 1, CORE_STR("How old is the DK7?")));
    assert_true(ai_ground_shows(&passages, 1, CORE_STR("What is 11?"))); /* a quantity */
    assert_true(ai_ground_echoes(&passages, CORE_STR("From oven: E11: no sensor.")));
    assert_false(ai_ground_echoes(&passages, CORE_STR("From Monday on it is warm.")));
    assert_false(ai_ground_echoes(&passages, CORE_STR("No sensor.")));
}

static void longer_answers_on_request(void **state)
{
    (void)state;
    assert_int_equal(ai_ground_tokens(CORE_STR("What is x?")), AI_GROUND_TOKENS);
    assert_int_equal(ai_ground_tokens(CORE_STR("Explain x")), AI_GROUND_TOKENS_MORE);
    assert_int_equal(ai_ground_tokens(CORE_STR("Vysvětli mi x")), AI_GROUND_TOKENS_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supported_sentences_pass),
        cmocka_unit_test(inventions_do_not),
        cmocka_unit_test(others_of_a_kind_do_not),
        cmocka_unit_test(what_is_asked_about_has_to_be_there),
        cmocka_unit_test(sentences_end),
        cmocka_unit_test(prompts_are_capped),
        cmocka_unit_test(what_lacks_the_code_is_not_shown),
        cmocka_unit_test(longer_answers_on_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
