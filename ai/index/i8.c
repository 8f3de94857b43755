/*
 * i8.c: vectors in bytes (see i8.h).
 *
 * AVX2 has no product of bytes that cannot overflow, but |row| · sign(query, row) is one where both
 * stay within ±127: two such products fit into 16 bits. AVX-512 VNNI multiplies unsigned by signed
 * bytes and adds up in 32 bits in one instruction: it takes the row with its 128, and what that
 * adds to every product, 128 times the sum of the query, is taken off in the end.
 */
#include "ai/index/i8.h"

#include "core/limits.h"

#include <stdbool.h>
#include <string.h>

enum { BIAS = 128 };

void ai_i8_pack(const float *in, size_t n, float scale, size_t lanes, unsigned char *out)
{
    for (size_t i = 0; i < n; i++) {
        float x = in[i] * scale;
        /* The first comparison is false for what is not a number, too. The sum is positive, so that
         * cutting it off rounds. */
        x = x > -127 ? x < 127 ? x : 127 : -127;
        out[i] = (unsigned char)(x + BIAS + 0.5f);
    }
    memset(out + n, BIAS, lanes - n);
}

static void dots_plain(const struct ai_i8_rows *rows, const unsigned char *query,
                       const uint32_t *which, size_t count, int32_t *out)
{
    for (size_t r = 0; r < count; r++) {
        const unsigned char *row = rows->base + which[r] * rows->stride;
        int32_t sum = 0;
        for (size_t i = 0; i < rows->lanes; i++)
            sum += (row[i] - BIAS) * (query[i] - BIAS);
        out[r] = sum;
    }
}

ai_i8_kernel *ai_i8_dots_plain(void)
{
    return dots_plain;
}

#if defined __x86_64__
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
/* GCC's address sanitizer places locals in a false
 * stack that is not aligned for 512 bits (PR 110027). */
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vnni"), no_sanitize_address))

AVX2 static inline __m256i load_avx2(const unsigned char *bytes)
{
    return _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)bytes),
                            _mm256_set1_epi8((char)BIAS));
}

AVX2 static inline __m256i product_avx2(const unsigned char *row, const unsigned char *query)
{
    __m256i x = load_avx2(row);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(load_avx2(query), x));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

AVX2 static inline int32_t sum_avx2(__m256i v)
{
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

AVX2 static void dots_avx2(const struct ai_i8_rows *rows, const unsigned char *query,
                           const uint32_t *which, size_t count, int32_t *out)
{
    for (size_t r = 0; r < count; r++) {
        const unsigned char *row = rows->base + which[r] * rows->stride;
        __m256i a = _mm256_setzero_si256(), b = a;
        for (size_t i = 0; i < rows->lanes; i += 64) {
            a = _mm256_add_epi32(a, product_avx2(row + i, query + i));
            b = _mm256_add_epi32(b, product_avx2(row + i + 32, query + i + 32));
        }
        out[r] = sum_avx2(_mm256_add_epi32(a, b));
    }
}

VNNI static void dots_vnni(const struct ai_i8_rows *rows, const unsigned char *query,
                           const uint32_t *which, size_t count, int32_t *out)
{
    __m512i q[AI_LIMIT_VECTOR_DIMENSIONS / 64];
    __m512i bias = _mm512_setzero_si512();
    size_t parts = rows->lanes / 64;
    for (size_t i = 0; i < parts; i++) {
        q[i] = _mm512_xor_si512(_mm512_loadu_si512(query + i * 64), _mm512_set1_epi8((char)BIAS));
        bias = _mm512_dpbusd_epi32(bias, _mm512_set1_epi8((char)BIAS), q[i]);
    }
    bias = _mm512_sub_epi32(_mm512_setzero_si512(), bias);
    for (size_t r = 0; r < count; r++) {
        const unsigned char *row = rows->base + which[r] * rows->stride;
        __m512i a = bias, b = _mm512_setzero_si512();
        size_t i = 0;
        for (; i + 2 <= parts; i += 2) {
            a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(row + i * 64), q[i]);
            b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(row + i * 64 + 64), q[i + 1]);
        }
        if (i < parts)
            a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(row + i * 64), q[i]);
        out[r] = _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
    }
}

ai_i8_kernel *ai_i8_dots_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? dots_avx2 : NULL;
}

ai_i8_kernel *ai_i8_dots_vnni(void)
{
    bool there = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
    return there ? dots_vnni : NULL;
}
#else
ai_i8_kernel *ai_i8_dots_avx2(void)
{
    return NULL;
}

ai_i8_kernel *ai_i8_dots_vnni(void)
{
    return NULL;
}
#endif

ai_i8_kernel *ai_i8_dots(void)
{
    ai_i8_kernel *kernel = ai_i8_dots_vnni();
    if (!kernel)
        kernel = ai_i8_dots_avx2();
    return kernel ? kernel : dots_plain;
}
