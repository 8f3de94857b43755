/* test_retrieve.c: what is just being embedded is found as well before as after; what keywords say. */
#include "ai/find/retrieve.h"

#include "tests/unit/ai/answer_fixture.h"

#include <pthread.h>
#include <time.h>

enum { DIM = 384, OTHERS = 8, TARGET = 100, ROUNDS = 400 };

static void put_chunk(struct answer_fixture *f, int64_t id, const char *content, const char *text)
{
    const struct ai_index_chunk chunk = {id, CORE_STR("name"), CORE_STR("title"), CORE_STR(""),
                                         core_str(text)};
    answer_add_document(f, content);
    answer_put_chunk(f, content, &chunk);
}

static int drop_vector(struct answer_fixture *f, int64_t id)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM vector WHERE chunk_id = $1", STORE_I(id));
    int err = store_write_wait(f->ai.store, batch);
    ai_index_remove(f->ai.index, &id, 1);
    return err;
}

static int setup(void **state)
{
    static const char *const models[] = {"minilm", NULL};
    answer_setup(state);
    struct answer_fixture *f = *state;
    answer_index_open(f, DIM, models);
    for (int i = 0; i < OTHERS; i++) {
        char content[16];
        snprintf(content, sizeof content, "other%d", i);
        put_chunk(f, 1 + i, content, "Something else is said here.");
        assert_int_equal(answer_put_vector(f, 1 + i, .3f + .05f * (float)i), 0);
    }
    put_chunk(f, TARGET, "target", "The basalt lynx is wide.");
    return 0;
}

static int teardown(void **state)
{
    answer_index_close(*state);
    return answer_teardown(state);
}

struct embedding {
    struct answer_fixture *f;
    long pause_ns; /* before it */
    int err;
};

static void *embed(void *arg)
{
    struct embedding *e = arg;
    nanosleep(&(struct timespec){.tv_nsec = e->pause_ns}, NULL);
    e->err = answer_put_vector(e->f, TARGET, .9f);
    return NULL;
}

/* What is found for words, a list up to NULL; strings live in the pool. */
static struct ai_found *look_for(struct answer_fixture *f, const char *const *words,
                                 struct core_pool *pool)
{
    struct ai_found *found = core_alloc(sizeof *found);
    found->model = "minilm";
    found->dimensions = DIM;
    found->vector[0] = 1;
    for (; *words; words++)
        found->terms[found->term_count++] = (struct ai_term){.word = core_str(*words), .weight = 1};
    assert_int_equal(ai_retrieve(&f->ai, 0, 3, AI_FUSE_REPEAT, pool, found), 0);
    return found;
}

/* The place of the target among the results, from 1; 0: it is not there. */
static size_t place(struct answer_fixture *f)
{
    static const char *const words[] = {"basalt", "lynx", NULL};
    struct core_pool *pool = core_pool_new(1 << 20);
    struct ai_found *found = look_for(f, words, pool);
    size_t at = 0;
    while (at < found->count && found->chunks[at].id != TARGET)
        at++;
    at = at < found->count ? at + 1 : 0;
    core_pool_free(pool);
    free(found);
    return at;
}

/* Its vector comes at any moment of a search. */
static void what_is_just_being_embedded_is_found(void **state)
{
    struct answer_fixture *f = *state;
    uint64_t began = core_mono_ns(f->ai.env);
    assert_int_equal(place(f), 1);
    long took_ns = (long)(core_mono_ns(f->ai.env) - began);
    for (long round = 0; round < ROUNDS; round++) {
        struct embedding e = {.f = f, .pause_ns = took_ns * round / ROUNDS};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, embed, &e), 0);
        size_t at = place(f);
        pthread_join(thread, NULL);
        assert_int_equal(e.err, 0);
        assert_int_equal(drop_vector(f, TARGET), 0);
        assert_int_equal(at, 1);
    }
}

/* The score of the target, which holds the first of the words alone. */
static double score(struct answer_fixture *f, const char *const *words)
{
    struct core_pool *pool = core_pool_new(1 << 20);
    struct ai_found *found = look_for(f, words, pool);
    double fused = 0;
    for (size_t i = 0; i < found->count; i++)
        if (found->chunks[i].id == TARGET)
            fused = found->chunks[i].fused;
    core_pool_free(pool);
    free(found);
    return fused;
}

static void one_word_of_many_says_little(void **state)
{
    struct answer_fixture *f = *state;
    static const char *const two[] = {"basalt", "tractor", NULL};
    static const char *const many[] = {"basalt", "tractor", "harvest", "plough",
                                       "furrow", "stubble", "manure",  NULL};
    assert_int_equal(answer_put_vector(f, TARGET, .9f), 0);
    double of_two = score(f, two), of_many = score(f, many);
    assert_true(of_many > 0 && of_many < of_two);
    assert_int_equal(drop_vector(f, TARGET), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_just_being_embedded_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(one_word_of_many_says_little, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
