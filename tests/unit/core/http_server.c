#include "tests/unit/core/http_server.h"

#include "core/limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { PEERS = 16 };

struct peer {
    int fd;
    SSL *ssl;
    unsigned count; /* of its requests that were answered */
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
    atomic_fetch_add(&s->requests, 1);
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
    /* An idle connection that its server has had enough of. */
    if (strncmp(path, "/once", 5) == 0 && p->count > 0)
        return false;
    /* Worked on for a while, and given up. */
    if (strncmp(path, "/give-up", 8) == 0 && p->count > 0) {
        usleep((CORE_LIMIT_FETCH_RACE_MS + 200) * 1000);
        return false;
    }
    if (strncmp(s->request, "CONNECT ", 8) == 0)
        return say(
            p, "HTTP/1.1 200 Connection established\r\n\r\n"); /* then it is the other end itself */
    if (strncmp(path, "/cut", 4) == 0) {
        say(p, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        return false;
    }
    if (strncmp(path, "/moved", 6) == 0)
        return say(p, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
    return say(p, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Content-Length: 5\r\n\r\nhello");
}

static void peer_close(struct peer *p)
{
    SSL_free(p->ssl);
    close(p->fd);
}

static bool peer_open(struct server *s, struct peer *ret)
{
    struct peer p = {.fd = accept(s->fd, NULL, NULL)};

    if (p.fd < 0)
        return false;
    atomic_fetch_add(&s->connections, 1);
    if (s->tls) {
        p.ssl = SSL_new(s->tls);
        SSL_set_fd(p.ssl, p.fd);
    }
    *ret = p;
    return true;
}

static bool serve(struct server *s, struct peer *p)
{
    if (p->ssl && !SSL_is_init_finished(p->ssl))
        return SSL_accept(p->ssl) > 0;
    if (!read_request(s, p) || !answer(s, p))
        return false;
    p->count++;
    return true;
}

static void *server_main(void *arg)
{
    struct server *s = arg;
    struct peer peers[PEERS];
    struct pollfd fds[PEERS + 1];
    unsigned open = 0;

    for (;;) {
        for (unsigned i = 0; i < open; i++)
            fds[i] = (struct pollfd){.fd = peers[i].fd, .events = POLLIN};
        fds[open] = (struct pollfd){.fd = s->fd, .events = POLLIN};
        poll(fds, open + 1, -1);
        bool asked = fds[open].revents != 0;
        for (unsigned i = open; i-- > 0;) {
            if (fds[i].revents && !serve(s, &peers[i])) {
                peer_close(&peers[i]);
                peers[i] = peers[--open];
            }
        }
        if (asked && (open == PEERS || !peer_open(s, &peers[open])))
            break;
        open += asked;
    }
    while (open > 0)
        peer_close(&peers[--open]);
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

void server_start(struct server *s, enum tls tls)
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

void server_stop(struct server *s)
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

bool server_saw(struct server *s, const char *text)
{
    bool found;

    pthread_mutex_lock(&s->lock);
    found = strstr(s->last, text) != NULL;
    pthread_mutex_unlock(&s->lock);
    return found;
}
