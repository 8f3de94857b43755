/* ids.c: see ids.h. The last id fills the places that are
 * left: a row is found once, however often it is asked for. */
#include "ai/find/ids.h"

int ai_ids_read(struct store *store, const char *sql, const int64_t *ids, size_t count,
                const struct store_value *next,
                int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    struct store_value params[AI_IDS_COUNT + 1];
    int e = 0;
    for (size_t at = 0; e == 0 && at < count; at += AI_IDS_COUNT) {
        for (size_t i = 0; i < AI_IDS_COUNT; i++)
            params[i] = STORE_I(ids[at + i < count ? at + i : count - 1]);
        if (next)
            params[AI_IDS_COUNT] = *next;
        e = store_read(store, sql, params, AI_IDS_COUNT + (next ? 1 : 0), on_row, arg);
    }
    return e;
}
