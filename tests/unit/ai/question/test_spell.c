/* test_spell.c: slips of the finger: all of them are one step away, the one that was made is among
 * them; and only words that nobody can have meant are read as others. */
#include "ai/question/spell.h"

#include "genom/genom.h"
#include "tests/unit/ai/answer_fixture.h"

enum { DIM = 384, ROUNDS = 200 };

/* --- Slips ---------------------------------------------------------------------------------- */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The distance of Damerau and Levenshtein in which no letter moves twice. */
static unsigned distance(struct core_str a, struct core_str b)
{
    unsigned d[AI_SLIP_WORD + 2][AI_SLIP_WORD + 2];
    for (unsigned i = 0; i <= a.len; i++)
        for (unsigned j = 0; j <= b.len; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
                            d[i - 1][j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]));
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.len][b.len];
}

/* The likeliest of those that make this word. */
static const struct ai_slip *find(const struct ai_slip *slips, size_t count, const char *word)
{
    const struct ai_slip *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (core_str_eq_c(core_strn(slips[i].word, slips[i].len), word) &&
            (!best || slips[i].cost < best->cost))
            best = &slips[i];
    return best;
}

static void what_was_meant_is_among_the_slips(void **state)
{
    static const struct {
        const char *typed, *meant;
        unsigned cost;
    } cases[] = {
        {"craete", "create", 0},     {"passsword", "password", 0}, {"adress", "address", 0},
        {"hony", "honey", 1},        {"nught", "night", 1},        {"wich", "which", 1},
        {"seperate", "separate", 1}, {"aefinity", "affinity", 2},  {"ahve", "have", 1}};
    static struct ai_slip slips[AI_SLIPS_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count = ai_slips_of(core_str(cases[i].typed), slips);
        const struct ai_slip *s = find(slips, count, cases[i].meant);
        assert_non_null(s);
        assert_int_equal(s->cost, cases[i].cost);
    }
}

static void slips_are_one_step_away(void **state)
{
    static struct ai_slip slips[AI_SLIPS_MAX];
    uint32_t seed = 1;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        char word[AI_SLIP_WORD];
        size_t len = 3 + round % (AI_SLIP_WORD - 2);
        for (size_t i = 0; i < len; i++)
            word[i] = (char)('a' + (seed = seed * 1664525 + 1013904223) % 31 % 26);
        struct core_str typed = core_strn(word, len);
        size_t count = ai_slips_of(typed, slips);
        assert_true(count > 0 && count <= AI_SLIPS_MAX);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(distance(typed, core_strn(slips[i].word, slips[i].len)), 1);
            assert_true(slips[i].word[0] == word[0] || slips[i].at == 0);
        }
    }
}

static void other_words_have_no_slips(void **state)
{
    static struct ai_slip slips[AI_SLIPS_MAX];
    static const char *const words[] = {
        "", "te", "ls2x", "don't", "voilà", "приве", "abcdefghijklmnopqrstuvwxy"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(ai_slips_of(core_str(words[i]), slips), 0);
}

/* --- Questions ------------------------------------------------------------------------------ */

static int setup(void **state)
{
    static const char *const models[] = {NULL};
    char path[4096];
    struct genom_dict *dict = NULL;
    answer_setup(state);
    struct answer_fixture *f = *state;
    answer_index_open(f, DIM, models);
    const struct ai_index_chunk chunk = {
        1, CORE_STR("name"), CORE_STR("Boiler"), CORE_STR(""),
        CORE_STR(
            "Hannah reads the pressure of the boiler. Use viskodet, rsync or the hostname. It shows F.22.")};
    answer_put_chunk(f, "about", &chunk);
    snprintf(path, sizeof path, "%s/genom/genom.dict", getenv("SKY_DEPS"));
    assert_int_equal(genom_dict_open(path, &dict), 0);
    f->ai.options.genom = dict;
    return 0;
}

static int teardown(void **state)
{
    struct answer_fixture *f = *state;
    struct genom_dict *dict = (struct genom_dict *)(uintptr_t)f->ai.options.genom;
    answer_index_close(f);
    genom_dict_close(dict);
    return answer_teardown(state);
}

static void reads(struct answer_fixture *f, const char *typed, const char *meant, size_t words)
{
    struct ai_read_as read_as[AI_LIMIT_SPELL_WORDS];
    size_t count = 99;
    struct core_str got = ai_spell_question(&f->ai, f->pool, core_str(typed), AI_LANG_EN, read_as,
                                            &count);
    if (!core_str_eq_c(got, meant) || count != words)
        fail_msg("%s: read as %.*s, %zu words", typed, CORE_STR_ARG(got), count);
}

static void mistyped_words_are_read_as_meant(void **state)
{
    reads(*state, "What is the pressuer of the bolier?", "What is the pressure of the boiler?", 2);
    reads(*state, "Waht is it?", "what is it?", 1);
    reads(*state, "hwo is it used", "how is it used", 1);
    reads(*state, "How do I use viskodett?", "How do I use viskodet?", 1);
    reads(*state, "Where is the hostnme?", "Where is the hostname?", 1);
    reads(*state, "who is hanah", "who is hannah", 1);
    reads(*state, "Waht does F22 at the bolier mean?", "what does F.22 at the boiler mean?", 3);
}

static void what_may_be_meant_stays(void **state)
{
    static const char *const questions[] = {
        "What is the pressure of the boiler?",    /* it is there */
        "Does it gurgle in winter?",              /* the dictionary knows it */
        "Who is Hanah?",                          /* a name */
        "What is the pressuRe2 or the p2essure?", /* a capital inside, a digit */
        "the lvm of it",   /* of three letters only function words are made */
        "Is it rsinc?",    /* short, and no dictionary knows what it would be */
        "hvad er trykket", /* nothing is near */
        "",
    };
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        reads(*state, questions[i], questions[i], 0);
}

static void without_a_dictionary_all_stays(void **state)
{
    struct answer_fixture *f = *state;
    const struct genom_dict *dict = f->ai.options.genom;
    f->ai.options.genom = NULL;
    reads(f, "What is the pressuer?", "What is the pressuer?", 0);
    f->ai.options.genom = dict;
}

/* Only so many words are tried, and what is longer than all of them is read all the same. */
static void many_slips(void **state)
{
    reads(*state, "bolier bolier bolier bolier bolier", "boiler boiler boiler boiler bolier", 4);
}

static void counts_agree_with_single_ones(void **state)
{
    struct answer_fixture *f = *state;
    static struct ai_slip slips[AI_SLIPS_MAX];
    static struct core_str words[AI_SLIPS_MAX];
    static int64_t counts[AI_SLIPS_MAX];
    size_t count = ai_slips_of(CORE_STR("pressuer"), slips);
    unsigned there = 0;
    for (size_t i = 0; i < count; i++)
        words[i] = core_strn(slips[i].word, slips[i].len);
    assert_int_equal(ai_index_word_counts(f->ai.index, words, count, counts), 0);
    for (size_t i = 0; i < count; i++) {
        int64_t single = -1;
        assert_int_equal(ai_index_word_count(f->ai.index, words[i], &single), 0);
        assert_int_equal(counts[i], single);
        there += single > 0;
    }
    assert_true(there >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_meant_is_among_the_slips),
        cmocka_unit_test(slips_are_one_step_away),
        cmocka_unit_test(other_words_have_no_slips),
        cmocka_unit_test_setup_teardown(mistyped_words_are_read_as_meant, setup, teardown),
        cmocka_unit_test_setup_teardown(what_may_be_meant_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_dictionary_all_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(many_slips, setup, teardown),
        cmocka_unit_test_setup_teardown(counts_agree_with_single_ones, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
