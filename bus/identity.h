/*
 * identity.h: this node's long-lived key (Ed25519) and its TLS certificate.
 *
 * $DATA/keys/node.key (PKCS#8 PEM, 0600), $DATA/keys/tls.key + tls.crt (ECDSA P-256, self-signed,
 * for localhost, 127.0.0.1, ::1 and the host name; made again before it expires, unless the files
 * were replaced by the owner's own). Nothing existing is ever overwritten when it cannot be read.
 */
#ifndef BUS_IDENTITY_H
#define BUS_IDENTITY_H

#include "core/env.h"

struct bus_identity;
/* `why`: one line naming the file and the remedy. */
int bus_identity_open(const struct core_env *env, const char *data_dir, struct bus_identity **ret,
                      char *why, size_t why_cap);
void bus_identity_free(struct bus_identity *identity); /* wipes */
/* Ed25519 public key, 32 bytes. */
struct core_str bus_identity_public(const struct bus_identity *identity);
void bus_identity_sign(const struct bus_identity *identity, struct core_str message,
                       unsigned char out[static 64]);
const char *bus_identity_cert_file(const struct bus_identity *identity);
const char *bus_identity_key_file(const struct bus_identity *identity);
/* SHA-256 of the certificate (DER), and whether we made it. */
void bus_identity_fingerprint(const struct bus_identity *identity, unsigned char out[static 32]);
/* Makes our own certificate again when it is close to its end; reads the owner's own one anew. The
 * key stays. On failure the old certificate goes on. */
int bus_identity_renew(struct bus_identity *identity, char *why, size_t why_cap);
/* Days until the certificate expires (negative: expired), for `sky doctor`. */
int bus_identity_days(const struct bus_identity *identity);

#endif
