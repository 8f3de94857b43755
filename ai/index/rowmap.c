/*
 * rowmap.c: the hash table of a vector file (see rowmap.h). At most ¾ full, doubling.
 */
#include "ai/index/rowmap.h"

#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>

enum { PLACES_MIN = 64 };

static size_t home(const struct ai_rowmap *map, int64_t id)
{
    uint64_t h = (uint64_t)id *
                 0x9e3779b97f4a7c15u; /* Fibonacci hashing: ids are often consecutive */
    return (size_t)(h >> 32) & (map->places - 1);
}

/* The entry of id, or the empty place where it would go. */
static struct ai_rowmap_entry *place(const struct ai_rowmap *map, int64_t id)
{
    size_t i = home(map, id);
    while (map->entries[i].count && map->entries[i].id != id)
        i = (i + 1) & (map->places - 1);
    return &map->entries[i];
}

void ai_rowmap_done(struct ai_rowmap *map)
{
    free(map->entries);
    *map = (struct ai_rowmap){0};
}

struct ai_rowmap_entry *ai_rowmap_get(const struct ai_rowmap *map, int64_t id)
{
    if (!map->places)
        return NULL;
    struct ai_rowmap_entry *e = place(map, id);
    return e->count ? e : NULL;
}

static int grow(struct ai_rowmap *map)
{
    struct ai_rowmap bigger = {.places = map->places ? map->places * 2 : PLACES_MIN};
    bigger.entries = core_try_alloc(bigger.places * sizeof *bigger.entries);
    if (!bigger.entries)
        return CORE_ENOMEM;
    for (size_t i = 0; i < map->places; i++)
        if (map->entries[i].count)
            *place(&bigger, map->entries[i].id) = map->entries[i];
    bigger.used = map->used;
    free(map->entries);
    *map = bigger;
    return 0;
}

int ai_rowmap_put(struct ai_rowmap *map, int64_t id, uint32_t first, uint32_t count)
{
    assert(count > 0);
    if ((map->used + 1) * 4 > map->places * 3) {
        int err = grow(map);
        if (err)
            return err;
    }
    struct ai_rowmap_entry *e = place(map, id);
    map->used += !e->count;
    *e = (struct ai_rowmap_entry){.id = id, .first = first, .count = count};
    return 0;
}

void ai_rowmap_remove(struct ai_rowmap *map, int64_t id)
{
    struct ai_rowmap_entry *e = ai_rowmap_get(map, id);
    if (!e)
        return;
    size_t mask = map->places - 1;
    size_t hole = (size_t)(e - map->entries);
    for (size_t i = (hole + 1) & mask; map->entries[i].count; i = (i + 1) & mask) {
        /* An entry may fill the hole unless its home lies after the hole on its way to it. */
        size_t way = (i - home(map, map->entries[i].id)) & mask;
        if (way >= ((i - hole) & mask)) {
            map->entries[hole] = map->entries[i];
            hole = i;
        }
    }
    map->entries[hole].count = 0;
    map->used--;
}
