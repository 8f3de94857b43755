/*
 * scan.h: a short word of ASCII letters (and apostrophes between two of them) at a glance: how long it is,
 * its lower case as two integers, its casing. With SSE2 in a few instructions; elsewhere byte by byte,
 * with the same result.
 */
#ifndef GENOM_SCAN_H
#define GENOM_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GENOM__SCAN 16

struct genom__short {
    uint64_t a, b;   /* the lower case, zeros behind it, little-endian */
    unsigned len;    /* of the word, at most GENOM__SCAN: then more of it may follow */
    unsigned casing; /* 0 lower, 1 the first letter is a capital, 2 all are, 3 otherwise */
};

/* text: at least `avail` bytes, not empty. */
void genom__scan_bytes(const char *text, size_t avail, struct genom__short *ret);

#ifdef __SSE2__
#include <emmintrin.h>
#include <string.h>

static inline void genom__scan_sse2(const char *text, size_t avail, struct genom__short *ret)
{
    static const uint8_t keep[2 * GENOM__SCAN] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    char padded[GENOM__SCAN] = {0};
    if (avail < GENOM__SCAN) {
        memcpy(padded, text, avail);
        text = padded;
    }
    __m128i v = _mm_loadu_si128((const __m128i *)text);
    __m128i capital = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('A' - 1)),
                                    _mm_cmplt_epi8(v, _mm_set1_epi8('Z' + 1)));
    __m128i low = _mm_or_si128(v, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
    __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(low, _mm_set1_epi8('a' - 1)),
                                   _mm_cmplt_epi8(low, _mm_set1_epi8('z' + 1)));
    unsigned letters = (unsigned)_mm_movemask_epi8(letter);
    unsigned ties = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
    unsigned len = (unsigned)__builtin_ctz(~(letters | (ties & letters << 1 & letters >> 1)));
    letters &= (1u << len) - 1;
    unsigned capitals = (unsigned)_mm_movemask_epi8(capital) & letters;
    low = _mm_and_si128(low,
                        _mm_loadu_si128((const __m128i *)(const void *)(keep + GENOM__SCAN - len)));
    memcpy(&ret->a, &low, 8);
    memcpy(&ret->b, (const char *)&low + 8, 8);
    ret->len = len;
    ret->casing = capitals == 0 ? 0 : capitals == 1 ? 1 : capitals == letters ? 2 : 3;
}
#define genom__scan(text, avail, ret) genom__scan_sse2(text, avail, ret)
#else
#define genom__scan(text, avail, ret) genom__scan_bytes(text, avail, ret)
#endif

#endif
