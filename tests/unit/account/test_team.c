/* test_team.c: teams: who is in which, and that their budgets go with them. */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct account_actor owner = {.id = {"owner", 5}, .role = {"owner", 5}};

static void put_account(struct house *h, const char *id)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO account (id, email, name, role, tier, password, created_ms) "
              "VALUES ($1, $1, $1, 'member', 'owner', '', 0)",
              STORE_C(id));
    assert_int_equal(store_write_wait(h->store, batch), 0);
}

static int on_team(void *arg, const struct account_team *team)
{
    core_buf_addf(arg, "%.*s %d ", CORE_STR_ARG(team->name), (int)team->accounts);
    return 0;
}

static void told(struct house *h, const char *expected)
{
    struct core_buf text;
    core_buf_init(&text, 1000);
    core_buf_add_c(&text, "");
    assert_int_equal(account_teams(h->accounts, CORE_STR(""), 10, on_team, &text), 0);
    assert_string_equal(text.ptr ? text.ptr : "", expected);
    core_buf_done(&text);
}

static void teams_and_their_budgets(void **state)
{
    struct house *h = *state;
    char one[CORE_ID_SIZE], two[CORE_ID_SIZE], id[CORE_ID_SIZE];
    struct account_why why;
    struct account_broke broke;
    put_account(h, "ann");
    put_account(h, "bob");
    assert_int_equal(account_team_new(h->accounts, &owner, CORE_STR(""), one, &why), CORE_EINVAL);
    assert_int_equal(account_team_new(h->accounts, &owner, CORE_STR("crew"), one, &why), 0);
    assert_int_equal(account_team_new(h->accounts, &owner, CORE_STR("crew"), two, &why),
                     CORE_EEXISTS);
    helper_wall_shift_ms += 10; /* teams are listed by birth, to the millisecond */
    assert_int_equal(account_team_new(h->accounts, &owner, CORE_STR("other"), two, &why), 0);
    assert_int_equal(account_team_join(h->accounts, &owner, core_str(one), CORE_STR("ann")), 0);
    assert_int_equal(account_team_join(h->accounts, &owner, core_str(one), CORE_STR("bob")), 0);
    assert_int_equal(account_team_join(h->accounts, &owner, core_str(two), CORE_STR("bob")), 0);
    assert_int_equal(account_team_join(h->accounts, &owner, core_str(two), CORE_STR("zoe")),
                     CORE_ENOTFOUND);
    assert_int_equal(account_team_join(h->accounts, &owner, CORE_STR("none"), CORE_STR("bob")),
                     CORE_ENOTFOUND);
    told(h, "crew 1 other 1 ");
    assert_int_equal(account_team_leave(h->accounts, &owner, core_str(one), CORE_STR("bob")),
                     CORE_ENOTFOUND);
    assert_int_equal(
        account_team_rename(h->accounts, &owner, core_str(two), CORE_STR("crew"), &why),
        CORE_EEXISTS);
    assert_int_equal(
        account_team_rename(h->accounts, &owner, core_str(two), CORE_STR("hands"), &why), 0);

    const struct account_budget_form form = {.name = CORE_STR("b"),
                                             .kind = CORE_STR("team"),
                                             .subject = core_str(one),
                                             .unit = CORE_STR("requests"),
                                             .period = CORE_STR("day"),
                                             .level = ACCOUNT_LEVEL_ANY,
                                             .cap = 1};
    assert_int_equal(account_budget_new(h->accounts, &owner, &form, id, &why), 0);
    const struct account_payer ann = {.account = "ann"}, bob = {.account = "bob"};
    assert_int_equal(account_spend_request(h->accounts, &bob, &broke), 0);
    assert_true(account_spend_free(h->accounts, &bob, ACCOUNT_LEVEL_ANY));
    assert_int_equal(account_spend_request(h->accounts, &ann, &broke), 0);
    assert_int_equal(account_spend_request(h->accounts, &ann, &broke), CORE_EBUDGET);
    assert_int_equal(account_team_join(h->accounts, &owner, core_str(one), CORE_STR("bob")), 0);
    assert_int_equal(account_spend_request(h->accounts, &bob, &broke), CORE_EBUDGET);
    assert_int_equal(account_team_leave(h->accounts, &owner, core_str(one), CORE_STR("bob")), 0);
    assert_int_equal(account_spend_request(h->accounts, &bob, &broke), 0);
    assert_int_equal(account_team_remove(h->accounts, &owner, core_str(one)), 0);
    assert_int_equal(account_team_remove(h->accounts, &owner, core_str(one)), CORE_ENOTFOUND);
    assert_int_equal(account_spend_request(h->accounts, &ann, &broke), 0);
    told(h, "hands 0 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(teams_and_their_budgets, helper_setup, helper_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
