/*
 * sum.h: the checksum of the index's files: as fast as memory, and any changed bit changes it.
 * Against damage, not against malice. Pure; any thread.
 */
#ifndef AI_INDEX_SUM_H
#define AI_INDEX_SUM_H

#include <stddef.h>
#include <stdint.h>

/* len: a multiple of AI_SUM_BLOCK. */
#define AI_SUM_BLOCK 32
uint64_t ai_sum(const void *bytes, size_t len);

#endif
