/*
 * rowmap.h: chunk id → its consecutive rows in a vector file. Open addressing with linear probing;
 * removal shifts later entries back, so there are no tombstones. One thread at a time writes.
 */
#ifndef AI_INDEX_ROWMAP_H
#define AI_INDEX_ROWMAP_H

#include <stddef.h>
#include <stdint.h>

struct ai_rowmap_entry {
    int64_t id;
    uint32_t first;
    uint32_t count; /* 0 = empty place */
};
struct ai_rowmap {
    struct ai_rowmap_entry *entries;
    size_t places; /* a power of two, or 0 */
    size_t used;
};

void ai_rowmap_done(struct ai_rowmap *map);
/* NULL when absent; valid until the next put or remove. */
struct ai_rowmap_entry *ai_rowmap_get(const struct ai_rowmap *map, int64_t id);
/* Adds or replaces; count > 0. 0 or CORE_ENOMEM. */
int ai_rowmap_put(struct ai_rowmap *map, int64_t id, uint32_t first, uint32_t count);
void ai_rowmap_remove(struct ai_rowmap *map, int64_t id);

#endif
