/* test_vectors.c: the mapped vector file against plain arrays; damage of every kind. */
#include "ai/index/vectors.h"

#include "ai/index/f16.h"
#include "core/err.h"
#include "core/limits.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIM = 40, CHUNKS = 3000, WINDOWS = 3 }; /* 40: rows are padded */

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s/sky-vectors-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : P_tmpdir);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/a.vec", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

/* What the file should hold. */
struct truth {
    size_t windows[CHUNKS]; /* 0: absent */
    uint16_t rows[CHUNKS][WINDOWS][DIM];
};

static float uniform(void)
{
    return (float)rand() / (float)RAND_MAX - 0.5f;
}

static void random_unit(float *v)
{
    double square = 0;
    for (int i = 0; i < DIM; i++) {
        v[i] = uniform();
        square += (double)v[i] * v[i];
    }
    for (int i = 0; i < DIM; i++)
        v[i] = (float)(v[i] / sqrt(square));
}

static void put(struct ai_vectors *v, struct truth *t, size_t chunk)
{
    t->windows[chunk] = 1 + (size_t)rand() % WINDOWS;
    for (size_t w = 0; w < t->windows[chunk]; w++) {
        float unit[DIM];
        random_unit(unit);
        ai_f16_pack(unit, DIM, t->rows[chunk][w]);
    }
    assert_int_equal(ai_vectors_add(v, (int64_t)chunk, t->rows[chunk][0], t->windows[chunk]), 0);
}

static void take(struct ai_vectors *v, struct truth *t, size_t chunk)
{
    assert_int_equal(ai_vectors_remove(v, (int64_t)chunk), t->windows[chunk]);
    t->windows[chunk] = 0;
}

static float score(const struct truth *t, size_t chunk, const float *query)
{
    float best = -1;
    for (size_t w = 0; w < t->windows[chunk]; w++) {
        float row[DIM];
        double sum = 0;
        ai_f16_unpack(t->rows[chunk][w], DIM, row);
        for (int i = 0; i < DIM; i++)
            sum += (double)row[i] * query[i];
        if (sum > best)
            best = (float)sum;
    }
    return best;
}

static void check(struct ai_vectors *v, const struct truth *t)
{
    float query[DIM];
    random_unit(query);
    size_t chunks = 0, rows = 0, better = 0;
    struct ai_hit hits[25], one;
    size_t count;
    ai_vectors_search(v, query, 25, hits, &count);
    for (size_t c = 0; c < CHUNKS; c++) {
        chunks += t->windows[c] > 0;
        rows += t->windows[c];
        if (count == 25 && t->windows[c])
            better += score(t, c, query) > hits[24].score + 1e-5f;
    }
    assert_int_equal(ai_vectors_chunks(v), chunks);
    assert_int_equal(ai_vectors_rows(v), rows);
    assert_int_equal(count, chunks < 25 ? chunks : 25);
    assert_true(better <= 24);
    for (size_t i = 0; i < count; i++) {
        assert_true(fabsf(hits[i].score - score(t, (size_t)hits[i].chunk_id, query)) < 1e-5f);
        assert_true(i == 0 || hits[i].score <= hits[i - 1].score);
        for (size_t k = 0; k < i; k++)
            assert_true(hits[k].chunk_id != hits[i].chunk_id);
        one = (struct ai_hit){.chunk_id = hits[i].chunk_id};
        ai_vectors_score(v, query, &one, 1);
        assert_true(fabsf(one.score - hits[i].score) < 1e-5f);
    }
    one = (struct ai_hit){.chunk_id = CHUNKS + 5};
    ai_vectors_score(v, query, &one, 1);
    assert_true(one.score == -1);
}

static void agrees_with_plain_arrays(void **state)
{
    (void)state;
    struct truth *t = calloc(1, sizeof *t);
    struct ai_vectors *v;
    int64_t generation;
    srand(11);
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(generation, -1);
    ai_vectors_settle(v);
    check(v, t);
    for (int round = 0; round < 12; round++) {
        for (int step = 0; step < 1500; step++) {
            size_t chunk = (size_t)rand() % CHUNKS;
            /* Phases of growing and of shrinking, so that it compacts. */
            if (rand() % 10 < (round % 4 == 3 ? 1 : 7))
                put(v, t, chunk);
            else
                take(v, t, chunk);
        }
        check(v, t);
        if (round % 3 == 2) {
            assert_int_equal(ai_vectors_flush(v, 1000 + round), 0);
            ai_vectors_free(v);
            assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
            assert_int_equal(generation, 1000 + round);
            check(v, t);
        }
    }
    for (size_t c = 0; c < CHUNKS; c++)
        take(v, t, c);
    check(v, t);
    ai_vectors_free(v);
    free(t);
}

static void limits(void **state)
{
    (void)state;
    struct ai_vectors *v;
    int64_t generation;
    static uint16_t rows[(AI_LIMIT_CHUNK_WINDOWS + 1) * DIM];
    assert_int_equal(ai_vectors_open(path, 0, &v, &generation), CORE_EINVAL);
    assert_int_equal(ai_vectors_open("/nonexistent/x.vec", DIM, &v, &generation), CORE_ENOTFOUND);
    assert_int_equal(ai_vectors_open("/dev/null", DIM, &v, &generation), CORE_EUNSUPPORTED);
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(ai_vectors_add(v, 1, rows, 0), CORE_EINVAL);
    assert_int_equal(ai_vectors_add(v, 1, rows, AI_LIMIT_CHUNK_WINDOWS + 1), CORE_EINVAL);
    assert_int_equal(ai_vectors_add(v, INT64_MIN, rows, 1), CORE_EINVAL);
    assert_int_equal(ai_vectors_add(v, INT64_MAX, rows, AI_LIMIT_CHUNK_WINDOWS), 0);
    ai_vectors_free(v);
}

static void fill(int64_t generation)
{
    struct ai_vectors *v;
    int64_t was;
    uint16_t rows[2][DIM] = {{0x3c00}, {0, 0x3c00}};
    unlink(path);
    assert_int_equal(ai_vectors_open(path, DIM, &v, &was), 0);
    ai_vectors_settle(v);
    for (int64_t c = 0; c < 1500; c++)
        assert_int_equal(ai_vectors_add(v, c, rows[0], 2), 0);
    assert_int_equal(ai_vectors_flush(v, generation), 0);
    ai_vectors_free(v);
}

/* After any damage the file has generation −1 and nothing in it is left unless it is confirmed; or,
 * where the damage hit bytes that carry nothing, it is whole. */
static void reopen(unsigned dimensions, bool must_notice)
{
    struct ai_vectors *v;
    int64_t generation;
    assert_int_equal(ai_vectors_open(path, dimensions, &v, &generation), 0);
    if (must_notice)
        assert_int_equal(generation, -1);
    if (generation == -1)
        ai_vectors_settle(v);
    assert_int_equal(ai_vectors_chunks(v), generation == -1 ? 0 : 1500);
    uint16_t row[DIM * 4] = {0x3c00};
    assert_int_equal(ai_vectors_add(v, 7, row, 1), 0);
    ai_vectors_free(v);
}

static void damage_is_noticed(void **state)
{
    (void)state;
    struct stat st;
    fill(5);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    srand(12);
    for (int round = 0; round < 60; round++) {
        fill(5);
        int fd = open(path, O_RDWR);
        /* The header's first fields, then anywhere in the used rows of the first segment. */
        off_t at = round < 40 ? round : 4096 + 64 + rand() % (1024 * (8 + 128));
        unsigned char byte;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= (unsigned char)(1 << rand() % 8);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
        reopen(DIM, true);
    }
    for (off_t size = 0; size < st.st_size; size += 1 + st.st_size / 23) {
        fill(5);
        assert_int_equal(truncate(path, size), 0);
        reopen(DIM, true);
    }
    fill(5);
    reopen(DIM + 1, true); /* another model under the old name */
    fill(5);
    int fd = open(path, O_RDWR | O_APPEND);
    assert_int_equal(write(fd, "tail", 4), 4);
    close(fd);
    reopen(DIM, false);
}

/* What was damaged in the rows is found out by adding what should be there, and only that
 * changes. */
static void doubt_keeps_what_is_confirmed(void **state)
{
    (void)state;
    struct truth *t = calloc(1, sizeof *t);
    struct ai_vectors *v;
    int64_t generation;
    srand(13);
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    ai_vectors_settle(v);
    for (size_t c = 0; c < CHUNKS; c++)
        put(v, t, c);
    assert_int_equal(ai_vectors_flush(v, 3), 0);
    ai_vectors_free(v);
    int fd = open(path, O_RDWR);
    for (int round = 0; round < 20; round++) { /* bytes of rows of the first segment */
        off_t at = 4096 + 64 + 1024 * 8 + rand() % (1024 * 128);
        assert_int_equal(pwrite(fd, "?", 1, at), 1);
    }
    close(fd);
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(generation, -1);
    /* Some left the store, some changed there, one is new. */
    t->windows[5] = t->windows[700] = 0;
    t->rows[9][0][3] ^= 1;
    for (size_t c = 0; c < CHUNKS; c++)
        if (t->windows[c])
            assert_int_equal(ai_vectors_add(v, (int64_t)c, t->rows[c][0], t->windows[c]), 0);
    ai_vectors_settle(v);
    check(v, t);
    /* Confirmed rows did not move: no more than the damaged and changed ones were added. */
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    size_t segments = ((size_t)st.st_size - 4096) / (64 + 1024 * (8 + 128));
    assert_int_equal(segments, (ai_vectors_rows(v) + 1023) / 1024);
    ai_vectors_free(v);
    free(t);
}

/* A process that dies between flush and the next: the header is old, the rows are newer. */
static void changes_after_a_flush_do_not_pass_for_it(void **state)
{
    (void)state;
    fill(5);
    struct ai_vectors *v;
    int64_t generation;
    uint16_t row[DIM] = {0x3c00};
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(generation, 5);
    ai_vectors_remove(v, 3);
    assert_int_equal(ai_vectors_add(v, 9999, row, 1), 0);
    ai_vectors_free(v); /* no flush */
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    /* The removal touched a checksummed segment. */
    assert_int_equal(generation, -1);
    ai_vectors_free(v);
}

/* The file may not grow any more: what it held and what comes lives on in memory. */
static void a_full_disk_leads_into_memory(void **state)
{
    (void)state;
    struct truth *t = calloc(1, sizeof *t);
    struct ai_vectors *v;
    int64_t generation;
    struct rlimit was, small;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = was;
    small.rlim_cur = 400 << 10;
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (size_t c = 0; c < CHUNKS; c++)
        put(v, t, c);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_true(ai_vectors_in_memory(v));
    check(v, t);
    for (size_t c = 0; c < CHUNKS; c += 2)
        take(v, t, c);
    check(v, t);
    assert_int_equal(ai_vectors_flush(v, 9), 0);
    ai_vectors_free(v);
    assert_int_equal(ai_vectors_open(path, DIM, &v, &generation), 0);
    assert_int_equal(generation, -1);
    assert_false(ai_vectors_in_memory(v));
    ai_vectors_free(v);
    assert_int_equal(ai_vectors_open(NULL, DIM, &v, &generation), 0);
    assert_int_equal(generation, -1);
    ai_vectors_free(v);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(agrees_with_plain_arrays, remove_file),
        cmocka_unit_test_teardown(limits, remove_file),
        cmocka_unit_test_teardown(damage_is_noticed, remove_file),
        cmocka_unit_test_teardown(doubt_keeps_what_is_confirmed, remove_file),
        cmocka_unit_test_teardown(a_full_disk_leads_into_memory, remove_file),
        cmocka_unit_test_teardown(changes_after_a_flush_do_not_pass_for_it, remove_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
