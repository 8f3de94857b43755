/*
 * graph.h: a navigable graph over the rows of a vector file: who is near to a query, found by
 * walking from neighbour to neighbour instead of comparing with every row.
 *
 * It is the ground layer of HNSW (Malkov and Yashunin, 2016) with its choice of neighbours. In the
 * place of the layers above stands a sample: every so manyth node, all of which are compared with
 * the query, the best being where a walk begins. The sample needs no memory of its own and follows
 * from the count of nodes, so nothing here is random: the same rows in the same order make the same
 * graph on every machine.
 *
 *     node n = row n of the vectors = lanes bytes (i8.h) | AI_GRAPH_LINKS neighbours (uint32)
 *
 * With 384 dimensions that is eight cache lines, the last two being the neighbours. The list of
 * neighbours ends at AI_GRAPH_NONE.
 *
 * Nodes stay: who is dead knows the caller, drops it from what a walk found, and makes a copy
 * without the dead when there are many.
 *
 * Thread: walks side by side. One thread at a time builds: it plans while others walk, and carries
 * the plan out while nobody does.
 */
#ifndef AI_INDEX_GRAPH_H
#define AI_INDEX_GRAPH_H

#include "ai/index/i8.h"

#include <stdbool.h>

#define AI_GRAPH_LINKS 32
#define AI_GRAPH_NONE UINT32_MAX

struct ai_graph {
    unsigned dimensions;
    float scale; /* of i8.h */
    struct ai_i8_rows rows;
    ai_i8_kernel *dots;
    unsigned char *nodes; /* address space for nodes_max; memory for `room` */
    size_t count, room, nodes_max;
};

/* Components up to `largest` in amount are kept, larger ones cut. NULL: no memory. */
struct ai_graph *ai_graph_new(unsigned dimensions, float largest);
void ai_graph_free(struct ai_graph *graph); /* accepts NULL */
/* Memory for so many nodes, without moving any. CORE_ENOMEM; CORE_ETOOBIG above nodes_max, which
 * follows from AI_LIMIT_GRAPH_BYTES. */
int ai_graph_reserve(struct ai_graph *graph, size_t nodes);

static inline unsigned char *ai_graph_row(const struct ai_graph *g, size_t node)
{
    return g->nodes + node * g->rows.stride;
}
static inline uint32_t *ai_graph_links(const struct ai_graph *g, size_t node)
{
    return (uint32_t *)(ai_graph_row(g, node) + g->rows.lanes);
}
static inline size_t ai_graph_degree(const uint32_t *links)
{
    size_t n = 0;
    while (n < AI_GRAPH_LINKS && links[n] != AI_GRAPH_NONE)
        n++;
    return n;
}
/* A row of the store, in the form that the graph keeps and that a walk asks with. */
void ai_graph_pack(const struct ai_graph *graph, const float *vector, unsigned char *row);

/* --- Walking (graph_walk.c) ------------------------------------------------------------------- */

/* A node and its score, packed so that the greater number is the better one. The lowest bit is the
 * walk's. */
static inline uint64_t ai_graph_found(int32_t score, uint32_t node)
{
    return (uint64_t)((uint32_t)score ^ 0x80000000u) << 32 | (uint64_t)node << 1;
}
static inline uint32_t ai_graph_found_node(uint64_t found)
{
    return (uint32_t)found >> 1;
}
static inline int32_t ai_graph_found_score(uint64_t found)
{
    return (int32_t)((uint32_t)(found >> 32) ^ 0x80000000u);
}

/* Memory that is kept from one walk to the next; zeros are a new one. */
struct ai_graph_walk {
    uint64_t *found; /* best first */
    size_t count;
    uint64_t *visited;    /* one bit a node */
    size_t visited_words; /* of the graph that was walked through */
    size_t found_room, visited_room;
};
void ai_graph_walk_done(struct ai_graph_walk *walk);
/* Forgets who was visited, and what was found stays: the caller may use the bits. */
void ai_graph_walk_forget(struct ai_graph_walk *walk);
/* True the first time. */
static inline bool ai_graph_walk_visit(struct ai_graph_walk *walk, uint32_t node)
{
    uint64_t bit = 1ull << node % 64, *word = &walk->visited[node / 64];
    bool first = !(*word & bit);
    *word |= bit;
    return first;
}
/* Finds the `breadth` nearest nodes, nearly; fewer where
 * fewer can be reached. `query`: packed. 0 or CORE_ENOMEM. */
int ai_graph_walk(const struct ai_graph *graph, struct ai_graph_walk *walk,
                  const unsigned char *query, size_t breadth);

/* --- Building (graph_build.c) ----------------------------------------------------------------- */

/* New neighbours of some nodes. */
struct ai_graph_plan {
    size_t count;
    uint32_t nodes[AI_GRAPH_LINKS + 1];
    uint32_t links[AI_GRAPH_LINKS + 1][AI_GRAPH_LINKS];
};
/* Plans a further node; there must be room for it. `row`: packed. 0 or CORE_ENOMEM. */
int ai_graph_plan_add(struct ai_graph *graph, struct ai_graph_walk *walk, const unsigned char *row,
                      struct ai_graph_plan *plan);
/* Plans a node without neighbours that are `gone` (one bit a node): those of the gone step in. The
 * plan is empty when there is nothing to change. 0 or CORE_ENOMEM. */
int ai_graph_plan_without(const struct ai_graph *graph, struct ai_graph_walk *walk, uint32_t node,
                          const uint64_t *gone, struct ai_graph_plan *plan);
void ai_graph_apply(struct ai_graph *graph, const struct ai_graph_plan *plan);
/* A copy without the gone, to which no link leads any more; the others keep their order. NULL: no
 * memory. */
struct ai_graph *ai_graph_without(const struct ai_graph *graph, const uint64_t *gone);

static inline bool ai_graph_bit(const uint64_t *bits, size_t n)
{
    return bits[n / 64] >> n % 64 & 1;
}

/* --- Its file (graph_file.c) ------------------------------------------------------------------ */

/* Writes beside the path and renames: what stands there is whole or was there before. Not synced:
 * the file is derived, and a torn one is noticed. CORE_EIO, CORE_ENOSPACE, … */
int ai_graph_save(const struct ai_graph *graph, const char *path);
/* Maps the file; nothing is written to it. Whatever the file holds, no walk leads out of bounds.
 * CORE_ENOTFOUND, CORE_ECORRUPT (also: of another layout or width), CORE_ETOOBIG, CORE_EIO,
 * CORE_ENOMEM. */
int ai_graph_load(const char *path, unsigned dimensions, struct ai_graph **ret);
/* The same of an open file, which stays the caller's. */
int ai_graph_load_open(int fd, unsigned dimensions, struct ai_graph **ret);

/* What a file begins with; the nodes follow at AI_GRAPH_HEADER_BYTES. */
#define AI_GRAPH_HEADER_BYTES 4096
struct ai_graph_header {
    char magic[8];
    uint32_t version;
    uint32_t dimensions;
    uint32_t lanes;
    uint32_t links;
    uint32_t count;
    float scale;
    uint64_t nodes_sum;
    uint64_t header_sum; /* of what stands before */
};
/* Fills header_sum; a test may forge files with it. */
void ai_graph_header_seal(struct ai_graph_header *header);

#endif
