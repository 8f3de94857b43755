/*
 * xwing.h: X-Wing, the key encapsulation of draft-connolly-cfrg-xwing-kem: X25519 and ML-KEM-768
 * side by side, so that a secret is safe while either of them is. Any thread, no I/O.
 *
 * An X25519 half of small order is refused; the draft would go on with a secret of zeros there. No
 * honest peer notices.
 */
#ifndef BUS_XWING_H
#define BUS_XWING_H

#include "core/str.h"

#define BUS_XWING_SEED_SIZE 32     /* the decapsulation key, as it is kept */
#define BUS_XWING_PUBLIC_SIZE 1216 /* the encapsulation key */
#define BUS_XWING_RANDOM_SIZE 64   /* what encapsulating consumes */
#define BUS_XWING_CIPHER_SIZE 1120 /* the ciphertext */
#define BUS_XWING_SECRET_SIZE 32   /* what both sides have then */

struct bus_xwing;
/* The key pair that follows from a seed, which the caller draws and wipes. Never NULL. */
struct bus_xwing *bus_xwing_new(const unsigned char seed[static BUS_XWING_SEED_SIZE]);
void bus_xwing_free(struct bus_xwing *key); /* accepts NULL; wipes */
/* BUS_XWING_PUBLIC_SIZE bytes, as long as the key lives. */
struct core_str bus_xwing_public(const struct bus_xwing *key);

/* `random` is drawn for this one call and wiped by the caller. CORE_EPROTO: no encapsulation
 * key. */
int bus_xwing_encapsulate(const unsigned char public[static BUS_XWING_PUBLIC_SIZE],
                          const unsigned char random[static BUS_XWING_RANDOM_SIZE],
                          unsigned char ret_cipher[static BUS_XWING_CIPHER_SIZE],
                          unsigned char ret_secret[static BUS_XWING_SECRET_SIZE])
    __attribute__((warn_unused_result));
/* CORE_EPROTO: no ciphertext. One that was made for another key, or altered, gives a secret that
 * nobody else has: whoever must know proves the secret afterwards. */
int bus_xwing_decapsulate(const struct bus_xwing *key,
                          const unsigned char cipher[static BUS_XWING_CIPHER_SIZE],
                          unsigned char ret_secret[static BUS_XWING_SECRET_SIZE])
    __attribute__((warn_unused_result));

#endif
