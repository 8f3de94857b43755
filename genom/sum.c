/* sum.c: CRC-32C (Castagnoli) with the instruction
 * that x86 has for it, elsewhere four bits at a time. */
#include "genom/inside.h"

static uint32_t sum_nibbles(uint32_t crc, const uint8_t *p, size_t len)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return crc;
}

#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("sse4.2"))) static uint32_t sum_sse42(uint32_t crc, const uint8_t *p,
                                                            size_t len)
{
    uint64_t sum = crc;
    for (; len >= 8; p += 8, len -= 8)
        sum = _mm_crc32_u64(sum, load64(p));
    crc = (uint32_t)sum;
    for (; len > 0; p++, len--)
        crc = _mm_crc32_u8(crc, *p);
    return crc;
}
#endif

uint32_t genom__crc32c(uint32_t crc, const void *bytes, size_t len)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return ~sum_sse42(~crc, bytes, len);
#endif
    return ~sum_nibbles(~crc, bytes, len);
}
