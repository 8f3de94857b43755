/*
 * xwing.c: the construction, M for ML-KEM-768 and X for X25519.
 *
 *     seed 32 ── SHAKE256 ──► d ‖ z 64 (ML-KEM's seed), scalar 32
 *     encapsulation key  1216 = pk_M 1184 ‖ pk_X 32
 *     ciphertext         1120 = ct_M 1088 ‖ ct_X 32 (an X25519 key made for this one message)
 *     secret = SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ label)
 *
 * ct_M and pk_M need not be hashed: ML-KEM binds its secret to them itself.
 */
#include "bus/xwing.h"

#include "core/crypto.h"
#include "core/mem.h"

#include <assert.h>

static_assert(CORE_MLKEM_PUBLIC_SIZE + CORE_X25519_SIZE == BUS_XWING_PUBLIC_SIZE, "pk_M ‖ pk_X");
static_assert(CORE_MLKEM_CIPHER_SIZE + CORE_X25519_SIZE == BUS_XWING_CIPHER_SIZE, "ct_M ‖ ct_X");
static_assert(CORE_MLKEM_RANDOM_SIZE + CORE_X25519_SIZE == BUS_XWING_RANDOM_SIZE, "m ‖ scalar");

/* The draft's picture of an X-wing. */
static const unsigned char label[6] = {'\\', '.', '/', '/', '^', '\\'};

struct bus_xwing {
    struct core_key *m, *x;
    unsigned char public[BUS_XWING_PUBLIC_SIZE];
};

/* What is hashed in the end; all of it bytes, so there is no padding. */
struct combined {
    unsigned char ss_m[CORE_MLKEM_SECRET_SIZE];
    unsigned char ss_x[CORE_X25519_SIZE];
    unsigned char ct_x[CORE_X25519_SIZE];
    unsigned char pk_x[CORE_X25519_SIZE];
    unsigned char label[sizeof label];
};

/* Fills in what is public, and hashes. */
static void combine(struct combined *c, const unsigned char *ct_x, const unsigned char *pk_x,
                    unsigned char *ret_secret)
{
    memcpy(c->ct_x, ct_x, sizeof c->ct_x);
    memcpy(c->pk_x, pk_x, sizeof c->pk_x);
    memcpy(c->label, label, sizeof label);
    core_sha3_256(core_strn(c, sizeof *c), ret_secret);
}

struct bus_xwing *bus_xwing_new(const unsigned char seed[static BUS_XWING_SEED_SIZE])
{
    struct bus_xwing *key = core_alloc(sizeof *key);
    unsigned char wide[CORE_MLKEM_SEED_SIZE + CORE_X25519_SIZE];

    core_shake256(core_strn(seed, BUS_XWING_SEED_SIZE), wide, sizeof wide);
    key->m = core_mlkem_new(wide, key->public);
    key->x = core_x25519_new(wide + CORE_MLKEM_SEED_SIZE, key->public + CORE_MLKEM_PUBLIC_SIZE);
    core_wipe(wide, sizeof wide);
    return key;
}

void bus_xwing_free(struct bus_xwing *key)
{
    if (!key)
        return;
    core_key_free(key->m);
    core_key_free(key->x);
    free(key);
}

struct core_str bus_xwing_public(const struct bus_xwing *key)
{
    return core_strn(key->public, sizeof key->public);
}

int bus_xwing_encapsulate(const unsigned char public[static BUS_XWING_PUBLIC_SIZE],
                          const unsigned char random[static BUS_XWING_RANDOM_SIZE],
                          unsigned char ret_cipher[static BUS_XWING_CIPHER_SIZE],
                          unsigned char ret_secret[static BUS_XWING_SECRET_SIZE])
{
    const unsigned char *pk_x = public + CORE_MLKEM_PUBLIC_SIZE;
    unsigned char cipher[BUS_XWING_CIPHER_SIZE], *ct_x = cipher + CORE_MLKEM_CIPHER_SIZE;
    struct combined c;
    struct core_key *once = core_x25519_new(random + CORE_MLKEM_RANDOM_SIZE, ct_x);
    int err = core_x25519_agree(once, pk_x, c.ss_x);
    if (!err)
        err = core_mlkem_encapsulate(public, random, cipher, c.ss_m);
    if (!err) {
        combine(&c, ct_x, pk_x, ret_secret);
        memcpy(ret_cipher, cipher, sizeof cipher);
    }
    core_key_free(once);
    core_wipe(&c, sizeof c);
    return err;
}

int bus_xwing_decapsulate(const struct bus_xwing *key,
                          const unsigned char cipher[static BUS_XWING_CIPHER_SIZE],
                          unsigned char ret_secret[static BUS_XWING_SECRET_SIZE])
{
    const unsigned char *ct_x = cipher + CORE_MLKEM_CIPHER_SIZE;
    struct combined c;
    int err = core_x25519_agree(key->x, ct_x, c.ss_x);
    if (!err) {
        core_mlkem_decapsulate(key->m, cipher, c.ss_m);
        combine(&c, ct_x, key->public + CORE_MLKEM_PUBLIC_SIZE, ret_secret);
    }
    core_wipe(&c, sizeof c);
    return err;
}
