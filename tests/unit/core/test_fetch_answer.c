/* test_fetch_answer.c: answers whole, and byte by byte. */
#include "core/fetch_answer.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct core__answer answer;
static char body[256];
static size_t body_len;

/* Feeds the text in pieces until it is over; then the connection ends, when `end`. */
static int feed(const char *text, size_t step, bool end)
{
    size_t len = strlen(text);
    int err = 0;

    core__answer_init(&answer, false);
    body_len = 0;
    for (size_t at = 0; at < len && !err && !answer.whole; at += step) {
        char piece[4096];
        size_t n = len - at < step ? len - at : step, got;
        assert_true(n <= sizeof piece);
        memcpy(piece, text + at, n);
        err = core__answer_feed(&answer, piece, n, &got);
        assert_true(got <= n && body_len + got < sizeof body);
        memcpy(body + body_len, piece, got);
        body_len += got;
    }
    body[body_len] = '\0';
    return err ? err : end ? core__answer_end(&answer) : 0;
}

static const size_t steps[] = {1, 3, 7, 4096};
#define EACH_STEP(step)                                                                            \
    for (size_t i_ = 0, step = steps[0]; i_ < 4; step = steps[++i_ < 4 ? i_ : 0])

static void a_length_says_where_it_ends(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        assert_int_equal(feed("HTTP/1.1 200 OK\r\nContent-Type: text/plain; a=b\r\nX: y\r\n"
                              "Content-Length: 5\r\n\r\nhello",
                              step, false),
                         0);
        assert_true(answer.whole && answer.keep);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.content_type, "text/plain; a=b");
        assert_string_equal(body, "hello");
    }
}

static void chunks_are_put_together(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        assert_int_equal(
            feed("HTTP/1.1 429 Slow\r\nRetry-After: 17\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n",
                 step, false),
            0);
        assert_true(answer.whole && answer.keep);
        assert_int_equal(answer.status, 429);
        assert_string_equal(answer.retry_after, "17");
        assert_string_equal(body, "abc0123456789");
    }
}

static void the_end_may_be_the_connections(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        assert_int_equal(feed("HTTP/1.1 200 OK\r\n\r\nall of it", step, true), 0);
        assert_true(answer.whole && !answer.keep);
        assert_string_equal(body, "all of it");
        assert_int_equal(feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", step, true),
                         CORE_EPROTO);
        assert_string_equal(body, "abc");
        assert_int_equal(
            feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", step, true),
            CORE_EPROTO);
        assert_int_equal(feed("HTTP/1.1 200", step, true), CORE_EPROTO);
    }
    assert_int_equal(feed("", 1, true), CORE_EPROTO);
}

static void what_is_interim_is_forgotten(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        assert_int_equal(feed("HTTP/1.1 103 Early Hints\r\nContent-Type: a/b\r\n\r\n"
                              "HTTP/1.1 204 No Content\r\n\r\n",
                              step, false),
                         0);
        assert_true(answer.whole && answer.keep);
        assert_int_equal(answer.status, 204);
        assert_string_equal(answer.content_type, "");
    }
    assert_int_equal(
        feed("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 9, false),
        CORE_EPROTO);
}

static void a_connection_is_kept_only_when_nothing_is_left_on_it(void **state)
{
    (void)state;
    assert_int_equal(
        feed("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 4096, false), 0);
    assert_true(answer.whole && !answer.keep);
    assert_int_equal(feed("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 4096, false), 0);
    assert_true(answer.whole && !answer.keep);
    assert_int_equal(
        feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK", 4096, false), 0);
    assert_true(answer.whole && !answer.keep);
    assert_string_equal(body, "x");
}

static void the_answer_of_a_head_has_no_body(void **state)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    char piece[sizeof text];
    size_t got;

    (void)state;
    core__answer_init(&answer, true);
    memcpy(piece, text, sizeof text);
    assert_int_equal(core__answer_feed(&answer, piece, sizeof text - 1, &got), 0);
    assert_true(answer.whole && answer.keep);
    assert_int_equal(got, 0);
}

static void what_breaks_the_protocol_is_not_understood(void **state)
{
    static const char *const bad[] = {
        "hello",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nname with blank: 1\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EACH_STEP(step)
    assert_int_equal(feed(bad[i], step, false), CORE_EPROTO);
}

static void a_head_has_an_end(void **state)
{
    char piece[64], *value = core_alloc(1001);
    size_t got, len = 0;
    int err;

    (void)state;
    memset(value, 'v', 1000);
    core__answer_init(&answer, false);
    memcpy(piece, "HTTP/1.1 200 OK\r\n", 17);
    err = core__answer_feed(&answer, piece, 17, &got);
    while (!err && len < 10 * CORE_LIMIT_FETCH_HEAD) {
        memcpy(piece, "Content-Type: ", 14);
        err = core__answer_feed(&answer, piece, 14, &got);
        if (!err)
            err = core__answer_feed(&answer, value, 1000, &got);
        memcpy(piece, "\r\n", 2);
        if (!err)
            err = core__answer_feed(&answer, piece, 2, &got);
        len += 1012;
    }
    free(value);
    assert_int_equal(err, CORE_ETOOBIG);
    assert_in_range(len, CORE_LIMIT_FETCH_HEAD - 2048, CORE_LIMIT_FETCH_HEAD + 2048);
    assert_int_equal(strlen(answer.content_type), sizeof answer.content_type - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_says_where_it_ends),
        cmocka_unit_test(chunks_are_put_together),
        cmocka_unit_test(the_end_may_be_the_connections),
        cmocka_unit_test(what_is_interim_is_forgotten),
        cmocka_unit_test(a_connection_is_kept_only_when_nothing_is_left_on_it),
        cmocka_unit_test(the_answer_of_a_head_has_no_body),
        cmocka_unit_test(what_breaks_the_protocol_is_not_understood),
        cmocka_unit_test(a_head_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
