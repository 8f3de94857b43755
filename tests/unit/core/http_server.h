/*
 * http_server.h: a scripted server on a thread, in plain text and TLS. The path chooses what it
 * does; a connection is served until its client leaves, and one request at a time.
 */
#ifndef TESTS_UNIT_CORE_HTTP_SERVER_H
#define TESTS_UNIT_CORE_HTTP_SERVER_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum tls { PLAIN, TLS, TLS_EXPIRED };

struct server {
    pthread_t thread;
    int fd;
    unsigned port;
    SSL_CTX *tls; /* or NULL */
    EVP_PKEY *key;
    X509 *cert;
    char cert_file[64];
    atomic_uint connections, requests;
    char request[65536]; /* the thread's own */
    pthread_mutex_t lock;
    char last[1024]; /* the beginning of the last request */
};

void server_start(struct server *s, enum tls tls);
void server_stop(struct server *s);
/* Was this in the last request? */
bool server_saw(struct server *s, const char *text);

#endif
