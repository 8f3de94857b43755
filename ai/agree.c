/*
 * agree.c: do the store's tables agree with each other, and the search index with the store? For
 * the doctor and for tests of crashes.
 *
 * Chunks are embedded and indexed right after they are stored, so a
 * busy server disagrees with itself for moments. What still differs at
 * the end of a few looks, a moment apart, does so for good.
 */
#include "ai/room.h"

#include "core/err.h"
#include "core/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* --- Tables ----------------------------------------------------------------------------------- */

/* What no sequence of acknowledged batches leaves behind. */
static const struct {
    const char *what;
    const char *sql;
} strays[] = {
    {"documents without content",
     "SELECT count(*) FROM document WHERE content_id NOT IN (SELECT id FROM content)"},
    {"contents without a document",
     "SELECT count(*) FROM content WHERE id NOT IN (SELECT content_id FROM document)"},
    {"passages without content",
     "SELECT count(*) FROM chunk WHERE content_id NOT IN (SELECT id FROM content)"},
    {"vectors without a passage",
     "SELECT count(*) FROM vector WHERE chunk_id NOT IN (SELECT id FROM chunk)"},
    {"messages without a conversation",
     "SELECT count(*) FROM message WHERE conversation_id NOT IN (SELECT id FROM conversation)"},
};

struct look {
    struct ai *ai;
    char why[AI_LIMIT_WHY];
};

/* In a snapshot: the tables of one moment. */
static int check_tables(void *arg)
{
    struct look *look = arg;
    for (size_t i = 0; i < sizeof strays / sizeof *strays; i++) {
        int64_t count;
        int err = store_read_i64(look->ai->store, strays[i].sql, NULL, 0, &count);
        if (err) {
            snprintf(look->why, sizeof look->why, "the database cannot be read: %s",
                     core_err_text(err));
            return err;
        }
        if (count > 0) {
            snprintf(look->why, sizeof look->why,
                     "the database holds %" PRId64 " %s: learn the documents again", count,
                     strays[i].what);
            return CORE_ECORRUPT;
        }
    }
    return 0;
}

/* --- Vectors ---------------------------------------------------------------------------------- */

struct vectors {
    struct ai *ai;
    const char *model;
    int64_t rows, chunks, last;
    int64_t missing; /* rows that the index does not know as the store does */
};

/* A vector is found at its own place, or the index has another one there, or none. */
static int on_vector(void *arg, const struct store_row *row)
{
    struct vectors *v = arg;
    float vector[AI_LIMIT_DIMENSIONS];
    struct core_str data = store_row_str(row, 1);
    struct ai_hit hit = {.chunk_id = store_row_i64(row, 0)};
    v->rows++;
    v->chunks += v->rows == 1 || hit.chunk_id != v->last;
    v->last = hit.chunk_id;
    if (data.len != AI_EMBED_DIMENSIONS * sizeof(uint16_t)) {
        v->missing++;
        return 0;
    }
    ai_index_unpack((const unsigned char *)data.ptr, AI_EMBED_DIMENSIONS, vector);
    int err = ai_index_score(v->ai->index, v->model, vector, &hit, 1);
    if (err == 0 && hit.score < AI_AGREE_COSINE)
        v->missing++;
    return err;
}

static int check_vectors(struct look *look, const char *model)
{
    struct ai *ai = look->ai;
    struct vectors v = {.ai = ai, .model = model};
    const struct store_value params[] = {STORE_C(model)};
    int err = store_read(ai->store,
                         "SELECT chunk_id, data FROM vector WHERE model = $1 ORDER BY chunk_id",
                         params, 1, on_vector, &v);
    if (err) {
        snprintf(look->why, sizeof look->why, "the vectors cannot be read: %s", core_err_text(err));
        return err;
    }
    size_t indexed = ai_index_count(ai->index, model);
    if (v.missing == 0 && indexed == (size_t)v.chunks)
        return 0;
    snprintf(look->why, sizeof look->why,
             "the index %s has %zu of %" PRId64 " passages, and %" PRId64 " of %" PRId64
             " vectors differ: restart the server",
             model, indexed, v.chunks, v.missing, v.rows);
    return CORE_EMISMATCH;
}

/* --- Face ------------------------------------------------------------------------------------- */

static int look_once(struct look *look)
{
    struct ai *ai = look->ai;
    int err = store_snapshot(ai->store, check_tables, look);
    if (err == 0)
        err = ai_index_check(ai->index, look->why, sizeof look->why);
    for (unsigned i = 0; err == 0 && i < AI_EMBEDDERS; i++) {
        if (ai->embedders[i])
            err = check_vectors(look, ai_embedder_name(ai->embedders[i]));
    }
    return err;
}

int ai__agree(struct ai *ai, char *why, size_t why_cap)
{
    struct look look = {.ai = ai};
    int err = CORE_EMISMATCH;
    for (unsigned i = 0; i < AI_AGREE_LOOKS && err == CORE_EMISMATCH; i++) {
        if (i > 0)
            usleep(AI_AGREE_WAIT_MS * 1000);
        err = look_once(&look);
    }
    if (err)
        snprintf(why, why_cap, "%s", look.why);
    return err;
}
