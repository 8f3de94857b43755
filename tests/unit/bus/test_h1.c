/*
 * test_h1.c: what the parser makes of requests, whole and byte by byte, and what it refuses.
 */
#include "bus/h1.h"

#include "core/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct run {
    struct bus_h1 *h1;
    struct bus_head head;
    struct core_buf trace;
};

static void on_body(void *arg, struct core_str piece)
{
    core_buf_add_str(&((struct run *)arg)->trace, piece);
}

static void trace_head(struct run *run)
{
    const struct bus_head *h = &run->head;
    core_buf_addf(
        &run->trace, "[%.*s %.*s @%.*s len=%lld%s%s%s%s", CORE_STR_ARG(bus_head_str(h, h->method)),
        CORE_STR_ARG(bus_head_str(h, h->target)), CORE_STR_ARG(bus_head_str(h, h->authority)),
        (long long)h->content_length, h->chunked ? " chunked" : "", h->old ? " old" : "",
        h->keep ? " keep" : "", h->expect ? " expect" : "");
    for (unsigned i = 0; i < h->count; i++)
        core_buf_addf(&run->trace, "|%.*s=%.*s", CORE_STR_ARG(bus_head_str(h, h->fields[i].name)),
                      CORE_STR_ARG(bus_head_str(h, h->fields[i].value)));
    core_buf_add_c(&run->trace, "]");
}

/* One piece of input; false after an error. */
static bool feed(struct run *run, struct core_str bytes)
{
    bool again = false;
    while (bytes.len > 0 || again) {
        size_t used = 0;
        enum bus_h1_event event = bus_h1_feed(run->h1, &run->head, bytes, &used);
        assert_true(used <= bytes.len);
        bytes.ptr += used;
        bytes.len -= used;
        again = false;
        if (event == BUS_H1_HEAD) {
            trace_head(run);
            again = true;
        } else if (event == BUS_H1_END) {
            core_buf_add_c(&run->trace, "END ");
            bus_h1_next(run->h1);
            bus_head_clear(&run->head);
        } else if (event == BUS_H1_ERROR) {
            struct bus_h1_error error = bus_h1_error(run->h1);
            assert_non_null(error.text);
            core_buf_addf(&run->trace, "!%d", error.status);
            assert_int_equal(bus_h1_feed(run->h1, &run->head, bytes, &used), BUS_H1_ERROR);
            return false;
        }
    }
    return true;
}

/* Feeds in pieces of `step` bytes and returns what happened; free() it. */
static char *trace_of(struct core_str input, size_t step)
{
    struct run run;
    core_buf_init(&run.trace, 1u << 20);
    bus_head_init(&run.head);
    run.h1 = bus_h1_new(on_body, &run);
    for (size_t at = 0; at < input.len; at += step) {
        size_t len = input.len - at < step ? input.len - at : step;
        /* A copy of its own size, so that a sanitizer sees reading past the end. */
        char *copy = malloc(len);
        memcpy(copy, input.ptr + at, len);
        bool ok = feed(&run, core_strn(copy, len));
        free(copy);
        if (!ok)
            break;
    }
    bus_h1_free(run.h1);
    bus_head_done(&run.head);
    core_buf_add_byte(&run.trace, '\0');
    return core_buf_take(&run.trace, NULL);
}

static void check(const char *input, const char *want)
{
    static const size_t steps[] = {1u << 20, 1, 2, 3, 7, 64};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char *got = trace_of(core_str(input), steps[i]);
        if (strcmp(got, want))
            print_error("step %zu of: %s\n", steps[i], input);
        assert_string_equal(got, want);
        free(got);
    }
}

static void test_requests(void **state)
{
    (void)state;
    check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "[GET / @a len=-1 keep|host=a]END ");
    check("\r\nGET /x?y=%20 HTTP/1.1\r\nHOST:a:80\r\nX-Long:  b c \t\r\nEmpty:\r\n\r\n",
          "[GET /x?y=%20 @a:80 len=-1 keep|host=a:80|x-long=b c|empty=]END ");
    check("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
          "[POST /p @a len=5 keep|host=a|content-length=5]helloEND ");
    check("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
          "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n",
          "[POST /p @a len=-1 chunked keep|host=a|transfer-encoding=Chunked]hello!END ");
    check("GET http://h:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n", "[GET /p?q @a len=-1 keep|host=a]END ");
    check("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "[OPTIONS * @a len=-1 keep|host=a]END ");
    check("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
          "[POST / @a len=0 keep|host=a|content-length=0]END ");
    check("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
          "[POST / @a len=1 keep expect|host=a|expect=100-continue|content-length=1]xEND ");
}

static void test_connections(void **state)
{
    (void)state;
    check("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
          "[GET / @a len=-1|host=a|connection=close]END ");
    check("GET / HTTP/1.0\r\n\r\n", "[GET / @ len=-1 old]END ");
    check("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          "[GET / @ len=-1 old keep|connection=keep-alive]END ");
    /* An offer to change the protocol is an ordinary request. */
    check("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
          "HTTP2-Settings: AAMAAABk\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
          "[GET / @a len=-1 keep|host=a|connection=Upgrade, HTTP2-Settings|upgrade=h2c|"
          "http2-settings=AAMAAABk]END [GET /2 @a len=-1 keep|host=a]END ");
}

static void test_pipeline(void **state)
{
    (void)state;
    check(
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
        "okGET /3 HTTP/1.1\r\nHost: b\r\n\r\n",
        "[GET /1 @a len=-1 keep|host=a]END [POST /2 @a len=2 keep|host=a|content-length=2]okEND "
        "[GET /3 @b len=-1 keep|host=b]END ");
}

/* Whatever two servers could understand differently. */
static void test_smuggling(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 5\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding:\r\n",
        "X: a\r\n folded\r\n",
        " X: a\r\n",
        "X: a\nY: b\r\n",
        "X: a\rY: b\r\n",
        "X\r\n",
        ": x\r\n",
        "X(: a\r\n",
        "X: a\x01\r\n",
        "X: a\x7f\r\n",
        "Host: b\r\n",
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        char input[512];
        snprintf(
            input, sizeof input,
            "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n",
            heads[i]);
        for (size_t step = 1; step < 600; step += 599 - 1) {
            char *got = trace_of(core_str(input), step);
            size_t len = strlen(got);
            if (len < 4 || got[len - 4] != '!' || strchr(got, '['))
                print_error("accepted: %s → %s\n", heads[i], got);
            assert_true(len >= 4 && got[len - 4] == '!' && !strchr(got, '['));
            assert_true(!strcmp(got + len - 4, "!400") || !strcmp(got + len - 4, "!501"));
            free(got);
        }
    }
}

static void test_bad_chunks(void **state)
{
    (void)state;
    static const char *const bodies[] = {"x\r\n",
                                         "5\nhello\r\n",
                                         "5\r\nhelloX0\r\n\r\n",
                                         "-1\r\n",
                                         "0x5\r\nhello\r\n",
                                         "5 \r\nhello\r\n",
                                         "fffffffffffffffff\r\n",
                                         "\r\n",
                                         "5\r\nhello\n0\r\n\r\n"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char input[256];
        snprintf(input, sizeof input,
                 "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%s", bodies[i]);
        char *got = trace_of(core_str(input), i % 2 ? 1 : 1000);
        assert_non_null(strstr(got, "!400"));
        free(got);
    }
}

static void test_refused(void **state)
{
    (void)state;
    check("GET / HTTP/1.1\r\n\r\n", "!400"); /* no Host */
    check("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "!400");
    check("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "!400");
    check("GET / HTTP/2.0\r\nHost: a\r\n\r\n", "!505");
    check("GET / HTTP/1.2\r\nHost: a\r\n\r\n", "!505");
    check("GET /\r\n\r\n", "!505");
    check("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "!501");
    check("FROB / HTTP/1.1\r\nHost: a\r\n\r\n", "!501");
    check("GET x HTTP/1.1\r\nHost: a\r\n\r\n", "!400");
    check("GET * HTTP/1.1\r\nHost: a\r\n\r\n", "!400");
    check("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "!400");
    check("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "!400");
    check("GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n", "!400");
    check("\x16\x03\x01\x02", "!501");
}

/* Builds "GET /<n×a> HTTP/1.1, count fields of `width` bytes"; returns the last four characters. */
static void check_sizes(size_t target, size_t count, size_t width, const char *want)
{
    struct core_buf in;
    core_buf_init(&in, 1u << 20);
    core_buf_add_c(&in, "GET /");
    for (size_t i = 1; i < target; i++)
        core_buf_add_byte(&in, 'a');
    core_buf_add_c(&in, " HTTP/1.1\r\nHost: a\r\n");
    for (size_t i = 0; i < count; i++) {
        core_buf_add_c(&in, "X: ");
        for (size_t k = 0; k < width; k++)
            core_buf_add_byte(&in, 'v');
        core_buf_add_c(&in, "\r\n");
    }
    core_buf_add_c(&in, "\r\n");
    for (size_t step = 100; step <= 1u << 20; step *= 64) {
        char *got = trace_of(core_buf_str(&in), step);
        assert_string_equal(got + strlen(got) - 4, want);
        free(got);
    }
    core_buf_done(&in);
}

static void test_limits(void **state)
{
    (void)state;
    check_sizes(BUS_LIMIT_TARGET, 0, 0, "END ");
    check_sizes(BUS_LIMIT_TARGET + 1, 0, 0, "!414");
    check_sizes(1, BUS_LIMIT_FIELDS - 1, 1, "END ");
    check_sizes(1, BUS_LIMIT_FIELDS, 1, "!431");
    check_sizes(1, 1, BUS_LIMIT_HEAD - 100, "END ");
    check_sizes(1, 1, BUS_LIMIT_HEAD, "!431");
    check_sizes(1, 90, 180, "END ");
    check_sizes(1, 90, 200, "!431");
    /* Spaces before a value are kept nowhere, but read. */
    struct core_buf in;
    core_buf_init(&in, 1u << 20);
    core_buf_add_c(&in, "GET / HTTP/1.1\r\nHost:");
    for (size_t i = 0; i < 100000; i++)
        core_buf_add_byte(&in, ' ');
    char *got = trace_of(core_buf_str(&in), 1000);
    assert_string_equal(got, "!431");
    free(got);
    /* Chunk extensions too. */
    core_buf_clear(&in);
    core_buf_add_c(&in, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;");
    for (size_t i = 0; i < 100000; i++)
        core_buf_add_byte(&in, 'e');
    got = trace_of(core_buf_str(&in), 1000);
    assert_string_equal(got + strlen(got) - 4, "!431");
    free(got);
    core_buf_done(&in);
}

static void test_answers(void **state)
{
    (void)state;
    struct core_buf out;
    core_buf_init(&out, 4096);
    bus_h1_put_status(&out, 404);
    bus_h1_put_field(&out, CORE_STR("a"), CORE_STR("b"));
    bus_h1_put_length(&out, 1234567890123);
    bus_h1_put_chunk(&out, CORE_STR("0123456789abcdef!"));
    bus_h1_put_chunk(&out, CORE_STR(""));
    bus_h1_put_last_chunk(&out);
    assert_string_equal(out.ptr,
                        "HTTP/1.1 404 Not Found\r\na: b\r\ncontent-length: 1234567890123\r\n"
                        "11\r\n0123456789abcdef!\r\n0\r\n\r\n");
    core_buf_clear(&out);
    bus_h1_put_status(&out, 299);
    bus_h1_put_length(&out, 0);
    assert_string_equal(out.ptr, "HTTP/1.1 299 \r\ncontent-length: 0\r\n");
    core_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),   cmocka_unit_test(test_connections),
        cmocka_unit_test(test_pipeline),   cmocka_unit_test(test_smuggling),
        cmocka_unit_test(test_bad_chunks), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
