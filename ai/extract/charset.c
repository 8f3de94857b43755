/*
 * charset.c: the guess between single-byte encodings goes by plausibility: each candidate turns the
 * high bytes into characters, and a letter inside a lower-case word counts for it, a sign or a
 * capital inside a word against it. iconv does the conversions.
 */
#include "ai/extract/charset.h"

#include "ai/text/lang.h"
#include "core/err.h"

#include <errno.h>
#include <iconv.h>

/* The declaration stands near the beginning. */
#define DECLARED_WITHIN 2048
#define NAME_MAX_BYTES 40
#define GUESS_SAMPLE (64u << 10)
/* Control characters per thousand bytes that real text may hold (form feeds, escapes of old
 * mail). */
#define CONTROL_PER_MILLE 5

/* --- What the document says ----------------------------------------------------------------- */

static ssize_t find_icase(struct core_str s, struct core_str needle)
{
    for (size_t at = 0; at + needle.len <= s.len; at++) {
        if (core_str_istarts(core_strn(s.ptr + at, s.len - at), needle))
            return (ssize_t)at;
    }
    return -1;
}

static bool is_name_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
           c == '_' || c == '.' || c == ':';
}

/* The name after `key`, an optional sign (= or :), spaces and quotes. */
static struct core_str name_after(struct core_str s, struct core_str key)
{
    ssize_t at = find_icase(s, key);
    if (at < 0)
        return core_strn(s.ptr, 0);
    size_t i = (size_t)at + key.len;
    while (i < s.len && (s.ptr[i] == ' ' || s.ptr[i] == '=' || s.ptr[i] == ':' || s.ptr[i] == '"' ||
                         s.ptr[i] == '\'' || s.ptr[i] == '\t'))
        i++;
    size_t end = i;
    while (end < s.len && end - i < NAME_MAX_BYTES && is_name_byte(s.ptr[end]))
        end++;
    return core_strn(s.ptr + i, end - i);
}

static struct core_str beginning(struct core_str bytes)
{
    return core_strn(bytes.ptr, bytes.len < DECLARED_WITHIN ? bytes.len : DECLARED_WITHIN);
}

struct core_str ai_charset_of_markup(struct core_str bytes)
{
    struct core_str head = beginning(bytes);
    struct core_str name = name_after(head, CORE_STR("charset="));
    if (name.len == 0 && core_str_starts(core_str_trim(head), CORE_STR("<?xml")))
        name = name_after(head, CORE_STR("encoding="));
    return name;
}

struct core_str ai_charset_of_roff(struct core_str bytes)
{
    struct core_str head = beginning(bytes);
    if (core_str_find(head, CORE_STR("-*-")) < 0)
        return core_strn(bytes.ptr, 0);
    return name_after(head, CORE_STR("coding:"));
}

/* The encodings of the web, by the names of the modules that hold them. */
static const char *const charsets[] = {
    "UTF-16LE",     "UTF-16BE",     "UTF-32LE",     "UTF-32BE",     "ISO-8859-1",   "ISO-8859-2",
    "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",   "ISO-8859-7",   "ISO-8859-8",
    "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-13",  "ISO-8859-14",  "ISO-8859-15",  "ISO-8859-16",
    "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255",
    "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "IBM437",       "IBM850",       "IBM852",
    "IBM866",       "KOI8-R",       "KOI8-U",       "MACINTOSH",    "TIS-620",      "SHIFT_JIS",
    "EUC-JP",       "ISO-2022-JP",  "GBK",          "GB18030",      "BIG5",         "EUC-KR"};

/* Never closed: with the last user a module would go. */
static iconv_t held[sizeof charsets / sizeof *charsets];

void ai_charset_load(void)
{
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
        held[i] = iconv_open("UTF-8", charsets[i]);
}

/* --- Conversion ----------------------------------------------------------------------------- */

/* Bad bytes become U+FFFD; CORE_EUNSUPPORTED for a charset that iconv does not know. */
static int convert(struct core_str bytes, const char *charset, struct core_buf *out)
{
    iconv_t cd = iconv_open("UTF-8", charset);
    if (cd == (iconv_t)-1) /* NOLINT: the interface is so */
        return CORE_EUNSUPPORTED;
    char *in = (char *)(uintptr_t)bytes.ptr; /* iconv reads only */
    size_t in_left = bytes.len;
    char chunk[8192];
    while (in_left > 0) {
        char *to = chunk;
        size_t to_left = sizeof chunk;
        size_t n = iconv(cd, &in, &in_left, &to, &to_left);
        int error = n == (size_t)-1 ? errno : 0;
        if (core_buf_add(out, chunk, sizeof chunk - to_left) != 0)
            break;
        if (error == EILSEQ || error == EINVAL) {
            core_buf_add(out, "\xEF\xBF\xBD", 3);
            in++;
            in_left--;
            iconv(cd, NULL, NULL, NULL, NULL);
        }
    }
    iconv_close(cd);
    return core_buf_error(out);
}

static int convert_utf8(struct core_str bytes, struct core_buf *out)
{
    for (size_t at = 0; at < bytes.len;) {
        uint32_t c;
        size_t n = core_utf8_next(bytes, at, &c);
        if (c == 0xFFFD && n == 1)
            core_buf_add(out, "\xEF\xBF\xBD", 3);
        else
            core_buf_add(out, bytes.ptr + at, n);
        at += n;
    }
    return core_buf_error(out);
}

/* --- Guessing ------------------------------------------------------------------------------- */

/* Raised digits, fractions and ordinals count as word characters, but nobody writes them in
 * words. */
static bool is_letter(uint32_t c)
{
    return core_utf8_is_word(c) && !(c >= 0xAA && c <= 0xBE);
}

static bool is_lower(uint32_t c)
{
    return is_letter(c) && core_utf8_lower(c) == c && !(c >= '0' && c <= '9');
}

/* How much the decoded text looks like one that people write. */
static int64_t plausibility(struct core_str text)
{
    static const char czech[] = "áčďéěíňóřšťúůýžäĺľŕôöüßńłśćęążź";
    int64_t score = 0;
    uint32_t before = ' ';
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        uint32_t after = ' ';
        size_t start = at;
        at += core_utf8_next(text, at, &c);
        if (c >= 0x80) {
            if (at < text.len)
                core_utf8_next(text, at, &after);
            bool inside = is_lower(before) || is_lower(after);
            if ((c >= 0x80 && c < 0xA0) || c == 0xFFFD)
                score -= 8; /* no text holds C1 controls */
            else if (!is_letter(c))
                score -= inside && is_lower(before) && is_lower(after) ? 3 : 0;
            else if (is_lower(c))
                score += inside ? 1 : 0;
            else
                score -= is_lower(before) ? 3 : 0;
            char utf8[5] = {0};
            memcpy(utf8, text.ptr + start, at - start);
            if (is_letter(c) && inside && !strstr(czech, utf8) && c >= 0x100)
                score -= 1; /* letters that no language of these encodings puts often */
        }
        before = c;
    }
    return score;
}

/* The language of the words that are plain ASCII: whatever the encoding is, those are known. */
static bool ascii_words_are_czech(struct core_str bytes)
{
    struct core_buf plain;
    struct core_str word;
    core_buf_init(&plain, GUESS_SAMPLE + 1);
    while (core_str_split(&bytes, ' ', &word)) {
        bool ascii = true;
        for (size_t i = 0; i < word.len; i++)
            ascii = ascii && !(word.ptr[i] & 0x80);
        core_buf_add(&plain, word.ptr, ascii ? word.len : 0);
        core_buf_add_byte(&plain, ' ');
    }
    bool czech = ai_lang_guess(core_buf_str(&plain)) == AI_LANG_CS;
    core_buf_done(&plain);
    return czech;
}

static const char *guess(struct core_str bytes)
{
    /* In order of preference when they look the same. */
    static const char *const candidates[] = {"WINDOWS-1252", "ISO-8859-2", "WINDOWS-1250"};
    const char *best = candidates[0];
    int64_t best_score = INT64_MIN;
    if (bytes.len > GUESS_SAMPLE)
        bytes.len = GUESS_SAMPLE;
    /* French and Czech share codes that both read as letters: then the words around decide. */
    for (size_t i = ascii_words_are_czech(bytes) ? 1 : 0;
         i < sizeof candidates / sizeof *candidates; i++) {
        struct core_buf text;
        core_buf_init(&text, 4 * GUESS_SAMPLE);
        if (convert(bytes, candidates[i], &text) == 0) {
            int64_t score = plausibility(core_buf_str(&text));
            if (score > best_score) {
                best_score = score;
                best = candidates[i];
            }
        }
        core_buf_done(&text);
    }
    return best;
}

/* "UTF-16LE" or "…BE" when every other byte of the beginning is mostly zero, else NULL. */
static const char *utf16_by_zeros(struct core_str bytes)
{
    size_t n = bytes.len < 512 ? bytes.len & ~(size_t)1 : 512;
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        zeros[i & 1] += bytes.ptr[i] == 0;
    if (n < 8)
        return NULL;
    if (zeros[1] * 10 > n / 2 * 7 && zeros[0] * 20 < n)
        return "UTF-16LE";
    if (zeros[0] * 10 > n / 2 * 7 && zeros[1] * 20 < n)
        return "UTF-16BE";
    return NULL;
}

static const char *byte_order_mark(struct core_str bytes, size_t *ret_len)
{
    static const struct {
        struct core_str mark;
        const char *charset;
    } marks[] = {{CORE_STR("\xEF\xBB\xBF"), "UTF-8"},
                 {CORE_STR("\xFF\xFE\x00\x00"), "UTF-32LE"},
                 {CORE_STR("\x00\x00\xFE\xFF"), "UTF-32BE"},
                 {CORE_STR("\xFF\xFE"), "UTF-16LE"},
                 {CORE_STR("\xFE\xFF"), "UTF-16BE"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (core_str_starts(bytes, marks[i].mark)) {
            *ret_len = marks[i].mark.len;
            return marks[i].charset;
        }
    }
    return NULL;
}

static bool is_binary(struct core_str text)
{
    size_t controls = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == 0)
            return true;
        controls += c < 0x20 && c != '\n' && c != '\t' && c != '\r' && c != '\f' && c != '\b';
    }
    return controls * 1000 > text.len * CONTROL_PER_MILLE + 1000;
}

/* A name from the document as iconv spells it; false when it says nothing usable. */
static bool usable(struct core_str name, char out[static NAME_MAX_BYTES + 1])
{
    static const struct {
        const char *alias, *name;
    } aliases[] = {{"latin-1", "WINDOWS-1252"},    {"latin1", "WINDOWS-1252"},
                   {"iso-8859-1", "WINDOWS-1252"}, {"latin-2", "ISO-8859-2"},
                   {"latin-9", "ISO-8859-15"},     {"x-sjis", "SHIFT_JIS"}};
    if (name.len == 0 || name.len > NAME_MAX_BYTES)
        return false;
    memcpy(out, name.ptr, name.len);
    out[name.len] = 0;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (core_str_ieq(name, core_str(aliases[i].alias)))
            memcpy(out, aliases[i].name, strlen(aliases[i].name) + 1);
    }
    /* It is not UTF-8: that has been tried. */
    return !core_str_ieq(name, CORE_STR("utf-8")) && !core_str_ieq(name, CORE_STR("utf8")) &&
           !core_str_ieq(name, CORE_STR("us-ascii"));
}

/* Seven bits: it looks like ASCII, but escapes give the bytes another meaning. */
static bool is_escaped(struct core_str bytes, struct core_str declared)
{
    return core_str_istarts(declared, CORE_STR("iso-2022-")) &&
           core_str_find_byte(bytes, 0x1B) >= 0;
}

int ai_charset_decode(struct core_str bytes, struct core_str declared, struct core_buf *out)
{
    size_t mark = 0;
    size_t before = out->len;
    char name[NAME_MAX_BYTES + 1];
    const char *charset = byte_order_mark(bytes, &mark);
    int status;
    if (!charset && is_escaped(bytes, declared) && usable(declared, name))
        charset = name;
    else if (!charset && !core_utf8_valid(bytes))
        charset = utf16_by_zeros(bytes);
    else if (!charset)
        charset = memchr(bytes.ptr, 0, bytes.len) ? utf16_by_zeros(bytes) : "UTF-8";
    bytes.ptr += mark;
    bytes.len -= mark;
    if (charset) {
        status = strcmp(charset, "UTF-8") == 0 ? convert_utf8(bytes, out)
                                               : convert(bytes, charset, out);
    } else if (is_binary(bytes)) {
        return CORE_EUNSUPPORTED;
    } else {
        status = usable(declared, name) ? convert(bytes, name, out) : CORE_EUNSUPPORTED;
        if (status == CORE_EUNSUPPORTED)
            status = convert(bytes, guess(bytes), out);
    }
    if (status == 0 && out->len > before && is_binary(core_buf_since(out, before)))
        status = CORE_EUNSUPPORTED;
    if (status != 0 && core_buf_error(out) == 0)
        core_buf_truncate(out, before);
    return status;
}

void ai_charset_normalise(struct core_buf *text)
{
    size_t to = 0;
    for (size_t at = 0; at < text->len; at++) {
        char c = text->ptr[at];
        char next = at + 1 < text->len ? text->ptr[at + 1] : 0;
        if (c == '\r') {
            if (next == '\n')
                continue;
            c = '\n';
        } else if (c == '\xC2' && next == '\xA0') {
            c = ' ';
            at++;
        }
        text->ptr[to++] = c;
    }
    core_buf_truncate(text, to);
}
