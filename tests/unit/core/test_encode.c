/* test_encode.c: hex and base64 against the RFC 4648 vectors and against each other. */
#include "core/str.h"

#include "core/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void hex(void **state)
{
    (void)state;
    char out[16];
    core_hex_encode("\x00\xff\x1a", 3, out);
    assert_string_equal(out, "00ff1a");
    core_hex_encode(NULL, 0, out);
    assert_string_equal(out, "");

    unsigned char bytes[4] = {9, 9, 9, 9};
    assert_int_equal(core_hex_decode(CORE_STR("00fF1A"), bytes, sizeof bytes), 3);
    assert_memory_equal(bytes, "\x00\xff\x1a\x09", 4);
    assert_int_equal(core_hex_decode(CORE_STR(""), bytes, 0), 0);
    assert_int_equal(core_hex_decode(CORE_STR("0"), bytes, 4), CORE_EINVAL);
    assert_int_equal(core_hex_decode(CORE_STR("aag0"), bytes, 4), CORE_EINVAL);
    assert_int_equal(core_hex_decode(CORE_STR("0011223344"), bytes, 4), CORE_ETOOBIG);
    assert_memory_equal(bytes, "\x00\xff\x1a\x09", 4);
}

static void base64_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *text, *url;
    } v[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+", "-__-"},
    };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        char out[16];
        size_t len = strlen(v[i].plain);
        assert_int_equal(core_base64_encode(v[i].plain, len, false, out), strlen(v[i].text));
        assert_string_equal(out, v[i].text);
        assert_int_equal(core_base64_encode(v[i].plain, len, true, out), strlen(v[i].url));
        assert_string_equal(out, v[i].url);
        assert_int_equal(core_base64_decode(core_str(v[i].text), out, sizeof out), len);
        assert_memory_equal(out, v[i].plain, len);
        assert_int_equal(core_base64_decode(core_str(v[i].url), out, len), len);
        assert_memory_equal(out, v[i].plain, len);
    }
}

static void base64_is_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "A",   "AAAAA", "=",        "==",    "A===",   "Zg=",  "Zm8==", "Zg= =", "Z g=",   "Zh==",
        "Zm9", "Zh",    "Zg==Zg==", "Zm9v=", "Zm9v\n", "Zm.v", "====",  "Zg===", "Z\xc3=="};
    char out[16] = "untouched";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (core_base64_decode(core_str(bad[i]), out, sizeof out) != CORE_EINVAL)
            fail_msg("%s", bad[i]);
    assert_int_equal(core_base64_decode(CORE_STR("Zm9vYmFy"), out, 5), CORE_ETOOBIG);
    assert_string_equal(out, "untouched");
}

static void base64_round_trips(void **state)
{
    (void)state;
    unsigned char bytes[200], back[200];
    uint32_t seed = 1;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)((seed = seed * 1664525 + 1013904223) >> 24);
        char text[300];
        for (int url = 0; url < 2; url++) {
            size_t n = core_base64_encode(bytes, len, url, text);
            assert_true(n + 1 <= core_base64_size(len));
            assert_true(url || n + 1 == core_base64_size(len));
            assert_int_equal(core_base64_decode(core_strn(text, n), back, len), len);
            assert_memory_equal(bytes, back, len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex),
        cmocka_unit_test(base64_vectors),
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base64_round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
