/*
 * test_crowd.c: more connections, and more answers that nobody reads, than there is room for.
 */
#include "tests/unit/gate/house.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "Host: h\r\n"
enum { PLACES = HOUSE_SMALL_CONNECTIONS };

static void ask(int fd, const char *path)
{
    char request[200];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "\r\n", path);
    client_send(fd, core_str(request));
}

static int status_of(int fd)
{
    struct client_answer a;
    if (!client_read(fd, false, &a))
        return 0;
    client_answer_done(&a);
    return a.status;
}

static bool is_open(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 0;
}

/* One connection too many: the one that was quiet longest ends, whatever it has begun to say. */
static void test_resting_give_way(void **state)
{
    struct house *h = *state;
    int fds[PLACES], last[2];
    for (int i = 0; i < PLACES; i++) {
        fds[i] = client_open(h);
        ask(fds[i], "/hello");
        assert_int_equal(status_of(fds[i]), 200);
    }
    ask(fds[0], "/hello"); /* now the second rests longest */
    assert_int_equal(status_of(fds[0]), 200);
    client_send(fds[1], CORE_STR("GET /hello HT"));
    for (int i = 0; i < 2; i++) {
        last[i] = client_open(h);
        ask(last[i], "/hello");
        assert_int_equal(status_of(last[i]), 200);
        assert_true(client_ended(fds[1 + i]));
    }
    for (int i = 3; i < PLACES; i++)
        assert_true(is_open(fds[i]));
    ask(fds[0], "/hello");
    assert_int_equal(status_of(fds[0]), 200);
    for (int i = 0; i < PLACES; i++)
        close(fds[i]);
    close(last[0]), close(last[1]);
}

/* Those that wait for an answer keep their places; who comes waits, and gets in when one rests. */
static void test_busy_stay(void **state)
{
    struct house *h = *state;
    int fds[PLACES + 1], waiting;
    for (int i = 0; i < PLACES + 1; i++) {
        fds[i] = client_open(h);
        ask(fds[i], i == 0 ? "/slow?ms=1500" : "/never");
        /* Until its request is seen it rests, and would give way to the next. */
        for (int n = 0; n < 3000 && atomic_load(&h->waiting) < i; n++)
            house_sleep(1);
        assert_int_equal(atomic_load(&h->waiting), i);
    }
    waiting = client_open(h);
    ask(waiting, "/hello");
    house_sleep(100);
    assert_true(is_open(waiting));
    assert_int_equal(atomic_load(&h->gone), 0);
    assert_int_equal(status_of(fds[0]), 200);
    assert_int_equal(status_of(waiting), 200);
    assert_int_equal(atomic_load(&h->gone), 0);
    for (int i = 0; i < PLACES + 1; i++)
        close(fds[i]);
    close(waiting);
}

/* Large answers that wait for their clients have a cap together; small ones and errors go on. */
static void test_large_answers_have_a_cap(void **state)
{
    struct house *h = *state;
    enum { ANSWERS = GATE_LIMIT_ANSWERS / GATE_LIMIT_ANSWER };
    int fds[ANSWERS], fd;
    for (int i = 0; i < ANSWERS; i++) {
        fds[i] = client_open(h);
        ask(fds[i], "/big?n=60000000");
        struct pollfd p = {.fd = fds[i], .events = POLLIN};
        assert_int_equal(poll(&p, 1, 30000), 1);
    }
    fd = client_open(h);
    ask(fd, "/big?n=1000000");
    assert_int_equal(status_of(fd), 503);
    ask(fd, "/big?n=1000");
    assert_int_equal(status_of(fd), 200);
    close(fds[0]);
    for (int i = 0, status = 0; status != 200; i++) {
        assert_true(i < 1000);
        ask(fd, "/big?n=1000000");
        status = status_of(fd);
        house_sleep(5);
    }
    for (int i = 1; i < ANSWERS; i++)
        close(fds[i]);
    close(fd);
}

/* A preface that leaves no room for bodies of answers. */
static const char narrow[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                             "\0\0\6\4\0\0\0\0\0\0\4\0\0\0\0";

static void send_frame(int fd, char type, char flags, unsigned id, struct core_str payload)
{
    const unsigned char head[] = {0,
                                  (unsigned char)(payload.len >> 8),
                                  (unsigned char)payload.len,
                                  (unsigned char)type,
                                  (unsigned char)flags,
                                  0,
                                  0,
                                  (unsigned char)(id >> 8),
                                  (unsigned char)id};
    client_send(fd, core_strn(head, sizeof head));
    client_send(fd, payload);
}

/* Of an answered request only the answer stays: who does not take it holds nothing else. */
static void test_what_came_goes_with_the_answer(void **state)
{
    /* ":method: POST", ":scheme: http", ":path: /json", ":authority: x", "content-type: …" */
    static const char fields[] = "\x83\x86\x04\x05/json\x41\x01x\x0f\x10\x10"
                                 "application/json";
    struct house *h = *state;
    char body[4000];
    int fd = client_open(h);
    int len = snprintf(body, sizeof body, "{\"name\":\"Jana\",\"more\":\"%03900d\"}", 0);
    client_send(fd, core_strn(narrow, sizeof narrow - 1));
    for (unsigned i = 0; i < 10; i++) {
        send_frame(fd, 1, 4, 2 * i + 1, core_strn(fields, sizeof fields - 1));
        send_frame(fd, 0, 1, 2 * i + 1, core_strn(body, (size_t)len));
    }
    struct client_answer a = {0};
    for (int i = 0; i < 1000; i++) {
        a = client_ask(h, "GET /inside HTTP/1.1\r\n" HOST "\r\n");
        if (core_str_starts(core_buf_str(&a.body), CORE_STR("10 answers")))
            break;
        client_answer_done(&a);
        house_sleep(5);
    }
    assert_string_equal(a.body.ptr, "10 answers, 0 bytes, 0 documents, 0 works");
    client_answer_done(&a);
    close(fd);
}

/* Streams that wait, from `first` on. */
static void wait_on(int fd, unsigned first, unsigned count)
{
    /* ":method: GET", ":scheme: http", ":path: /never", ":authority: x" */
    static const char fields[] = "\x82\x86\x04\x06/never\x41\x01x";
    for (unsigned i = 0; i < count; i++)
        send_frame(fd, 1, 5, first + 2 * i, core_strn(fields, sizeof fields - 1));
}

static bool soon(atomic_int *value, int want)
{
    for (int i = 0; i < 3000 && atomic_load(value) != want; i++)
        house_sleep(1);
    return atomic_load(value) == want;
}

/* Past it HTTP/2 says that the client may come again; others do not notice. */
static void test_requests_of_one_address(void **state)
{
    static const char refused[] = "\0\0\4\3\0\0\0\0\1\0\0\0\7";
    enum { SHARE = GATE_LIMIT_REQUESTS_PEER, FULL = SHARE / BUS_LIMIT_H2_STREAMS };
    struct house *h = *state;
    char answer[256];
    size_t len = 0;
    int fds[FULL + 2];
    for (int i = 0; i < FULL + 2; i++) {
        fds[i] = client_open_from(h, i <= FULL ? "127.0.0.1" : "127.0.0.2");
        client_send(fds[i], core_strn(narrow, sizeof narrow - 1));
        if (i < FULL)
            wait_on(fds[i], 1, BUS_LIMIT_H2_STREAMS);
    }
    assert_true(soon(&h->waiting, SHARE));
    wait_on(fds[FULL], 1, 1);
    while (core_str_find(core_strn(answer, len), core_strn(refused, sizeof refused - 1)) < 0) {
        struct pollfd p = {.fd = fds[FULL], .events = POLLIN};
        assert_int_equal(poll(&p, 1, 30000), 1);
        ssize_t got = recv(fds[FULL], answer + len, sizeof answer - len, 0);
        assert_true(got > 0);
        len += (size_t)got;
    }
    wait_on(fds[FULL + 1], 1, 1);
    assert_true(soon(&h->waiting, SHARE + 1));
    close(fds[0]);
    assert_true(soon(&h->waiting, SHARE + 1 - BUS_LIMIT_H2_STREAMS));
    wait_on(fds[FULL], 3, 1);
    assert_true(soon(&h->waiting, SHARE + 2 - BUS_LIMIT_H2_STREAMS));
    for (int i = 1; i < FULL + 2; i++)
        close(fds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_resting_give_way, house_setup_small, house_teardown),
        cmocka_unit_test_setup_teardown(test_busy_stay, house_setup_small, house_teardown),
        cmocka_unit_test_setup_teardown(test_large_answers_have_a_cap, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(test_what_came_goes_with_the_answer, house_setup,
                                        house_teardown),
        cmocka_unit_test_setup_teardown(test_requests_of_one_address, house_setup, house_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
