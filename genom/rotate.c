/*
 * rotate.c: Phase Rotation: a token at position i of the ring moves to (i + k) mod n, by another
 * secret k for each token: z' = z · e^(iθ) on the unit circle.
 *
 *     k       the keystream's next u32 below the largest multiple of n, mod n: without bias
 *     nonce   2, chunk (u24), counter (u64): a chunk is 4,096 bytes of keystream
 *     tag     of the header's length (u64) as text, with header and ciphertext as associated data, in
 *             chunk 0xffffff
 *
 * The secrecy is ChaCha20's, the integrity Poly1305's; the rotation shows both on the ring. How
 * many tokens there are is not hidden.
 */
#include "genom/inside.h"

#define CHUNK 4096
#define TAG_CHUNK 0xffffffu

struct turns {
    const struct genom_crypto *crypto;
    const uint8_t *key;
    uint64_t counter;
    uint32_t n, limit; /* what is drawn lies below */
    uint32_t chunk;
    size_t at;
    uint8_t stream[CHUNK + 16];
};

static void nonce_of(uint32_t chunk, uint64_t counter, uint8_t nonce[12])
{
    nonce[0] = 2;
    for (unsigned i = 0; i < 3; i++)
        nonce[1 + i] = (uint8_t)(chunk >> (8 * i));
    for (unsigned i = 0; i < 8; i++)
        nonce[4 + i] = (uint8_t)(counter >> (8 * i));
}

static void turns_begin(struct turns *t, const struct genom_dict *dict,
                        const struct genom_crypto *crypto, const uint8_t *key, uint64_t counter)
{
    t->crypto = crypto;
    t->key = key;
    t->counter = counter;
    t->n = dict->count;
    t->limit = UINT32_MAX - UINT32_MAX % dict->count;
    t->chunk = 0;
    t->at = CHUNK;
}

static void wipe(void *secret, size_t len)
{
    volatile uint8_t *p = secret;
    while (len-- > 0)
        *p++ = 0;
}

static uint32_t turn_next(struct turns *t)
{
    static const uint8_t zeros[CHUNK];
    uint32_t drawn;
    do {
        if (t->at == CHUNK) {
            uint8_t nonce[12];
            nonce_of(t->chunk++, t->counter, nonce);
            t->crypto->seal(t->crypto->ctx, t->key, nonce, NULL, 0, NULL, 0, zeros, CHUNK,
                            t->stream);
            t->at = 0;
        }
        drawn = load32(t->stream + t->at);
        t->at += 4;
    } while (drawn >= t->limit);
    return drawn % t->n;
}

static void put24(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
}

static uint32_t get24(const uint8_t *p)
{
    return load16(p) | (uint32_t)p[2] << 16;
}

static void tag_of(const struct genom_crypto *crypto, const uint8_t *key, uint64_t counter,
                   const void *aad, size_t aad_len, const uint8_t *bytes, size_t len,
                   uint8_t ret_tag[16])
{
    uint8_t nonce[12], length[8], sealed[8 + 16];
    for (unsigned i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)aad_len >> (8 * i));
    nonce_of(TAG_CHUNK, counter, nonce);
    crypto->seal(crypto->ctx, key, nonce, aad, aad_len, bytes, len, length, sizeof length, sealed);
    memcpy(ret_tag, sealed + sizeof length, 16);
}

static bool are_ids(const struct genom_dict *dict, const uint32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] >= dict->count)
            return false;
    return true;
}

int genom_seal_tokens(const struct genom_dict *dict, const struct genom_crypto *crypto,
                      const uint8_t key[32], uint64_t counter, const void *aad, size_t aad_len,
                      const uint32_t *ids, size_t count, uint8_t *out)
{
    struct turns turns;
    if (count > GENOM_SEALED_MAX || !are_ids(dict, ids, count))
        return GENOM_EDATA;
    turns_begin(&turns, dict, crypto, key, counter);
    for (size_t i = 0; i < count; i++) {
        uint64_t position = load32(dict->posn + 4 * (size_t)ids[i]);
        uint32_t id = genom_ring(dict, (uint32_t)((position + turn_next(&turns)) % dict->count));
        put24(out + 3 * i, id);
    }
    wipe(&turns, sizeof turns);
    tag_of(crypto, key, counter, aad, aad_len, out, 3 * count, out + 3 * count);
    return 0;
}

int genom_open_tokens(const struct genom_dict *dict, const struct genom_crypto *crypto,
                      const uint8_t key[32], uint64_t counter, const void *aad, size_t aad_len,
                      const uint8_t *sealed, size_t len, uint32_t *ret_ids)
{
    struct turns turns;
    uint8_t tag[16], differ = 0;
    if (len < GENOM_SEALED_EXTRA || (len - GENOM_SEALED_EXTRA) % 3 ||
        (len - GENOM_SEALED_EXTRA) / 3 > GENOM_SEALED_MAX)
        return GENOM_EDATA;
    size_t count = (len - GENOM_SEALED_EXTRA) / 3;
    tag_of(crypto, key, counter, aad, aad_len, sealed, 3 * count, tag);
    for (unsigned i = 0; i < 16; i++)
        differ |= tag[i] ^ sealed[3 * count + i];
    if (differ)
        return GENOM_EDATA;
    turns_begin(&turns, dict, crypto, key, counter);
    for (size_t i = 0; i < count; i++) {
        uint32_t id = get24(sealed + 3 * i), turn = turn_next(&turns);
        uint64_t position = id < dict->count ? load32(dict->posn + 4 * (size_t)id) : 0;
        ret_ids[i] = genom_ring(
            dict, (uint32_t)((position % dict->count + dict->count - turn) % dict->count));
    }
    wipe(&turns, sizeof turns);
    return 0;
}
