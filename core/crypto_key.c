/*
 * crypto_key.c: ML-KEM-768, X25519 and Ed25519 on OpenSSL's EVP_PKEY. All sizes are fixed, so an
 * operation fails because of what a peer sent, which is said, or for want of memory, which aborts.
 */
#include "core/crypto.h"

#include "core/mem.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

struct core_key {
    EVP_PKEY *pkey;
};

static struct core_key *key_of(EVP_PKEY *pkey)
{
    struct core_key *key = core_alloc(sizeof *key);
    assert(pkey);
    key->pkey = pkey;
    return key;
}

static void public_of(const EVP_PKEY *pkey, unsigned char *out, size_t size)
{
    size_t len = size;
    int ok = EVP_PKEY_get_raw_public_key(pkey, out, &len);

    assert(ok == 1 && len == size);
}

/* A key that is 32 bytes of its own, with a public one of as many. */
static struct core_key *key_of_bytes(const char *type, const unsigned char bytes[static 32],
                                     unsigned char ret_public[static 32])
{
    struct core_key *key = key_of(EVP_PKEY_new_raw_private_key_ex(NULL, type, NULL, bytes, 32));

    public_of(key->pkey, ret_public, 32);
    return key;
}

void core_key_free(struct core_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey); /* wipes */
    free(key);
}

/* --- ML-KEM-768 ----------------------------------------------------------------------------- */

struct core_key *core_mlkem_new(const unsigned char seed[static CORE_MLKEM_SEED_SIZE],
                                unsigned char ret_public[static CORE_MLKEM_PUBLIC_SIZE])
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "ML-KEM-768", NULL);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_KEM_SEED, (void *)seed,
                                          CORE_MLKEM_SEED_SIZE),
        OSSL_PARAM_construct_end(),
    };
    int ok = ctx && EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_CTX_set_params(ctx, params) == 1 &&
             EVP_PKEY_generate(ctx, &pkey) == 1;

    assert(ok);
    EVP_PKEY_CTX_free(ctx);
    public_of(pkey, ret_public, CORE_MLKEM_PUBLIC_SIZE);
    return key_of(pkey);
}

int core_mlkem_encapsulate(const unsigned char public[static CORE_MLKEM_PUBLIC_SIZE],
                           const unsigned char random[static CORE_MLKEM_RANDOM_SIZE],
                           unsigned char ret_cipher[static CORE_MLKEM_CIPHER_SIZE],
                           unsigned char ret_secret[static CORE_MLKEM_SECRET_SIZE])
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ML-KEM-768", NULL, public,
                                                    CORE_MLKEM_PUBLIC_SIZE);
    if (!pkey) {
        ERR_clear_error();
        return CORE_EPROTO;
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KEM_PARAM_IKME, (void *)random,
                                          CORE_MLKEM_RANDOM_SIZE),
        OSSL_PARAM_construct_end(),
    };
    size_t cipher_len = CORE_MLKEM_CIPHER_SIZE, secret_len = CORE_MLKEM_SECRET_SIZE;
    int ok = ctx && EVP_PKEY_encapsulate_init(ctx, params) == 1 &&
             EVP_PKEY_encapsulate(ctx, ret_cipher, &cipher_len, ret_secret, &secret_len) == 1;

    assert(ok && cipher_len == CORE_MLKEM_CIPHER_SIZE && secret_len == CORE_MLKEM_SECRET_SIZE);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return 0;
}

void core_mlkem_decapsulate(const struct core_key *key,
                            const unsigned char cipher[static CORE_MLKEM_CIPHER_SIZE],
                            unsigned char ret_secret[static CORE_MLKEM_SECRET_SIZE])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    size_t len = CORE_MLKEM_SECRET_SIZE;
    int ok = ctx && EVP_PKEY_decapsulate_init(ctx, NULL) == 1 &&
             EVP_PKEY_decapsulate(ctx, ret_secret, &len, cipher, CORE_MLKEM_CIPHER_SIZE) == 1;

    assert(ok && len == CORE_MLKEM_SECRET_SIZE);
    EVP_PKEY_CTX_free(ctx);
}

/* --- X25519 --------------------------------------------------------------------------------- */

struct core_key *core_x25519_new(const unsigned char scalar[static CORE_X25519_SIZE],
                                 unsigned char ret_public[static CORE_X25519_SIZE])
{
    return key_of_bytes("X25519", scalar, ret_public);
}

int core_x25519_agree(const struct core_key *key, const unsigned char peer[static CORE_X25519_SIZE],
                      unsigned char ret_secret[static CORE_X25519_SIZE])
{
    unsigned char secret[CORE_X25519_SIZE];
    size_t len = sizeof secret;
    EVP_PKEY *other = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, peer, CORE_X25519_SIZE);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    int ok = other && ctx && EVP_PKEY_derive_init(ctx) == 1 &&
             EVP_PKEY_derive_set_peer_ex(ctx, other, 0) == 1;

    assert(ok);
    /* Any 32 bytes are a key; this refuses those of small order. */
    bool good = EVP_PKEY_derive(ctx, secret, &len) == 1 && len == sizeof secret;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    if (good)
        memcpy(ret_secret, secret, sizeof secret);
    else
        ERR_clear_error();
    core_wipe(secret, sizeof secret);
    return good ? 0 : CORE_EPROTO;
}

/* --- Ed25519 -------------------------------------------------------------------------------- */

struct core_key *core_ed25519_new(const unsigned char seed[static CORE_ED25519_SEED_SIZE],
                                  unsigned char ret_public[static CORE_ED25519_PUBLIC_SIZE])
{
    return key_of_bytes("ED25519", seed, ret_public);
}

void core_ed25519_sign(const struct core_key *key, struct core_str message,
                       unsigned char ret_signature[static CORE_ED25519_SIGNATURE_SIZE])
{
    size_t len = CORE_ED25519_SIGNATURE_SIZE;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
             EVP_DigestSign(ctx, ret_signature, &len, (const unsigned char *)message.ptr,
                            message.len) == 1;

    assert(ok && len == CORE_ED25519_SIGNATURE_SIZE);
    EVP_MD_CTX_free(ctx);
}

int core_ed25519_verify(const unsigned char public[static CORE_ED25519_PUBLIC_SIZE],
                        struct core_str message,
                        const unsigned char signature[static CORE_ED25519_SIGNATURE_SIZE])
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public,
                                                    CORE_ED25519_PUBLIC_SIZE);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1;

    assert(ok);
    bool good = EVP_DigestVerify(ctx, signature, CORE_ED25519_SIGNATURE_SIZE,
                                 (const unsigned char *)message.ptr, message.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    if (good)
        return 0;
    ERR_clear_error();
    return CORE_EDENIED;
}
