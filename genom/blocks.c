/*
 * blocks.c: many texts, and large ones, by genom_encode() and genom_decode().
 *
 *     block   u32 length of what follows, little-endian; a coded text of 1 … GENOM_BLOCK bytes
 */
#include "genom/inside.h"

#define HEAD 4

int genom_encode_all(const struct genom_dict *dict, enum genom_mode mode,
                     const struct genom_str *texts, size_t count, void *out, size_t cap,
                     size_t *ret_ends)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len;
        int err = genom_encode(dict, mode, texts[i].ptr, texts[i].len, (char *)out + at, cap - at,
                               &len);
        if (err)
            return err;
        ret_ends[i] = at += len;
    }
    return 0;
}

int genom_block_put(const struct genom_dict *dict, enum genom_mode mode, const void *in, size_t len,
                    void *out, size_t cap, size_t *ret_len)
{
    uint8_t *bytes = out;
    size_t coded;
    if (len < 1 || len > GENOM_BLOCK)
        return GENOM_EDATA;
    if (cap < HEAD + 1) {
        *ret_len = len + GENOM_BLOCK_EXTRA;
        return GENOM_ESPACE;
    }
    int err = genom_encode(dict, mode, in, len, bytes + HEAD, cap - HEAD, &coded);
    if (err == GENOM_ESPACE)
        *ret_len = HEAD + coded;
    if (err)
        return err;
    for (unsigned i = 0; i < HEAD; i++)
        bytes[i] = (uint8_t)(coded >> (8 * i));
    *ret_len = HEAD + coded;
    return 0;
}

int genom_block_get(const struct genom_dict *dict, const void *in, size_t len, size_t *ret_used,
                    void *out, size_t cap, size_t *ret_len)
{
    const uint8_t *bytes = in;
    size_t text_len;
    if (len < HEAD)
        return GENOM_EMORE;
    size_t coded = load32(bytes);
    if (coded < 1 || coded > GENOM_BLOCK + 1)
        return GENOM_EDATA;
    if (coded > len - HEAD)
        return GENOM_EMORE;
    size_t room = cap < GENOM_BLOCK ? cap : GENOM_BLOCK;
    int err = genom_decode(dict, bytes + HEAD, coded, out, room, &text_len);
    if (err)
        return err == GENOM_ESPACE && cap >= GENOM_BLOCK ? GENOM_EDATA : err;
    if (text_len == 0)
        return GENOM_EDATA;
    *ret_used = HEAD + coded;
    *ret_len = text_len;
    return 0;
}
