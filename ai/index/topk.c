/*
 * topk.c: the k best hits (see topk.h).
 */
#include "ai/index/topk.h"

#include <stdlib.h>

static bool worse(const struct ai_hit *a, const struct ai_hit *b)
{
    return a->score < b->score || (a->score == b->score && a->chunk_id > b->chunk_id);
}

int ai_hit_by_score(const void *a, const void *b)
{
    return worse(a, b) ? 1 : worse(b, a) ? -1 : 0;
}

/* Restores the heap below i. */
static void sift_down(struct ai_topk *top, size_t i)
{
    struct ai_hit *heap = top->hits;
    for (;;) {
        size_t child = i * 2 + 1;
        if (child >= top->count)
            return;
        if (child + 1 < top->count && worse(&heap[child + 1], &heap[child]))
            child++;
        if (!worse(&heap[child], &heap[i]))
            return;
        struct ai_hit swapped = heap[i];
        heap[i] = heap[child];
        heap[child] = swapped;
        i = child;
    }
}

void ai_topk_offer(struct ai_topk *top, struct ai_hit hit)
{
    if (top->count < top->k) {
        top->hits[top->count++] = hit;
        if (top->count == top->k)
            for (size_t i = top->k / 2; i-- > 0;)
                sift_down(top, i);
    } else if (top->k > 0 && worse(&top->hits[0], &hit)) {
        top->hits[0] = hit;
        sift_down(top, 0);
    }
}

size_t ai_topk_sort(struct ai_topk *top)
{
    qsort(top->hits, top->count, sizeof *top->hits, ai_hit_by_score);
    return top->count;
}
