/*
 * test_fetch.c: against a scripted server on a thread, in plain text and TLS. The path chooses what it
 * does; each connection serves requests until the client leaves.
 */
#include "core/fetch.h"

#include "core/env.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum tls { PLAIN, TLS, TLS_EXPIRED };

struct server {
    pthread_t thread;
    int fd;
    unsigned port;
    SSL_CTX *tls; /* or NULL */
    EVP_PKEY *key;
    X509 *cert;
    char cert_file[64];
    atomic_uint connections;
    char request[65536]; /* the thread's own */
    pthread_mutex_t lock;
    char last[1024]; /* the beginning of the last request */
};

/* --- Server --------------------------------------------------------------------------------- */

struct peer {
    int fd;
    SSL *ssl;
};

static ssize_t peer_read(struct peer *p, char *out, size_t len)
{
    return p->ssl ? SSL_read(p->ssl, out, (int)len) : recv(p->fd, out, len, 0);
}

static bool peer_write(struct peer *p, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = p->ssl ? SSL_write(p->ssl, bytes, (int)len) : send(p->fd, bytes, len, 0);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool say(struct peer *p, const char *text)
{
    return peer_write(p, text, strlen(text));
}

static bool read_request(struct server *s, struct peer *p)
{
    size_t len = 0;
    size_t want = 0;
    ssize_t n;
    char *end;
    char *length;

    while (!want || len < want) {
        n = peer_read(p, s->request + len, sizeof s->request - 1 - len);
        if (n <= 0)
            return false;
        len += (size_t)n;
        s->request[len] = '\0';
        end = strstr(s->request, "\r\n\r\n");
        if (!end || want)
            continue;
        length = strcasestr(s->request, "content-length:");
        want = (size_t)(end - s->request) + 4 + (length ? strtoul(length + 15, NULL, 10) : 0);
    }
    pthread_mutex_lock(&s->lock);
    snprintf(s->last, sizeof s->last, "%.1000s", s->request);
    pthread_mutex_unlock(&s->lock);
    return true;
}

static bool answer_stream(struct peer *p)
{
    if (!say(p, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                "Transfer-Encoding: chunked\r\n\r\n"))
        return false;
    for (int i = 0; i < 5; i++) {
        if (!say(p, "8\r\ndata: x\n\r\n"))
            return false;
        usleep(20000);
    }
    return say(p, "0\r\n\r\n");
}

static bool answer_big(struct peer *p, const char *status)
{
    char head[128];
    char *body = calloc(1, 200000);
    bool ok;

    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: 200000\r\n\r\n", status);
    memset(body, 'b', 200000);
    ok = say(p, head) && peer_write(p, body, 200000);
    free(body);
    return ok;
}

static bool answer(struct server *s, struct peer *p)
{
    const char *path = strchr(s->request, ' ') + 1;

    if (strncmp(path, "/stream", 7) == 0)
        return answer_stream(p);
    if (strncmp(path, "/big", 4) == 0)
        return answer_big(p, "200 OK");
    if (strncmp(path, "/error", 6) == 0)
        return answer_big(p, "503 Busy");
    if (strncmp(path, "/slow", 5) == 0) {
        char byte;
        say(p, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        peer_read(p, &byte, 1); /* until the client gives up */
        return false;
    }
    if (strncmp(path, "/cut", 4) == 0) {
        say(p, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        return false;
    }
    if (strncmp(path, "/moved", 6) == 0)
        return say(p, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
    return say(p, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Content-Length: 5\r\n\r\nhello");
}

static void serve(struct server *s, int fd)
{
    struct peer p = {.fd = fd};

    if (s->tls) {
        p.ssl = SSL_new(s->tls);
        SSL_set_fd(p.ssl, fd);
        if (SSL_accept(p.ssl) <= 0)
            goto out;
    }
    while (read_request(s, &p) && answer(s, &p))
        ;
out:
    SSL_free(p.ssl);
    close(fd);
}

static void *server_main(void *arg)
{
    struct server *s = arg;
    int fd;

    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        atomic_fetch_add(&s->connections, 1);
        serve(s, fd);
    }
    return NULL;
}

/* A certificate of our own for 127.0.0.1. */
static void make_tls(struct server *s, bool expired)
{
    X509_EXTENSION *san;
    FILE *file;
    int fd;

    s->key = EVP_EC_gen("P-256");
    s->cert = X509_new();
    X509_set_version(s->cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(s->cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(s->cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(s->cert), expired ? -1 : 3600);
    X509_set_pubkey(s->cert, s->key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(s->cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)"sky", -1, -1, 0);
    X509_set_issuer_name(s->cert, X509_get_subject_name(s->cert));
    san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(s->cert, san, -1);
    X509_EXTENSION_free(san);
    X509_sign(s->cert, s->key, EVP_sha256());
    s->tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(s->tls, s->cert);
    SSL_CTX_use_PrivateKey(s->tls, s->key);
    snprintf(s->cert_file, sizeof s->cert_file, "%s/sky-cert-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    fd = mkstemp(s->cert_file);
    assert_true(fd >= 0);
    file = fdopen(fd, "w");
    PEM_write_X509(file, s->cert);
    fclose(file);
}

static void server_start(struct server *s, enum tls tls)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    *s = (struct server){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    pthread_mutex_init(&s->lock, NULL);
    if (tls)
        make_tls(s, tls == TLS_EXPIRED);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->fd, 16), 0);
    getsockname(s->fd, (struct sockaddr *)&at, &len);
    s->port = ntohs(at.sin_port);
    pthread_create(&s->thread, NULL, server_main, s);
}

static void server_stop(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    pthread_mutex_destroy(&s->lock);
    SSL_CTX_free(s->tls);
    X509_free(s->cert);
    EVP_PKEY_free(s->key);
    if (s->cert_file[0])
        unlink(s->cert_file);
}

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

static bool sent(struct fixture *f, const char *text)
{
    bool found;

    pthread_mutex_lock(&f->server.lock);
    found = strstr(f->server.last, text) != NULL;
    pthread_mutex_unlock(&f->server.lock);
    return found;
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
    assert_true(sent(f, "POST /ok HTTP/1.1\r\n"));
    assert_true(sent(f, "Authorization: Bearer sky_token\r\n"));
    assert_true(sent(f, "Content-Type: application/json\r\n"));
    assert_true(sent(f, "Accept: text/event-stream\r\n"));
    assert_true(sent(f, "\r\n\r\n{\"a\":1}"));
    assert_false(sent(f, "Expect"));
    f->request = (struct core_fetch_request){.method = "DELETE"};
    assert_int_equal(get(f, "/ok"), 0);
    core_fetch_response_done(&f->response);
    assert_true(sent(f, "DELETE /ok HTTP/1.1\r\n"));
    assert_false(sent(f, "Authorization"));
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
