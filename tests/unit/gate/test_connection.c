/*
 * test_connection.c: what happens on a connection over time: order, streams, leaving, deadlines,
 * the end of the server.
 */
#include "tests/unit/gate/house.h"

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

static void test_expect(void **state)
{
    struct house *h = *state;
    struct client_answer a;
    char bytes[64] = "";
    int fd = client_open(h);
    client_send(fd, CORE_STR("POST /echo HTTP/1.1\r\n" HOST
                             "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
    assert_int_equal(recv(fd, bytes, 25, MSG_WAITALL), 25);
    assert_string_equal(bytes, "HTTP/1.1 100 Continue\r\n\r\n");
    client_send(fd, CORE_STR("body"));
    assert_true(client_read(fd, false, &a));
    assert_string_equal(a.body.ptr, "body");
    client_answer_done(&a);
    close(fd);
    /* Refused before it is sent: no one can say whether the body will come. */
    a = client_ask(h, "POST /hello HTTP/1.1\r\n" HOST
                      "Expect: 100-continue\r\nContent-Length: 400\r\n\r\n");
    assert_int_equal(a.status, 413);
    assert_string_equal(client_header(&a, "connection"), "close");
    client_answer_done(&a);
}

static void test_pipeline(void **state)
{
    struct house *h = *state;
    struct client_answer a;
    int fd = client_open(h);
    struct core_buf all;
    core_buf_init(&all, 1u << 20);
    /* Slow and fast ones mixed: the order must stay. */
    for (int i = 0; i < 300; i++)
        core_buf_addf(&all,
                      i % 50 == 0 ? "GET /slow HTTP/1.1\r\n" HOST "X: %d\r\n\r\n"
                                  : "GET /big?n=%d HTTP/1.1\r\n" HOST "\r\n",
                      i);
    core_buf_add_c(&all, "GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    client_send(fd, core_buf_str(&all));
    for (int i = 0; i < 300; i++) {
        assert_true(client_read(fd, false, &a));
        assert_int_equal(a.status, 200);
        assert_int_equal(a.body.len, i % 50 == 0 ? 4 : i);
        client_answer_done(&a);
    }
    assert_true(client_read(fd, false, &a));
    assert_string_equal(client_header(&a, "connection"), "close");
    assert_true(client_ended(fd));
    client_answer_done(&a);
    close(fd);
    core_buf_done(&all);
}

static void test_old_version(void **state)
{
    struct house *h = *state;
    struct client_answer a = client_ask(h, "GET /hello HTTP/1.0\r\n\r\n");
    assert_string_equal(client_header(&a, "connection"), "close");
    assert_string_equal(a.body.ptr, "hello");
    client_answer_done(&a);
    a = client_ask(h, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_string_equal(client_header(&a, "connection"), "keep-alive");
    client_answer_done(&a);
    a = client_ask(h, "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_null(client_header(&a, "transfer-encoding"));
    assert_string_equal(client_header(&a, "connection"), "close");
    assert_non_null(strstr(a.body.ptr, "event: tick\ndata: {\"a\":\ndata: 1}\n\n"));
    client_answer_done(&a);
}

static void test_large_answer(void **state)
{
    struct house *h = *state;
    struct client_answer a = client_ask(h, "GET /big?n=30000000 HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    assert_int_equal(a.body.len, 30000000);
    for (size_t i = 0; i < a.body.len; i += 999)
        assert_int_equal(a.body.ptr[i], 'a' + i % 26);
    client_answer_done(&a);
    /* More than a handler may build is an error, not a part of it. */
    expect(h, "GET /big?n=70000000 HTTP/1.1\r\n" HOST "\r\n", 500, "too large");
}

static void test_streams(void **state)
{
    struct house *h = *state;
    struct client_answer a = client_ask(h, "GET /stream?n=2 HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(client_header(&a, "content-type"), "text/event-stream");
    assert_string_equal(a.body.ptr, "event: tick\ndata: {\"a\":\ndata: 1}\n\n"
                                    "data: {\"a\":\ndata: 1}\n\n");
    client_answer_done(&a);
    a = client_ask(h, "GET /timed?n=5 HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(a.body.ptr, "data: 1\n\ndata: 1\n\ndata: 1\n\ndata: 1\n\ndata: 1\n\n");
    client_answer_done(&a);
    a = client_ask(h, "HEAD /timed?n=2 HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    client_answer_done(&a);
    a = client_ask(h, "GET /stream?n=20000 HTTP/1.1\r\n" HOST "\r\n");
    assert_true(a.body.len > 400000);
    client_answer_done(&a);
}

static bool soon(atomic_int *value, int want)
{
    for (int i = 0; i < 3000 && atomic_load(value) != want; i++)
        house_sleep(1);
    return atomic_load(value) == want;
}

static void test_client_leaves(void **state)
{
    struct house *h = *state;
    int fds[3] = {client_open(h), client_open(h), client_open(h)};
    client_send(fds[0], CORE_STR("GET /never HTTP/1.1\r\n" HOST "\r\n"));
    client_send(fds[1], CORE_STR("GET /never?stream=1 HTTP/1.1\r\n" HOST "\r\n"));
    client_send(fds[2], CORE_STR("GET /slow?ms=100 HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(soon(&h->waiting, 2));
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    assert_true(soon(&h->gone, 2));
    expect(h, "GET /hello HTTP/1.1\r\n" HOST "\r\n", 200, NULL);
}

/* Who asks and ends its side is answered, unless a handler is told of clients that leave: that may
 * be one. */
static void test_half_closed(void **state)
{
    static const struct {
        const char *requests;
        size_t answers, len;
    } tries[] = {
        {"GET /slow?ms=50 HTTP/1.1\r\n" HOST "\r\n", 1, 4},
        {"GET /slow?ms=50 HTTP/1.0\r\n" HOST "\r\n", 1, 4},
        {"GET /slow?ms=50 HTTP/1.1\r\n" HOST "\r\nGET /slow HTTP/1.1\r\n" HOST "\r\n", 2, 4},
        {"GET /slow?ms=50 HTTP/1.1\r\n" HOST "\r\nGET /sl", 1, 4},
        {"GET /big?n=20000000 HTTP/1.1\r\n" HOST "\r\n", 1, 20000000},
        {"GET /timed?n=5 HTTP/1.1\r\n" HOST "\r\n", 1, 5 * 9},
        {"GET /hello HT", 0, 0},
        {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nhel", 0, 0},
        {"GET /never HTTP/1.1\r\n" HOST "\r\n", 0, 0},
        {"GET /never?stream=1 HTTP/1.1\r\n" HOST "\r\n", 0, 0},
    };
    struct house *h = *state;
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        int fd = client_open(h);
        client_send(fd, core_str(tries[i].requests));
        shutdown(fd, SHUT_WR);
        house_sleep(20);
        for (size_t n = 0; n < tries[i].answers; n++) {
            struct client_answer a;
            assert_true(client_read(fd, false, &a));
            assert_int_equal(a.status, 200);
            assert_int_equal(a.body.len, tries[i].len);
            client_answer_done(&a);
        }
        if (!strstr(tries[i].requests, "stream"))
            assert_true(client_ended(fd));
        close(fd);
    }
    assert_true(soon(&h->gone, 2));
}

/* One whose handler wants to be told after the client has ended its side. */
static void test_half_closed_before_the_handler(void **state)
{
    struct house *h = *state;
    int fd = client_open(h);
    client_send(fd, CORE_STR("GET /slow?ms=50&never=1 HTTP/1.1\r\n" HOST "\r\n"));
    shutdown(fd, SHUT_WR);
    assert_true(soon(&h->gone, 1));
    assert_true(client_ended(fd));
    close(fd);
}

static void test_behind(void **state)
{
    struct house *h = *state;
    int fd = client_open(h);
    /* 40 MB for a client that does not read. */
    client_send(fd, CORE_STR("GET /flood HTTP/1.1\r\n" HOST "\r\n"));
    for (int i = 0; i < 5000 && !atomic_load(&h->cut); i++)
        house_sleep(1);
    assert_true(atomic_load(&h->cut));
    close(fd);
}

/* Whoever answers may let go of a client that was cut before its connection has. */
static void test_leave(void **state)
{
    /* The preface, settings without any, and a stream: ":method: GET", ":scheme: http", ":path:
     * /leave", ":authority: x". */
    static const char h2[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                             "\0\0\0\x04\0\0\0\0\0"
                             "\0\0\x0d\x01\x05\0\0\0\x01"
                             "\x82\x86\x04\x06/leave\x41\x01x";
    struct house *h = *state;
    int first = client_open(h), second = client_open(h);
    int before = atomic_load(&h->gone);
    client_send(first, CORE_STR("GET /leave HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(soon(&h->gone, before + 1));
    client_send(second, core_strn(h2, sizeof h2 - 1));
    assert_true(soon(&h->gone, before + 2));
    close(first), close(second);
    expect(h, "GET /hello HTTP/1.1\r\n" HOST "\r\n", 200, NULL);
}

static void test_timeouts(void **state)
{
    struct house *h = *state;
    struct client_answer a;
    int idle = client_open(h), head = client_open(h), body = client_open(h),
        preface = client_open(h);
    client_send(head, CORE_STR("GET /hello HTTP/1.1\r\nHo"));
    client_send(body, CORE_STR("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhel"));
    client_send(preface, CORE_STR("PRI * HT"));
    expect(h, "GET /hello HTTP/1.1\r\n" HOST "\r\n", 200, NULL);
    atomic_fetch_add(&h->shift_ms, GATE_LIMIT_HEAD_MS);
    assert_true(client_read(head, false, &a));
    assert_int_equal(a.status, 408);
    assert_true(client_ended(head));
    client_answer_done(&a);
    assert_true(client_ended(preface));
    atomic_fetch_add(&h->shift_ms, GATE_LIMIT_BODY_IDLE_MS);
    assert_true(client_read(body, false, &a));
    assert_int_equal(a.status, 408);
    assert_true(client_ended(body));
    client_answer_done(&a);
    client_send(idle, CORE_STR("GET /hello HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(client_read(idle, false, &a));
    assert_int_equal(a.status, 200);
    client_answer_done(&a);
    atomic_fetch_add(&h->shift_ms, GATE_LIMIT_IDLE_MS);
    assert_true(client_ended(idle));
    close(idle), close(head), close(body), close(preface);
}

static void test_stall(void **state)
{
    struct house *h = *state;
    int fd = client_open(h);
    int before = 0;
    char *bytes = core_alloc(1u << 20);
    client_send(fd, CORE_STR("GET /big?n=30000000 HTTP/1.1\r\n" HOST "\r\n"));
    assert_int_equal(recv(fd, bytes, 1, MSG_PEEK), 1);
    /* Once for the sweep to see where it stands, once to see that it still stands there. */
    for (int i = 0; i < 2; i++) {
        atomic_fetch_add(&h->shift_ms, GATE_LIMIT_STALL_MS);
        house_sleep(GATE_LIMIT_SWEEP_MS + 200);
    }
    for (ssize_t got; (got = recv(fd, bytes, 1u << 20, 0)) > 0;)
        before += (int)got;
    free(bytes);
    assert_true(before < 30000000);
    close(fd);
}

static void ping(struct house *h, const char *request, bool held)
{
    char bytes[1024] = "";
    size_t len = 0;
    int fd = client_open(h);
    client_send(fd, core_str(request));
    assert_true(soon(&h->waiting, 1));
    if (held) {
        /* The loop has been round since: what it had to say would be there. */
        struct client_answer a = client_ask(h, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
        client_answer_done(&a);
        assert_int_equal(recv(fd, bytes, 1, MSG_DONTWAIT), -1);
    }
    atomic_fetch_add(&h->shift_ms, GATE_LIMIT_PING_MS);
    while (!strstr(bytes, ": ping\n\n")) {
        ssize_t got = recv(fd, bytes + len, sizeof bytes - len - 1, 0);
        assert_true(got > 0);
        len += (size_t)got;
    }
    assert_non_null(strstr(bytes, "HTTP/1.1 200 OK\r\n"));
    close(fd);
    assert_true(soon(&h->waiting, 0));
}

static void test_ping(void **state)
{
    struct house *h = *state;
    ping(h, "GET /never?stream=1 HTTP/1.1\r\n" HOST "\r\n", false);
    assert_true(soon(&h->gone, 1));
}

static void test_held(void **state)
{
    struct house *h = *state;
    struct client_answer a = client_ask(h, "GET /stream?n=2&held=1 HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    assert_true(core_str_find(core_buf_str(&a.body), CORE_STR("event: tick\n")) >= 0);
    client_answer_done(&a);
    a = client_ask(h, "GET /stream?n=0&held=1 HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    assert_int_equal(a.body.len, 0);
    client_answer_done(&a);
    ping(h, "GET /never?held=1 HTTP/1.1\r\n" HOST "\r\n", true);
}

static void test_drain(void **state)
{
    struct house *h = *state;
    struct client_answer a;
    int idle = client_open(h), busy = client_open(h), streaming = client_open(h);
    client_send(idle, CORE_STR("GET /hello HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(client_read(idle, false, &a));
    client_answer_done(&a);
    client_send(busy, CORE_STR("GET /slow?ms=300 HTTP/1.1\r\n" HOST "\r\n"));
    client_send(streaming, CORE_STR("GET /timed?n=30 HTTP/1.1\r\n" HOST "\r\n"));
    house_sleep(100);
    house_drain(h);
    assert_true(client_ended(idle));
    assert_true(client_read(busy, false, &a));
    assert_int_equal(a.status, 200);
    assert_string_equal(client_header(&a, "connection"), "close");
    assert_true(client_ended(busy));
    client_answer_done(&a);
    assert_true(client_read(streaming, false, &a));
    assert_int_equal(a.body.len, 30 * 9);
    assert_true(client_ended(streaming));
    client_answer_done(&a);
    close(idle), close(busy), close(streaming);
    for (int i = 0; i < 3000 && !atomic_load(&h->drained); i++)
        house_sleep(1);
    assert_true(atomic_load(&h->drained));
}

/* What never answers is cut after a while. */
static void test_drain_hard(void **state)
{
    struct house *h = *state;
    int fd = client_open(h);
    client_send(fd, CORE_STR("GET /never HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(soon(&h->waiting, 1));
    house_drain(h);
    house_sleep(100);
    assert_int_equal(atomic_load(&h->gone), 0);
    atomic_fetch_add(&h->shift_ms, GATE_LIMIT_DRAIN_MS);
    assert_true(client_ended(fd));
    assert_true(soon(&h->gone, 1));
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_expect),      TEST(test_pipeline),
        TEST(test_old_version), TEST(test_large_answer),
        TEST(test_streams),     TEST(test_client_leaves),
        TEST(test_half_closed), TEST(test_half_closed_before_the_handler),
        TEST(test_behind),      TEST(test_timeouts),
        TEST(test_stall),       TEST(test_ping),
        TEST(test_held),        TEST(test_drain),
        TEST(test_drain_hard),  TEST(test_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
