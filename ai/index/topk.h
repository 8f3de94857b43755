/*
 * topk.h: the k best of many hits, kept in the caller's array. Equal scores rank by chunk id, so
 * that the same hits in any order give the same result. One thread.
 */
#ifndef AI_INDEX_TOPK_H
#define AI_INDEX_TOPK_H

#include "ai/index/index.h"

struct ai_topk {
    struct ai_hit *hits; /* k places; once full, a heap with the worst at the top */
    size_t k, count;
};

void ai_topk_offer(struct ai_topk *top, struct ai_hit hit);
/* Best first; returns how many there are. Nothing may be offered after. */
size_t ai_topk_sort(struct ai_topk *top);

#endif
