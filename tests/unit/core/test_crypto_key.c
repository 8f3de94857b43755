/*
 * test_crypto_key.c: NIST's vectors for ML-KEM-768, the RFCs' for X25519 and Ed25519, and what a
 * peer can send that is no key.
 */
#include "core/crypto.h"

#include "tests/unit/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>

static void from_hex(const char *hex, unsigned char *out, size_t size)
{
    assert_int_equal(core_hex_decode(core_str(hex), out, size), size);
}

static struct core_json_doc *doc;

static int setup(void **state)
{
    (void)state;
    doc = vectors_open("mlkem768.json");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    core_json_free(doc);
    return 0;
}

static core_json group(const char *name, struct core_json_iter *ret_tests)
{
    core_json g = core_json_get(core_json_root(doc), name);
    core_json tests = core_json_type(g) == CORE_JSON_OBJECT ? core_json_get(g, "tests") : g;
    assert_in_range(core_json_count(tests), 5, 10);
    *ret_tests = core_json_iter(tests);
    return g;
}

static void key_generation(void **state)
{
    (void)state;
    struct core_json_iter it;
    core_json test;
    group("key_generation", &it);
    while (core_json_next(&it, NULL, &test)) {
        unsigned char seed[CORE_MLKEM_SEED_SIZE];
        unsigned char public[CORE_MLKEM_PUBLIC_SIZE], want[CORE_MLKEM_PUBLIC_SIZE];
        vectors_bytes(test, "d", seed, 32);
        vectors_bytes(test, "z", seed + 32, 32);
        vectors_bytes(test, "ek", want, sizeof want);
        core_key_free(core_mlkem_new(seed, public));
        assert_memory_equal(public, want, sizeof want);
    }
}

static void encapsulation(void **state)
{
    (void)state;
    struct core_json_iter it;
    core_json test;
    group("encapsulation", &it);
    while (core_json_next(&it, NULL, &test)) {
        unsigned char public[CORE_MLKEM_PUBLIC_SIZE], random[CORE_MLKEM_RANDOM_SIZE];
        unsigned char cipher[CORE_MLKEM_CIPHER_SIZE], want_cipher[CORE_MLKEM_CIPHER_SIZE];
        unsigned char secret[CORE_MLKEM_SECRET_SIZE], want_secret[CORE_MLKEM_SECRET_SIZE];
        vectors_bytes(test, "ek", public, sizeof public);
        vectors_bytes(test, "m", random, sizeof random);
        vectors_bytes(test, "c", want_cipher, sizeof want_cipher);
        vectors_bytes(test, "k", want_secret, sizeof want_secret);
        assert_int_equal(core_mlkem_encapsulate(public, random, cipher, secret), 0);
        assert_memory_equal(cipher, want_cipher, sizeof cipher);
        assert_memory_equal(secret, want_secret, sizeof secret);
    }
}

/* NIST gives expanded keys; ours are made from seeds alone, so the library is asked directly: half
 * of these ciphertexts are not the key's, and have to give the secret that the standard says. */
static void decapsulation(void **state)
{
    (void)state;
    struct core_json_iter it;
    core_json test, g = group("decapsulation", &it);
    unsigned char dk[2400];
    vectors_bytes(g, "dk", dk, sizeof dk);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(NULL, "ML-KEM-768", NULL, dk, sizeof dk);
    assert_non_null(key);
    while (core_json_next(&it, NULL, &test)) {
        unsigned char cipher[CORE_MLKEM_CIPHER_SIZE];
        unsigned char secret[CORE_MLKEM_SECRET_SIZE], want[CORE_MLKEM_SECRET_SIZE];
        size_t len = sizeof secret;
        vectors_bytes(test, "c", cipher, sizeof cipher);
        vectors_bytes(test, "k", want, sizeof want);
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
        assert_int_equal(EVP_PKEY_decapsulate_init(ctx, NULL), 1);
        assert_int_equal(EVP_PKEY_decapsulate(ctx, secret, &len, cipher, sizeof cipher), 1);
        assert_memory_equal(secret, want, sizeof want);
        EVP_PKEY_CTX_free(ctx);
    }
    EVP_PKEY_free(key);
}

/* FIPS 203, algorithm 18: a ciphertext of another gives SHAKE256(z ‖ c). */
static void both_ways_and_rejection(void **state)
{
    (void)state;
    unsigned char seed[CORE_MLKEM_SEED_SIZE], public[CORE_MLKEM_PUBLIC_SIZE];
    unsigned char secret[2][CORE_MLKEM_SECRET_SIZE];
    struct {
        unsigned char z[32], cipher[CORE_MLKEM_CIPHER_SIZE];
    } c;
    memset(seed, 7, 32);
    memset(seed + 32, 8, 32);
    memset(c.z, 8, 32);
    struct core_key *key = core_mlkem_new(seed, public);
    assert_int_equal(core_mlkem_encapsulate(public, seed, c.cipher, secret[0]), 0);
    core_mlkem_decapsulate(key, c.cipher, secret[1]);
    assert_memory_equal(secret[0], secret[1], sizeof secret[0]);
    for (size_t i = 0; i < sizeof c.cipher; i += 97) {
        c.cipher[i] ^= 0x10;
        core_shake256(core_strn(&c, sizeof c), secret[0], sizeof secret[0]);
        core_mlkem_decapsulate(key, c.cipher, secret[1]);
        assert_memory_equal(secret[0], secret[1], sizeof secret[0]);
        c.cipher[i] ^= 0x10;
    }
    core_key_free(key);
    core_key_free(NULL);
}

static void unreduced_key_is_refused(void **state)
{
    (void)state;
    unsigned char seed[CORE_MLKEM_SEED_SIZE] = {1}, public[CORE_MLKEM_PUBLIC_SIZE];
    unsigned char cipher[CORE_MLKEM_CIPHER_SIZE] = {5}, secret[CORE_MLKEM_SECRET_SIZE] = {6};
    core_key_free(core_mlkem_new(seed, public));
    /* The first coefficient becomes 3329, one more than there are. */
    public[0] = 0x01;
    public[1] = (unsigned char)((public[1] & 0xf0) | 0x0d);
    assert_int_equal(core_mlkem_encapsulate(public, seed, cipher, secret), CORE_EPROTO);
    assert_int_equal(cipher[0], 5);
    assert_int_equal(secret[0], 6);
    public[0] = 0x00;
    assert_int_equal(core_mlkem_encapsulate(public, seed, cipher, secret), 0);
}

/* RFC 7748, 6.1. */
static void x25519(void **state)
{
    (void)state;
    unsigned char scalar[32], public[32], peer[32], want[32], secret[32] = {9};
    from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", scalar, 32);
    from_hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", peer, 32);
    struct core_key *key = core_x25519_new(scalar, public);
    from_hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", want, 32);
    assert_memory_equal(public, want, 32);
    assert_int_equal(core_x25519_agree(key, peer, secret), 0);
    from_hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", want, 32);
    assert_memory_equal(secret, want, 32);
    /* The points of small order, and what is the same modulo the prime. */
    static const char *const small[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        from_hex(small[i], peer, 32);
        assert_int_equal(core_x25519_agree(key, peer, secret), CORE_EPROTO);
        assert_memory_equal(secret, want, 32);
    }
    core_key_free(key);
}

/* RFC 8032, 7.1, tests 2 and 3. */
static void ed25519(void **state)
{
    (void)state;
    unsigned char public[32], signature[64], message[2] = {0x72, 0}, seed[32], made[64];
    from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", seed, 32);
    struct core_key *key = core_ed25519_new(seed, public);
    core_ed25519_sign(key, core_strn(message, 1), made);
    core_key_free(key);
    assert_int_equal(core_ed25519_verify(public, core_strn(message, 1), made), 0);
    from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", public, 32);
    from_hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
             signature, 64);
    assert_memory_equal(made, signature, sizeof made);
    assert_int_equal(core_ed25519_verify(public, core_strn(message, 1), signature), 0);
    assert_int_equal(core_ed25519_verify(public, core_strn(message, 2), signature), CORE_EDENIED);
    for (size_t i = 0; i < 64; i++) {
        signature[i] ^= 1;
        assert_int_equal(core_ed25519_verify(public, core_strn(message, 1), signature),
                         CORE_EDENIED);
        signature[i] ^= 1;
    }
    from_hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", public, 32);
    assert_int_equal(core_ed25519_verify(public, core_strn(message, 1), signature), CORE_EDENIED);
    from_hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
             "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
             signature, 64);
    assert_int_equal(core_ed25519_verify(public, CORE_STR("\xaf\x82"), signature), 0);
    /* No point of the curve at all. */
    memset(public, 0xff, sizeof public);
    assert_int_equal(core_ed25519_verify(public, CORE_STR("\xaf\x82"), signature), CORE_EDENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_generation),
        cmocka_unit_test(encapsulation),
        cmocka_unit_test(decapsulation),
        cmocka_unit_test(both_ways_and_rejection),
        cmocka_unit_test(unreduced_key_is_refused),
        cmocka_unit_test(x25519),
        cmocka_unit_test(ed25519),
    };
    return cmocka_run_group_tests_name("core_crypto_key", tests, setup, teardown);
}
