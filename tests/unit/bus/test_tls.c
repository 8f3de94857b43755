/*
 * test_tls.c: the server's side of TLS against OpenSSL's client, both in memory.
 */
#include "bus/tls.h"

#include "bus/identity.h"
#include "core/err.h"
#include "core/mem.h"
#include "tests/unit/bus/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

struct pair {
    char dir[FOLDER_SIZE];
    struct bus_identity *identity;
    struct bus_tls_config *config;
    struct bus_tls *server;
    SSL_CTX *ctx;
    SSL *client;
    BIO *in, *out;
    struct core_buf plain; /* what the server read */
    size_t step;           /* bytes given to the server at once */
};

static int setup(void **state)
{
    struct pair *p = core_alloc(sizeof *p);
    char why[256] = "";
    assert_int_equal(folder_make(p->dir), 0);
    assert_int_equal(bus_identity_open(core_env_real(), p->dir, &p->identity, why, sizeof why), 0);
    assert_int_equal(bus_tls_config_new(core_env_real(), bus_identity_cert_file(p->identity),
                                        bus_identity_key_file(p->identity), &p->config, why,
                                        sizeof why),
                     0);
    p->server = bus_tls_new(p->config);
    p->ctx = SSL_CTX_new(TLS_client_method());
    p->client = SSL_new(p->ctx);
    p->in = BIO_new(BIO_s_mem());
    p->out = BIO_new(BIO_s_mem());
    SSL_set_bio(p->client, p->in, p->out);
    SSL_set_connect_state(p->client);
    core_buf_init(&p->plain, 16u << 20);
    p->step = SIZE_MAX;
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct pair *p = *state;
    SSL_free(p->client);
    SSL_CTX_free(p->ctx);
    bus_tls_free(p->server);
    bus_tls_config_free(p->config);
    bus_identity_free(p->identity);
    core_buf_done(&p->plain);
    int failed = folder_remove(p->dir);
    free(p);
    return failed;
}

/* Carries bytes both ways until nobody says anything. The server's last error. */
static int carry(struct pair *p)
{
    int err = 0;
    char bytes[65536];
    for (int len; (len = BIO_read(p->out, bytes, sizeof bytes)) > 0;) {
        for (int at = 0; at < len && (!err || err == CORE_ECLOSED);) {
            struct core_buf cipher;
            size_t part = (size_t)(len - at) < p->step ? (size_t)(len - at) : p->step;
            core_buf_init(&cipher, 16u << 20);
            err = bus_tls_feed(p->server, core_strn(bytes + at, part), &p->plain, &cipher);
            BIO_write(p->in, cipher.ptr, (int)cipher.len);
            core_buf_done(&cipher);
            at += (int)part;
        }
        if (!SSL_is_init_finished(p->client))
            SSL_do_handshake(p->client);
    }
    return err;
}

static int shake(struct pair *p)
{
    SSL_do_handshake(p->client);
    return carry(p);
}

static void test_handshake(void **state)
{
    struct pair *p = *state;
    p->step = 1;
    assert_string_equal(bus_tls_group(p->server), "");
    assert_false(bus_tls_ready(p->server));
    assert_int_equal(shake(p), 0);
    assert_true(bus_tls_ready(p->server));
    assert_string_equal(bus_tls_group(p->server), "X25519MLKEM768");
    assert_string_equal(SSL_get_version(p->client), "TLSv1.3");
    assert_false(bus_tls_h2(p->server));
}

static void test_groups(void **state)
{
    struct pair *p = *state;
    SSL_set1_groups_list(p->client, "X25519");
    assert_int_equal(shake(p), 0);
    assert_int_equal(strcasecmp(bus_tls_group(p->server), "X25519"), 0);
}

static void test_group_refused(void **state)
{
    struct pair *p = *state;
    SSL_set1_groups_list(p->client, "P-256");
    assert_int_equal(shake(p), CORE_EPROTO);
    assert_false(bus_tls_ready(p->server));
}

static void test_old_version(void **state)
{
    struct pair *p = *state;
    SSL_set_max_proto_version(p->client, TLS1_2_VERSION);
    assert_int_equal(shake(p), CORE_EPROTO);
}

static void test_alpn(void **state)
{
    struct pair *p = *state;
    SSL_set_alpn_protos(p->client, (const unsigned char *)"\x08http/1.1\x02h2", 12);
    assert_int_equal(shake(p), 0);
    assert_true(bus_tls_h2(p->server));
}

static void test_alpn_refused(void **state)
{
    struct pair *p = *state;
    SSL_set_alpn_protos(p->client, (const unsigned char *)"\x03irc", 4);
    assert_int_equal(shake(p), CORE_EPROTO);
}

static void test_bytes(void **state)
{
    struct pair *p = *state;
    enum { SIZE = 200000 };
    char *data = core_alloc(SIZE), *back = core_alloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        data[i] = (char)(i * 7);
    assert_int_equal(shake(p), 0);
    p->step = 1000;
    assert_int_equal(SSL_write(p->client, data, SIZE), SIZE);
    assert_int_equal(carry(p), 0);
    assert_int_equal(p->plain.len, SIZE);
    assert_memory_equal(p->plain.ptr, data, SIZE);
    struct core_buf cipher;
    core_buf_init(&cipher, 16u << 20);
    assert_int_equal(bus_tls_write(p->server, core_strn(data, SIZE), &cipher), 0);
    BIO_write(p->in, cipher.ptr, (int)cipher.len);
    int got = 0;
    for (int len; got < SIZE && (len = SSL_read(p->client, back + got, SIZE - got)) > 0;)
        got += len;
    assert_int_equal(got, SIZE);
    assert_memory_equal(back, data, SIZE);
    /* Both say good-bye. */
    core_buf_clear(&cipher);
    bus_tls_close(p->server, &cipher);
    BIO_write(p->in, cipher.ptr, (int)cipher.len);
    assert_int_equal(SSL_read(p->client, back, 1), 0);
    SSL_shutdown(p->client);
    assert_int_equal(carry(p), CORE_ECLOSED);
    core_buf_done(&cipher);
    free(data);
    free(back);
}

static void test_garbage(void **state)
{
    struct pair *p = *state;
    struct core_buf cipher;
    core_buf_init(&cipher, 1u << 20);
    assert_int_equal(
        bus_tls_feed(p->server, CORE_STR("GET / HTTP/1.1\r\n\r\n"), &p->plain, &cipher),
        CORE_EPROTO);
    core_buf_done(&cipher);
}

static void test_tampered(void **state)
{
    struct pair *p = *state;
    char bytes[4096];
    struct core_buf cipher;
    core_buf_init(&cipher, 1u << 20);
    assert_int_equal(shake(p), 0);
    SSL_write(p->client, "hello", 5);
    int len = BIO_read(p->out, bytes, sizeof bytes);
    bytes[len - 1] ^= 1;
    assert_int_equal(bus_tls_feed(p->server, core_strn(bytes, (size_t)len), &p->plain, &cipher),
                     CORE_EPROTO);
    assert_int_equal(p->plain.len, 0);
    core_buf_done(&cipher);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_handshake),   TEST(test_groups),  TEST(test_group_refused),
        TEST(test_old_version), TEST(test_alpn),    TEST(test_alpn_refused),
        TEST(test_bytes),       TEST(test_garbage), TEST(test_tampered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
