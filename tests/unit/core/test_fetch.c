/* test_fetch.c: against the scripted server of http_server.h. */
#include "core/fetch.h"

#include "core/env.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "tests/unit/core/http_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* --- Fixture -------------------------------------------------------------------------------- */

struct fixture {
    struct server server;
    struct core_fetch *fetch;
    char url[128];
    struct core_fetch_request request;
    struct core_fetch_response response;
    char why[256];
    unsigned pieces;
    unsigned ticks;
    unsigned stop_after;
    size_t bytes;
};

static int set_up_with(void **state, enum tls tls)
{
    struct fixture *f = core_alloc(sizeof *f);

    server_start(&f->server, tls);
    f->fetch = core_fetch_new();
    *state = f;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, PLAIN);
}

static int set_up_tls(void **state)
{
    return set_up_with(state, TLS);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    core_fetch_free(f->fetch);
    server_stop(&f->server);
    free(f);
    return 0;
}

static int get(struct fixture *f, const char *path)
{
    snprintf(f->url, sizeof f->url, "%s://127.0.0.1:%u%s", f->server.tls ? "https" : "http",
             f->server.port, path);
    f->request.url = f->url;
    if (!f->request.method)
        f->request.method = "GET";
    f->request.arg = f;
    f->why[0] = '\0';
    return core_fetch_run(f->fetch, &f->request, &f->response, f->why, sizeof f->why);
}

static int on_data(void *arg, struct core_str piece)
{
    struct fixture *f = arg;

    f->bytes += piece.len;
    return ++f->pieces == f->stop_after;
}

static int on_tick(void *arg)
{
    struct fixture *f = arg;

    return ++f->ticks == f->stop_after;
}

/* --- Tests ---------------------------------------------------------------------------------- */

static void an_answer_and_its_connection_are_reused(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(get(f, "/ok"), 0);
        assert_int_equal(f->response.status, 200);
        assert_string_equal(f->response.content_type, "text/plain; charset=utf-8");
        assert_true(core_str_eq_c(core_buf_str(&f->response.body), "hello"));
        core_fetch_response_done(&f->response);
    }
    assert_int_equal(atomic_load(&f->server.connections), 1);
}

static void a_request_carries_what_it_is_given(void **state)
{
    struct fixture *f = *state;

    f->request = (struct core_fetch_request){.method = "POST",
                                             .bearer = "sky_token",
                                             .content_type = "application/json",
                                             .accept = "text/event-stream",
                                             .body = CORE_STR("{\"a\":1}")};
    assert_int_equal(get(f, "/ok"), 0);
    core_fetch_response_done(&f->response);
    assert_true(server_saw(&f->server, "POST /ok HTTP/1.1\r\n"));
    assert_true(server_saw(&f->server, "Authorization: Bearer sky_token\r\n"));
    assert_true(server_saw(&f->server, "Content-Type: application/json\r\n"));
    assert_true(server_saw(&f->server, "Accept: text/event-stream\r\n"));
    assert_true(server_saw(&f->server, "\r\n\r\n{\"a\":1}"));
    assert_false(server_saw(&f->server, "Expect"));
    f->request = (struct core_fetch_request){.method = "DELETE"};
    assert_int_equal(get(f, "/ok"), 0);
    core_fetch_response_done(&f->response);
    assert_true(server_saw(&f->server, "DELETE /ok HTTP/1.1\r\n"));
    assert_false(server_saw(&f->server, "Authorization"));
}

static void bad_requests_are_not_sent(void **state)
{
    struct fixture *f = *state;

    f->request = (struct core_fetch_request){.bearer = "a\r\nX-Evil: 1"};
    assert_int_equal(get(f, "/ok"), CORE_EINVAL);
    f->request = (struct core_fetch_request){.method = "GET / HTTP/1.1\r\n\r\n"};
    assert_int_equal(get(f, "/ok"), CORE_EINVAL);
    f->request = (struct core_fetch_request){.method = "GET", .url = "file:///etc/passwd"};
    assert_int_equal(core_fetch_run(f->fetch, &f->request, &f->response, f->why, sizeof f->why),
                     CORE_EINVAL);
    f->request.url = "http://";
    assert_int_equal(core_fetch_run(f->fetch, &f->request, &f->response, f->why, sizeof f->why),
                     CORE_EINVAL);
    assert_true(f->why[0]);
    assert_int_equal(atomic_load(&f->server.connections), 0);
}

static void pieces_come_as_they_are_sent(void **state)
{
    struct fixture *f = *state;

    f->request = (struct core_fetch_request){.on_data = on_data};
    assert_int_equal(get(f, "/stream"), 0);
    assert_int_equal(f->bytes, 40);
    assert_true(f->pieces >= 2);
    assert_int_equal(f->response.body.len, 0);
    core_fetch_response_done(&f->response);
    f->pieces = 0;
    f->stop_after = 2;
    assert_int_equal(get(f, "/stream"), CORE_ECANCELLED);
    assert_int_equal(f->pieces, 2);
}

static void bodies_have_a_cap(void **state)
{
    struct fixture *f = *state;

    f->request = (struct core_fetch_request){.body_max = 200000};
    assert_int_equal(get(f, "/big"), 0);
    assert_int_equal(f->response.body.len, 200000);
    core_fetch_response_done(&f->response);
    f->request.body_max = 199999;
    assert_int_equal(get(f, "/big"), CORE_ETOOBIG);
    f->request.on_data = on_data;
    assert_int_equal(get(f, "/big"), CORE_ETOOBIG);
}

static void an_error_explains_itself_beside_a_stream(void **state)
{
    struct fixture *f = *state;

    f->request = (struct core_fetch_request){.on_data = on_data};
    assert_int_equal(get(f, "/error"), 0);
    assert_int_equal(f->response.status, 503);
    assert_int_equal(f->pieces, 0);
    assert_int_equal(f->response.body.len, CORE_LIMIT_FETCH_ERROR_BODY);
    core_fetch_response_done(&f->response);
}

static void waiting_ends(void **state)
{
    struct fixture *f = *state;
    uint64_t start = core_mono_ms(core_env_real());

    f->request = (struct core_fetch_request){.stall_ms = 150};
    assert_int_equal(get(f, "/slow"), CORE_ETIMEOUT);
    f->request = (struct core_fetch_request){.timeout_ms = 150};
    assert_int_equal(get(f, "/slow"), CORE_ETIMEOUT);
    f->request = (struct core_fetch_request){.on_tick = on_tick};
    f->stop_after = 3;
    assert_int_equal(get(f, "/slow"), CORE_ECANCELLED);
    assert_int_equal(f->ticks, 3);
    assert_true(core_mono_ms(core_env_real()) - start < 3000);
}

static void failures_are_told_apart(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(get(f, "/cut"), CORE_ENET);
    assert_true(f->why[0]);
    assert_int_equal(get(f, "/moved"), 0);
    assert_int_equal(f->response.status, 302);
    core_fetch_response_done(&f->response);
    f->request.url = "http://127.0.0.1:1/";
    assert_int_equal(core_fetch_run(f->fetch, &f->request, &f->response, f->why, sizeof f->why),
                     CORE_ENET);
    assert_non_null(strstr(f->why, "127.0.0.1"));
    core_fetch_free(NULL);
}

static void the_environment_does_not_send_us_to_a_proxy(void **state)
{
    struct fixture *f = *state;

    setenv("http_proxy", "http://127.0.0.1:1", 1);
    assert_int_equal(get(f, "/ok"), 0);
    core_fetch_response_done(&f->response);
    unsetenv("http_proxy");
}

/* The server takes one connection at a time: none may be kept. */
static void forget_connections(struct fixture *f)
{
    core_fetch_free(f->fetch);
    f->fetch = core_fetch_new();
}

static void only_the_pinned_certificate_is_trusted(void **state)
{
    struct fixture *f = *state;
    struct server other;

    assert_int_equal(get(f, "/ok"), CORE_ETRUST); /* the system does not know it */
    f->request.ca_file = f->server.cert_file;
    assert_int_equal(get(f, "/ok"), 0);
    assert_true(core_str_eq_c(core_buf_str(&f->response.body), "hello"));
    core_fetch_response_done(&f->response);
    forget_connections(f);
    server_start(&other, TLS);
    f->request.ca_file = other.cert_file;
    assert_int_equal(get(f, "/ok"), CORE_ETRUST);
    assert_true(f->why[0]);
    server_stop(&other);
    assert_int_equal(get(f, "/ok"), CORE_EINVAL); /* the file is gone */
}

static void nothing_is_sent_to_whom_is_not_trusted(void **state)
{
    struct fixture *f = *state;
    struct server expired;

    f->request.bearer = "secret";
    f->request.method = "POST";
    f->request.body = CORE_STR("a question");
    /* The right certificate for another name. */
    f->request.ca_file = f->server.cert_file;
    snprintf(f->url, sizeof f->url, "https://localhost:%u/ok", f->server.port);
    f->request.url = f->url;
    assert_int_equal(core_fetch_run(f->fetch, &f->request, &f->response, f->why, sizeof f->why),
                     CORE_ETRUST);
    assert_non_null(strstr(f->why, "subject name"));
    assert_int_equal(atomic_load(&f->server.connections), 1);
    assert_string_equal(f->server.last, "");

    server_start(&expired, TLS_EXPIRED);
    f->request.ca_file = expired.cert_file;
    snprintf(f->url, sizeof f->url, "https://127.0.0.1:%u/ok", expired.port);
    assert_int_equal(core_fetch_run(f->fetch, &f->request, &f->response, f->why, sizeof f->why),
                     CORE_ETRUST);
    assert_non_null(strstr(f->why, "expired"));
    assert_int_equal(atomic_load(&expired.connections), 1);
    assert_string_equal(expired.last, "");
    server_stop(&expired);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_and_its_connection_are_reused),
        TEST(a_request_carries_what_it_is_given),
        TEST(bad_requests_are_not_sent),
        TEST(pieces_come_as_they_are_sent),
        TEST(bodies_have_a_cap),
        TEST(an_error_explains_itself_beside_a_stream),
        TEST(waiting_ends),
        TEST(failures_are_told_apart),
        TEST(the_environment_does_not_send_us_to_a_proxy),
        cmocka_unit_test_setup_teardown(only_the_pinned_certificate_is_trusted, set_up_tls,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_sent_to_whom_is_not_trusted, set_up_tls,
                                        tear_down),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("core_fetch", tests, NULL, NULL);
}
