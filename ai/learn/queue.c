/* queue.c: see queue.h. All items are looked through each time: that costs far less than
 * embedding the chunk that is found, however many they are. */
#include "ai/learn/queue.h"

#include "core/err.h"
#include "core/mem.h"

#include <stdlib.h>

void ai_learn_queue_clear(struct ai_learn_queue *queue)
{
    free(queue->items);
    *queue = (struct ai_learn_queue){.count = 0};
}

/* --- Filling -------------------------------------------------------------------------------- */

struct fill {
    struct ai_learn_queue *queue;
    char content_id[CORE_ID_SIZE]; /* of the last item */
};

/* Chunks come by their ids, those of a content one after the other. Full: 1. */
static int on_chunk(void *arg, const struct store_row *row)
{
    struct fill *f = arg;
    struct ai_learn_queue *q = f->queue;
    int64_t id = store_row_i64(row, 0);
    struct core_str content_id = store_row_str(row, 1);
    if (!core_str_eq_c(content_id, f->content_id)) {
        void *array = q->items;
        if (q->count == AI_LIMIT_EMBED_DOCUMENTS)
            return 1;
        if (content_id.len >= CORE_ID_SIZE)
            return CORE_ECORRUPT;
        int status = core_grow(&array, &q->cap, q->count, sizeof *q->items,
                               AI_LIMIT_EMBED_DOCUMENTS);
        q->items = array;
        if (status != 0)
            return status;
        memcpy(f->content_id, content_id.ptr, content_id.len);
        f->content_id[content_id.len] = 0;
        q->items[q->count++] = (struct ai_learn_waiting){.next = id};
    }
    q->items[q->count - 1].last = q->seen = id;
    return 0;
}

int ai_learn_queue_fill(struct ai_learn_queue *queue, struct store *store, const char *model)
{
    struct fill f = {.queue = queue};
    int64_t newest;
    if (queue->full && queue->count > AI_LIMIT_EMBED_DOCUMENTS / 2)
        return 0;
    int status = store_read_i64(store, "SELECT COALESCE(MAX(id), 0) FROM chunk", NULL, 0, &newest);
    if (status != 0 || newest <= queue->seen)
        return status;
    const struct store_value params[] = {STORE_I(queue->seen), STORE_I(newest), STORE_C(model)};
    status = store_read(store,
                        "SELECT id, content_id FROM chunk WHERE id > $1 AND id <= $2"
                        " AND NOT EXISTS (SELECT 1 FROM vector WHERE vector.chunk_id = chunk.id"
                        " AND vector.model = $3) ORDER BY id",
                        params, 3, on_chunk, &f);
    queue->full = status == 1;
    if (status == 0)
        queue->seen = newest;
    return status < 0 ? status : 0;
}

/* --- Taking --------------------------------------------------------------------------------- */

static bool comes_before(const struct ai_learn_waiting *a, const struct ai_learn_waiting *b,
                         bool by_age)
{
    if (by_age)
        return a->next < b->next;
    return a->had != b->had ? a->had < b->had : a->next > b->next;
}

struct ai_learn_waiting *ai_learn_queue_next(struct ai_learn_queue *queue, size_t place)
{
    struct ai_learn_waiting *first = queue->count ? &queue->items[0] : NULL;
    for (size_t i = 1; i < queue->count; i++) {
        if (comes_before(&queue->items[i], first, place == 0))
            first = &queue->items[i];
    }
    return first;
}

void ai_learn_queue_took(struct ai_learn_queue *queue, struct ai_learn_waiting *of, int64_t chunk)
{
    of->next = chunk + 1;
    of->had++;
    if (of->next > of->last)
        *of = queue->items[--queue->count];
}
