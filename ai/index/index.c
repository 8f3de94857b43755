/*
 * index.c: the face of the index (see index.h), dispatched to what its store has: FTS5 and files of
 * vectors beside SQLite, tables and pgvector on PostgreSQL.
 */
#include "ai/index/index.h"

#include "ai/index/f16.h"
#include "ai/index/keyword.h"
#include "ai/index/near.h"
#include "ai/index/wordcache.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct ai_index {
    const struct core_env *env;
    struct store *store;
    const struct ai_keyword_engine *keyword;
    const struct ai_near_engine *near_engine;
    struct ai_near *near;
    char names[AI_LIMIT_MODELS][AI_LIMIT_MODEL_NAME + 1];
    size_t model_count;
    struct ai_wordcache *words;
};

/* model_count: none of that name. */
static size_t find_model(const struct ai_index *index, const char *name)
{
    size_t i = 0;
    while (i < index->model_count && strcmp(index->names[i], name) != 0)
        i++;
    return i;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* A name becomes a file name and a key: letters, digits, '-', '_' only. */
static int add_model(struct ai_index *index, const char *name)
{
    size_t len = strlen(name);
    if (index->model_count == AI_LIMIT_MODELS || len == 0 || len > AI_LIMIT_MODEL_NAME ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != len ||
        find_model(index, name) < index->model_count)
        return CORE_EINVAL;
    memcpy(index->names[index->model_count++], name, len + 1);
    return 0;
}

int ai_index_open(const struct ai_index_options *options, struct ai_index **ret, char *why,
                  size_t why_cap)
{
    struct ai_index *index = core_alloc(sizeof *index);
    bool pg = strcmp(store_engine(options->store), "postgresql") == 0;
    const char *models[AI_LIMIT_MODELS + 1] = {NULL};
    struct ai_index_options own = *options;
    char reason[300] = "";
    index->env = options->env;
    index->store = options->store;
    index->keyword = pg ? &ai_keyword_pg : &ai_keyword_sqlite;
    index->near_engine = pg ? &ai_near_pg : &ai_near_files;
    index->words = ai_wordcache_new();
    int err = options->dimensions == 0 || options->dimensions > AI_LIMIT_VECTOR_DIMENSIONS
                  ? CORE_EINVAL
                  : 0;
    for (size_t i = 0; err == 0 && options->models[i]; i++)
        err = add_model(index, options->models[i]);
    for (size_t i = 0; i < index->model_count; i++)
        models[i] = index->names[i];
    own.models = models;
    if (err == 0)
        err = index->near_engine->open(&own, &index->near, reason, sizeof reason);
    if (err == 0 && index->keyword->fill)
        err = index->keyword->fill(index->store);
    if (err) {
        snprintf(why, why_cap, "the search index cannot be filled from the database: %s",
                 reason[0] ? reason : core_err_text(err));
        ai_index_free(index);
        return err;
    }
    *ret = index;
    return 0;
}

void ai_index_free(struct ai_index *index)
{
    if (!index)
        return;
    index->near_engine->free(index->near);
    ai_wordcache_free(index->words);
    free(index);
}

/* --- Searching -------------------------------------------------------------------------------- */

/* A word in more than half of the chunks has no weight in BM25 but costs the most to look up. Few
 * chunks cost nothing, and there even such a word may be all that is asked for. */
static bool rare_enough(void *arg, struct core_str word)
{
    struct ai_index *index = arg;
    int64_t chunks, total;
    uint64_t now = core_mono_ms(index->env);
    if (!ai_wordcache_get(index->words, CORE_STR(""), now, &total)) {
        if (index->keyword->total(index->store, &total) != 0)
            return true;
        ai_wordcache_put(index->words, CORE_STR(""), now, total);
    }
    return total < AI_LIMIT_COMMON_WORDS_FROM || ai_index_word_count(index, word, &chunks) != 0 ||
           chunks * 2 <= total;
}

int ai_index_keywords(struct ai_index *index, struct core_str query, size_t k, struct ai_hit *ret,
                      size_t *ret_count)
{
    if (k > AI_LIMIT_HITS)
        return CORE_ETOOBIG;
    return index->keyword->search(index->store, query, rare_enough, index, k, ret, ret_count);
}

int ai_index_word_count(struct ai_index *index, struct core_str word, int64_t *ret_chunks)
{
    uint64_t now = core_mono_ms(index->env);
    if (ai_wordcache_get(index->words, word, now, ret_chunks))
        return 0;
    int64_t chunks;
    int err = index->keyword->count(index->store, word, &chunks);
    if (err)
        return err;
    ai_wordcache_put(index->words, word, now, chunks);
    *ret_chunks = chunks;
    return 0;
}

int ai_index_word_counts(struct ai_index *index, const struct core_str *words, size_t count,
                         int64_t *ret_chunks)
{
    int err = 0;
    for (size_t at = 0, n; at < count && err == 0; at += n) {
        n = count - at < AI_LIMIT_QUERY_WORDS ? count - at : AI_LIMIT_QUERY_WORDS;
        err = index->keyword->counts(index->store, words + at, n, ret_chunks + at);
    }
    return err;
}

int ai_index_vectors(struct ai_index *index, const char *model, const float *query, size_t k,
                     struct ai_hit *ret, size_t *ret_count)
{
    size_t m = find_model(index, model);
    if (m == index->model_count)
        return CORE_EINVAL;
    if (k > AI_LIMIT_HITS)
        return CORE_ETOOBIG;
    return index->near_engine->search(index->near, m, query, k, ret, ret_count);
}

int ai_index_score(struct ai_index *index, const char *model, const float *query,
                   struct ai_hit *hits, size_t count)
{
    size_t m = find_model(index, model);
    return m == index->model_count ? CORE_EINVAL
                                   : index->near_engine->score(index->near, m, query, hits, count);
}

size_t ai_index_count(struct ai_index *index, const char *model)
{
    size_t m = find_model(index, model);
    return m == index->model_count ? 0 : index->near_engine->count(index->near, m);
}

/* --- Changing --------------------------------------------------------------------------------- */

int ai_index_put(struct ai_index *index, struct store_batch *batch,
                 const struct ai_index_chunk *chunks, size_t count)
{
    return index->keyword->put ? index->keyword->put(batch, chunks, count) : 0;
}

int ai_index_add(struct ai_index *index, const char *model, int64_t chunk_id, const float *vectors,
                 size_t windows)
{
    size_t m = find_model(index, model);
    if (m == index->model_count || windows == 0 || windows > AI_LIMIT_CHUNK_WINDOWS)
        return CORE_EINVAL;
    return index->near_engine->add(index->near, m, chunk_id, vectors, windows);
}

void ai_index_remove(struct ai_index *index, const int64_t *chunk_ids, size_t count)
{
    if (count == 0)
        return;
    index->near_engine->remove(index->near, chunk_ids, count);
    ai_wordcache_clear(index->words);
}

int ai_index_check(struct ai_index *index, char *why, size_t why_cap)
{
    int err = index->keyword->check(index->store, why, why_cap);
    return err ? err : index->near_engine->check(index->near, why, why_cap);
}

/* --- The store's form of a vector ------------------------------------------------------------- */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "vectors are stored little-endian");

void ai_index_pack(const float *in, size_t n, unsigned char *out)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t half;
        ai_f16_pack(in + i, 1, &half);
        memcpy(out + i * 2, &half, 2);
    }
}

/* The bytes of a store's row may lie anywhere: they are looked at through an aligned copy. */
enum { BLOCK = 128 };

void ai_index_unpack(const unsigned char *in, size_t n, float *out)
{
    uint16_t halves[BLOCK];
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t len = n - i < BLOCK ? n - i : BLOCK;
        memcpy(halves, in + 2 * i, 2 * len);
        ai_f16_unpack(halves, len, out + i);
    }
}

float ai_index_dot(const unsigned char *packed, size_t n, const float *query)
{
    uint16_t halves[AI_LIMIT_VECTOR_DIMENSIONS];
    float dot = 0;
    size_t whole = n - n % AI_F16_LANES;
    assert(n <= AI_LIMIT_VECTOR_DIMENSIONS);
    memcpy(halves, packed, 2 * n);
    if (whole > 0)
        ai_f16_dot(halves, whole, 1, query, &dot);
    for (size_t i = whole; i < n; i++) {
        float value;
        ai_f16_unpack(halves + i, 1, &value);
        dot += value * query[i];
    }
    return dot;
}
