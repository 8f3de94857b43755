/* test_crypto.c: published test vectors, and the odd shapes of input. */
#include "core/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_hex(const unsigned char out[static CORE_SHA256_SIZE], const char *hex)
{
    char text[2 * CORE_SHA256_SIZE + 1];

    core_hex_encode(out, CORE_SHA256_SIZE, text);
    assert_string_equal(text, hex);
}

static size_t from_hex(const char *hex, unsigned char *out, size_t cap)
{
    ssize_t len = core_hex_decode(core_str(hex), out, cap);

    assert_true(len >= 0);
    return (size_t)len;
}

/* FIPS 180-4 examples. */
static void sha256_vectors(void **state)
{
    (void)state;
    unsigned char out[CORE_SHA256_SIZE];

    core_sha256(CORE_STR("abc"), out);
    assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    core_sha256(core_strn(NULL, 0), out);
    assert_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    core_sha256(CORE_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), out);
    assert_hex(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void pieces_hash_like_the_whole(void **state)
{
    (void)state;
    struct core_sha256 *h = core_sha256_new();
    unsigned char out[CORE_SHA256_SIZE];
    char piece[1000];

    memset(piece, 'a', sizeof piece);
    for (int i = 0; i < 1000; i++)
        core_sha256_add(h, core_strn(piece, sizeof piece));
    core_sha256_add(h, core_strn(NULL, 0));
    core_sha256_end(h, out);
    assert_hex(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231, cases 1, 2 and 6. */
static void hmac_vectors(void **state)
{
    (void)state;
    unsigned char out[CORE_SHA256_SIZE];
    char key[131];

    memset(key, 0x0b, 20);
    core_hmac_sha256(core_strn(key, 20), CORE_STR("Hi There"), out);
    assert_hex(out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    core_hmac_sha256(CORE_STR("Jefe"), CORE_STR("what do ya want for nothing?"), out);
    assert_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    core_hmac_sha256(core_strn(key, sizeof key),
                     CORE_STR("Test Using Larger Than Block-Size Key - Hash Key First"), out);
    assert_hex(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    core_hmac_sha256(core_strn(NULL, 0), core_strn(NULL, 0), out);
    assert_hex(out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* FIPS 202. */
static void sha3_vectors(void **state)
{
    (void)state;
    unsigned char out[200], want[200];

    core_sha3_256(CORE_STR("abc"), out);
    assert_hex(out, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    core_sha3_256(core_strn(NULL, 0), out);
    assert_hex(out, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    core_shake256(core_strn(NULL, 0), out, 40);
    from_hex("46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762fd75dc4ddd8c0f200",
             want, sizeof want);
    assert_memory_equal(out, want, 40);
    /* More than one block of output. */
    core_shake256(CORE_STR("abc"), out, sizeof out);
    assert_int_equal(
        from_hex("483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386"
                 "c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e41385141204f329979fd3047a13c56577"
                 "24ada64d2470157b3cdc288620944d78dbcddbd912993f0913f164fb2ce95131a2d09a3e6d51cbfc"
                 "622720d7a75c6334e8a2d7ec71a7cc29cf0ea610eeff1a588290a53000faa79932becec0bd3cd0b3"
                 "3a7e5d397fed1ada9442b99903f4dcfd8559ed3950faf40fe6f3b5d710ed3b677513771af6bfe119",
                 want, sizeof want),
        sizeof out);
    assert_memory_equal(out, want, sizeof out);
}

/* RFC 5869, cases 1 and 3. */
static void hkdf_vectors(void **state)
{
    (void)state;
    unsigned char secret[22], salt[13], info[10], out[42], want[42];

    memset(secret, 0x0b, sizeof secret);
    from_hex("000102030405060708090a0b0c", salt, sizeof salt);
    from_hex("f0f1f2f3f4f5f6f7f8f9", info, sizeof info);
    core_hkdf_sha256(core_strn(salt, sizeof salt), core_strn(secret, sizeof secret),
                     core_strn(info, sizeof info), out, sizeof out);
    from_hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
             want, sizeof want);
    assert_memory_equal(out, want, sizeof out);
    core_hkdf_sha256(core_strn(NULL, 0), core_strn(secret, sizeof secret), core_strn(NULL, 0), out,
                     sizeof out);
    from_hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
             want, sizeof want);
    assert_memory_equal(out, want, sizeof out);
}

/* Two of the reference implementation's own tests. */
static void argon2id_vectors(void **state)
{
    unsigned char out[32];
    (void)state;
    core_argon2id(CORE_STR("password"), CORE_STR("somesalt"), 65536, 2, out, sizeof out);
    assert_hex(out, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    core_argon2id(CORE_STR("password"), CORE_STR("somesalt"), 256, 2, out, sizeof out);
    assert_hex(out, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
}

/* RFC 8439, 2.8.2. */
static void aead_vector(void **state)
{
    (void)state;
    static const char text[] =
        "Ladies and Gentlemen of the class of '99: If I could offer you only "
        "one tip for the future, sunscreen would be it.";
    enum { TEXT = sizeof text - 1, SEALED = TEXT + CORE_AEAD_TAG_SIZE };
    unsigned char key[CORE_AEAD_KEY_SIZE], nonce[CORE_AEAD_NONCE_SIZE], aad[12];
    unsigned char out[SEALED], want[SEALED], back[TEXT];

    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)(0x80 + i);
    from_hex("070000004041424344454647", nonce, sizeof nonce);
    from_hex("50515253c0c1c2c3c4c5c6c7", aad, sizeof aad);
    from_hex("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fa"
             "fb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4"
             "fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecb"
             "d0600691",
             want, sizeof want);
    struct core_str head = core_strn(aad, sizeof aad);
    core_aead_seal(key, nonce, head, core_strn(text, TEXT), out);
    assert_memory_equal(out, want, SEALED);
    assert_int_equal(core_aead_open(key, nonce, head, core_strn(out, SEALED), back), 0);
    assert_memory_equal(back, text, TEXT);
    /* Every bit counts, and what was decrypted is not left behind. */
    static const unsigned char zeros[TEXT];
    for (size_t bit = 0; bit < 8 * (size_t)SEALED; bit++) {
        out[bit / 8] ^= (unsigned char)(1u << bit % 8);
        memset(back, 0xff, sizeof back);
        assert_int_equal(core_aead_open(key, nonce, head, core_strn(out, SEALED), back),
                         CORE_EDENIED);
        assert_memory_equal(back, zeros, TEXT);
        out[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    assert_int_equal(core_aead_open(key, nonce, core_strn(aad, 11), core_strn(out, SEALED), back),
                     CORE_EDENIED);
    assert_int_equal(core_aead_open(key, nonce, head, core_strn(out, 15), back), CORE_EPROTO);
}

static void empty_text_is_sealed_too(void **state)
{
    (void)state;
    static const unsigned char key[CORE_AEAD_KEY_SIZE], nonce[CORE_AEAD_NONCE_SIZE];
    unsigned char tag[CORE_AEAD_TAG_SIZE];
    struct core_str none = core_strn(NULL, 0);

    core_aead_seal(key, nonce, none, none, tag);
    assert_int_equal(core_aead_open(key, nonce, none, core_strn(tag, sizeof tag), tag), 0);
    tag[0] ^= 1;
    assert_int_equal(core_aead_open(key, nonce, none, core_strn(tag, sizeof tag), tag),
                     CORE_EDENIED);
}

static void comparison(void **state)
{
    (void)state;
    assert_true(core_crypto_eq(CORE_STR("secret"), CORE_STR("secret")));
    assert_false(core_crypto_eq(CORE_STR("secret"), CORE_STR("Secret")));
    assert_false(core_crypto_eq(CORE_STR("secret"), CORE_STR("secrets")));
    assert_true(core_crypto_eq(core_strn(NULL, 0), CORE_STR("")));
    assert_non_null(strstr(core_crypto_version(), "OpenSSL 3."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_vectors), cmocka_unit_test(pieces_hash_like_the_whole),
        cmocka_unit_test(hmac_vectors),   cmocka_unit_test(sha3_vectors),
        cmocka_unit_test(hkdf_vectors),   cmocka_unit_test(argon2id_vectors),
        cmocka_unit_test(aead_vector),    cmocka_unit_test(empty_text_is_sealed_too),
        cmocka_unit_test(comparison),
    };
    return cmocka_run_group_tests_name("core_crypto", tests, NULL, NULL);
}
