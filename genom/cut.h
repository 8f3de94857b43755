/*
 * cut.h: what pieces.c and cut.c share. How a text is cut is the encoder's choice (docs/genom.md
 * fixes only what pieces mean), so these two may change; but one version cuts the same everywhere.
 *
 * genom__cut_one() says how a text is cut. genom__cut_*() cut the same way many pieces at a time.
 */
#ifndef GENOM_CUT_H
#define GENOM_CUT_H

#include "genom/inside.h"

struct cutter {
    const struct genom_dict *dict;
    const char *text;
    size_t len, at;
    struct genom_piece *out;
    size_t count, max; /* of out */
    bool space;        /* genom__cut_one(): one stands before the piece */
};

/* The piece at the cursor; there is one, and room for it. */
void genom__cut_one(struct cutter *c);

/* Until the text ends or out is full: byte by byte, with SSE2, with AVX2, with AVX-512. */
void genom__cut_bytes(struct cutter *c);
#ifdef __SSE2__
void genom__cut_sse2(struct cutter *c);
void genom__cut_avx2(struct cutter *c);
void genom__cut_avx512(struct cutter *c);
#endif
/* The fastest of them on this processor. */
genom__cut *genom__cut_best(void);

/* How long tokens may be that begin with these two signs, bit n - 1 standing for n. */
static inline unsigned genom__run_lens(const struct runs *runs, const char *signs)
{
    return runs->lens[signs[0] & 127][signs[1] & 127];
}

/* The longest token at `signs` (RUN_MAX bytes, no letters and no digits) of at most `most` bytes.
 * 1: none of more than one. */
static inline unsigned genom__run(const struct runs *runs, const char *signs, unsigned lens,
                                  unsigned most)
{
    uint64_t eight;
    lens &= (1u << (most < RUN_MAX ? most : RUN_MAX)) - 1;
    memcpy(&eight, signs, RUN_MAX);
    while (lens > 0) {
        unsigned n = 32 - (unsigned)__builtin_clz(lens);
        if (genom__runs_has(runs, eight & genom__first_bytes[n][0]))
            return n;
        lens &= ~(1u << (n - 1));
    }
    return 1;
}

#endif
