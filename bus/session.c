/*
 * session.c: sealed messages.
 *
 *     offset  bytes
 *          0      1  form: 1, a payload; 2, tokens
 *          1      8  counter, little-endian, from 0 in each direction
 *          9      n  ciphertext, as long as the text; tokens: three bytes each (genom/rotate.c)
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

enum { FORM_PAYLOAD = 1, FORM_TOKENS = 2, HEAD = 9 };
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

static void put_head(unsigned char form, uint64_t counter, unsigned char head[static HEAD])
{
    head[0] = form;
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
    put_head(FORM_PAYLOAD, s->send.next, to);
    nonce_of(to, nonce);
    core_aead_seal(s->send.key, nonce, aad, text, to + HEAD);
    core_buf_grew(out, text.len + BUS_SESSION_EXTRA);
    if (ret_counter)
        *ret_counter = s->send.next;
    s->send.next++;
    return 0;
}

/* Is it the next message, and of that form? */
static int is_next(const struct bus_session *s, struct core_str sealed, unsigned char form)
{
    const unsigned char *head = (const unsigned char *)sealed.ptr;
    if (sealed.len < BUS_SESSION_EXTRA || head[0] != form)
        return CORE_EPROTO;
    if (sealed.len - BUS_SESSION_EXTRA > BUS_LIMIT_SEALED)
        return CORE_ETOOBIG;
    if (s->receive.next >= BUS_LIMIT_SESSION_MESSAGES)
        return CORE_ECLOSED;
    uint64_t counter = get_counter(head);
    if (counter != s->receive.next)
        return counter < s->receive.next ? CORE_EEXISTS : CORE_EMISMATCH;
    return 0;
}

int bus_session_open(struct bus_session *s, struct core_str aad, struct core_str sealed,
                     struct core_buf *out)
{
    unsigned char nonce[CORE_AEAD_NONCE_SIZE];
    const unsigned char *head = (const unsigned char *)sealed.ptr;
    int err = aad.len > BUS_LIMIT_SEALED ? CORE_ETOOBIG : is_next(s, sealed, FORM_PAYLOAD);
    if (err)
        return err;
    size_t len = sealed.len - BUS_SESSION_EXTRA;
    unsigned char *to = (unsigned char *)core_buf_reserve(out, len);
    if (!to)
        return core_buf_error(out);
    nonce_of(head, nonce);
    err = core_aead_open(s->receive.key, nonce, aad, core_strn(head + HEAD, sealed.len - HEAD), to);
    if (err)
        return err;
    core_buf_grew(out, len);
    s->receive.next++;
    return 0;
}

/* --- Tokens --------------------------------------------------------------------------------- */

static void seal_for_genom(void *ctx, const uint8_t key[32], const uint8_t nonce[12],
                           const void *head, size_t head_len, const void *body, size_t body_len,
                           const void *bytes, size_t len, uint8_t *out)
{
    (void)ctx;
    core_aead_seal_two(key, nonce, core_strn(head, head_len), core_strn(body, body_len),
                       core_strn(bytes, len), out);
}

const struct genom_crypto bus_genom_crypto = {.seal = seal_for_genom};

bool bus_session_is_tokens(struct core_str sealed)
{
    return sealed.len > 0 && sealed.ptr[0] == FORM_TOKENS;
}

int bus_session_seal_tokens(struct bus_session *s, const struct genom_dict *dict,
                            struct core_str aad, const uint32_t *ids, size_t count,
                            struct core_buf *out, uint64_t *ret_counter)
{
    if (count > BUS_LIMIT_SEALED / 3 || aad.len > BUS_LIMIT_SEALED)
        return CORE_ETOOBIG;
    if (s->send.next >= BUS_LIMIT_SESSION_MESSAGES)
        return CORE_ECLOSED;
    unsigned char *to = (unsigned char *)core_buf_reserve(out, 3 * count + BUS_SESSION_EXTRA);
    if (!to)
        return core_buf_error(out);
    put_head(FORM_TOKENS, s->send.next, to);
    if (genom_seal_tokens(dict, &bus_genom_crypto, s->send.key, s->send.next, aad.ptr, aad.len, ids,
                          count, to + HEAD))
        return CORE_EINVAL;
    core_buf_grew(out, 3 * count + BUS_SESSION_EXTRA);
    if (ret_counter)
        *ret_counter = s->send.next;
    s->send.next++;
    return 0;
}

int bus_session_open_tokens(struct bus_session *s, const struct genom_dict *dict,
                            struct core_str aad, struct core_str sealed, struct core_buf *out)
{
    int err = aad.len > BUS_LIMIT_SEALED ? CORE_ETOOBIG : is_next(s, sealed, FORM_TOKENS);
    if (err)
        return err;
    size_t count = (sealed.len - BUS_SESSION_EXTRA) / 3;
    char *to = core_buf_reserve(out, count * sizeof(uint32_t));
    if (!to)
        return core_buf_error(out);
    if (genom_open_tokens(dict, &bus_genom_crypto, s->receive.key, s->receive.next, aad.ptr,
                          aad.len, (const uint8_t *)sealed.ptr + HEAD, sealed.len - HEAD,
                          (uint32_t *)(void *)to))
        return CORE_EDENIED;
    core_buf_grew(out, count * sizeof(uint32_t));
    s->receive.next++;
    return 0;
}
