/*
 * crypto.c: hashes on OpenSSL's EVP interface. The algorithms are fetched once for the process: a
 * fetch costs more than hashing a short string.
 */
#include "core/crypto.h"

#include "core/mem.h"

#include <assert.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>

struct core_sha256 {
    EVP_MD_CTX *ctx;
};

static EVP_MD *sha256;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void sha256_drop(void)
{
    EVP_MD_free(sha256);
    sha256 = NULL;
}

static void sha256_fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    assert(sha256);
    /* Before the library's own clean-up, which runs at exit too. */
    OPENSSL_atexit(sha256_drop);
}

static const EVP_MD *sha256_md(void)
{
    pthread_once(&sha256_once, sha256_fetch);
    return sha256;
}

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

bool core_crypto_eq(struct core_str a, struct core_str b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

const char *core_crypto_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
