/*
 * mail_code.c: decoders for mail. Encoded words that follow each other in one charset are decoded
 * together, since programs cut them without regard to characters.
 */
#include "ai/extract/mail_code.h"

#include "ai/extract/charset.h"
#include "core/limits.h"

/* Of an encoded word: a dozen times what is allowed. */
#define WORD_BYTES 1024

/* --- Bodies --------------------------------------------------------------------------------- */

/* The byte that two digits at `at` say, or −1. */
static int hex_byte(struct core_str s, size_t at)
{
    int high = at < s.len ? core_hex_value(s.ptr[at]) : -1;
    int low = at + 1 < s.len ? core_hex_value(s.ptr[at + 1]) : -1;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Bytes of the line end at `at` with the spaces before it, that a soft break hides; 0 = none. */
static size_t line_end_at(struct core_str s, size_t at)
{
    size_t i = at;
    while (i < s.len && (s.ptr[i] == ' ' || s.ptr[i] == '\t' || s.ptr[i] == '\r'))
        i++;
    return i < s.len && s.ptr[i] == '\n' ? i + 1 - at : 0;
}

void ai_mail_quoted_printable(struct core_str text, bool word, struct core_buf *out)
{
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at++];
        if (c == '=') {
            int byte = hex_byte(text, at);
            size_t end = word || byte >= 0 ? 0 : line_end_at(text, at);
            if (byte >= 0 || end > 0) {
                if (byte >= 0)
                    core_buf_add_byte(out, (char)byte);
                at += byte >= 0 ? 2 : end;
                continue;
            }
        }
        core_buf_add_byte(out, word && c == '_' ? ' ' : c);
    }
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

void ai_mail_base64(struct core_str text, struct core_buf *out)
{
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t at = 0; at < text.len; at++) {
        int value = base64_value(text.ptr[at]);
        if (text.ptr[at] == '=')
            count = 0; /* what comes behind the padding begins anew */
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            core_buf_add_byte(out, (char)(bits >> count));
        }
    }
}

void ai_mail_percent(struct core_str text, struct core_buf *out)
{
    for (size_t at = 0; at < text.len; at++) {
        int byte = text.ptr[at] == '%' ? hex_byte(text, at + 1) : -1;
        core_buf_add_byte(out, byte >= 0 ? (char)byte : text.ptr[at]);
        at += byte >= 0 ? 2 : 0;
    }
}

/* --- Headers -------------------------------------------------------------------------------- */

struct word {
    struct core_str charset, text;
    bool base64;
    size_t len;
};

/* "=?charset?B?text?=" at the beginning? */
static bool word_at(struct core_str s, struct word *ret)
{
    struct core_str rest, code;
    if (!core_str_starts(s, CORE_STR("=?")))
        return false;
    rest = core_strn(s.ptr + 2, (s.len < WORD_BYTES ? s.len : WORD_BYTES) - 2);
    if (!core_str_split(&rest, '?', &ret->charset) || !core_str_split(&rest, '?', &code) ||
        code.len != 1)
        return false;
    ssize_t end = core_str_find(rest, CORE_STR("?="));
    char kind = (char)(code.ptr[0] | 0x20);
    if (end < 0 || (kind != 'b' && kind != 'q') || core_str_find_byte(ret->charset, ' ') >= 0)
        return false;
    ssize_t language = core_str_find_byte(ret->charset, '*');
    ret->charset.len = language >= 0 ? (size_t)language : ret->charset.len;
    ret->text = core_strn(rest.ptr, (size_t)end);
    ret->base64 = kind == 'b';
    ret->len = (size_t)(rest.ptr + end + 2 - s.ptr);
    return true;
}

/* Decodes what was gathered and forgets it. */
static void flush(struct core_buf *raw, struct core_str charset, struct core_buf *out)
{
    if (raw->len > 0 && ai_charset_decode(core_buf_str(raw), charset, out) != 0)
        core_buf_add(out, "\xEF\xBF\xBD", 3);
    core_buf_clear(raw);
}

void ai_mail_words(struct core_str text, struct core_buf *out)
{
    struct core_buf raw;
    struct core_str charset = {"", 0};
    struct word word;
    core_buf_init(&raw, AI_LIMIT_DOCUMENT_BYTES);
    for (size_t at = 0; at < text.len;) {
        struct core_str rest = core_strn(text.ptr + at, text.len - at);
        size_t skip = 0;
        /* White space between two words is only there to part them. */
        while (charset.len > 0 && skip < rest.len &&
               (rest.ptr[skip] == ' ' || rest.ptr[skip] == '\t'))
            skip++;
        bool coded = word_at(core_strn(rest.ptr + skip, rest.len - skip), &word);
        if (!core_str_ieq(coded ? word.charset : core_str(""), charset))
            flush(&raw, charset, out);
        charset = coded ? word.charset : core_str("");
        if (!coded)
            core_buf_add_byte(&raw, rest.ptr[0]);
        else if (word.base64)
            ai_mail_base64(word.text, &raw);
        else
            ai_mail_quoted_printable(word.text, true, &raw);
        at += coded ? skip + word.len : 1;
    }
    flush(&raw, charset, out);
    core_buf_done(&raw);
}
