/*
 * crypto.c: hashes and sealing on OpenSSL's EVP interface. The algorithms are fetched once for the
 * process: a fetch costs more than hashing a short string. Keys are crypto_key.c.
 */
#include "core/crypto.h"

#include "core/mem.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>

struct core_sha256 {
    EVP_MD_CTX *ctx;
};

static EVP_MD *sha256, *sha3_256, *shake256;
static EVP_CIPHER *aead;
static EVP_KDF *hkdf, *argon2id;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void drop(void)
{
    EVP_MD_free(sha256);
    EVP_MD_free(sha3_256);
    EVP_MD_free(shake256);
    EVP_CIPHER_free(aead);
    EVP_KDF_free(hkdf);
    EVP_KDF_free(argon2id);
    sha256 = sha3_256 = shake256 = NULL;
    aead = NULL;
    hkdf = argon2id = NULL;
}

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    sha3_256 = EVP_MD_fetch(NULL, "SHA3-256", NULL);
    shake256 = EVP_MD_fetch(NULL, "SHAKE-256", NULL);
    aead = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    argon2id = EVP_KDF_fetch(NULL, "ARGON2ID", NULL);
    assert(sha256 && sha3_256 && shake256 && aead && hkdf && argon2id);
    /* Before the library's own clean-up, which runs at exit too. */
    OPENSSL_atexit(drop);
}

static const EVP_MD *sha256_md(void)
{
    pthread_once(&once, fetch);
    return sha256;
}

/* --- Hashes --------------------------------------------------------------------------------- */

void core_sha256(struct core_str bytes, unsigned char out[static CORE_SHA256_SIZE])
{
    unsigned len = 0;
    int ok = EVP_Digest(bytes.ptr, bytes.len, out, &len, sha256_md(), NULL);

    assert(ok == 1 && len == CORE_SHA256_SIZE);
}

struct core_sha256 *core_sha256_new(void)
{
    struct core_sha256 *h = core_alloc(sizeof *h);
    int ok;

    h->ctx = EVP_MD_CTX_new();
    assert(h->ctx);
    ok = EVP_DigestInit_ex(h->ctx, sha256_md(), NULL);
    assert(ok == 1);
    return h;
}

void core_sha256_add(struct core_sha256 *h, struct core_str bytes)
{
    int ok = EVP_DigestUpdate(h->ctx, bytes.ptr, bytes.len);

    assert(ok == 1);
}

void core_sha256_end(struct core_sha256 *h, unsigned char out[static CORE_SHA256_SIZE])
{
    unsigned len = 0;
    int ok = EVP_DigestFinal_ex(h->ctx, out, &len);

    assert(ok == 1 && len == CORE_SHA256_SIZE);
    EVP_MD_CTX_free(h->ctx); /* wipes */
    free(h);
}

void core_hmac_sha256(struct core_str key, struct core_str bytes,
                      unsigned char out[static CORE_SHA256_SIZE])
{
    unsigned len = 0;
    const unsigned char *ok;

    assert(key.len <= INT_MAX);
    /* A NULL key would mean "the key of the last call" to OpenSSL. */
    ok = HMAC(sha256_md(), key.len ? key.ptr : "", (int)key.len, (const unsigned char *)bytes.ptr,
              bytes.len, out, &len);
    assert(ok && len == CORE_SHA256_SIZE);
}

/* The library takes no NULL, not even for nothing. */
static OSSL_PARAM bytes_param(const char *name, struct core_str bytes)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(bytes.len ? bytes.ptr : ""), bytes.len);
}

void core_hmac_sha1(struct core_str key, struct core_str bytes,
                    unsigned char out[static CORE_SHA1_SIZE])
{
    size_t len = 0;
    unsigned char *found = EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, key.ptr, key.len,
                                     (const unsigned char *)bytes.ptr, bytes.len, out,
                                     CORE_SHA1_SIZE, &len);

    assert(found && len == CORE_SHA1_SIZE);
}

void core_hkdf_sha256(struct core_str salt, struct core_str secret, struct core_str info,
                      unsigned char *out, size_t len)
{
    pthread_once(&once, fetch);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(hkdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA2-256", 0),
        bytes_param(OSSL_KDF_PARAM_SALT, salt),
        bytes_param(OSSL_KDF_PARAM_KEY, secret),
        bytes_param(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    assert(ctx && len > 0 && len <= 255 * CORE_SHA256_SIZE);
    int ok = EVP_KDF_derive(ctx, out, len, params);

    assert(ok == 1);
    EVP_KDF_CTX_free(ctx); /* wipes */
}

void core_argon2id(struct core_str password, struct core_str salt, unsigned memory_kib,
                   unsigned passes, unsigned char *out, size_t len)
{
    uint32_t memory = memory_kib, rounds = passes, one = 1;
    pthread_once(&once, fetch);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(argon2id);
    OSSL_PARAM params[] = {
        bytes_param(OSSL_KDF_PARAM_PASSWORD, password),
        bytes_param(OSSL_KDF_PARAM_SALT, salt),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_MEMCOST, &memory),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &rounds),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_LANES, &one),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_THREADS, &one),
        OSSL_PARAM_construct_end(),
    };
    assert(ctx && salt.len >= 8 && memory_kib >= 8 && passes > 0 && len >= 4);
    int ok = EVP_KDF_derive(ctx, out, len, params);

    assert(ok == 1);
    EVP_KDF_CTX_free(ctx); /* wipes */
}

void core_sha3_256(struct core_str bytes, unsigned char out[static CORE_SHA3_256_SIZE])
{
    unsigned len = 0;
    pthread_once(&once, fetch);
    int ok = EVP_Digest(bytes.ptr, bytes.len, out, &len, sha3_256, NULL);

    assert(ok == 1 && len == CORE_SHA3_256_SIZE);
}

void core_shake256(struct core_str bytes, unsigned char *out, size_t len)
{
    pthread_once(&once, fetch);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = ctx && EVP_DigestInit_ex(ctx, shake256, NULL) == 1 &&
             EVP_DigestUpdate(ctx, bytes.ptr, bytes.len) == 1 &&
             EVP_DigestFinalXOF(ctx, out, len) == 1;

    assert(ok);
    EVP_MD_CTX_free(ctx); /* wipes */
}

/* --- Sealing -------------------------------------------------------------------------------- */

static EVP_CIPHER_CTX *aead_start(const unsigned char *key, const unsigned char *nonce, bool seal)
{
    pthread_once(&once, fetch);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int ok = ctx && EVP_CipherInit_ex2(ctx, aead, key, nonce, seal, NULL) == 1;

    assert(ok);
    return ctx;
}

/* OpenSSL takes NULL output for "this is authenticated only", and NULL input for nothing at all. */
static void aead_also(EVP_CIPHER_CTX *ctx, struct core_str aad)
{
    int len = 0;
    assert(aad.len <= INT_MAX);
    if (aad.len == 0)
        return;
    int ok = EVP_CipherUpdate(ctx, NULL, &len, (const unsigned char *)aad.ptr, (int)aad.len);

    assert(ok == 1);
}

/* A stream cipher: as many bytes out as in. */
static void aead_run(EVP_CIPHER_CTX *ctx, const unsigned char *bytes, size_t bytes_len,
                     unsigned char *out)
{
    int len = 0;
    assert(bytes_len <= INT_MAX);
    if (bytes_len == 0)
        return;
    int ok = EVP_CipherUpdate(ctx, out, &len, bytes, (int)bytes_len);

    assert(ok == 1 && (size_t)len == bytes_len);
}

void core_aead_seal_two(const unsigned char key[static CORE_AEAD_KEY_SIZE],
                        const unsigned char nonce[static CORE_AEAD_NONCE_SIZE],
                        struct core_str head, struct core_str body, struct core_str bytes,
                        unsigned char *out)
{
    EVP_CIPHER_CTX *ctx = aead_start(key, nonce, true);
    unsigned char *tag = out + bytes.len;
    int len = 0;

    aead_also(ctx, head);
    aead_also(ctx, body);
    aead_run(ctx, (const unsigned char *)bytes.ptr, bytes.len, out);
    int ok = EVP_CipherFinal_ex(ctx, tag, &len) == 1 && len == 0 &&
             EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CORE_AEAD_TAG_SIZE, tag) == 1;
    assert(ok);
    EVP_CIPHER_CTX_free(ctx); /* wipes */
}

void core_aead_seal(const unsigned char key[static CORE_AEAD_KEY_SIZE],
                    const unsigned char nonce[static CORE_AEAD_NONCE_SIZE], struct core_str aad,
                    struct core_str bytes, unsigned char *out)
{
    core_aead_seal_two(key, nonce, aad, CORE_STR(""), bytes, out);
}

int core_aead_open(const unsigned char key[static CORE_AEAD_KEY_SIZE],
                   const unsigned char nonce[static CORE_AEAD_NONCE_SIZE], struct core_str aad,
                   struct core_str sealed, unsigned char *out)
{
    if (sealed.len < CORE_AEAD_TAG_SIZE)
        return CORE_EPROTO;
    EVP_CIPHER_CTX *ctx = aead_start(key, nonce, false);
    aead_also(ctx, aad);
    const unsigned char *bytes = (const unsigned char *)sealed.ptr;
    size_t bytes_len = sealed.len - CORE_AEAD_TAG_SIZE;
    unsigned char none[1];
    int len = 0;
    /* The library only reads the tag. */
    int ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, CORE_AEAD_TAG_SIZE,
                                 (void *)(bytes + bytes_len));

    assert(ok == 1);
    aead_run(ctx, bytes, bytes_len, out);
    bool good = EVP_CipherFinal_ex(ctx, none, &len) == 1;
    EVP_CIPHER_CTX_free(ctx); /* wipes */
    if (good)
        return 0;
    core_wipe(out, bytes_len);
    ERR_clear_error();
    return CORE_EDENIED;
}

/* --- Others --------------------------------------------------------------------------------- */

bool core_crypto_eq(struct core_str a, struct core_str b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

const char *core_crypto_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
