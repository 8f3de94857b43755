/*
 * vectors_file.c: reading and flushing a vector file (see vectors_in.h for its layout).
 *
 *     header   = magic, version, dimensions, lanes, rows, generation, checksum of these
 *
 * A flush writes the checksums of all segments and the header with its generation last. Until the
 * next one the file is behind: rows come, ids become nobody's, and a process that dies leaves an
 * old header whose generation is not the store's, or one of ai__vectors_mark() with generation −1.
 * A disk that tears leaves a checksum that does not match. In all three cases most rows are good,
 * and the store says which: they are taken as in doubt.
 */
#include "ai/index/vectors_in.h"

#include "ai/index/sum.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 1 };

struct header {
    char magic[8];
    uint32_t version;
    uint32_t dimensions;
    uint32_t lanes;
    uint32_t rows;
    int64_t generation;
    uint64_t checksum;
};
static const char header_magic[8] = {'S', 'K', 'Y', 'V', 'E', 'C', '\r', '\n'};

static uint64_t header_checksum(const struct header *header)
{
    struct header copy = *header;
    unsigned char padded[64] = {0};
    copy.checksum = 0;
    _Static_assert(sizeof copy <= sizeof padded, "header grows past its checksum's block");
    memcpy(padded, &copy, sizeof copy);
    return ai_sum(padded, sizeof padded);
}

/* Covers what is used of the segment: ids, then rows. */
static uint64_t segment_checksum(const struct ai_vectors *v, size_t index)
{
    size_t first = index * AI_VECTORS_SEGMENT_ROWS, used = v->rows - first;
    if (used > AI_VECTORS_SEGMENT_ROWS)
        used = AI_VECTORS_SEGMENT_ROWS;
    /* Ids in whole blocks; what lies after the last used one is zero or an old id, and either way
     * part of the file as flushed. */
    size_t id_bytes = used * sizeof(int64_t);
    id_bytes = (id_bytes + AI_SUM_BLOCK - 1) / AI_SUM_BLOCK * AI_SUM_BLOCK;
    uint64_t ids = ai_sum(ai__vectors_id(v, first), id_bytes);
    uint64_t rows = ai_sum(ai__vectors_halves(v, first), used * v->lanes * sizeof(uint16_t));
    return ids ^ (rows << 1 | rows >> 63);
}

/* Rebuilds the chunk table from the ids; false if they make no sense. */
static bool read_ids(struct ai_vectors *v)
{
    for (size_t row = 0; row < v->rows;) {
        int64_t id = *ai__vectors_id(v, row);
        size_t end = row + 1;
        if (id == AI_VECTORS_NOBODY) {
            v->dead++;
            row = end;
            continue;
        }
        while (end < v->rows && *ai__vectors_id(v, end) == id)
            end++;
        if (ai_rowmap_get(&v->chunks, id) || end - row > AI_LIMIT_CHUNK_WINDOWS ||
            ai_rowmap_put(&v->chunks, id, (uint32_t)row, (uint32_t)(end - row)) != 0)
            return false;
        row = end;
    }
    return true;
}

bool ai__vectors_load(struct ai_vectors *v, int64_t *ret_generation)
{
    struct header header;
    struct stat st;
    if (fstat(v->fd, &st) != 0 || st.st_size < AI_VECTORS_HEADER_BYTES ||
        pread(v->fd, &header, sizeof header, 0) != (ssize_t)sizeof header)
        return false;
    if (memcmp(header.magic, header_magic, sizeof header_magic) != 0 || header.version != VERSION ||
        header.dimensions != v->dimensions || header.lanes != v->lanes ||
        header.rows > AI_LIMIT_VECTOR_ROWS || header.checksum != header_checksum(&header))
        return false;
    size_t segments = ai__vectors_segments_for(header.rows);
    if ((size_t)st.st_size < ai__vectors_bytes(v, segments) || ai__vectors_resize(v, segments) != 0)
        return false;
    v->rows = header.rows;
    *ret_generation = header.generation;
    for (size_t i = 0; i < segments && *ret_generation >= 0; i++) {
        uint64_t sum;
        memcpy(&sum, ai__vectors_segment(v, i), sizeof sum);
        if (sum != segment_checksum(v, i))
            *ret_generation = -1;
    }
    return read_ids(v);
}

static void write_header(struct ai_vectors *v, int64_t generation)
{
    struct header header = {
        .version = VERSION,
        .dimensions = v->dimensions,
        .lanes = (uint32_t)v->lanes,
        .rows = (uint32_t)v->rows,
        .generation = generation,
    };
    memcpy(header.magic, header_magic, sizeof header_magic);
    header.checksum = header_checksum(&header);
    memcpy(v->map, &header, sizeof header);
}

void ai__vectors_mark(struct ai_vectors *v)
{
    write_header(v, -1);
}

int ai_vectors_flush(struct ai_vectors *v, int64_t generation)
{
    pthread_rwlock_wrlock(&v->lock);
    for (size_t i = 0; i * AI_VECTORS_SEGMENT_ROWS < v->rows; i++) {
        uint64_t sum = segment_checksum(v, i);
        memcpy(ai__vectors_segment(v, i), &sum, sizeof sum);
    }
    write_header(v, v->doubted ? -1 : generation);
    int err = 0;
    if (msync(v->map, ai__vectors_bytes(v, v->segments), MS_ASYNC) != 0)
        err = core_err_from_errno(errno);
    pthread_rwlock_unlock(&v->lock);
    return err;
}
