/* sha256.c: see sha256.h. The constants are the first
 * bits of roots of the first primes (FIPS 180-4). */
#include "genom/sha256.h"

#include <string.h>

static const uint32_t rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* One round. Instead of moving eight words a place on, the
 * caller names them a place on; d and h are what changes. */
static inline void turn_words(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e,
                              uint32_t f, uint32_t g, uint32_t *h, uint32_t input)
{
    uint32_t big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    uint32_t big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    uint32_t t1 = *h + big1 + ((e & f) ^ (~e & g)) + input;
    *d += t1;
    *h = t1 + big0 + ((a & b) ^ (a & c) ^ (b & c));
}

static void compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (unsigned i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ x >> 3) + w[i - 7] +
               (turn(y, 17) ^ turn(y, 19) ^ y >> 10);
    }
    for (unsigned i = 0; i < 64; i += 8) {
        turn_words(a, b, c, &d, e, f, g, &h, rounds[i] + w[i]);
        turn_words(h, a, b, &c, d, e, f, &g, rounds[i + 1] + w[i + 1]);
        turn_words(g, h, a, &b, c, d, e, &f, rounds[i + 2] + w[i + 2]);
        turn_words(f, g, h, &a, b, c, d, &e, rounds[i + 3] + w[i + 3]);
        turn_words(e, f, g, &h, a, b, c, &d, rounds[i + 4] + w[i + 4]);
        turn_words(d, e, f, &g, h, a, b, &c, rounds[i + 5] + w[i + 5]);
        turn_words(c, d, e, &f, g, h, a, &b, rounds[i + 6] + w[i + 6]);
        turn_words(b, c, d, &e, f, g, h, &a, rounds[i + 7] + w[i + 7]);
    }
    const uint32_t after[8] = {a, b, c, d, e, f, g, h};
    for (unsigned i = 0; i < 8; i++)
        state[i] += after[i];
}

void genom__sha256_init(struct genom__sha256 *s)
{
    static const uint32_t first[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    memcpy(s->state, first, sizeof first);
    s->total = 0;
}

void genom__sha256_add(struct genom__sha256 *s, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    size_t held = s->total % 64;
    s->total += len;
    if (held) {
        size_t take = 64 - held < len ? 64 - held : len;
        memcpy(s->block + held, p, take);
        if (held + take < 64)
            return;
        compress(s->state, s->block);
        p += take;
        len -= take;
    }
    for (; len >= 64; p += 64, len -= 64)
        compress(s->state, p);
    memcpy(s->block, p, len);
}

void genom__sha256_end(struct genom__sha256 *s, uint8_t ret_sum[32])
{
    uint64_t bits = s->total * 8;
    uint8_t pad[72] = {0x80};
    size_t held = s->total % 64, len = (held < 56 ? 56 : 120) - held;
    for (unsigned i = 0; i < 8; i++)
        pad[len + i] = (uint8_t)(bits >> (56 - 8 * i));
    genom__sha256_add(s, pad, len + 8);
    for (unsigned i = 0; i < 32; i++)
        ret_sum[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
}
