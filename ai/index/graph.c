/*
 * graph.c: the memory of a graph (see graph.h).
 *
 * The address space for all that a graph may ever hold is taken at once and made usable as it
 * grows: nodes never move, so that walks need not be stopped for it.
 */
#include "ai/index/graph.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Usable memory grows by so much. */
enum { GROWTH_BYTES = 1 << 20 };

struct ai_graph *ai_graph_new(unsigned dimensions, float largest)
{
    struct ai_graph *g = core_alloc(sizeof *g);
    g->dimensions = dimensions;
    g->scale = largest > 0 ? 127 / largest : 127;
    g->rows.lanes = (dimensions + AI_I8_LANES - 1) / AI_I8_LANES * AI_I8_LANES;
    g->rows.stride = g->rows.lanes + AI_GRAPH_LINKS * sizeof(uint32_t);
    g->dots = ai_i8_dots();
    g->nodes_max = AI_LIMIT_GRAPH_BYTES / g->rows.stride;
    void *space = mmap(NULL, AI_LIMIT_GRAPH_BYTES, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) {
        free(g);
        return NULL;
    }
    g->nodes = space;
    g->rows.base = space;
    return g;
}

void ai_graph_free(struct ai_graph *g)
{
    if (!g)
        return;
    munmap(g->nodes, AI_LIMIT_GRAPH_BYTES);
    free(g);
}

int ai_graph_reserve(struct ai_graph *g, size_t nodes)
{
    if (nodes <= g->room)
        return 0;
    if (nodes > g->nodes_max)
        return CORE_ETOOBIG;
    size_t was = g->room * g->rows.stride / GROWTH_BYTES * GROWTH_BYTES;
    size_t now = (nodes * g->rows.stride + GROWTH_BYTES - 1) / GROWTH_BYTES * GROWTH_BYTES;
    if (mprotect(g->nodes + was, now - was, PROT_READ | PROT_WRITE) != 0)
        return CORE_ENOMEM;
    g->room = now / g->rows.stride;
    if (g->room > g->nodes_max)
        g->room = g->nodes_max;
    return 0;
}

void ai_graph_pack(const struct ai_graph *g, const float *vector, unsigned char *row)
{
    ai_i8_pack(vector, g->dimensions, g->scale, g->rows.lanes, row);
}
