/* test_account.c: the owner's token file, one-time codes and sessions, on a real store. */
#include "tests/unit/account/helper.h"

#include "core/limits.h"
#include "core/mem.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void token_path(const struct house *h, char *out, size_t cap)
{
    snprintf(out, cap, "%s/owner.token", h->dir);
}

static void token_is_private_and_kept(void **state)
{
    struct house *h = *state;
    char path[96], why[256], first[ACCOUNT_TOKEN_SIZE], second[ACCOUNT_TOKEN_SIZE];
    struct stat st;
    token_path(h, path, sizeof path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(account_token_read(&helper_env, h->dir, first, why, sizeof why), 0);
    assert_non_null(account_by_token(h->accounts, core_str(first)));
    helper_house_close(h);
    helper_house_open(h);
    assert_int_equal(account_token_read(&helper_env, h->dir, second, why, sizeof why), 0);
    assert_string_equal(first, second);
}

static void wrong_tokens_are_refused(void **state)
{
    struct house *h = *state;
    char why[256], token[ACCOUNT_TOKEN_SIZE];
    assert_int_equal(account_token_read(&helper_env, h->dir, token, why, sizeof why), 0);
    assert_null(account_by_token(h->accounts, CORE_STR("")));
    assert_null(account_by_token(h->accounts, CORE_STR("sky_")));
    assert_null(account_by_token(h->accounts, core_strn(token, ACCOUNT_TOKEN_SIZE - 2)));
    token[10] = token[10] == 'A' ? 'B' : 'A';
    assert_null(account_by_token(h->accounts, core_str(token)));
}

static void bad_token_file_is_never_replaced(void **state)
{
    struct house *h = *state;
    static const char *const contents[] = {"", "sky_short\n", "tok_0123456789",
                                           "sky_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!\n"};
    char path[96], why[256], token[ACCOUNT_TOKEN_SIZE] = "untouched";
    token_path(h, path, sizeof path);
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct accounts *accounts = NULL;
        struct core_buf now;
        core_buf_init(&now, 4096);
        assert_int_equal(helper_env.fs->write(helper_env.ctx, path, core_str(contents[i]), 0600),
                         0);
        assert_int_equal(accounts_open(&helper_env, h->store, h->dir, &accounts, why, sizeof why),
                         CORE_ECORRUPT);
        assert_null(accounts);
        assert_non_null(strstr(why, path));
        assert_int_equal(account_token_read(&helper_env, h->dir, token, why, sizeof why),
                         CORE_ECORRUPT);
        assert_string_equal(token, "untouched");
        assert_int_equal(helper_env.fs->read(helper_env.ctx, path, &now), 0);
        assert_true(core_str_eq_c(core_buf_str(&now), contents[i]));
        core_buf_done(&now);
    }
}

static void a_missing_token_is_named(void **state)
{
    struct house *h = *state;
    char path[96], why[256], token[ACCOUNT_TOKEN_SIZE];
    token_path(h, path, sizeof path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(account_token_read(&helper_env, h->dir, token, why, sizeof why),
                     CORE_ENOTFOUND);
    assert_non_null(strstr(why, path));
}

static void a_code_works_once(void **state)
{
    struct house *h = *state;
    char code[ACCOUNT_CODE_SIZE];
    account_code_new(h->accounts, code);
    assert_int_equal(strlen(code), ACCOUNT_CODE_SIZE - 1);
    assert_null(account_by_code(h->accounts, CORE_STR("")));
    assert_non_null(account_by_code(h->accounts, core_str(code)));
    assert_null(account_by_code(h->accounts, core_str(code)));
}

static void codes_expire_and_fall_out(void **state)
{
    struct house *h = *state;
    char first[ACCOUNT_CODE_SIZE], last[ACCOUNT_CODE_SIZE];
    account_code_new(h->accounts, first);
    for (int i = 0; i < ACCOUNT_LIMIT_CODES; i++) {
        account_code_new(h->accounts, last);
    }
    assert_null(account_by_code(h->accounts, core_str(first)));
    helper_mono_shift_ns = (ACCOUNT_LIMIT_CODE_S + 1) * 1000000000ull;
    assert_null(account_by_code(h->accounts, core_str(last)));
}

/* A browser that the owner logged in by a login address. */
static void session_new(struct house *h, struct account_tokens *ret)
{
    static const struct account_client browser = {
        .agent = {"test", 4}, .address = {"192.0.2.1", 9}, .browser = true};
    assert_int_equal(account_login_file(h->accounts, &browser, ret), 0);
    assert_string_equal(ret->access, "");
    assert_string_equal(ret->refresh, "");
}

static bool session_known(struct house *h, const struct account_tokens *session)
{
    struct core_pool *pool = core_pool_new(1 << 16);
    const struct account *account = account_by_session(h->accounts, core_str(session->session),
                                                       pool);
    if (account) {
        assert_string_equal(account->role, "owner");
        assert_true(account->cookie && account->file && !account->registered);
    }
    core_pool_free(pool);
    return account != NULL;
}

static void sessions_survive_a_restart(void **state)
{
    struct house *h = *state;
    struct account_tokens session, other = {.session = "sks_"};
    session_new(h, &session);
    assert_true(session_known(h, &session));
    helper_house_close(h);
    helper_house_open(h);
    assert_true(session_known(h, &session));
    assert_false(session_known(h, &other));
}

static void an_ended_session_stays_ended(void **state)
{
    struct house *h = *state;
    struct account_tokens session, other;
    struct core_pool *pool = core_pool_new(1 << 16);
    session_new(h, &session);
    session_new(h, &other);
    const struct account *account = account_by_session(h->accounts, core_str(session.session),
                                                       pool);
    assert_int_equal(account_login_end(h->accounts, core_str(account->login), NULL), 0);
    assert_false(session_known(h, &session));
    assert_true(session_known(h, &other));
    helper_house_close(h);
    helper_house_open(h);
    assert_false(session_known(h, &session));
    assert_true(session_known(h, &other));
    core_pool_free(pool);
}

static void sessions_expire_unused(void **state)
{
    struct house *h = *state;
    struct account_tokens used, unused;
    session_new(h, &used);
    session_new(h, &unused);
    helper_wall_shift_ms = (int64_t)ACCOUNT_LIMIT_SESSION_S * 1000 / 2;
    assert_true(session_known(h, &used));
    helper_wall_shift_ms = (int64_t)ACCOUNT_LIMIT_SESSION_S * 1000 + 1;
    assert_false(session_known(h, &unused));
    assert_true(session_known(h, &used));
    helper_house_close(h);
    helper_house_open(h);
    assert_true(session_known(h, &used));
}

/* However much it is used. */
static void sessions_end_in_time(void **state)
{
    struct house *h = *state;
    struct account_tokens session;
    session_new(h, &session);
    for (int64_t day = 0; day < ACCOUNT_LOGIN_WHOLE_S / 86400; day += 10) {
        helper_wall_shift_ms = day * 86400000;
        assert_true(session_known(h, &session));
        if (day % 30 == 0) { /* it is no longer for a restart */
            helper_house_close(h);
            helper_house_open(h);
        }
    }
    helper_wall_shift_ms = ACCOUNT_LOGIN_WHOLE_S * 1000ll + 1;
    assert_false(session_known(h, &session));
    helper_house_close(h);
    helper_house_open(h);
    assert_false(session_known(h, &session));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(token_is_private_and_kept, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(wrong_tokens_are_refused, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(bad_token_file_is_never_replaced, helper_setup,
                                        helper_teardown),
        cmocka_unit_test_setup_teardown(a_missing_token_is_named, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(a_code_works_once, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(codes_expire_and_fall_out, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(sessions_survive_a_restart, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(an_ended_session_stays_ended, helper_setup,
                                        helper_teardown),
        cmocka_unit_test_setup_teardown(sessions_expire_unused, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(sessions_end_in_time, helper_setup, helper_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
