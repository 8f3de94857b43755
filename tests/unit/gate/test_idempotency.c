/*
 * test_idempotency.c: a POST with an Idempotency-Key beside work that waits; what the end of a
 * process does to it is tests/e2e/test_idempotency.py's.
 */
#include "tests/unit/gate/house.h"

#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "Host: h\r\n"

static struct client_answer post_once(const struct house *h)
{
    char request[512];
    snprintf(request, sizeof request,
             "POST /once HTTP/1.1\r\n" HOST "Authorization: Bearer %s\r\n"
             "Idempotency-Key: again\r\nContent-Length: 0\r\n\r\n",
             h->token);
    return client_ask(h, request);
}

static void done_once(const struct house *h, bool replayed)
{
    struct client_answer a = post_once(h);
    assert_int_equal(a.status, 201);
    assert_string_equal(a.body.ptr, "{\"done\":1}");
    assert_int_equal(client_header(&a, "idempotency-replayed") != NULL, replayed);
    client_answer_done(&a);
}

/* So much work waits. */
static void works(const struct house *h, unsigned count)
{
    char want[32];
    bool so = false;
    snprintf(want, sizeof want, " %u works", count);
    for (int i = 0; !so && i < 1000; i++) {
        struct client_answer a = client_ask(h, "GET /inside HTTP/1.1\r\n" HOST "\r\n");
        so = core_str_find(core_buf_str(&a.body), core_str(want)) >= 0;
        client_answer_done(&a);
        house_sleep(5);
    }
    assert_true(so);
}

/* What is refused because the server is busy says nothing of what was done before. */
static void test_refused_while_busy(void **state)
{
    enum { FULL = GATE_LIMIT_WORK_THREADS + GATE_LIMIT_WORK_QUEUE };
    struct house *h = *state;
    int fds[FULL], status = 0;
    done_once(h, false);
    done_once(h, true);
    atomic_store(&h->held, true);
    for (int i = 0; i < FULL; i++) {
        fds[i] = client_open(h);
        client_send(fds[i], CORE_STR("GET /slow?ms=1 HTTP/1.1\r\n" HOST "\r\n"));
    }
    works(h, GATE_LIMIT_WORK_QUEUE);
    /* Until the store has the answer it comes from memory. */
    for (int i = 0; i < 1000 && status != 503; i++) {
        struct client_answer a = post_once(h);
        status = a.status;
        client_answer_done(&a);
        house_sleep(1);
    }
    assert_int_equal(status, 503);
    atomic_store(&h->held, false);
    for (int i = 0; i < FULL; i++)
        close(fds[i]);
    works(h, 0);
    done_once(h, true);
    assert_int_equal(atomic_load(&h->done), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refused_while_busy, house_setup, house_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
