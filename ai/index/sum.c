/*
 * sum.c: the checksum of the index's files (see sum.h): four multiplying lanes.
 */
#include "ai/index/sum.h"

#include <assert.h>
#include <string.h>

uint64_t ai_sum(const void *bytes, size_t len)
{
    const uint64_t prime = 0x9fb21c651e98df25u;
    uint64_t lane[4] = {len, 0x243f6a8885a308d3u, 0x13198a2e03707344u, 0xa4093822299f31d0u};
    const unsigned char *p = bytes;
    assert(len % AI_SUM_BLOCK == 0);
    for (size_t i = 0; i < len; i += AI_SUM_BLOCK)
        for (size_t j = 0; j < 4; j++) {
            uint64_t word;
            memcpy(&word, p + i + j * 8, 8);
            lane[j] = (lane[j] ^ word) * prime;
            lane[j] ^= lane[j] >> 29;
        }
    uint64_t sum = 0;
    for (size_t j = 0; j < 4; j++)
        sum = ((sum << 17 | sum >> 47) ^ lane[j]) * prime;
    return sum;
}
