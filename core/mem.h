/*
 * mem.h: allocation for our own small objects, which dies when memory is out, and a pool for
 * things that live and die together.
 *
 * Sizes that a peer chose never come through here: they use core_buf or core_try_alloc.
 */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include "core/str.h"

#include <stdlib.h>

/* Zeroed; abort on failure. count·size is checked for overflow. free() releases. */
void *core_alloc(size_t size) __attribute__((returns_nonnull, malloc));
void *core_alloc_array(size_t count, size_t size) __attribute__((returns_nonnull, malloc));
/* NUL-terminated copy of s. */
char *core_strdup(struct core_str s) __attribute__((returns_nonnull, malloc));
/* NULL instead of aborting; zeroed. */
void *core_try_alloc(size_t size) __attribute__((warn_unused_result, malloc));
/* Grows *array (elements of `size`) so that index `count` fits, doubling; CORE_ETOOBIG above
 * max. */
int core_grow(void **array, size_t *cap, size_t count, size_t size, size_t max);

/* Overwrites with zeros in a way the compiler keeps. */
void core_wipe(void *bytes, size_t len);

/* --- Pool: many small allocations, one release ---------------------------------------------- */

struct core_pool;
/* At most max bytes in all. */
struct core_pool *core_pool_new(size_t max);
void core_pool_free(struct core_pool *pool);
/* As new, with the memory of its first block: what was in it is gone. */
void core_pool_clear(struct core_pool *pool);
/* Zeroed, 16-byte aligned; NULL when the pool's cap or memory is reached. */
void *core_pool_alloc(struct core_pool *pool, size_t size);
/* NUL-terminated copy; ptr NULL on failure. */
struct core_str core_pool_str(struct core_pool *pool, struct core_str s);

#endif
