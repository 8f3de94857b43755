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
        cmocka_unit_test(sha256_vectors),
        cmocka_unit_test(pieces_hash_like_the_whole),
        cmocka_unit_test(hmac_vectors),
        cmocka_unit_test(comparison),
    };
    return cmocka_run_group_tests_name("core_crypto", tests, NULL, NULL);
}
