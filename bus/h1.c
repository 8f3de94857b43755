/*
 * h1.c: HTTP/1.1 through llhttp.
 *
 * llhttp calls back with pieces of names and values; they are joined in the head's text. It pauses
 * itself after a head and after a message (HPE_PAUSED), which turns its callbacks into our events.
 * All its lenient flags stay off; what it leaves to its user (one Host, codings other than chunked,
 * sizes) is checked here.
 */
#include "bus/h1.h"

#include "core/err.h"
#include "core/mem.h"

#include <llhttp.h>
#include <stdlib.h>

/* Bytes of a head besides those kept in its text: colons, spaces, line ends, empty lines before. */
#define HEAD_RAW_MAX (BUS_LIMIT_HEAD + BUS_LIMIT_TARGET)

enum phase { PHASE_HEAD, PHASE_BODY, PHASE_END };

struct bus_h1 {
    llhttp_t parser;
    void (*on_body)(void *arg, struct core_str piece);
    void *arg;
    struct bus_head *head; /* during a feed */
    enum phase phase;
    bool begun;
    bool in_value;     /* the last header callback was for a value */
    size_t raw;        /* bytes of this head so far */
    size_t extra;      /* bytes of chunk extensions and trailers so far */
    uint32_t piece_at; /* where the current name or value starts in the text */
    struct bus_h1_error error;
};

/* --- Errors --------------------------------------------------------------------------------- */

static int fail(struct bus_h1 *h1, int status, const char *text)
{
    if (!h1->error.status)
        h1->error = (struct bus_h1_error){status, text};
    return -1;
}

static int fail_code(struct bus_h1 *h1, int code)
{
    return code == CORE_ENOMEM ? fail(h1, 503, "there is not enough memory")
                               : fail(h1, 431, "the header fields are too large");
}

/* What llhttp refused on its own. */
static void fail_parser(struct bus_h1 *h1, llhttp_errno_t err)
{
    switch (err) {
    case HPE_INVALID_METHOD:
        fail(h1, 501, "the request method is not known");
        break;
    case HPE_INVALID_VERSION:
        fail(h1, 505, "the version of HTTP is not supported");
        break;
    case HPE_INVALID_URL:
        fail(h1, 400, "the request target is malformed");
        break;
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH:
        fail(h1, 400, "the Content-Length is malformed, repeated or contradicted");
        break;
    case HPE_INVALID_TRANSFER_ENCODING:
        fail(h1, 400, "the Transfer-Encoding is malformed");
        break;
    case HPE_INVALID_CHUNK_SIZE:
        fail(h1, 400, "a chunk of the body is malformed");
        break;
    case HPE_INVALID_HEADER_TOKEN:
        fail(h1, 400, "a header field is malformed");
        break;
    default:
        fail(h1, 400, "the request is malformed");
    }
}

/* --- Callbacks of llhttp -------------------------------------------------------------------- */

static struct bus_h1 *of(llhttp_t *parser)
{
    return parser->data;
}

static int on_begin(llhttp_t *parser)
{
    of(parser)->begun = true;
    return 0;
}

static int on_method(llhttp_t *parser, const char *at, size_t len)
{
    struct bus_h1 *h1 = of(parser);
    struct bus_head *head = h1->head;
    if (head->method.len == 0)
        head->method.at = (uint32_t)head->text.len;
    int err = bus_head_add(head, core_strn(at, len));
    if (err)
        return fail_code(h1, err);
    head->method.len += (uint32_t)len;
    return 0;
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
    struct bus_h1 *h1 = of(parser);
    struct bus_head *head = h1->head;
    if (head->target.len == 0)
        head->target.at = (uint32_t)head->text.len;
    if (len > BUS_LIMIT_TARGET - head->target.len)
        return fail(h1, 414, "the request target is too long");
    int err = bus_head_add(head, core_strn(at, len));
    if (err)
        return fail_code(h1, err);
    head->target.len += (uint32_t)len;
    return 0;
}

static int on_extra(llhttp_t *parser, const char *at, size_t len)
{
    (void)at;
    struct bus_h1 *h1 = of(parser);
    h1->extra += len;
    if (h1->extra > BUS_LIMIT_CHUNK_EXTRA)
        return fail(h1, 431, "chunk extensions or trailers are too large");
    return 0;
}

static int on_field(llhttp_t *parser, const char *at, size_t len)
{
    struct bus_h1 *h1 = of(parser);
    if (h1->phase != PHASE_HEAD)
        return on_extra(parser, at, len); /* trailers are read and dropped */
    struct bus_head *head = h1->head;
    if (h1->in_value || head->count == 0) {
        if (head->count == BUS_LIMIT_FIELDS)
            return fail(h1, 431, "there are too many header fields");
        h1->in_value = false;
        head->fields[head->count++] = (struct bus_field){{(uint32_t)head->text.len, 0}, {0, 0}};
    }
    int err = bus_head_add_lower(head, core_strn(at, len));
    if (err)
        return fail_code(h1, err);
    head->fields[head->count - 1].name.len += (uint32_t)len;
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct bus_h1 *h1 = of(parser);
    if (h1->phase != PHASE_HEAD)
        return on_extra(parser, at, len);
    struct bus_head *head = h1->head;
    struct bus_field *f = &head->fields[head->count - 1];
    if (!h1->in_value) {
        h1->in_value = true;
        f->value.at = (uint32_t)head->text.len;
    }
    int err = bus_head_add(head, core_strn(at, len));
    if (err)
        return fail_code(h1, err);
    f->value.len += (uint32_t)len;
    return 0;
}

/* A value may be empty: then llhttp gives no piece of it, only this. */
static int on_value_complete(llhttp_t *parser)
{
    struct bus_h1 *h1 = of(parser);
    if (h1->phase != PHASE_HEAD)
        return 0;
    struct bus_head *head = h1->head;
    struct bus_field *f = &head->fields[head->count - 1];
    h1->in_value = true;
    while (f->value.len > 0) {
        char last = head->text.ptr[f->value.at + f->value.len - 1];
        if (last != ' ' && last != '\t')
            break;
        f->value.len--;
    }
    return 0;
}

static bool has_any(struct core_str s, const unsigned char set[static 256])
{
    unsigned any = 0;
#pragma GCC unroll 4
    for (size_t i = 0; i < s.len; i++)
        any |= set[(unsigned char)s.ptr[i]];
    return any;
}

static const unsigned char not_in_target[256] = {[0 ... ' '] = 1, [0x7f ... 0xff] = 1};
static const unsigned char not_in_host[256] = {
    [0 ... ' '] = 1, ['/'] = 1, ['\\'] = 1, ['@'] = 1, ['?'] = 1,           ['#'] = 1,
    ['"'] = 1,       ['<'] = 1, ['>'] = 1,  [','] = 1, [0x7f ... 0xff] = 1,
};

static int check_host(struct bus_h1 *h1)
{
    struct bus_head *head = h1->head;
    unsigned hosts = 0;
    for (unsigned i = 0; i < head->count; i++) {
        if (core_str_eq_c(bus_head_str(head, head->fields[i].name), "host")) {
            head->authority = head->fields[i].value;
            hosts++;
        }
    }
    if (hosts > 1)
        return fail(h1, 400, "there are several Host fields");
    if (hosts == 0 && !head->old)
        return fail(h1, 400, "the Host field is missing");
    if (has_any(bus_head_str(head, head->authority), not_in_host))
        return fail(h1, 400, "the Host field is malformed");
    return 0;
}

static int check_coding(struct bus_h1 *h1)
{
    struct bus_head *head = h1->head;
    unsigned codings = 0;
    for (unsigned i = 0; i < head->count; i++) {
        if (!core_str_eq_c(bus_head_str(head, head->fields[i].name), "transfer-encoding"))
            continue;
        codings++;
        if (!core_str_ieq(bus_head_str(head, head->fields[i].value), CORE_STR("chunked")))
            return fail(h1, 501, "only chunked is supported as Transfer-Encoding");
    }
    if (codings > 1 || (codings && head->old))
        return fail(h1, 400, "the Transfer-Encoding is malformed");
    head->chunked = codings > 0;
    return 0;
}

/* "http://host/path" is the same as "/path" to its own server; "*" is OPTIONS' alone. */
static int check_target(struct bus_h1 *h1)
{
    struct bus_head *head = h1->head;
    struct core_str t = bus_head_str(head, head->target);
    if (has_any(t, not_in_target))
        return fail(h1, 400, "the request target is malformed");
    if (t.len > 0 && t.ptr[0] == '/')
        return 0;
    if (core_str_eq_c(t, "*") && core_str_eq_c(bus_head_str(head, head->method), "OPTIONS"))
        return 0;
    ssize_t scheme = core_str_find(t, CORE_STR("://"));
    if (scheme < 4 || !core_str_ieq(core_strn(t.ptr, 4), CORE_STR("http")))
        return fail(h1, 400, "the request target is malformed");
    size_t at = (size_t)scheme + 3;
    while (at < t.len && t.ptr[at] != '/' && t.ptr[at] != '?')
        at++;
    if (at == t.len || t.ptr[at] != '/')
        return fail(h1, 400, "the request target has no path");
    head->target.at += (uint32_t)at;
    head->target.len -= (uint32_t)at;
    return 0;
}

static int on_head(llhttp_t *parser)
{
    struct bus_h1 *h1 = of(parser);
    struct bus_head *head = h1->head;
    struct core_str expect;
    if (parser->http_major != 1 || parser->http_minor > 1)
        return fail(h1, 505, "the version of HTTP is not supported");
    if (parser->method == HTTP_CONNECT)
        return fail(h1, 501, "this server is not a proxy");
    parser->upgrade = 0; /* offers to change the protocol are not taken */
    head->old = parser->http_minor == 0;
    head->keep = llhttp_should_keep_alive(parser);
    if (check_host(h1) || check_coding(h1) || check_target(h1))
        return -1;
    if (parser->flags & F_CONTENT_LENGTH) {
        if (parser->content_length > INT64_MAX)
            return fail(h1, 400, "the Content-Length is malformed");
        head->content_length = (int64_t)parser->content_length;
    }
    if (!head->old && bus_head_find(head, CORE_STR("expect"), &expect))
        head->expect = core_str_ieq(expect, CORE_STR("100-continue"));
    h1->phase = PHASE_BODY;
    return HPE_PAUSED;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct bus_h1 *h1 = of(parser);
    h1->on_body(h1->arg, core_strn(at, len));
    return 0;
}

static int on_end(llhttp_t *parser)
{
    of(parser)->phase = PHASE_END;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_begin,
    .on_method = on_method,
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_complete,
    .on_chunk_extension_name = on_extra,
    .on_chunk_extension_value = on_extra,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_end,
};

/* --- Face ----------------------------------------------------------------------------------- */

struct bus_h1 *bus_h1_new(void (*body)(void *arg, struct core_str piece), void *arg)
{
    struct bus_h1 *h1 = core_alloc(sizeof *h1);
    h1->on_body = body;
    h1->arg = arg;
    bus_h1_next(h1);
    return h1;
}

void bus_h1_free(struct bus_h1 *h1)
{
    free(h1);
}

void bus_h1_next(struct bus_h1 *h1)
{
    llhttp_init(&h1->parser, HTTP_REQUEST, &settings);
    h1->parser.data = h1;
    h1->phase = PHASE_HEAD;
    h1->begun = h1->in_value = false;
    h1->raw = h1->extra = 0;
    h1->error = (struct bus_h1_error){0, NULL};
}

bool bus_h1_begun(const struct bus_h1 *h1)
{
    return h1->begun;
}

struct bus_h1_error bus_h1_error(const struct bus_h1 *h1)
{
    return h1->error;
}

enum bus_h1_event bus_h1_feed(struct bus_h1 *h1, struct bus_head *head, struct core_str bytes,
                              size_t *ret_used)
{
    *ret_used = 0;
    if (h1->error.status)
        return BUS_H1_ERROR;
    if (h1->phase == PHASE_END)
        return BUS_H1_END;
    if (bytes.len == 0 && llhttp_get_errno(&h1->parser) != HPE_PAUSED)
        return BUS_H1_MORE;
    enum phase before = h1->phase;
    h1->head = head;
    if (llhttp_get_errno(&h1->parser) == HPE_PAUSED)
        llhttp_resume(&h1->parser);
    /* After a head an empty execution is worth its call: a message without body ends by itself. */
    const char *from = bytes.len > 0 ? bytes.ptr : "";
    llhttp_errno_t err = llhttp_execute(&h1->parser, from, bytes.len);
    h1->head = NULL;
    if (err != HPE_OK && err != HPE_PAUSED) {
        fail_parser(h1, err);
        return BUS_H1_ERROR;
    }
    *ret_used = err == HPE_OK ? bytes.len : (size_t)(llhttp_get_error_pos(&h1->parser) - from);
    if (before == PHASE_HEAD) {
        h1->raw += *ret_used;
        if (h1->raw > HEAD_RAW_MAX) {
            fail(h1, 431, "the header fields are too large");
            return BUS_H1_ERROR;
        }
    }
    if (err == HPE_OK)
        return BUS_H1_MORE;
    return before == PHASE_HEAD ? BUS_H1_HEAD : BUS_H1_END;
}

/* --- Answers -------------------------------------------------------------------------------- */

/* The few that a server sends all day come first. */
static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {304, "Not Modified"},
    {204, "No Content"},
    {404, "Not Found"},
    {401, "Unauthorized"},
    {100, "Continue"},
    {201, "Created"},
    {202, "Accepted"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

const char *bus_h1_reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

void bus_h1_put_status(struct core_buf *out, int status)
{
    if (status == 200) {
        core_buf_add_str(out, CORE_STR("HTTP/1.1 200 OK\r\n"));
        return;
    }
    core_buf_addf(out, "HTTP/1.1 %03d %s\r\n", status, bus_h1_reason(status));
}

void bus_h1_put_length(struct core_buf *out, uint64_t length)
{
    char digits[CORE_I64_SIZE];
    bus_h1_put_field(out, CORE_STR("content-length"),
                     core_strn(digits, core_str_from_u64(length, digits)));
}

void bus_h1_put_chunk(struct core_buf *out, struct core_str bytes)
{
    if (bytes.len == 0)
        return;
    core_buf_addf(out, "%zx\r\n", bytes.len);
    core_buf_add_str(out, bytes);
    core_buf_add_str(out, CORE_STR("\r\n"));
}

void bus_h1_put_last_chunk(struct core_buf *out)
{
    core_buf_add_str(out, CORE_STR("0\r\n\r\n"));
}
