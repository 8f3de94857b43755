/*
 * graph_build.c: who becomes whose neighbour (see graph.h).
 *
 * A new node walks to its nearest nodes and chooses neighbours among them that lie in different
 * directions: a candidate is passed over when it is nearer to one that was chosen than to the node
 * itself, since the way to it leads over that one (algorithm 4 of the paper, with the slack of
 * DiskANN: more neighbours, fewer dead ends). Each chosen one takes the new node among its own
 * neighbours, and chooses anew when it has too many.
 *
 * One thing the paper leaves out: copies of one vector, which text has many of, hide each other and
 * all else from each other. Here few of them become neighbours, they hide nobody, and a new copy is
 * given the neighbours of the copy before it to choose from.
 */
#include "ai/index/graph.h"

#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

/* A new node chooses from so many; copies among the neighbours of a node. */
enum { BREADTH = 128, COPIES = 4 };
/* Who steps in for a neighbour that is gone is chosen from so many. */
enum { STEP_IN_MAX = 256, STEP_IN_LEAST = 8 };
/* How much nearer to a chosen one hides; cosines of more than COPY are copies. */
static const float slack = 1.1f, copy_cosine = 1 - 1 / 1024.0f;

struct candidates {
    size_t count;
    uint64_t found[STEP_IN_MAX + BREADTH + AI_GRAPH_LINKS + 1]; /* best first */
};

static int by_rank(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Adds nodes that are not there yet, by their nearness to the row. */
static void add_candidates(const struct ai_graph *g, const unsigned char *row,
                           const uint32_t *nodes, size_t n, struct candidates *c)
{
    int32_t scores[AI_GRAPH_LINKS + 1];
    g->dots(&g->rows, row, nodes, n, scores);
    for (size_t i = 0; i < n; i++) {
        uint64_t found = ai_graph_found(scores[i], nodes[i]);
        size_t k = 0;
        while (k < c->count && (c->found[k] | 1) != (found | 1))
            k++;
        if (k == c->count)
            c->found[c->count++] = found;
    }
}

static float square(const struct ai_graph *g, uint32_t node)
{
    int32_t score;
    g->dots(&g->rows, ai_graph_row(g, node), &node, 1, &score);
    return (float)score;
}

/* Chooses neighbours of the node into out; returns how many. */
static size_t choose(const struct ai_graph *g, uint32_t node, const struct candidates *c,
                     uint32_t *out)
{
    float self = square(g, node);
    int32_t copy = (int32_t)(self * copy_cosine);
    size_t n = 0, copies = 0;
    for (size_t i = 0; i < c->count && n < AI_GRAPH_LINKS; i++) {
        uint32_t other = ai_graph_found_node(c->found[i]);
        int32_t score = ai_graph_found_score(c->found[i]);
        if (score > copy) { /* these come first */
            if (copies < COPIES) {
                out[n++] = other;
                copies++;
            }
            continue;
        }
        int32_t between[AI_GRAPH_LINKS];
        float hides = self - (self - (float)score) / slack;
        size_t k = copies;
        g->dots(&g->rows, ai_graph_row(g, other), out + copies, n - copies, between);
        while (k < n && (float)between[k - copies] <= hides)
            k++;
        if (k == n)
            out[n++] = other;
    }
    return n;
}

/* `to` takes the node among its neighbours. */
static void take(const struct ai_graph *g, uint32_t to, uint32_t node, uint32_t *links)
{
    struct candidates c;
    uint32_t all[AI_GRAPH_LINKS + 1];
    size_t n = ai_graph_degree(ai_graph_links(g, to));
    memcpy(all, ai_graph_links(g, to), n * sizeof *all);
    all[n++] = node;
    if (n <= AI_GRAPH_LINKS) {
        memcpy(links, all, n * sizeof *all);
        return;
    }
    c.count = 0;
    add_candidates(g, ai_graph_row(g, to), all, n, &c);
    qsort(c.found, c.count, sizeof *c.found, by_rank);
    choose(g, to, &c, links);
}

int ai_graph_plan_add(struct ai_graph *g, struct ai_graph_walk *walk, const unsigned char *row,
                      struct ai_graph_plan *plan)
{
    uint32_t node = (uint32_t)g->count;
    /* Nobody looks at it before it is counted. */
    memcpy(ai_graph_row(g, node), row, g->rows.lanes);
    memset(plan->links, 0xff, sizeof plan->links);
    plan->nodes[0] = node;
    plan->count = 1;
    int err = ai_graph_walk(g, walk, row, BREADTH);
    if (err)
        return err;
    struct candidates c = {.count = walk->count};
    memcpy(c.found, walk->found, walk->count * sizeof *c.found);
    if (c.count > 0) {
        uint32_t nearest = ai_graph_found_node(c.found[0]);
        if ((float)ai_graph_found_score(c.found[0]) > square(g, node) * copy_cosine) {
            const uint32_t *links = ai_graph_links(g, nearest);
            add_candidates(g, row, links, ai_graph_degree(links), &c);
            qsort(c.found, c.count, sizeof *c.found, by_rank);
        }
    }
    size_t n = choose(g, node, &c, plan->links[0]);
    for (size_t i = 0; i < n; i++) {
        plan->nodes[plan->count] = plan->links[0][i];
        take(g, plan->links[0][i], node, plan->links[plan->count++]);
    }
    return 0;
}

/* --- Leaving ---------------------------------------------------------------------------------- */

/* Those of the links that are not gone, nor the node itself. */
static size_t remaining(const uint32_t *links, const uint64_t *gone, uint32_t node, uint32_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < AI_GRAPH_LINKS && links[i] != AI_GRAPH_NONE; i++)
        if (links[i] != node && !ai_graph_bit(gone, links[i]))
            out[n++] = links[i];
    return n;
}

int ai_graph_plan_without(const struct ai_graph *g, struct ai_graph_walk *walk, uint32_t node,
                          const uint64_t *gone, struct ai_graph_plan *plan)
{
    const uint32_t *links = ai_graph_links(g, node);
    const unsigned char *row = ai_graph_row(g, node);
    size_t degree = ai_graph_degree(links);
    uint32_t stay[AI_GRAPH_LINKS];
    struct candidates c = {0};
    plan->count = 0;
    size_t n = remaining(links, gone, node, stay);
    if (n == degree)
        return 0;
    add_candidates(g, row, stay, n, &c);
    for (size_t i = 0; i < degree && c.count < STEP_IN_MAX; i++)
        if (ai_graph_bit(gone, links[i]))
            add_candidates(g, row, stay, remaining(ai_graph_links(g, links[i]), gone, node, stay),
                           &c);
    if (c.count < STEP_IN_LEAST) {
        int err = ai_graph_walk(g, walk, row, BREADTH);
        if (err)
            return err;
        for (size_t i = 0; i < walk->count; i++) {
            uint32_t other = ai_graph_found_node(walk->found[i]);
            if (other != node && !ai_graph_bit(gone, other))
                add_candidates(g, row, &other, 1, &c);
        }
    }
    qsort(c.found, c.count, sizeof *c.found, by_rank);
    plan->count = 1;
    plan->nodes[0] = node;
    memset(plan->links[0], 0xff, sizeof plan->links[0]);
    choose(g, node, &c, plan->links[0]);
    return 0;
}

void ai_graph_apply(struct ai_graph *g, const struct ai_graph_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        memcpy(ai_graph_links(g, plan->nodes[i]), plan->links[i], sizeof plan->links[i]);
        g->count += plan->nodes[i] == g->count;
    }
}

struct ai_graph *ai_graph_without(const struct ai_graph *g, const uint64_t *gone)
{
    uint32_t *number = core_try_alloc((g->count + 1) * sizeof *number), count = 0;
    struct ai_graph *copy = ai_graph_new(g->dimensions, 127 / g->scale);
    for (size_t i = 0; number && i < g->count; i++)
        number[i] = ai_graph_bit(gone, i) ? AI_GRAPH_NONE : count++;
    if (!number || !copy || ai_graph_reserve(copy, count) != 0) {
        ai_graph_free(copy);
        free(number);
        return NULL;
    }
    copy->scale = g->scale; /* to the last bit */
    copy->count = count;
    for (size_t i = 0; i < g->count; i++) {
        if (number[i] == AI_GRAPH_NONE)
            continue;
        const uint32_t *from = ai_graph_links(g, i);
        uint32_t *to = ai_graph_links(copy, number[i]);
        memcpy(ai_graph_row(copy, number[i]), ai_graph_row(g, i), g->rows.lanes);
        size_t n = 0;
        for (size_t k = 0; k < AI_GRAPH_LINKS && from[k] != AI_GRAPH_NONE; k++)
            if (number[from[k]] != AI_GRAPH_NONE)
                to[n++] = number[from[k]];
        while (n < AI_GRAPH_LINKS)
            to[n++] = AI_GRAPH_NONE;
    }
    free(number);
    return copy;
}
