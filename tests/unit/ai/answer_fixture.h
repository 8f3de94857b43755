/* answer_fixture.h: a store in a folder of its own, and an `ai` that has nothing but it. */
#ifndef TESTS_UNIT_AI_ANSWER_FIXTURE_H
#define TESTS_UNIT_AI_ANSWER_FIXTURE_H

#include "tests/unit/store.h"
#include "ai/room.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct answer_fixture {
    char dir[64];
    struct ai ai;
    struct core_pool *pool;
};

static inline int answer_setup(void **state)
{
    struct answer_fixture *f = core_alloc(sizeof *f);
    char why[256] = "";
    snprintf(f->dir, sizeof f->dir, "sky-test-ai-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->ai.env = core_env_real();
    const struct store_options options = {
        .env = f->ai.env, .url = test_store_url(f->dir), .data_dir = f->dir, .readers_max = 2};
    if (store_open(&options, &f->ai.store, why, sizeof why) < 0)
        fail_msg("%s", why);
    f->pool = core_pool_new(1 << 20);
    *state = f;
    return 0;
}

static inline int answer_teardown(void **state)
{
    struct answer_fixture *f = *state;
    char path[128];
    static const char *const files[] = {"sky.db", "sky.db-wal", "sky.db-shm"};
    store_free(f->ai.store);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        unlink(path);
    }
    rmdir(f->dir);
    core_pool_free(f->pool);
    free(f);
    return 0;
}

/* An index beside the store, for vectors of these models. */
static inline void answer_index_open(struct answer_fixture *f, unsigned dimensions,
                                     const char *const *models)
{
    char why[256] = "";
    const struct ai_index_options options = {.env = f->ai.env,
                                             .store = f->ai.store,
                                             .data_dir = f->dir,
                                             .dimensions = dimensions,
                                             .models = models};
    if (ai_index_open(&options, &f->ai.index, why, sizeof why) < 0)
        fail_msg("%s", why);
}

static inline void answer_index_close(struct answer_fixture *f)
{
    static const char *const files[] = {"minilm.vec", "minilm.vec.graph", ""};
    char path[128];
    ai_index_free(f->ai.index);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/index/%s", f->dir, files[i]);
        remove(path);
    }
}

/* A chunk of a content, in the store and in the index. */
static inline void answer_put_chunk(struct answer_fixture *f, const char *content,
                                    const struct ai_index_chunk *chunk)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title, heading,"
              " text) VALUES ($1, $2, 0, 0, 4, $3, $4, $5, $6)",
              STORE_I(chunk->id), STORE_C(content), STORE_T(chunk->name), STORE_T(chunk->title),
              STORE_T(chunk->heading), STORE_T(chunk->text));
    assert_int_equal(ai_index_put(f->ai.index, batch, chunk, 1), 0);
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

/* A vector of "minilm" whose cosine with (1, 0, …) is given, in the store and in the index. */
static inline int answer_put_vector(struct answer_fixture *f, int64_t chunk_id, float cosine)
{
    enum { DIMENSIONS = 384 };
    float v[DIMENSIONS] = {cosine, sqrtf(1 - cosine * cosine)};
    unsigned char data[DIMENSIONS * 2];
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    ai_index_pack(v, DIMENSIONS, data);
    store_put(batch, 1,
              "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
              " VALUES ($1, 'minilm', 0, 0, 0, $2)",
              STORE_I(chunk_id), STORE_B(data, sizeof data));
    int err = store_write_wait(f->ai.store, batch);
    return err ? err : ai_index_add(f->ai.index, "minilm", chunk_id, v, 1);
}

/* A document "/doc/<id>" of content <id>. */
static inline void answer_add_document(struct answer_fixture *f, const char *id)
{
    char name[64];
    snprintf(name, sizeof name, "/doc/%s", id);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(
        batch, 1,
        "INSERT INTO content (id, source_hash, extractor, title, mime, language, text, headings)"
        " VALUES ($1, $2, 1, $1, 'text/plain', 'en', 'text', '[]')",
        STORE_C(id), STORE_B(id, strlen(id)));
    store_put(batch, 1,
              "INSERT INTO document (id, name, root, content_id, source_bytes, source_mtime_ms,"
              " learned_ms) VALUES ($1, $2, '', $1, 1, 1, 1)",
              STORE_C(id), STORE_C(name));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static inline int64_t answer_count(struct answer_fixture *f, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(store_read_i64(f->ai.store, sql, NULL, 0, &n), 0);
    return n;
}

#endif
