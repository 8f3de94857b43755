/*
 * cert.h: making and reading the self-signed TLS certificate. Inside bus only.
 */
#ifndef BUS_CERT_H
#define BUS_CERT_H

#include "core/buf.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

/* Appends a PEM certificate for `key`, valid from an hour before now for BUS_LIMIT_CERT_DAYS, for
 * localhost, 127.0.0.1, ::1 and host (if not empty). serial: 16 random bytes. */
int bus__cert_make(EVP_PKEY *key, const char *host, int64_t now_s,
                   const unsigned char serial[static 16], struct core_buf *out_pem);
/* The first certificate of PEM text; NULL when there is none. X509_free() it. */
X509 *bus__cert_read(struct core_str pem);
/* Whether bus__cert_make() made it. */
bool bus__cert_is_ours(const X509 *cert);
/* Whole days until it ends, negative after. */
int bus__cert_days(const X509 *cert, int64_t now_s);

/* PKCS#8 PEM without passphrase. */
int bus__key_write(EVP_PKEY *key, struct core_buf *out_pem);
EVP_PKEY *bus__key_read(struct core_str pem); /* NULL when there is none */

#endif
