/*
 * message.c: messages between nodes, as a line of text and as bytes (docs/genom.md, "Messages").
 *
 *     offset  bytes
 *          0      2  "GM"
 *          2      1  version: 1
 *          3      1  type
 *          4      4  from
 *          8      4  to, 0: everybody
 *         12      4  dictionary
 *         16      8  id
 *         24      4  length n of the payload
 *         28      n  payload
 *     28 + n      4  CRC-32C of all before
 *
 * Both parsers accept only what the writers make, so no message has two forms of a kind.
 */
#include "genom/inside.h"

#define VERSION 1
#define TEXT_HEAD "GENOM|"
#define TEXT_MAX_HEAD 80

static const char *const names[] = {"MSG", "ACK", "HELLO", "BEAT", "TASK", "RESULT", "ERR"};
#define TYPES (sizeof names / sizeof *names)

const char *genom_type_name(enum genom_type type)
{
    return (unsigned)type < TYPES ? names[type] : NULL;
}

uint32_t genom_dict_id(const struct genom_dict *dict)
{
    const uint8_t *sum = dict->file + 32;
    return (uint32_t)sum[0] << 24 | (uint32_t)sum[1] << 16 | (uint32_t)sum[2] << 8 | sum[3];
}

static bool in_range(const struct genom_message *m)
{
    return m->from >= 1 && m->from <= GENOM_NODE_MAX && m->to <= GENOM_NODE_MAX &&
           (unsigned)m->type < TYPES && m->len <= GENOM_PAYLOAD_MAX;
}

/* --- Text ----------------------------------------------------------------------------------- */

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t put_word(char *out, const char *word)
{
    size_t len = strlen(word);
    memcpy(out, word, len);
    return len;
}

static size_t put_node(char *out, uint32_t node)
{
    char digits[10];
    size_t len = 0, at;
    if (node == 0)
        return put_word(out, "*");
    for (; node; node /= 10)
        digits[len++] = (char)('0' + node % 10);
    at = put_word(out, "NOD");
    while (len > 0)
        out[at++] = digits[--len];
    return at;
}

static size_t put_hex(char *out, uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; value >>= 4)
        out[i] = "0123456789abcdef"[value & 15];
    return digits;
}

/* Everything before the payload; at most TEXT_MAX_HEAD bytes. */
static size_t put_head(const struct genom_message *m, char *out)
{
    size_t at = put_word(out, TEXT_HEAD);
    at += put_node(out + at, m->from);
    out[at++] = '|';
    at += put_node(out + at, m->to);
    out[at++] = '|';
    at += put_word(out + at, names[m->type]);
    at += put_word(out + at, "|1|");
    at += put_hex(out + at, m->dict, 8);
    out[at++] = '|';
    at += put_hex(out + at, m->id, 16);
    out[at++] = '|';
    return at;
}

static size_t put_base64(char *out, const uint8_t *bytes, size_t len)
{
    size_t put = 0;
    for (size_t at = 0; at < len; at += 3) {
        size_t n = len - at < 3 ? len - at : 3;
        uint32_t v = (uint32_t)bytes[at] << 16;
        if (n > 1)
            v |= (uint32_t)bytes[at + 1] << 8;
        if (n > 2)
            v |= bytes[at + 2];
        for (size_t i = 0; i <= n; i++)
            out[put++] = base64url[v >> (18 - 6 * i) & 63];
    }
    return put;
}

static size_t base64_len(size_t len)
{
    return len / 3 * 4 + (len % 3 ? len % 3 + 1 : 0);
}

size_t genom_message_text_len(const struct genom_message *m)
{
    char head[TEXT_MAX_HEAD];
    return in_range(m) ? put_head(m, head) + base64_len(m->len) + 9 : 0;
}

int genom_message_put_text(const struct genom_message *m, char *out, size_t cap, size_t *ret_len)
{
    char head[TEXT_MAX_HEAD];
    if (!in_range(m))
        return GENOM_EDATA;
    size_t at = put_head(m, head);
    *ret_len = at + base64_len(m->len) + 9;
    if (*ret_len > cap)
        return GENOM_ESPACE;
    memcpy(out, head, at);
    at += put_base64(out + at, m->payload, m->len);
    uint32_t crc = genom__crc32c(0, out, at);
    out[at++] = '|';
    put_hex(out + at, crc, 8);
    return 0;
}

/* The next field, up to a bar or the end. */
struct fields {
    const char *at, *end;
};

static struct genom_str next_field(struct fields *f)
{
    const char *from = f->at;
    const char *bar = f->at < f->end ? memchr(from, '|', (size_t)(f->end - from)) : NULL;
    const char *to = bar ? bar : f->end;
    f->at = bar ? bar + 1 : f->end;
    return (struct genom_str){from, (size_t)(to - from)};
}

static bool is(struct genom_str s, const char *word)
{
    return s.len == strlen(word) && !memcmp(s.ptr, word, s.len);
}

static bool get_node(struct genom_str s, uint32_t *ret)
{
    uint32_t node = 0;
    if (s.len < 4 || s.len > 10 || memcmp(s.ptr, "NOD", 3) || s.ptr[3] == '0')
        return false;
    for (size_t i = 3; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        node = node * 10 + (uint32_t)(s.ptr[i] - '0');
    }
    *ret = node;
    return node <= GENOM_NODE_MAX;
}

static bool get_hex(struct genom_str s, size_t digits, uint64_t *ret)
{
    uint64_t value = 0;
    if (s.len != digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        char c = s.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = value;
    return true;
}

static int value64(char c)
{
    const char *at = c ? strchr(base64url, c) : NULL;
    return at ? (int)(at - base64url) : -1;
}

/* Unused bits must be zero, or two texts would be one payload. */
static int get_base64(struct genom_str s, uint8_t *out, size_t cap, size_t *ret_len)
{
    size_t put = 0;
    if (s.len % 4 == 1)
        return GENOM_EDATA;
    if (s.len / 4 * 3 + (s.len % 4 ? s.len % 4 - 1 : 0) > cap)
        return GENOM_ESPACE;
    for (size_t at = 0; at < s.len; at += 4) {
        size_t n = s.len - at < 4 ? s.len - at : 4;
        uint32_t v = 0;
        for (size_t i = 0; i < n; i++) {
            int value = value64(s.ptr[at + i]);
            if (value < 0)
                return GENOM_EDATA;
            v |= (uint32_t)value << (18 - 6 * i);
        }
        if (v & (n == 2 ? 0xffffu : n == 3 ? 0xffu : 0))
            return GENOM_EDATA;
        for (size_t i = 0; i + 1 < n; i++)
            out[put++] = (uint8_t)(v >> (16 - 8 * i));
    }
    *ret_len = put;
    return 0;
}

static bool get_type(struct genom_str s, enum genom_type *ret)
{
    for (unsigned i = 0; i < TYPES; i++) {
        if (is(s, names[i])) {
            *ret = (enum genom_type)i;
            return true;
        }
    }
    return false;
}

int genom_message_get_text(const char *text, size_t len, uint8_t *payload, size_t cap,
                           struct genom_message *ret)
{
    struct fields f = {text, text + len};
    struct genom_message m = {.payload = payload};
    uint64_t dict, crc;
    if (!is(next_field(&f), "GENOM") || !get_node(next_field(&f), &m.from))
        return GENOM_EDATA;
    struct genom_str to = next_field(&f);
    if ((!is(to, "*") && !get_node(to, &m.to)) || !get_type(next_field(&f), &m.type))
        return GENOM_EDATA;
    struct genom_str version = next_field(&f);
    if (!is(version, "1"))
        return version.len > 0 ? GENOM_EVERSION : GENOM_EDATA;
    if (!get_hex(next_field(&f), 8, &dict) || !get_hex(next_field(&f), 16, &m.id))
        return GENOM_EDATA;
    struct genom_str base64 = next_field(&f), sum = f.at < f.end ? next_field(&f) : base64;
    if (f.at != f.end || sum.ptr + sum.len != text + len || !get_hex(sum, 8, &crc) ||
        crc != genom__crc32c(0, text, (size_t)(base64.ptr + base64.len - text)))
        return GENOM_EDATA;
    int err = get_base64(base64, payload, cap, &m.len);
    if (err)
        return err;
    if (m.len > GENOM_PAYLOAD_MAX)
        return GENOM_EDATA;
    m.dict = (uint32_t)dict;
    *ret = m;
    return 0;
}

/* --- Bytes ---------------------------------------------------------------------------------- */

int genom_message_put_bytes(const struct genom_message *m, uint8_t *out, size_t cap,
                            size_t *ret_len)
{
    if (!in_range(m))
        return GENOM_EDATA;
    *ret_len = m->len + GENOM_FRAME_EXTRA;
    if (*ret_len > cap)
        return GENOM_ESPACE;
    memcpy(out, "GM", 2);
    out[2] = VERSION;
    out[3] = (uint8_t)m->type;
    store32(out + 4, m->from);
    store32(out + 8, m->to);
    store32(out + 12, m->dict);
    store32(out + 16, (uint32_t)m->id);
    store32(out + 20, (uint32_t)(m->id >> 32));
    store32(out + 24, (uint32_t)m->len);
    if (m->len > 0)
        memcpy(out + 28, m->payload, m->len);
    store32(out + 28 + m->len, genom__crc32c(0, out, 28 + m->len));
    return 0;
}

int genom_message_get_bytes(const uint8_t *bytes, size_t len, struct genom_message *ret)
{
    if (len < GENOM_FRAME_EXTRA || memcmp(bytes, "GM", 2))
        return GENOM_EDATA;
    if (bytes[2] != VERSION)
        return GENOM_EVERSION;
    struct genom_message m = {
        .from = load32(bytes + 4),
        .to = load32(bytes + 8),
        .type = (enum genom_type)bytes[3],
        .dict = load32(bytes + 12),
        .id = load64(bytes + 16),
        .payload = bytes + 28,
        .len = load32(bytes + 24),
    };
    if (m.len != len - GENOM_FRAME_EXTRA || !in_range(&m) ||
        load32(bytes + len - 4) != genom__crc32c(0, bytes, len - 4))
        return GENOM_EDATA;
    *ret = m;
    return 0;
}
