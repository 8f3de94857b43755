/*
 * known.c: what the store knows of documents, to be compared with what is on the disk.
 */
#include "ai/learn/learn.h"

#include "core/err.h"
#include "core/mem.h"

#include <stdlib.h>

static int on_known(void *arg, const struct store_row *row)
{
    struct ai_learn_known_list *list = arg;
    void *array = list->items;
    int status = core_grow(&array, &list->cap, list->count, sizeof *list->items,
                           AI_LIMIT_LEARN_FILES);
    list->items = array;
    if (status != 0)
        return status;
    struct ai_learn_known *k = &list->items[list->count];
    struct core_str id = store_row_str(row, 1);
    struct core_str hash = store_row_str(row, 4);
    if (id.len >= CORE_ID_SIZE || hash.len != CORE_SHA256_SIZE)
        return CORE_ECORRUPT;
    *k = (struct ai_learn_known){.bytes = store_row_i64(row, 2),
                                 .mtime_ms = store_row_i64(row, 3),
                                 .extractor = store_row_i64(row, 5)};
    memcpy(k->content_id, id.ptr, id.len);
    memcpy(k->hash, hash.ptr, hash.len);
    k->name = core_strdup(store_row_str(row, 0));
    list->count++;
    return 0;
}

void ai__learn_known_done(struct ai_learn_known_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    *list = (struct ai_learn_known_list){.count = 0};
}

#define KNOWN                                                                                      \
    "SELECT document.name, document.content_id, document.source_bytes, document.source_mtime_ms,"  \
    " content.source_hash, content.extractor FROM document"                                        \
    " JOIN content ON content.id = document.content_id"

int ai__learn_known_one(struct ai *ai, struct core_str name, struct ai_learn_known_list *ret)
{
    const struct store_value params[] = {STORE_T(name)};
    return store_read(ai->store, KNOWN " WHERE document.name = $1", params, 1, on_known, ret);
}

/* Documents below a folder: names between "folder/" and "folder0", '0' being the byte after '/'. */
int ai__learn_known_below(struct ai *ai, const char *folder, struct ai_learn_known_list *ret)
{
    struct core_buf from;
    struct core_buf to;
    bool top = strcmp(folder, "/") == 0;
    core_buf_init(&from, AI_LIMIT_NAME + 2);
    core_buf_init(&to, AI_LIMIT_NAME + 2);
    core_buf_addf(&from, "%s/", top ? "" : folder);
    core_buf_addf(&to, "%s0", top ? "" : folder);
    const struct store_value params[] = {STORE_T(core_buf_str(&from)), STORE_T(core_buf_str(&to))};
    int status = store_read(ai->store,
                            KNOWN " WHERE document.name >= $1 AND document.name < $2"
                                  " ORDER BY document.name",
                            params, 2, on_known, ret);
    core_buf_done(&from);
    core_buf_done(&to);
    return status;
}

int ai__learn_known_of(struct ai *ai, struct core_str root, struct ai_learn_known_list *ret)
{
    const struct store_value params[] = {STORE_T(root)};
    return store_read(ai->store, KNOWN " WHERE document.root = $1 ORDER BY document.name", params,
                      1, on_known, ret);
}
