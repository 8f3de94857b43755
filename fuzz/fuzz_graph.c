/*
 * fuzz_graph.c: the reader of graph files. Input: one byte that says whether the sums are made
 * right (else the fuzzer would have to guess them), the fields of the header that matter, then
 * nodes. What is taken must keep every walk, and every change, within the nodes.
 */
#include "ai/index/graph.h"

#include "ai/index/sum.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIM = 40, LANES = 64, STRIDE = LANES + AI_GRAPH_LINKS * 4 };

static void use(struct ai_graph *g)
{
    struct ai_graph_walk walk = {0};
    struct ai_graph_plan plan;
    unsigned char row[LANES];
    float vector[DIM] = {0.5f, -0.25f};
    ai_graph_pack(g, vector, row);
    assert(ai_graph_walk(g, &walk, row, 20) == 0 && walk.count <= 20);
    for (size_t i = 0; i < walk.count; i++)
        assert(ai_graph_found_node(walk.found[i]) < g->count);
    for (int round = 0; round < 3; round++) {
        assert(ai_graph_reserve(g, g->count + 1) == 0);
        assert(ai_graph_plan_add(g, &walk, row, &plan) == 0);
        ai_graph_apply(g, &plan);
        row[round] ^= 0x15;
    }
    uint64_t *gone = calloc(g->count / 64 + 1, sizeof *gone);
    for (uint32_t i = 0; i < g->count; i += 2)
        gone[i / 64] |= 1ull << i % 64;
    for (uint32_t i = 1; i < g->count; i += 2) {
        assert(ai_graph_plan_without(g, &walk, i, gone, &plan) == 0);
        ai_graph_apply(g, &plan);
    }
    struct ai_graph *rest = ai_graph_without(g, gone);
    assert(rest && rest->count == g->count / 2);
    assert(ai_graph_walk(rest, &walk, row, 20) == 0);
    ai_graph_free(rest);
    ai_graph_walk_done(&walk);
    free(gone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ai_graph_header header = {.magic = {'S', 'K', 'Y', 'G', 'R', 'A', '\r', '\n'},
                                     .version = 1,
                                     .dimensions = DIM,
                                     .lanes = LANES,
                                     .links = AI_GRAPH_LINKS,
                                     .scale = 100};
    if (size < 1)
        return 0;
    bool right = data[0] & 1;
    data++;
    size--;
    if (!right && size >= sizeof header) {
        memcpy(&header, data, sizeof header);
        data += sizeof header;
        size -= sizeof header;
    }
    size -= size % AI_SUM_BLOCK;
    if (right) {
        size -= size % STRIDE;
        header.count = (uint32_t)(size / STRIDE);
        header.nodes_sum = ai_sum(data, size);
        ai_graph_header_seal(&header);
    }
    int fd = memfd_create("graph", 0);
    assert(fd >= 0);
    bool written = pwrite(fd, &header, sizeof header, 0) == (ssize_t)sizeof header &&
                   pwrite(fd, data, size, AI_GRAPH_HEADER_BYTES) == (ssize_t)size;
    assert(written && ftruncate(fd, (off_t)(AI_GRAPH_HEADER_BYTES + size)) == 0);
    struct ai_graph *g;
    if (ai_graph_load_open(fd, DIM, &g) == 0) {
        use(g);
        ai_graph_free(g);
    }
    close(fd);
    return 0;
}
