/*
 * session.h: what two sides of a handshake say to each other afterwards, sealed with
 * ChaCha20-Poly1305 under a key and a counter for each direction. One thread at a time, no I/O.
 *
 * Messages of a direction are opened in the order in which they were sealed, each
 * once. What does not come next is refused, so a carrier that loses or swaps messages
 * needs another handshake, and an attacker who does it is noticed. The bytes of a
 * sealed message are in session.c; lengths are not hidden.
 */
#ifndef BUS_SESSION_H
#define BUS_SESSION_H

#include "core/buf.h"
#include "genom/genom.h"

#define BUS_SESSION_KEY_SIZE 32
/* So much longer is what is sealed. */
#define BUS_SESSION_EXTRA 25

struct bus_session;
/* The handshake makes sessions. Keys are copied; the caller wipes its own. `peer`: 32 bytes, the
 * other side's Ed25519 key, or NULL when it did not name itself. */
struct bus_session *bus_session_new(const unsigned char send_key[static BUS_SESSION_KEY_SIZE],
                                    const unsigned char receive_key[static BUS_SESSION_KEY_SIZE],
                                    const unsigned char *peer);
void bus_session_free(struct bus_session *session); /* accepts NULL; wipes */
/* Who the other side proved to be: 32 bytes, or none when it is anonymous. */
struct core_str bus_session_peer(const struct bus_session *session);

/* Appends the sealed text to out. `aad` is authenticated, not sent: the header around it, of which
 * the other side has to say the same. ret_counter may be NULL. On failure nothing was appended and
 * the counter stays. CORE_ETOOBIG: over BUS_LIMIT_SEALED; CORE_ECLOSED: the direction has said
 * BUS_LIMIT_SESSION_MESSAGES, make another handshake; or out's error. */
int bus_session_seal(struct bus_session *session, struct core_str aad, struct core_str text,
                     struct core_buf *out, uint64_t *ret_counter)
    __attribute__((warn_unused_result));
/* Appends the text to out. On failure nothing of it was released and the session goes on as if the
 * message had not come. CORE_EPROTO: no sealed message of ours; CORE_EEXISTS: it was opened before;
 * CORE_EMISMATCH: one before it is missing; CORE_EDENIED: altered, or sealed under another key or
 * aad; CORE_ETOOBIG, CORE_ECLOSED as above; or out's error. */
int bus_session_open(struct bus_session *session, struct core_str aad, struct core_str sealed,
                     struct core_buf *out) __attribute__((warn_unused_result));

/* The same for a sequence of tokens in the form of Phase Rotation: each id becomes another one.
 * Both forms share the counters. CORE_EINVAL: an id is none. */
int bus_session_seal_tokens(struct bus_session *session, const struct genom_dict *dict,
                            struct core_str aad, const uint32_t *ids, size_t count,
                            struct core_buf *out, uint64_t *ret_counter)
    __attribute__((warn_unused_result));
/* Appends the ids, as uint32_t, to out, which must be empty. */
int bus_session_open_tokens(struct bus_session *session, const struct genom_dict *dict,
                            struct core_str aad, struct core_str sealed, struct core_buf *out)
    __attribute__((warn_unused_result));
/* What libgenom needs of OpenSSL. */
extern const struct genom_crypto bus_genom_crypto;
bool bus_session_is_tokens(struct core_str sealed);

#endif
