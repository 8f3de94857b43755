/* test_totp.c: codes are those of RFC 6238, work once, and stand between a password and a login. */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct account_client client = {.agent = {"test", 4}, .address = {"192.0.2.1", 9}};
static const struct core_str owner = {"owner", 5}, email = {"ann@example.org", 15},
                             password = {"correct horse", 13};

/* RFC 6238, appendix B: the last six of its eight digits. */
static void codes_of_the_standard(void **state)
{
    static const struct {
        int64_t at_s;
        const char *code;
    } cases[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                 {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    const unsigned char *secret = (const unsigned char *)"12345678901234567890";
    char code[7];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t step = cases[i].at_s / 30;
        account__totp_code(secret, step, code);
        assert_string_equal(code, cases[i].code);
        struct core_str typed = core_str(code);
        assert_int_equal(account__totp_step(secret, typed, cases[i].at_s, 0), step);
        assert_int_equal(account__totp_step(secret, typed, cases[i].at_s + 30, 0), step);
        assert_int_equal(account__totp_step(secret, typed, cases[i].at_s + 60, 0), -1);
        assert_int_equal(account__totp_step(secret, typed, cases[i].at_s, step), -1);
        assert_int_equal(account__totp_step(secret, core_strn(code, 5), cases[i].at_s, 0), -1);
    }
}

/* What the app that holds the account's secret shows. */
static void code_now(struct house *h, int64_t later_s, char out[static 7])
{
    struct account_factor factor;
    assert_int_equal(account__factor_read(h->accounts, owner, &factor), 0);
    assert_true(factor.known);
    account__totp_code(factor.secret, (core_wall_ms(&helper_env) / 1000 + later_s) / 30, out);
}

static void register_owner(struct house *h)
{
    struct account_form form = {.email = email, .password = password, .owner = true};
    struct account_tokens tokens;
    struct account_why why = {0};
    assert_int_equal(account_register(h->accounts, &form, &client, &tokens, &why), 0);
}

static int enter(struct house *h, const char *code, struct account_why *why)
{
    struct account_tokens tokens;
    *why = (struct account_why){0};
    return account_login(h->accounts, email, password, core_str(code), &client, &tokens, why);
}

static void a_confirmed_factor_is_asked_for(void **state)
{
    struct house *h = *state;
    struct account_totp totp;
    struct account_why why;
    char codes[ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE], code[7];
    register_owner(h);
    assert_int_equal(account_totp_confirm(h->accounts, owner, CORE_STR("123456"), NULL, codes),
                     CORE_ENOTFOUND);
    assert_int_equal(account_totp_remove(h->accounts, owner, CORE_STR("123456"), NULL),
                     CORE_ENOTFOUND);
    assert_int_equal(account_totp_begin(h->accounts, owner, &totp), 0);
    assert_int_equal(strlen(totp.secret), 32);
    assert_non_null(strstr(totp.uri, totp.secret));
    assert_int_equal(enter(h, "", &why), 0); /* not before it is confirmed */
    assert_int_equal(account_totp_confirm(h->accounts, owner, CORE_STR("abcdef"), NULL, codes),
                     CORE_EAUTH);
    code_now(h, 0, code);
    assert_int_equal(account_totp_confirm(h->accounts, owner, core_str(code), NULL, codes), 0);
    assert_int_equal(account_totp_begin(h->accounts, owner, &totp), CORE_EEXISTS);

    assert_int_equal(enter(h, "", &why), CORE_EAUTH);
    assert_string_equal(why.field, "totp");
    assert_int_equal(enter(h, code, &why), CORE_EAUTH); /* that one was used to confirm */
    assert_null(why.field);
    helper_wall_shift_ms += 60000;
    code_now(h, 0, code);
    assert_int_equal(enter(h, code, &why), 0);
    assert_int_equal(enter(h, code, &why), CORE_EAUTH);
    assert_int_equal(enter(h, codes[3], &why), 0);
    assert_int_equal(enter(h, codes[3], &why), CORE_EAUTH);
    helper_house_close(h);
    helper_house_open(h);
    assert_int_equal(enter(h, codes[4], &why), 0);

    helper_wall_shift_ms += 60000;
    code_now(h, 0, code);
    assert_int_equal(account_totp_remove(h->accounts, owner, CORE_STR("000000000"), NULL),
                     CORE_EAUTH);
    assert_int_equal(account_totp_remove(h->accounts, owner, core_str(code), NULL), 0);
    assert_int_equal(enter(h, "", &why), 0);
    assert_int_equal(account_totp_begin(h->accounts, owner, &totp), 0);
    assert_int_equal(enter(h, codes[5], &why),
                     0); /* no factor: what is sent besides does not matter */
}

static void the_store_holds_no_secret(void **state)
{
    struct house *h = *state;
    struct account_totp first, second;
    int64_t same;
    register_owner(h);
    assert_int_equal(account_totp_begin(h->accounts, owner, &first), 0);
    assert_int_equal(account_totp_begin(h->accounts, owner, &second),
                     0); /* anew, as long as it is open */
    assert_string_not_equal(first.secret, second.secret);
    assert_int_equal(store_read_i64(h->store, "SELECT length(totp) FROM account", NULL, 0, &same),
                     0);
    assert_int_equal(same, CORE_AEAD_NONCE_SIZE + ACCOUNT_TOTP_SECRET + CORE_AEAD_TAG_SIZE);
}

static struct house *of_meanwhile;

static void begin_anew(void)
{
    struct account_totp totp;
    assert_int_equal(account_totp_begin(of_meanwhile->accounts, owner, &totp), 0);
}

/* No app has the secret that would be on otherwise. */
static void what_was_begun_anew_is_not_confirmed(void **state)
{
    struct house *h = *state;
    struct account_totp totp;
    struct account_why why;
    char code[7], codes[ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE];
    register_owner(h);
    assert_int_equal(account_totp_begin(h->accounts, owner, &totp), 0);
    code_now(h, 0, code);
    of_meanwhile = h;
    helper_meanwhile = begin_anew;
    assert_int_equal(account_totp_confirm(h->accounts, owner, core_str(code), NULL, codes),
                     CORE_EAUTH);
    assert_int_equal(enter(h, "", &why), 0);
    code_now(h, 0, code);
    assert_int_equal(account_totp_confirm(h->accounts, owner, core_str(code), NULL, codes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_of_the_standard),
        cmocka_unit_test_setup_teardown(a_confirmed_factor_is_asked_for, helper_setup,
                                        helper_teardown),
        cmocka_unit_test_setup_teardown(the_store_holds_no_secret, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(what_was_begun_anew_is_not_confirmed, helper_setup,
                                        helper_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
