/*
 * store.c: learned documents as statements. A batch is data that commits whole; nothing in it
 * depends on reads that another writer could have made stale without a statement noticing: a
 * document is written only if its content exists (else CORE_EMISMATCH), a content leaves only if no
 * document refers to it.
 */
#include "ai/learn/learn.h"

#include "ai/text/lang.h"
#include "core/err.h"
#include "core/json.h"
#include "core/mem.h"

#include <stdlib.h>

/* --- Dropping ------------------------------------------------------------------------------- */

static int on_chunk_id(void *arg, const struct store_row *row)
{
    struct ai_learn_drop *drop = arg;
    void *array = drop->chunks;
    int status = core_grow(&array, &drop->cap, drop->count, sizeof *drop->chunks, AI_LIMIT_CHUNKS);
    drop->chunks = array;
    if (status == 0)
        drop->chunks[drop->count++] = store_row_i64(row, 0);
    return status;
}

int ai__learn_drop_init(struct ai *ai, struct core_str content_id, struct ai_learn_drop *ret)
{
    struct ai_learn_drop drop = {.count = 0};
    if (content_id.len >= CORE_ID_SIZE)
        return CORE_ECORRUPT;
    memcpy(drop.content_id, content_id.ptr, content_id.len);
    const struct store_value params[] = {STORE_T(content_id)};
    int status = store_read(ai->store, "SELECT id FROM chunk WHERE content_id = $1", params, 1,
                            on_chunk_id, &drop);
    if (status != 0) {
        ai__learn_drop_done(&drop);
        return status;
    }
    *ret = drop;
    return 0;
}

void ai__learn_drop_done(struct ai_learn_drop *drop)
{
    free(drop->chunks);
    drop->chunks = NULL;
    drop->count = drop->cap = 0;
}

void ai__learn_drop_put(struct store_batch *batch, const struct ai_learn_drop *drop)
{
    ai_cache_forget_content(batch, core_str(drop->content_id));
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM content WHERE id = $1 AND NOT EXISTS"
              " (SELECT 1 FROM document WHERE document.content_id = $1)",
              STORE_C(drop->content_id));
    /* Vectors go with their chunk by a trigger. */
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM chunk WHERE content_id = $1 AND NOT EXISTS"
              " (SELECT 1 FROM content WHERE content.id = $1)",
              STORE_C(drop->content_id));
}

void ai__learn_drop_finish(struct ai *ai, const struct ai_learn_drop *drop)
{
    const struct store_value params[] = {STORE_C(drop->content_id)};
    int64_t left = 0;
    if (drop->count > 0 &&
        store_read_i64(ai->store, "SELECT COUNT(*) FROM content WHERE id = $1", params, 1, &left) ==
            0 &&
        left == 0)
        ai_index_remove(ai->index, drop->chunks, drop->count);
}

int ai__learn_count(struct ai_learner *learner)
{
    struct ai *ai = learner->ai;
    int64_t documents;
    int64_t chunks;
    int status = store_read_i64(ai->store, "SELECT COUNT(*) FROM document", NULL, 0, &documents);
    if (status == 0)
        status = store_read_i64(ai->store, "SELECT COUNT(*) FROM chunk", NULL, 0, &chunks);
    if (status == 0) {
        atomic_store(&learner->documents, documents);
        atomic_store(&learner->chunks, chunks);
        ai__embed_count(learner);
    }
    return status;
}

/* --- A batch -------------------------------------------------------------------------------- */

void ai__learn_batch_init(struct ai_learn_batch *b, struct ai_learner *learner)
{
    b->learner = learner;
    b->batch = NULL;
    b->documents = b->content_count = b->drop_count = 0;
    b->kept = NULL;
    b->kept_count = b->kept_cap = b->kept_chunks = 0;
    b->adds = b->keeps_none = false;
}

void ai__learn_batch_done(struct ai_learn_batch *b)
{
    store_batch_free(b->batch);
    for (size_t i = 0; i < b->drop_count; i++)
        ai__learn_drop_done(&b->drops[i]);
    free(b->kept);
    ai__learn_batch_init(b, b->learner);
}

bool ai__learn_batch_full(const struct ai_learn_batch *b)
{
    return b->documents >= AI_LIMIT_LEARN_BATCH ||
           (b->batch &&
            (store_batch_bytes(b->batch) >= AI_LIMIT_LEARN_BATCH_BYTES ||
             core_mono_ms(b->learner->ai->env) - b->since_ms >= AI_LIMIT_LEARN_BATCH_MS));
}

static void begin(struct ai_learn_batch *b)
{
    if (b->batch)
        return;
    b->batch = store_batch_new(STORE_DURABLE);
    b->since_ms = core_mono_ms(b->learner->ai->env);
}

int ai__learn_write(struct ai_learn_batch *b)
{
    struct ai_learner *learner = b->learner;
    if (!b->batch)
        return 0;
    if (b->adds) {
        ai_cache_forget_refusals(b->batch);
        if (ai__embed_model(learner->ai)) /* before anybody can find it */
            atomic_store(&learner->unembedded, true);
    }
    struct store_batch *batch = b->batch;
    b->batch = NULL;
    int status = store_write_wait(learner->ai->store, batch);
    for (size_t i = 0; i < b->kept_count && status == 0; i++)
        ai__learn_keep_finish(learner->ai, &b->kept[i]);
    for (size_t i = 0; i < b->drop_count && status == 0; i++)
        ai__learn_drop_finish(learner->ai, &b->drops[i]);
    if (status == 0)
        ai__learn_count(learner);
    ai__learn_batch_done(b);
    return status;
}

/* --- Contents ------------------------------------------------------------------------------- */

static int on_content_id(void *arg, const struct store_row *row)
{
    char *id = arg;
    struct core_str s = store_row_str(row, 0);
    if (s.len >= CORE_ID_SIZE)
        return CORE_ECORRUPT;
    memcpy(id, s.ptr, s.len);
    id[s.len] = 0;
    return 0;
}

int ai__learn_find_content(struct ai_learn_batch *b, const unsigned char hash[CORE_SHA256_SIZE],
                           char ret_id[static CORE_ID_SIZE])
{
    for (size_t i = 0; i < b->content_count; i++) {
        if (memcmp(b->contents[i].hash, hash, CORE_SHA256_SIZE) == 0) {
            memcpy(ret_id, b->contents[i].id, CORE_ID_SIZE);
            return 0;
        }
    }
    char id[CORE_ID_SIZE] = {0};
    const struct store_value params[] = {STORE_B(hash, CORE_SHA256_SIZE),
                                         STORE_I(AI_EXTRACT_VERSION)};
    int status = store_read(b->learner->ai->store,
                            "SELECT id FROM content WHERE source_hash = $1 AND extractor = $2",
                            params, 2, on_content_id, id);
    if (status != 0)
        return status;
    if (!id[0])
        return CORE_ENOTFOUND;
    memcpy(ret_id, id, CORE_ID_SIZE);
    return 0;
}

static int put_headings(const struct ai_doc *text, struct core_buf *out)
{
    struct core_json_out json;
    core_json_out_init(&json, out);
    core_json_out_array(&json, NULL);
    for (size_t i = 0; i < text->heading_count; i++) {
        core_json_out_object(&json, NULL);
        core_json_out_i64(&json, "start", (int64_t)text->headings[i].start);
        core_json_out_i64(&json, "level", text->headings[i].level);
        core_json_out_str(&json, "text", ai_doc_heading_text(text, i));
        core_json_out_end(&json);
    }
    core_json_out_end(&json);
    return core_buf_error(out);
}

/* What the index sees of the chunks, with their new ids. free() it. */
static struct ai_index_chunk *name_chunks(struct ai_learner *learner, struct core_str name,
                                          const struct ai_doc *text, const struct ai_chunks *chunks)
{
    struct ai_index_chunk *named = core_alloc_array(chunks->count + 1, sizeof *named);
    for (size_t i = 0; i < chunks->count; i++) {
        const struct ai_chunk *c = &chunks->items[i];
        named[i] = (struct ai_index_chunk){
            .id = learner->next_chunk_id++,
            .name = name,
            .title = core_buf_str(&text->title),
            .heading = ai_chunk_heading(chunks, i),
            .text = core_strn(text->text.ptr + c->start, c->end - c->start)};
    }
    return named;
}

static void put_chunks(struct store_batch *batch, const char *content_id,
                       const struct ai_chunks *chunks, const struct ai_index_chunk *named)
{
    for (size_t i = 0; i < chunks->count; i++) {
        const struct ai_chunk *c = &chunks->items[i];
        store_put(
            batch, 1,
            "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title, heading,"
            " text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            STORE_I(named[i].id), STORE_C(content_id), STORE_I((int64_t)i),
            STORE_I((int64_t)c->start), STORE_I((int64_t)c->end), STORE_T(named[i].name),
            STORE_T(named[i].title), STORE_T(named[i].heading), STORE_T(named[i].text));
    }
}

int ai__learn_put_content(struct ai_learn_batch *b, const struct ai_learn_document *d,
                          const struct ai_doc *text, char ret_id[static CORE_ID_SIZE])
{
    struct ai_chunks chunks;
    struct core_buf headings;
    struct ai_index_chunk *named;
    char id[CORE_ID_SIZE];
    int status = ai_chunks_make(text, &chunks);
    if (status != 0)
        return status;
    named = name_chunks(b->learner, ai_chunk_name(d->name), text, &chunks);
    core_buf_init(&headings, AI_LIMIT_HEADINGS * (6 * AI_LIMIT_HEADING_BYTES + 64));
    /* Documents of other names may hold the same: each is called by its own. */
    struct core_str title = core_buf_str(&text->title);
    if (core_str_eq(title, ai_doc_file(d->name)))
        title.len = 0;
    status = put_headings(text, &headings);
    if (status == 0) {
        begin(b);
        status = ai_index_put(b->learner->ai->index, b->batch, named, chunks.count);
    }
    if (status == 0) {
        core_id_new(b->learner->ai->env, id);
        store_put(
            b->batch, 1,
            "INSERT INTO content (id, source_hash, extractor, title, mime, language, text, headings)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            STORE_C(id), STORE_B(d->hash, CORE_SHA256_SIZE), STORE_I(AI_EXTRACT_VERSION),
            STORE_T(title), STORE_C(ai_doc_mime(text->kind)),
            STORE_C(ai_lang_code(ai_lang_guess(core_buf_str(&text->text)))),
            STORE_T(core_buf_str(&text->text)), STORE_T(core_buf_str(&headings)));
        put_chunks(b->batch, id, &chunks, named);
        if (d->known && !b->keeps_none)
            status = ai__learn_keep(b, d->known->content_id, named, chunks.count);
    }
    if (status == 0) {
        memcpy(b->contents[b->content_count].hash, d->hash, CORE_SHA256_SIZE);
        memcpy(b->contents[b->content_count].id, id, CORE_ID_SIZE);
        b->content_count++;
        b->adds = true;
        memcpy(ret_id, id, CORE_ID_SIZE);
    }
    free(named);
    core_buf_done(&headings);
    ai_chunks_done(&chunks);
    return status;
}

/* --- Documents ------------------------------------------------------------------------------ */

static int put_drop(struct ai_learn_batch *b, const char *content_id)
{
    struct ai_learn_drop *drop = &b->drops[b->drop_count];
    int status = ai__learn_drop_init(b->learner->ai, core_str(content_id), drop);
    if (status == 0) {
        ai__learn_drop_put(b->batch, drop);
        b->drop_count++;
    }
    return status;
}

int ai__learn_put_document(struct ai_learn_batch *b, const struct ai_learn_document *d,
                           const char *content_id)
{
    char id[CORE_ID_SIZE];
    begin(b);
    core_id_new(b->learner->ai->env, id);
    store_put(b->batch, 1,
              "INSERT INTO document (id, name, root, content_id, source_bytes, source_mtime_ms,"
              " learned_ms) SELECT $1, $2, $3, content.id, CAST($4 AS BIGINT), CAST($5 AS BIGINT),"
              " CAST($6 AS BIGINT) FROM content WHERE content.id = $7"
              " ON CONFLICT (name) DO UPDATE SET root = excluded.root,"
              " content_id = excluded.content_id, source_bytes = excluded.source_bytes,"
              " source_mtime_ms = excluded.source_mtime_ms, learned_ms = excluded.learned_ms",
              STORE_C(id), STORE_T(d->name), STORE_T(d->root), STORE_I(d->bytes),
              STORE_I(d->mtime_ms), STORE_I(core_wall_ms(b->learner->ai->env)),
              STORE_C(content_id));
    b->documents++;
    b->adds = true;
    return d->known && strcmp(d->known->content_id, content_id) != 0
               ? put_drop(b, d->known->content_id)
               : 0;
}

void ai__learn_put_touched(struct ai_learn_batch *b, const struct ai_learn_document *d)
{
    begin(b);
    store_put(b->batch, STORE_ROWS_ANY,
              "UPDATE document SET source_bytes = $1, source_mtime_ms = $2 WHERE name = $3",
              STORE_I(d->bytes), STORE_I(d->mtime_ms), STORE_T(d->name));
    b->documents++;
}

int ai__learn_put_gone(struct ai_learn_batch *b, const struct ai_learn_known *known)
{
    begin(b);
    store_put(b->batch, STORE_ROWS_ANY, "DELETE FROM document WHERE name = $1",
              STORE_C(known->name));
    b->documents++;
    return put_drop(b, known->content_id);
}
