/*
 * utf8.c: UTF-8 of str.h: checking, decoding, cutting, and the properties of characters that search
 * needs (belongs to a word; lower case; the letter under its marks). The tables come from
 * unicode_table.h. Not here: normalisation, collation, full case folding.
 */
#include "core/str.h"

#include "core/unicode_table.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Length of the well-formed sequence that starts with a byte ≥ 0x80 at p, 0 for none. */
static size_t sequence(const unsigned char *p, size_t left, uint32_t *ret_code)
{
    unsigned char a = p[0];
    if (a < 0xc2 || a > 0xf4)
        return 0;
    size_t len = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
    if (left < len || (p[1] & 0xc0) != 0x80)
        return 0;
    if (len == 2) {
        *ret_code = (uint32_t)(a & 0x1f) << 6 | (p[1] & 0x3f);
        return 2;
    }
    if ((p[2] & 0xc0) != 0x80)
        return 0;
    if (len == 3) {
        uint32_t code = (uint32_t)(a & 0xf) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        if (code < 0x800 || (code >= 0xd800 && code <= 0xdfff))
            return 0;
        *ret_code = code;
        return 3;
    }
    if ((p[3] & 0xc0) != 0x80)
        return 0;
    uint32_t code = (uint32_t)(a & 7) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
                    (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
    if (code < 0x10000 || code > 0x10ffff)
        return 0;
    *ret_code = code;
    return 4;
}

bool core_utf8_valid(struct core_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = 0;
    while (i < s.len) {
        /* Most text is ASCII: eight bytes at a time. */
        uint64_t word;
        if (s.len - i >= sizeof word) {
            memcpy(&word, p + i, sizeof word);
            if ((word & 0x8080808080808080u) == 0) {
                i += sizeof word;
                continue;
            }
        }
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        uint32_t code;
        size_t len = sequence(p + i, s.len - i, &code);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

size_t core_utf8_next(struct core_str s, size_t at, uint32_t *ret_code)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    if (*p < 0x80) {
        *ret_code = *p;
        return 1;
    }
    size_t len = sequence(p, s.len - at, ret_code);
    if (len > 0)
        return len;
    *ret_code = 0xfffd;
    return 1;
}

size_t core_utf8_put(uint32_t code, char out[static 4])
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        code = 0xfffd;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

size_t core_utf8_cut(struct core_str s, size_t max)
{
    if (s.len <= max)
        return s.len;
    /* A sequence has at most three bytes behind its first: more are no text, cut anywhere. */
    size_t cut = max;
    for (int back = 0; back < 3 && cut > 0 && ((unsigned char)s.ptr[cut] & 0xc0) == 0x80; back++)
        cut--;
    return ((unsigned char)s.ptr[cut] & 0xc0) == 0x80 ? max : cut;
}

uint32_t core_utf8_lower(uint32_t code)
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
    size_t low = 0;
    size_t high = COUNT(unicode_folds);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct unicode_fold *f = &unicode_folds[mid];
        if (code < f->first)
            high = mid;
        else if (code > f->last)
            low = mid + 1;
        else if ((code - f->first) % f->step == 0)
            return (uint32_t)((int32_t)code + f->delta);
        else
            return code;
    }
    return code;
}

uint32_t core_utf8_plain(uint32_t code)
{
    if (code < 0x80)
        return code;
    if (code >= 0x300 && code <= 0x36f)
        return 0;
    size_t low = 0;
    size_t high = COUNT(unicode_plains);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (code < unicode_plains[mid].code)
            high = mid;
        else if (code > unicode_plains[mid].code)
            low = mid + 1;
        else
            return (uint32_t)unicode_plains[mid].letter;
    }
    return code;
}

bool core_utf8_is_word(uint32_t code)
{
    if (code < UNICODE_BITMAP_END)
        return unicode_word_bits[code / 32] >> code % 32 & 1;
    size_t low = 0;
    size_t high = COUNT(unicode_word_ranges);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct unicode_range *r = &unicode_word_ranges[mid];
        if (code < r->first)
            high = mid;
        else if (code > r->last)
            low = mid + 1;
        else
            return true;
    }
    return false;
}
