/*
 * test_server.c: the gate over real sockets, as a client of HTTP/1.1 sees it.
 */
#include "tests/unit/gate/house.h"

#include "account/room.h"
#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "Host: h\r\n"

static void expect(const struct house *h, const char *request, int status, const char *body_part)
{
    struct client_answer a = client_ask(h, request);
    if (a.status != status || (body_part && !strstr(a.body.ptr ? a.body.ptr : "", body_part)))
        print_error("%s → %d %s\n", request, a.status, a.body.ptr);
    assert_int_equal(a.status, status);
    if (body_part)
        assert_non_null(strstr(a.body.ptr ? a.body.ptr : "", body_part));
    client_answer_done(&a);
}

static void test_answer(void **state)
{
    struct house *h = *state;
    struct client_answer a = client_ask(h, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    assert_string_equal(a.body.ptr, "hello");
    assert_string_equal(client_header(&a, "content-length"), "5");
    assert_string_equal(client_header(&a, "content-type"), "text/plain");
    assert_string_equal(client_header(&a, "x-content-type-options"), "nosniff");
    assert_string_equal(client_header(&a, "referrer-policy"), "no-referrer");
    assert_string_equal(client_header(&a, "cross-origin-opener-policy"), "same-origin");
    assert_string_equal(client_header(&a, "cross-origin-resource-policy"), "same-origin");
    assert_string_equal(client_header(&a, "cache-control"), "no-store");
    assert_int_equal(strlen(client_header(&a, "x-request-id")), CORE_ID_SIZE - 1);
    assert_string_equal(strchr(client_header(&a, "date"), 0) - 4, " GMT");
    assert_null(client_header(&a, "connection"));
    client_answer_done(&a);
    expect(h, "POST /hello HTTP/1.1\r\n" HOST "\r\n", 204, NULL);
    a = client_ask(h, "HEAD /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    assert_string_equal(client_header(&a, "content-length"), "5");
    client_answer_done(&a);
}

static void test_methods(void **state)
{
    struct house *h = *state;
    struct client_answer a = client_ask(h, "DELETE /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 405);
    assert_string_equal(client_header(&a, "allow"), "GET, HEAD, OPTIONS, POST");
    assert_string_equal(client_header(&a, "content-type"), "application/problem+json");
    assert_non_null(strstr(a.body.ptr, "\"type\":\"/problems/method-not-allowed\""));
    assert_non_null(strstr(a.body.ptr, client_header(&a, "x-request-id")));
    client_answer_done(&a);
    /* Of what needs an account strangers learn as much as of what is not there. */
    expect(h, "PUT /who HTTP/1.1\r\n" HOST "\r\n", 401, "unauthorized");
    expect(h, "OPTIONS /who HTTP/1.1\r\n" HOST "\r\n", 401, "unauthorized");
    expect(h, "PUT /nothing HTTP/1.1\r\n" HOST "\r\n", 401, "unauthorized");
    expect(h, "OPTIONS /nothing HTTP/1.1\r\n" HOST "\r\n", 401, "unauthorized");
    a = client_ask(h, "OPTIONS /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 204);
    assert_string_equal(client_header(&a, "allow"), "GET, HEAD, OPTIONS, POST");
    client_answer_done(&a);
    expect(h, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 204, NULL);
    expect(h, "FROB /hello HTTP/1.1\r\n" HOST "\r\n", 501, "not-implemented");
    expect(h, "TRACE /hello HTTP/1.1\r\n" HOST "\r\n", 405, NULL);
    expect(h, "POST / HTTP/1.1\r\n" HOST "\r\n", 405, NULL);
}

static void test_addresses(void **state)
{
    struct house *h = *state;
    expect(h, "GET /p/1/x/2 HTTP/1.1\r\n" HOST "\r\n", 200, "1|2|/p/1/x/2|-");
    expect(h, "GET /%70/a%20b/x/%C3%A9?r=1&q=a+b%26&q=2 HTTP/1.1\r\n" HOST "\r\n", 200,
           "a b|\u00e9|/p/a b/x/\u00e9|a b&");
    /* An escaped slash belongs to its piece. */
    expect(h, "GET /p/a%2Fb/x/%2f HTTP/1.1\r\n" HOST "\r\n", 200, "a/b|/|/p/a/b/x//|-");
    expect(h, "GET /p/a%2Fx/b HTTP/1.1\r\n" HOST "\r\n", 401, NULL);
    static const char *const bad[] = {"/p/%/x/1",    "/p/%4/x/1",    "/p/%zz/x/1",   "/p/%00/x/1",
                                      "/p/%ff/x/1",  "/hello?%",     "/hello?a=%00", "/hello?%c3",
                                      "/hello#part", "/p/%C0%AF/x/1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char request[128];
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "\r\n", bad[i]);
        expect(h, request, 400, "/problems/mal");
    }
    char request[BUS_LIMIT_TARGET + 128] = "GET /hello?";
    memset(request + 11, '&', 100);
    snprintf(request + 111, sizeof request - 111, " HTTP/1.1\r\n" HOST "\r\n");
    expect(h, request, 200, NULL);
    for (size_t i = 11; i < 111; i++)
        request[i] = i % 2 ? 'a' : '&';
    expect(h, request, 400, "too many fields");
    memset(request + 4, '/', BUS_LIMIT_TARGET + 1);
    size_t end = 4 + BUS_LIMIT_TARGET + 1;
    snprintf(request + end, sizeof request - end, " HTTP/1.1\r\n" HOST "\r\n");
    expect(h, request, 414, "uri-too-long");
}

static void test_access(void **state)
{
    struct house *h = *state;
    char request[512];
    struct client_answer a = client_ask(h, "GET /who HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 401);
    assert_non_null(strstr(client_header(&a, "www-authenticate"), "Bearer"));
    client_answer_done(&a);
    expect(h, "GET /nothing HTTP/1.1\r\n" HOST "\r\n", 401, NULL);
    expect(h, "GET /v1/nothing HTTP/1.1\r\n" HOST "\r\n", 401, "\"code\":\"invalid_api_key\"");
    snprintf(request, sizeof request,
             "GET /nothing HTTP/1.1\r\n" HOST "Authorization: bearer  %s\r\n\r\n", h->token);
    expect(h, request, 404, "/problems/not-found");
    snprintf(request, sizeof request,
             "PUT /who HTTP/1.1\r\n" HOST "Authorization: Bearer %s\r\n\r\n", h->token);
    expect(h, request, 405, "GET, HEAD, OPTIONS, POST");
    snprintf(request, sizeof request,
             "POST /who HTTP/1.1\r\n" HOST "Authorization: Bearer %s\r\n\r\n", h->token);
    expect(h, request, 200, NULL);
    snprintf(request, sizeof request,
             "GET /who HTTP/1.1\r\n" HOST "Authorization: Basic %s\r\n\r\n", h->token);
    expect(h, request, 401, NULL);
    snprintf(request, sizeof request,
             "GET /who HTTP/1.1\r\n" HOST "Authorization: Bearer %.*sx\r\n\r\n",
             (int)strlen(h->token) - 1, h->token);
    expect(h, request, 401, NULL);
}

/* An API key that cannot be looked up is not a wrong one: its program tries again. */
static void test_keys_unread(void **state)
{
    struct house *h = *state;
    const struct account_actor owner = {.id = CORE_STR("owner"), .role = CORE_STR("owner")};
    const struct account_apikey_form form = {
        .name = CORE_STR("a program"), .scopes = ACCOUNT_SCOPE_CHAT, .minute = ACCOUNT_UNLIMITED};
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE], request[512];
    struct account_why why = {0};
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), 0);
    snprintf(request, sizeof request,
             "GET /who HTTP/1.1\r\n" HOST "Authorization: Bearer %s\r\n\r\n", key);
    expect(h, request, 403, "scope");
    atomic_fetch_add(&h->accounts->view_wanted, 100);
    struct client_answer a = client_ask(h, request);
    assert_int_equal(a.status, 503);
    assert_string_equal(client_header(&a, "retry-after"), "60");
    assert_non_null(strstr(a.body.ptr, "busy"));
    client_answer_done(&a);
    expect(h, "GET /who HTTP/1.1\r\n" HOST "\r\n", 401, "unauthorized");
    snprintf(request, sizeof request,
             "GET /who HTTP/1.1\r\n" HOST "Authorization: Bearer %s\r\n\r\n", h->token);
    expect(h, request, 200, NULL);
    atomic_fetch_sub(&h->accounts->view_wanted, 100);
}

/* Makes a session on the loop's thread. */
static void test_cookie(void **state)
{
    struct house *h = *state;
    const struct account_client browser = {.address = CORE_STR("192.0.2.1"), .browser = true};
    struct account_tokens s;
    assert_int_equal(account_login_file(h->accounts, &browser, &s), 0);
    static const struct {
        const char *method, *fields;
        int status;
    } tries[] = {
        {"GET", "", 200},
        {"GET", "Origin: http://evil\r\n", 200},
        {"POST", "", 403},
        {"POST", "Origin: http://h\r\n", 200},
        {"POST", "Origin: https://h\r\n", 403},
        {"POST", "X-Forwarded-Proto: https\r\nOrigin: https://h\r\n", 200},
        {"POST", "X-Forwarded-Proto: https\r\nOrigin: http://h\r\n", 403},
        {"POST", "Origin: http://h:80\r\n", 403},
        {"POST", "Origin: http://hh\r\n", 403},
        {"POST", "Origin: null\r\n", 403},
        {"POST", "Sec-Fetch-Site: same-origin\r\n", 200},
        {"POST", "Sec-Fetch-Site: same-site\r\nOrigin: http://h\r\n", 403},
        {"POST", "Sec-Fetch-Site: cross-site\r\n", 403},
        {"POST", "Sec-Fetch-Site: none\r\n", 403},
        {"POST", "Authorization: Bearer wrong\r\nOrigin: http://h\r\n", 401},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        char request[512];
        snprintf(request, sizeof request,
                 "%s /who HTTP/1.1\r\n" HOST "Cookie: a=b; sky_session=%s; c\r\n%s\r\n",
                 tries[i].method, s.session, tries[i].fields);
        expect(h, request, tries[i].status, NULL);
    }
    expect(h, "GET /who HTTP/1.1\r\n" HOST "Cookie: xsky_session=1; sky_session=\r\n\r\n", 401,
           NULL);
}

static void test_bodies(void **state)
{
    struct house *h = *state;
    expect(h, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 200, "hello");
    expect(h,
           "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
           "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
           200, "hello");
    expect(h,
           "POST /echo HTTP/1.1\r\n" HOST "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx",
           415, "unsupported-encoding");
    expect(h, "POST /json HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 415,
           "application/json");
    struct client_answer a = client_ask(h, "POST /json HTTP/1.1\r\n" HOST
                                           "Content-Type: application/json; charset=utf-8\r\n"
                                           "Content-Length: 15\r\n\r\n{\"name\":\"Jana\"}");
    assert_int_equal(a.status, 201);
    assert_string_equal(a.body.ptr, "{\"name\":\"Jana\"}");
    assert_string_equal(client_header(&a, "x-extra"), "a  b: c");
    client_answer_done(&a);
    expect(h,
           "POST /json HTTP/1.1\r\n" HOST "Content-Type: application/problem+json\r\n"
           "Content-Length: 2\r\n\r\n[]",
           400, "JSON object");
    expect(h,
           "POST /json HTTP/1.1\r\n" HOST "Content-Type: application/json\r\n"
           "Content-Length: 2\r\n\r\n{]",
           400, "malformed-json");
    expect(h,
           "POST /v1/thing HTTP/1.1\r\n" HOST "Content-Type: application/json\r\n"
           "Content-Length: 2\r\n\r\n{]",
           400, "\"error\":{\"message\"");
}

/* After a refusal the connection must answer the next request. */
static void refused_then_hello(struct house *h, const char *first, size_t extra, int status)
{
    struct client_answer a;
    int fd = client_open(h);
    client_send(fd, core_str(first));
    char *filler = core_alloc(extra + 1);
    memset(filler, 'x', extra);
    client_send(fd, core_strn(filler, extra));
    free(filler);
    assert_true(client_read(fd, false, &a));
    assert_int_equal(a.status, status);
    assert_null(client_header(&a, "connection"));
    client_answer_done(&a);
    client_send(fd, CORE_STR("GET /hello HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(client_read(fd, false, &a));
    assert_int_equal(a.status, 200);
    client_answer_done(&a);
    close(fd);
}

static void test_usable_after(void **state)
{
    struct house *h = *state;
    refused_then_hello(h, "POST /hello HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n", 100000,
                       413);
    refused_then_hello(h, "GET /hello HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 0, 413);
    refused_then_hello(h, "POST /nothing HTTP/1.1\r\n" HOST "Content-Length: 5000\r\n\r\n", 5000,
                       401);
    refused_then_hello(h,
                       "POST /hello HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                       "b\r\n01234567890\r\n0\r\n\r\n",
                       0, 413);
    refused_then_hello(h, "POST /json HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n[]", 0, 415);
    refused_then_hello(h, "GET /hello?%zz HTTP/1.1\r\n" HOST "\r\n", 0, 400);
    refused_then_hello(h, "PUT /hello HTTP/1.1\r\n" HOST "\r\n", 0, 405);
}

static void test_no_body(void **state)
{
    struct house *h = *state;
    expect(h, "GET /hello HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 413,
           "this request takes no body");
    expect(h,
           "GET /hello HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
           "5\r\nhello\r\n0\r\n\r\n",
           413, "this request takes no body");
    expect(h,
           "POST /hello HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
           "b\r\n01234567890\r\n0\r\n\r\n",
           413, "the body may have at most 10 bytes");
}

/* A request's memory goes to the next one, empty. */
static void test_pool(void **state)
{
    for (int i = 0; i < 3; i++)
        expect(*state, "GET /pool HTTP/1.1\r\n" HOST "\r\n", 204, NULL);
}

/* Too much is left: the answer says so, arrives whole, and the connection ends. */
static void test_far_too_large(void **state)
{
    struct house *h = *state;
    struct client_answer a;
    char *filler = core_alloc(10u << 20);
    static const char *const heads[] = {
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10485760\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\na00000\r\n"};
    for (int i = 0; i < 2; i++) {
        int fd = client_open(h);
        client_send(fd, core_str(heads[i]));
        client_send(fd, core_strn(filler, 10u << 20));
        assert_true(client_read(fd, false, &a));
        assert_int_equal(a.status, 413);
        if (i == 0)
            assert_string_equal(client_header(&a, "connection"), "close");
        assert_true(client_ended(fd));
        client_answer_done(&a);
        close(fd);
    }
    free(filler);
}

static void test_malformed(void **state)
{
    struct house *h = *state;
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" HOST "X : 1\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "nonsense\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct client_answer a;
        int fd = client_open(h);
        client_send(fd, core_str(requests[i]));
        assert_true(client_read(fd, false, &a));
        assert_true(a.status == 400 || a.status == 501);
        assert_string_equal(client_header(&a, "connection"), "close");
        assert_string_equal(client_header(&a, "content-type"), "application/problem+json");
        assert_true(client_ended(fd));
        client_answer_done(&a);
        close(fd);
    }
    char request[40000] = "GET /hello HTTP/1.1\r\n" HOST "X: ";
    memset(request + strlen(request), 'v', 30000);
    memcpy(request + strlen(request), "\r\n\r\n", 5);
    expect(h, request, 431, "headers-too-large");
}

static void test_rate(void **state)
{
    struct house *h = *state;
    for (int i = 0; i < GATE_LIMIT_LOGIN_BURST; i++)
        expect(h, "GET /limited HTTP/1.1\r\n" HOST "\r\n", 200, NULL);
    struct client_answer a = client_ask(h, "GET /limited HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 429);
    assert_string_equal(client_header(&a, "retry-after"), "6");
    client_answer_done(&a);
    atomic_fetch_add(&h->shift_ms, 7000);
    expect(h, "GET /limited HTTP/1.1\r\n" HOST "\r\n", 200, NULL);
    expect(h, "GET /limited HTTP/1.1\r\n" HOST "\r\n", 429, NULL);
}

static void test_pages(void **state)
{
    struct house *h = *state;
    struct client_answer a = client_ask(h, "GET / HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(a.body.ptr, "<p>page");
    assert_string_equal(client_header(&a, "cache-control"), "no-cache");
    assert_string_equal(client_header(&a, "vary"), "accept-encoding");
    assert_non_null(strstr(client_header(&a, "content-security-policy"), "default-src 'none'"));
    client_answer_done(&a);
    a = client_ask(h, "GET /index.html HTTP/1.1\r\n" HOST "Accept-Encoding: gzip, br\r\n\r\n");
    assert_string_equal(client_header(&a, "content-encoding"), "br");
    assert_string_equal(a.body.ptr, "br");
    client_answer_done(&a);
    a = client_ask(h, "GET / HTTP/1.1\r\n" HOST "If-None-Match: \"0\", \"1\"\r\n\r\n");
    assert_int_equal(a.status, 304);
    assert_null(client_header(&a, "content-length"));
    assert_string_equal(client_header(&a, "etag"), "W/\"1\"");
    client_answer_done(&a);
    a = client_ask(h, "HEAD /assets/x-1.js HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(client_header(&a, "content-length"), "5");
    assert_non_null(strstr(client_header(&a, "cache-control"), "immutable"));
    client_answer_done(&a);
    a = client_ask(h, "GET /pack.gz HTTP/1.1\r\n" HOST "Accept-Encoding: gzip, br\r\n\r\n");
    assert_int_equal(a.status, 200);
    assert_string_equal(client_header(&a, "content-type"), "application/gzip");
    assert_string_equal(client_header(&a, "content-length"), "2");
    assert_null(client_header(&a, "content-encoding"));
    assert_string_equal(client_header(&a, "cache-control"), "no-cache");
    client_answer_done(&a);
    a = client_ask(h, "GET /pack.gz HTTP/1.1\r\n" HOST "If-None-Match: \"3\"\r\n\r\n");
    assert_int_equal(a.status, 304);
    client_answer_done(&a);
}

static void test_page_forms(void **state)
{
    struct house *h = *state;
    static const struct {
        const char *accept, *form;
    } tries[] = {
        {"br", "br"},
        {"gzip", "gzip"},
        {"GZIP;q=0.5", "gzip"},
        {"gzip;q=1, br;q=0.5", "gzip"},
        {"gzip, br", "br"},
        {"gzip;q=0, br;q=0", NULL},
        {"identity, gzip;q=0.5", NULL},
        {"*", "br"},
        {"*;q=0.1, br;q=0", "gzip"},
        {"br;q=nonsense", NULL},
        {"br;q=2", NULL},
        {"deflate, zstd", NULL},
        {"", NULL},
        {"identity;q=0", NULL},
        {",,;,", NULL},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        char request[256];
        snprintf(request, sizeof request, "GET / HTTP/1.1\r\n" HOST "Accept-Encoding: %s\r\n\r\n",
                 tries[i].accept);
        struct client_answer a = client_ask(h, request);
        const char *form = client_header(&a, "content-encoding");
        assert_int_equal(a.status, 200);
        if (!tries[i].form)
            assert_null(form);
        else
            assert_string_equal(form, tries[i].form);
        client_answer_done(&a);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer),        TEST(test_methods),      TEST(test_addresses),
        TEST(test_access),        TEST(test_keys_unread),  TEST(test_cookie),
        TEST(test_bodies),        TEST(test_usable_after), TEST(test_no_body),
        TEST(test_far_too_large), TEST(test_malformed),    TEST(test_rate),
        TEST(test_pages),         TEST(test_page_forms),   TEST(test_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
