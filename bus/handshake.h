/*
 * handshake.h: two messages after which two sides share a session, by X-Wing and Ed25519. No I/O: a
 * carrier (an HTTP body, a HELLO frame) brings the bytes.
 *
 *     initiator                                    responder
 *     bus_handshake_new ──────── offer ──────────► bus_handshake_answer ─► session
 *     bus_handshake_finish ◄──── reply ───────────
 *     └► session
 *
 * The responder always proves who it is. The initiator may name itself and prove it too, or stay
 * anonymous (an SDK whose account the carrier knows). What the initiator knows when finish returns:
 * the reply was made by that identity, for this very offer. What the responder knows: only whoever
 * made the offer has the keys; that it has received the reply shows with the first message that
 * opens. An offer that is sent again makes a session that nobody can use. The bytes are in
 * docs/bus.md.
 */
#ifndef BUS_HANDSHAKE_H
#define BUS_HANDSHAKE_H

#include "bus/identity.h"
#include "bus/session.h"
#include "core/env.h"

#define BUS_HANDSHAKE_OFFER_SIZE 1216 /* of an anonymous initiator */
#define BUS_HANDSHAKE_NAMED_SIZE 1312 /* of one that names itself */
#define BUS_HANDSHAKE_REPLY_SIZE 1216
#define BUS_HANDSHAKE_PEER_SIZE 32

/* The initiator's side. One thread at a time. */
struct bus_handshake;
/* `self`: NULL to stay anonymous. `peer`: the responder's Ed25519 key; NULL takes any, and the
 * caller judges by bus_session_peer(), but who names itself says to whom. Draws from env. */
struct bus_handshake *bus_handshake_new(const struct core_env *env, const struct bus_identity *self,
                                        const unsigned char *peer);
void bus_handshake_free(struct bus_handshake *handshake); /* accepts NULL; wipes */
/* What to send, as long as the handshake lives. */
struct core_str bus_handshake_offer(const struct bus_handshake *handshake);
/* Takes the reply. There is one try: afterwards, and after a failure too, the secret is gone and
 * the answer is CORE_ECLOSED. CORE_EPROTO: no reply; CORE_EDENIED: not of the peer that was asked
 * for, or not signed by whom it names, or not for this offer. */
int bus_handshake_finish(struct bus_handshake *handshake, struct core_str reply,
                         struct bus_session **ret_session) __attribute__((warn_unused_result));

/* The responder's side, in one step: any thread, nothing to keep but the session. Draws from
 * env. CORE_EPROTO: no offer; CORE_EDENIED: it is named but not signed so, or meant for somebody
 * else. */
int bus_handshake_answer(const struct core_env *env, const struct bus_identity *self,
                         struct core_str offer,
                         unsigned char ret_reply[static BUS_HANDSHAKE_REPLY_SIZE],
                         struct bus_session **ret_session) __attribute__((warn_unused_result));

#endif
