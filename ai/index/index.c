/*
 * index.c: the face of the index (see index.h): the store's keyword engine and one vector file per
 * model, kept in agreement with the store.
 *
 * Agreement is by counting. Triggers of the schema count in `setting` how often rows of a model were
 * inserted into or deleted from `vector`. The index counts what it was told the same way, from the
 * number it began with, and writes its count into the file when it is closed. At the next open equal
 * numbers mean that nothing was missed; anything else compares the file with the store, row by row,
 * and changes what differs.
 *
 * One thread tends the vectors of all models (see vectors.h): it is woken by every change.
 */
#include "ai/index/index.h"

#include "ai/index/f16.h"
#include "ai/index/keyword.h"
#include "ai/index/tender.h"
#include "ai/index/vectors.h"
#include "ai/index/wordcache.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct model {
    char name[AI_LIMIT_MODEL_NAME + 1];
    char key[AI_LIMIT_MODEL_NAME + 16]; /* of its row in `setting` */
    struct ai_vectors *vectors;
    atomic_int_fast64_t generation;
};

struct ai_index {
    const struct core_env *env;
    struct store *store;
    unsigned dimensions;
    struct model models[AI_LIMIT_MODELS];
    size_t model_count;
    struct ai_wordcache *words;
    struct ai_tender *tender;
};

static struct model *find_model(struct ai_index *index, const char *name)
{
    for (size_t i = 0; i < index->model_count; i++)
        if (strcmp(index->models[i].name, name) == 0)
            return &index->models[i];
    return NULL;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* Bringing a file into agreement with the store: rows arrive by chunk, then window. */
struct fill {
    struct ai_index *index;
    struct model *model;
    int64_t chunk_id;
    size_t windows;
    uint16_t *rows; /* AI_LIMIT_CHUNK_WINDOWS × dimensions */
};

static int fill_flush(struct fill *fill)
{
    if (fill->windows == 0)
        return 0;
    int err = ai_vectors_add(fill->model->vectors, fill->chunk_id, fill->rows, fill->windows);
    fill->windows = 0;
    return err;
}

static int fill_row(void *arg, const struct store_row *row)
{
    struct fill *fill = arg;
    int64_t chunk_id = store_row_i64(row, 0);
    struct core_str data = store_row_str(row, 1);
    size_t row_bytes = fill->index->dimensions * sizeof(uint16_t);
    if (chunk_id != fill->chunk_id) {
        int err = fill_flush(fill);
        if (err)
            return err;
        fill->chunk_id = chunk_id;
    }
    /* A row of another size came from another model under the same name: as if it were not there. */
    if (data.len == row_bytes && fill->windows < AI_LIMIT_CHUNK_WINDOWS)
        memcpy(fill->rows + fill->windows++ * fill->index->dimensions, data.ptr, row_bytes);
    return 0;
}

static int store_generation(struct ai_index *index, const struct model *model, int64_t *ret)
{
    const struct store_value params[] = {STORE_C(model->key)};
    int64_t generation = 0;
    int err = store_read_i64(index->store,
                             "SELECT CAST(value AS INTEGER) FROM setting WHERE key = $1", params, 1,
                             &generation);
    if (err && err != CORE_ENOTFOUND)
        return err;
    *ret = generation;
    return 0;
}

/* In a snapshot: the generation and the rows of one moment. */
static int fill_from_store(void *arg)
{
    struct fill *fill = arg;
    const struct store_value params[] = {STORE_C(fill->model->name)};
    int64_t generation;
    int err = store_generation(fill->index, fill->model, &generation);
    if (err == 0)
        err = store_read(fill->index->store,
                         "SELECT chunk_id, data FROM vector WHERE model = $1"
                         " ORDER BY chunk_id, ordinal",
                         params, 1, fill_row, fill);
    if (err == 0)
        err = fill_flush(fill);
    if (err == 0) {
        ai_vectors_settle(fill->model->vectors);
        atomic_store(&fill->model->generation, generation);
    }
    return err;
}

static int open_model(struct ai_index *index, struct model *model, const char *folder)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s.vec", folder, model->name);
    if (n < 0 || (size_t)n >= sizeof path)
        return CORE_ETOOBIG;
    int64_t of_file, of_store;
    /* What is derived needs no disk: it is only slower to start without. */
    int err = ai_vectors_open(path, index->dimensions, &model->vectors, &of_file);
    if (err && err != CORE_EINVAL)
        err = ai_vectors_open(NULL, index->dimensions, &model->vectors, &of_file);
    if (err)
        return err;
    err = store_generation(index, model, &of_store);
    if (err)
        return err;
    if (of_file == of_store) {
        atomic_store(&model->generation, of_file);
        return 0;
    }
    ai_vectors_doubt(model->vectors);
    struct fill fill = {.index = index, .model = model};
    fill.rows = core_alloc_array(AI_LIMIT_CHUNK_WINDOWS * index->dimensions, sizeof *fill.rows);
    err = store_snapshot(index->store, fill_from_store, &fill);
    free(fill.rows);
    return err;
}

/* A name becomes a file name and a key: letters, digits, '-', '_' only. */
static int add_model(struct ai_index *index, const char *name)
{
    size_t len = strlen(name);
    if (index->model_count == AI_LIMIT_MODELS || len == 0 || len > AI_LIMIT_MODEL_NAME ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != len || find_model(index, name))
        return CORE_EINVAL;
    struct model *model = &index->models[index->model_count++];
    memcpy(model->name, name, len + 1);
    snprintf(model->key, sizeof model->key, "vectors.%s", name);
    return 0;
}

static void tend(void *arg, const atomic_bool *stop)
{
    struct ai_index *index = arg;
    for (size_t i = 0; i < index->model_count; i++)
        ai_vectors_tend(index->models[i].vectors, stop);
}

int ai_index_open(const struct ai_index_options *options, struct ai_index **ret, char *why,
                  size_t why_cap)
{
    struct ai_index *index = core_alloc(sizeof *index);
    index->env = options->env;
    index->store = options->store;
    index->dimensions = options->dimensions;
    index->words = ai_wordcache_new();
    char folder[4000];
    int n = snprintf(folder, sizeof folder, "%s/index", options->data_dir);
    int err = n < 0 || (size_t)n >= sizeof folder ? CORE_ETOOBIG : 0;
    if (options->dimensions == 0 || options->dimensions > AI_LIMIT_VECTOR_DIMENSIONS)
        err = CORE_EINVAL;
    if (err == 0)
        (void)options->env->fs->mkdirs(options->env->ctx, folder, 0700);
    for (size_t i = 0; err == 0 && options->models[i]; i++)
        err = add_model(index, options->models[i]);
    for (size_t i = 0; err == 0 && i < index->model_count; i++)
        err = open_model(index, &index->models[i], folder);
    if (err) {
        snprintf(why, why_cap, "the search index cannot be filled from the database: %s",
                 core_err_text(err));
        ai_index_free(index);
        return err;
    }
    /* Without the thread every search compares with all rows. */
    index->tender = ai_tender_new(tend, index);
    *ret = index;
    return 0;
}

void ai_index_free(struct ai_index *index)
{
    if (!index)
        return;
    ai_tender_free(index->tender);
    for (size_t i = 0; i < index->model_count; i++) {
        struct model *model = &index->models[i];
        /* A file that could not be written is filled again at the next start. */
        if (model->vectors) {
            ai_vectors_save(model->vectors);
            (void)ai_vectors_flush(model->vectors, atomic_load(&model->generation));
        }
        ai_vectors_free(model->vectors);
    }
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
        if (ai_keyword_total(index->store, &total) != 0)
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
    return ai_keyword_search(index->store, query, rare_enough, index, k, ret, ret_count);
}

int ai_index_word_count(struct ai_index *index, struct core_str word, int64_t *ret_chunks)
{
    uint64_t now = core_mono_ms(index->env);
    if (ai_wordcache_get(index->words, word, now, ret_chunks))
        return 0;
    int64_t chunks;
    int err = ai_keyword_count(index->store, word, &chunks);
    if (err)
        return err;
    ai_wordcache_put(index->words, word, now, chunks);
    *ret_chunks = chunks;
    return 0;
}

int ai_index_vectors(struct ai_index *index, const char *model, const float *query, size_t k,
                     struct ai_hit *ret, size_t *ret_count)
{
    struct model *m = find_model(index, model);
    if (!m)
        return CORE_EINVAL;
    if (k > AI_LIMIT_HITS)
        return CORE_ETOOBIG;
    ai_vectors_search(m->vectors, query, k, ret, ret_count);
    return 0;
}

int ai_index_score(struct ai_index *index, const char *model, const float *query,
                   struct ai_hit *hits, size_t count)
{
    struct model *m = find_model(index, model);
    if (!m)
        return CORE_EINVAL;
    ai_vectors_score(m->vectors, query, hits, count);
    return 0;
}

size_t ai_index_count(struct ai_index *index, const char *model)
{
    struct model *m = find_model(index, model);
    return m ? ai_vectors_chunks(m->vectors) : 0;
}

/* --- Changing --------------------------------------------------------------------------------- */

int ai_index_add(struct ai_index *index, const char *model, int64_t chunk_id, const float *vectors,
                 size_t windows)
{
    struct model *m = find_model(index, model);
    if (!m || windows == 0 || windows > AI_LIMIT_CHUNK_WINDOWS)
        return CORE_EINVAL;
    uint16_t *rows = core_alloc_array(windows * index->dimensions, sizeof *rows);
    ai_f16_pack(vectors, windows * index->dimensions, rows);
    int err = ai_vectors_add(m->vectors, chunk_id, rows, windows);
    free(rows);
    if (err == 0) {
        atomic_fetch_add(&m->generation, (int64_t)windows);
        ai_tender_wake(index->tender);
    }
    return err;
}

void ai_index_remove(struct ai_index *index, const int64_t *chunk_ids, size_t count)
{
    for (size_t i = 0; i < index->model_count; i++) {
        struct model *m = &index->models[i];
        size_t rows = 0;
        for (size_t c = 0; c < count; c++)
            rows += ai_vectors_remove(m->vectors, chunk_ids[c]);
        atomic_fetch_add(&m->generation, (int64_t)rows);
    }
    if (count > 0) {
        ai_wordcache_clear(index->words);
        ai_tender_wake(index->tender);
    }
}

int ai_index_check(struct ai_index *index, char *why, size_t why_cap)
{
    int err = ai_keyword_check(index->store, why, why_cap);
    for (size_t i = 0; err == 0 && i < index->model_count; i++) {
        struct model *m = &index->models[i];
        const struct store_value params[] = {STORE_C(m->name)};
        int64_t rows;
        err = store_read_i64(index->store, "SELECT count(*) FROM vector WHERE model = $1", params,
                             1, &rows);
        if (err) {
            snprintf(why, why_cap, "the vectors cannot be read: %s", core_err_text(err));
        } else if (rows != (int64_t)ai_vectors_rows(m->vectors)) {
            snprintf(why, why_cap,
                     "the index %s holds %zu of %" PRId64
                     " vectors; it is filled again when the server starts",
                     m->name, ai_vectors_rows(m->vectors), rows);
            err = CORE_EMISMATCH;
        } else if (ai_vectors_in_memory(m->vectors)) {
            snprintf(why, why_cap,
                     "the index %s works, but its file cannot be written: free disk space and "
                     "restart the server",
                     m->name);
            err = CORE_ENOSPACE;
        }
    }
    return err;
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
