/*
 * index.h: finding chunks by keywords (BM25) and by meaning (vectors). The only room that writes
 * engine-specific search SQL; one file per engine behind this face.
 *
 * Vectors: the store's `vector` table is the truth; the index keeps memory-mapped
 * files per model ($DATA/index/<model>.vec: float16 rows + chunk ids;
 * <model>.vec.graph: who is near to whom) derived from it, and brings them up to date
 * when they are missing, stale or corrupt. Search is exact over some thousand rows,
 * and nearly so by the graph over more; a thread of the index builds it.
 *
 * On PostgreSQL both live in the store: lists of words
 * (keyword_pg.c) and columns of the extension vector (near_pg.c).
 *
 * Thread: search from any pool thread at the same time as add and remove (a lock inside).
 */
#ifndef AI_INDEX_INDEX_H
#define AI_INDEX_INDEX_H

#include "core/store/store.h"

struct ai_index;
struct ai_hit {
    int64_t chunk_id;
    float score; /* BM25: higher is better, unbounded; vectors: cosine of the best window */
};

/* For qsort(): the highest score first, of equals the lowest id. */
int ai_hit_by_score(const void *a, const void *b);

struct ai_index_options {
    const struct core_env *env;
    struct store *store;
    const char *data_dir;
    unsigned dimensions;
    const char *const *models; /* names, NULL-terminated, ≤ 4 */
};
/* Blocking (reads the store when the files are stale). */
int ai_index_open(const struct ai_index_options *options, struct ai_index **ret, char *why,
                  size_t why_cap);
void ai_index_free(struct ai_index *index); /* flushes the files; accepts NULL */

/* Any words of the query, stop words dropped by the caller; hits sorted by score. The text may hold
 * anything: it is quoted here. */
int ai_index_keywords(struct ai_index *index, struct core_str query, size_t k, struct ai_hit *ret,
                      size_t *ret_count);
/* How many chunks hold the word (after the tokenizer's stemming), for term weights. */
int ai_index_word_count(struct ai_index *index, struct core_str word, int64_t *ret_chunks);
/* The same for many words of a … z, of which few are there at all: without a look-up for each. */
int ai_index_word_counts(struct ai_index *index, const struct core_str *words, size_t count,
                         int64_t *ret_chunks);
int ai_index_vectors(struct ai_index *index, const char *model, const float *query, size_t k,
                     struct ai_hit *ret, size_t *ret_count);
/* Best cosine of given chunks only (for mixing keyword hits in). score −1 where it has no
 * vector. */
int ai_index_score(struct ai_index *index, const char *model, const float *query,
                   struct ai_hit *hits, size_t count);

/* Puts what the keyword index needs of a new content into the batch that inserts its chunks: all of
 * them, by ascending ids. 0, CORE_ETOOBIG. */
struct ai_index_chunk {
    int64_t id;
    struct core_str name, title, heading, text;
};
int ai_index_put(struct ai_index *index, struct store_batch *batch,
                 const struct ai_index_chunk *chunks, size_t count);

/* After the store acknowledged the rows. windows × dimensions floats. */
int ai_index_add(struct ai_index *index, const char *model, int64_t chunk_id, const float *vectors,
                 size_t windows);
void ai_index_remove(struct ai_index *index, const int64_t *chunk_ids, size_t count);
/* Chunks that have vectors of the model. */
size_t ai_index_count(struct ai_index *index, const char *model);
/* Agreement with the store, for `sky doctor`; blocking. */
int ai_index_check(struct ai_index *index, char *why, size_t why_cap);

/* float16 (IEEE binary16, little-endian) as the store keeps vectors. */
void ai_index_pack(const float *in, size_t n, unsigned char *out);
void ai_index_unpack(const unsigned char *in, size_t n, float *out);
/* packed · query, for n ≤ AI_LIMIT_VECTOR_DIMENSIONS numbers. */
float ai_index_dot(const unsigned char *packed, size_t n, const float *query);

#endif
