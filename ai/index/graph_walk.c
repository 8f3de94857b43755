/*
 * graph_walk.c: walking through the graph (see graph.h).
 *
 * One list serves as what was found and as what is still to be looked at: sorted, best first, as
 * long as the walk is broad; the lowest bit of an entry says that its neighbours were looked at.
 * When all entries have it, the walk is over. That is where HNSW's two heaps end, too, but a short
 * sorted list in the nearest cache is quicker than heaps are.
 */
#include "ai/index/graph.h"

#include "core/err.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

/* Nodes of the sample at most, and how many of them a walk begins with: neighbours of one alone may
 * all be copies of it. */
enum { SAMPLE = 256, BEGIN_WITH = 4 };

void ai_graph_walk_done(struct ai_graph_walk *walk)
{
    free(walk->found);
    free(walk->visited);
    *walk = (struct ai_graph_walk){0};
}

void ai_graph_walk_forget(struct ai_graph_walk *walk)
{
    memset(walk->visited, 0, walk->visited_words * sizeof *walk->visited);
}

static int prepare(const struct ai_graph *g, struct ai_graph_walk *walk, size_t breadth)
{
    size_t words = (g->count + 63) / 64;
    if (breadth + 1 > walk->found_room) {
        free(walk->found);
        walk->found = core_try_alloc((breadth + 1) * sizeof *walk->found);
        walk->found_room = walk->found ? breadth + 1 : 0;
    }
    if (words > walk->visited_room) {
        free(walk->visited);
        /* The graph grows: room for some more. */
        walk->visited_room = words + words / 4 + 16;
        walk->visited = core_try_alloc(walk->visited_room * sizeof *walk->visited);
        if (!walk->visited)
            walk->visited_room = 0;
    }
    walk->count = 0;
    walk->visited_words = words;
    if (walk->found_room < breadth + 1 || walk->visited_room < words)
        return CORE_ENOMEM;
    if (words > 0)
        ai_graph_walk_forget(walk);
    return 0;
}

/* Keeps the list sorted and no longer than `breadth`; returns the place, or `breadth`. */
static inline size_t offer(struct ai_graph_walk *walk, size_t breadth, uint64_t found)
{
    uint64_t *list = walk->found;
    size_t low = 0, high = walk->count;
    if (high == breadth && found <= list[high - 1])
        return breadth;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list[middle] > found)
            low = middle + 1;
        else
            high = middle;
    }
    /* One place beyond `breadth` takes the one that falls off. */
    memmove(list + low + 1, list + low, (walk->count - low) * sizeof *list);
    list[low] = found;
    walk->count += walk->count < breadth;
    return low;
}

/* Compares with the sample and begins with its best. */
static void begin(const struct ai_graph *g, struct ai_graph_walk *walk, const unsigned char *query,
                  size_t breadth)
{
    uint32_t nodes[SAMPLE];
    int32_t scores[SAMPLE];
    size_t step = 1, n = 0, most = breadth < BEGIN_WITH ? breadth : BEGIN_WITH;
    while ((g->count + step - 1) / step > SAMPLE)
        step *= 2;
    for (size_t node = 0; node < g->count; node += step)
        nodes[n++] = (uint32_t)node;
    g->dots(&g->rows, query, nodes, n, scores);
    for (size_t i = 0; i < n; i++)
        offer(walk, most, ai_graph_found(scores[i], nodes[i]));
    for (size_t i = 0; i < walk->count; i++)
        ai_graph_walk_visit(walk, ai_graph_found_node(walk->found[i]));
}

/* The processor fetches rows while the next link is looked at. */
static inline void fetch(const struct ai_graph *g, uint32_t node)
{
    const unsigned char *row = ai_graph_row(g, node);
    for (size_t i = 0; i < g->rows.lanes; i += 64)
        __builtin_prefetch(row + i);
}

int ai_graph_walk(const struct ai_graph *g, struct ai_graph_walk *walk, const unsigned char *query,
                  size_t breadth)
{
    int err = prepare(g, walk, breadth);
    if (err || breadth == 0)
        return err;
    begin(g, walk, query, breadth);
    for (size_t at = 0; at < walk->count;) {
        if (walk->found[at] & 1) {
            at++;
            continue;
        }
        walk->found[at] |= 1;
        const uint32_t *links = ai_graph_links(g, ai_graph_found_node(walk->found[at]));
        uint32_t fresh[AI_GRAPH_LINKS];
        int32_t scores[AI_GRAPH_LINKS];
        size_t n = 0, first = breadth;
        for (size_t i = 0; i < AI_GRAPH_LINKS && links[i] != AI_GRAPH_NONE; i++)
            if (ai_graph_walk_visit(walk, links[i])) {
                fetch(g, links[i]);
                fresh[n++] = links[i];
            }
        g->dots(&g->rows, query, fresh, n, scores);
        for (size_t i = 0; i < n; i++) {
            size_t place = offer(walk, breadth, ai_graph_found(scores[i], fresh[i]));
            first = place < first ? place : first;
        }
        at = first < at ? first : at;
    }
    return 0;
}
