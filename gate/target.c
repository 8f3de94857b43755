/*
 * target.c: from the raw request target to a decoded path and query fields.
 *
 *     /api/x%20y?a=1+2&b   →   path "/api/x y", query a = "1 2", b = ""
 *
 * Decoding happens in place, in the head's text, since it never makes a text longer. Strict: a bad
 * escape, NUL, a fragment, or bytes that are not UTF-8 refuse the request. Paths are not
 * normalised: "/a/../b" is the name of nothing.
 */
#include "gate/inside.h"

#include "core/err.h"

/* Means something else than itself, or is no ASCII. */
static const unsigned char odd[256] = {['%'] = 1, ['+'] = 1, ['#'] = 1, [0x80 ... 0xff] = 1};

/* No fragment, and every escape is one of a byte that is not NUL. */
static bool well_formed(const char *text, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        if (text[at] == '#')
            return false;
        if (text[at] != '%')
            continue;
        int high = at + 2 < len ? core_hex_value(text[at + 1]) : -1;
        int low = high >= 0 ? core_hex_value(text[at + 2]) : -1;
        if (low < 0 || (high | low) == 0)
            return false;
        at += 2;
    }
    return true;
}

/* Decodes text in place. In a path "%2F" becomes NUL (see route.h), in a query "+" a space. Of what
 * is malformed ret is the text as it came, of what is not UTF-8 the bytes. */
static int decode(char *text, size_t len, bool query, struct core_str *ret)
{
    size_t to = 0;
    while (to < len && !odd[(unsigned char)text[to]])
        to++;
    *ret = core_strn(text, len);
    if (to == len)
        return 0;
    if (!well_formed(text + to, len - to))
        return CORE_EINVAL;
    for (size_t at = to; at < len; at++) {
        char c = text[at];
        if (c == '%') {
            c = (char)(core_hex_value(text[at + 1]) << 4 | core_hex_value(text[at + 2]));
            at += 2;
            if (c == '/' && !query)
                c = '\0';
        } else if (c == '+' && query) {
            c = ' ';
        }
        text[to++] = c;
    }
    *ret = core_strn(text, to);
    return core_utf8_valid(*ret) ? 0 : CORE_EUTF8;
}

static int read_field(struct gate_request *r, struct core_str piece)
{
    if (piece.len == 0)
        return 0;
    if (r->query_count == GATE_LIMIT_QUERY)
        return CORE_ELIMIT;
    struct gate_query *q = &r->query[r->query_count];
    ssize_t equals = core_str_find_byte(piece, '=');
    size_t name_len = equals < 0 ? piece.len : (size_t)equals;
    char *text = (char *)piece.ptr; /* the head's own text */
    int err = decode(text, name_len, true, &q->name);
    q->value = core_str("");
    if (!err && equals >= 0)
        err = decode(text + name_len + 1, piece.len - name_len - 1, true, &q->value);
    if (!err)
        r->query_count++;
    return err;
}

int gate__target_read(struct gate_request *r)
{
    struct core_str target = bus_head_str(&r->head, r->head.target);
    if (target.len == 0 || (target.ptr[0] != '/' && !core_str_eq_c(target, "*")))
        return CORE_EINVAL;
    ssize_t mark = core_str_find_byte(target, '?');
    size_t path_len = mark < 0 ? target.len : (size_t)mark;
    char *text = (char *)target.ptr;
    struct core_str rest = mark < 0 ? core_str("")
                                    : core_strn(text + mark + 1, target.len - path_len - 1);
    struct core_str piece;
    int err = decode(text, path_len, false, &r->path);
    while (!err && core_str_split(&rest, '&', &piece))
        err = read_field(r, piece);
    return err;
}

void gate__target_slashes(struct gate_request *r)
{
    /* The parameters point into the path. */
    char *at = (char *)r->path.ptr, *end = at + r->path.len;
    while ((at = memchr(at, '\0', (size_t)(end - at))))
        *at = '/';
}
