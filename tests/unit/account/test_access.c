/* test_access.c: an access token says what was signed, and nothing else is one. */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct account_claims claims_now(void)
{
    struct account_claims c = {
        .id = "owner", .login = "01m8d4ayrhjqs0r1pnnde17tnt", .role = "owner"};
    snprintf(c.name, sizeof c.name, "Ann \"the\" \\ Řeka");
    c.issued_s = core_wall_ms(&helper_env) / 1000;
    c.expires_s = c.issued_s + ACCOUNT_ACCESS_S;
    return c;
}

static void what_is_written_is_read(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now(), back = {0};
    char token[ACCOUNT_LIMIT_ACCESS];
    account__access_write(&h->accounts->keys, &c, token);
    assert_int_equal(account__access_read(&h->accounts->keys, core_str(token), &back), 0);
    assert_string_equal(back.id, c.id);
    assert_string_equal(back.name, c.name);
    assert_string_equal(back.role, c.role);
    assert_string_equal(back.login, c.login);
    assert_true(back.issued_s == c.issued_s && back.expires_s == c.expires_s);
}

static void the_longest_name_fits(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now(), back;
    char token[ACCOUNT_LIMIT_ACCESS];
    memset(c.name, '"', sizeof c.name - 1); /* each takes two bytes in JSON */
    account__access_write(&h->accounts->keys, &c, token);
    assert_int_equal(account__access_read(&h->accounts->keys, core_str(token), &back), 0);
}

static void any_changed_byte_is_refused(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now(), back;
    char token[ACCOUNT_LIMIT_ACCESS + 1];
    account__access_write(&h->accounts->keys, &c, token);
    size_t len = strlen(token);
    for (size_t i = 0; i < len; i++) {
        char was = token[i];
        token[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(account__access_read(&h->accounts->keys, core_str(token), &back),
                         CORE_EAUTH);
        token[i] = was;
        assert_int_equal(account__access_read(&h->accounts->keys, core_strn(token, i), &back),
                         CORE_EAUTH);
    }
    memcpy(token + len, ".", 2);
    assert_int_equal(account__access_read(&h->accounts->keys, core_str(token), &back), CORE_EAUTH);
}

/* {"alg":"none"}, {"alg":"HS256"}, a key of another's. */
static void no_other_algorithm(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now(), back;
    char token[ACCOUNT_LIMIT_ACCESS], forged[2 * ACCOUNT_LIMIT_ACCESS];
    account__access_write(&h->accounts->keys, &c, token);
    const char *body = strchr(token, '.');
    static const char *const headers[] = {"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0",
                                          "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
                                          "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        snprintf(forged, sizeof forged, "%s%s", headers[i], body);
        assert_int_equal(account__access_read(&h->accounts->keys, core_str(forged), &back),
                         CORE_EAUTH);
        forged[strlen(headers[i]) + 40] = '\0';
        assert_int_equal(account__access_read(&h->accounts->keys, core_str(forged), &back),
                         CORE_EAUTH);
    }
    struct account_keys other = {0};
    unsigned char seed[CORE_ED25519_SEED_SIZE] = {1};
    other.sign = core_ed25519_new(seed, other.public);
    account__access_write(&other, &c, token);
    assert_int_equal(account__access_read(&h->accounts->keys, core_str(token), &back), CORE_EAUTH);
    account__keys_done(&other);
}

static void tokens_expire(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now();
    char token[ACCOUNT_LIMIT_ACCESS];
    struct core_pool *pool = core_pool_new(1 << 16);
    account__access_write(&h->accounts->keys, &c, token);
    const struct account *account = account_by_access(h->accounts, core_str(token), pool);
    assert_non_null(account);
    assert_string_equal(account->id, "owner");
    assert_string_equal(account->login, c.login);
    helper_wall_shift_ms = ACCOUNT_ACCESS_S * 1000 - 2000;
    assert_non_null(account_by_access(h->accounts, core_str(token), pool));
    helper_wall_shift_ms = ACCOUNT_ACCESS_S * 1000 + 1000;
    assert_null(account_by_access(h->accounts, core_str(token), pool));
    helper_wall_shift_ms = -(ACCOUNT_SKEW_S + 5) *
                           1000; /* the clock went back: made in the future */
    assert_null(account_by_access(h->accounts, core_str(token), pool));
    assert_null(account_by_access(h->accounts, CORE_STR(""), pool));
    assert_null(account_by_access(h->accounts, CORE_STR(".."), pool));
    core_pool_free(pool);
}

/* A token that is known is known as a whole: what it says too, and not under another's
 * signature. */
static void known_tokens_are_known_whole(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now(), other = c;
    char token[ACCOUNT_LIMIT_ACCESS], another[ACCOUNT_LIMIT_ACCESS], altered[ACCOUNT_LIMIT_ACCESS];
    struct core_pool *pool = core_pool_new(1 << 20);
    account__access_write(&h->accounts->keys, &c, token);
    snprintf(other.id, sizeof other.id, "another");
    account__access_write(&h->accounts->keys, &other, another);
    assert_non_null(account_by_access(h->accounts, core_str(token), pool));
    assert_string_equal(account_by_access(h->accounts, core_str(another), pool)->id, "another");
    for (size_t i = 0; token[i]; i++) {
        memcpy(altered, token, sizeof altered);
        altered[i] = token[i] == 'A' ? 'B' : 'A';
        assert_null(account_by_access(h->accounts, core_str(altered), pool));
        assert_null(account_by_access(h->accounts, core_strn(token, i), pool));
    }
    size_t said = (size_t)(strrchr(another, '.') - another) + 1;
    memcpy(altered, another, said);
    snprintf(altered + said, sizeof altered - said, "%s", strrchr(token, '.') + 1);
    assert_null(account_by_access(h->accounts, core_str(altered), pool));
    assert_string_equal(account_by_access(h->accounts, core_str(token), pool)->id, "owner");
    core_pool_free(pool);
}

/* More logins end than are remembered: what one of them still holds works no better for it. */
static void a_crowd_of_endings_brings_no_token_back(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now();
    char token[ACCOUNT_LIMIT_ACCESS], login[CORE_ID_SIZE];
    struct core_pool *pool = core_pool_new(1 << 16);
    account__access_write(&h->accounts->keys, &c, token);
    assert_non_null(account_by_access(h->accounts, core_str(token), pool));
    for (unsigned i = 0; i < 3 * ACCOUNT_LIMIT_ENDED; i++) /* the same one again and again */
        account__ended_add(&h->accounts->ended, CORE_STR("another"), c.issued_s);
    assert_int_equal(h->accounts->ended.next, 1);
    account__ended_add(&h->accounts->ended, core_str(c.login), c.issued_s);
    assert_null(account_by_access(h->accounts, core_str(token), pool));
    for (unsigned i = 0; i < ACCOUNT_LIMIT_ENDED; i++) {
        snprintf(login, sizeof login, "login %u", i);
        account__ended_add(&h->accounts->ended, core_str(login), c.issued_s);
    }
    assert_false(account__ended_has(&h->accounts->ended, c.login));
    assert_null(account_by_access(h->accounts, core_str(token), pool));
    core_pool_free(pool);
}

/* More accounts change than are remembered: none has its old role back. */
static void a_crowd_of_changes_gives_no_role_back(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now();
    char token[ACCOUNT_LIMIT_ACCESS];
    struct account_user user = {.role = "guest", .version = 1};
    struct core_pool *pool = core_pool_new(1 << 16);
    account__access_write(&h->accounts->keys, &c, token);
    memcpy(user.id, c.id, sizeof user.id);
    account__changed_add(&h->accounts->changed, &user, c.issued_s);
    const struct account *account = account_by_access(h->accounts, core_str(token), pool);
    assert_string_equal(account->role, "guest");
    for (unsigned i = 0; i < ACCOUNT_LIMIT_CHANGED; i++) {
        snprintf(user.id, sizeof user.id, "account %u", i);
        account__changed_add(&h->accounts->changed, &user, c.issued_s);
    }
    assert_null(account_by_access(h->accounts, core_str(token), pool));
    core_pool_free(pool);
}

static void keys_outlive_a_restart(void **state)
{
    struct house *h = *state;
    struct account_claims c = claims_now(), back;
    char token[ACCOUNT_LIMIT_ACCESS];
    account__access_write(&h->accounts->keys, &c, token);
    helper_house_close(h);
    helper_house_open(h);
    assert_int_equal(account__access_read(&h->accounts->keys, core_str(token), &back), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(the_longest_name_fits, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(any_changed_byte_is_refused, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(no_other_algorithm, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(tokens_expire, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(known_tokens_are_known_whole, helper_setup,
                                        helper_teardown),
        cmocka_unit_test_setup_teardown(a_crowd_of_endings_brings_no_token_back, helper_setup,
                                        helper_teardown),
        cmocka_unit_test_setup_teardown(a_crowd_of_changes_gives_no_role_back, helper_setup,
                                        helper_teardown),
        cmocka_unit_test_setup_teardown(keys_outlive_a_restart, helper_setup, helper_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
