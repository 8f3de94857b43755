/*
 * vectors.c: one model's vectors in a mapped file (see vectors.h).
 *
 *     file     = header (4096 bytes) segment segment …
 *     header   = magic, version, dimensions, lanes, rows, generation, checksum of these
 *     segment  = checksum (64 bytes) | 1024 chunk ids (int64) | 1024 rows × lanes halves
 *
 * The windows of a chunk are consecutive rows, so a scan needs one comparison a row to know the best
 * window of each chunk. A removed row keeps its bytes and gets the id NOBODY; when a quarter is
 * nobody's the live rows move together. The header is written by flush alone, last; a process that
 * dies before leaves an old header whose generation differs from the store's, a disk that tears
 * leaves a checksum that does not match: both lead to filling the file again, never to wrong hits.
 *
 * What it is not: an approximate index. Up to some hundred thousand rows the exact scan takes
 * milliseconds, and it never misses.
 */
#include "ai/index/vectors.h"

#include "ai/index/f16.h"
#include "ai/index/rowmap.h"
#include "ai/index/topk.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 4096,
    SEGMENT_ROWS = 1024,
    CHECKSUM_BYTES = 64,
    SCAN_ROWS = 256,
    VERSION = 1
};
#define NOBODY INT64_MIN

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

struct ai_vectors {
    pthread_rwlock_t lock;
    int fd;
    unsigned dimensions;
    size_t lanes;
    unsigned char *map;
    size_t segments; /* mapped and allocated in the file */
    size_t rows;     /* used, including nobody's */
    size_t dead;
    struct ai_rowmap chunks;
};

static size_t segment_bytes(const struct ai_vectors *v)
{
    return CHECKSUM_BYTES + SEGMENT_ROWS * (sizeof(int64_t) + v->lanes * sizeof(uint16_t));
}

static size_t file_bytes(const struct ai_vectors *v, size_t segments)
{
    return HEADER_BYTES + segments * segment_bytes(v);
}

static unsigned char *segment(const struct ai_vectors *v, size_t index)
{
    return v->map + file_bytes(v, index);
}

static int64_t *row_id(const struct ai_vectors *v, size_t row)
{
    return (int64_t *)(segment(v, row / SEGMENT_ROWS) + CHECKSUM_BYTES) + row % SEGMENT_ROWS;
}

static uint16_t *row_halves(const struct ai_vectors *v, size_t row)
{
    unsigned char *rows = segment(v, row / SEGMENT_ROWS) + CHECKSUM_BYTES +
                          SEGMENT_ROWS * sizeof(int64_t);
    return (uint16_t *)rows + row % SEGMENT_ROWS * v->lanes;
}

/* Four multiplying lanes: as fast as memory, and any changed bit changes the sum. `len` is a
 * multiple of 32 in every use. */
static uint64_t checksum(const void *bytes, size_t len)
{
    const uint64_t prime = 0x9fb21c651e98df25u;
    uint64_t lane[4] = {len, 0x243f6a8885a308d3u, 0x13198a2e03707344u, 0xa4093822299f31d0u};
    const unsigned char *p = bytes;
    assert(len % 32 == 0);
    for (size_t i = 0; i < len; i += 32)
        for (size_t j = 0; j < 4; j++) {
            uint64_t word;
            memcpy(&word, p + i + j * 8, 8);
            lane[j] = (lane[j] ^ word) * prime;
            lane[j] ^= lane[j] >> 29;
        }
    uint64_t sum = 0;
    for (size_t j = 0; j < 4; j++)
        sum = ((sum << 17 | sum >> 47) ^ lane[j]) * prime;
    return sum;
}

static uint64_t header_checksum(const struct header *header)
{
    struct header copy = *header;
    unsigned char padded[64] = {0};
    copy.checksum = 0;
    _Static_assert(sizeof copy <= sizeof padded, "header grows past its checksum's block");
    memcpy(padded, &copy, sizeof copy);
    return checksum(padded, sizeof padded);
}

/* Covers what is used of the segment: ids, then rows. */
static uint64_t segment_checksum(const struct ai_vectors *v, size_t index)
{
    size_t used = v->rows - index * SEGMENT_ROWS;
    if (used > SEGMENT_ROWS)
        used = SEGMENT_ROWS;
    /* Ids in blocks of 32 bytes; what lies after the last used one is zero or an old id, and either
     * way part of the file as flushed. */
    uint64_t ids = checksum(row_id(v, index * SEGMENT_ROWS),
                            (used * sizeof(int64_t) + 31) / 32 * 32);
    uint64_t rows = checksum(row_halves(v, index * SEGMENT_ROWS),
                             used * v->lanes * sizeof(uint16_t));
    return ids ^ (rows << 1 | rows >> 63);
}

/* Goes on in memory: the file is left behind, stale, and will be noticed as such. */
static int leave_file(struct ai_vectors *v, size_t bytes)
{
    void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return CORE_ENOMEM;
    if (v->map) {
        size_t was = file_bytes(v, v->segments);
        memcpy(map, v->map, was < bytes ? was : bytes);
        munmap(v->map, was);
    }
    if (v->fd >= 0)
        close(v->fd);
    v->fd = -1;
    v->map = map;
    return 0;
}

/* Brings file and map to so many segments. */
static int resize(struct ai_vectors *v, size_t segments)
{
    size_t was = v->map ? file_bytes(v, v->segments) : 0, now = file_bytes(v, segments);
    /* Allocated, not sparse: a full disk must be noticed here, not by a SIGBUS at a store. */
    if (v->fd < 0 ? !v->map : now > was && posix_fallocate(v->fd, 0, (off_t)now) != 0) {
        int err = leave_file(v, now);
        if (err == 0)
            v->segments = segments;
        return err;
    }
    void *map = v->map ? mremap(v->map, was, now, MREMAP_MAYMOVE)
                       : mmap(NULL, now, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
    if (map == MAP_FAILED)
        return CORE_ENOMEM;
    v->map = map;
    v->segments = segments;
    if (v->fd >= 0 && now <= was && ftruncate(v->fd, (off_t)now) != 0)
        return core_err_from_errno(errno);
    return 0;
}

/* Moves live rows together and gives back the segments that fall empty. */
static void compact(struct ai_vectors *v)
{
    size_t to = 0;
    for (size_t from = 0; from < v->rows; from++) {
        int64_t id = *row_id(v, from);
        if (id == NOBODY)
            continue;
        struct ai_rowmap_entry *chunk = ai_rowmap_get(&v->chunks, id);
        if (!chunk) /* somebody wrote into the file: the row is nobody's */
            continue;
        if (chunk->first == from)
            chunk->first = (uint32_t)to;
        if (from != to) {
            *row_id(v, to) = id;
            memcpy(row_halves(v, to), row_halves(v, from), v->lanes * sizeof(uint16_t));
        }
        to++;
    }
    v->rows = to;
    v->dead = 0;
    /* A failure to shrink costs disk space only. */
    (void)resize(v, (to + SEGMENT_ROWS - 1) / SEGMENT_ROWS);
}

static size_t remove_chunk(struct ai_vectors *v, int64_t chunk_id)
{
    struct ai_rowmap_entry *e = ai_rowmap_get(&v->chunks, chunk_id);
    if (!e)
        return 0;
    size_t count = e->count;
    for (size_t i = 0; i < count; i++)
        *row_id(v, e->first + i) = NOBODY;
    v->dead += count;
    ai_rowmap_remove(&v->chunks, chunk_id);
    return count;
}

/* --- Opening and flushing --------------------------------------------------------------------- */

/* The map is as the file says: rebuilds the chunk table from the ids; false if they make no sense. */
static bool read_ids(struct ai_vectors *v)
{
    for (size_t row = 0; row < v->rows;) {
        int64_t id = *row_id(v, row);
        size_t end = row + 1;
        if (id == NOBODY) {
            v->dead++;
            row = end;
            continue;
        }
        while (end < v->rows && *row_id(v, end) == id)
            end++;
        if (ai_rowmap_get(&v->chunks, id) || end - row > AI_LIMIT_CHUNK_WINDOWS ||
            ai_rowmap_put(&v->chunks, id, (uint32_t)row, (uint32_t)(end - row)) != 0)
            return false;
        row = end;
    }
    return true;
}

/* Maps the file if it is whole; false: nothing of it may be used. */
static bool load(struct ai_vectors *v, int64_t *ret_generation)
{
    struct header header;
    struct stat st;
    if (fstat(v->fd, &st) != 0 || st.st_size < HEADER_BYTES ||
        pread(v->fd, &header, sizeof header, 0) != (ssize_t)sizeof header)
        return false;
    if (memcmp(header.magic, header_magic, sizeof header_magic) != 0 || header.version != VERSION ||
        header.dimensions != v->dimensions || header.lanes != v->lanes ||
        header.rows > AI_LIMIT_VECTOR_ROWS || header.generation < 0 ||
        header.checksum != header_checksum(&header))
        return false;
    size_t segments = (header.rows + SEGMENT_ROWS - 1) / SEGMENT_ROWS;
    if ((size_t)st.st_size < file_bytes(v, segments) || resize(v, segments) != 0)
        return false;
    v->rows = header.rows;
    for (size_t i = 0; i < segments; i++) {
        uint64_t sum;
        memcpy(&sum, segment(v, i), sizeof sum);
        if (sum != segment_checksum(v, i))
            return false;
    }
    if (!read_ids(v))
        return false;
    *ret_generation = header.generation;
    return true;
}

static int clear(struct ai_vectors *v)
{
    ai_rowmap_done(&v->chunks);
    v->rows = v->dead = 0;
    int err = resize(v, 0);
    if (err == 0)
        memset(v->map, 0, HEADER_BYTES);
    return err;
}

int ai_vectors_open(const char *path, unsigned dimensions, struct ai_vectors **ret,
                    int64_t *ret_generation)
{
    if (dimensions == 0 || dimensions > AI_LIMIT_VECTOR_DIMENSIONS)
        return CORE_EINVAL;
    struct ai_vectors *v = core_alloc(sizeof *v);
    v->dimensions = dimensions;
    v->lanes = (dimensions + AI_F16_LANES - 1) / AI_F16_LANES * AI_F16_LANES;
    pthread_rwlock_init(&v->lock, NULL);
    int64_t generation = -1;
    int err = 0;
    struct stat st;
    v->fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600) : -1;
    if (path && v->fd < 0)
        err = core_err_from_errno(errno);
    else if (path && (fstat(v->fd, &st) != 0 || !S_ISREG(st.st_mode)))
        err = CORE_EUNSUPPORTED;
    else if (!path || !load(v, &generation)) {
        generation = -1;
        err = clear(v);
    }
    if (err) {
        ai_vectors_free(v);
        return err;
    }
    *ret = v;
    *ret_generation = generation;
    return 0;
}

void ai_vectors_free(struct ai_vectors *v)
{
    if (!v)
        return;
    if (v->map)
        munmap(v->map, file_bytes(v, v->segments));
    if (v->fd >= 0)
        close(v->fd);
    ai_rowmap_done(&v->chunks);
    pthread_rwlock_destroy(&v->lock);
    free(v);
}

int ai_vectors_flush(struct ai_vectors *v, int64_t generation)
{
    pthread_rwlock_wrlock(&v->lock);
    for (size_t i = 0; i * SEGMENT_ROWS < v->rows; i++) {
        uint64_t sum = segment_checksum(v, i);
        memcpy(segment(v, i), &sum, sizeof sum);
    }
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
    int err = msync(v->map, file_bytes(v, v->segments), MS_ASYNC) == 0 ? 0
                                                                       : core_err_from_errno(errno);
    pthread_rwlock_unlock(&v->lock);
    return err;
}

int ai_vectors_clear(struct ai_vectors *v)
{
    pthread_rwlock_wrlock(&v->lock);
    int err = clear(v);
    pthread_rwlock_unlock(&v->lock);
    return err;
}

/* --- Changing --------------------------------------------------------------------------------- */

static int add(struct ai_vectors *v, int64_t chunk_id, const uint16_t *rows, size_t windows)
{
    if (v->rows + windows > AI_LIMIT_VECTOR_ROWS)
        return CORE_ETOOBIG;
    size_t segments = (v->rows + windows + SEGMENT_ROWS - 1) / SEGMENT_ROWS;
    if (segments > v->segments) {
        int err = resize(v, segments);
        if (err)
            return err;
    }
    int err = ai_rowmap_put(&v->chunks, chunk_id, (uint32_t)v->rows, (uint32_t)windows);
    if (err)
        return err;
    for (size_t i = 0; i < windows; i++) {
        uint16_t *to = row_halves(v, v->rows);
        memcpy(to, rows + i * v->dimensions, v->dimensions * sizeof *to);
        memset(to + v->dimensions, 0, (v->lanes - v->dimensions) * sizeof *to);
        *row_id(v, v->rows++) = chunk_id;
    }
    return 0;
}

/* Rows too few to matter are left lying. */
static void compact_maybe(struct ai_vectors *v)
{
    if (v->dead >= SEGMENT_ROWS && v->dead * 4 >= v->rows)
        compact(v);
}

int ai_vectors_add(struct ai_vectors *v, int64_t chunk_id, const uint16_t *rows, size_t windows)
{
    if (windows == 0 || windows > AI_LIMIT_CHUNK_WINDOWS || chunk_id == NOBODY)
        return CORE_EINVAL;
    pthread_rwlock_wrlock(&v->lock);
    remove_chunk(v, chunk_id);
    compact_maybe(v);
    int err = add(v, chunk_id, rows, windows);
    pthread_rwlock_unlock(&v->lock);
    return err;
}

size_t ai_vectors_remove(struct ai_vectors *v, int64_t chunk_id)
{
    pthread_rwlock_wrlock(&v->lock);
    size_t rows = remove_chunk(v, chunk_id);
    compact_maybe(v);
    pthread_rwlock_unlock(&v->lock);
    return rows;
}

/* --- Searching -------------------------------------------------------------------------------- */

static const float *padded(const struct ai_vectors *v, const float *query, float *copy)
{
    memset(copy, 0, v->lanes * sizeof *copy);
    memcpy(copy, query, v->dimensions * sizeof *copy);
    return copy;
}

static void scan(const struct ai_vectors *v, const float *query, struct ai_topk *top)
{
    float scores[SCAN_ROWS];
    struct ai_hit best = {.chunk_id = NOBODY};
    for (size_t row = 0; row < v->rows; row += SCAN_ROWS) {
        size_t n = v->rows - row < SCAN_ROWS ? v->rows - row : SCAN_ROWS;
        const int64_t *ids = row_id(v, row);
        ai_f16_dot(row_halves(v, row), v->lanes, n, query, scores);
        for (size_t i = 0; i < n; i++) {
            if (ids[i] != best.chunk_id) {
                if (best.chunk_id != NOBODY)
                    ai_topk_offer(top, best);
                best = (struct ai_hit){.chunk_id = ids[i], .score = scores[i]};
            } else if (scores[i] > best.score) {
                best.score = scores[i];
            }
        }
    }
    if (best.chunk_id != NOBODY)
        ai_topk_offer(top, best);
}

void ai_vectors_search(struct ai_vectors *v, const float *query, size_t k, struct ai_hit *ret,
                       size_t *ret_count)
{
    _Static_assert(SEGMENT_ROWS % SCAN_ROWS == 0, "a block of the scan must not cross segments");
    float copy[AI_LIMIT_VECTOR_DIMENSIONS];
    struct ai_topk top = {.hits = ret, .k = k};
    pthread_rwlock_rdlock(&v->lock);
    scan(v, padded(v, query, copy), &top);
    pthread_rwlock_unlock(&v->lock);
    *ret_count = ai_topk_sort(&top);
}

void ai_vectors_score(struct ai_vectors *v, const float *query, struct ai_hit *hits, size_t count)
{
    float copy[AI_LIMIT_VECTOR_DIMENSIONS];
    padded(v, query, copy);
    pthread_rwlock_rdlock(&v->lock);
    for (size_t i = 0; i < count; i++) {
        const struct ai_rowmap_entry *e = ai_rowmap_get(&v->chunks, hits[i].chunk_id);
        hits[i].score = -1;
        for (size_t w = 0; e && w < e->count; w++) {
            float score;
            ai_f16_dot(row_halves(v, e->first + w), v->lanes, 1, copy, &score);
            if (score > hits[i].score)
                hits[i].score = score;
        }
    }
    pthread_rwlock_unlock(&v->lock);
}

bool ai_vectors_in_memory(struct ai_vectors *v)
{
    pthread_rwlock_rdlock(&v->lock);
    bool in_memory = v->fd < 0;
    pthread_rwlock_unlock(&v->lock);
    return in_memory;
}

size_t ai_vectors_chunks(struct ai_vectors *v)
{
    pthread_rwlock_rdlock(&v->lock);
    size_t chunks = v->chunks.used;
    pthread_rwlock_unlock(&v->lock);
    return chunks;
}

size_t ai_vectors_rows(struct ai_vectors *v)
{
    pthread_rwlock_rdlock(&v->lock);
    size_t rows = v->rows - v->dead;
    pthread_rwlock_unlock(&v->lock);
    return rows;
}
