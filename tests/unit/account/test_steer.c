/* test_steer.c: accounts that end: who may end them, and what happens to them meanwhile. */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct account_client client = {.agent = {"test", 4}, .address = {"192.0.2.1", 9}};
static const struct account_actor owner = {.id = {"owner", 5}, .role = {"owner", 5}};
static const struct account_actor admin = {.id = {"another", 7}, .role = {"admin", 5}};
static const struct core_str password = {"correct horse", 13};

/* What the next removal meets between its decision and its batch. */
static struct {
    struct house *h;
    const char *role; /* NULL: nothing */
    const char *newcomer;
} meanwhile;

static void add(struct house *h, const char *email, char id[static CORE_ID_SIZE])
{
    struct account_tokens tokens;
    struct account_why why = {0};
    const struct account_form form = {
        .email = core_str(email), .password = password, .owner = true};
    assert_int_equal(account_register(h->accounts, &form, &client, &tokens, &why), 0);
    memcpy(id, tokens.user.id, CORE_ID_SIZE);
}

static void others(struct store_batch *batch, struct core_str account)
{
    struct account_person person;
    struct account_why why = {0};
    char id[CORE_ID_SIZE];
    (void)batch;
    if (meanwhile.role) {
        const struct account_change change = {.role = core_str(meanwhile.role), .disabled = -1};
        assert_int_equal(
            account_change(meanwhile.h->accounts, &owner, account, &change, &person, &why), 0);
    }
    if (meanwhile.newcomer) {
        add(meanwhile.h, meanwhile.newcomer, id);
    }
    meanwhile.role = meanwhile.newcomer = NULL;
}

static bool is_there(struct house *h, const char *id)
{
    struct account_user user;
    int err = account_read(h->accounts, core_str(id), &user);
    assert_true(err == 0 || err == CORE_ENOTFOUND);
    return err == 0;
}

/* An administrator may remove a member; that it is one no longer shows before it is gone. */
static void a_removal_is_of_what_was_looked_at(void **state)
{
    struct house *h = *state;
    char ann[CORE_ID_SIZE], bob[CORE_ID_SIZE];
    add(h, "ann@example.org", ann);
    add(h, "bob@example.org", bob);
    meanwhile.h = h;
    meanwhile.role = "admin";
    assert_int_equal(account_remove(h->accounts, &admin, core_str(bob), others), CORE_EBUSY);
    assert_true(is_there(h, bob));
    assert_int_equal(account_remove(h->accounts, &admin, core_str(bob), others), CORE_EDENIED);
    assert_int_equal(account_remove(h->accounts, &owner, core_str(bob), others), 0);
    assert_false(is_there(h, bob));
    assert_int_equal(account_remove(h->accounts, &owner, core_str(bob), others), CORE_ENOTFOUND);
    assert_int_equal(account_remove(h->accounts, &owner, core_str(ann), others), CORE_EDENIED);
}

static int leave(struct house *h, const char *id, const char *role)
{
    const struct account_actor by = {.id = core_str(id), .role = core_str(role)};
    struct account_why why = {0};
    return account_leave(h->accounts, &by, password, CORE_STR(""), others, &why);
}

static void the_owner_leaves_last(void **state)
{
    struct house *h = *state;
    char ann[CORE_ID_SIZE], bob[CORE_ID_SIZE];
    meanwhile.h = h;
    assert_int_equal(leave(h, "owner", "owner"), CORE_ENOTFOUND);
    add(h, "ann@example.org", ann);
    add(h, "bob@example.org", bob);
    assert_int_equal(leave(h, ann, "owner"), CORE_EMISMATCH);
    meanwhile.role = "guest";
    assert_int_equal(leave(h, bob, "member"), CORE_EBUSY);
    assert_int_equal(leave(h, bob, "guest"), 0);
    meanwhile.newcomer = "cyd@example.org";
    assert_int_equal(leave(h, ann, "owner"), CORE_EBUSY);
    assert_int_equal(leave(h, ann, "owner"), CORE_EMISMATCH);
    assert_true(is_there(h, ann));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, helper_setup, helper_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_removal_is_of_what_was_looked_at),
        TEST(the_owner_leaves_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
