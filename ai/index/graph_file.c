/*
 * graph_file.c: a graph's file (see graph.h).
 *
 *     file = header (4096 bytes) | node node … as they are in memory
 *
 * A file is written whole and never changed, so that a process that dies
 * leaves the one before. It is mapped privately: what was not changed
 * since stays the file's pages, which the system may drop.
 */
#include "ai/index/graph.h"

#include "ai/index/sum.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 1 };
static const char graph_magic[8] = {'S', 'K', 'Y', 'G', 'R', 'A', '\r', '\n'};

void ai_graph_header_seal(struct ai_graph_header *header)
{
    unsigned char padded[64] = {0};
    _Static_assert(offsetof(struct ai_graph_header, header_sum) <= sizeof padded,
                   "header grows past its checksum's block");
    memcpy(padded, header, offsetof(struct ai_graph_header, header_sum));
    header->header_sum = ai_sum(padded, sizeof padded);
}

static struct ai_graph_header header_of(const struct ai_graph *g)
{
    struct ai_graph_header header = {
        .version = VERSION,
        .dimensions = g->dimensions,
        .lanes = (uint32_t)g->rows.lanes,
        .links = AI_GRAPH_LINKS,
        .count = (uint32_t)g->count,
        .scale = g->scale,
        .nodes_sum = ai_sum(g->nodes, g->count * g->rows.stride),
    };
    memcpy(header.magic, graph_magic, sizeof graph_magic);
    ai_graph_header_seal(&header);
    return header;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static int write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return core_err_from_errno(errno);
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int ai_graph_save(const struct ai_graph *g, const char *path)
{
    char beside[4096];
    unsigned char head[AI_GRAPH_HEADER_BYTES] = {0};
    int n = snprintf(beside, sizeof beside, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof beside)
        return CORE_ETOOBIG;
    struct ai_graph_header header = header_of(g);
    memcpy(head, &header, sizeof header);
    /* What lies there is the rest of a process that died. */
    (void)unlink(beside);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return core_err_from_errno(errno);
    int err = write_all(fd, head, sizeof head);
    if (err == 0)
        err = write_all(fd, g->nodes, g->count * g->rows.stride);
    if (close(fd) != 0 && err == 0)
        err = core_err_from_errno(errno);
    if (err == 0 && rename(beside, path) != 0)
        err = core_err_from_errno(errno);
    if (err)
        (void)unlink(beside);
    return err;
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* Does the header belong to a graph of so many dimensions, in a file of that size? */
static bool header_fits(const struct ai_graph_header *header, unsigned dimensions, size_t size)
{
    struct ai_graph_header copy = *header;
    size_t lanes = (dimensions + AI_I8_LANES - 1) / AI_I8_LANES * AI_I8_LANES;
    size_t stride = lanes + AI_GRAPH_LINKS * sizeof(uint32_t);
    ai_graph_header_seal(&copy);
    return memcmp(header->magic, graph_magic, sizeof graph_magic) == 0 &&
           header->header_sum == copy.header_sum && header->version == VERSION &&
           header->dimensions == dimensions && header->lanes == lanes &&
           header->links == AI_GRAPH_LINKS && isfinite(header->scale) && header->scale > 0 &&
           header->count <= AI_LIMIT_GRAPH_BYTES / stride &&
           size == AI_GRAPH_HEADER_BYTES + header->count * stride;
}

/* Every link names a node, and nothing follows the end of a list. */
static bool links_fit(const struct ai_graph *g)
{
    for (size_t node = 0; node < g->count; node++) {
        const uint32_t *links = ai_graph_links(g, node);
        size_t n = ai_graph_degree(links);
        for (size_t i = 0; i < AI_GRAPH_LINKS; i++)
            if (i < n ? links[i] >= g->count : links[i] != AI_GRAPH_NONE)
                return false;
    }
    return true;
}

static int map(struct ai_graph *g, int fd, const struct ai_graph_header *header)
{
    int err = ai_graph_reserve(g, header->count);
    size_t bytes = header->count * g->rows.stride;
    if (err || bytes == 0)
        return err;
    /* The same place, so that it grows on behind. */
    if (mmap(g->nodes, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd,
             AI_GRAPH_HEADER_BYTES) == MAP_FAILED)
        return CORE_ENOMEM;
    g->scale = header->scale;
    g->count = header->count;
    return ai_sum(g->nodes, bytes) == header->nodes_sum && links_fit(g) ? 0 : CORE_ECORRUPT;
}

int ai_graph_load_open(int fd, unsigned dimensions, struct ai_graph **ret)
{
    struct ai_graph_header header;
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        !header_fits(&header, dimensions, (size_t)st.st_size))
        return CORE_ECORRUPT;
    struct ai_graph *g = ai_graph_new(dimensions, 1);
    int err = g ? map(g, fd, &header) : CORE_ENOMEM;
    if (err)
        ai_graph_free(g);
    else
        *ret = g;
    return err;
}

int ai_graph_load(const char *path, unsigned dimensions, struct ai_graph **ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return core_err_from_errno(errno);
    int err = ai_graph_load_open(fd, dimensions, ret);
    close(fd);
    return err;
}
