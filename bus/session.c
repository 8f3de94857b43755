/*
 * session.c: sealed messages.
 *
 *     offset  bytes
 *          0      1  form: 1, a payload
 *          1      8  counter, little-endian, from 0 in each direction
 *          9      n  ciphertext, as long as the text
 *      9 + n     16  Poly1305 tag over the aad and the ciphertext
 *
 *     nonce = form, three zeros, counter: the head is authenticated by being the nonce
 *
 * A key serves one direction of one handshake, so a counter that never comes twice is all that a
 * nonce has to be.
 */
#include "bus/session.h"

#include "core/crypto.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>

enum { FORM_PAYLOAD = 1, HEAD = 9 };
static_assert(HEAD + CORE_AEAD_TAG_SIZE == BUS_SESSION_EXTRA, "head and tag");
static_assert(CORE_AEAD_KEY_SIZE == BUS_SESSION_KEY_SIZE, "one key a direction");

struct direction {
    unsigned char key[CORE_AEAD_KEY_SIZE];
    uint64_t next; /* the counter of the message that comes next */
};

struct bus_session {
    struct direction send, receive;
    bool named;
    unsigned char peer[CORE_ED25519_PUBLIC_SIZE];
};

static void put_head(uint64_t counter, unsigned char head[static HEAD])
{
    head[0] = FORM_PAYLOAD;
    for (unsigned i = 0; i < 8; i++)
        head[1 + i] = (unsigned char)(counter >> 8 * i);
}

static uint64_t get_counter(const unsigned char head[static HEAD])
{
    uint64_t counter = 0;
    for (unsigned i = 8; i > 0; i--)
        counter = counter << 8 | head[i];
    return counter;
}

static void nonce_of(const unsigned char head[static HEAD],
                     unsigned char nonce[static CORE_AEAD_NONCE_SIZE])
{
    memset(nonce, 0, CORE_AEAD_NONCE_SIZE);
    nonce[0] = head[0];
    memcpy(nonce + 4, head + 1, 8);
}

struct bus_session *bus_session_new(const unsigned char send_key[static BUS_SESSION_KEY_SIZE],
                                    const unsigned char receive_key[static BUS_SESSION_KEY_SIZE],
                                    const unsigned char *peer)
{
    struct bus_session *s = core_alloc(sizeof *s);
    memcpy(s->send.key, send_key, BUS_SESSION_KEY_SIZE);
    memcpy(s->receive.key, receive_key, BUS_SESSION_KEY_SIZE);
    s->named = peer != NULL;
    if (peer)
        memcpy(s->peer, peer, sizeof s->peer);
    return s;
}

void bus_session_free(struct bus_session *s)
{
    if (!s)
        return;
    core_wipe(s, sizeof *s);
    free(s);
}

struct core_str bus_session_peer(const struct bus_session *s)
{
    return core_strn(s->peer, s->named ? sizeof s->peer : 0);
}

int bus_session_seal(struct bus_session *s, struct core_str aad, struct core_str text,
                     struct core_buf *out, uint64_t *ret_counter)
{
    unsigned char nonce[CORE_AEAD_NONCE_SIZE];
    if (text.len > BUS_LIMIT_SEALED || aad.len > BUS_LIMIT_SEALED)
        return CORE_ETOOBIG;
    if (s->send.next >= BUS_LIMIT_SESSION_MESSAGES)
        return CORE_ECLOSED;
    unsigned char *to = (unsigned char *)core_buf_reserve(out, text.len + BUS_SESSION_EXTRA);
    if (!to)
        return core_buf_error(out);
    put_head(s->send.next, to);
    nonce_of(to, nonce);
    core_aead_seal(s->send.key, nonce, aad, text, to + HEAD);
    core_buf_grew(out, text.len + BUS_SESSION_EXTRA);
    if (ret_counter)
        *ret_counter = s->send.next;
    s->send.next++;
    return 0;
}

int bus_session_open(struct bus_session *s, struct core_str aad, struct core_str sealed,
                     struct core_buf *out)
{
    unsigned char nonce[CORE_AEAD_NONCE_SIZE];
    const unsigned char *head = (const unsigned char *)sealed.ptr;
    if (sealed.len < BUS_SESSION_EXTRA || head[0] != FORM_PAYLOAD)
        return CORE_EPROTO;
    size_t len = sealed.len - BUS_SESSION_EXTRA;
    if (len > BUS_LIMIT_SEALED || aad.len > BUS_LIMIT_SEALED)
        return CORE_ETOOBIG;
    if (s->receive.next >= BUS_LIMIT_SESSION_MESSAGES)
        return CORE_ECLOSED;
    uint64_t counter = get_counter(head);
    if (counter != s->receive.next)
        return counter < s->receive.next ? CORE_EEXISTS : CORE_EMISMATCH;
    unsigned char *to = (unsigned char *)core_buf_reserve(out, len);
    if (!to)
        return core_buf_error(out);
    nonce_of(head, nonce);
    int err = core_aead_open(s->receive.key, nonce, aad, core_strn(head + HEAD, sealed.len - HEAD),
                             to);
    if (err)
        return err;
    core_buf_grew(out, len);
    s->receive.next++;
    return 0;
}
