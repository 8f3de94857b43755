/* test_retrieve_document.c: what the beginnings of documents add to their passages. */
#include "ai/find/retrieve_work.h"

#include "tests/unit/ai/answer_fixture.h"

enum { DIM = 384, ABOUT = 10, BESIDE = 20, UNSEEN = 30, CHUNKS = 3 };

struct documents {
    struct answer_fixture *base;
    struct ai_found found;
    struct retrieve_fused fused;
};

/* Chunks id, id + 1, id + 2. */
static void put_chunks(struct answer_fixture *f, const char *content_id, int64_t id)
{
    answer_add_document(f, content_id);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    for (int64_t i = 0; i < CHUNKS; i++)
        store_put(batch, 1,
                  "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title,"
                  " heading, text) VALUES ($1, $2, $3, 0, 4, 'name', 'title', '', 'text')",
                  STORE_I(id + i), STORE_C(content_id), STORE_I(i));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static int setup(void **state)
{
    static const char *const models[] = {"minilm", NULL};
    struct documents *d = core_alloc(sizeof *d);
    answer_setup(state);
    d->base = *state;
    answer_index_open(d->base, DIM, models);
    put_chunks(d->base, "about", ABOUT);
    put_chunks(d->base, "beside", BESIDE);
    put_chunks(d->base, "unseen", UNSEEN);
    assert_int_equal(answer_put_vector(d->base, BESIDE, .2f), 0);
    assert_int_equal(answer_put_vector(d->base, ABOUT, .6f), 0);
    d->found.views[0].model = "minilm";
    d->found.views[0].dimensions = DIM;
    d->found.views[0].sought[0] = 1;
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct documents *d = *state;
    answer_index_close(d->base);
    *state = d->base;
    free(d);
    return answer_teardown(state);
}

static float added(struct documents *d, int64_t chunk_id)
{
    return (float)retrieve_chunk(&d->fused, chunk_id)->fused;
}

static float of_rank(unsigned rank)
{
    return (float)(AI_FUSE_DOCUMENTS / (AI_FUSE_K + rank));
}

static void look(struct documents *d)
{
    assert_int_equal(retrieve_about(&d->base->ai, &d->fused), 0);
    retrieve_documents(&d->base->ai, &d->found, &d->fused);
}

static void its_beginning_speaks_for_a_document(void **state)
{
    struct documents *d = *state;
    retrieve_chunk(&d->fused, BESIDE + 1);
    retrieve_chunk(&d->fused, ABOUT + 2);
    retrieve_chunk(&d->fused, ABOUT);
    look(d);
    assert_float_equal(added(d, ABOUT), of_rank(1), 1e-6f);
    assert_float_equal(added(d, ABOUT + 2), of_rank(1), 1e-6f);
    assert_float_equal(added(d, BESIDE + 1), of_rank(2), 1e-6f);
}

/* Not embedded yet, or gone since it was found. */
static void what_is_not_known_counts_by_its_words(void **state)
{
    struct documents *d = *state;
    retrieve_chunk(&d->fused, UNSEEN + 1)->keyword_rank = 4;
    retrieve_chunk(&d->fused, UNSEEN + 2);
    retrieve_chunk(&d->fused, 99);
    look(d);
    assert_float_equal(added(d, UNSEEN + 1), of_rank(4), 1e-6f);
    assert_float_equal(added(d, UNSEEN + 2), 0, 1e-6f);
    assert_float_equal(added(d, 99), 0, 1e-6f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(its_beginning_speaks_for_a_document, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_known_counts_by_its_words, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
