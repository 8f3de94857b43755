/* test_vectors_kill.c: processes that are killed while they add, remove and tend. What the store
 * has is found afterwards, and the graph goes on from its file instead of being built anew. */
#include "ai/index/vectors.h"

#include "ai/index/f16.h"
#include "core/limits.h"
#include "tests/unit/ai/index/latent.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIM = 32, CHUNKS = 12000, FIRST = 5000, ROUNDS = 25, QUERIES = 40, K = 10 };

/* What the store would have; shared with the process that is killed. */
struct truth {
    atomic_size_t added, removed; /* chunks [removed, added) are there */
    uint16_t rows[CHUNKS][DIM];
};
static struct truth *truth;
static float *queries;
static char folder[64], path[80], graph[96];

static int begin(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/sky-vkill-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/a.vec", folder);
    snprintf(graph, sizeof graph, "%s.graph", path);
    truth = mmap(NULL, sizeof *truth, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    float *all = malloc(sizeof(float) * CHUNKS * DIM);
    queries = malloc(sizeof(float) * QUERIES * DIM);
    latent_fill(all, CHUNKS, DIM, 3);
    latent_fill(queries, QUERIES, DIM, 4);
    ai_f16_pack(all, CHUNKS * DIM, truth->rows[0]);
    free(all);
    return 0;
}

static int end(void **state)
{
    (void)state;
    char beside[112];
    snprintf(beside, sizeof beside, "%s.new", graph);
    unlink(beside);
    unlink(path);
    unlink(graph);
    munmap(truth, sizeof *truth);
    free(queries);
    return rmdir(folder);
}

static struct ai_vectors *open_as_the_index_does(void)
{
    struct ai_vectors *v;
    int64_t generation;
    if (ai_vectors_open(path, DIM, &v, &generation) != 0)
        return NULL;
    ai_vectors_doubt(v);
    for (size_t c = atomic_load(&truth->removed); c < atomic_load(&truth->added); c++)
        if (ai_vectors_add(v, (int64_t)c, truth->rows[c], 1) != 0)
            return NULL;
    ai_vectors_settle(v);
    return v;
}

static void *tend_on(void *arg)
{
    for (;;)
        ai_vectors_tend(arg, NULL);
    return NULL;
}

/* The store first, then the index. One leaves for every two that come. */
static void child(size_t end_at)
{
    pthread_t tending;
    struct ai_vectors *v = open_as_the_index_does();
    if (!v || pthread_create(&tending, NULL, tend_on, v) != 0)
        _exit(1);
    for (;;) {
        size_t c = atomic_load(&truth->added);
        if (c == end_at) {
            usleep(100);
            continue;
        }
        atomic_store(&truth->added, c + 1);
        ai_vectors_add(v, (int64_t)c, truth->rows[c], 1);
        if (c % 2) {
            size_t gone = atomic_fetch_add(&truth->removed, 1);
            ai_vectors_remove(v, (int64_t)gone);
        }
    }
}

static double recall(struct ai_vectors *v)
{
    size_t hits = 0;
    for (size_t q = 0; q < QUERIES; q++) {
        struct ai_hit exact[K], near[K];
        size_t exact_count, near_count;
        ai_vectors_search_broad(v, queries + q * DIM, K, 0, exact, &exact_count);
        ai_vectors_search_broad(v, queries + q * DIM, K, 48, near, &near_count);
        assert_true(exact_count == K && near_count == K);
        for (size_t i = 0; i < K; i++) {
            assert_true(exact[i].chunk_id >= (int64_t)atomic_load(&truth->removed));
            for (size_t n = 0; n < K; n++)
                hits += near[n].chunk_id == exact[i].chunk_id;
        }
    }
    return (double)hits / (QUERIES * K);
}

static void killed_again_and_again(void **state)
{
    (void)state;
    size_t kept = 0, moved = 0;
    atomic_store(&truth->added, FIRST);
    struct ai_vectors *v = open_as_the_index_does();
    assert_non_null(v);
    ai_vectors_tend(v, NULL);
    ai_vectors_save(v);
    ai_vectors_free(v);
    srand(9);
    for (int round = 0; round < ROUNDS; round++) {
        size_t before = atomic_load(&truth->added);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            child(FIRST + (size_t)(round + 1) * (CHUNKS - FIRST) / ROUNDS);
        /* Once it has begun, at any moment. */
        while (atomic_load(&truth->added) == before)
            usleep(200);
        usleep((useconds_t)(rand() % 20000));
        assert_int_equal(kill(pid, SIGKILL), 0);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        moved += atomic_load(&truth->added) - before;

        int fd = open(graph, O_RDONLY | O_CLOEXEC);
        v = open_as_the_index_does();
        assert_non_null(v);
        size_t live = atomic_load(&truth->added) - atomic_load(&truth->removed);
        assert_int_equal(ai_vectors_chunks(v), live);
        assert_int_equal(ai_vectors_rows(v), live);
        ai_vectors_tend(v, NULL);
        assert_true(ai_vectors_graph_rows(v) >= live);
        assert_true(recall(v) > 0.95);
        struct stat st;
        /* A file that is not taken is removed. */
        kept += fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink == 1;
        if (fd >= 0)
            close(fd);
        if (round % 3 == 0)
            ai_vectors_save(v);
        ai_vectors_free(v);
    }
    print_message("# %d kills, %zu chunks came, %zu times the graph went on from its file\n",
                  ROUNDS, moved, kept);
    assert_true(moved >= ROUNDS);
    /* It must be made anew only when rows were moved. */
    assert_true(kept >= ROUNDS - 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(killed_again_and_again)};
    return cmocka_run_group_tests(tests, begin, end);
}
