/*
 * json_out.c: writing JSON straight into a buffer, without a tree in between.
 *
 * Of each open container one bit is known: is it an object. That it has had a value must be known
 * of the innermost only, since those around it have had that one. Strings are copied eight bytes at
 * a time as if there were nothing to escape; where there is, they are written once more, in runs up
 * to the next byte that needs it. Errors stick in the buffer, so callers check once at the end.
 */
#include "core/json.h"

#include <assert.h>
#include <math.h>

/* A longer string is worth a look at how much the buffer should grow. */
#define LONG 1024

_Static_assert(CORE_JSON_OUT_DEPTH <= 32, "a bit for each open container");

void core_json_out_init(struct core_json_out *o, struct core_buf *buf)
{
    *o = (struct core_json_out){.buf = buf};
}

/* What a byte needs inside a string: 0 nothing, 1 a look at its UTF-8 sequence, 'u' \u00XX, any
 * other the letter after the backslash. */
static const unsigned char escapes[256] = {
    [0 ... 7] = 'u', ['\b'] = 'b',         ['\t'] = 't',        ['\n'] = 'n',
    [0xb] = 'u',     ['\f'] = 'f',         ['\r'] = 'r',        ['"'] = '"',
    ['\\'] = '\\',   [0xe ... 0x1f] = 'u', [0x80 ... 0xff] = 1,
};

static void add_escape(struct core_buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', (char)escapes[c], '0', '0', hex[c >> 4], hex[c & 15]};
    core_buf_add(b, text, text[1] == 'u' ? 6 : 2);
}

/* The length of the run at `at` that needs no escape. */
static size_t plain_run(struct core_str s, size_t at)
{
    size_t i = at;
    while (i < s.len) {
        unsigned char kind = escapes[(unsigned char)s.ptr[i]];
        if (kind == 0) {
            i++;
            continue;
        }
        if (kind != 1)
            break;
        uint32_t code;
        size_t len = core_utf8_next(s, i, &code);
        if (len == 1)
            break;
        i += len;
    }
    return i - at;
}

static void add_escaped(struct core_buf *b, struct core_str s)
{
    core_buf_add_byte(b, '"');
    for (size_t at = 0; at < s.len && core_buf_error(b) == 0;) {
        size_t run = plain_run(s, at);
        core_buf_add(b, s.ptr + at, run);
        at += run;
        if (at == s.len)
            break;
        if (escapes[(unsigned char)s.ptr[at]] == 1)
            core_buf_add(b, "\xef\xbf\xbd", 3);
        else
            add_escape(b, (unsigned char)s.ptr[at]);
        at++;
    }
    core_buf_add_byte(b, '"');
}

/* --- Strings without escapes ---------------------------------------------------------------- */

#define EACH(byte) (0x0101010101010101u * (byte))

/* None of eight bytes needs an escape or is part of a longer sequence. What a byte lends to the
 * next can only speak up where one of them has done so itself. */
static bool word_is_plain(uint64_t w)
{
    uint64_t odd = w | (w - EACH(' ')) | ((w ^ EACH('"')) - EACH(1)) | ((w ^ EACH('\\')) - EACH(1));
    return (odd & EACH(0x80)) == 0;
}

/* Copies a string that needs no escape. Returns false for any other, with some of it at `to`. */
static inline bool copy_plain(char *to, struct core_str s)
{
    uint64_t word;
    uint32_t half[2];
    if (s.len >= sizeof word) {
        for (size_t i = 0; i < s.len; i += sizeof word) {
            /* The last word begins inside the one before. */
            size_t at = i < s.len - sizeof word ? i : s.len - sizeof word;
            memcpy(&word, s.ptr + at, sizeof word);
            memcpy(to + at, &word, sizeof word);
            if (!word_is_plain(word))
                return false;
        }
        return true;
    }
    if (s.len >= sizeof *half) {
        memcpy(&half[0], s.ptr, sizeof *half);
        memcpy(&half[1], s.ptr + s.len - sizeof *half, sizeof *half);
        memcpy(to, &half[0], sizeof *half);
        memcpy(to + s.len - sizeof *half, &half[1], sizeof *half);
        return word_is_plain((uint64_t)half[0] << 32 | half[1]);
    }
    for (size_t i = 0; i < s.len; i++) {
        if (escapes[(unsigned char)s.ptr[i]])
            return false;
        to[i] = s.ptr[i];
    }
    return true;
}

/* --- Values --------------------------------------------------------------------------------- */

/* A key with escapes: over what before() tried, whose room was enough for the first bytes. */
static __attribute__((noinline)) char *before_slowly(struct core_buf *b, bool comma,
                                                     struct core_str key, size_t len)
{
    if (comma)
        core_buf_add_byte(b, ',');
    add_escaped(b, key);
    core_buf_add_byte(b, ':');
    return core_buf_reserve(b, len);
}

/* Writes what stands before a value of `len` bytes. Returns where the value goes, behind which
 * after() counts both; NULL when the buffer failed. */
static inline char *before(struct core_json_out *o, struct core_str key, size_t len)
{
    bool comma = o->filled, keyed = key.ptr;
    assert(keyed == (o->objects & 1));
    o->filled = o->depth > 0;
    char *to = core_buf_reserve(o->buf, comma + (keyed ? key.len + 3 : 0) + len);
    if (!to)
        return NULL;
    if (comma)
        *to++ = ',';
    if (!keyed)
        return to;
    *to++ = '"';
    if (!copy_plain(to, key))
        return before_slowly(o->buf, comma, key, len);
    to += key.len;
    *to++ = '"';
    *to++ = ':';
    return to;
}

static inline void after(struct core_json_out *o, const char *end)
{
    core_buf_grew(o->buf, (size_t)(end - o->buf->ptr) - o->buf->len);
}

void core__json_out_raw(struct core_json_out *o, struct core_str key, struct core_str json)
{
    char *to = before(o, key, json.len);
    if (!to)
        return;
    if (json.len > 0) /* an empty string may have no pointer */
        to = mempcpy(to, json.ptr, json.len);
    after(o, to);
}

/* Room for a whole string and some escapes: a document grows the buffer once, not by doubling. */
static void reserve_long(struct core_buf *b, struct core_str s)
{
    size_t room = b->max - b->len;
    size_t want = s.len + s.len / 8;
    core_buf_reserve(b, want < room ? want : room);
}

void core__json_out_str(struct core_json_out *o, struct core_str key, struct core_str value)
{
    if (value.len > LONG)
        reserve_long(o->buf, value);
    char *to = before(o, key, value.len + 2);
    if (!to)
        return;
    if (!copy_plain(to + 1, value)) {
        after(o, to);
        add_escaped(o->buf, value);
        return;
    }
    *to++ = '"';
    to += value.len;
    *to++ = '"';
    after(o, to);
}

void core__json_out_i64(struct core_json_out *o, struct core_str key, int64_t value)
{
    char text[CORE_I64_SIZE];
    core__json_out_raw(o, key, core_strn(text, core_str_from_i64(value, text)));
}

void core__json_out_u64(struct core_json_out *o, struct core_str key, uint64_t value)
{
    char text[CORE_I64_SIZE];
    core__json_out_raw(o, key, core_strn(text, core_str_from_u64(value, text)));
}

void core__json_out_double(struct core_json_out *o, struct core_str key, double value)
{
    if (!isfinite(value)) {
        core__json_out_raw(o, key, CORE_STR("null"));
        return;
    }
    char text[CORE_DOUBLE_SIZE];
    core__json_out_raw(o, key, core_strn(text, core_str_from_double(value, 6, text)));
}

/* --- Containers ----------------------------------------------------------------------------- */

void core__json_out_open(struct core_json_out *o, struct core_str key, bool object)
{
    assert(o->depth < CORE_JSON_OUT_DEPTH);
    char *to = before(o, key, 1);
    if (to) {
        *to = object ? '{' : '[';
        after(o, to + 1);
    }
    o->depth++;
    o->objects = o->objects << 1 | object;
    o->filled = false;
}

void core_json_out_end(struct core_json_out *o)
{
    assert(o->depth > 0);
    core_buf_add_byte(o->buf, o->objects & 1 ? '}' : ']');
    o->depth--;
    o->objects >>= 1;
    o->filled = o->depth > 0;
}
