/* test_fetch_loop.c: many transfers on a loop, against a provider that does what its path says. */
#include "core/fetch_loop.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "tests/unit/core/http_server.h"
#include "tests/unit/core/memory.h"
#include "tests/unit/upstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CALLS = 40 };

struct fixture;
struct one {
    struct core_fetch_call call;
    struct fixture *f;
    char url[128];
    bool done, cancel, again;
    int status, http;
    int64_t retry_after_s;
    size_t bytes;
    unsigned pieces;
    char why[256], body[256];
    struct core_str body_of; /* of the request, when it is another one */
};
struct fixture {
    struct upstream up;
    struct core_loop *loop;
    struct core_fetch_loop *fetch;
    unsigned open;
    struct one ones[CALLS];
};

static int set_up(void **state)
{
    static const char *const options[7] = {"--tokens", "5", "--delay-ms", "20"};
    struct fixture *f = core_alloc(sizeof *f);
    upstream_start(&f->up, options);
    f->loop = core_loop_new(core_env_real());
    f->fetch = core_fetch_loop_new(f->loop);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    core_fetch_loop_free(f->fetch);
    core_loop_free(f->loop);
    upstream_stop(&f->up);
    free(f);
    return 0;
}

static void on_done(struct core_fetch_call *call, int status,
                    const struct core_fetch_response *response, const char *why);

static int start(struct fixture *f, unsigned i, const char *path)
{
    struct one *o = &f->ones[i];
    o->f = f;
    o->done = false;
    o->bytes = 0;
    o->pieces = 0;
    snprintf(o->url, sizeof o->url, "%s%s", f->up.url, path);
    if (!o->call.request.method)
        o->call.request.method = "POST";
    o->call.request.url = o->url;
    o->call.request.body = o->body_of.len ? o->body_of : CORE_STR("{\"stream\":true}");
    o->call.on_done = on_done;
    o->call.arg = o;
    int err = core_fetch_start(f->fetch, &o->call);
    f->open += !err;
    return err;
}

static void on_done(struct core_fetch_call *call, int status,
                    const struct core_fetch_response *response, const char *why)
{
    struct one *o = call->arg;
    assert_false(o->done);
    o->done = true;
    o->status = status;
    o->http = response->status;
    o->retry_after_s = response->retry_after_s;
    snprintf(o->why, sizeof o->why, "%s", why);
    snprintf(o->body, sizeof o->body, "%.*s", CORE_STR_ARG(core_buf_str(&response->body)));
    o->f->open--;
    if (o->again) {
        o->again = false;
        start(o->f, (unsigned)(o - o->f->ones), "/v1/chat/completions");
    }
    if (!o->f->open)
        core_loop_stop(o->f->loop);
}

static int on_data(void *arg, struct core_str piece)
{
    struct one *o = arg;
    o->bytes += piece.len;
    o->pieces++;
    if (o->cancel)
        core_fetch_cancel(o->f->fetch, &o->call);
    return 0;
}

static void stream(struct fixture *f, unsigned i, const char *path)
{
    f->ones[i].call.request.on_data = on_data;
    f->ones[i].call.request.arg = &f->ones[i];
    assert_int_equal(start(f, i, path), 0);
}

static void connections_are_used_again(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 5; i++) {
        stream(f, 0, "/v1/chat/completions");
        core_loop_run(f->loop);
        assert_string_equal(f->ones[0].why, "");
        assert_int_equal(f->ones[0].status, 0);
        assert_int_equal(f->ones[0].http, 200);
        assert_true(f->ones[0].bytes > 500);
    }
    assert_int_equal(upstream_stat(&f->up, "open"), 2); /* ours and the one that asks */
}

static void what_came_together_is_one_piece(void **state)
{
    static const char *const at_once[7] = {"--tokens", "50"};
    struct fixture *f = *state;
    upstream_stop(&f->up);
    upstream_start(&f->up, at_once);
    stream(f, 0, "/v1/chat/completions");
    core_loop_run(f->loop);
    assert_int_equal(f->ones[0].status, 0);
    assert_true(f->ones[0].bytes > 5000);
    assert_in_range(f->ones[0].pieces, 1, 25); /* of 53 chunks */
}

static void many_run_at_once(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < CALLS; i++) {
            stream(f, i, i % 4 == 3 ? "/cut/v1/chat/completions" : "/v1/chat/completions");
            if (i % 5 == 2)
                core_fetch_cancel(f->fetch, &f->ones[i].call);
        }
        core_loop_run(f->loop);
        for (unsigned i = 0; i < CALLS; i++) {
            assert_true(f->ones[i].done);
            assert_int_equal(f->ones[i].status, i % 5 == 2   ? CORE_ECANCELLED
                                                : i % 4 == 3 ? CORE_ENET
                                                             : 0);
        }
    }
}

static void a_reader_may_cancel(void **state)
{
    struct fixture *f = *state;
    f->ones[0].cancel = true;
    stream(f, 0, "/endless/v1/chat/completions");
    core_loop_run(f->loop);
    assert_int_equal(f->ones[0].status, CORE_ECANCELLED);
    assert_true(f->ones[0].bytes > 0);
    f->ones[0].cancel = false;
    f->ones[0].again = true; /* from on_done */
    stream(f, 0, "/v1/chat/completions");
    core_loop_run(f->loop);
    assert_int_equal(f->ones[0].status, 0);
}

static void errors_come_with_their_words(void **state)
{
    struct fixture *f = *state;
    stream(f, 0, "/429/v1/chat/completions");
    stream(f, 1, "/500/v1/chat/completions");
    stream(f, 2, "/hang-up/v1/chat/completions");
    core_loop_run(f->loop);
    assert_int_equal(f->ones[0].http, 429);
    assert_int_equal(f->ones[0].retry_after_s, 1);
    assert_int_equal(f->ones[1].http, 500);
    assert_non_null(strstr(f->ones[1].body, "told to fail"));
    assert_int_equal(f->ones[1].bytes, 0);
    assert_int_equal(f->ones[2].status, CORE_ENET);
    assert_string_not_equal(f->ones[2].why, "");
    f->ones[0].call.request.bearer = "two\r\nlines";
    assert_int_equal(start(f, 0, "/v1/chat/completions"), CORE_EINVAL);
    upstream_stop(&f->up);
    stream(f, 0, "/v1/chat/completions");
    core_loop_run(f->loop);
    assert_int_equal(f->ones[0].status, CORE_ENET);
    f->ones[0].call.request.url = "gopher://x/";
    f->open++;
    assert_int_equal(core_fetch_start(f->fetch, &f->ones[0].call), 0);
    f->ones[0].done = false;
    core_loop_run(f->loop);
    assert_int_equal(f->ones[0].status, CORE_EINVAL);
    static const char *const none[7] = {NULL};
    upstream_start(&f->up, none);
}

/* However long the rest of the head is. */
static void a_bearer_does_not_linger(void **state)
{
    struct fixture *f = *state;
    struct one *o = &f->ones[0];
    char bearer[200], path[600], accept[400];

    memset(bearer, 'x', sizeof bearer);
    memory_secret(0, bearer + 100);
    bearer[sizeof bearer - 1] = '\0';
    snprintf(path, sizeof path, "/v1/chat/completions?%0*d", 400, 0);
    snprintf(accept, sizeof accept, "text/%0*d", 300, 0);
    o->call.request.bearer = bearer;
    o->call.request.accept = accept;
    stream(f, 0, path);
    core_wipe(bearer, sizeof bearer);
    assert_true(memory_holds(0));
    core_loop_run(f->loop);
    assert_int_equal(o->status, 0);
    assert_false(memory_holds(0));
}

static void waiting_has_an_end(void **state)
{
    struct fixture *f = *state;
    f->ones[0].call.first_ms = 200;
    f->ones[1].call.first_ms = 200;
    f->ones[1].call.request.timeout_ms = 600;
    f->ones[2].call.request.timeout_ms = 400;
    f->ones[3].call.request.body_max = 100000;
    uint64_t begun = core_mono_ms(core_env_real());
    stream(f, 0, "/slow/v1/chat/completions");
    stream(f, 1, "/stall/v1/chat/completions"); /* the first byte comes */
    stream(f, 2, "/endless/v1/chat/completions");
    stream(f, 3, "/line/v1/chat/completions");
    core_loop_run(f->loop);
    assert_int_equal(f->ones[0].status, CORE_ETIMEOUT);
    assert_int_equal(f->ones[1].status, CORE_ETIMEOUT);
    assert_true(f->ones[1].bytes > 0);
    assert_int_equal(f->ones[2].status, CORE_ETIMEOUT);
    assert_int_equal(f->ones[3].status, CORE_ETOOBIG);
    assert_true(core_mono_ms(core_env_real()) - begun < 3000);
}

static void what_runs_ends_with_its_owner(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 4; i++)
        stream(f, i, "/stall/v1/chat/completions");
    for (int i = 0; i < 200 && !f->ones[3].bytes; i++)
        core_loop_turn(f->loop);
    core_fetch_loop_free(f->fetch);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(f->ones[i].status, CORE_ECANCELLED);
    f->fetch = core_fetch_loop_new(f->loop);
}

/* --- Against the scripted server ------------------------------------------------------------ */

static void begin(struct fixture *f, unsigned i, const struct server *s, const char *path)
{
    struct one *o = &f->ones[i];
    snprintf(o->url, sizeof o->url, "%s://127.0.0.1:%u%s", s->tls ? "https" : "http", s->port,
             path);
    o->f = f;
    o->done = false;
    o->bytes = o->pieces = 0;
    o->call.request.url = o->url;
    o->call.on_done = on_done;
    o->call.arg = o;
    if (!o->call.request.method)
        o->call.request.method = "GET";
    assert_int_equal(core_fetch_start(f->fetch, &o->call), 0);
    f->open++;
}

static void get(struct fixture *f, const struct server *s, const char *path)
{
    begin(f, 0, s, path);
    core_loop_run(f->loop);
}

static void forget_connections(struct fixture *f)
{
    core_fetch_loop_free(f->fetch);
    f->fetch = core_fetch_loop_new(f->loop);
}

static void only_the_pinned_certificate_is_trusted(void **state)
{
    struct fixture *f = *state;
    struct one *o = &f->ones[0];
    struct server s, other;
    server_start(&s, TLS);
    server_start(&other, TLS);
    get(f, &s, "/ok");
    assert_int_equal(o->status, CORE_ETRUST); /* the system does not know it */
    assert_string_not_equal(o->why, "");
    o->call.request.ca_file = other.cert_file;
    get(f, &s, "/ok");
    assert_int_equal(o->status, CORE_ETRUST);
    assert_string_equal(s.last, "");
    o->call.request.ca_file = s.cert_file;
    for (int i = 0; i < 3; i++) {
        get(f, &s, "/ok");
        assert_string_equal(o->why, "");
        assert_int_equal(o->http, 200);
        assert_string_equal(o->body, "hello");
    }
    assert_int_equal(atomic_load(&s.connections), 3);
    o->call.request.on_data = on_data;
    o->call.request.arg = o;
    forget_connections(f);
    get(f, &s, "/stream");
    assert_int_equal(o->status, 0);
    assert_int_equal(o->bytes, 40);
    forget_connections(f);
    get(f, &s, "/big");
    assert_int_equal(o->status, 0);
    assert_int_equal(o->bytes, 200000);
    forget_connections(f);
    get(f, &s, "/cut");
    assert_int_equal(o->status, CORE_ENET);
    assert_int_equal(o->bytes, 3);
    forget_connections(f);
    server_stop(&s);
    server_stop(&other);
}

static void a_request_carries_what_it_is_given(void **state)
{
    struct fixture *f = *state;
    struct one *o = &f->ones[0];
    struct server s;
    server_start(&s, PLAIN);
    o->call.request = (struct core_fetch_request){.method = "POST",
                                                  .bearer = "sky_token",
                                                  .content_type = "application/json",
                                                  .accept = "text/event-stream",
                                                  .body = CORE_STR("{\"a\":1}")};
    get(f, &s, "/ok?a=b#c");
    assert_int_equal(o->status, 0);
    assert_true(server_saw(&s, "POST /ok?a=b HTTP/1.1\r\nHost: 127.0.0.1:"));
    assert_true(server_saw(&s, "Authorization: Bearer sky_token\r\n"));
    assert_true(server_saw(&s, "Content-Type: application/json\r\n"));
    assert_true(server_saw(&s, "Accept: text/event-stream\r\n"));
    assert_true(server_saw(&s, "Content-Length: 7\r\n\r\n{\"a\":1}"));
    forget_connections(f);
    o->call.request = (struct core_fetch_request){.method = "DELETE"};
    get(f, &s, "/ok");
    assert_true(server_saw(&s, "DELETE /ok HTTP/1.1\r\n"));
    assert_false(server_saw(&s, "Authorization"));
    assert_false(server_saw(&s, "Content-Length"));
    forget_connections(f);
    server_stop(&s);
}

static void a_connection_that_was_let_go_is_no_failure(void **state)
{
    struct fixture *f = *state;
    struct one *o = &f->ones[0];
    struct server s;
    server_start(&s, PLAIN);
    o->call.request = (struct core_fetch_request){
        .method = "POST", .bearer = "sky_token", .body = CORE_STR("{}")};
    for (int i = 0; i < 3; i++) {
        o->call.request.bearer = "sky_token";
        get(f, &s, "/once");
        assert_int_equal(o->status, 0);
        assert_string_equal(o->body, "hello");
        assert_true(server_saw(&s, "Authorization: Bearer sky_token\r\n"));
    }
    assert_int_equal(atomic_load(&s.connections), 3);
    forget_connections(f);
    server_stop(&s);
}

/* It may have been worked on, and be paid for: whoever asked decides whether it is sent again. */
static void what_was_worked_on_is_not_sent_again(void **state)
{
    struct fixture *f = *state;
    struct one *o = &f->ones[0];
    struct server s;
    server_start(&s, PLAIN);
    o->call.request = (struct core_fetch_request){.method = "POST", .body = CORE_STR("{}")};
    get(f, &s, "/give-up");
    assert_int_equal(o->status, 0);
    get(f, &s, "/give-up");
    assert_int_equal(o->status, CORE_ENET);
    assert_string_not_equal(o->why, "");
    assert_int_equal(atomic_load(&s.requests), 2);
    assert_int_equal(atomic_load(&s.connections), 1);
    forget_connections(f);
    server_stop(&s);
}

static void the_second_try_is_the_last(void **state)
{
    struct fixture *f = *state;
    struct one *o = &f->ones[0];
    struct server s;
    server_start(&s, PLAIN);
    for (unsigned i = 0; i < 3; i++) {
        f->ones[i].call.request = (struct core_fetch_request){.method = "POST",
                                                              .body = CORE_STR("{}")};
        begin(f, i, &s, "/once");
    }
    core_loop_run(f->loop); /* and three connections rest */
    assert_int_equal(atomic_load(&s.requests), 3);
    get(f, &s, "/once");
    assert_int_equal(o->status, 0);
    assert_int_equal(atomic_load(&s.requests), 5);
    assert_int_equal(atomic_load(&s.connections), 4);
    forget_connections(f);
    server_stop(&s);
}

/* More than the kernel takes at once. */
static void a_large_body_goes_out(void **state)
{
    enum { LARGE = 8 << 20 };
    struct fixture *f = *state;
    char *body = core_alloc(LARGE);
    memset(body, 'x', LARGE);
    f->ones[0].body_of = core_strn(body, LARGE - (1 << 20));
    stream(f, 0, "/v1/chat/completions");
    core_loop_run(f->loop);
    assert_int_equal(f->ones[0].status, 0);
    free(body);
}

static void a_proxy_makes_a_tunnel(void **state)
{
    struct fixture *f = *state;
    struct one *o = &f->ones[0];
    struct server s;
    char proxy[64];
    server_start(&s, PLAIN);
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", s.port);
    setenv("http_proxy", proxy, 1);
    o->call.request.method = "GET";
    o->call.request.url = "http://provider.invalid/ok";
    o->f = f;
    o->call.on_done = on_done;
    o->call.arg = o;
    for (int i = 0; i < 2; i++) {
        o->done = false;
        assert_int_equal(core_fetch_start(f->fetch, &o->call), 0);
        f->open++;
        core_loop_run(f->loop);
        assert_string_equal(o->why, "");
        assert_string_equal(o->body, "hello");
        assert_true(server_saw(&s, "GET /ok HTTP/1.1\r\nHost: provider.invalid\r\n"));
    }
    assert_int_equal(atomic_load(&s.connections), 1);
    forget_connections(f);
    get(f, &s, "/ok"); /* this very machine is not asked through it */
    assert_int_equal(o->status, 0);
    unsetenv("http_proxy");
    forget_connections(f);
    server_stop(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connections_are_used_again),
        TEST(many_run_at_once),
        TEST(what_came_together_is_one_piece),
        TEST(a_reader_may_cancel),
        TEST(errors_come_with_their_words),
        TEST(a_bearer_does_not_linger),
        TEST(waiting_has_an_end),
        TEST(what_runs_ends_with_its_owner),
        TEST(only_the_pinned_certificate_is_trusted),
        TEST(a_request_carries_what_it_is_given),
        TEST(a_connection_that_was_let_go_is_no_failure),
        TEST(what_was_worked_on_is_not_sent_again),
        TEST(the_second_try_is_the_last),
        TEST(a_large_body_goes_out),
        TEST(a_proxy_makes_a_tunnel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
