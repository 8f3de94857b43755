/*
 * vectors.h: the vectors of one model in a memory-mapped file, and who is near to a query.
 *
 * Not the truth: the file is derived from the store's `vector` table (see index.h). It carries the
 * store's count of changes to that table (the generation), by which a stale file is noticed, and
 * checksums, by which a torn or damaged one is.
 *
 * Few rows are compared with the query one by one. Many get a graph (graph.h), in a file of its own
 * beside this one: whoever calls ai_vectors_tend() builds it and keeps it up while others search.
 * Its finds are scored by the rows themselves, and rows that it does not hold yet are compared one
 * by one, so that what was added is found at once.
 *
 * Rows come and go as halves in the row layout of the store; the query is float. Thread: any; locks
 * inside. ai_vectors_tend() by one thread at a time.
 */
#ifndef AI_INDEX_VECTORS_H
#define AI_INDEX_VECTORS_H

#include "ai/index/index.h"

#include <stdatomic.h>

struct ai_vectors;

/* Opens or creates. *ret_generation is that of the last flush; or −1 where the file was new,
 * written by another layout, damaged, or left behind by a process that died. Then all that the
 * store has must be added, and ai_vectors_settle() called: what the file held is in doubt until it
 * is added again, and rows that are the same stay where they are. path NULL keeps everything in
 * memory, and a disk that fills up later leads there too. CORE_ENOTFOUND, CORE_EUNSUPPORTED (not a
 * regular file), CORE_EIO, CORE_ENOMEM, … */
int ai_vectors_open(const char *path, unsigned dimensions, struct ai_vectors **ret,
                    int64_t *ret_generation);
/* Unmaps; what was not flushed may be lost. Accepts NULL. */
void ai_vectors_free(struct ai_vectors *vectors);
/* Makes the file current under that generation. */
int ai_vectors_flush(struct ai_vectors *vectors, int64_t generation);
/* What there is was not confirmed by the store: as after an open with −1. */
void ai_vectors_doubt(struct ai_vectors *vectors);
/* Removes what is in doubt. */
void ai_vectors_settle(struct ai_vectors *vectors);

/* Adds the windows of a chunk, replacing those it had. rows: windows × dimensions halves. On
 * failure the chunk has no rows. CORE_EINVAL (window count), CORE_ETOOBIG, CORE_ENOMEM. */
int ai_vectors_add(struct ai_vectors *vectors, int64_t chunk_id, const uint16_t *rows,
                   size_t windows);
/* Returns how many rows left. */
size_t ai_vectors_remove(struct ai_vectors *vectors, int64_t chunk_id);
/* The k best chunks by their best window, best first, equal scores by id; by the graph nearly the
 * best. */
void ai_vectors_search(struct ai_vectors *vectors, const float *query, size_t k, struct ai_hit *ret,
                       size_t *ret_count);
/* The same with a walk of that breadth: the more, the better and the slower. 0: no walk, exact. */
void ai_vectors_search_broad(struct ai_vectors *vectors, const float *query, size_t k,
                             size_t breadth, struct ai_hit *ret, size_t *ret_count);
/* Sets the score of each hit by its chunk id; −1 without vectors. */
void ai_vectors_score(struct ai_vectors *vectors, const float *query, struct ai_hit *hits,
                      size_t count);

/* Does what there is to do behind the searches: reads the graph's file, adds rows to the graph,
 * drops dead ones, writes the file. Takes as long as it takes, or until *stop. Searches and changes
 * wait for it for moments only. */
void ai_vectors_tend(struct ai_vectors *vectors, const atomic_bool *stop);

/* Writes the graph's file if it is behind. As ai_vectors_tend(): by the thread that tends. */
void ai_vectors_save(struct ai_vectors *vectors);

/* No file keeps it. */
bool ai_vectors_in_memory(struct ai_vectors *vectors);
size_t ai_vectors_chunks(struct ai_vectors *vectors);
/* Rows that belong to a chunk. */
size_t ai_vectors_rows(struct ai_vectors *vectors);
/* Rows in the graph, dead ones included. */
size_t ai_vectors_graph_rows(struct ai_vectors *vectors);

#endif
