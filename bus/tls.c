/*
 * tls.c: one TLS connection as a machine between two memory BIOs.
 *
 *     feed  ─ ciphertext ─► BIO in ─► SSL_read ─► plain
 *     write ─ plaintext  ─► SSL_write ─► BIO out ─► cipher
 */
#include "bus/tls.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

/* One TLS record. */
#define PIECE (16u << 10)

struct bus_tls_config {
    SSL_CTX *ctx;
};

struct bus_tls {
    SSL *ssl; /* owns both BIOs */
    BIO *in, *out;
};

/* --- Configuration -------------------------------------------------------------------------- */

/* Our own order of preference counts, not the client's. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned offered_len, void *arg)
{
    (void)ssl;
    (void)arg;
    static const unsigned char ours[] = "\x02h2\x08http/1.1";
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static int read_pem(const struct core_env *env, const char *path, struct core_buf *buf, char *why,
                    size_t why_cap)
{
    core_buf_wipe(buf);
    int err = env->fs->read(env->ctx, path, buf);
    if (err)
        snprintf(why, why_cap,
                 "%s cannot be read (%s): restore it, or remove it to have a new "
                 "one made",
                 path, core_err_text(err));
    return err;
}

/* The first certificate is the server's own, the others lead to its root. */
static bool use_chain(SSL_CTX *ctx, BIO *pem)
{
    X509 *cert = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    bool ok = cert && SSL_CTX_use_certificate(ctx, cert) == 1;
    X509_free(cert);
    while (ok && (cert = PEM_read_bio_X509(pem, NULL, NULL, NULL)))
        if (SSL_CTX_add0_chain_cert(ctx, cert) != 1) {
            X509_free(cert);
            ok = false;
        }
    ERR_clear_error(); /* the last read finds the end and says so as an error */
    return ok;
}

static bool use_key(SSL_CTX *ctx, BIO *pem)
{
    /* A key with a passphrase must not make the server ask its terminal. */
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, (void *)"");
    bool ok = key && SSL_CTX_use_PrivateKey(ctx, key) == 1;
    EVP_PKEY_free(key);
    return ok;
}

static SSL_CTX *context_new(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx || !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) ||
        !SSL_CTX_set1_groups_list(ctx, "X25519MLKEM768:X25519"))
        abort(); /* a library that cannot do this is not the one we were built for */
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets carry the state */
    SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    return ctx;
}

int bus_tls_config_new(const struct core_env *env, const char *cert_file, const char *key_file,
                       struct bus_tls_config **ret, char *why, size_t why_cap)
{
    SSL_CTX *ctx = context_new();
    struct core_buf pem;
    BIO *bio = NULL;
    core_buf_init(&pem, BUS_LIMIT_PEM);
    int err = read_pem(env, cert_file, &pem, why, why_cap);
    if (err)
        goto out;
    bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    if (!bio || !use_chain(ctx, bio)) {
        err = CORE_ECORRUPT;
        snprintf(why, why_cap,
                 "%s holds no certificate (PEM): restore it, or remove it to have a "
                 "new one made",
                 cert_file);
        goto out;
    }
    BIO_free(bio);
    bio = NULL;
    err = read_pem(env, key_file, &pem, why, why_cap);
    if (err)
        goto out;
    bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    if (!bio || !use_key(ctx, bio) || SSL_CTX_check_private_key(ctx) != 1) {
        err = CORE_EMISMATCH;
        snprintf(why, why_cap,
                 "%s holds no private key of the certificate %s: restore the pair, "
                 "or remove both to have a new one made",
                 key_file, cert_file);
        goto out;
    }
    struct bus_tls_config *config = core_alloc(sizeof *config);
    config->ctx = ctx;
    ctx = NULL;
    *ret = config;

out:
    BIO_free(bio);
    core_buf_wipe(&pem);
    SSL_CTX_free(ctx);
    ERR_clear_error();
    return err;
}

void bus_tls_config_free(struct bus_tls_config *config)
{
    if (!config)
        return;
    SSL_CTX_free(config->ctx);
    free(config);
}

/* --- Connection ----------------------------------------------------------------------------- */

struct bus_tls *bus_tls_new(const struct bus_tls_config *config)
{
    SSL *ssl = SSL_new(config->ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    if (!ssl || !in || !out) {
        BIO_free(in);
        BIO_free(out);
        SSL_free(ssl);
        return NULL;
    }
    BIO_set_mem_eof_return(in, -1); /* empty means later, not never */
    SSL_set_bio(ssl, in, out);
    SSL_set_accept_state(ssl);
    struct bus_tls *tls = core_alloc(sizeof *tls);
    *tls = (struct bus_tls){ssl, in, out};
    return tls;
}

void bus_tls_free(struct bus_tls *tls)
{
    if (!tls)
        return;
    SSL_free(tls->ssl);
    free(tls);
}

/* Moves what waits in the outgoing BIO. */
static int take_cipher(struct bus_tls *tls, struct core_buf *cipher)
{
    char *bytes;
    long len = BIO_get_mem_data(tls->out, &bytes);
    if (len <= 0)
        return 0;
    int err = core_buf_add(cipher, bytes, (size_t)len);
    (void)BIO_reset(tls->out);
    return err;
}

static int read_plain(struct bus_tls *tls, struct core_buf *plain)
{
    for (;;) {
        char *to = core_buf_reserve(plain, PIECE);
        if (!to)
            return core_buf_error(plain);
        size_t got = 0;
        ERR_clear_error();
        int ok = SSL_read_ex(tls->ssl, to, PIECE, &got);
        if (ok) {
            core_buf_grew(plain, got);
            continue;
        }
        switch (SSL_get_error(tls->ssl, ok)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return 0;
        case SSL_ERROR_ZERO_RETURN:
            return CORE_ECLOSED;
        default:
            return CORE_EPROTO;
        }
    }
}

int bus_tls_feed(struct bus_tls *tls, struct core_str bytes, struct core_buf *plain,
                 struct core_buf *cipher)
{
    if (bytes.len > INT32_MAX)
        return CORE_ETOOBIG;
    if (bytes.len > 0 && BIO_write(tls->in, bytes.ptr, (int)bytes.len) != (int)bytes.len)
        return CORE_ENOMEM;
    int err = read_plain(tls, plain);
    int cipher_err = take_cipher(tls, cipher);
    ERR_clear_error();
    return err ? err : cipher_err;
}

int bus_tls_write(struct bus_tls *tls, struct core_str bytes, struct core_buf *cipher)
{
    assert(bus_tls_ready(tls));
    int err = 0;
    while (bytes.len > 0 && !err) {
        size_t put = 0;
        ERR_clear_error();
        /* A memory BIO takes all, so there is no waiting here. */
        if (!SSL_write_ex(tls->ssl, bytes.ptr, bytes.len, &put))
            err = CORE_EPROTO;
        bytes.ptr += put;
        bytes.len -= put;
        int cipher_err = take_cipher(tls, cipher);
        if (!err)
            err = cipher_err;
    }
    ERR_clear_error();
    return err;
}

void bus_tls_close(struct bus_tls *tls, struct core_buf *cipher)
{
    if (bus_tls_ready(tls))
        (void)SSL_shutdown(tls->ssl);
    (void)take_cipher(tls, cipher);
    ERR_clear_error();
}

bool bus_tls_ready(const struct bus_tls *tls)
{
    return SSL_is_init_finished(tls->ssl);
}

bool bus_tls_h2(const struct bus_tls *tls)
{
    const unsigned char *name = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(tls->ssl, &name, &len);
    return core_str_eq(core_strn(name, len), CORE_STR("h2"));
}

const char *bus_tls_group(const struct bus_tls *tls)
{
    if (!bus_tls_ready(tls))
        return "";
    const char *name = SSL_get0_group_name(tls->ssl);
    return name ? name : "";
}
