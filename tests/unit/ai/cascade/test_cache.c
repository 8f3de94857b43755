/* test_cache.c: what L0 finds, what it must not find, and when entries fall. */
#include "tests/unit/ai/answer_fixture.h"

#include "ai/cascade/cache.h"

static struct ai_cache_key key_of(const char *owner, unsigned level, const char *context,
                                  const char *question)
{
    struct ai_cache_key key;
    struct ai_cache_scope scope = {.mode = AI_ASK_DOCUMENTS,
                                   .owner = core_str(owner),
                                   .model = "skyai",
                                   .level_max = level,
                                   .context = core_str(context)};
    ai_cache_key(&scope, core_str(question), &key);
    return key;
}

/* Unit vectors: axis n, leaning towards axis 0 by `lean`. */
static void vector_of(unsigned axis, float lean, float *out)
{
    memset(out, 0, AI_EMBED_DIMENSIONS * sizeof *out);
    out[axis] = 1 - lean;
    out[0] += lean;
}

static void put(struct answer_fixture *f, const char *question, const char *content, bool answered,
                unsigned axis, const char *generation)
{
    struct ai_cache_key key = key_of("owner", 2, "", question);
    struct ai_citation citation = {.source = {.title = CORE_STR("T"),
                                              .location = CORE_STR("L"),
                                              .quote = CORE_STR("Q \"quoted\" \xc5\x99"),
                                              .start = 5,
                                              .end = 9,
                                              .score = .5},
                                   .content_id = core_str(content)};
    struct ai_cache_entry entry = {.text = CORE_STR("answer"),
                                   .answered = answered,
                                   .generated = true,
                                   .confidence = .75,
                                   .sources = &citation,
                                   .source_count = content[0] != '\0'};
    float vector[AI_EMBED_DIMENSIONS];
    vector_of(axis, 0, vector);
    core_id_new(f->ai.env, entry.id);
    struct ai_cache_new n = {.key = &key,
                             .owner = CORE_STR("owner"),
                             .question = core_str(question),
                             .entry = &entry,
                             .generation = generation,
                             .model = "minilm",
                             .vector = vector,
                             .dimensions = AI_EMBED_DIMENSIONS};
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    ai_cache_put(batch, f->ai.env, &n);
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static int get(struct answer_fixture *f, const char *question, struct ai_cache_entry *ret)
{
    struct ai_cache_key key = key_of("owner", 2, "", question);
    return ai_cache_exact(&f->ai, &key, f->pool, ret);
}

static void exact_entry_comes_back(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_cache_entry e;
    answer_add_document(f, "c1");
    put(f, "what is x", "c1", true, 1, "0");
    assert_int_equal(get(f, "what is x", &e), 0);
    assert_true(core_str_eq_c(e.text, "answer"));
    assert_true(e.answered && e.generated);
    assert_true(e.confidence == .75);
    assert_int_equal(e.source_count, 1);
    assert_true(core_str_eq_c(e.sources[0].source.document, "/doc/c1"));
    assert_true(core_str_eq_c(e.sources[0].source.quote, "Q \"quoted\" \xc5\x99"));
    assert_int_equal(e.sources[0].source.end, 9);
    assert_int_equal(get(f, "what is y", &e), CORE_ENOTFOUND);
}

static void scopes_do_not_mix(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_cache_entry e;
    struct ai_cache_key keys[] = {
        key_of("other", 2, "", "what is x"), key_of("owner", 1, "", "what is x"),
        key_of("owner", 2, "what is", " x"), key_of("owner", 2, "before", "what is x")};
    float v[AI_EMBED_DIMENSIONS];
    vector_of(1, 0, v);
    answer_add_document(f, "c1");
    put(f, "what is x", "c1", true, 1, "0");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_int_equal(ai_cache_exact(&f->ai, &keys[i], f->pool, &e), CORE_ENOTFOUND);
        assert_int_equal(ai_cache_near(&f->ai, &keys[i], CORE_STR("what is x"), "minilm", v,
                                       AI_EMBED_DIMENSIONS, f->pool, &e),
                         CORE_ENOTFOUND);
    }
}

static void near_needs_vector_and_guard(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_cache_entry e;
    struct ai_cache_key key = key_of("owner", 2, "", "whatever");
    float same[AI_EMBED_DIMENSIONS], far[AI_EMBED_DIMENSIONS];
    struct core_str reworded = CORE_STR("How can I enable firewalls?");
    vector_of(1, .1f, same);
    vector_of(2, 0, far);
    answer_add_document(f, "c1");
    put(f, "How do I enable the firewall?", "c1", true, 1, "0");
    const struct {
        struct core_str question;
        const float *vector;
        const char *model;
        int want;
    } cases[] = {{reworded, same, "minilm", 0},
                 {reworded, far, "minilm", CORE_ENOTFOUND},
                 {reworded, same, "e5", CORE_ENOTFOUND},
                 {CORE_STR("How do I disable the firewall?"), same, "minilm", CORE_ENOTFOUND}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ai_cache_near(&f->ai, &key, cases[i].question, cases[i].model,
                                       cases[i].vector, AI_EMBED_DIMENSIONS, f->pool, &e),
                         cases[i].want);
}

static void entries_fall_with_their_source(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_cache_entry e;
    answer_add_document(f, "c1");
    answer_add_document(f, "c2");
    put(f, "one", "c1", true, 1, "0");
    put(f, "two", "c2", true, 2, "0");
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    ai_cache_forget_content(batch, CORE_STR("c1"));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_int_equal(get(f, "one", &e), CORE_ENOTFOUND);
    assert_int_equal(get(f, "two", &e), 0);
    assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM cache_source"), 1);
}

static void late_entry_of_a_gone_source_is_not_kept(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_cache_entry e;
    put(f, "one", "gone", true, 1, "0");
    assert_int_equal(get(f, "one", &e), CORE_ENOTFOUND);
    assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM cache"), 0);
    assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM cache_source"), 0);
}

static void refusals_fall_when_something_is_learned(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_cache_entry e;
    char before[32], after[32];
    answer_add_document(f, "c1");
    assert_int_equal(ai_cache_generation(&f->ai, before, sizeof before), 0);
    put(f, "no", "c1", false, 1, before);
    put(f, "yes", "c1", true, 2, before);
    assert_int_equal(get(f, "no", &e), 0);
    assert_false(e.answered);
    for (int i = 0; i < 2; i++) {
        struct store_batch *batch = store_batch_new(STORE_RELAXED);
        ai_cache_forget_refusals(batch);
        assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    }
    assert_int_equal(get(f, "no", &e), CORE_ENOTFOUND);
    assert_int_equal(get(f, "yes", &e), 0);
    assert_int_equal(ai_cache_generation(&f->ai, after, sizeof after), 0);
    assert_string_equal(after, "2");
    /* One that was found before the learning comes too late. */
    put(f, "no", "c1", false, 1, before);
    assert_int_equal(get(f, "no", &e), CORE_ENOTFOUND);
    put(f, "no", "c1", false, 1, after);
    assert_int_equal(get(f, "no", &e), 0);
}

static void same_question_replaces(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_cache_entry e;
    answer_add_document(f, "c1");
    put(f, "one", "c1", true, 1, "0");
    put(f, "one", "c1", false, 1, "0");
    assert_int_equal(get(f, "one", &e), 0);
    assert_false(e.answered);
    assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM cache"), 1);
    assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM cache_source"), 1);
}

static void unreadable_answer_is_a_miss(void **state)
{
    struct answer_fixture *f = *state;
    struct ai_cache_entry e;
    answer_add_document(f, "c1");
    put(f, "one", "c1", true, 1, "0");
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "UPDATE cache SET answer = '{\"text\":', vector = $1", STORE_B("", 1));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_int_equal(get(f, "one", &e), CORE_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(exact_entry_comes_back, answer_setup, answer_teardown),
        cmocka_unit_test_setup_teardown(scopes_do_not_mix, answer_setup, answer_teardown),
        cmocka_unit_test_setup_teardown(near_needs_vector_and_guard, answer_setup, answer_teardown),
        cmocka_unit_test_setup_teardown(entries_fall_with_their_source, answer_setup,
                                        answer_teardown),
        cmocka_unit_test_setup_teardown(late_entry_of_a_gone_source_is_not_kept, answer_setup,
                                        answer_teardown),
        cmocka_unit_test_setup_teardown(refusals_fall_when_something_is_learned, answer_setup,
                                        answer_teardown),
        cmocka_unit_test_setup_teardown(same_question_replaces, answer_setup, answer_teardown),
        cmocka_unit_test_setup_teardown(unreadable_answer_is_a_miss, answer_setup, answer_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
