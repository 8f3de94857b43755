/*
 * window.h: what each of 64 bytes of a text is, a bit for each: bit i tells of byte i. Byte by
 * byte, with SSE2 and with AVX2: the same result.
 */
#ifndef GENOM_WINDOW_H
#define GENOM_WINDOW_H

#include <stdint.h>

#define WINDOW 64

/* All of ASCII but for `odd`. */
struct window {
    uint64_t letters, capitals, digits, spaces;
    uint64_t lines; /* their ends */
    uint64_t white; /* spaces and ends of lines included */
    uint64_t ties;  /* apostrophes */
    uint64_t odd;   /* NUL, and what is not ASCII */
};

static inline void window_bytes(const char *text, struct window *ret)
{
    struct window w = {0};
    for (unsigned i = 0; i < WINDOW; i++) {
        uint8_t c = (uint8_t)text[i], low = c | 0x20;
        w.letters |= (uint64_t)(low >= 'a' && low <= 'z') << i;
        w.capitals |= (uint64_t)(c >= 'A' && c <= 'Z') << i;
        w.digits |= (uint64_t)(c >= '0' && c <= '9') << i;
        w.spaces |= (uint64_t)(c == ' ') << i;
        w.lines |= (uint64_t)(c == '\n') << i;
        w.white |= (uint64_t)(c == ' ' || c == '\n' || c == '\t' || c == '\r') << i;
        w.ties |= (uint64_t)(c == '\'') << i;
        w.odd |= (uint64_t)(c == 0 || c >= 0x80) << i;
    }
    *ret = w;
}

#ifdef __SSE2__
#include <immintrin.h>

/* The quarter of a window at text[16 × i]. */
static inline void window_quarter_sse2(const char *text, unsigned i, struct window *w)
{
#define PUT(field, mask) w->field |= (uint64_t)(uint32_t)_mm_movemask_epi8(mask) << (16 * i)
#define BETWEEN(v, from, to)                                                                       \
    _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((from) - 1)),                                    \
                  _mm_cmplt_epi8(v, _mm_set1_epi8((to) + 1)))
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + (size_t)16 * i));
    __m128i space = _mm_cmpeq_epi8(v, _mm_set1_epi8(' '));
    __m128i line = _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'));
    __m128i other = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\t')),
                                 _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
    PUT(letters, BETWEEN(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z'));
    PUT(capitals, BETWEEN(v, 'A', 'Z'));
    PUT(digits, BETWEEN(v, '0', '9'));
    PUT(spaces, space);
    PUT(lines, line);
    PUT(white, _mm_or_si128(_mm_or_si128(space, line), other));
    PUT(ties, _mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
    PUT(odd, _mm_cmplt_epi8(v, _mm_set1_epi8(1)));
#undef BETWEEN
#undef PUT
}

static inline void window_sse2(const char *text, struct window *ret)
{
    struct window w = {0};
    for (unsigned i = 0; i < 4; i++)
        window_quarter_sse2(text, i, &w);
    *ret = w;
}

#define WINDOW_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))

/* The half of a window at text[32 × i]. */
WINDOW_AVX2 static inline void window_half_avx2(const char *text, unsigned i, struct window *w)
{
#define PUT(field, mask) w->field |= (uint64_t)(uint32_t)_mm256_movemask_epi8(mask) << (32 * i)
#define BETWEEN(v, from, to)                                                                       \
    _mm256_and_si256(_mm256_cmpgt_epi8(v, _mm256_set1_epi8((from) - 1)),                           \
                     _mm256_cmpgt_epi8(_mm256_set1_epi8((to) + 1), v))
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(text + (size_t)32 * i));
    __m256i space = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(' '));
    __m256i line = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n'));
    __m256i other = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\t')),
                                    _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\r')));
    PUT(letters, BETWEEN(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), 'a', 'z'));
    PUT(capitals, BETWEEN(v, 'A', 'Z'));
    PUT(digits, BETWEEN(v, '0', '9'));
    PUT(spaces, space);
    PUT(lines, line);
    PUT(white, _mm256_or_si256(_mm256_or_si256(space, line), other));
    PUT(ties, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\'')));
    PUT(odd, _mm256_cmpgt_epi8(_mm256_set1_epi8(1), v));
#undef BETWEEN
#undef PUT
}

WINDOW_AVX2 static inline void window_avx2(const char *text, struct window *ret)
{
    struct window w = {0};
    window_half_avx2(text, 0, &w);
    window_half_avx2(text, 1, &w);
    *ret = w;
}

#define WINDOW_AVX512                                                                              \
    __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq,avx512vl,"         \
                          "avx512vbmi,avx512vbmi2")))

/* Bytes from `from` on, `count` of them. */
WINDOW_AVX512 static inline uint64_t window_range_avx512(__m512i v, char from, char count)
{
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8(from)),
                                  _mm512_set1_epi8(count));
}

WINDOW_AVX512 static inline void window_avx512(const char *text, struct window *ret)
{
    __m512i v = _mm512_loadu_si512(text);
    uint64_t spaces = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(' '));
    ret->letters = window_range_avx512(_mm512_or_si512(v, _mm512_set1_epi8(0x20)), 'a', 26);
    ret->capitals = window_range_avx512(v, 'A', 26);
    ret->digits = window_range_avx512(v, '0', 10);
    ret->spaces = spaces;
    ret->lines = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n'));
    ret->white = spaces | window_range_avx512(v, '\t', 2) |
                 _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\r'));
    ret->ties = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\''));
    ret->odd = _mm512_cmple_epi8_mask(v, _mm512_setzero_si512());
}
#endif

#endif
