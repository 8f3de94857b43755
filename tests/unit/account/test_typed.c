/* test_typed.c: what people type: names that hide something, passwords that are guessed first. */
#include "account/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void common_passwords_are_known(void **state)
{
    static const char *const common[] = {
        "password",
        "Password1!",
        "p4ssw0rd",
        "P@$$w0rd2024",
        "12345678",
        "qwerty123",
        "1q2w3e4r",
        "iloveyou",
        "11111111",
        "abcabcabc",
        "19841984",
        "a1234567",
        "1a2b3c4d",
        "trustno1",
        "dragon2024!",
        "letmein!!!",
        "!!admin123",
        "zxcvbnm,",
        "1qaz2wsx",
        "football",
        "passwordpassword",
        "qwertyuiop",
        "abcd1234",
        "87654321",
        "asdfghjkl",
        "l0vely123",
        "\xef\xbc\xb0\xef\xbc\xa1\xef\xbc\xb3\xef\xbc\xb3word1", /* full width */
        "monkey123",
        "superman",
        "starwars",
        "sunshine1",
        "princess",
    };
    static const char *const fine[] = {
        "correct horse battery", "battery staple",          "wiesenblume am bach", "kX9#vTq2",
        "h\xc3\xa4ndedruck17",   "dragons eat my password", "velvet-otter-41",     "123456789012",
    };
    (void)state;
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (!account__password_common(core_str(common[i])))
            fail_msg("%s", common[i]);
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        if (account__password_common(core_str(fine[i])))
            fail_msg("%s", fine[i]);
}

static const char *const known[] = {"1232323q", "ncc1701d", "a1s2d3f4", "8j4ye3uz", "0.0.0.000"};

static void known_passwords_are_refused(void **state)
{
    (void)state;
    /* None of them is told by how it is made. */
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(account__password_known(core_str(known[i])) &&
                    !account__password_common(core_str(known[i])));
    assert_true(account__password_known(CORE_STR("PaSsWoRd")));
    assert_false(account__password_known(CORE_STR("correct horse battery")));
    assert_false(account__password_known(CORE_STR("")));
}

static void the_products_words_are_known(void **state)
{
    static const char *const ours[] = {
        "skynet",
        "SkyNet-Server-2024",
        "my skynet at home",
        "5kyn3t wiesenblume",
        "xxskynetxx",
        "kitchen GENOM 42",
        "7genom7",
        "genom",
        "(g3n0m) on a hill",
    };
    static const char *const fine[] = {"sky net and sea",   "wiese angenommen bach",
                                       "a genome of mice",  "phaenogenomisch",
                                       "das pangenom lebt", ""};
    struct account_why why;
    (void)state;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (!account__password_ours(core_str(ours[i])))
            fail_msg("%s", ours[i]);
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        if (account__password_ours(core_str(fine[i])))
            fail_msg("%s", fine[i]);
    assert_int_equal(account__password_good(CORE_STR("my Skynet at home"), "a@example.org", &why),
                     CORE_EINVAL);
    assert_string_equal(why.field, "password");
}

static void any_bytes_are_read(void **state)
{
    char text[80];
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        memset(text, (int)i, sizeof text);
        for (size_t len = 0; len <= sizeof text; len++) {
            (void)account__password_common(core_strn(text, len));
            (void)account__password_ours(core_strn(text, len));
        }
    }
    assert_false(account__password_common(CORE_STR("")));
}

static void passwords_do_not_hold_the_address(void **state)
{
    struct account_why why;
    (void)state;
    assert_int_equal(account__password_good(CORE_STR("xx Maria.B xx"), "maria.b@example.org", &why),
                     CORE_EINVAL);
    assert_string_equal(why.field, "password");
    assert_int_equal(account__password_good(CORE_STR("a banjo and a lute"), "a@example.org", &why),
                     0);
    assert_int_equal(account__password_good(CORE_STR("A@Example.Org"), "a@example.org", &why),
                     CORE_EINVAL);
}

static void names_hide_nothing(void **state)
{
    static const char *const bad[] = {
        "a\x01",
        "a\x7f",
        "a\xc2\x85",
        "a\xe2\x80\xae"
        "oot",
        "a\xe2\x81\xa6",
        "a\xe2\x80\x8b",
        "\xe3\x85\xa4",
        "a\xef\xbb\xbf",
        "a\xf3\xa0\x81\x81",
        "a\xe2\x80\xa8z",
        "a\xc2\xa0z",
    };
    static const char *const good[] = {"Ann Řezníčková", "\xe6\xa2\x85",
                                       "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"};
    char name[ACCOUNT_LIMIT_NAME];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(account__name_read(core_str(bad[i]), "a@b", name), CORE_EINVAL);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(account__name_read(core_str(good[i]), "a@b", name), 0);
        assert_string_equal(name, good[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_passwords_are_known),
        cmocka_unit_test(known_passwords_are_refused),
        cmocka_unit_test(the_products_words_are_known),
        cmocka_unit_test(any_bytes_are_read),
        cmocka_unit_test(passwords_do_not_hold_the_address),
        cmocka_unit_test(names_hide_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
