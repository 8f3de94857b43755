/*
 * range.h: a range coder (Martin 1979, with the carry handling of Schindler's and LZMA's): symbols
 * of known frequencies become the fewest bytes, the same on every machine.
 *
 * The interval is [low, low + range); range stays ≥ 2²⁴. Bytes behind the end of the input count as
 * zeros, so the encoder leaves out those that need not be there. Encoding never fails: bytes that
 * do not fit are counted only.
 */
#ifndef GENOM_RANGE_H
#define GENOM_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct genom__enc {
    uint64_t low;
    uint32_t range;
    uint8_t held;     /* the byte that a carry may still change */
    uint32_t pending; /* bytes 0xff behind it */
    bool begun;
    uint8_t *out;
    size_t cap, len; /* len may pass cap */
};

struct genom__dec {
    uint32_t range, code;
    const uint8_t *in;
    size_t len, at; /* at may pass len: zeros that were not there */
};

/* Zeros that a decoder may take behind the end: its look-ahead and the end of the encoder. */
#define GENOM__BEHIND 8

static inline void genom__enc_byte(struct genom__enc *e, uint8_t byte)
{
    if (e->len < e->cap)
        e->out[e->len] = byte;
    e->len++;
}

static inline void genom__enc_shift(struct genom__enc *e)
{
    if ((uint32_t)e->low < 0xff000000 || e->low >> 32) {
        uint8_t carry = (uint8_t)(e->low >> 32);
        if (e->begun)
            genom__enc_byte(e, (uint8_t)(e->held + carry));
        for (; e->pending; e->pending--)
            genom__enc_byte(e, (uint8_t)(0xff + carry));
        e->held = (uint8_t)(e->low >> 24);
        e->begun = true;
    } else {
        e->pending++;
    }
    e->low = (e->low & 0x00ffffff) << 8;
}

static inline void genom__enc_init(struct genom__enc *e, uint8_t *out, size_t cap)
{
    *e = (struct genom__enc){.range = UINT32_MAX, .out = out, .cap = cap};
}

/* The part [from, from + width) of 2^bits, bits ≤ 16. */
static inline void genom__enc_put(struct genom__enc *e, uint32_t from, uint32_t width,
                                  unsigned bits)
{
    uint32_t r = e->range >> bits;
    e->low += (uint64_t)r * from;
    e->range = r * width;
    while (e->range < 1u << 24) {
        genom__enc_shift(e);
        e->range <<= 8;
    }
}

/* value of 0 … count − 1, all alike; count ≤ 2²⁰. */
static inline void genom__enc_any(struct genom__enc *e, uint32_t value, uint32_t count)
{
    uint32_t r = e->range / count;
    e->low += (uint64_t)r * value;
    e->range = r;
    while (e->range < 1u << 24) {
        genom__enc_shift(e);
        e->range <<= 8;
    }
}

/* The part [from, from + width) of any total ≤ 2²¹. */
static inline void genom__enc_part(struct genom__enc *e, uint32_t from, uint32_t width,
                                   uint32_t total)
{
    uint32_t r = e->range / total;
    e->low += (uint64_t)r * from;
    e->range = r * width;
    while (e->range < 1u << 24) {
        genom__enc_shift(e);
        e->range <<= 8;
    }
}

/* Ends with the fewest bytes that name a value in the interval, what follows them being zeros. */
static inline void genom__enc_end(struct genom__enc *e)
{
    uint64_t last = e->low + e->range - 1, mask = UINT32_MAX;
    unsigned shifts = 1; /* for the held byte */
    for (; ((e->low + mask) & ~mask) > last; mask >>= 8)
        shifts++;
    e->low = (e->low + mask) & ~mask;
    while (shifts-- > 0)
        genom__enc_shift(e);
}

/* As many bytes as make range ≥ 2²⁴ again, without a loop whose end nobody can guess. */
static inline void genom__dec_pull(struct genom__dec *d)
{
    unsigned bits = (unsigned)__builtin_clz(d->range | 1) & 24;
    uint32_t next = 0;
    if (d->len >= 4 && d->at <= d->len - 4) {
        const uint8_t *p = d->in + d->at;
        next = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    } else {
        for (size_t i = 0; i < 4 && d->at + i < d->len; i++)
            next |= (uint32_t)d->in[d->at + i] << (24 - 8 * i);
    }
    d->code = d->code << bits | (uint32_t)((uint64_t)next << bits >> 32);
    d->range <<= bits;
    d->at += bits / 8;
}

static inline void genom__dec_init(struct genom__dec *d, const uint8_t *in, size_t len)
{
    *d = (struct genom__dec){.range = UINT32_MAX, .in = in, .len = len};
    for (; d->at < 4; d->at++)
        d->code = d->code << 8 | (d->at < len ? in[d->at] : 0);
}

/* Where in 2^bits the next symbol lies; then genom__dec_take() with its part. */
static inline uint32_t genom__dec_look(const struct genom__dec *d, unsigned bits)
{
    uint32_t at = d->code / (d->range >> bits), most = (1u << bits) - 1;
    return at < most ? at : most;
}

/* Does it lie below a border of 2^bits? Without the division. */
static inline bool genom__dec_below(const struct genom__dec *d, uint32_t border, unsigned bits)
{
    return d->code < (d->range >> bits) * border;
}

static inline void genom__dec_take(struct genom__dec *d, uint32_t from, uint32_t width,
                                   unsigned bits)
{
    uint32_t r = d->range >> bits;
    d->code -= r * from;
    d->range = r * width;
    genom__dec_pull(d);
}

static inline uint32_t genom__dec_any(struct genom__dec *d, uint32_t count)
{
    uint32_t r = d->range / count, value = d->code / r;
    if (value >= count)
        value = count - 1;
    d->code -= r * value;
    d->range = r;
    genom__dec_pull(d);
    return value;
}

/* Where in the total the next symbol lies; then genom__dec_took() with its part. */
static inline uint32_t genom__dec_part(const struct genom__dec *d, uint32_t total)
{
    uint32_t at = d->code / (d->range / total);
    return at < total ? at : total - 1;
}

static inline void genom__dec_took(struct genom__dec *d, uint32_t from, uint32_t width,
                                   uint32_t total)
{
    uint32_t r = d->range / total;
    d->code -= r * from;
    d->range = r * width;
    genom__dec_pull(d);
}

/* Has it taken more than an encoder can have left out? */
static inline bool genom__dec_spent(const struct genom__dec *d)
{
    return d->at > d->len + GENOM__BEHIND;
}

#endif
