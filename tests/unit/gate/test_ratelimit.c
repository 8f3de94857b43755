/*
 * test_ratelimit.c: buckets fill by the clock, addresses share what they should, the table stays
 * full but correct against a trivial model.
 */
#include "gate/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static unsigned take_all(struct gate_peer *peer, enum gate_rate rate, uint64_t now_ms)
{
    unsigned taken = 0;
    struct gate_limit limit = {0};
    while (gate__peer_take(peer, rate, now_ms, &limit)) {
        taken++;
        assert_true(limit.wait_s == 0 && limit.left < limit.quota);
    }
    assert_true(limit.wait_s >= 1 && limit.left == 0);
    assert_string_equal(limit.what, "address");
    return taken;
}

static void test_buckets(void **state)
{
    (void)state;
    struct gate_peers *t = gate__peers_new();
    struct gate_peer *p = gate__peer_open(t, "192.0.2.1", 1000);
    struct gate_limit limit;
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 1000), GATE_LIMIT_LOGIN_BURST);
    assert_int_equal(take_all(p, GATE_RATE_ASK, 1000), GATE_LIMIT_ASK_BURST);
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 1000 + 12000), 2);
    assert_int_equal(take_all(p, GATE_RATE_ASK, 1000 + 1000), GATE_LIMIT_ASK_RATE);
    /* A clock that stands or goes back gives nothing. */
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 500), 0);
    /* Never more than the burst. */
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 1u << 30), GATE_LIMIT_LOGIN_BURST);
    for (int i = 0; i < 100000; i++)
        assert_true(gate__peer_take(p, GATE_RATE_NONE, 1000, &limit) && !limit.what);
    gate__peer_close(t, p);
    gate__peers_free(t);
}

/* What was right costs a part: a household logs in as often
 * as it likes, and what is left of guesses stays left. */
static void test_right_ones(void **state)
{
    (void)state;
    struct gate_peers *t = gate__peers_new();
    struct gate_peer *p = gate__peer_open(t, "192.0.2.1", 0);
    struct gate_limit limit;
    unsigned right = 0;
    while (gate__peer_take(p, GATE_RATE_LOGIN, 0, &limit)) {
        gate__peer_give_back(p, GATE_RATE_LOGIN, 1 - 1.0 / GATE_LIMIT_LOGIN_RIGHT);
        right++;
    }
    assert_in_range(right, GATE_LIMIT_LOGIN_RIGHT * (GATE_LIMIT_LOGIN_BURST - 1),
                    GATE_LIMIT_LOGIN_RIGHT * GATE_LIMIT_LOGIN_BURST);
    assert_int_equal(take_all(p, GATE_RATE_LOGIN, 0), 0);
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

/* --- Accounts and keys ------------------------------------------------------------------------ */

static bool client(struct gate_peers *t, enum gate_client kind, const char *id, int64_t per_minute,
                   uint64_t now_ms, struct gate_limit *ret)
{
    struct gate_peer *p;
    return gate__client_take(t, kind, id, GATE_RATE_ASK, per_minute, now_ms, ret, &p);
}

static void test_clients(void **state)
{
    (void)state;
    struct gate_peers *t = gate__peers_new();
    struct gate_limit limit;
    for (unsigned i = 0; i < 20; i++) {
        assert_true(client(t, GATE_CLIENT_ACCOUNT, "ann", 20, 1000, &limit));
        assert_true(limit.quota == 20 && limit.window_s == 60 && limit.left == 19 - i);
        assert_true(limit.full_s == 3 * (i + 1));
    }
    assert_string_equal(limit.what, "account");
    assert_false(client(t, GATE_CLIENT_ACCOUNT, "ann", 20, 1000, &limit));
    assert_true(limit.wait_s >= 3 && limit.wait_s <= 4);
    /* Others have their own, and so have keys and classes. */
    assert_true(client(t, GATE_CLIENT_ACCOUNT, "bob", 20, 1000, &limit));
    assert_true(client(t, GATE_CLIENT_KEY, "ann", 20, 1000, &limit));
    assert_string_equal(limit.what, "key");
    struct gate_peer *p;
    assert_true(
        gate__client_take(t, GATE_CLIENT_ACCOUNT, "ann", GATE_RATE_READ, 20, 1000, &limit, &p));
    /* What is given back may be taken again. */
    gate__peer_give_back(p, GATE_RATE_ASK, 1);
    assert_true(client(t, GATE_CLIENT_ACCOUNT, "ann", 20, 1000, &limit));
    assert_false(client(t, GATE_CLIENT_ACCOUNT, "ann", 20, 1000, &limit));
    /* The clock fills it; a tier with more lets more through as it fills, one with less cuts. */
    assert_true(client(t, GATE_CLIENT_ACCOUNT, "ann", 20, 4000, &limit));
    assert_false(client(t, GATE_CLIENT_ACCOUNT, "ann", 20, 4000, &limit));
    assert_true(client(t, GATE_CLIENT_ACCOUNT, "ann", 6000, 5000, &limit));
    assert_true(limit.left >= 98 && limit.left <= 99);
    assert_true(client(t, GATE_CLIENT_ACCOUNT, "ann", 5, 5000, &limit));
    assert_int_equal(limit.left, 4);
    gate__peers_free(t);
}

/* Against a trivial model: a few clients, a clock
 * that runs. Milli-tokens, so that both count alike. */
static void test_model(void **state)
{
    (void)state;
    enum { CLIENTS = 50, STEPS = 200000 };
    struct gate_peers *t = gate__peers_new();
    int64_t tokens[CLIENTS], at[CLIENTS], now = 1000;
    uint64_t seed = 42;
    for (int i = 0; i < CLIENTS; i++) {
        tokens[i] = 60000000; /* 60 of a million */
        at[i] = now;
    }
    for (int step = 0; step < STEPS; step++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int i = (int)(seed >> 33) % CLIENTS;
        now += (int64_t)(seed >> 50) % 40;
        tokens[i] += (now - at[i]) * 1000; /* 60 a minute: one a second */
        tokens[i] = tokens[i] > 60000000 ? 60000000 : tokens[i];
        at[i] = now;
        char id[16];
        struct gate_limit limit;
        snprintf(id, sizeof id, "c%d", i);
        bool expected = tokens[i] >= 1000000;
        bool close = llabs((long long)tokens[i] - 1000000) < 10; /* where doubles may round */
        bool got = client(t, GATE_CLIENT_ACCOUNT, id, 60, (uint64_t)now, &limit);
        assert_true(got == expected || close);
        tokens[i] -= got ? 1000000 : 0;
    }
    gate__peers_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buckets),   cmocka_unit_test(test_right_ones),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_full),
        cmocka_unit_test(test_memory),    cmocka_unit_test(test_clients),
        cmocka_unit_test(test_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
