/*
 * encode.c: hex and base64 of str.h. Decoders are strict: one text has one meaning, so that a
 * signature or a key has a single spelling (but for the alphabet and the optional padding).
 */
#include "core/str.h"

#include "core/err.h"

/* --- Hex ------------------------------------------------------------------------------------ */

void core_hex_encode(const void *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    out[2 * len] = '\0';
}

int core_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

ssize_t core_hex_decode(struct core_str hex, void *out, size_t cap)
{
    if (hex.len % 2 != 0)
        return CORE_EINVAL;
    if (hex.len / 2 > cap)
        return CORE_ETOOBIG;
    /* Looks at everything first: out stays untouched on failure. */
    for (size_t i = 0; i < hex.len; i++)
        if (core_hex_value(hex.ptr[i]) < 0)
            return CORE_EINVAL;
    unsigned char *to = out;
    for (size_t i = 0; i < hex.len; i += 2)
        *to++ = (unsigned char)(core_hex_value(hex.ptr[i]) << 4 | core_hex_value(hex.ptr[i + 1]));
    return (ssize_t)(hex.len / 2);
}

/* --- Base64 --------------------------------------------------------------------------------- */

static const char standard_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t core_base64_size(size_t len)
{
    return (len / 3 + (len % 3 != 0)) * 4 + 1;
}

size_t core_base64_encode(const void *bytes, size_t len, bool url, char *out)
{
    const char *alphabet = url ? url_alphabet : standard_alphabet;
    const unsigned char *in = bytes;
    char *to = out;
    size_t i = 0;
    for (; i + 3 <= len; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        *to++ = alphabet[v >> 18];
        *to++ = alphabet[v >> 12 & 63];
        *to++ = alphabet[v >> 6 & 63];
        *to++ = alphabet[v & 63];
    }
    if (i < len) {
        bool two = i + 2 == len;
        uint32_t v = (uint32_t)in[i] << 16 | (two ? (uint32_t)in[i + 1] << 8 : 0);
        *to++ = alphabet[v >> 18];
        *to++ = alphabet[v >> 12 & 63];
        if (two)
            *to++ = alphabet[v >> 6 & 63];
        for (int pad = two ? 1 : 2; !url && pad > 0; pad--)
            *to++ = '=';
    }
    *to = '\0';
    return (size_t)(to - out);
}

/* 0 … 63, or 64 for a byte of neither alphabet. */
static unsigned base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return 64;
}

/* Takes the padding off *text; false when it is not what the length asks for. */
static bool base64_unpad(struct core_str *text)
{
    size_t pad = 0;
    while (pad < 2 && pad < text->len && text->ptr[text->len - 1 - pad] == '=')
        pad++;
    if (pad > 0 && text->len % 4 != 0)
        return false;
    text->len -= pad;
    return text->len % 4 != 1;
}

ssize_t core_base64_decode(struct core_str text, void *out, size_t cap)
{
    if (!base64_unpad(&text))
        return CORE_EINVAL;
    size_t rest = text.len % 4;
    size_t size = text.len / 4 * 3 + (rest > 0 ? rest - 1 : 0);
    if (size > cap)
        return CORE_ETOOBIG;
    /* Looks at everything first: out stays untouched on failure. */
    for (size_t i = 0; i < text.len; i++)
        if (base64_value(text.ptr[i]) > 63)
            return CORE_EINVAL;
    /* The bits of the last character that belong to no byte must be zero. */
    if (rest > 0 && (base64_value(text.ptr[text.len - 1]) & (rest == 2 ? 15 : 3)) != 0)
        return CORE_EINVAL;

    unsigned char *to = out;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < text.len; i++) {
        bits = bits << 6 | base64_value(text.ptr[i]);
        count += 6;
        if (count >= 8) {
            count -= 8;
            *to++ = (unsigned char)(bits >> count);
        }
    }
    return (ssize_t)size;
}
