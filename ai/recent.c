/*
 * recent.c: how long the newest answers of each level took, kept in a small ring, so that a
 * dashboard can tell exact percentiles of the last minute without asking the store. An entry holds
 * its time and its latency in one word: writers on any thread never disturb who reads.
 */
#include "core/limits.h"
#include "ai/room.h"

#include <stdlib.h>

void ai__recent_add(struct ai *ai, unsigned level, int64_t latency_ms)
{
    struct ai_recent_ring *ring = &ai->recent[level < AI_LEVELS ? level : AI_LEVELS - 1];
    uint64_t now_s = core_mono_ms(ai->env) / 1000 + 1; /* 0 is a place that was never written */
    uint64_t latency = latency_ms < 0            ? 0
                       : latency_ms > UINT32_MAX ? UINT32_MAX
                                                 : (uint64_t)latency_ms;
    uint64_t at = atomic_fetch_add_explicit(&ring->answers, 1, memory_order_relaxed);
    atomic_store_explicit(&ring->entries[at % AI_LIMIT_RECENT], now_s << 32 | latency,
                          memory_order_relaxed);
}

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The smallest value that so many per cent of all do not exceed. */
static int64_t percentile(const uint32_t *sorted, unsigned count, unsigned percent)
{
    return sorted[(count * percent + 99) / 100 - 1];
}

void ai_recent(const struct ai *ai, unsigned level, struct ai_recent *ret)
{
    uint32_t latencies[AI_LIMIT_RECENT];
    const struct ai_recent_ring *ring = &ai->recent[level];
    uint64_t now_s = core_mono_ms(ai->env) / 1000 + 1;
    *ret = (struct ai_recent){
        .answers = atomic_load_explicit(&ring->answers, memory_order_relaxed),
        .p50_ms = -1,
        .p95_ms = -1,
    };
    for (size_t i = 0; i < AI_LIMIT_RECENT; i++) {
        uint64_t entry = atomic_load_explicit(&ring->entries[i], memory_order_relaxed);
        if (entry != 0 && (entry >> 32) + 60 > now_s)
            latencies[ret->minute++] = (uint32_t)entry;
    }
    if (ret->minute > 0) {
        qsort(latencies, ret->minute, sizeof *latencies, compare);
        ret->p50_ms = percentile(latencies, ret->minute, 50);
        ret->p95_ms = percentile(latencies, ret->minute, 95);
    }
}
