/*
 * tls.h: TLS 1.3 as a server, sans I/O (OpenSSL behind a face): ciphertext in, plaintext out, and
 * the other way round.
 *
 * Keys are agreed by X25519MLKEM768 (post-quantum hybrid), or X25519 with clients that know no
 * better; nothing older than TLS 1.3. ALPN offers h2 and http/1.1.
 */
#ifndef BUS_TLS_H
#define BUS_TLS_H

#include "core/env.h"

/* Certificate, key and settings that connections share. Connections keep what they need alive. */
struct bus_tls_config;
/* From PEM files: chain and private key, which must belong together. `why`: one line naming the
 * file and the remedy. CORE_ENOTFOUND, CORE_ECORRUPT, CORE_EMISMATCH, … */
int bus_tls_config_new(const struct core_env *env, const char *cert_file, const char *key_file,
                       struct bus_tls_config **ret, char *why, size_t why_cap);
void bus_tls_config_free(struct bus_tls_config *config); /* accepts NULL */

struct bus_tls;
/* NULL when memory is out. */
struct bus_tls *bus_tls_new(const struct bus_tls_config *config);
void bus_tls_free(struct bus_tls *tls); /* accepts NULL; wipes */

/* Takes ciphertext; appends what it decrypts to `plain` and what is due to the peer (handshake,
 * alerts) to `cipher`. 0; CORE_ECLOSED: the peer said it sends no more; CORE_EPROTO: broken, send
 * `cipher` and close; or a buffer's error. */
int bus_tls_feed(struct bus_tls *tls, struct core_str bytes, struct core_buf *plain,
                 struct core_buf *cipher);
/* Encrypts. Only once bus_tls_ready(). */
int bus_tls_write(struct bus_tls *tls, struct core_str bytes, struct core_buf *cipher);
/* Says that nothing follows. */
void bus_tls_close(struct bus_tls *tls, struct core_buf *cipher);
/* The handshake is done. */
bool bus_tls_ready(const struct bus_tls *tls);
/* What ALPN chose: true for HTTP/2. */
bool bus_tls_h2(const struct bus_tls *tls);
/* "X25519MLKEM768"; "" before the handshake is done. */
const char *bus_tls_group(const struct bus_tls *tls);

#endif
