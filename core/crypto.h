/*
 * crypto.h: the primitives the rooms share, all but one of them OpenSSL's. Any thread.
 * TLS is bus/tls.h; the node's own signature and its certificate are bus/identity.h.
 *
 * Nothing here draws random numbers: what has to be random is an argument, and comes from
 * core/env.h. A failure that no input can cause (no memory, a broken library) aborts.
 */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include "core/str.h"

/* --- Hashes --------------------------------------------------------------------------------- */

#define CORE_SHA256_SIZE 32

void core_sha256(struct core_str bytes, unsigned char out[static CORE_SHA256_SIZE]);
/* Incremental. */
struct core_sha256;
struct core_sha256 *core_sha256_new(void);
void core_sha256_add(struct core_sha256 *h, struct core_str bytes);
void core_sha256_end(struct core_sha256 *h, unsigned char out[static CORE_SHA256_SIZE]); /* frees */
void core_hmac_sha256(struct core_str key, struct core_str bytes,
                      unsigned char out[static CORE_SHA256_SIZE]);
/* For RFC 4226 alone, which fixes SHA-1. */
#define CORE_SHA1_SIZE 20
void core_hmac_sha1(struct core_str key, struct core_str bytes,
                    unsigned char out[static CORE_SHA1_SIZE]);
/* RFC 5869, extract and expand. len is at most 255 · 32. */
void core_hkdf_sha256(struct core_str salt, struct core_str secret, struct core_str info,
                      unsigned char *out, size_t len);
/* Argon2id (RFC 9106), version 1.3, one lane: blocks for as long as memory and passes make it. The
 * salt has 8 bytes or more, memory_kib is at least 8. */
void core_argon2id(struct core_str password, struct core_str salt, unsigned memory_kib,
                   unsigned passes, unsigned char *out, size_t len);
/* SipHash-2-4 of 128 bits, for tables in memory: under a key that was drawn
 * at start nobody who does not know it can make what falls into a place of
 * his choice, or what counts as the same as something else. */
#define CORE_SIP_KEY_SIZE 16
#define CORE_SIP128_SIZE 16
void core_sip128(const unsigned char key[static CORE_SIP_KEY_SIZE], struct core_str bytes,
                 unsigned char out[static CORE_SIP128_SIZE]);
#define CORE_SHA3_256_SIZE 32
void core_sha3_256(struct core_str bytes, unsigned char out[static CORE_SHA3_256_SIZE]);
void core_shake256(struct core_str bytes, unsigned char *out, size_t len);

/* --- Sealing: ChaCha20-Poly1305 (RFC 8439) -------------------------------------------------- */

#define CORE_AEAD_KEY_SIZE 32
#define CORE_AEAD_NONCE_SIZE 12
#define CORE_AEAD_TAG_SIZE 16

/* Writes bytes.len + CORE_AEAD_TAG_SIZE bytes to out, which is no part of the inputs. A nonce is
 * used once with a key, never again. At most INT_MAX bytes of either input. */
void core_aead_seal(const unsigned char key[static CORE_AEAD_KEY_SIZE],
                    const unsigned char nonce[static CORE_AEAD_NONCE_SIZE], struct core_str aad,
                    struct core_str bytes, unsigned char *out);
/* The same with associated data in two parts, head then body. */
void core_aead_seal_two(const unsigned char key[static CORE_AEAD_KEY_SIZE],
                        const unsigned char nonce[static CORE_AEAD_NONCE_SIZE],
                        struct core_str head, struct core_str body, struct core_str bytes,
                        unsigned char *out);
/* The inverse: writes sealed.len - CORE_AEAD_TAG_SIZE bytes. CORE_EDENIED when the tag is wrong:
 * out is zeros then, and nothing of the plaintext was released. CORE_EPROTO when it is too
 * short. */
int core_aead_open(const unsigned char key[static CORE_AEAD_KEY_SIZE],
                   const unsigned char nonce[static CORE_AEAD_NONCE_SIZE], struct core_str aad,
                   struct core_str sealed, unsigned char *out) __attribute__((warn_unused_result));

/* --- Keys ----------------------------------------------------------------------------------- */

/* A private key. One thread at a time, where nothing else is said. */
struct core_key;
void core_key_free(struct core_key *key); /* accepts NULL; wipes */

/* ML-KEM-768 (FIPS 203). The seed is d ‖ z. */
#define CORE_MLKEM_SEED_SIZE 64
#define CORE_MLKEM_PUBLIC_SIZE 1184
#define CORE_MLKEM_RANDOM_SIZE 32
#define CORE_MLKEM_CIPHER_SIZE 1088
#define CORE_MLKEM_SECRET_SIZE 32
struct core_key *core_mlkem_new(const unsigned char seed[static CORE_MLKEM_SEED_SIZE],
                                unsigned char ret_public[static CORE_MLKEM_PUBLIC_SIZE]);
/* `random` is FIPS 203's m. CORE_EPROTO: that is no encapsulation key. */
int core_mlkem_encapsulate(const unsigned char public[static CORE_MLKEM_PUBLIC_SIZE],
                           const unsigned char random[static CORE_MLKEM_RANDOM_SIZE],
                           unsigned char ret_cipher[static CORE_MLKEM_CIPHER_SIZE],
                           unsigned char ret_secret[static CORE_MLKEM_SECRET_SIZE])
    __attribute__((warn_unused_result));
/* Of a ciphertext that was not made for this key comes a secret that nobody else knows. */
void core_mlkem_decapsulate(const struct core_key *key,
                            const unsigned char cipher[static CORE_MLKEM_CIPHER_SIZE],
                            unsigned char ret_secret[static CORE_MLKEM_SECRET_SIZE]);

/* X25519 (RFC 7748). */
#define CORE_X25519_SIZE 32
struct core_key *core_x25519_new(const unsigned char scalar[static CORE_X25519_SIZE],
                                 unsigned char ret_public[static CORE_X25519_SIZE]);
/* CORE_EPROTO: the peer's key is one of the few that make the secret zero whatever ours is. */
int core_x25519_agree(const struct core_key *key, const unsigned char peer[static CORE_X25519_SIZE],
                      unsigned char ret_secret[static CORE_X25519_SIZE])
    __attribute__((warn_unused_result));

/* Ed25519 (RFC 8032). */
#define CORE_ED25519_SEED_SIZE 32
#define CORE_ED25519_PUBLIC_SIZE 32
#define CORE_ED25519_SIGNATURE_SIZE 64
struct core_key *core_ed25519_new(const unsigned char seed[static CORE_ED25519_SEED_SIZE],
                                  unsigned char ret_public[static CORE_ED25519_PUBLIC_SIZE]);
/* Any thread, also several at once. */
void core_ed25519_sign(const struct core_key *key, struct core_str message,
                       unsigned char ret_signature[static CORE_ED25519_SIGNATURE_SIZE]);
/* CORE_EDENIED: not this key's signature of this message. */
int core_ed25519_verify(const unsigned char public[static CORE_ED25519_PUBLIC_SIZE],
                        struct core_str message,
                        const unsigned char signature[static CORE_ED25519_SIGNATURE_SIZE])
    __attribute__((warn_unused_result));

/* --- Others --------------------------------------------------------------------------------- */

/* Constant time in the content; lengths are public. */
bool core_crypto_eq(struct core_str a, struct core_str b) __attribute__((warn_unused_result));
/* "OpenSSL 3.5.x …" */
const char *core_crypto_version(void);

#endif
