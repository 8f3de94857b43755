/* test_joined.c: codes, numbers and words that question and documents write in other pieces. */
#include "ai/question/joined.h"

#include "tests/unit/ai/answer_fixture.h"

enum { DIM = 384 };

static int setup(void **state)
{
    static const char *const models[] = {NULL};
    answer_setup(state);
    struct answer_fixture *f = *state;
    answer_index_open(f, DIM, models);
    const struct ai_index_chunk chunk = {
        1, CORE_STR("name"), CORE_STR("House"), CORE_STR(""),
        CORE_STR(
            "F.22 means low pressure. The car is WX71 KLD, policy AM-4471-093-26. Wi-Fi is up; "
            "the rent is 1,710 pounds. Take the motor or the bike to gate QX77 at 12 75.")};
    answer_put_chunk(f, "about", &chunk);
    return 0;
}

static int teardown(void **state)
{
    answer_index_close(*state);
    return answer_teardown(state);
}

/* The first of the words, or of the pairs of words, that is read as another: "typed=as"; or "". */
static const char *read_in(struct answer_fixture *f, enum ai_lang lang, const char *question)
{
    static char out[64];
    struct core_str text = core_str(question);
    struct ai_words words;
    struct ai_word before, w;
    struct ai_read_as read;
    unsigned left = 3;
    out[0] = 0;
    ai_words_init(&words, text);
    for (bool second = false; ai_words_next(&words, &w); before = w, second = true)
        if (ai_joined_read(&f->ai, f->pool, text, lang, second ? &before : NULL, &w, &left,
                           &read)) {
            snprintf(out, sizeof out, "%.*s=%.*s", CORE_STR_ARG(read.typed), CORE_STR_ARG(read.as));
            break;
        }
    return out;
}

static const char *read_as(struct answer_fixture *f, const char *question)
{
    return read_in(f, AI_LANG_EN, question);
}

static void other_pieces_are_found(void **state)
{
    static const struct {
        const char *question, *as;
    } cases[] = {
        {"boiler shows F22", "F22=F.22"},       {"whose car is wx71kld?", "wx71kld=WX71 KLD"},
        {"policy AM4471", "AM4471=AM-4471"},    {"is the wifi up", "wifi=Wi-Fi"},
        {"who pays 1710 pounds", "1710=1,710"}, {"where is gate QX-77?", "QX-77=qx77"},
        {"gate qx 77", "qx 77=qx77"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(read_as(*state, cases[i].question), cases[i].as);
}

static void what_may_be_meant_stays(void **state)
{
    static const char *const questions[] = {
        "What does F.22 mean?",   /* as it stands */
        "is the motorbike there", /* no hyphen */
        "boiler shows F23",
        "the car WX7 1KLD",
        "at 1275", /* no thousands */
        "who pays 17100",
        "policy AM447",
        "A11 B12 C13 F22", /* too many */
        "",
    };
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        assert_string_equal(read_as(*state, questions[i]), "");
}

static void compounds_are_cut(void **state)
{
    struct answer_fixture *f = *state;
    static const struct ai_index_chunk chunks[] = {
        {2, CORE_STR("name"), CORE_STR("Haus"), CORE_STR(""),
         CORE_STR("Programm Kurz dauert 30 Minuten. Die Frist einer Kündigung ist ein Monat.")},
        {3, CORE_STR("name"), CORE_STR("Tor"), CORE_STR(""),
         CORE_STR("Der Meister schließt das Tor um acht.")},
        {4, CORE_STR("name"), CORE_STR("Menu"), CORE_STR(""),
         CORE_STR("The menu is at the start of the page.")}};
    static const char *const contents[] = {"haus", "tor", "menu"};
    static const struct {
        const char *question, *as;
    } cases[] = {
        {"Dauer Kurzprogramm", "Kurzprogramm=Kurz programm"},
        {"wie lang ist die kündigungsfrist", "kündigungsfrist=kündigung frist"},
        {"was tut der Hausmeister", ""}, /* no passage has both */
        {"was ist ein Programmfehler", ""},
        {"wo ist das Startmenu", ""}, /* no German one */
        {"wann ist Kündigung", ""},
        {"das Kurz", ""},
    };
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
        answer_put_chunk(f, contents[i], &chunks[i]);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(read_in(f, AI_LANG_DE, cases[i].question), cases[i].as);
    assert_string_equal(read_in(f, AI_LANG_EN, cases[0].question), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(other_pieces_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(what_may_be_meant_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(compounds_are_cut, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
