/* test_question.c: how much each word of a question says. */
#include "ai/find/retrieve.h"

#include "tests/unit/ai/answer_fixture.h"

enum { DIM = 384, FIRST = 1, CHUNKS = 20, FAR = 5000 };

static void put_chunk(struct answer_fixture *f, int64_t id)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title, heading,"
              " text) VALUES ($1, 'about', $1, 0, 4, 'name', 'title', '', 'engine')",
              STORE_I(id));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static int setup(void **state)
{
    static const char *const models[] = {NULL};
    answer_setup(state);
    struct answer_fixture *f = *state;
    answer_index_open(f, DIM, models);
    for (int64_t id = FIRST; id < FIRST + CHUNKS; id++)
        put_chunk(f, id);
    return 0;
}

static int teardown(void **state)
{
    answer_index_close(*state);
    return answer_teardown(state);
}

/* Of a word that nothing holds. */
static struct ai_term unknown(struct answer_fixture *f, const char *model)
{
    struct ai_found *found = core_alloc(sizeof *found);
    found->model = model;
    found->terms[found->term_count++] = (struct ai_term){.word = CORE_STR("tractor"), .weight = 1};
    ai_retrieve_weigh_terms(&f->ai, found);
    struct ai_term term = found->terms[0];
    assert_int_equal(term.chunks, 0);
    free(found);
    return term;
}

static void what_no_document_holds_is_rare_among_few_too(void **state)
{
    assert_true(unknown(*state, "minilm").rarity > .8f);
    assert_true(unknown(*state, NULL).rarity < .5f);
}

static void what_was_learned_and_left_changes_nothing(void **state)
{
    struct answer_fixture *f = *state;
    float before = unknown(f, NULL).rarity;
    put_chunk(f, FAR);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM chunk WHERE id > $1 AND id < $2", STORE_I(FIRST),
              STORE_I(FAR));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_true(unknown(f, NULL).rarity < before);
}

/* They fold to nothing, and nothing is alike everything. */
static void accents_alone_are_no_word(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_found *found = core_alloc(sizeof *found);
    ai_retrieve_question(&f->ai, 0, CORE_STR("\u0301\u0301\u0301 \u0301"), f->pool, found);
    assert_int_equal(found->term_count, 0);
    free(found);
}

static void words_are_alike_in_all_their_forms(void **state)
{
    static const struct {
        const char *a, *b;
        bool alike;
    } cases[] = {
        {"дом", "дог", false},       {"книга", "книги", true},   {"кран", "край", false},
        {"err404", "err405", false}, {"12345", "12346", false},  {"rs232", "rs232", true},
        {"heat", "heating", true},   {"bake", "baked", true},    {"bake", "baking", true},
        {"stop", "stopped", true},   {"plan", "planning", true}, {"clean", "cleaning", true},
        {"key", "keys", true},       {"str", "string", false},   {"r", "ring", false},
        {"bre", "bred", false},      {"wing", "wings", true},    {"red", "reed", false},
        {"offer", "offered", true},  {"th", "thing", false},     {"rat", "rating", false},
        {"hop", "hopping", true},    {"us", "used", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct core_str a = core_str(cases[i].a), b = core_str(cases[i].b);
        if (ai_word_alike(a, b) != cases[i].alike || ai_word_alike(b, a) != cases[i].alike)
            fail_msg("%s, %s", cases[i].a, cases[i].b);
    }
}

static void german_compounds_hold_their_parts(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_found *found = core_alloc(sizeof *found);
    ai_retrieve_question(&f->ai, 0, CORE_STR("Wie lautet die Nummer des Vertrags?"), f->pool,
                         found);
    found->lang = AI_LANG_DE;
    ai_terms all = ai_terms_in(found, CORE_STR("Nummer Vertrags"));
    assert_true(all != 0);
    assert_int_equal(ai_terms_in(found, CORE_STR("Vertragsnummer: BH-55")), all);
    assert_int_equal(ai_terms_in(found, CORE_STR("vertragsnummern gibt es")), 0);
    found->lang = AI_LANG_EN;
    assert_int_equal(ai_terms_in(found, CORE_STR("Vertragsnummer: BH-55")), 0);
    free(found);
}

static void acronyms_are_the_words_they_stand_for(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_found *found = core_alloc(sizeof *found);
    ai_retrieve_question(&f->ai, 0, CORE_STR("rent excluding VAT"), f->pool, found);
    ai_terms vat = ai_terms_in(found, CORE_STR("VAT"));
    assert_true(vat != 0);
    assert_int_equal(ai_terms_in(found, CORE_STR("exclusive of value added tax.")), vat);
    assert_int_equal(ai_terms_in(found, CORE_STR("very ancient and true")), 0);
    ai_retrieve_question(&f->ai, 0, CORE_STR("rent excluding vat"), f->pool, found);
    assert_int_equal(ai_terms_in(found, CORE_STR("exclusive of value added tax.")), 0);
    free(found);
}

static bool is_carried(const struct ai_found *found, const char *word)
{
    for (size_t i = 0; i < found->term_count; i++)
        if (core_str_eq_c(found->terms[i].word, word))
            return found->terms[i].carried;
    fail_msg("no term %s", word);
    return false;
}

/* Behind "when was the roof mended?" two ways to go on. */
static void questions_that_lean_ask_something_else(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_found *found = core_alloc(sizeof *found);
    ai_retrieve_question(&f->ai, 0, CORE_STR("When was the roof mended? and the chimney?"), f->pool,
                         found);
    assert_int_equal(found->type, AI_ANSWER_DATE);
    assert_false(is_carried(found, "roof"));
    const struct core_str before = CORE_STR("When was the roof mended?");
    ai_retrieve_leans(found, before, CORE_STR("and the chimney?"));
    assert_int_equal(found->type, AI_ANSWER_DATE);
    assert_true(is_carried(found, "roof") && !is_carried(found, "chimney"));
    ai_retrieve_weigh_terms(&f->ai, found);
    assert_true(found->terms[0].weight < found->terms[found->term_count - 1].weight);
    /* A slip is no word of the question before. */
    ai_retrieve_leans(found, before, CORE_STR("and the chimny?"));
    assert_true(is_carried(found, "roof") && !is_carried(found, "chimney"));
    ai_retrieve_question(&f->ai, 0, CORE_STR("When was the roof mended? and by whom?"), f->pool,
                         found);
    ai_retrieve_leans(found, before, CORE_STR("and by whom?"));
    assert_int_equal(found->type, AI_ANSWER_PERSON);
    assert_false(is_carried(found, "roof") || is_carried(found, "mended"));
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_alike_in_all_their_forms),
        cmocka_unit_test_setup_teardown(german_compounds_hold_their_parts, setup, teardown),
        cmocka_unit_test_setup_teardown(acronyms_are_the_words_they_stand_for, setup, teardown),
        cmocka_unit_test_setup_teardown(questions_that_lean_ask_something_else, setup, teardown),
        cmocka_unit_test_setup_teardown(what_no_document_holds_is_rare_among_few_too, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_was_learned_and_left_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(accents_alone_are_no_word, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
