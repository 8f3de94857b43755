/*
 * test_ratelimit.c: buckets fill by the clock, addresses share what they should, the table stays full
 * but correct against a trivial model.
 */
#include "gate/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static unsigned take_all(struct gate_peer *peer, enum gate_rate rate, uint64_t now_ms)
{
    unsigned taken = 0, wait_s = 0;
    while (gate__peer_take(peer, rate, now_ms, &wait_s))
        taken++;
    assert_true(wait_s >= 1);
    return taken;
}

static void test_buckets(void **state)
{
    (void)state;
    struct gate_peers *t = gate__peers_new();
    struct gate_peer *p = gate__peer_open(t, "192.0.2.1", 1000);
    unsigned wait_s = 0;
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 1000), GATE_LIMIT_LOGIN_BURST);
    assert_int_equal(take_all(p, GATE_RATE_ASK, 1000), GATE_LIMIT_ASK_BURST);
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 1000 + 12000), 2);
    assert_int_equal(take_all(p, GATE_RATE_ASK, 1000 + 1000), GATE_LIMIT_ASK_RATE);
    /* A clock that stands or goes back gives nothing. */
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 500), 0);
    /* Never more than the burst. */
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 1u << 30), GATE_LIMIT_LOGIN_BURST);
    for (int i = 0; i < 100000; i++)
        assert_true(gate__peer_take(p, GATE_RATE_NONE, 1000, &wait_s));
    gate__peer_close(t, p);
    gate__peers_free(t);
}

static void test_addresses(void **state)
{
    (void)state;
    struct gate_peers *t = gate__peers_new();
    struct gate_peer *a = gate__peer_open(t, "2001:db8:1:2::1", 0);
    assert_ptr_equal(gate__peer_open(t, "2001:db8:1:2:ffff::9", 0), a);
    assert_ptr_not_equal(gate__peer_open(t, "2001:db8:1:3::1", 0), a);
    assert_int_equal(gate__peer_connections(a), 2);
    struct gate_peer *v4 = gate__peer_open(t, "192.0.2.1", 0);
    assert_ptr_not_equal(gate__peer_open(t, "192.0.2.2", 0), v4);
    assert_ptr_not_equal(gate__peer_open(t, "::1", 0), gate__peer_open(t, "::", 0));
    gate__peers_free(t);
}

/* Ten times as many peers as fit, some with connections: those keep their entry. */
static void test_full(void **state)
{
    (void)state;
    struct gate_peers *t = gate__peers_new();
    enum { HELD = 500 };
    struct gate_peer *held[HELD];
    char address[32];
    for (unsigned i = 0; i < 10 * GATE_LIMIT_PEERS; i++) {
        snprintf(address, sizeof address, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        struct gate_peer *p = gate__peer_open(t, address, 0);
        assert_int_equal(gate__peer_connections(p), 1);
        if (i % 150 == 0 && i / 150 < HELD)
            held[i / 150] = p;
        else
            gate__peer_close(t, p);
    }
    for (unsigned k = 0; k < HELD; k++) {
        unsigned i = k * 150;
        snprintf(address, sizeof address, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        assert_ptr_equal(gate__peer_open(t, address, 0), held[k]);
        assert_int_equal(gate__peer_connections(held[k]), 2);
    }
    gate__peers_free(t);
}

/* A peer that is remembered keeps its empty bucket; one that fell out starts anew. */
static void test_memory(void **state)
{
    (void)state;
    struct gate_peers *t = gate__peers_new();
    struct gate_peer *p = gate__peer_open(t, "192.0.2.1", 0);
    take_all(p, GATE_RATE_LOGIN, 0);
    gate__peer_close(t, p);
    p = gate__peer_open(t, "192.0.2.1", 0);
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 0), 0);
    gate__peer_close(t, p);
    for (unsigned i = 0; i < GATE_LIMIT_PEERS; i++) {
        char address[32];
        snprintf(address, sizeof address, "10.0.%u.%u", i >> 8, i & 255);
        gate__peer_close(t, gate__peer_open(t, address, 0));
    }
    p = gate__peer_open(t, "192.0.2.1", 0);
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 0), GATE_LIMIT_LOGIN_BURST);
    gate__peers_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_buckets),
                                       cmocka_unit_test(test_addresses),
                                       cmocka_unit_test(test_full), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
