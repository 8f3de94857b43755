/*
 * f16.h: half-precision rows: packing, unpacking, and dot products with a float query.
 *
 * Two twins of each kernel: AVX2 + F16C where the processor has them, portable C elsewhere. They
 * add in different order, so results agree to about 1e-6 for vectors of length 1, not bit by bit.
 * Pure functions; any thread.
 */
#ifndef AI_INDEX_F16_H
#define AI_INDEX_F16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rows are padded with zeros to a multiple of so many halves (64 bytes: one cache line). */
#define AI_F16_LANES 32

/* Rounds to nearest even; what is too large becomes infinite, NaN stays NaN. */
void ai_f16_pack(const float *in, size_t n, uint16_t *out);
void ai_f16_unpack(const uint16_t *in, size_t n, float *out);
/* out[i] = rows[i · lanes …] · query, for count rows; lanes a multiple of AI_F16_LANES; rows need
 * the alignment of uint16_t only. */
void ai_f16_dot(const uint16_t *rows, size_t lanes, size_t count, const float *query, float *out);

/* Does the processor convert half precision itself (F16C)? false off x86-64. */
bool ai_f16_processor(void);

/* The twins by name, for tests. The fast ones may only be called if ai_f16_fast(). */
bool ai_f16_fast(void);
void ai_f16_dot_plain(const uint16_t *rows, size_t lanes, size_t count, const float *query,
                      float *out);
void ai_f16_dot_fast(const uint16_t *rows, size_t lanes, size_t count, const float *query,
                     float *out);

#endif
