/* test_people.c: who may have an account, passwords, and logins from their beginning to their
 * end. */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct account_client client = {.agent = {"test", 4}, .address = {"192.0.2.1", 9}};

static struct account_form form_of(const char *email, bool owner, const char *invite)
{
    return (struct account_form){.email = core_str(email),
                                 .password = CORE_STR("correct horse"),
                                 .invite = core_str(invite),
                                 .owner = owner};
}

static int add(struct house *h, const struct account_form *form, struct account_tokens *ret)
{
    struct account_why why = {0};
    return account_register(h->accounts, form, &client, ret, &why);
}

static int enter(struct house *h, const char *email, const char *password,
                 struct account_tokens *ret)
{
    struct account_why why = {0};
    return account_login(h->accounts, core_str(email), core_str(password), CORE_STR(""), &client,
                         ret, &why);
}

static bool works(struct house *h, const struct account_tokens *tokens)
{
    struct core_pool *pool = core_pool_new(1 << 16);
    bool known = account_by_access(h->accounts, core_str(tokens->access), pool) != NULL;
    core_pool_free(pool);
    return known;
}

static void the_owner_registers_first(void **state)
{
    struct house *h = *state;
    struct account_tokens tokens, other;
    struct account_form form = form_of("Ann@Example.org", true, "");
    assert_int_equal(add(h, &form, &tokens), 0);
    assert_string_equal(tokens.user.id, "owner");
    assert_string_equal(tokens.user.role, "owner");
    assert_string_equal(tokens.user.email, "ann@example.org");
    assert_string_equal(tokens.user.name, "ann");
    assert_true(works(h, &tokens));
    assert_int_equal(add(h, &form, &other), CORE_EEXISTS);
    form = form_of("bob@example.org", true, "");
    assert_int_equal(add(h, &form, &other), 0);
    assert_string_equal(other.user.role, "member");
    assert_int_equal(enter(h, "ANN@example.ORG", "correct horse", &other), 0);
    assert_string_equal(other.user.id, "owner");
    assert_int_equal(enter(h, "ann@example.org", "Correct horse", &other), CORE_EAUTH);
    assert_int_equal(enter(h, "zoe@example.org", "correct horse", &other), CORE_EAUTH);
}

static void an_invitation_works_once(void **state)
{
    struct house *h = *state;
    static const struct account_actor owner = {.id = {"owner", 5}};
    struct account_tokens tokens;
    char invite[ACCOUNT_INVITE_SIZE];
    struct account_form form = form_of("bob@example.org", false, "");
    assert_int_equal(add(h, &form, &tokens), CORE_EDENIED);
    form.open = true;
    assert_int_equal(add(h, &form, &tokens), 0);
    assert_string_equal(tokens.user.role, "member");
    assert_int_equal(account_invite(h->accounts, &owner, CORE_STR("owner"), invite), CORE_EINVAL);
    assert_int_equal(account_invite(h->accounts, &owner, CORE_STR("guest"), invite), 0);
    form = form_of("cyd@example.org", false, invite);
    assert_int_equal(add(h, &form, &tokens), 0);
    assert_string_equal(tokens.user.role, "guest");
    form = form_of("dan@example.org", false, invite);
    assert_int_equal(add(h, &form, &tokens), CORE_EDENIED);
    assert_int_equal(account_invite(h->accounts, &owner, CORE_STR("guest"), invite), 0);
    helper_wall_shift_ms = ACCOUNT_INVITE_S * 1000ll + 1000;
    form = form_of("dan@example.org", false, invite);
    assert_int_equal(add(h, &form, &tokens), CORE_EDENIED);
}

static void what_is_typed_is_checked(void **state)
{
    struct house *h = *state;
    static const char *const emails[] = {"",      "a",     "a@",    "@b",
                                         "a@b@c", "a b@c", "a@b\n", "\xc3\xa9@b.c"};
    struct account_tokens tokens;
    struct account_why why;
    for (size_t i = 0; i < sizeof emails / sizeof *emails; i++) {
        struct account_form form = form_of(emails[i], true, "");
        why = (struct account_why){0};
        assert_int_equal(account_register(h->accounts, &form, &client, &tokens, &why), CORE_EINVAL);
        assert_string_equal(why.field, "email");
    }
    struct account_form form = form_of("ann-marie@example.org", true, "");
    static const char *const passwords[] = {"short", "ann-marie", "Ann-Marie@example.org"};
    for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++) {
        form.password = core_str(passwords[i]);
        why = (struct account_why){0};
        assert_int_equal(account_register(h->accounts, &form, &client, &tokens, &why), CORE_EINVAL);
        assert_string_equal(why.field, "password");
    }
    form.password = CORE_STR("correct horse");
    form.name = CORE_STR("a\nb");
    assert_int_equal(account_register(h->accounts, &form, &client, &tokens, &why), CORE_EINVAL);
    assert_string_equal(why.field, "name");
}

static void a_spent_refresh_token_ends_the_login(void **state)
{
    struct house *h = *state;
    struct account_tokens first, second, third, other;
    struct account_form form = form_of("ann@example.org", true, "");
    assert_int_equal(add(h, &form, &first), 0);
    assert_int_equal(enter(h, "ann@example.org", "correct horse", &other), 0);
    assert_int_equal(account_refresh(h->accounts, core_str(first.refresh), &client, &second), 0);
    assert_int_equal(account_refresh(h->accounts, core_str(second.refresh), &client, &third), 0);
    assert_true(works(h, &first) && works(h, &third));
    assert_int_equal(account_refresh(h->accounts, core_str(second.refresh), &client, &second),
                     CORE_EAUTH);
    assert_false(works(h, &first) || works(h, &third));
    assert_int_equal(account_refresh(h->accounts, core_str(third.refresh), &client, &third),
                     CORE_EAUTH);
    assert_true(works(h, &other)); /* a login of its own */
    helper_house_close(h);
    helper_house_open(h);
    assert_false(works(h, &first));
    assert_true(works(h, &other));
}

static void a_refresh_token_is_ours_or_nothing(void **state)
{
    struct house *h = *state;
    struct account_tokens tokens, next;
    struct account_form form = form_of("ann@example.org", true, "");
    assert_int_equal(add(h, &form, &tokens), 0);
    size_t len = strlen(tokens.refresh);
    for (size_t i = 0; i < len; i++) {
        char changed[ACCOUNT_REFRESH_SIZE];
        memcpy(changed, tokens.refresh, sizeof changed);
        changed[i] = changed[i] == '0' ? '1' : '0';
        assert_int_equal(account_refresh(h->accounts, core_str(changed), &client, &next),
                         CORE_EAUTH);
        assert_int_equal(account_refresh(h->accounts, core_strn(tokens.refresh, i), &client, &next),
                         CORE_EAUTH);
    }
    assert_int_equal(account_refresh(h->accounts, core_str(tokens.refresh), &client, &next), 0);
    helper_wall_shift_ms = ACCOUNT_LOGIN_S * 1000ll + 1000;
    assert_int_equal(account_refresh(h->accounts, core_str(next.refresh), &client, &next),
                     CORE_EAUTH);
}

static void logging_out_ends_one_login(void **state)
{
    struct house *h = *state;
    struct account_tokens first, second;
    struct account_form form = form_of("ann@example.org", true, "");
    struct core_pool *pool = core_pool_new(1 << 16);
    assert_int_equal(add(h, &form, &first), 0);
    assert_int_equal(enter(h, "ann@example.org", "correct horse", &second), 0);
    const struct account *account = account_by_access(h->accounts, core_str(first.access), pool);
    assert_int_equal(account_login_end(h->accounts, core_str(account->login), NULL), 0);
    assert_false(works(h, &first));
    assert_true(works(h, &second));
    assert_int_equal(account_refresh(h->accounts, core_str(first.refresh), &client, &first),
                     CORE_EAUTH);
    core_pool_free(pool);
}

/* However often it is refreshed. */
static void logins_end_in_time(void **state)
{
    struct house *h = *state;
    struct account_tokens tokens;
    struct account_form form = form_of("ann@example.org", true, "");
    int64_t rows;
    assert_int_equal(add(h, &form, &tokens), 0);
    for (int64_t day = 10; day < ACCOUNT_LOGIN_WHOLE_S / 86400; day += 10) {
        helper_wall_shift_ms = day * 86400000;
        assert_int_equal(account_refresh(h->accounts, core_str(tokens.refresh), &client, &tokens),
                         0);
        assert_true(works(h, &tokens));
    }
    helper_wall_shift_ms = ACCOUNT_LOGIN_WHOLE_S * 1000ll + 1;
    assert_int_equal(account_refresh(h->accounts, core_str(tokens.refresh), &client, &tokens),
                     CORE_EAUTH);
    /* Nobody used a token twice. */
    assert_int_equal(store_read_i64(h->store,
                                    "SELECT count(*) FROM audit WHERE act = 'login.ended'", NULL, 0,
                                    &rows),
                     0);
    assert_int_equal(rows, 0);
}

static void logins_are_bounded(void **state)
{
    struct house *h = *state;
    struct account_tokens first, last;
    struct account_form form = form_of("ann@example.org", true, "");
    int64_t open;
    assert_int_equal(add(h, &form, &first), 0);
    for (unsigned i = 0; i < ACCOUNT_LIMIT_LOGINS; i++) {
        helper_wall_shift_ms += 10;
        last = (struct account_tokens){.user = first.user};
        assert_int_equal(account__login_begin(h->accounts, &client, false, &last), 0);
    }
    assert_int_equal(
        store_read_i64(h->store, "SELECT count(*) FROM login WHERE ended_ms = 0", NULL, 0, &open),
        0);
    assert_int_equal(open, ACCOUNT_LIMIT_LOGINS);
    assert_false(works(h, &first)); /* the one unused for longest */
    assert_true(works(h, &last));
}

static int count_login(void *arg, const struct account_login_info *login)
{
    assert_true(core_str_eq_c(login->address, "192.0.2.1") && core_str_eq_c(login->agent, "test"));
    ++*(unsigned *)arg;
    return 0;
}

static unsigned logins_of(struct house *h, const char *id)
{
    unsigned count = 0;
    assert_int_equal(account_logins(h->accounts, core_str(id), count_login, &count), 0);
    return count;
}

static void another_password_ends_other_logins(void **state)
{
    struct house *h = *state;
    struct account_tokens first, second, bob;
    struct account_why why = {0};
    struct account_form form = form_of("ann@example.org", true, "");
    struct core_str id = CORE_STR("owner"), old = CORE_STR("correct horse"),
                    next = CORE_STR("battery staple");
    struct core_pool *pool = core_pool_new(1 << 16);
    assert_int_equal(add(h, &form, &first), 0);
    assert_int_equal(enter(h, "ann@example.org", "correct horse", &second), 0);
    form = form_of("bob@example.org", true, "");
    assert_int_equal(add(h, &form, &bob), 0);
    assert_int_equal(logins_of(h, "owner"), 2);
    const char *keep = account_by_access(h->accounts, core_str(second.access), pool)->login;
    assert_int_equal(account_password_change(h->accounts, id, next, old, keep, NULL, &why),
                     CORE_EAUTH);
    assert_int_equal(
        account_password_change(h->accounts, id, old, CORE_STR("ann"), keep, NULL, &why),
        CORE_EINVAL);
    assert_int_equal(account_password_change(h->accounts, id, old, next, keep, NULL, &why), 0);
    assert_false(works(h, &first));
    assert_true(works(h, &second) && works(h, &bob));
    assert_int_equal(enter(h, "ann@example.org", "correct horse", &first), CORE_EAUTH);
    assert_int_equal(enter(h, "ann@example.org", "battery staple", &first), 0);
    /* Of one's own logins only. */
    assert_int_equal(account_login_revoke(h->accounts, core_str(bob.user.id), core_str(keep), NULL),
                     CORE_ENOTFOUND);
    assert_int_equal(account_login_revoke(h->accounts, id, core_str(keep), NULL), 0);
    assert_int_equal(account_login_revoke(h->accounts, id, core_str(keep), NULL), CORE_ENOTFOUND);
    assert_false(works(h, &second));
    assert_int_equal(logins_of(h, "owner"), 1);
    core_pool_free(pool);
}

static struct house *of_meanwhile;

static void take_another_password(void)
{
    struct account_why why = {0};
    assert_int_equal(account_password_change(of_meanwhile->accounts, CORE_STR("owner"),
                                             CORE_STR("correct horse"), CORE_STR("battery staple"),
                                             NULL, NULL, &why),
                     0);
}

/* Of two who take another password at once, the second one's old one is right no longer. */
static void one_of_two_passwords_is_taken(void **state)
{
    struct house *h = *state;
    struct account_tokens tokens;
    struct account_why why = {0};
    struct account_form form = form_of("ann@example.org", true, "");
    assert_int_equal(add(h, &form, &tokens), 0);
    of_meanwhile = h;
    helper_meanwhile = take_another_password;
    assert_int_equal(account_password_change(h->accounts, CORE_STR("owner"),
                                             CORE_STR("correct horse"), CORE_STR("paper clip 7"),
                                             NULL, NULL, &why),
                     CORE_EAUTH);
    assert_int_equal(enter(h, "ann@example.org", "battery staple", &tokens), 0);
}

static void another_password_ends_an_open_reset(void **state)
{
    struct house *h = *state;
    static const struct account_actor owner = {.id = {"owner", 5}, .role = {"owner", 5}};
    struct account_tokens ann, bob;
    struct account_why why = {0};
    struct account_form form = form_of("ann@example.org", true, "");
    struct core_str old = CORE_STR("correct horse"), next = CORE_STR("battery staple");
    char secret[ACCOUNT_RESET_SIZE], other[ACCOUNT_RESET_SIZE];
    assert_int_equal(add(h, &form, &ann), 0);
    form = form_of("bob@example.org", true, "");
    assert_int_equal(add(h, &form, &bob), 0);
    struct core_str id = core_str(bob.user.id);
    assert_int_equal(account_reset_new(h->accounts, &owner, id, secret), 0);
    assert_int_equal(account_reset_new(h->accounts, &owner, CORE_STR("owner"), other), 0);
    assert_int_equal(account_password_change(h->accounts, id, old, next, NULL, NULL, &why), 0);
    assert_int_equal(account_reset(h->accounts, core_str(secret), old, &client, &why), CORE_EAUTH);
    assert_int_equal(enter(h, "bob@example.org", "battery staple", &bob), 0);
    assert_int_equal(account_reset(h->accounts, core_str(other), next, &client, &why), 0);
}

static void guessing_waits(void **state)
{
    struct house *h = *state;
    struct core_str ann = CORE_STR("ann@example.org"), none = CORE_STR("");
    for (unsigned i = 0; i < ACCOUNT_THROTTLE_FREE; i++) {
        char address[16];
        snprintf(address, sizeof address, "192.0.2.%u", i);
        assert_int_equal(account_try(h->accounts, ann, core_str(address)), 0);
        account_tried(h->accounts, ann, core_str(address), ACCOUNT_WRONG);
    }
    assert_int_equal(account_try(h->accounts, CORE_STR("ANN@example.org"), CORE_STR("192.0.2.9")),
                     1);
    assert_int_equal(account_try(h->accounts, CORE_STR("bob@example.org"), CORE_STR("192.0.2.9")),
                     0);
    helper_mono_shift_ns += UINT64_C(1000000000);
    assert_int_equal(account_try(h->accounts, ann, CORE_STR("192.0.2.9")), 0);
    account_tried(h->accounts, ann, CORE_STR("192.0.2.9"), ACCOUNT_RIGHT);
    for (unsigned i = 0; i < ACCOUNT_THROTTLE_FREE; i++)
        account_tried(h->accounts, none, CORE_STR("192.0.2.77"), ACCOUNT_WRONG);
    assert_int_equal(account_try(h->accounts, ann, CORE_STR("192.0.2.77")), 1);
    assert_int_equal(account_try(h->accounts, none, CORE_STR("192.0.2.9")), 0);
}

static void guessing_at_once_is_no_faster(void **state)
{
    struct house *h = *state;
    struct core_str eve = CORE_STR("eve@example.org"), from = CORE_STR("192.0.2.31");
    unsigned begun = 0;
    for (unsigned i = 0; i < 64; i++)
        begun += account_try(h->accounts, eve, from) == 0;
    assert_int_equal(begun, ACCOUNT_THROTTLE_FREE);
    for (unsigned i = 0; i < begun; i++)
        account_tried(h->accounts, eve, from, ACCOUNT_NEITHER);
    assert_int_equal(account_try(h->accounts, eve, from), 0);
    account_tried(h->accounts, eve, from, ACCOUNT_NEITHER);
}

static void half_a_proof_forgives_nothing(void **state)
{
    struct house *h = *state;
    struct core_str eve = CORE_STR("eve2@example.org"), from = CORE_STR("192.0.2.32");
    for (unsigned i = 1; i < ACCOUNT_THROTTLE_FREE; i++) {
        assert_int_equal(account_try(h->accounts, eve, from), 0);
        account_tried(h->accounts, eve, from, ACCOUNT_WRONG);
    }
    assert_int_equal(account_try(h->accounts, eve, from), 0);
    account_tried(h->accounts, eve, from, ACCOUNT_NEITHER);
    account_tried(h->accounts, eve, from, ACCOUNT_WRONG);
    assert_true(account_try(h->accounts, eve, CORE_STR("192.0.2.33")) > 0);
}

static void one_household_is_one_address(void **state)
{
    struct house *h = *state;
    struct core_str none = CORE_STR("");
    char address[64];
    for (unsigned i = 0; i < ACCOUNT_THROTTLE_FREE; i++) {
        snprintf(address, sizeof address, "2001:db8:1:2::%x", i + 1);
        account_tried(h->accounts, none, core_str(address), ACCOUNT_WRONG);
    }
    assert_true(account_try(h->accounts, none, CORE_STR("2001:db8:1:2:ffff::9")) > 0);
    assert_int_equal(account_try(h->accounts, none, CORE_STR("2001:db8:1:3::1")), 0);
}

static void passwords_are_phc_strings(void **state)
{
    struct house *h = *state;
    char phc[ACCOUNT_PHC_SIZE], again[ACCOUNT_PHC_SIZE];
    assert_int_equal(account__password_hash(h->accounts, CORE_STR("correct horse"), phc), 0);
    assert_int_equal(account__password_hash(h->accounts, CORE_STR("correct horse"), again), 0);
    assert_string_not_equal(phc, again);
    assert_int_equal(strncmp(phc, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
    struct core_str right = CORE_STR("correct horse"), wrong = CORE_STR("correct hors");
    assert_int_equal(account__password_check(h->accounts, core_str(phc), right), 0);
    assert_int_equal(account__password_check(h->accounts, core_str(phc), wrong), CORE_EDENIED);
    assert_int_equal(account__password_check(h->accounts, CORE_STR(""), right), CORE_EDENIED);
    assert_int_equal(account__password_check(h->accounts, CORE_STR("$argon2i$v=19"), right),
                     CORE_ECORRUPT);
    h->accounts->hashes = ACCOUNT_LIMIT_HASHES;
    assert_int_equal(account__password_check(h->accounts, core_str(phc), right), CORE_EBUSY);
    assert_int_equal(account__password_hash(h->accounts, right, again), CORE_EBUSY);
    h->accounts->hashes = 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, helper_setup, helper_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_owner_registers_first),
        TEST(an_invitation_works_once),
        TEST(what_is_typed_is_checked),
        TEST(a_spent_refresh_token_ends_the_login),
        TEST(a_refresh_token_is_ours_or_nothing),
        TEST(logging_out_ends_one_login),
        TEST(logins_end_in_time),
        TEST(logins_are_bounded),
        TEST(another_password_ends_other_logins),
        TEST(one_of_two_passwords_is_taken),
        TEST(another_password_ends_an_open_reset),
        TEST(guessing_waits),
        TEST(guessing_at_once_is_no_faster),
        TEST(half_a_proof_forgives_nothing),
        TEST(one_household_is_one_address),
        TEST(passwords_are_phc_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
