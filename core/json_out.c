/*
 * json_out.c: writing JSON straight into a buffer, without a tree in between.
 *
 * One byte of state for each open container: is it an object, has it had a value. Strings are
 * looked at eight bytes at a time; those with nothing to escape are copied whole, the others in runs up to the
 * next byte that is. Errors stick in the buffer, so callers check once at the end.
 */
#include "core/json.h"

#include <assert.h>
#include <math.h>

#define STATE_OBJECT 1
#define STATE_FILLED 2

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

/* Room for a whole string and some escapes: a document grows the buffer once, not by doubling. */
static void reserve_string(struct core_buf *b, struct core_str s)
{
    size_t room = b->max - b->len;
    size_t want = s.len + s.len / 8 + 2;
    core_buf_reserve(b, want < room ? want : room);
}

static void add_escaped(struct core_buf *b, struct core_str s)
{
    reserve_string(b, s);
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

/* --- Values without escapes ----------------------------------------------------------------- */

#define EACH(byte) (0x0101010101010101u * (byte))

/* None of eight bytes needs an escape or is part of a longer sequence. What a byte lends to the next can only speak up where one
 * of them has done so itself. */
static bool word_is_plain(uint64_t w)
{
    uint64_t odd = w | (w - EACH(' ')) | ((w ^ EACH('"')) - EACH(1)) | ((w ^ EACH('\\')) - EACH(1));
    return (odd & EACH(0x80)) == 0;
}

static bool is_plain(struct core_str s)
{
    uint64_t word;
    uint32_t half[2];
    if (s.len >= sizeof word) {
        for (size_t i = 0; i + sizeof word < s.len; i += sizeof word) {
            memcpy(&word, s.ptr + i, sizeof word);
            if (!word_is_plain(word))
                return false;
        }
        memcpy(&word, s.ptr + s.len - sizeof word, sizeof word);
        return word_is_plain(word);
    }
    if (s.len >= sizeof *half) {
        memcpy(&half[0], s.ptr, sizeof *half);
        memcpy(&half[1], s.ptr + s.len - sizeof *half, sizeof *half);
        return word_is_plain((uint64_t)half[0] << 32 | half[1]);
    }
    for (size_t i = 0; i < s.len; i++)
        if (escapes[(unsigned char)s.ptr[i]])
            return false;
    return true;
}

/* Notes that a value comes. Returns whether a comma stands before it. */
static bool enter(struct core_json_out *o, const char *key)
{
    if (o->depth == 0) {
        assert(!key);
        return false;
    }
    unsigned char *state = &o->state[o->depth - 1];
    bool comma = (*state & STATE_FILLED) != 0;
    assert(((*state & STATE_OBJECT) != 0) == (key != NULL));
    *state |= STATE_FILLED;
    return comma;
}

static void put_slowly(struct core_buf *b, bool comma, const char *key, struct core_str value,
                       bool quoted)
{
    if (comma)
        core_buf_add_byte(b, ',');
    if (key) {
        add_escaped(b, core_str(key));
        core_buf_add_byte(b, ':');
    }
    if (quoted)
        add_escaped(b, value);
    else
        core_buf_add_str(b, value);
}

/* A value behind its comma and key, with quotes or as it is: most go in behind one check. */
static void put(struct core_json_out *o, const char *key, struct core_str value, bool quoted)
{
    bool comma = enter(o, key);
    struct core_str name = core_str(key);
    size_t len = comma + (key ? name.len + 3 : 0) + value.len + (quoted ? 2 : 0);
    char *to;
    if (!is_plain(name) || (quoted && !is_plain(value)) || !(to = core_buf_reserve(o->buf, len))) {
        put_slowly(o->buf, comma, key, value, quoted);
        return;
    }
    if (comma)
        *to++ = ',';
    if (key) {
        *to++ = '"';
        to = mempcpy(to, name.ptr, name.len);
        *to++ = '"';
        *to++ = ':';
    }
    if (quoted)
        *to++ = '"';
    if (value.len > 0) /* an empty string may have no pointer */
        to = mempcpy(to, value.ptr, value.len);
    if (quoted)
        *to = '"';
    core_buf_grew(o->buf, len);
}

static void begin(struct core_json_out *o, const char *key, unsigned char state)
{
    put(o, key, state & STATE_OBJECT ? CORE_STR("{") : CORE_STR("["), false);
    assert(o->depth < CORE_JSON_OUT_DEPTH);
    o->state[o->depth++] = state;
}

void core_json_out_object(struct core_json_out *o, const char *key)
{
    begin(o, key, STATE_OBJECT);
}

void core_json_out_array(struct core_json_out *o, const char *key)
{
    begin(o, key, 0);
}

void core_json_out_end(struct core_json_out *o)
{
    assert(o->depth > 0);
    o->depth--;
    core_buf_add_byte(o->buf, o->state[o->depth] & STATE_OBJECT ? '}' : ']');
}

void core_json_out_str(struct core_json_out *o, const char *key, struct core_str value)
{
    put(o, key, value, true);
}

void core_json_out_c(struct core_json_out *o, const char *key, const char *value)
{
    if (value)
        core_json_out_str(o, key, core_str(value));
    else
        core_json_out_null(o, key);
}

void core_json_out_i64(struct core_json_out *o, const char *key, int64_t value)
{
    char text[CORE_I64_SIZE];
    core_json_out_raw(o, key, core_strn(text, core_str_from_i64(value, text)));
}

void core_json_out_u64(struct core_json_out *o, const char *key, uint64_t value)
{
    char text[CORE_I64_SIZE];
    core_json_out_raw(o, key, core_strn(text, core_str_from_u64(value, text)));
}

void core_json_out_double(struct core_json_out *o, const char *key, double value)
{
    if (!isfinite(value)) {
        core_json_out_null(o, key);
        return;
    }
    char text[CORE_DOUBLE_SIZE];
    core_json_out_raw(o, key, core_strn(text, core_str_from_double(value, 6, text)));
}

void core_json_out_bool(struct core_json_out *o, const char *key, bool value)
{
    core_json_out_raw(o, key, value ? CORE_STR("true") : CORE_STR("false"));
}

void core_json_out_null(struct core_json_out *o, const char *key)
{
    core_json_out_raw(o, key, CORE_STR("null"));
}

void core_json_out_raw(struct core_json_out *o, const char *key, struct core_str json)
{
    put(o, key, json, false);
}
