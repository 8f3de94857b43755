/* test_vectors_graph.c: the vector file with its graph against comparing with all: while it grows
 * and shrinks, across restarts, with damaged files, and under searches that do not wait. */
#include "ai/index/vectors.h"

#include "ai/index/f16.h"
#include "core/limits.h"
#include "tests/unit/ai/index/latent.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Chunks of one to three windows. */
enum { DIM = 64, CHUNKS = 6000, WINDOWS = 3, QUERIES = 100, K = 10 };
/* Of a walk: so narrow that a bad graph shows. */
enum { BREADTH = 32 };

static char folder[64], path[80], graph[96];
static uint16_t (*rows)[WINDOWS][DIM];
static float *queries;

static int begin(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/sky-vgraph-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/a.vec", folder);
    snprintf(graph, sizeof graph, "%s.graph", path);
    float *all = malloc(sizeof(float) * CHUNKS * WINDOWS * DIM);
    rows = malloc(CHUNKS * sizeof *rows);
    queries = malloc(sizeof(float) * QUERIES * DIM);
    latent_fill(all, CHUNKS * WINDOWS, DIM, 3);
    latent_fill(queries, QUERIES, DIM, 4);
    ai_f16_pack(all, CHUNKS * WINDOWS * DIM, rows[0][0]);
    free(all);
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(rows);
    free(queries);
    return rmdir(folder);
}

static int remove_files(void **state)
{
    (void)state;
    unlink(path);
    unlink(graph);
    return 0;
}

static size_t windows_of(size_t chunk)
{
    return 1 + chunk % WINDOWS;
}

static void put(struct ai_vectors *v, size_t from, size_t to)
{
    for (size_t c = from; c < to; c++)
        assert_int_equal(ai_vectors_add(v, (int64_t)c, rows[c][0], windows_of(c)), 0);
}

static struct ai_vectors *open_empty(void)
{
    struct ai_vectors *v;
    int64_t generation;
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(generation, -1);
    ai_vectors_settle(v);
    return v;
}

/* How many of the K best chunks are found; everything that is found must be right. */
static double recall_at(struct ai_vectors *v, size_t k, size_t breadth)
{
    size_t hits = 0, all = 0;
    for (size_t q = 0; q < QUERIES; q++) {
        struct ai_hit exact[64], near[64], again;
        size_t exact_count, near_count;
        const float *query = queries + q * DIM;
        ai_vectors_search_broad(v, query, k, 0, exact, &exact_count);
        ai_vectors_search_broad(v, query, k, breadth, near, &near_count);
        assert_int_equal(near_count, exact_count);
        for (size_t i = 0; i < near_count; i++) {
            assert_true(i == 0 || near[i].score <= near[i - 1].score);
            again = near[i];
            ai_vectors_score(v, query, &again, 1);
            assert_true(fabsf(again.score - near[i].score) < 1e-5f);
            for (size_t n = 0; n < near_count; n++) {
                assert_true(n == i || near[n].chunk_id != near[i].chunk_id);
                hits += near[n].chunk_id == exact[i].chunk_id;
            }
        }
        all += exact_count;
    }
    return (double)hits / (double)all;
}

static double recall(struct ai_vectors *v)
{
    return recall_at(v, K, BREADTH);
}

static void few_rows_have_no_graph(void **state)
{
    (void)state;
    struct ai_vectors *v = open_empty();
    put(v, 0, AI_LIMIT_GRAPH_FROM / 2 - 10); /* two windows each */
    ai_vectors_tend(v, NULL);
    assert_int_equal(ai_vectors_graph_rows(v), 0);
    assert_true(recall(v) == 1);
    ai_vectors_save(v);
    assert_int_equal(access(graph, F_OK), -1);
    ai_vectors_free(v);
}

static void grows_and_shrinks(void **state)
{
    (void)state;
    struct ai_vectors *v = open_empty();
    put(v, 0, 3000);
    ai_vectors_tend(v, NULL);
    assert_int_equal(ai_vectors_graph_rows(v), 6000);
    double whole = recall(v);
    /* What is not in the graph yet is found, too. */
    put(v, 3000, 4500);
    assert_int_equal(ai_vectors_graph_rows(v), 6000);
    double tail = recall(v);
    ai_vectors_tend(v, NULL);
    assert_int_equal(ai_vectors_graph_rows(v), 9000);
    double many = recall_at(v, 50, 4 * BREADTH);
    /* A fifth leaves: they are dead, nobody finds them. */
    for (size_t c = 0; c < 900; c++)
        assert_int_equal(ai_vectors_remove(v, (int64_t)c), windows_of(c));
    ai_vectors_tend(v, NULL);
    assert_int_equal(ai_vectors_graph_rows(v), 9000);
    double dead = recall(v);
    /* More than a quarter: the graph is made smaller. Some die after it was. */
    for (size_t c = 900; c < 1800; c++)
        ai_vectors_remove(v, (int64_t)c);
    double deader = recall(v);
    ai_vectors_tend(v, NULL);
    assert_int_equal(ai_vectors_graph_rows(v), 5400);
    assert_int_equal(ai_vectors_rows(v), 5400);
    put(v, 0, 900);
    ai_vectors_tend(v, NULL);
    assert_int_equal(ai_vectors_graph_rows(v), 7200);
    double again = recall(v);
    print_message(
        "# recall@10 %.4f, with a tail %.4f, @50 %.4f, a fifth dead %.4f, two fifths %.4f, "
        "made smaller %.4f\n",
        whole, tail, many, dead, deader, again);
    assert_true(whole > 0.97 && tail > 0.97 && many > 0.97 && dead > 0.97 && deader > 0.97 &&
                again > 0.97);
    /* Nearly all leave: no graph any more. */
    for (size_t c = 0; c < 4000; c++)
        ai_vectors_remove(v, (int64_t)c);
    assert_true(recall(v) > 0.97);
    ai_vectors_tend(v, NULL);
    assert_int_equal(ai_vectors_graph_rows(v), 0);
    assert_int_equal(access(graph, F_OK), -1);
    assert_true(recall(v) == 1);
    ai_vectors_free(v);
}

static struct ai_vectors *reopen(struct ai_vectors *v, bool clean)
{
    int64_t generation;
    if (clean) {
        ai_vectors_save(v);
        assert_int_equal(ai_vectors_flush(v, 7), 0);
    }
    ai_vectors_free(v);
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(generation, clean ? 7 : -1);
    return v;
}

/* The first tending reads the file; until then all is compared. */
static size_t first_tending(struct ai_vectors *v)
{
    assert_int_equal(ai_vectors_graph_rows(v), 0);
    assert_true(recall(v) == 1);
    ai_vectors_tend(v, NULL);
    return ai_vectors_graph_rows(v);
}

static void restarts(void **state)
{
    (void)state;
    struct ai_vectors *v = open_empty();
    struct stat first, second;
    put(v, 0, 3000);
    ai_vectors_tend(v, NULL);
    v = reopen(v, true);
    assert_int_equal(stat(graph, &first), 0);
    assert_int_equal(first_tending(v), 6000);
    assert_int_equal(stat(graph, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino); /* read, not written again */
    assert_true(recall(v) > 0.97);
    /* Dies after more came and some left: the rows stay,
     * the graph catches up from where its file is. */
    put(v, 3000, 3300);
    ai_vectors_tend(v, NULL);
    for (size_t c = 10; c < 40; c++)
        ai_vectors_remove(v, (int64_t)c);
    v = reopen(v, false);
    put(v, 0, 10);
    put(v, 40, 3300);
    ai_vectors_settle(v);
    assert_int_equal(first_tending(v), 6600);
    assert_int_equal(stat(graph, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    assert_true(recall(v) > 0.97);
    ai_vectors_free(v);
}

/* Whatever is wrong with the file, what is found is right, and a good graph is there in the end. */
static void a_bad_file_is_built_anew(void **state)
{
    (void)state;
    struct ai_vectors *v = open_empty();
    struct stat st;
    put(v, 0, 2500);
    ai_vectors_tend(v, NULL);
    for (int round = 0; round < 3; round++) {
        v = reopen(v, true);
        assert_int_equal(stat(graph, &st), 0);
        int fd = open(graph, O_RDWR);
        if (round == 0)
            assert_int_equal(pwrite(fd, "????", 4, st.st_size / 2), 4);
        else if (round == 1)
            assert_int_equal(ftruncate(fd, st.st_size - 4096), 0);
        else
            assert_int_equal(ftruncate(fd, 0), 0);
        close(fd);
        assert_int_equal(first_tending(v), 4999);
        assert_true(recall(v) > 0.97);
    }
    ai_vectors_free(v);
}

/* A good file, over the same rows in another order. */
static void a_strange_file_is_refused(void **state)
{
    (void)state;
    char aside[112];
    struct ai_vectors *v = open_empty();
    snprintf(aside, sizeof aside, "%s.aside", graph);
    put(v, 0, 2500);
    ai_vectors_tend(v, NULL);
    ai_vectors_save(v);
    ai_vectors_free(v);
    assert_int_equal(rename(graph, aside), 0);
    assert_int_equal(unlink(path), 0);
    v = open_empty();
    for (size_t c = 2500; c-- > 0;)
        put(v, c, c + 1);
    assert_int_equal(rename(aside, graph), 0);
    assert_int_equal(ai_vectors_flush(v, 7), 0);
    ai_vectors_free(v);
    int64_t generation;
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(first_tending(v), 4999);
    assert_true(recall(v) > 0.97);
    ai_vectors_free(v);
}

/* --- Threads ---------------------------------------------------------------------------------- */

struct shared {
    struct ai_vectors *v;
    atomic_bool stop;
    atomic_size_t searches, failures;
};

static void *search_on(void *arg)
{
    struct shared *s = arg;
    for (size_t q = 0; !atomic_load(&s->stop); q++) {
        struct ai_hit hits[K];
        size_t count;
        ai_vectors_search(s->v, queries + q % QUERIES * DIM, K, hits, &count);
        bool bad = count != K;
        for (size_t i = 1; i < count; i++)
            bad |= hits[i].score > hits[i - 1].score || hits[i].chunk_id == hits[i - 1].chunk_id;
        atomic_fetch_add(&s->failures, bad);
        atomic_fetch_add(&s->searches, 1);
    }
    return NULL;
}

static void *tend_on(void *arg)
{
    struct shared *s = arg;
    while (!atomic_load(&s->stop))
        ai_vectors_tend(s->v, &s->stop);
    return NULL;
}

static void searches_changes_and_tending_side_by_side(void **state)
{
    (void)state;
    struct shared s = {.v = open_empty()};
    pthread_t readers[2], tending;
    put(s.v, 0, 2200);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, search_on, &s), 0);
    assert_int_equal(pthread_create(&tending, NULL, tend_on, &s), 0);
    for (size_t round = 0; round < 4; round++) {
        put(s.v, 2200, 3400);
        while (ai_vectors_graph_rows(s.v) < 4096)
            usleep(1000);
        for (size_t c = 2200; c < 3400; c++)
            ai_vectors_remove(s.v, (int64_t)c);
    }
    put(s.v, 2200, 3400);
    while (ai_vectors_graph_rows(s.v) < ai_vectors_rows(s.v) || atomic_load(&s.searches) < 100)
        usleep(1000);
    atomic_store(&s.stop, true);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    pthread_join(tending, NULL);
    assert_int_equal(atomic_load(&s.failures), 0);
    assert_true(recall(s.v) > 0.97);
    ai_vectors_free(s.v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(few_rows_have_no_graph, remove_files),
        cmocka_unit_test_teardown(grows_and_shrinks, remove_files),
        cmocka_unit_test_teardown(restarts, remove_files),
        cmocka_unit_test_teardown(a_bad_file_is_built_anew, remove_files),
        cmocka_unit_test_teardown(a_strange_file_is_refused, remove_files),
        cmocka_unit_test_teardown(searches_changes_and_tending_side_by_side, remove_files),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
