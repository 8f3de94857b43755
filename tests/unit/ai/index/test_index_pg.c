/* test_index_pg.c: PostgreSQL finds what SQLite finds: the same keywords in the same order, the
 * same nearest vectors; and what leaves the store leaves its index. */
#include "ai/index/index.h"

#include "core/err.h"
#include "core/limits.h"
#include "tests/unit/ai/index/latent.h"
#include "tests/unit/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIM = 384, CHUNKS = 600, CHUNKS_EACH = 6, VECTORS = 3000, QUERIES = 60, K = 10 };

struct side {
    struct store *store;
    struct ai_index *index;
};
struct fixture {
    char dir[96];
    struct side pg, sqlite;
};
static const char *const models[] = {"minilm", "e5", "other", NULL};

static void open_side(struct fixture *f, const char *url, struct side *side)
{
    char why[300] = "";
    const struct store_options o = {
        .env = core_env_real(), .url = url, .data_dir = f->dir, .readers_max = 4};
    if (store_open(&o, &side->store, why, sizeof why) != 0)
        fail_msg("%s", why);
    const struct ai_index_options i = {.env = core_env_real(),
                                       .store = side->store,
                                       .data_dir = f->dir,
                                       .dimensions = DIM,
                                       .models = models};
    if (ai_index_open(&i, &side->index, why, sizeof why) != 0)
        fail_msg("%s", why);
}

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const char *base = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%.60s/sky-index-XXXXXX", base ? base : P_tmpdir);
    assert_non_null(mkdtemp(f->dir));
    open_side(f, test_store_url(f->dir), &f->pg);
    open_side(f, "sqlite", &f->sqlite);
    assert_string_equal(store_engine(f->pg.store), "postgresql");
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = {"sky.db",
                                        "sky.db-wal",
                                        "sky.db-shm",
                                        "index/minilm.vec",
                                        "index/minilm.vec.graph",
                                        "index/e5.vec",
                                        "index/other.vec",
                                        "index",
                                        ""};
    ai_index_free(f->pg.index);
    ai_index_free(f->sqlite.index);
    store_free(f->pg.store);
    store_free(f->sqlite.store);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        remove(path);
    }
    free(f);
    return 0;
}

static struct side *side_of(struct fixture *f, int which)
{
    return which ? &f->sqlite : &f->pg;
}

static void write_batch(struct side *side, struct store_batch *batch)
{
    assert_int_equal(store_write_wait(side->store, batch), 0);
}

/* --- Keywords --------------------------------------------------------------------------------- */

static uint64_t dice = 5;

static unsigned roll(unsigned sides)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(dice >> 33) % sides;
}

/* Words of a language of ours: some common, most rare, with endings, marks and digits. */
static void add_word(struct core_buf *out)
{
    static const char *const heads[] = {"mount", "relat",  "příruč", "Über",   "file",   "x86",
                                        "null",  "condit", "naïve",  "deamon", "kernel", "é"};
    static const char *const tails[] = {"",       "s",  "ing",  "ed", "ional",
                                        "ations", "ly", "ness", "ka", "er"};
    unsigned head = roll(4) ? roll(3) : roll(sizeof heads / sizeof *heads);
    core_buf_addf(out, "%s%s%s", out->len ? " " : "", heads[head],
                  tails[roll(sizeof tails / sizeof *tails)]);
    if (roll(3) == 0)
        core_buf_addf(out, "%u", roll(60));
}

static struct core_str some_text(struct core_buf *out, unsigned words)
{
    core_buf_init(out, 1 << 16);
    for (unsigned i = roll(words + 1); i > 0; i--)
        add_word(out);
    return core_buf_str(out);
}

static void put_content(struct fixture *f, int64_t first, const struct ai_index_chunk *chunks)
{
    for (int which = 0; which < 2; which++) {
        struct store_batch *b = store_batch_new(STORE_RELAXED);
        assert_int_equal(ai_index_put(side_of(f, which)->index, b, chunks, CHUNKS_EACH), 0);
        for (int i = 0; i < CHUNKS_EACH; i++)
            store_put(b, 1,
                      "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title,"
                      " heading, text) VALUES ($1, $2, $3, 0, 0, $4, $5, $6, $7)",
                      STORE_I(chunks[i].id), STORE_C(first % 2 ? "odd" : "even"),
                      STORE_I(first * CHUNKS_EACH + i), STORE_T(chunks[i].name),
                      STORE_T(chunks[i].title), STORE_T(chunks[i].heading),
                      STORE_T(chunks[i].text));
        write_batch(side_of(f, which), b);
    }
}

static void put_contents(struct fixture *f)
{
    for (int64_t first = 0; first < CHUNKS / CHUNKS_EACH; first++) {
        struct ai_index_chunk chunks[CHUNKS_EACH];
        struct core_buf bufs[CHUNKS_EACH][4];
        for (int i = 0; i < CHUNKS_EACH; i++)
            chunks[i] = (struct ai_index_chunk){
                1 + first * CHUNKS_EACH + i, some_text(&bufs[i][0], 2), some_text(&bufs[i][1], 4),
                some_text(&bufs[i][2], 6), some_text(&bufs[i][3], 120)};
        put_content(f, first, chunks);
        for (int i = 0; i < CHUNKS_EACH; i++)
            for (int j = 0; j < 4; j++)
                core_buf_done(&bufs[i][j]);
    }
}

/* Of chunks whose scores are equal to the sixth digit either may come first. */
static void same_hits(struct fixture *f, struct core_str query)
{
    static struct ai_hit ours[CHUNKS + 1], theirs[CHUNKS + 1];
    size_t count, their_count;
    assert_int_equal(ai_index_keywords(f->pg.index, query, CHUNKS + 1, ours, &count), 0);
    assert_int_equal(ai_index_keywords(f->sqlite.index, query, CHUNKS + 1, theirs, &their_count),
                     0);
    assert_int_equal(count, their_count);
    for (size_t i = 0; i < count; i++) {
        if (fabsf(ours[i].score - theirs[i].score) > 1e-4f * (1 + fabsf(theirs[i].score)))
            fail_msg("'%.*s': place %zu has %g, of SQLite %g", CORE_STR_ARG(query), i,
                     (double)ours[i].score, (double)theirs[i].score);
        size_t at = 0;
        while (at < count && theirs[at].chunk_id != ours[i].chunk_id)
            at++;
        assert_true(at < count);
    }
    int64_t chunks, their_chunks;
    assert_int_equal(ai_index_word_count(f->pg.index, query, &chunks), 0);
    if (core_str_find_byte(query, ' ') < 0) {
        assert_int_equal(ai_index_word_count(f->sqlite.index, query, &their_chunks), 0);
        assert_int_equal(chunks, their_chunks);
    }
}

static void keywords_are_those_of_sqlite(void **state)
{
    struct fixture *f = *state;
    char why[300];
    put_contents(f);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < QUERIES; i++) {
            struct core_buf query;
            same_hits(f, some_text(&query, 1 + (unsigned)i % 8));
            core_buf_done(&query);
        }
        same_hits(f, CORE_STR("null"));
        same_hits(f, CORE_STR("{mount}, \"files\\"));
        assert_int_equal(ai_index_check(f->pg.index, why, sizeof why), 0);
        /* Half of the contents leave. */
        for (int which = 0; round == 0 && which < 2; which++) {
            int64_t gone[CHUNKS];
            for (size_t i = 0; i < CHUNKS; i++)
                gone[i] = (int64_t)i + 1;
            struct store_batch *b = store_batch_new(STORE_RELAXED);
            store_put(b, CHUNKS / 2, "DELETE FROM chunk WHERE content_id = $1", STORE_C("odd"));
            write_batch(side_of(f, which), b);
            ai_index_remove(side_of(f, which)->index, gone, CHUNKS);
        }
    }
    int64_t rows;
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    store_put(b, CHUNKS / 2, "DELETE FROM chunk WHERE content_id = $1", STORE_C("even"));
    write_batch(&f->pg, b);
    assert_int_equal(store_read_i64(f->pg.store,
                                    "SELECT (SELECT COUNT(*) FROM keyword) +"
                                    " (SELECT COUNT(*) FROM keyword_content)",
                                    NULL, 0, &rows),
                     0);
    assert_int_equal(rows, 0);
}

static void check_tells_what_is_missing(void **state)
{
    struct fixture *f = *state;
    char why[300];
    put_contents(f);
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    store_put(b, 1, "DELETE FROM keyword_content WHERE first = $1", STORE_I(1));
    write_batch(&f->pg, b);
    assert_int_equal(ai_index_check(f->pg.index, why, sizeof why), CORE_EMISMATCH);
    assert_non_null(strstr(why, "594 of 600"));
}

/* --- Vectors ---------------------------------------------------------------------------------- */

/* Two windows to a chunk. */
static void put_vectors(struct fixture *f, const char *model, const float *vectors)
{
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    unsigned char data[DIM * 2];
    for (int64_t i = 0; i < VECTORS; i++) {
        ai_index_pack(vectors + i * DIM, DIM, data);
        store_put(b, 1,
                  "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
                  " VALUES ($1, $2, $3, 0, 0, $4)",
                  STORE_I(1 + i / 2), STORE_C(model), STORE_I(i % 2), STORE_B(data, sizeof data));
    }
    write_batch(&f->pg, b);
    for (int64_t i = 0; i < VECTORS; i += 2)
        assert_int_equal(ai_index_add(f->pg.index, model, 1 + i / 2, vectors + i * DIM, 2), 0);
}

static float dot(const float *a, const float *b)
{
    float sum = 0;
    for (int i = 0; i < DIM; i++)
        sum += a[i] * b[i];
    return sum;
}

static size_t chunks_above(const float *vectors, const float *query, float score)
{
    size_t n = 0;
    for (size_t i = 0; i < VECTORS; i += 2)
        n += fmaxf(dot(vectors + i * DIM, query), dot(vectors + (i + 1) * DIM, query)) > score;
    return n;
}

/* How many of the K found are among the K best, over all queries; every score is right. */
static double recall(struct fixture *f, const char *model, const float *vectors,
                     const float *queries, size_t k)
{
    static struct ai_hit hits[AI_LIMIT_HITS];
    size_t right = 0;
    for (size_t q = 0; q < QUERIES; q++) {
        const float *query = queries + q * DIM;
        size_t count;
        assert_int_equal(ai_index_vectors(f->pg.index, model, query, k, hits, &count), 0);
        assert_int_equal(count, k);
        for (size_t i = 0; i < K; i++) {
            const float *rows = vectors + (hits[i].chunk_id - 1) * 2 * DIM;
            float best = fmaxf(dot(rows, query), dot(rows + DIM, query));
            assert_true(fabsf(best - hits[i].score) < 0.002f);
            assert_true(i == 0 || hits[i].score <= hits[i - 1].score);
            right += chunks_above(vectors, query, best) < K;
        }
    }
    return (double)right / (QUERIES * K);
}

static void vectors_are_nearly_the_nearest(void **state)
{
    struct fixture *f = *state;
    float *vectors = malloc((VECTORS + QUERIES) * DIM * sizeof *vectors);
    const float *queries = vectors + VECTORS * DIM;
    latent_fill(vectors, VECTORS + QUERIES, DIM, 3);
    put_vectors(f, "minilm", vectors);
    put_vectors(f, "other", vectors);
    assert_int_equal(ai_index_count(f->pg.index, "minilm"), VECTORS / 2);
    assert_true(recall(f, "minilm", vectors, queries, K) >= 0.98);
    /* More than the walk gives, and a model without an index: all rows are compared. */
    assert_true(recall(f, "minilm", vectors, queries, 500) >= 0.998);
    assert_true(recall(f, "other", vectors, queries, K) >= 0.998);
    struct ai_hit some[] = {{.chunk_id = 7}, {.chunk_id = 999999}, {.chunk_id = 2}};
    assert_int_equal(ai_index_score(f->pg.index, "minilm", vectors + 13 * DIM, some, 3), 0);
    assert_true(some[0].score > 0.998f && some[1].score == -1 && some[2].score < 0.998f);
    free(vectors);
}

static void rows_of_another_size_are_nobodys(void **state)
{
    struct fixture *f = *state;
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    float query[DIM] = {1};
    struct ai_hit hit;
    size_t count;
    char why[300];
    store_put(b, 1,
              "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
              " VALUES ($1, $2, 0, 0, 0, $3)",
              STORE_I(1), STORE_C("minilm"), STORE_B("1234", 4));
    write_batch(&f->pg, b);
    assert_int_equal(ai_index_vectors(f->pg.index, "minilm", query, 1, &hit, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(ai_index_check(f->pg.index, why, sizeof why), 0);
}

/* Every half that is a number comes through the trigger as it is. */
static void halves_come_through(void **state)
{
    struct fixture *f = *state;
    struct store_batch *b = store_batch_new(STORE_RELAXED);
    unsigned char data[DIM * 2];
    unsigned half = 0;
    for (int64_t row = 0; half < 0x10000; row++) {
        for (int i = 0; i < DIM; i++) {
            unsigned bits = half < 0x10000 ? half++ : 0;
            bits = (bits >> 10 & 31) == 31 ? 0 : bits; /* infinite, or no number */
            data[2 * i] = (unsigned char)bits;
            data[2 * i + 1] = (unsigned char)(bits >> 8);
        }
        store_put(b, 1,
                  "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
                  " VALUES ($1, 'other', 0, 0, 0, $2)",
                  STORE_I(row + 1), STORE_B(data, sizeof data));
    }
    write_batch(&f->pg, b);
    int64_t wrong;
    /* halfvec_send(): two numbers of 16 bits, then halves, the high byte first. */
    assert_int_equal(
        store_read_i64(
            f->pg.store,
            "SELECT COUNT(*) FROM vector CROSS JOIN generate_series(0, 383) AS at (i)"
            " WHERE (get_byte(halfvec_send(near), 4 + 2 * i) <> get_byte(data, 2 * i + 1)"
            " OR get_byte(halfvec_send(near), 5 + 2 * i) <> get_byte(data, 2 * i))"
            " AND NOT (get_byte(data, 2 * i) = 0 AND get_byte(data, 2 * i + 1) = 128)",
            NULL, 0, &wrong),
        0);
    assert_int_equal(wrong, 0); /* but for −0, which is 0 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keywords_are_those_of_sqlite, begin, end),
        cmocka_unit_test_setup_teardown(check_tells_what_is_missing, begin, end),
        cmocka_unit_test_setup_teardown(vectors_are_nearly_the_nearest, begin, end),
        cmocka_unit_test_setup_teardown(rows_of_another_size_are_nobodys, begin, end),
        cmocka_unit_test_setup_teardown(halves_come_through, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
