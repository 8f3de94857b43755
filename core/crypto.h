/*
 * crypto.h: the primitives the rooms share, all of them OpenSSL's. Any thread.
 * TLS is bus/tls.h; signatures and certificates are bus/identity.h.
 */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include "core/str.h"

#define CORE_SHA256_SIZE 32

void core_sha256(struct core_str bytes, unsigned char out[static CORE_SHA256_SIZE]);
/* Incremental. */
struct core_sha256;
struct core_sha256 *core_sha256_new(void);
void core_sha256_add(struct core_sha256 *h, struct core_str bytes);
void core_sha256_end(struct core_sha256 *h, unsigned char out[static CORE_SHA256_SIZE]); /* frees */
void core_hmac_sha256(struct core_str key, struct core_str bytes,
                      unsigned char out[static CORE_SHA256_SIZE]);
/* Constant time in the content; lengths are public. */
bool core_crypto_eq(struct core_str a, struct core_str b) __attribute__((warn_unused_result));
/* "OpenSSL 3.5.x …" */
const char *core_crypto_version(void);

#endif
