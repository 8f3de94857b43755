/*
 * sip.c: SipHash-2-4 with 128 bits of output (Aumasson,
 * Bernstein: "SipHash: a fast short-input PRF").
 *
 *     8 bytes ─► v3 ^= m ─► 2 rounds ─► v0 ^= m      … the last ones with the length
 *     end: 4 rounds ─► first half ─► 4 rounds ─► second half
 *
 * OpenSSL has it too, behind allocations that cost ten times what the hash of a token does.
 */
#include "core/crypto.h"

#include <endian.h>

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static inline void rounds(uint64_t v[static 4], int count)
{
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static uint64_t take(const unsigned char *bytes, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, bytes, len);
    return le64toh(word);
}

static void put(uint64_t word, unsigned char *out)
{
    word = htole64(word);
    memcpy(out, &word, sizeof word);
}

void core_sip128(const unsigned char key[static CORE_SIP_KEY_SIZE], struct core_str bytes,
                 unsigned char out[static CORE_SIP128_SIZE])
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    uint64_t k0 = take(key, 8), k1 = take(key + 8, 8), word;
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee,
                     k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
    size_t left = bytes.len;
    for (; left >= 8; at += 8, left -= 8) {
        word = take(at, 8);
        v[3] ^= word;
        rounds(v, 2);
        v[0] ^= word;
    }
    word = (uint64_t)bytes.len << 56 | (left > 0 ? take(at, left) : 0);
    v[3] ^= word;
    rounds(v, 2);
    v[0] ^= word;
    v[2] ^= 0xee;
    rounds(v, 4);
    put(v[0] ^ v[1] ^ v[2] ^ v[3], out);
    v[1] ^= 0xdd;
    rounds(v, 4);
    put(v[0] ^ v[1] ^ v[2] ^ v[3], out + 8);
}
