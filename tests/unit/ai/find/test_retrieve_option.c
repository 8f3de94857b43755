/* test_retrieve_option.c: the passages of a manual that define an option, asked for by its name or by
 * what it does. */
#include "ai/find/retrieve_work.h"

#include "tests/unit/ai/answer_fixture.h"

enum { DIM = 384, INTRO = 10, CREATE, EXTRACT, CASE, OTHER = 20 };

struct manuals {
    struct answer_fixture *base;
    struct ai_found *found;
    struct retrieve_fused fused;
};

static void put_chunk(struct answer_fixture *f, int64_t id, const char *content_id,
                      const char *name, const char *text)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title, heading,"
              " text) VALUES ($1, $2, $1, 0, 4, $3, 'title', '', $4)",
              STORE_I(id), STORE_C(content_id), STORE_C(name), STORE_C(text));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static int setup(void **state)
{
    static const char *const models[] = {NULL};
    struct manuals *m = core_alloc(sizeof *m);
    answer_setup(state);
    m->base = *state;
    answer_index_open(m->base, DIM, models);
    answer_add_document(m->base, "tar");
    answer_add_document(m->base, "zip");
    put_chunk(m->base, INTRO, "tar", "tar", "tar - an archiving utility. It --create s nothing.");
    put_chunk(m->base, CREATE, "tar", "tar", "-c, --create\n  Makes a new one.\n-u, --update");
    put_chunk(m->base, EXTRACT, "tar", "tar", "-x, --extract\n  Takes members out.");
    put_chunk(m->base, CASE, "tar", "tar", "-C dir\n  Goes there.\n--no-ignore-case");
    put_chunk(m->base, OTHER, "zip", "zip", "-c, --create\n  Makes a new one.");
    m->found = core_alloc(sizeof *m->found);
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct manuals *m = *state;
    answer_index_close(m->base);
    *state = m->base;
    free(m->found);
    free(m);
    return answer_teardown(state);
}

/* Is that chunk found, when the keywords found the introduction of tar? */
static bool finds(struct manuals *m, const char *question, int64_t chunk)
{
    struct retrieve_load load = {
        .ai = &m->base->ai, .pool = m->base->pool, .fused = &m->fused, .found = m->found, .k = 10};
    ai_retrieve_question(&m->base->ai, 0, core_str(question), m->base->pool, m->found);
    for (size_t i = 0; i < m->found->term_count; i++)
        m->found->terms[i].weight = 1;
    m->fused.count = 0;
    retrieve_chunk(&m->fused, INTRO)->keyword_rank = 1;
    assert_int_equal(retrieve_options(&load), 0);
    return retrieve_chunk(&m->fused, chunk)->fused > 0;
}

static void by_its_name(void **state)
{
    assert_true(finds(*state, "What does -x of tar do?", EXTRACT));
    assert_false(finds(*state, "What does -x of tar do?", CREATE));
    assert_false(finds(*state, "What does -c of tar do?", CASE)); /* -C is another one */
    assert_false(finds(*state, "What does -c of tar do?", OTHER));
}

static void by_what_it_does(void **state)
{
    assert_true(finds(*state, "Which option of tar creates an archive?", CREATE));
    assert_false(finds(*state, "Which option of tar creates an archive?", EXTRACT));
    assert_false(finds(*state, "Which option of tar creates an archive?", OTHER));
    assert_false(
        finds(*state, "Which option of tar creates an archive?", INTRO)); /* only names it */
    assert_true(finds(*state, "Which tar option ignores the case?", CASE));
    /* Neither what it is called nor what everybody asks. */
    assert_false(finds(*state, "Which option does tar need?", CREATE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_its_name, setup, teardown),
        cmocka_unit_test_setup_teardown(by_what_it_does, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
