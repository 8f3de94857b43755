/*
 * handshake.c: the messages. I and R are the Ed25519 keys of initiator and responder.
 *
 *     offer = pk 1216 [ ‖ I 32 ‖ Ed25519(I, "GENOM handshake 1 offer" ‖ R ‖ I ‖ pk) 64 ]
 *     reply = ct 1120 ‖ R 32 ‖ Ed25519(R, "GENOM handshake 1 reply" ‖ th) 64
 *
 *     th = SHA-256("GENOM handshake 1 transcript" ‖ offer ‖ ct ‖ R)
 *     initiator's key ‖ responder's key = HKDF-SHA256(salt th, secret, "GENOM handshake 1 keys") 64
 *
 * Every part has a fixed size, and the two forms of the offer differ in theirs, so that nothing can
 * be read in two ways.
 */
#include "bus/handshake.h"

#include "bus/xwing.h"
#include "core/crypto.h"
#include "core/mem.h"

#include <assert.h>

#define OFFER_LABEL "GENOM handshake 1 offer"
#define REPLY_LABEL "GENOM handshake 1 reply"
#define TRANSCRIPT_LABEL "GENOM handshake 1 transcript"
#define KEYS_LABEL "GENOM handshake 1 keys"
#define KEY_SIZE CORE_ED25519_PUBLIC_SIZE

/* The messages as they lie in memory: bytes throughout, so there is no padding. */
struct offer {
    unsigned char pk[BUS_XWING_PUBLIC_SIZE];
    unsigned char initiator[KEY_SIZE];
    unsigned char signature[CORE_ED25519_SIGNATURE_SIZE];
};
struct reply {
    unsigned char ct[BUS_XWING_CIPHER_SIZE];
    unsigned char responder[KEY_SIZE];
    unsigned char signature[CORE_ED25519_SIGNATURE_SIZE];
};
/* What is signed. */
struct offer_signed {
    unsigned char label[sizeof OFFER_LABEL - 1];
    unsigned char responder[KEY_SIZE];
    unsigned char initiator[KEY_SIZE];
    unsigned char pk[BUS_XWING_PUBLIC_SIZE];
};
struct reply_signed {
    unsigned char label[sizeof REPLY_LABEL - 1];
    unsigned char transcript[CORE_SHA256_SIZE];
};
static_assert(sizeof(struct offer) == BUS_HANDSHAKE_NAMED_SIZE, "three parts");
static_assert(sizeof(struct reply) == BUS_HANDSHAKE_REPLY_SIZE, "three parts");
static_assert(BUS_XWING_PUBLIC_SIZE == BUS_HANDSHAKE_OFFER_SIZE, "the key alone");
static_assert(KEY_SIZE == BUS_HANDSHAKE_PEER_SIZE, "an Ed25519 key");

struct bus_handshake {
    struct bus_xwing *key; /* NULL once the one try is over */
    bool particular;       /* `peer` is the one that must answer */
    unsigned char peer[KEY_SIZE];
    size_t offer_len;
    struct offer offer;
};

/* --- Parts ---------------------------------------------------------------------------------- */

/* Zeros are no name: they would read like an anonymous peer, and anybody can sign for them. */
static bool is_name(const unsigned char key[static KEY_SIZE])
{
    static const unsigned char zeros[KEY_SIZE];
    return memcmp(key, zeros, KEY_SIZE) != 0;
}

static struct offer_signed offer_signed(const struct offer *offer,
                                        const unsigned char responder[static KEY_SIZE])
{
    struct offer_signed s;
    memcpy(s.label, OFFER_LABEL, sizeof s.label);
    memcpy(s.responder, responder, KEY_SIZE);
    memcpy(s.initiator, offer->initiator, KEY_SIZE);
    memcpy(s.pk, offer->pk, sizeof s.pk);
    return s;
}

static struct reply_signed reply_signed(struct core_str offer, const struct reply *reply)
{
    struct reply_signed s;
    struct core_sha256 *h = core_sha256_new();
    memcpy(s.label, REPLY_LABEL, sizeof s.label);
    core_sha256_add(h, CORE_STR(TRANSCRIPT_LABEL));
    core_sha256_add(h, offer);
    core_sha256_add(h, core_strn(reply->ct, sizeof reply->ct));
    core_sha256_add(h, core_strn(reply->responder, KEY_SIZE));
    core_sha256_end(h, s.transcript);
    return s;
}

/* The session of one side; `secret` is X-Wing's. */
static struct bus_session *session_of(const unsigned char transcript[static CORE_SHA256_SIZE],
                                      const unsigned char secret[static BUS_XWING_SECRET_SIZE],
                                      bool initiator, const unsigned char *peer)
{
    unsigned char keys[2][BUS_SESSION_KEY_SIZE];
    core_hkdf_sha256(core_strn(transcript, CORE_SHA256_SIZE),
                     core_strn(secret, BUS_XWING_SECRET_SIZE), CORE_STR(KEYS_LABEL), keys[0],
                     sizeof keys);
    struct bus_session *session = bus_session_new(keys[!initiator], keys[initiator], peer);
    core_wipe(keys, sizeof keys);
    return session;
}

/* --- Initiator ------------------------------------------------------------------------------ */

struct bus_handshake *bus_handshake_new(const struct core_env *env, const struct bus_identity *self,
                                        const unsigned char *peer)
{
    struct bus_handshake *h = core_alloc(sizeof *h);
    unsigned char seed[BUS_XWING_SEED_SIZE];
    assert(peer || !self);
    env->random(env->ctx, seed, sizeof seed);
    h->key = bus_xwing_new(seed);
    core_wipe(seed, sizeof seed);
    h->particular = peer != NULL;
    if (peer)
        memcpy(h->peer, peer, KEY_SIZE);
    memcpy(h->offer.pk, bus_xwing_public(h->key).ptr, sizeof h->offer.pk);
    h->offer_len = sizeof h->offer.pk;
    if (self) {
        memcpy(h->offer.initiator, bus_identity_public(self).ptr, KEY_SIZE);
        struct offer_signed s = offer_signed(&h->offer, peer);
        bus_identity_sign(self, core_strn(&s, sizeof s), h->offer.signature);
        h->offer_len = sizeof h->offer;
    }
    return h;
}

void bus_handshake_free(struct bus_handshake *h)
{
    if (!h)
        return;
    bus_xwing_free(h->key);
    free(h);
}

struct core_str bus_handshake_offer(const struct bus_handshake *h)
{
    return core_strn(&h->offer, h->offer_len);
}

int bus_handshake_finish(struct bus_handshake *h, struct core_str bytes,
                         struct bus_session **ret_session)
{
    unsigned char secret[BUS_XWING_SECRET_SIZE];
    struct bus_xwing *key = h->key;
    struct reply reply;
    int err = CORE_EPROTO;
    h->key = NULL;
    if (!key)
        return CORE_ECLOSED;
    if (bytes.len != sizeof reply)
        goto out;
    memcpy(&reply, bytes.ptr, sizeof reply);
    err = CORE_EDENIED;
    if (!is_name(reply.responder) ||
        (h->particular && memcmp(reply.responder, h->peer, KEY_SIZE) != 0))
        goto out;
    struct reply_signed s = reply_signed(bus_handshake_offer(h), &reply);
    err = core_ed25519_verify(reply.responder, core_strn(&s, sizeof s), reply.signature);
    if (!err)
        err = bus_xwing_decapsulate(key, reply.ct, secret);
    if (!err)
        *ret_session = session_of(s.transcript, secret, true, reply.responder);

out:
    core_wipe(secret, sizeof secret);
    bus_xwing_free(key);
    return err;
}

/* --- Responder ------------------------------------------------------------------------------ */

/* CORE_EPROTO or CORE_EDENIED; ret_named: whether it names its initiator. */
static int offer_read(struct core_str bytes, const unsigned char self[static KEY_SIZE],
                      struct offer *ret_offer, bool *ret_named)
{
    struct offer offer;
    bool named = bytes.len == sizeof offer;
    if (!named && bytes.len != sizeof offer.pk)
        return CORE_EPROTO;
    memcpy(&offer, bytes.ptr, bytes.len);
    if (named) {
        if (!is_name(offer.initiator))
            return CORE_EDENIED;
        struct offer_signed s = offer_signed(&offer, self);
        int err = core_ed25519_verify(offer.initiator, core_strn(&s, sizeof s), offer.signature);
        if (err)
            return err;
    }
    *ret_offer = offer;
    *ret_named = named;
    return 0;
}

int bus_handshake_answer(const struct core_env *env, const struct bus_identity *self,
                         struct core_str bytes,
                         unsigned char ret_reply[static BUS_HANDSHAKE_REPLY_SIZE],
                         struct bus_session **ret_session)
{
    unsigned char random[BUS_XWING_RANDOM_SIZE], secret[BUS_XWING_SECRET_SIZE];
    struct offer offer;
    struct reply reply;
    bool named;
    memcpy(reply.responder, bus_identity_public(self).ptr, KEY_SIZE);
    int err = offer_read(bytes, reply.responder, &offer, &named);
    if (err)
        return err;
    env->random(env->ctx, random, sizeof random);
    err = bus_xwing_encapsulate(offer.pk, random, reply.ct, secret);
    if (!err) {
        struct reply_signed s = reply_signed(bytes, &reply);
        bus_identity_sign(self, core_strn(&s, sizeof s), reply.signature);
        *ret_session = session_of(s.transcript, secret, false, named ? offer.initiator : NULL);
        memcpy(ret_reply, &reply, sizeof reply);
    }
    core_wipe(random, sizeof random);
    core_wipe(secret, sizeof secret);
    return err;
}
