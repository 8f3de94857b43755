/*
 * keep.c: vectors that stay when a document is read again, by a newer extractor or because
 * its file changed. Embedding is what takes long in learning; most of the text is as it was.
 *
 * A vector is made of nothing but what stands in the row of its chunk: the windows of the text,
 * each behind name, title and heading (embed.c). So a new chunk whose row says the same as
 * one of the old content's gets a copy of all that one has, whatever the models; the old ones leave
 * with their content, in the same batch. Chunks are compared by a hash of the four. Ids of both
 * contents run on, so what stayed is a few runs, each copied by one statement:
 *
 *     old ids   1  2  3  4  5  6        the third was changed
 *                \  \     |  |  |
 *     new ids  7  8  9' 10 11 12        runs 1…2 → 7…8 and 4…6 → 10…12
 */
#include "ai/learn/learn.h"

#include "core/err.h"
#include "core/mem.h"

#include <stdlib.h>

/* --- Which stayed --------------------------------------------------------------------------- */

struct print {
    unsigned char hash[CORE_SHA256_SIZE];
    int64_t id;
};
struct prints {
    struct print *items;
    size_t count, cap;
};

static void hash_row(struct core_str name, struct core_str title, struct core_str heading,
                     struct core_str text, unsigned char out[static CORE_SHA256_SIZE])
{
    const struct core_str fields[] = {name, title, heading, text};
    struct core_sha256 *hash = core_sha256_new();
    for (size_t i = 0; i < 4; i++) {
        uint64_t len = fields[i].len;
        core_sha256_add(hash, core_strn((const char *)&len, sizeof len));
        core_sha256_add(hash, fields[i]);
    }
    core_sha256_end(hash, out);
}

static int on_old(void *arg, const struct store_row *row)
{
    struct prints *old = arg;
    void *array = old->items;
    int status = core_grow(&array, &old->cap, old->count, sizeof *old->items, AI_LIMIT_CHUNKS);
    old->items = array;
    if (status != 0)
        return status;
    struct print *p = &old->items[old->count++];
    p->id = store_row_i64(row, 0);
    hash_row(store_row_str(row, 1), store_row_str(row, 2), store_row_str(row, 3),
             store_row_str(row, 4), p->hash);
    return 0;
}

static int by_print(const void *a, const void *b)
{
    const struct print *x = a;
    const struct print *y = b;
    int order = memcmp(x->hash, y->hash, sizeof x->hash);
    return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* The first of the sorted that is not before the key; NULL when that has another hash. */
static const struct print *find(const struct prints *old, const struct print *key)
{
    size_t low = 0;
    size_t high = old->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_print(&old->items[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < old->count && memcmp(old->items[low].hash, key->hash, sizeof key->hash) == 0
               ? &old->items[low]
               : NULL;
}

/* --- Copying -------------------------------------------------------------------------------- */

/* Each copy of a vector goes into the index of the extension, which takes milliseconds. */
static size_t most(const struct ai_learn_batch *b)
{
    bool served = strcmp(store_engine(b->learner->ai->store), "postgresql") == 0;
    return served ? AI_LIMIT_LEARN_KEPT_PG : AI_LIMIT_LEARN_KEPT;
}

/* Lengthens the last run by the chunk or begins another; false: enough are kept. */
static bool add_to_run(struct ai_learn_batch *b, size_t first_run, int64_t id, int64_t of)
{
    struct ai_learn_kept *last = b->kept_count > first_run ? &b->kept[b->kept_count - 1] : NULL;
    if (b->kept_chunks >= most(b))
        return false;
    if (last && id == last->to + 1 && of == last->of + (id - last->from)) {
        last->to = id;
    } else {
        void *array = b->kept;
        int status = core_grow(&array, &b->kept_cap, b->kept_count, sizeof *b->kept,
                               AI_LIMIT_LEARN_KEPT);
        b->kept = array;
        if (status != 0)
            return false;
        b->kept[b->kept_count++] = (struct ai_learn_kept){.from = id, .to = id, .of = of};
    }
    b->kept_chunks++;
    return true;
}

static void put_run(struct store_batch *batch, const struct ai_learn_kept *run)
{
    int64_t shift = run->from - run->of;
    int64_t end = run->to - shift;
    store_put(batch, STORE_ROWS_ANY,
              "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
              " SELECT chunk_id + CAST($1 AS BIGINT), model, ordinal, start_at, end_at, data"
              " FROM vector WHERE chunk_id >= $2 AND chunk_id <= $3",
              STORE_I(shift), STORE_I(run->of), STORE_I(end));
    store_put(batch, STORE_ROWS_ANY,
              "INSERT INTO sentence (chunk_id, model, data)"
              " SELECT chunk_id + CAST($1 AS BIGINT), model, data"
              " FROM sentence WHERE chunk_id >= $2 AND chunk_id <= $3",
              STORE_I(shift), STORE_I(run->of), STORE_I(end));
}

int ai__learn_keep(struct ai_learn_batch *b, const char *content_id,
                   const struct ai_index_chunk *chunks, size_t count)
{
    struct prints old = {.count = 0};
    const struct store_value params[] = {STORE_C(content_id)};
    size_t first_run = b->kept_count;
    int64_t last = 0;
    int status = store_read(b->learner->ai->store,
                            "SELECT id, name, title, heading, text FROM chunk"
                            " WHERE content_id = $1 AND EXISTS"
                            " (SELECT 1 FROM vector WHERE vector.chunk_id = chunk.id)",
                            params, 1, on_old, &old);
    if (status == 0 && old.count > 1)
        qsort(old.items, old.count, sizeof *old.items, by_print);
    for (size_t i = 0; i < count && status == 0 && old.count > 0; i++) {
        /* Of several alike the one behind the last: that lengthens the run. */
        struct print key = {.id = last + 1};
        hash_row(chunks[i].name, chunks[i].title, chunks[i].heading, chunks[i].text, key.hash);
        const struct print *found = find(&old, &key);
        key.id = 0;
        found = found ? found : find(&old, &key);
        if (found && !add_to_run(b, first_run, chunks[i].id, found->id))
            break;
        last = found ? found->id : last;
    }
    for (size_t i = first_run; i < b->kept_count && status == 0; i++)
        put_run(b->batch, &b->kept[i]);
    free(old.items);
    return status;
}

/* --- The index ------------------------------------------------------------------------------ */

struct adding {
    struct ai_index *index;
    char model[AI_LIMIT_MODEL_NAME + 1];
    int64_t chunk_id;
    size_t windows;
    float *vectors; /* AI_LIMIT_CHUNK_WINDOWS × AI_EMBED_DIMENSIONS */
};

/* A model that is not open has no index now, and gets one from the store when it is. */
static void add_chunk(struct adding *a)
{
    if (a->windows > 0)
        (void)ai_index_add(a->index, a->model, a->chunk_id, a->vectors, a->windows);
    a->windows = 0;
}

static int on_vector(void *arg, const struct store_row *row)
{
    struct adding *a = arg;
    struct core_str model = store_row_str(row, 0);
    int64_t chunk_id = store_row_i64(row, 1);
    struct core_str data = store_row_str(row, 2);
    if (chunk_id != a->chunk_id || !core_str_eq_c(model, a->model)) {
        add_chunk(a);
        if (model.len > AI_LIMIT_MODEL_NAME)
            return 0;
        a->chunk_id = chunk_id;
        memcpy(a->model, model.ptr, model.len);
        a->model[model.len] = 0;
    }
    if (data.len == 2 * AI_EMBED_DIMENSIONS && a->windows < AI_LIMIT_CHUNK_WINDOWS)
        ai_index_unpack((const unsigned char *)data.ptr, AI_EMBED_DIMENSIONS,
                        a->vectors + a->windows++ * AI_EMBED_DIMENSIONS);
    return 0;
}

void ai__learn_keep_finish(struct ai *ai, const struct ai_learn_kept *run)
{
    struct adding a = {.index = ai->index};
    const struct store_value params[] = {STORE_I(run->from), STORE_I(run->to)};
    int64_t there = 0;
    a.vectors = core_alloc_array((size_t)AI_LIMIT_CHUNK_WINDOWS * AI_EMBED_DIMENSIONS,
                                 sizeof *a.vectors);
    int status = store_read(ai->store,
                            "SELECT model, chunk_id, data FROM vector"
                            " WHERE chunk_id >= $1 AND chunk_id <= $2"
                            " ORDER BY chunk_id, model, ordinal",
                            params, 2, on_vector, &a);
    add_chunk(&a);
    free(a.vectors);
    /* Whoever removed the document meanwhile took it out of the index before it was put in. */
    if (status == 0)
        status = store_read_i64(ai->store, "SELECT COUNT(*) FROM chunk WHERE id >= $1 AND id <= $2",
                                params, 2, &there);
    for (int64_t id = run->from; status == 0 && there == 0 && id <= run->to; id++)
        ai_index_remove(ai->index, &id, 1);
}
