/* keyword_fill.c: see keyword_fill.h. */
#include "ai/index/keyword_fill.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdlib.h>

enum { AT_ONCE = 64 };

struct firsts {
    int64_t ids[AT_ONCE];
    size_t count;
};

static int on_first(void *arg, const struct store_row *row)
{
    struct firsts *f = arg;
    f->ids[f->count++] = store_row_i64(row, 0);
    return f->count == AT_ONCE;
}

/* The chunks of one content; their texts lie one behind the other until all are there. */
struct content {
    struct ai_index_chunk *chunks;
    size_t count, cap;
    struct core_buf texts;
};

static int on_chunk(void *arg, const struct store_row *row)
{
    struct content *c = arg;
    void *chunks = c->chunks;
    int err = core_grow(&chunks, &c->cap, c->count, sizeof *c->chunks, AI_LIMIT_CHUNKS);
    if (err)
        return err;
    c->chunks = chunks;
    struct ai_index_chunk *chunk = &c->chunks[c->count++];
    struct core_str *const fields[] = {&chunk->name, &chunk->title, &chunk->heading, &chunk->text};
    chunk->id = store_row_i64(row, 0);
    for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++) {
        *fields[i] = store_row_str(row, i + 1);
        err = core_buf_add_str(&c->texts, *fields[i]);
        if (err)
            return err;
    }
    return 0;
}

/* The buffer has moved while it grew. */
static void settle_texts(struct content *c)
{
    size_t at = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct ai_index_chunk *chunk = &c->chunks[i];
        struct core_str *const fields[] = {&chunk->name, &chunk->title, &chunk->heading,
                                           &chunk->text};
        for (size_t j = 0; j < sizeof fields / sizeof *fields; j++) {
            *fields[j] = core_strn(c->texts.ptr + at, fields[j]->len);
            at += fields[j]->len;
        }
    }
}

static int put_content(struct store *store, const struct ai_keyword_engine *engine, int64_t first,
                       struct store_batch *batch)
{
    const struct store_value params[] = {STORE_I(first)};
    struct content c = {0};
    core_buf_init(&c.texts, CORE_LIMIT_BATCH_BYTES);
    int err = store_read(store,
                         "SELECT id, name, title, heading, text FROM chunk WHERE content_id ="
                         " (SELECT content_id FROM chunk WHERE id = $1) ORDER BY id",
                         params, 1, on_chunk, &c);
    if (!err) {
        settle_texts(&c);
        err = engine->put(batch, c.chunks, c.count);
    }
    core_buf_done(&c.texts);
    free(c.chunks);
    return err;
}

int ai_keyword_fill(struct store *store, const struct ai_keyword_engine *engine,
                    const char *missing)
{
    for (;;) {
        struct firsts firsts = {.count = 0};
        int err = store_read(store, missing, NULL, 0, on_first, &firsts);
        if (err < 0 || firsts.count == 0)
            return err < 0 ? err : 0;
        for (size_t i = 0; i < firsts.count; i++) {
            struct store_batch *batch = store_batch_new(STORE_RELAXED);
            err = put_content(store, engine, firsts.ids[i], batch);
            if (err)
                store_batch_free(batch);
            else
                err = store_write_wait(store, batch);
            if (err)
                return err;
        }
    }
}
