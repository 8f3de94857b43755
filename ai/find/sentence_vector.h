/*
 * sentence_vector.h: a small vector for each sentence of a chunk. Room only; no state, any thread.
 *
 * They cost nothing beside the vectors of the chunk's windows: a sentence's vector is the mean of
 * what the model made of its tokens while it read the window. One blob a chunk, in the store's
 * table `sentence`: a row of `dimensions` signed bytes for each sentence that ai_sentences_next()
 * finds in the chunk's text, in order, at most AI_LIMIT_CHUNK_SENTENCES. A row is scaled to use the
 * whole byte; only its direction counts. A row of zeros: the sentence has no vector.
 */
#ifndef AI_FIND_SENTENCE_VECTOR_H
#define AI_FIND_SENTENCE_VECTOR_H

#include "ai/model/embedder.h"

/* Parts of a chunk's windows: which sentence each is of. */
struct ai_sentence_parts {
    struct ai_embed_part *parts;
    unsigned *sentence;
    size_t cap, count;
};
/* Appends the parts of one chunk whose window w stands in text first_text + w, behind `lead` bytes.
 * Returns the number of sentences. What does not fit below cap is left out. */
size_t ai_sentence_parts_add(struct ai_sentence_parts *parts, struct core_str chunk,
                             const size_t (*windows)[2], size_t window_count, size_t first_text,
                             size_t lead);
/* Rows of one chunk from sums of its parts: count × dimensions
 * floats; the blob is as many bytes. */
void ai_sentence_vectors_pack(const float *sums, size_t count, unsigned dimensions,
                              unsigned char *ret_blob);
/* Has the blob a row for each sentence of the chunk? One made by a version of the program that told
 * sentences apart in another way may not. */
bool ai_sentence_vectors_fit(struct core_str blob, unsigned dimensions, struct core_str chunk);
/* Cosine of the query (unit length) with a row; false: the blob holds no vector for it. */
bool ai_sentence_vectors_cosine(struct core_str blob, unsigned dimensions, size_t row,
                                const float *query, float *ret);

#endif
