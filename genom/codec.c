/*
 * codec.c: any bytes to fewer and back. What does not become shorter is kept as it is behind one
 * byte, so that nothing ever grows by more.
 *
 *     nothing          the empty text
 *     RAW bytes        as it is
 *     anything else    mode fast (fast.c) or dense (dense.c), as its head says
 */
#include "genom/inside.h"

/* No encoder of a mode begins with it: the head leaves the top of the range alone. */
#define RAW 0xff

/* Mode dense only where it is not longer. */
static int encode(const struct genom_dict *dict, enum genom_mode mode, const char *in, size_t len,
                  uint8_t *out, size_t cap, size_t *ret_len)
{
    size_t fast_len = cap;
    int err = genom__text_encode(dict, GENOM_FAST, in, len, out, cap, &fast_len);
    if (mode == GENOM_FAST) {
        if (!err)
            *ret_len = fast_len;
        return err;
    }
    if (!genom__text_encode(dict, GENOM_DENSE, in, len, out, fast_len, ret_len))
        return 0;
    return err ? err : genom__text_encode(dict, GENOM_FAST, in, len, out, cap, ret_len);
}

/* What the modes cannot do, or not shorter. */
static int keep_raw(const void *in, size_t len, uint8_t *out, size_t cap, size_t *ret_len)
{
    *ret_len = len + 1;
    if (cap <= len)
        return GENOM_ESPACE;
    out[0] = RAW;
    memcpy(out + 1, in, len);
    return 0;
}

int genom_encode(const struct genom_dict *dict, enum genom_mode mode, const void *in, size_t len,
                 void *out, size_t cap, size_t *ret_len)
{
    size_t most = len < cap ? len : cap;
    if (mode != GENOM_FAST && mode != GENOM_DENSE)
        return GENOM_EVERSION;
    if (len == 0) {
        *ret_len = 0;
        return 0;
    }
    if (len <= UINT32_MAX && !encode(dict, mode, in, len, out, most, ret_len))
        return 0;
    return keep_raw(in, len, out, cap, ret_len);
}

int genom_encode_pieces(const struct genom_dict *dict, const char *text, size_t len,
                        const struct genom_piece *pieces, size_t count, void *out, size_t cap,
                        size_t *ret_len)
{
    size_t most = len < cap ? len : cap;
    if (len == 0) {
        *ret_len = 0;
        return 0;
    }
    if (!genom__pieces_encode(dict, text, pieces, count, out, most, ret_len))
        return 0;
    return keep_raw(text, len, out, cap, ret_len);
}

int genom_decode(const struct genom_dict *dict, const void *in, size_t len, void *out, size_t cap,
                 size_t *ret_len)
{
    const uint8_t *bytes = in;
    if (len == 0) {
        *ret_len = 0;
        return 0;
    }
    if (bytes[0] != RAW)
        return genom__pieces_decode(dict, bytes, len, out, cap, ret_len);
    if (len - 1 > cap)
        return GENOM_ESPACE;
    memcpy(out, bytes + 1, len - 1);
    *ret_len = len - 1;
    return 0;
}
