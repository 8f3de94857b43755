/*
 * f16.c: half-precision rows (see f16.h).
 *
 * The fast dot product walks two rows at once with two accumulators each: four independent chains
 * of fused multiply-adds hide the latency, and the scan then runs as fast as memory delivers rows.
 * It is chosen per call by a processor check that is a load and a test.
 */
#include "ai/index/f16.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

static uint16_t half_from_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000;
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000)
        return (uint16_t)(sign | 0x7e00);
    if (magnitude >= 0x477ff000) /* rounds to 65536 or more */
        return (uint16_t)(sign | 0x7c00);
    if (magnitude < 0x38800000) { /* subnormal half: adding ½ aligns and rounds the bits */
        float shifted, half = 0.5f;
        memcpy(&shifted, &magnitude, sizeof shifted);
        shifted += half;
        memcpy(&bits, &shifted, sizeof bits);
        return (uint16_t)(sign | (bits - 0x3f000000));
    }
    uint32_t odd = magnitude >> 13 & 1;
    return (uint16_t)(sign | (magnitude - 0x38000000 + 0xfff + odd) >> 13);
}

static float float_from_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t magnitude = half & 0x7fff;
    uint32_t bits;
    if (magnitude >= 0x7c00) {
        bits = sign | 0x7f800000 | (magnitude & 0x3ff) << 13;
    } else if (magnitude >= 0x400) {
        bits = sign | ((magnitude << 13) + 0x38000000);
    } else { /* subnormal: its integer value times 2^-24 */
        float value = (float)magnitude * 0x1p-24f;
        memcpy(&bits, &value, sizeof bits);
        bits |= sign;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void ai_f16_pack(const float *in, size_t n, uint16_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = half_from_float(in[i]);
}

void ai_f16_unpack(const uint16_t *in, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = float_from_half(in[i]);
}

void ai_f16_dot_plain(const uint16_t *rows, size_t lanes, size_t count, const float *query,
                      float *out)
{
    for (size_t r = 0; r < count; r++) {
        const uint16_t *row = rows + r * lanes;
        float sum[4] = {0};
        for (size_t i = 0; i < lanes; i += 4)
            for (size_t j = 0; j < 4; j++)
                sum[j] += float_from_half(row[i + j]) * query[i + j];
        out[r] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
}

#if defined __x86_64__
#include <cpuid.h>
#include <immintrin.h>

bool ai_f16_processor(void)
{
    /* Older compilers know no __builtin_cpu_supports("f16c"): bit 29 of ECX of leaf 1. */
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C;
}

bool ai_f16_fast(void)
{
    /* Asked once: in a virtual machine the question goes to the hypervisor, which takes as long as
     * hundreds of rows. */
    static atomic_int known; /* 0 not yet, 1 no, 2 yes */
    int fast = atomic_load_explicit(&known, memory_order_relaxed);
    if (!fast) {
        fast = 1 + (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    ai_f16_processor());
        atomic_store_explicit(&known, fast, memory_order_relaxed);
    }
    return fast == 2;
}

#define FAST __attribute__((target("avx2,fma,f16c")))

FAST static inline __m256 half8(const uint16_t *p)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}

FAST static inline float sum8(__m256 v)
{
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

FAST void ai_f16_dot_fast(const uint16_t *rows, size_t lanes, size_t count, const float *query,
                          float *out)
{
    for (size_t r = 0; r < count; r += 2) {
        const uint16_t *a = rows + r * lanes;
        const uint16_t *b = r + 1 < count ? a + lanes : a;
        __m256 a0 = _mm256_setzero_ps(), a1 = a0, b0 = a0, b1 = a0;
        for (size_t i = 0; i < lanes; i += 16) {
            __m256 q0 = _mm256_loadu_ps(query + i), q1 = _mm256_loadu_ps(query + i + 8);
            a0 = _mm256_fmadd_ps(half8(a + i), q0, a0);
            a1 = _mm256_fmadd_ps(half8(a + i + 8), q1, a1);
            b0 = _mm256_fmadd_ps(half8(b + i), q0, b0);
            b1 = _mm256_fmadd_ps(half8(b + i + 8), q1, b1);
        }
        out[r] = sum8(_mm256_add_ps(a0, a1));
        if (b != a)
            out[r + 1] = sum8(_mm256_add_ps(b0, b1));
    }
}
#else
bool ai_f16_processor(void)
{
    return false;
}
bool ai_f16_fast(void)
{
    return false;
}
void ai_f16_dot_fast(const uint16_t *rows, size_t lanes, size_t count, const float *query,
                     float *out)
{
    ai_f16_dot_plain(rows, lanes, count, query, out);
}
#endif

void ai_f16_dot(const uint16_t *rows, size_t lanes, size_t count, const float *query, float *out)
{
    assert(lanes % AI_F16_LANES == 0);
    if (ai_f16_fast())
        ai_f16_dot_fast(rows, lanes, count, query, out);
    else
        ai_f16_dot_plain(rows, lanes, count, query, out);
}
