/*
 * near_files.c: vectors in files beside an SQLite store (see near.h): one vector file per model,
 * kept in agreement with the store.
 *
 * Agreement is by counting. Triggers of the schema count in `setting` how often rows of a model
 * were inserted into or deleted from `vector`. The index counts what it was told the same way, from
 * the number it began with, and writes its count into the file when it is closed. At the next open
 * equal numbers mean that nothing was missed; anything else compares the file with the store, row
 * by row, and changes what differs.
 *
 * One thread tends the vectors of all models (see vectors.h): it is woken by every change.
 */
#include "ai/index/near.h"

#include "ai/index/f16.h"
#include "ai/index/tender.h"
#include "ai/index/vectors.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct model {
    const char *name;
    char key[AI_LIMIT_MODEL_NAME + 16]; /* of its row in `setting` */
    struct ai_vectors *vectors;
    atomic_int_fast64_t generation;
};

struct ai_near {
    struct store *store;
    unsigned dimensions;
    struct model models[AI_LIMIT_MODELS];
    size_t model_count;
    struct ai_tender *tender;
};

/* --- Opening ---------------------------------------------------------------------------------- */

/* Bringing a file into agreement with the store: rows arrive by chunk, then window. */
struct fill {
    struct ai_near *near;
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
    size_t row_bytes = fill->near->dimensions * sizeof(uint16_t);
    if (chunk_id != fill->chunk_id) {
        int err = fill_flush(fill);
        if (err)
            return err;
        fill->chunk_id = chunk_id;
    }
    /* A row of another size came from another model under the same name: as if it were not
     * there. */
    if (data.len == row_bytes && fill->windows < AI_LIMIT_CHUNK_WINDOWS)
        memcpy(fill->rows + fill->windows++ * fill->near->dimensions, data.ptr, row_bytes);
    return 0;
}

static int store_generation(struct ai_near *near, const struct model *model, int64_t *ret)
{
    const struct store_value params[] = {STORE_C(model->key)};
    int64_t generation = 0;
    int err = store_read_i64(near->store,
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
    int err = store_generation(fill->near, fill->model, &generation);
    if (err == 0)
        err = store_read(fill->near->store,
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

static int open_model(struct ai_near *near, struct model *model, const char *folder)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s.vec", folder, model->name);
    if (n < 0 || (size_t)n >= sizeof path)
        return CORE_ETOOBIG;
    int64_t of_file, of_store;
    /* What is derived needs no disk: it is only slower to start without. */
    int err = ai_vectors_open(path, near->dimensions, &model->vectors, &of_file);
    if (err && err != CORE_EINVAL)
        err = ai_vectors_open(NULL, near->dimensions, &model->vectors, &of_file);
    if (err)
        return err;
    err = store_generation(near, model, &of_store);
    if (err)
        return err;
    if (of_file == of_store) {
        atomic_store(&model->generation, of_file);
        return 0;
    }
    ai_vectors_doubt(model->vectors);
    struct fill fill = {.near = near, .model = model};
    fill.rows = core_alloc_array(AI_LIMIT_CHUNK_WINDOWS * near->dimensions, sizeof *fill.rows);
    err = store_snapshot(near->store, fill_from_store, &fill);
    free(fill.rows);
    return err;
}

static void tend(void *arg, const atomic_bool *stop)
{
    struct ai_near *near = arg;
    for (size_t i = 0; i < near->model_count; i++)
        ai_vectors_tend(near->models[i].vectors, stop);
}

static void close_near(struct ai_near *near)
{
    if (!near)
        return;
    ai_tender_free(near->tender);
    for (size_t i = 0; i < near->model_count; i++) {
        struct model *model = &near->models[i];
        /* A file that could not be written is filled again at the next start. */
        if (model->vectors) {
            ai_vectors_save(model->vectors);
            (void)ai_vectors_flush(model->vectors, atomic_load(&model->generation));
        }
        ai_vectors_free(model->vectors);
    }
    free(near);
}

static int open_near(const struct ai_index_options *options, struct ai_near **ret, char *why,
                     size_t why_cap)
{
    struct ai_near *near = core_alloc(sizeof *near);
    near->store = options->store;
    near->dimensions = options->dimensions;
    (void)why, (void)why_cap;
    char folder[4000];
    int n = snprintf(folder, sizeof folder, "%s/index", options->data_dir);
    int err = n < 0 || (size_t)n >= sizeof folder ? CORE_ETOOBIG : 0;
    if (err == 0)
        (void)options->env->fs->mkdirs(options->env->ctx, folder, 0700);
    for (size_t i = 0; err == 0 && options->models[i]; i++) {
        struct model *model = &near->models[near->model_count++];
        model->name = options->models[i];
        snprintf(model->key, sizeof model->key, "vectors.%s", model->name);
    }
    for (size_t i = 0; err == 0 && i < near->model_count; i++)
        err = open_model(near, &near->models[i], folder);
    if (err) {
        close_near(near);
        return err;
    }
    /* Without the thread every search compares with all rows. */
    near->tender = ai_tender_new(tend, near);
    *ret = near;
    return 0;
}

/* --- Searching and changing ------------------------------------------------------------------- */

static int search(struct ai_near *near, size_t model, const float *query, size_t k,
                  struct ai_hit *ret, size_t *ret_count)
{
    ai_vectors_search(near->models[model].vectors, query, k, ret, ret_count);
    return 0;
}

static int score(struct ai_near *near, size_t model, const float *query, struct ai_hit *hits,
                 size_t count)
{
    ai_vectors_score(near->models[model].vectors, query, hits, count);
    return 0;
}

static size_t count_chunks(struct ai_near *near, size_t model)
{
    return ai_vectors_chunks(near->models[model].vectors);
}

static int add(struct ai_near *near, size_t model, int64_t chunk_id, const float *vectors,
               size_t windows)
{
    struct model *m = &near->models[model];
    uint16_t *rows = core_alloc_array(windows * near->dimensions, sizeof *rows);
    ai_f16_pack(vectors, windows * near->dimensions, rows);
    int err = ai_vectors_add(m->vectors, chunk_id, rows, windows);
    free(rows);
    if (err == 0) {
        atomic_fetch_add(&m->generation, (int64_t)windows);
        ai_tender_wake(near->tender);
    }
    return err;
}

static void remove_chunks(struct ai_near *near, const int64_t *chunk_ids, size_t count)
{
    for (size_t i = 0; i < near->model_count; i++) {
        struct model *m = &near->models[i];
        size_t rows = 0;
        for (size_t c = 0; c < count; c++)
            rows += ai_vectors_remove(m->vectors, chunk_ids[c]);
        atomic_fetch_add(&m->generation, (int64_t)rows);
    }
    ai_tender_wake(near->tender);
}

static int check(struct ai_near *near, char *why, size_t why_cap)
{
    int err = 0;
    for (size_t i = 0; err == 0 && i < near->model_count; i++) {
        struct model *m = &near->models[i];
        const struct store_value params[] = {STORE_C(m->name)};
        int64_t rows;
        err = store_read_i64(near->store, "SELECT count(*) FROM vector WHERE model = $1", params, 1,
                             &rows);
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

const struct ai_near_engine ai_near_files = {
    .open = open_near,
    .free = close_near,
    .search = search,
    .score = score,
    .add = add,
    .remove = remove_chunks,
    .count = count_chunks,
    .check = check,
};
