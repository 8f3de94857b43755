/*
 * test_queue.c: the order in which chunks are embedded: nobody waits for a long document, the
 * long one is not put off, and every chunk comes once.
 */
#include "ai/learn/queue.h"
#include "tests/unit/store.h"

#include "core/err.h"
#include "core/loop.h"
#include "core/mem.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { BATCH = AI_LIMIT_EMBED_CHUNKS };

struct fixture {
    char dir[64];
    const struct core_env *env;
    struct core_loop *loop;
    struct store *store;
    struct ai_learn_queue queue;
    int64_t newest;
};

static int setup(void **state)
{
    struct fixture *f = core_alloc(sizeof *f);
    char why[256] = "";
    snprintf(f->dir, sizeof f->dir, "sky-test-queue-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->env = core_env_real();
    f->loop = core_loop_new(f->env);
    const struct store_options options = {.env = f->env,
                                          .loop = f->loop,
                                          .url = test_store_url(f->dir),
                                          .data_dir = f->dir,
                                          .readers_max = 2};
    if (store_open(&options, &f->store, why, sizeof why) < 0)
        fail_msg("%s", why);
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    ai_learn_queue_clear(&f->queue);
    store_free(f->store);
    core_loop_free(f->loop);
    nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

/* --- Helpers -------------------------------------------------------------------------------- */

/* A content of so many chunks; returns the id of the first. */
static int64_t learn(struct fixture *f, int64_t chunks)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    int64_t first = f->newest + 1;
    char id[CORE_ID_SIZE];
    core_id_new(f->env, id);
    store_put(batch, 1,
              "INSERT INTO content (id, source_hash, extractor, title, mime, language, text,"
              " headings) VALUES ($1, $2, 1, '', '', 'en', '', '[]')",
              STORE_C(id), STORE_B(id, sizeof id));
    for (int64_t i = 0; i < chunks; i++)
        store_put(batch, 1,
                  "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title,"
                  " heading, text) VALUES ($1, $2, $3, 0, 0, '', '', '', '')",
                  STORE_I(++f->newest), STORE_C(id), STORE_I(i));
    assert_int_equal(store_write_wait(f->store, batch), 0);
    return first;
}

static void embed(struct fixture *f, int64_t chunk, const char *model)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
              " VALUES ($1, $2, 0, 0, 0, $3)",
              STORE_I(chunk), STORE_C(model), STORE_B("", 0));
    assert_int_equal(store_write_wait(f->store, batch), 0);
}

static void fill(struct fixture *f)
{
    assert_int_equal(ai_learn_queue_fill(&f->queue, f->store, "minilm"), 0);
}

/* One batch; returns how many chunks are in it. */
static size_t take(struct fixture *f, int64_t ret_chunks[static BATCH])
{
    struct ai_learn_waiting *of;
    size_t n = 0;
    fill(f);
    while (n < BATCH && (of = ai_learn_queue_next(&f->queue, n))) {
        ret_chunks[n] = of->next;
        ai_learn_queue_took(&f->queue, of, ret_chunks[n++]);
    }
    return n;
}

static bool among(const int64_t *chunks, size_t n, int64_t chunk)
{
    for (size_t i = 0; i < n; i++) {
        if (chunks[i] == chunk)
            return true;
    }
    return false;
}

/* --- Tests ---------------------------------------------------------------------------------- */

static void nobody_waits_for_a_book(void **state)
{
    struct fixture *f = *state;
    int64_t chunks[BATCH];
    int64_t book = learn(f, 1000);
    assert_int_equal(take(f, chunks), BATCH);
    assert_true(among(chunks, BATCH, book) && among(chunks, BATCH, book + 3));
    /* A note comes with the next batch, and the book goes on in it. */
    int64_t note = learn(f, 1);
    assert_int_equal(take(f, chunks), BATCH);
    assert_true(among(chunks, BATCH, note) && among(chunks, BATCH, book + 4));
    /* Of a folder that comes at once each file has its beginning before one has its second. */
    int64_t folder = f->newest + 1;
    for (unsigned i = 0; i < 30; i++)
        learn(f, 2);
    unsigned begun = 0;
    for (unsigned batch = 0; batch < 30 / (BATCH - 1); batch++) {
        assert_int_equal(take(f, chunks), BATCH);
        for (size_t i = 0; i < BATCH; i++)
            begun += chunks[i] >= folder && (chunks[i] - folder) % 2 == 0;
    }
    assert_int_equal(begun, 30);
}

static void the_book_is_not_put_off(void **state)
{
    struct fixture *f = *state;
    int64_t chunks[BATCH];
    int64_t book = learn(f, 50);
    unsigned batches = 0;
    bool whole = false;
    /* More comes than can be taken, for as long as it lasts. */
    for (; !whole && batches < 100; batches++) {
        for (unsigned i = 0; i < 5; i++)
            learn(f, 1);
        assert_int_equal(take(f, chunks), BATCH);
        whole = among(chunks, BATCH, book + 49);
    }
    assert_true(whole);
    assert_in_range(batches, 1, 50);
}

static void every_chunk_comes_once(void **state)
{
    struct fixture *f = *state;
    int64_t chunks[BATCH];
    unsigned times[400] = {0};
    size_t n;
    for (unsigned round = 0; round < 12; round++) {
        learn(f, 1 + round * 7 % 40);
        for (unsigned batch = 0; batch < round % 4; batch++) {
            n = take(f, chunks);
            for (size_t i = 0; i < n; i++)
                times[chunks[i]]++;
        }
    }
    assert_in_range(f->newest, 100, 399);
    while ((n = take(f, chunks)) > 0) {
        for (size_t i = 0; i < n; i++)
            times[chunks[i]]++;
        assert_true(n == BATCH || f->queue.count == 0);
    }
    for (int64_t i = 1; i <= f->newest; i++)
        assert_int_equal(times[i], 1);
    /* Cleared, it begins anew, without what has vectors of the model by now. */
    for (int64_t i = 1; i <= f->newest; i++)
        embed(f, i, i % 10 == 0 ? "e5" : "minilm");
    ai_learn_queue_clear(&f->queue);
    fill(f);
    for (size_t i = 0; i < f->queue.count; i++) {
        assert_int_equal(f->queue.items[i].next % 10, 0);
        assert_int_equal(f->queue.items[i].last % 10, 0);
    }
    assert_true(f->queue.count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_waits_for_a_book, setup, teardown),
        cmocka_unit_test_setup_teardown(the_book_is_not_put_off, setup, teardown),
        cmocka_unit_test_setup_teardown(every_chunk_comes_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
