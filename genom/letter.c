/* letter.c: what belongs to words, and the two cases of a letter. Tables: tools/letter-table. */
#include "genom/inside.h"
#include "genom/letter_table.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

size_t genom__utf8(const char *text, size_t len, uint32_t *ret_code)
{
    const uint8_t *p = (const uint8_t *)text;
    if (len == 0 || p[0] < 0x80) {
        *ret_code = len ? p[0] : 0;
        return len ? 1 : 0;
    }
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (p[0] < 0xc2 || p[0] > 0xf4 || len < n)
        return 0;
    uint32_t code = p[0] & (0x7f >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3f);
    }
    if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    *ret_code = code;
    return n;
}

size_t genom__utf8_put(uint32_t code, char ret[4])
{
    if (code < 0x80) {
        ret[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        ret[i] = (char)(0x80 | (code & 0x3f));
    ret[0] = (char)((0xf00 >> n) | code);
    return n;
}

uint32_t genom__upper(uint32_t code)
{
    if (code < 0x80)
        return code >= 'a' && code <= 'z' ? code - 32 : code;
    size_t low = 0, high = COUNT(cases);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > cases[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == COUNT(cases) || code < cases[low].first ||
        (code - cases[low].first) % cases[low].step)
        return code;
    return code + (uint32_t)cases[low].delta;
}

/* Capitals are in no order of their own, but most letters of a text are small. */
uint32_t genom__lower(uint32_t code)
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + 32 : code;
    if (genom__upper(code) != code)
        return code;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t small = code - (uint32_t)cases[i].delta;
        if (small >= cases[i].first && small <= cases[i].last &&
            (small - cases[i].first) % cases[i].step == 0)
            return small;
    }
    return code;
}

unsigned genom__letter(uint32_t code)
{
    if (code < 0x80)
        return (code | 32) >= 'a' && (code | 32) <= 'z' ? LETTER_YES : LETTER_NO;
    size_t low = 0, high = COUNT(letters);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > letters[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < COUNT(letters) && code >= letters[low].first ? letters[low].kind : LETTER_NO;
}

bool genom__cased_beyond(struct genom_str form)
{
    uint32_t code;
    return genom__utf8(form.ptr, form.len, &code) && genom__upper(code) != code;
}

static void add(char *out, size_t cap, size_t *at, const char *bytes, size_t len)
{
    if (*at <= cap && len > 0 && len <= cap - *at)
        memcpy(out + *at, bytes, len);
    *at += len;
}

int genom__put_cased(struct genom_str form, unsigned casing, char *out, size_t cap, size_t *ret_len)
{
    size_t at = 0, put = 0;
    while (at < form.len && (casing == 2 || (casing == 1 && at == 0))) {
        uint32_t code;
        char bytes[4];
        size_t n = genom__utf8(form.ptr + at, form.len - at, &code), m = 1;
        if (n == 0) /* only byte tokens, which have no case */
            bytes[0] = form.ptr[at], n = 1;
        else
            m = genom__utf8_put(genom__upper(code), bytes);
        add(out, cap, &put, bytes, m);
        at += n;
    }
    add(out, cap, &put, form.ptr + at, form.len - at);
    *ret_len = put;
    return put > cap ? GENOM_ESPACE : 0;
}
