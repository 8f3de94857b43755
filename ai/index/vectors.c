/*
 * vectors.c: the rows of one model: which there are and where they lie (see vectors_in.h).
 *
 * Rows in doubt: a file that may be behind the store is not thrown away. Its
 * rows are marked, adding the same row again confirms it, adding another one
 * replaces it, and what was not confirmed in the end leaves. So rows keep their
 * numbers across a crash, and the graph over them stays valid.
 */
#include "ai/index/vectors_in.h"

#include "ai/index/f16.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Memory ----------------------------------------------------------------------------------- */

/* Goes on in memory: the file is left behind, stale, and will be noticed as such. */
static int leave_file(struct ai_vectors *v, size_t bytes)
{
    void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return CORE_ENOMEM;
    if (v->map) {
        size_t was = ai__vectors_bytes(v, v->segments);
        memcpy(map, v->map, was < bytes ? was : bytes);
        munmap(v->map, was);
    }
    if (v->fd >= 0)
        close(v->fd);
    v->fd = -1;
    v->map = map;
    return 0;
}

int ai__vectors_resize(struct ai_vectors *v, size_t segments)
{
    size_t was = v->map ? ai__vectors_bytes(v, v->segments) : 0;
    size_t now = ai__vectors_bytes(v, segments);
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

/* --- Compacting ------------------------------------------------------------------------------- */

void ai__vectors_compact(struct ai_vectors *v, const uint64_t *gone, size_t gone_rows)
{
    size_t to = 0;
    v->dead = 0;
    for (size_t from = 0; from < v->rows; from++) {
        int64_t id = *ai__vectors_id(v, from);
        if (from < gone_rows && ai_graph_bit(gone, from))
            continue;
        v->dead += id == AI_VECTORS_NOBODY;
        struct ai_rowmap_entry *chunk = id == AI_VECTORS_NOBODY ? NULL
                                                                : ai_rowmap_get(&v->chunks, id);
        if (chunk && chunk->first == from)
            chunk->first = (uint32_t)to;
        if (from != to) {
            *ai__vectors_id(v, to) = id;
            memcpy(ai__vectors_halves(v, to), ai__vectors_halves(v, from),
                   v->lanes * sizeof(uint16_t));
        }
        to++;
    }
    v->rows = to;
    /* A failure to shrink costs disk space only. */
    (void)ai__vectors_resize(v, ai__vectors_segments_for(to));
    ai__vectors_mark(v);
}

/* Rows too few to matter are left lying. */
bool ai__vectors_loose(const struct ai_vectors *v)
{
    return v->dead >= AI_VECTORS_SEGMENT_ROWS && v->dead * 4 >= v->rows;
}

uint64_t *ai__vectors_dead(const struct ai_vectors *v, size_t rows)
{
    uint64_t *dead = core_try_alloc((rows + 63) / 64 * sizeof *dead);
    for (size_t row = 0; dead && row < rows; row++)
        if (*ai__vectors_id(v, row) == AI_VECTORS_NOBODY)
            dead[row / 64] |= 1ull << row % 64;
    return dead;
}

/* Where a graph is over the rows, or may be, compacting is the business of who tends it. */
static void compact_maybe(struct ai_vectors *v)
{
    if (v->graph || v->graph_unread || v->doubted || !ai__vectors_loose(v))
        return;
    uint64_t *dead = ai__vectors_dead(v, v->rows);
    if (dead)
        ai__vectors_compact(v, dead, v->rows);
    free(dead);
}

static size_t remove_chunk(struct ai_vectors *v, int64_t chunk_id)
{
    struct ai_rowmap_entry *e = ai_rowmap_get(&v->chunks, chunk_id);
    if (!e)
        return 0;
    size_t count = e->count;
    for (size_t i = 0; i < count; i++)
        *ai__vectors_id(v, e->first + i) = AI_VECTORS_NOBODY;
    v->dead += count;
    ai_rowmap_remove(&v->chunks, chunk_id);
    return count;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static int start_empty(struct ai_vectors *v)
{
    ai_rowmap_done(&v->chunks);
    v->rows = v->dead = 0;
    int err = ai__vectors_resize(v, 0);
    if (err == 0)
        memset(v->map, 0, AI_VECTORS_HEADER_BYTES);
    return err;
}

static struct ai_vectors *new_vectors(unsigned dimensions)
{
    struct ai_vectors *v = core_alloc(sizeof *v);
    /* A steady stream of searches must not keep changes out. */
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&v->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    pthread_mutex_init(&v->walks_lock, NULL);
    v->dimensions = dimensions;
    v->lanes = (dimensions + AI_F16_LANES - 1) / AI_F16_LANES * AI_F16_LANES;
    v->fd = -1;
    return v;
}

static int open_file(struct ai_vectors *v, const char *path)
{
    struct stat st;
    v->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (v->fd < 0)
        return core_err_from_errno(errno);
    if (fstat(v->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return CORE_EUNSUPPORTED;
    size_t size = strlen(path) + sizeof ".graph";
    v->graph_path = core_alloc(size);
    snprintf(v->graph_path, size, "%s.graph", path);
    v->graph_unread = access(v->graph_path, F_OK) == 0;
    return 0;
}

int ai_vectors_open(const char *path, unsigned dimensions, struct ai_vectors **ret,
                    int64_t *ret_generation)
{
    if (dimensions == 0 || dimensions > AI_LIMIT_VECTOR_DIMENSIONS)
        return CORE_EINVAL;
    struct ai_vectors *v = new_vectors(dimensions);
    int64_t generation = -1;
    int err = path ? open_file(v, path) : 0;
    if (err == 0 && (!path || !ai__vectors_load(v, &generation))) {
        generation = -1;
        err = start_empty(v);
    }
    if (err) {
        ai_vectors_free(v);
        return err;
    }
    if (generation < 0)
        ai_vectors_doubt(v);
    *ret = v;
    *ret_generation = generation;
    return 0;
}

void ai_vectors_free(struct ai_vectors *v)
{
    if (!v)
        return;
    if (v->map)
        munmap(v->map, ai__vectors_bytes(v, v->segments));
    if (v->fd >= 0)
        close(v->fd);
    ai_rowmap_done(&v->chunks);
    free(v->confirmed);
    ai_graph_free(v->graph);
    free(v->graph_path);
    while (v->walk_count > 0)
        ai_graph_walk_done(&v->walks[--v->walk_count]);
    pthread_mutex_destroy(&v->walks_lock);
    pthread_rwlock_destroy(&v->lock);
    free(v);
}

/* --- Doubt ------------------------------------------------------------------------------------ */

void ai_vectors_doubt(struct ai_vectors *v)
{
    pthread_rwlock_wrlock(&v->lock);
    free(v->confirmed);
    v->confirmed = v->rows ? core_alloc_array((v->rows + 63) / 64, sizeof *v->confirmed) : NULL;
    v->doubted_rows = v->rows;
    v->doubted = true;
    pthread_rwlock_unlock(&v->lock);
}

/* Are these the rows that the chunk has, and in doubt? Then they are not any more. */
static bool confirm(struct ai_vectors *v, int64_t chunk_id, const uint16_t *rows, size_t windows)
{
    const struct ai_rowmap_entry *e = ai_rowmap_get(&v->chunks, chunk_id);
    if (!v->doubted || !e || e->first >= v->doubted_rows || e->count != windows)
        return false;
    for (size_t i = 0; i < windows; i++)
        if (memcmp(ai__vectors_halves(v, e->first + i), rows + i * v->dimensions,
                   v->dimensions * sizeof *rows) != 0)
            return false;
    v->confirmed[e->first / 64] |= 1ull << e->first % 64;
    return true;
}

void ai_vectors_settle(struct ai_vectors *v)
{
    pthread_rwlock_wrlock(&v->lock);
    for (size_t row = 0; v->doubted && row < v->doubted_rows; row++) {
        int64_t id = *ai__vectors_id(v, row);
        const struct ai_rowmap_entry *e = id == AI_VECTORS_NOBODY ? NULL
                                                                  : ai_rowmap_get(&v->chunks, id);
        if (e && e->first == row && !ai_graph_bit(v->confirmed, row))
            remove_chunk(v, id);
    }
    free(v->confirmed);
    v->confirmed = NULL;
    v->doubted = false;
    compact_maybe(v);
    pthread_rwlock_unlock(&v->lock);
}

/* --- Changing --------------------------------------------------------------------------------- */

static int add(struct ai_vectors *v, int64_t chunk_id, const uint16_t *rows, size_t windows)
{
    if (v->rows + windows > AI_LIMIT_VECTOR_ROWS)
        return CORE_ETOOBIG;
    size_t segments = ai__vectors_segments_for(v->rows + windows);
    if (segments > v->segments) {
        int err = ai__vectors_resize(v, segments);
        if (err)
            return err;
    }
    int err = ai_rowmap_put(&v->chunks, chunk_id, (uint32_t)v->rows, (uint32_t)windows);
    if (err)
        return err;
    for (size_t i = 0; i < windows; i++) {
        uint16_t *to = ai__vectors_halves(v, v->rows);
        memcpy(to, rows + i * v->dimensions, v->dimensions * sizeof *to);
        memset(to + v->dimensions, 0, (v->lanes - v->dimensions) * sizeof *to);
        *ai__vectors_id(v, v->rows++) = chunk_id;
    }
    return 0;
}

int ai_vectors_add(struct ai_vectors *v, int64_t chunk_id, const uint16_t *rows, size_t windows)
{
    if (windows == 0 || windows > AI_LIMIT_CHUNK_WINDOWS || chunk_id == AI_VECTORS_NOBODY)
        return CORE_EINVAL;
    int err = 0;
    pthread_rwlock_wrlock(&v->lock);
    if (!confirm(v, chunk_id, rows, windows)) {
        remove_chunk(v, chunk_id);
        compact_maybe(v);
        err = add(v, chunk_id, rows, windows);
    }
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

/* --- Counting --------------------------------------------------------------------------------- */

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

size_t ai_vectors_graph_rows(struct ai_vectors *v)
{
    pthread_rwlock_rdlock(&v->lock);
    size_t rows = v->graph ? v->graph->count : 0;
    pthread_rwlock_unlock(&v->lock);
    return rows;
}
