/* test_index.c: keywords and vectors over a real store, and agreement with it after every kind of
 * restart. */
#include "tests/unit/store.h"
#include "ai/index/index.h"

#include "core/err.h"
#include "core/limits.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIM = 384 };

struct fixture {
    char dir[96];
    struct store *store;
    struct ai_index *index;
};

static const char *const models[] = {"minilm", "e5", NULL};

static int try_index(struct fixture *f, unsigned dimensions)
{
    char why[300] = "";
    const struct ai_index_options o = {.env = core_env_real(),
                                       .store = f->store,
                                       .data_dir = f->dir,
                                       .dimensions = dimensions,
                                       .models = models};
    int err = ai_index_open(&o, &f->index, why, sizeof why);
    assert_int_equal(err != 0, why[0] != 0);
    return err;
}

static void open_index(struct fixture *f)
{
    assert_int_equal(try_index(f, DIM), 0);
}

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const char *base = getenv("TMPDIR");
    char why[300];
    snprintf(f->dir, sizeof f->dir, "%.60s/sky-index-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(f->dir))
        return -1;
    const struct store_options o = {.env = core_env_real(),
                                    .url = test_store_url(f->dir),
                                    .data_dir = f->dir,
                                    .readers_max = 4};
    assert_int_equal(store_open(&o, &f->store, why, sizeof why), 0);
    open_index(f);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    ai_index_free(f->index);
    store_free(f->store);
    const char *const files[] = {
        "sky.db",       "sky.db-wal", "sky.db-shm", "index/minilm.vec", "index/minilm.vec.graph",
        "index/e5.vec", "index"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        remove(path);
    }
    rmdir(f->dir);
    free(f);
    return 0;
}

static void write_batch(struct fixture *f, struct store_batch *batch)
{
    assert_int_equal(store_write_wait(f->store, batch), 0);
}

static void batch_chunk(struct fixture *f, struct store_batch *b, int64_t id, const char *title,
                        const char *text)
{
    const struct ai_index_chunk chunk = {
        .id = id, .title = core_str(title), .text = core_str(text)};
    assert_int_equal(ai_index_put(f->index, b, &chunk, 1), 0);
    store_put(b, 1,
              "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title, heading, "
              "text) VALUES ($1, 'c', $1, 0, 0, '', $2, '', $3)",
              STORE_I(id), STORE_C(title), STORE_C(text));
}

static void put_chunk(struct fixture *f, int64_t id, const char *title, const char *text)
{
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    batch_chunk(f, b, id, title, text);
    write_batch(f, b);
}

/* A unit vector that depends on id and window alone. */
static void vector_of(int64_t id, size_t window, float *v)
{
    uint32_t seed = (uint32_t)id * 2654435761u + (uint32_t)window * 40503u;
    double square = 0;
    for (int i = 0; i < DIM; i++) {
        seed = seed * 1664525u + 1013904223u;
        v[i] = (float)(seed >> 8) / (1 << 24) - 0.5f;
        square += (double)v[i] * v[i];
    }
    for (int i = 0; i < DIM; i++)
        v[i] = (float)(v[i] / sqrt(square));
}

static void batch_vectors(struct store_batch *b, const char *model, int64_t id, size_t windows,
                          float *vectors)
{
    for (size_t w = 0; w < windows; w++) {
        unsigned char data[DIM * 2];
        vector_of(id, w, vectors + w * DIM);
        ai_index_pack(vectors + w * DIM, DIM, data);
        store_put(b, 1,
                  "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
                  " VALUES ($1, $2, $3, 0, 0, $4)",
                  STORE_I(id), STORE_C(model), STORE_I((int64_t)w), STORE_B(data, sizeof data));
    }
}

static void put_vectors(struct fixture *f, const char *model, int64_t id, size_t windows,
                        bool tell_index)
{
    float vectors[4 * DIM];
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    batch_vectors(b, model, id, windows, vectors);
    write_batch(f, b);
    if (tell_index)
        assert_int_equal(ai_index_add(f->index, model, id, vectors, windows), 0);
}

static bool finds(struct fixture *f, const char *model, int64_t id, size_t window)
{
    float query[DIM];
    struct ai_hit hits[3];
    size_t count;
    vector_of(id, window, query);
    assert_int_equal(ai_index_vectors(f->index, model, query, 3, hits, &count), 0);
    return count > 0 && hits[0].chunk_id == id && hits[0].score > 0.998f;
}

static void keywords(void **state)
{
    struct fixture *f = *state;
    put_chunk(f, 1, "Mounting disks", "The mount command attaches a file system.");
    put_chunk(f, 2, "Cakes", "Mounting cream on a cake takes forty minutes.");
    put_chunk(f, 3, "Příručka", "Disk připojíte příkazem mount.");
    struct ai_hit hits[10];
    size_t count;
    assert_int_equal(ai_index_keywords(f->index, CORE_STR("mount disk"), 10, hits, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(hits[0].chunk_id, 1); /* its title holds both */
    assert_true(hits[0].score >= hits[1].score && hits[1].score >= hits[2].score);
    assert_true(hits[2].score > 0);
    assert_int_equal(ai_index_keywords(f->index, CORE_STR("PRIRUCKA"), 10, hits, &count), 0);
    assert_true(count == 1 && hits[0].chunk_id == 3);
    assert_int_equal(ai_index_keywords(f->index, CORE_STR("mount"), 1, hits, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(ai_index_keywords(f->index, CORE_STR("mount"), 0, hits, &count), 0);
    assert_int_equal(count, 0);
    int64_t chunks;
    assert_int_equal(ai_index_word_count(f->index, CORE_STR("mounted"), &chunks), 0);
    assert_int_equal(chunks, 3);
    assert_int_equal(ai_index_word_count(f->index, CORE_STR("zebra"), &chunks), 0);
    assert_int_equal(chunks, 0);
    assert_int_equal(ai_index_word_count(f->index, CORE_STR("--"), &chunks), 0);
    assert_int_equal(chunks, 0);
}

/* Words that most chunks hold are left out, unless nothing else is asked for. */
static void common_words(void **state)
{
    struct fixture *f = *state;
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    for (int64_t id = 1; id <= AI_LIMIT_COMMON_WORDS_FROM; id++)
        batch_chunk(f, b, id, "", id % 400 == 7 ? "common rare" : "common");
    write_batch(f, b);
    struct ai_hit hits[10];
    size_t count;
    assert_int_equal(ai_index_keywords(f->index, CORE_STR("common rare"), 10, hits, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(ai_index_keywords(f->index, CORE_STR("common"), 10, hits, &count), 0);
    assert_int_equal(count, 10);
}

/* Nothing of a question reaches the query language; nothing makes it fail. */
static void questions_may_hold_anything(void **state)
{
    struct fixture *f = *state;
    put_chunk(f, 1, "t", "alpha NEAR beta");
    static const char *const odd[] = {"",
                                      " ",
                                      "\"",
                                      "\"\"\"",
                                      "alpha\"",
                                      "NEAR(alpha beta)",
                                      "text:x",
                                      "^alpha",
                                      "alpha*",
                                      "(",
                                      "AND OR NOT",
                                      "title : alpha",
                                      "-alpha",
                                      "{a b}: c",
                                      "'; DROP",
                                      "a+b",
                                      "\xff\xfe al",
                                      "рыба 魚 \xf0\x9f\x90\x9f",
                                      "alpha\n",
                                      "NOT NOT (((",
                                      "%s%n%999d",
                                      "col:\"x\" *",
                                      NULL};
    struct ai_hit hits[10];
    size_t count;
    for (size_t i = 0; odd[i]; i++)
        assert_int_equal(ai_index_keywords(f->index, core_str(odd[i]), 10, hits, &count), 0);
    assert_int_equal(ai_index_keywords(f->index, CORE_STR("^alpha\"("), 10, hits, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(ai_index_keywords(f->index, core_strn("\0alpha\0", 7), 10, hits, &count), 0);
    assert_int_equal(count, 1);
    static char big[1 << 20];
    srand(8);
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i < sizeof big / 2 ? rand() : "abcdefg "[rand() % 8]);
    assert_int_equal(ai_index_keywords(f->index, core_strn(big, sizeof big), 10, hits, &count), 0);
    memset(big, 'x', sizeof big);
    memcpy(big + sizeof big - 6, " alpha", 6);
    assert_int_equal(ai_index_keywords(f->index, core_strn(big, sizeof big), 10, hits, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(
        ai_index_keywords(f->index, CORE_STR("alpha"), AI_LIMIT_HITS + 1, hits, &count),
        CORE_ETOOBIG);
}

static void vectors_are_found_and_leave(void **state)
{
    struct fixture *f = *state;
    for (int64_t id = 1; id <= 50; id++) {
        put_chunk(f, id, "t", "x");
        put_vectors(f, "minilm", id, 1 + (size_t)id % 3, true);
    }
    put_vectors(f, "e5", 4, 1, true);
    assert_int_equal(ai_index_count(f->index, "minilm"), 50);
    assert_int_equal(ai_index_count(f->index, "e5"), 1);
    assert_int_equal(ai_index_count(f->index, "other"), 0);
    for (int64_t id = 1; id <= 50; id++)
        assert_true(finds(f, "minilm", id, (size_t)id % 3));
    float query[DIM];
    vector_of(20, 0, query);
    struct ai_hit some[2] = {{.chunk_id = 20}, {.chunk_id = 777}};
    assert_int_equal(ai_index_score(f->index, "minilm", query, some, 2), 0);
    assert_true(some[0].score > 0.998f && some[1].score == -1);
    size_t count;
    assert_int_equal(ai_index_vectors(f->index, "other", query, 2, some, &count), CORE_EINVAL);
    assert_int_equal(ai_index_score(f->index, "other", query, some, 2), CORE_EINVAL);
    assert_int_equal(ai_index_add(f->index, "other", 1, query, 1), CORE_EINVAL);
    assert_int_equal(ai_index_add(f->index, "e5", 1, query, 0), CORE_EINVAL);
    char why[200];
    assert_int_equal(ai_index_check(f->index, why, sizeof why), 0);
    struct store_batch *b = store_batch_new(STORE_DURABLE);
    store_put(b, 1, "DELETE FROM chunk WHERE id = $1", STORE_I(4));
    write_batch(f, b);
    /* Files hear of it below; PostgreSQL's index is in the store. */
    if (!test_store_is_pg()) {
        assert_int_equal(ai_index_check(f->index, why, sizeof why), CORE_EMISMATCH);
        assert_non_null(strstr(why, "minilm"));
    }
    const int64_t gone[] = {4, 777};
    ai_index_remove(f->index, gone, 2);
    assert_int_equal(ai_index_check(f->index, why, sizeof why), 0);
    assert_false(finds(f, "minilm", 4, 0));
    assert_int_equal(ai_index_count(f->index, "e5"), 0);
}

static int64_t file_generation(struct fixture *f)
{
    char path[160];
    snprintf(path, sizeof path, "%s/index/minilm.vec", f->dir);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char head[48];
    assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
    fclose(file);
    int64_t generation;
    memcpy(&generation, head + 24, sizeof generation);
    return generation;
}

static void restarts(void **state)
{
    struct fixture *f = *state;
    for (int64_t id = 1; id <= 30; id++) {
        put_chunk(f, id, "t", "x");
        put_vectors(f, "minilm", id, 2, true);
    }
    struct store_batch *b = store_batch_new(STORE_DURABLE);
    store_put(b, 1, "DELETE FROM chunk WHERE id = $1", STORE_I(9));
    write_batch(f, b);
    const int64_t gone[] = {9};
    ai_index_remove(f->index, gone, 1);
    /* Told of everything: the file is taken as it is. */
    ai_index_free(f->index);
    assert_int_equal(file_generation(f), 62);
    open_index(f);
    assert_int_equal(ai_index_count(f->index, "minilm"), 29);
    /* The process dies after the store acknowledged, before the index heard of it. */
    put_vectors(f, "minilm", 31, 1, false);
    b = store_batch_new(STORE_DURABLE);
    store_put(b, 1, "DELETE FROM vector WHERE chunk_id = $1 AND ordinal = 1", STORE_I(5));
    write_batch(f, b);
    assert_false(finds(f, "minilm", 31, 0));
    ai_index_free(f->index);
    open_index(f);
    assert_true(finds(f, "minilm", 31, 0));
    assert_true(finds(f, "minilm", 5, 0));
    assert_false(finds(f, "minilm", 5, 1));
    assert_int_equal(ai_index_count(f->index, "minilm"), 30);
    char why[200];
    assert_int_equal(ai_index_check(f->index, why, sizeof why), 0);
    /* The file is gone. */
    ai_index_free(f->index);
    char path[160];
    snprintf(path, sizeof path, "%s/index/minilm.vec", f->dir);
    assert_int_equal(unlink(path), 0);
    open_index(f);
    assert_int_equal(ai_index_count(f->index, "minilm"), 30);
    /* A row that is not of this model's width counts as missing, and is reported. */
    b = store_batch_new(STORE_RELAXED);
    store_put(b, 1,
              "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
              " VALUES (1, 'minilm', 9, 0, 0, $1)",
              STORE_B("odd", 3));
    write_batch(f, b);
    ai_index_free(f->index);
    open_index(f);
    assert_int_equal(ai_index_count(f->index, "minilm"), 30);
    assert_int_equal(ai_index_check(f->index, why, sizeof why), CORE_EMISMATCH);
    /* Where no file can be it works all the same, and says so. */
    ai_index_free(f->index);
    f->index = NULL;
    assert_int_equal(try_index(f, 0), CORE_EINVAL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    b = store_batch_new(STORE_RELAXED);
    store_put(b, 1, "DELETE FROM vector WHERE ordinal = $1", STORE_I(9));
    write_batch(f, b);
    open_index(f);
    assert_true(finds(f, "minilm", 31, 0));
    put_vectors(f, "minilm", 32, 1, true);
    assert_true(finds(f, "minilm", 32, 0));
    assert_int_equal(ai_index_check(f->index, why, sizeof why), CORE_ENOSPACE);
    assert_int_equal(rmdir(path), 0);
}

struct reader {
    struct fixture *f;
    atomic_bool *stop;
    unsigned searches, failures;
    pthread_t thread;
};

static void *search_on(void *arg)
{
    struct reader *r = arg;
    while (!atomic_load(r->stop)) {
        float query[DIM];
        struct ai_hit hits[20];
        size_t count;
        vector_of(++r->searches % 100, 0, query);
        r->failures += ai_index_vectors(r->f->index, "minilm", query, 20, hits, &count) != 0;
        for (size_t i = 1; i < count; i++)
            r->failures += hits[i].score > hits[i - 1].score;
        r->failures += ai_index_score(r->f->index, "minilm", query, hits, count) != 0;
        r->failures += ai_index_keywords(r->f->index, CORE_STR("word"), 20, hits, &count) != 0;
        int64_t chunks;
        r->failures += ai_index_word_count(r->f->index, CORE_STR("word"), &chunks) != 0;
    }
    return NULL;
}

static void searching_while_it_changes(void **state)
{
    struct fixture *f = *state;
    put_chunk(f, 100000, "t", "word");
    atomic_bool stop = false;
    struct reader readers[2];
    for (int i = 0; i < 2; i++) {
        readers[i] = (struct reader){.f = f, .stop = &stop};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, search_on, &readers[i]), 0);
    }
    float vectors[4 * DIM];
    srand(6);
    for (int step = 0; step < 6000; step++) {
        int64_t id = rand() % 2000;
        vector_of(id, 0, vectors);
        vector_of(id, 1, vectors + DIM);
        if (rand() % 3)
            assert_int_equal(ai_index_add(f->index, "minilm", id, vectors, 1 + (size_t)id % 2), 0);
        else
            ai_index_remove(f->index, &id, 1);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < 2; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].failures, 0);
        assert_true(readers[i].searches > 0);
    }
}

/* Rows of the store lie at any address and may have any width. */
static void packed_rows(void **state)
{
    (void)state;
    float row[DIM + 5], back[DIM + 5], query[DIM + 5];
    unsigned char packed[2 * (DIM + 5) + 1];
    srand(7);
    for (size_t i = 0; i < DIM + 5; i++) {
        row[i] = (float)rand() / (float)RAND_MAX - .5f;
        query[i] = (float)rand() / (float)RAND_MAX - .5f;
    }
    for (size_t n = 1; n <= DIM + 5; n = n < 3 ? n + 1 : n * 2 < DIM ? n * 2 : n + 64) {
        float dot = 0;
        ai_index_pack(row, n, packed + 1);
        ai_index_unpack(packed + 1, n, back);
        for (size_t i = 0; i < n; i++) {
            assert_true(fabsf(back[i] - row[i]) < 1e-3f);
            dot += back[i] * query[i];
        }
        assert_true(fabsf(ai_index_dot(packed + 1, n, query) - dot) < 1e-4f);
    }
}

/* More rows than are compared one by one: the index's thread makes a graph, and its file is taken
 * at the next start, after a death, too. */
static void many_vectors_get_a_graph(void **state)
{
    enum { SMALL = 32, MANY = 2 * AI_LIMIT_GRAPH_FROM };
    struct fixture *f = *state;
    float vectors[4 * DIM];
    char path[160];
    struct stat st, again;
    snprintf(path, sizeof path, "%s/index/minilm.vec.graph", f->dir);
    ai_index_free(f->index);
    assert_int_equal(try_index(f, SMALL), 0);
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    for (int64_t id = 1; id <= MANY; id++) {
        unsigned char data[SMALL * 2];
        vector_of(id, 0, vectors);
        ai_index_pack(vectors, SMALL, data);
        store_put(b, 1,
                  "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
                  " VALUES ($1, 'minilm', 0, 0, 0, $2)",
                  STORE_I(id), STORE_B(data, sizeof data));
    }
    write_batch(f, b);
    for (int64_t id = 1; id <= MANY; id++) {
        vector_of(id, 0, vectors);
        assert_int_equal(ai_index_add(f->index, "minilm", id, vectors, 1), 0);
    }
    /* The thread writes the file when the graph has grown enough. */
    while (stat(path, &st) != 0)
        usleep(1000);
    ai_index_free(f->index);
    assert_int_equal(stat(path, &st), 0);
    for (int start = 0; start < 2; start++) {
        if (start == 1) { /* told of nothing: the rows are confirmed, the file is taken */
            b = store_batch_new(STORE_RELAXED);
            store_put(b, 1, "DELETE FROM vector WHERE chunk_id = $1", STORE_I(1));
            write_batch(f, b);
        }
        assert_int_equal(try_index(f, SMALL), 0);
        for (int64_t id = 2; id < 300; id++) {
            struct ai_hit hit;
            size_t count;
            vector_of(id, 0, vectors);
            assert_int_equal(ai_index_vectors(f->index, "minilm", vectors, 1, &hit, &count), 0);
            assert_true(count == 1 && hit.chunk_id == id);
        }
        ai_index_free(f->index);
        assert_int_equal(stat(path, &again), 0);
    }
    assert_int_equal(try_index(f, SMALL), 0);
    assert_int_equal(ai_index_count(f->index, "minilm"), MANY - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keywords, begin, end),
        cmocka_unit_test_setup_teardown(common_words, begin, end),
        cmocka_unit_test_setup_teardown(questions_may_hold_anything, begin, end),
        cmocka_unit_test_setup_teardown(vectors_are_found_and_leave, begin, end),
        /* Of files beside SQLite's: */
        cmocka_unit_test_setup_teardown(restarts, begin, end),
        cmocka_unit_test(packed_rows),
        cmocka_unit_test_setup_teardown(searching_while_it_changes, begin, end),
        cmocka_unit_test_setup_teardown(many_vectors_get_a_graph, begin, end),
    };
    const size_t count = sizeof tests / sizeof *tests - (test_store_is_pg() ? 4 : 0);
    return _cmocka_run_group_tests("index", tests, count, NULL, NULL);
}
