/*
 * fuzz_headers.c: header fields that the gate reads itself, with arbitrary values, against models
 * that are plainly right. The first byte chooses the field, the rest is its value.
 */
#include "fuzz/front.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const char *line, const char *name, struct core_str value, struct front_answer *ret)
{
    struct core_buf request;
    core_buf_init(&request, value.len + 1024);
    core_buf_addf(&request, "%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s: ", line, name);
    core_buf_add_str(&request, value);
    core_buf_add_c(&request, "\r\n\r\n");
    front_ask(core_buf_str(&request), false, ret);
    core_buf_done(&request);
}

static bool holds(struct core_str value, const char *piece)
{
    struct core_str p = core_str(piece);
    for (size_t i = 0; i + p.len <= value.len; i++)
        if (core_str_ieq(core_strn(value.ptr + i, p.len), p))
            return true;
    return false;
}

/* A form is only sent to who names it or takes any; what is sent is that form. */
static void accept_encoding(struct core_str value)
{
    struct front_answer a;
    struct core_str coding;
    ask("GET /", "Accept-Encoding", value, &a);
    assert(a.status == 200);
    if (!front_header(&a, "content-encoding", &coding)) {
        assert(core_str_eq_c(a.body, FRONT_PAGE));
        assert(!core_str_ieq(value, CORE_STR("gzip")) && !core_str_ieq(value, CORE_STR("br")));
    } else if (core_str_eq_c(coding, "gzip")) {
        assert(core_str_eq_c(a.body, FRONT_PAGE_GZIP));
        assert(holds(value, "gzip") || holds(value, "*"));
    } else {
        assert(core_str_eq_c(coding, "br") && core_str_eq_c(a.body, FRONT_PAGE_BROTLI));
        assert(holds(value, "br") || holds(value, "*"));
    }
    front_answer_done(&a);
}

/* Not sent again only to who holds it. */
static void if_none_match(struct core_str value)
{
    struct front_answer a;
    struct core_str etag;
    ask("GET /", "If-None-Match", value, &a);
    assert(front_header(&a, "etag", &etag) && core_str_eq_c(etag, FRONT_ETAG));
    assert(a.status == 200 || a.status == 304);
    if (a.status == 304)
        assert(a.body.len == 0 && (holds(value, "\"abc\"") || holds(value, "*")));
    else
        assert(!core_str_eq_c(value, FRONT_ETAG) && !core_str_eq_c(value, "*") &&
               core_str_eq_c(a.body, FRONT_PAGE));
    front_answer_done(&a);
}

/* Ranges are not offered, so asking for one changes nothing. */
static void range(struct core_str value)
{
    struct front_answer a;
    struct core_str s;
    ask("GET /", "Range", value, &a);
    assert(a.status == 200 && core_str_eq_c(a.body, FRONT_PAGE));
    assert(!front_header(&a, "content-range", &s) && !front_header(&a, "accept-ranges", &s));
    front_answer_done(&a);
}

/* Nobody gets in but by the token itself, and a wrong one never falls back to something else. */
static void authorization(struct core_str value)
{
    struct front_answer a;
    ask("GET /api/session", "Authorization", value, &a);
    bool bearer = core_str_istarts(value, CORE_STR("Bearer "));
    assert((a.token.ptr != NULL) == bearer);
    struct core_str token = core_strn("", 0);
    if (bearer)
        token = core_str_trim(core_strn(value.ptr + 7, value.len - 7));
    /* What front_account.c and front_spend.c say of keys: not one, and they could not be read. */
    bool unsure = core_str_starts(token, CORE_STR("sky-")) && token.len % 2 == 0 &&
                  core_str_ends(token, CORE_STR("8"));
    assert(a.status == (core_str_eq_c(token, FRONT_TOKEN) ? 200 : unsure ? 503 : 401));
    front_answer_done(&a);
}

/* The first cookie of that name counts. */
static void cookie(struct core_str value)
{
    static const char name[] = "sky_session=";
    struct front_answer a;
    struct core_str rest = value, piece, found = {0};
    ask("GET /api/session", "Cookie", value, &a);
    while (!found.ptr && core_str_split(&rest, ';', &piece)) {
        piece = core_str_trim(piece);
        if (core_str_starts(piece, core_str(name)))
            found = core_strn(piece.ptr + sizeof name - 1, piece.len - (sizeof name - 1));
    }
    assert((a.session.ptr != NULL) == (found.ptr != NULL));
    assert(!found.ptr || core_str_eq(a.session, found));
    assert(a.status == (found.ptr && core_str_eq_c(found, FRONT_SESSION) ? 200 : 401));
    front_answer_done(&a);
}

/* With the cookie, only a page of our own may change something. */
static void same_origin(const char *field, const char *own, struct core_str value)
{
    struct front_answer a;
    struct core_buf request;
    core_buf_init(&request, value.len + 1024);
    core_buf_addf(&request,
                  "DELETE /api/chat/history/c HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n"
                  "Cookie: sky_session=" FRONT_SESSION "\r\n%s: ",
                  field);
    core_buf_add_str(&request, value);
    core_buf_add_c(&request, "\r\n\r\n");
    front_ask(core_buf_str(&request), false, &a);
    assert(a.status == (core_str_eq_c(value, own) ? 204 : 403) ||
           (a.status == 204 && core_str_ieq(value, core_str(own))));
    core_buf_done(&request);
    front_answer_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    /* As a field's value arrives: without line ends and control characters, and trimmed. */
    struct core_str value = core_str_trim(core_strn(data + 1, size - 1));
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
            return 0;
    switch (data[0] % 7) {
    case 0:
        accept_encoding(value);
        break;
    case 1:
        if_none_match(value);
        break;
    case 2:
        range(value);
        break;
    case 3:
        authorization(value);
        break;
    case 4:
        cookie(value);
        break;
    case 5:
        same_origin("Origin", "http://h:1", value);
        break;
    default:
        same_origin("Sec-Fetch-Site", "same-origin", value);
    }
    return 0;
}
