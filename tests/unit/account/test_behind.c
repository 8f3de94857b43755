/*
 * test_behind.c: what is in the store holds, though the disk fails before the loop's memory can be
 * brought up to date from it; and of what is not in it no secret is given away.
 */
#include "account/room.h"
#include "tests/unit/account/helper.h"
#include "tests/unit/core/store/fault_vfs.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct account_client client = {.agent = {"test", 4}, .address = {"192.0.2.1", 9}};
static const struct account_client browser = {
    .agent = {"test", 4}, .address = {"192.0.2.1", 9}, .browser = true};
static const struct account_actor owner = {.id = {"owner", 5}, .role = {"owner", 5}};

/* From the end of the next commit on nothing can be read. */
static void fail_behind_the_commit(void)
{
    atomic_store(&fault_vfs.synced_read_code, SQLITE_IOERR_READ);
}

/* It happened, and is over. */
static void recover(void)
{
    assert_true(atomic_load(&fault_vfs.reads_failed) > 0);
    fault_vfs_reset();
}

struct person {
    struct account_tokens tokens, session;
};

static void add(struct house *h, const char *email, struct person *ret)
{
    struct account_why why = {0};
    const struct account_form form = {
        .email = core_str(email), .password = CORE_STR("correct horse"), .owner = true};
    assert_int_equal(account_register(h->accounts, &form, &client, &ret->tokens, &why), 0);
    assert_int_equal(account_login(h->accounts, core_str(email), CORE_STR("correct horse"),
                                   CORE_STR(""), &browser, &ret->session, &why),
                     0);
}

static bool token_works(struct house *h, const struct account_tokens *tokens)
{
    struct core_pool *pool = core_pool_new(1 << 16);
    bool known = account_by_access(h->accounts, core_str(tokens->access), pool) != NULL;
    core_pool_free(pool);
    return known;
}

static bool session_works(struct house *h, const struct account_tokens *tokens)
{
    struct core_pool *pool = core_pool_new(1 << 16);
    bool known = account_by_session(h->accounts, core_str(tokens->session), pool) != NULL;
    core_pool_free(pool);
    return known;
}

static bool key_works(struct house *h, const char *key)
{
    struct core_pool *pool = core_pool_new(1 << 16);
    bool known = account_by_apikey(h->accounts, core_str(key), pool) != NULL;
    core_pool_free(pool);
    return known;
}

static void key_make(struct house *h, const char *account, char key[static ACCOUNT_APIKEY_SIZE],
                     char id[static CORE_ID_SIZE])
{
    struct account_why why = {0};
    const struct account_actor by = {.id = core_str(account), .role = CORE_STR("member")};
    const struct account_apikey_form form = {
        .name = CORE_STR("a program"), .scopes = ACCOUNT_SCOPE_CHAT, .minute = ACCOUNT_UNLIMITED};
    assert_int_equal(account_apikey_new(h->accounts, &by, &form, key, id, &why), 0);
}

static void no_others(struct store_batch *batch, struct core_str account)
{
    (void)batch;
    (void)account;
}

/* Nothing of theirs opens any more; another's session
 * goes on, and another's token after its next turn. */
static void only_bob_is_out(struct house *h, const struct person *bob, const struct person *ann)
{
    struct account_tokens next;
    assert_false(token_works(h, &bob->tokens) || session_works(h, &bob->session));
    assert_true(session_works(h, &ann->session));
    assert_false(token_works(h, &ann->tokens));
    helper_wall_shift_ms += 1000;
    assert_int_equal(account_refresh(h->accounts, core_str(bob->tokens.refresh), &client, &next),
                     CORE_EAUTH);
    assert_int_equal(account_refresh(h->accounts, core_str(ann->tokens.refresh), &client, &next),
                     0);
    assert_true(token_works(h, &next));
}

static void disabling_holds(void **state)
{
    struct house *h = *state;
    struct person ann, bob;
    struct account_person now;
    struct account_why why = {0};
    char key[ACCOUNT_APIKEY_SIZE], own[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    const struct account_change change = {.disabled = 1};
    add(h, "ann@example.org", &ann);
    add(h, "bob@example.org", &bob);
    key_make(h, "owner", own, id);
    key_make(h, bob.tokens.user.id, key, id);
    assert_true(token_works(h, &bob.tokens) && session_works(h, &bob.session) && key_works(h, key));
    fail_behind_the_commit();
    assert_int_equal(
        account_change(h->accounts, &owner, core_str(bob.tokens.user.id), &change, &now, &why), 0);
    recover();
    assert_true(now.disabled);
    assert_int_equal(now.user.version, bob.tokens.user.version + 1);
    assert_true(accounts_stale(h->accounts));
    assert_false(key_works(h, key) || key_works(h, own));
    only_bob_is_out(h, &bob, &ann);
    assert_int_equal(accounts_reload(h->accounts), 0);
    assert_false(accounts_stale(h->accounts) || key_works(h, key));
    assert_true(key_works(h, own));
}

static void removing_holds(void **state)
{
    struct house *h = *state;
    struct person ann, bob;
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    add(h, "ann@example.org", &ann);
    add(h, "bob@example.org", &bob);
    key_make(h, bob.tokens.user.id, key, id);
    fail_behind_the_commit();
    assert_int_equal(account_remove(h->accounts, &owner, core_str(bob.tokens.user.id), no_others),
                     0);
    recover();
    assert_false(key_works(h, key));
    only_bob_is_out(h, &bob, &ann);
}

static void a_reset_holds(void **state)
{
    struct house *h = *state;
    struct person ann, bob;
    struct account_why why = {0};
    char secret[ACCOUNT_RESET_SIZE];
    add(h, "ann@example.org", &ann);
    add(h, "bob@example.org", &bob);
    assert_int_equal(account_reset_new(h->accounts, &owner, core_str(bob.tokens.user.id), secret),
                     0);
    fail_behind_the_commit();
    assert_int_equal(
        account_reset(h->accounts, core_str(secret), CORE_STR("battery staple"), &client, &why), 0);
    recover();
    only_bob_is_out(h, &bob, &ann);
}

/* The login that asks for it stays. */
static void another_password_holds(void **state)
{
    struct house *h = *state;
    struct person bob;
    struct account_why why = {0};
    struct core_pool *pool = core_pool_new(1 << 16);
    struct core_str id = CORE_STR("owner");
    add(h, "bob@example.org", &bob);
    struct account_tokens other;
    assert_int_equal(account_login(h->accounts, CORE_STR("bob@example.org"),
                                   CORE_STR("correct horse"), CORE_STR(""), &browser, &other, &why),
                     0);
    const char *keep = account_by_session(h->accounts, core_str(bob.session.session), pool)->login;
    fail_behind_the_commit();
    assert_int_equal(account_password_change(h->accounts, id, CORE_STR("correct horse"),
                                             CORE_STR("battery staple"), keep, NULL, &why),
                     0);
    recover();
    assert_false(token_works(h, &bob.tokens) || session_works(h, &other));
    assert_true(session_works(h, &bob.session));
    core_pool_free(pool);
}

/* It began before what was lost, and is told of after it. */
static void a_login_told_of_late_is_not_believed(void **state)
{
    struct house *h = *state;
    struct person bob;
    struct account_session late = {.login = "01m8d4gq3h5mqx0yhzbcbsvb3q"};
    add(h, "bob@example.org", &bob);
    late.user = bob.session.user;
    late.begun_ms = late.used_ms = core_wall_ms(&helper_env);
    late.expires_ms = late.begun_ms + 120000;
    core_sha256(CORE_STR("a cookie"), late.hash);
    const struct account_tokens cookie = {.session = "a cookie"};
    helper_wall_shift_ms += 1000;
    account__news_lost(h->accounts, CORE_STR("owner"), NULL);
    account__news_began(h->accounts, &late);
    assert_false(session_works(h, &cookie) || session_works(h, &bob.session));
    late.begun_ms += 60000;
    account__news_began(h->accounts, &late);
    assert_true(session_works(h, &cookie));
}

static void revoking_a_key_holds(void **state)
{
    struct house *h = *state;
    char key[ACCOUNT_APIKEY_SIZE], own[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE], other[CORE_ID_SIZE];
    key_make(h, "owner", key, id);
    key_make(h, "owner", own, other);
    fail_behind_the_commit();
    assert_int_equal(account_apikey_revoke(h->accounts, &owner, CORE_STR("owner"), core_str(id)),
                     0);
    recover();
    assert_true(accounts_stale(h->accounts));
    assert_false(key_works(h, key) || key_works(h, own));
    /* Whatever changes next brings all of it up to date. */
    key_make(h, "owner", key, id);
    assert_false(accounts_stale(h->accounts));
    assert_true(key_works(h, key) && key_works(h, own));
}

/* A view that was begun before the change knows nothing of it, however late it comes. */
static void an_older_view_does_not_do(void **state)
{
    struct house *h = *state;
    struct accounts *a = h->accounts;
    atomic_store(&a->view_wanted, atomic_load(&a->view_serial) + 2);
    assert_int_equal(accounts_reload(a), 0);
    assert_true(accounts_stale(a));
    assert_int_equal(accounts_reload(a), 0);
    assert_false(accounts_stale(a));
}

/* A second factor, and the code that its app shows now. */
static void factor_begin(struct house *h, struct core_str id, char code[static 7])
{
    struct account_totp totp;
    struct account_factor factor;
    assert_int_equal(account_totp_begin(h->accounts, id, &totp), 0);
    assert_int_equal(account__factor_read(h->accounts, id, &factor), 0);
    account__totp_code(factor.secret, core_wall_ms(&helper_env) / 30000, code);
}

static void recovery_codes_are_shown(void **state)
{
    struct house *h = *state;
    struct person bob;
    struct account_why why = {0};
    struct account_tokens tokens;
    struct core_str id = CORE_STR("owner");
    char code[7], codes[ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE] = {{0}};
    add(h, "bob@example.org", &bob);
    factor_begin(h, id, code);
    fail_behind_the_commit();
    assert_int_equal(account_totp_confirm(h->accounts, id, core_str(code), NULL, codes), 0);
    recover();
    assert_false(session_works(h, &bob.session)); /* it says that there is no factor */
    assert_int_equal(account_login(h->accounts, CORE_STR("bob@example.org"),
                                   CORE_STR("correct horse"), core_str(codes[0]), &browser, &tokens,
                                   &why),
                     0);
}

static void what_was_not_written_is_not_shown(void **state)
{
    struct house *h = *state;
    struct person bob;
    struct core_str id = CORE_STR("owner");
    struct account_totp totp, no_totp;
    char code[7], codes[ACCOUNT_RECOVERY_CODES][ACCOUNT_RECOVERY_SIZE], no_codes[sizeof codes],
        invite[ACCOUNT_INVITE_SIZE], reset[ACCOUNT_RESET_SIZE], none[ACCOUNT_RESET_SIZE];
    add(h, "bob@example.org", &bob);
    factor_begin(h, id, code);
    memset(codes, 'x', sizeof codes);
    memset(no_codes, 'x', sizeof no_codes);
    memset(invite, 'x', sizeof invite);
    memset(reset, 'x', sizeof reset);
    memset(none, 'x', sizeof none);
    memset(&totp, 'x', sizeof totp);
    memset(&no_totp, 'x', sizeof no_totp);
    atomic_store(&fault_vfs.sync_code, SQLITE_IOERR_FSYNC);
    assert_int_equal(account_totp_confirm(h->accounts, id, core_str(code), NULL, codes), CORE_EIO);
    assert_int_equal(account_totp_begin(h->accounts, id, &totp), CORE_EIO);
    assert_int_equal(account_invite(h->accounts, &owner, CORE_STR("guest"), invite), CORE_EIO);
    assert_int_equal(account_reset_new(h->accounts, &owner, id, reset), CORE_EIO);
    assert_true(atomic_load(&fault_vfs.syncs_failed) > 0);
    fault_vfs_reset();
    assert_memory_equal(codes, no_codes, sizeof codes);
    assert_memory_equal(&totp, &no_totp, sizeof totp);
    assert_memory_equal(invite, none, sizeof invite);
    assert_memory_equal(reset, none, sizeof reset);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, helper_setup_faulty, helper_teardown)
    const struct CMUnitTest tests[] = {
        TEST(disabling_holds),
        TEST(removing_holds),
        TEST(a_reset_holds),
        TEST(another_password_holds),
        TEST(a_login_told_of_late_is_not_believed),
        TEST(revoking_a_key_holds),
        TEST(an_older_view_does_not_do),
        TEST(recovery_codes_are_shown),
        TEST(what_was_not_written_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
