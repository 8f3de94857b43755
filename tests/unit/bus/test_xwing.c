/* test_xwing.c: the draft's vectors, byte for byte, and what is no key or no ciphertext. */
#include "bus/xwing.h"

#include "tests/unit/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void vectors(void **state)
{
    (void)state;
    struct core_json_doc *doc = vectors_open("xwing.json");
    core_json test, tests = core_json_get(core_json_root(doc), "tests");
    struct core_json_iter it = core_json_iter(tests);
    assert_int_equal(core_json_count(tests), 3);
    while (core_json_next(&it, NULL, &test)) {
        unsigned char seed[BUS_XWING_SEED_SIZE], random[BUS_XWING_RANDOM_SIZE];
        unsigned char want_public[BUS_XWING_PUBLIC_SIZE], want_cipher[BUS_XWING_CIPHER_SIZE];
        unsigned char want_secret[BUS_XWING_SECRET_SIZE];
        unsigned char cipher[BUS_XWING_CIPHER_SIZE], secret[BUS_XWING_SECRET_SIZE];
        vectors_bytes(test, "seed", seed, sizeof seed);
        vectors_bytes(test, "eseed", random, sizeof random);
        vectors_bytes(test, "pk", want_public, sizeof want_public);
        vectors_bytes(test, "ct", want_cipher, sizeof want_cipher);
        vectors_bytes(test, "ss", want_secret, sizeof want_secret);
        struct bus_xwing *key = bus_xwing_new(seed);
        struct core_str public = bus_xwing_public(key);
        assert_int_equal(public.len, sizeof want_public);
        assert_memory_equal(public.ptr, want_public, sizeof want_public);
        assert_int_equal(bus_xwing_encapsulate(want_public, random, cipher, secret), 0);
        assert_memory_equal(cipher, want_cipher, sizeof cipher);
        assert_memory_equal(secret, want_secret, sizeof secret);
        memset(secret, 0, sizeof secret);
        assert_int_equal(bus_xwing_decapsulate(key, want_cipher, secret), 0);
        assert_memory_equal(secret, want_secret, sizeof secret);
        bus_xwing_free(key);
    }
    core_json_free(doc);
}

static void altered_ciphertext_gives_another_secret(void **state)
{
    (void)state;
    unsigned char seed[BUS_XWING_SEED_SIZE] = {1}, random[BUS_XWING_RANDOM_SIZE] = {2};
    unsigned char cipher[BUS_XWING_CIPHER_SIZE];
    unsigned char secret[BUS_XWING_SECRET_SIZE], other[BUS_XWING_SECRET_SIZE];
    struct bus_xwing *key = bus_xwing_new(seed);
    assert_int_equal(bus_xwing_encapsulate((const unsigned char *)bus_xwing_public(key).ptr, random,
                                           cipher, secret),
                     0);
    /* Both halves of it. */
    for (size_t i = 0; i < sizeof cipher; i += 7) {
        cipher[i] ^= 4;
        assert_int_equal(bus_xwing_decapsulate(key, cipher, other), 0);
        assert_memory_not_equal(secret, other, sizeof secret);
        cipher[i] ^= 4;
    }
    assert_int_equal(bus_xwing_decapsulate(key, cipher, other), 0);
    assert_memory_equal(secret, other, sizeof secret);
    bus_xwing_free(key);
    bus_xwing_free(NULL);
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    unsigned char seed[BUS_XWING_SEED_SIZE] = {1}, random[BUS_XWING_RANDOM_SIZE] = {2};
    unsigned char public[BUS_XWING_PUBLIC_SIZE], good[BUS_XWING_PUBLIC_SIZE];
    unsigned char cipher[BUS_XWING_CIPHER_SIZE] = {3}, secret[BUS_XWING_SECRET_SIZE] = {4};
    struct bus_xwing *key = bus_xwing_new(seed);
    memcpy(good, bus_xwing_public(key).ptr, sizeof good);
    memcpy(public, good, sizeof public);
    memset(public + 1184, 0, 32);
    assert_int_equal(bus_xwing_encapsulate(public, random, cipher, secret), CORE_EPROTO);
    memcpy(public, good, sizeof public);
    memset(public, 0xff, 3);
    assert_int_equal(bus_xwing_encapsulate(public, random, cipher, secret), CORE_EPROTO);
    assert_int_equal(cipher[0], 3);
    assert_int_equal(bus_xwing_encapsulate(good, random, cipher, secret), 0);
    memset(cipher + 1088, 0, 32);
    secret[0] = 4;
    assert_int_equal(bus_xwing_decapsulate(key, cipher, secret), CORE_EPROTO);
    assert_int_equal(secret[0], 4);
    bus_xwing_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(altered_ciphertext_gives_another_secret),
        cmocka_unit_test(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests_name("bus_xwing", tests, NULL, NULL);
}
