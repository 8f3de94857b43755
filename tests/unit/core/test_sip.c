/* test_sip.c: the designers' vectors, and OpenSSL's SipHash at every length. */
#include "core/crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LONGEST = 320 };

static void vectors(void **state)
{
    unsigned char key[CORE_SIP_KEY_SIZE], out[CORE_SIP128_SIZE];
    char hex[2 * CORE_SIP128_SIZE + 1];

    (void)state;
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)i;
    core_sip128(key, core_strn(NULL, 0), out);
    core_hex_encode(out, sizeof out, hex);
    assert_string_equal(hex, "a3817f04ba25a8e66df67214c7550293");
    core_sip128(key, core_strn("\0", 1), out);
    core_hex_encode(out, sizeof out, hex);
    assert_string_equal(hex, "da87c1d86b99af44347659119b22fc45");
}

static void agrees_with_openssl(void **state)
{
    unsigned char key[CORE_SIP_KEY_SIZE] = {0}, bytes[LONGEST], ours[CORE_SIP128_SIZE], theirs[16];
    size_t size = sizeof theirs, len;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                 OSSL_PARAM_construct_end()};

    (void)state;
    for (unsigned i = 0; i < LONGEST; i++) {
        bytes[i] = (unsigned char)(i * 7 + 3);
        key[i % sizeof key] ^= (unsigned char)(i * 29);
        core_sip128(key, core_strn((const char *)bytes, i), ours);
        assert_non_null(EVP_Q_mac(NULL, "SIPHASH", NULL, NULL, params, key, sizeof key, bytes, i,
                                  theirs, sizeof theirs, &len));
        assert_int_equal(len, sizeof theirs);
        assert_memory_equal(ours, theirs, sizeof theirs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(agrees_with_openssl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
