/*
 * i8.h: vectors in bytes: packing, and exact integer dot products of one row with rows that lie
 * scattered in memory. A quarter of the bytes of floats: a walk through a graph waits for memory
 * most of the time.
 *
 * A component x is kept as round(x · scale), clamped to ±127, plus 128. Products are of what was
 * before the 128 came to it. Sums are integers, so all twins of the kernel give the same result to
 * the last bit, on every processor.
 *
 * Pure functions; any thread.
 */
#ifndef AI_INDEX_I8_H
#define AI_INDEX_I8_H

#include <stddef.h>
#include <stdint.h>

/* Rows are padded to a multiple of so many bytes: one cache line. */
#define AI_I8_LANES 64

/* Row n begins at base + n · stride and has `lanes` bytes, a multiple of AI_I8_LANES, at most
 * AI_LIMIT_VECTOR_DIMENSIONS. */
struct ai_i8_rows {
    const unsigned char *base;
    size_t stride;
    size_t lanes;
};

/* Writes `lanes` bytes, padding included. */
void ai_i8_pack(const float *in, size_t n, float scale, size_t lanes, unsigned char *out);

/* out[i] = row which[i] · query, for count rows; the query is a packed row. */
typedef void ai_i8_kernel(const struct ai_i8_rows *rows, const unsigned char *query,
                          const uint32_t *which, size_t count, int32_t *out);
/* The fastest twin that this processor can run. */
ai_i8_kernel *ai_i8_dots(void);

/* The twins by name, for tests; NULL where this processor lacks what they need. */
ai_i8_kernel *ai_i8_dots_plain(void);
ai_i8_kernel *ai_i8_dots_avx2(void);
ai_i8_kernel *ai_i8_dots_vnni(void);

#endif
