/*
 * cert.c: the self-signed certificate of a node: ECDSA P-256, one year and a month, for the names
 * under which a person reaches his own machine. No authority, no chain: nodes trust each other by
 * the node key (identity.h), browsers by the person who looks.
 */
#include "bus/cert.h"

#include "core/err.h"
#include "core/limits.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

/* In the subject's organisation: how we know our own work from the owner's. */
#define MARK "SKYNET self-signed"

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = ext && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

/* A host name of letters that would change the meaning of the list is left out. */
static bool add_names(X509 *cert, const char *host)
{
    char names[512];
    bool plain = *host && strlen(host) <= 253;
    for (const char *c = host; *c; c++)
        plain = plain && ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                          (*c >= '0' && *c <= '9') || *c == '-' || *c == '.');
    snprintf(names, sizeof names, "DNS:localhost,IP:127.0.0.1,IP:::1%s%s", plain ? ",DNS:" : "",
             plain ? host : "");
    return add_extension(cert, NID_subject_alt_name, names);
}

static bool fill(X509 *cert, EVP_PKEY *key, const char *host, int64_t now_s,
                 const unsigned char serial[static 16])
{
    X509_NAME *name = X509_get_subject_name(cert);
    unsigned char positive[16];
    memcpy(positive, serial, sizeof positive);
    positive[0] = (positive[0] & 0x7f) | 0x40;
    BIGNUM *number = BN_bin2bn(positive, sizeof positive, NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return ok && X509_set_version(cert, X509_VERSION_3) &&
           ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(now_s - 3600)) &&
           ASN1_TIME_set(X509_getm_notAfter(cert),
                         (time_t)(now_s + (int64_t)BUS_LIMIT_CERT_DAYS * 86400)) &&
           X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)MARK, -1, -1,
                                      0) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost",
                                      -1, -1, 0) &&
           X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key) &&
           add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(cert, NID_key_usage, "critical,digitalSignature") &&
           add_extension(cert, NID_ext_key_usage, "serverAuth") && add_names(cert, host) &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

/* Appends what the BIO gathered. */
static int take(BIO *bio, struct core_buf *out)
{
    char *bytes;
    long len = BIO_get_mem_data(bio, &bytes);
    return len > 0 ? core_buf_add(out, bytes, (size_t)len) : CORE_EINTERNAL;
}

int bus__cert_make(EVP_PKEY *key, const char *host, int64_t now_s,
                   const unsigned char serial[static 16], struct core_buf *out_pem)
{
    X509 *cert = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    int err = CORE_EINTERNAL;
    if (cert && bio && fill(cert, key, host, now_s, serial) && PEM_write_bio_X509(bio, cert))
        err = take(bio, out_pem);
    BIO_free(bio);
    X509_free(cert);
    ERR_clear_error();
    return err;
}

X509 *bus__cert_read(struct core_str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return cert;
}

bool bus__cert_is_ours(const X509 *cert)
{
    char mark[sizeof MARK + 1];
    int len = X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_organizationName, mark,
                                        sizeof mark);
    return len == sizeof MARK - 1 && !memcmp(mark, MARK, sizeof MARK - 1);
}

int bus__cert_days(const X509 *cert, int64_t now_s)
{
    time_t now = (time_t)now_s;
    ASN1_TIME *from = ASN1_TIME_set(NULL, now);
    int days = 0, seconds = 0;
    if (!from || !ASN1_TIME_diff(&days, &seconds, from, X509_get0_notAfter(cert)))
        days = -1;
    ASN1_TIME_free(from);
    ERR_clear_error();
    return days - (seconds < 0 ? 1 : 0);
}

int bus__key_write(EVP_PKEY *key, struct core_buf *out_pem)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    int err = CORE_EINTERNAL;
    if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
        err = take(bio, out_pem);
    BIO_free(bio); /* wipes */
    ERR_clear_error();
    return err;
}

EVP_PKEY *bus__key_read(struct core_str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return key;
}
