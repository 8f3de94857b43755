/*
 * vectors.h: the vectors of one model in a memory-mapped file, searched by exact scan.
 *
 * Not the truth: the file is derived from the store's `vector` table (see index.h). It carries the
 * store's count of changes to that table (the generation), by which a stale file is noticed, and
 * checksums, by which a torn or damaged one is. In doubt it is emptied and filled again.
 *
 * Rows come and go as halves in the row layout of the store; the query is float. Thread: any; a
 * reader-writer lock inside.
 */
#ifndef AI_INDEX_VECTORS_H
#define AI_INDEX_VECTORS_H

#include "ai/index/index.h"

struct ai_vectors;

/* Opens or creates. *ret_generation is that of the last flush, or −1 where the file was new, written
 * by another layout, or damaged: it is empty then. path NULL keeps everything in memory, and a disk
 * that fills up later leads there too. CORE_ENOTFOUND, CORE_EUNSUPPORTED (not a regular file),
 * CORE_EIO, CORE_ENOMEM, … */
int ai_vectors_open(const char *path, unsigned dimensions, struct ai_vectors **ret,
                    int64_t *ret_generation);
/* Unmaps; what was not flushed may be lost. Accepts NULL. */
void ai_vectors_free(struct ai_vectors *vectors);
/* Makes the file current under that generation. */
int ai_vectors_flush(struct ai_vectors *vectors, int64_t generation);
/* Drops everything. */
int ai_vectors_clear(struct ai_vectors *vectors);

/* Adds the windows of a chunk, replacing those it had. rows: windows × dimensions halves. On failure
 * the chunk has no rows. CORE_EINVAL (window count), CORE_ETOOBIG, CORE_ENOMEM. */
int ai_vectors_add(struct ai_vectors *vectors, int64_t chunk_id, const uint16_t *rows,
                   size_t windows);
/* Returns how many rows left. */
size_t ai_vectors_remove(struct ai_vectors *vectors, int64_t chunk_id);
/* The k best chunks by their best window, best first, equal scores by id. */
void ai_vectors_search(struct ai_vectors *vectors, const float *query, size_t k, struct ai_hit *ret,
                       size_t *ret_count);
/* Sets the score of each hit by its chunk id; −1 without vectors. */
void ai_vectors_score(struct ai_vectors *vectors, const float *query, struct ai_hit *hits,
                      size_t count);
/* No file keeps it. */
bool ai_vectors_in_memory(struct ai_vectors *vectors);
size_t ai_vectors_chunks(struct ai_vectors *vectors);
/* Rows that belong to a chunk. */
size_t ai_vectors_rows(struct ai_vectors *vectors);

#endif
