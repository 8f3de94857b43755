/*
 * mem.c: allocation that dies rather than fails, and the pool.
 *
 *     pool ─► block ─► block ─► own block   newest first
 *             [head|used……|free……]          allocations are cut off the newest block
 *
 * The first block lies in the pool's own memory. Blocks double in size; a request larger than the
 * next block gets a block of its own size. The pool is not for bytes whose size a peer chose
 * without a cap: its own cap answers with NULL.
 */
#include "core/mem.h"

#include "core/err.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void die(size_t size)
{
    fprintf(stderr, "sky: out of memory (%zu bytes were wanted)\n", size);
    abort();
}

void *core_alloc(size_t size)
{
    return core_alloc_array(1, size);
}

void *core_alloc_array(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    void *p = calloc(count, size); /* checks the product */
    if (!p)
        die(count > SIZE_MAX / size ? SIZE_MAX : count * size);
    return p;
}

char *core_strdup(struct core_str s)
{
    if (s.len == SIZE_MAX)
        die(s.len);
    char *copy = malloc(s.len + 1);
    if (!copy)
        die(s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

void *core_try_alloc(size_t size)
{
    return calloc(1, size > 0 ? size : 1);
}

int core_grow(void **array, size_t *cap, size_t count, size_t size, size_t max)
{
    assert(size > 0);
    if (count < *cap)
        return 0;
    if (count >= max)
        return CORE_ETOOBIG;
    size_t want = *cap > max / 2 ? max : *cap * 2;
    if (want < 8)
        want = 8 < max ? 8 : max;
    if (want <= count)
        want = count + 1;
    /* The caller's pointer has its own type: copied as bytes, not read as a void *. */
    void *old;
    memcpy(&old, array, sizeof old);
    void *grown = reallocarray(old, want, size);
    if (!grown)
        return CORE_ENOMEM;
    memcpy(array, &grown, sizeof grown);
    *cap = want;
    return 0;
}

/* Never inlined: a compiler that sees through it takes the first member of a struct for all of it,
 * and warns of what is wiped behind it. */
__attribute__((noinline)) void core_wipe(void *bytes, size_t len)
{
    if (len > 0)
        explicit_bzero(bytes, len);
}

/* --- Pool ----------------------------------------------------------------------------------- */

#define POOL_ALIGN 16
/* With the pool and the block's head 1 KiB. */
#define POOL_FIRST 960
#define POOL_BLOCK_MAX (256u << 10)

struct pool_block {
    struct pool_block *next;
    size_t size; /* of data */
    size_t used;
    _Alignas(POOL_ALIGN) char data[];
};

struct core_pool {
    _Alignas(POOL_ALIGN) struct pool_block *blocks;
    size_t left;       /* bytes the pool may still take from the heap */
    size_t block_next; /* size of the next block */
};

static struct pool_block *own_block(struct core_pool *pool)
{
    return (struct pool_block *)(pool + 1);
}

struct core_pool *core_pool_new(size_t max)
{
    struct core_pool *pool = core_alloc(sizeof *pool + sizeof *pool->blocks + POOL_FIRST);
    struct pool_block *own = own_block(pool);
    own->size = max < POOL_FIRST ? max & ~(size_t)(POOL_ALIGN - 1) : POOL_FIRST;
    pool->blocks = own;
    pool->left = max - own->size;
    pool->block_next = 2 * POOL_FIRST;
    return pool;
}

void core_pool_free(struct core_pool *pool)
{
    if (!pool)
        return;
    core_pool_clear(pool);
    free(pool);
}

void core_pool_clear(struct core_pool *pool)
{
    struct pool_block *own = own_block(pool);
    while (pool->blocks != own) {
        struct pool_block *block = pool->blocks;
        pool->blocks = block->next;
        pool->left += block->size;
        free(block);
    }
    core_wipe(own->data, own->used);
    own->used = 0;
    pool->block_next = 2 * POOL_FIRST;
}

/* A block with room for `size` (a multiple of POOL_ALIGN), put in front; NULL past the cap. */
static struct pool_block *pool_grow(struct core_pool *pool, size_t size)
{
    size_t room = pool->block_next > size ? pool->block_next : size;
    if (room > pool->left)
        room = pool->left & ~(size_t)(POOL_ALIGN - 1);
    if (room < size)
        return NULL;
    struct pool_block *block = core_try_alloc(sizeof *block + room);
    if (!block)
        return NULL;
    block->size = room;
    block->next = pool->blocks;
    pool->blocks = block;
    pool->left -= room;
    if (pool->block_next < POOL_BLOCK_MAX)
        pool->block_next *= 2;
    return block;
}

void *core_pool_alloc(struct core_pool *pool, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size > 0 ? size + POOL_ALIGN - 1 : POOL_ALIGN) & ~(size_t)(POOL_ALIGN - 1);
    struct pool_block *block = pool->blocks;
    if (size > block->size - block->used) {
        block = pool_grow(pool, size);
        if (!block)
            return NULL;
    }
    void *p = block->data + block->used;
    block->used += size;
    return p;
}

struct core_str core_pool_str(struct core_pool *pool, struct core_str s)
{
    char *copy = s.len < SIZE_MAX ? core_pool_alloc(pool, s.len + 1) : NULL;
    if (!copy)
        return core_strn(NULL, 0);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return core_strn(copy, s.len);
}
