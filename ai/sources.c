/*
 * sources.c: what documents were learned from. A source has no row of its own: it is the root that
 * its documents share, so it is there as long as one of them is. Its id is made of the root by a
 * hash, since a path is too long and too odd for an address. Pool threads.
 */
#include "ai/learn/learn.h"

#include "core/err.h"

/* Bytes of the hash that make an id. */
#define ID_BYTES ((AI_SOURCE_ID_SIZE - 1) / 2)

static void id_of(struct core_str root, char ret[static AI_SOURCE_ID_SIZE])
{
    unsigned char hash[CORE_SHA256_SIZE];
    core_sha256(root, hash);
    core_hex_encode(hash, ID_BYTES, ret);
}

struct list {
    int (*on_source)(void *arg, const struct ai_source_info *source);
    void *arg;
};

static int on_row(void *arg, const struct store_row *row)
{
    const struct list *list = arg;
    struct ai_source_info source = {.root = store_row_str(row, 0),
                                    .documents = store_row_i64(row, 1),
                                    .bytes = store_row_i64(row, 2),
                                    .learned_ms = store_row_i64(row, 3)};
    source.upload = core_str_starts(source.root, CORE_STR("upload:"));
    id_of(source.root, source.id);
    return list->on_source(list->arg, &source);
}

int ai_sources(struct ai *ai, struct core_str after, unsigned limit,
               int (*on_source)(void *arg, const struct ai_source_info *source), void *arg)
{
    struct list list = {on_source, arg};
    const struct store_value params[] = {STORE_T(after), STORE_I(limit)};
    if (after.len > AI_LIMIT_NAME)
        return CORE_ETOOBIG;
    return store_read(ai->store,
                      "SELECT root, COUNT(*), SUM(source_bytes), MAX(learned_ms) FROM document"
                      " WHERE root > $1 GROUP BY root ORDER BY root LIMIT $2",
                      params, 2, on_row, &list);
}

struct search {
    struct core_str id;
    struct core_buf *root;
    bool found;
};

static int on_root(void *arg, const struct store_row *row)
{
    struct search *s = arg;
    struct core_str root = store_row_str(row, 0);
    char id[AI_SOURCE_ID_SIZE];
    id_of(root, id);
    if (!core_str_eq_c(s->id, id))
        return 0;
    s->found = true;
    core_buf_add_str(s->root, root);
    return 1;
}

int ai_source_find(struct ai *ai, struct core_str id, struct core_buf *root)
{
    struct search s = {id, root, false};
    if (id.len != AI_SOURCE_ID_SIZE - 1)
        return CORE_ENOTFOUND;
    int status = store_read(ai->store, "SELECT DISTINCT root FROM document ORDER BY root", NULL, 0,
                            on_root, &s);
    if (status < 0)
        return status;
    return s.found ? core_buf_error(root) : CORE_ENOTFOUND;
}
