/* sha256.h: SHA-256 (FIPS 180-4) of a dictionary file.
 * Not for secrets: those are the caller's library's. */
#ifndef GENOM_SHA256_H
#define GENOM_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct genom__sha256 {
    uint32_t state[8];
    uint64_t total;
    uint8_t block[64];
};

void genom__sha256_init(struct genom__sha256 *s);
void genom__sha256_add(struct genom__sha256 *s, const void *bytes, size_t len);
void genom__sha256_end(struct genom__sha256 *s, uint8_t ret_sum[32]);

#endif
