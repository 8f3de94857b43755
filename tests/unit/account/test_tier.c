/* test_tier.c: tiers as data: what they may be, who has which, and that a change is seen at
 * once. */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct account owner = {.id = "owner", .name = "owner", .role = "owner"};
static const char BOB[] = "01m8d4gq3h5mqx0yhzbcbsvb3q";
static const struct account bob = {.id = BOB, .name = "bob", .role = "admin"};
static const struct account_actor by_owner = {.id = {"owner", 5}, .role = {"owner", 5}};
static const struct account_actor by_bob = {.id = {BOB, sizeof BOB - 1}, .role = {"admin", 5}};

static struct account_tier tier_of(const char *name)
{
    struct account_tier t = {.ask_minute = 5,
                             .read_minute = ACCOUNT_UNLIMITED,
                             .write_minute = 7,
                             .tokens_day = 0,
                             .microusd_month = ACCOUNT_UNLIMITED,
                             .level_max = 3,
                             .keys_max = 4,
                             .body_max = ACCOUNT_UNLIMITED};
    snprintf(t.name, sizeof t.name, "%s", name);
    return t;
}

/* Gives an account the tier. */
static int give(struct house *h, const struct account_actor *by, const char *account,
                const char *tier)
{
    const struct account_change change = {.tier = core_str(tier), .disabled = -1};
    struct account_person person;
    struct account_why why = {0};
    int err = account_change(h->accounts, by, core_str(account), &change, &person, &why);
    if (err == CORE_EINVAL) {
        assert_string_equal(why.field, "tier");
    }
    return err;
}

static void put_bob(struct house *h)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO account (id, email, name, role, tier, password, created_ms) "
              "VALUES ($1, 'b', 'bob', 'admin', 'free', '', 0)",
              STORE_C(BOB));
    assert_int_equal(store_write_wait(h->store, batch), 0);
}

static int name_them(void *arg, const struct account_tier *tier)
{
    core_buf_addf(arg, "%s ", tier->name);
    return 0;
}

static void the_first_rows(void **state)
{
    struct house *h = *state;
    struct core_buf names;
    core_buf_init(&names, 1000);
    assert_int_equal(account_tiers(h->accounts, CORE_STR(""), 100, name_them, &names), 0);
    assert_string_equal(names.ptr, "free owner pro team ");
    core_buf_done(&names);
    put_bob(h);
    const struct account_tier *t = account_tier(h->accounts, &bob);
    assert_string_equal(t->name, "free");
    assert_true(t->level_max == 2 && t->microusd_month == 0);
    t = account_tier(h->accounts, &owner);
    assert_string_equal(t->name, "owner");
    assert_true(t->ask_minute == ACCOUNT_UNLIMITED && t->level_max == 5);
}

static void a_change_is_seen_at_once(void **state)
{
    struct house *h = *state;
    struct account_why why;
    struct account_tier t = tier_of("crew-2");
    put_bob(h);
    assert_int_equal(give(h, &by_owner, BOB, "crew-2"), CORE_EINVAL);
    assert_int_equal(account_tier_put(h->accounts, &by_bob, &t, &why), 0);
    assert_int_equal(give(h, &by_owner, "none", "crew-2"), CORE_ENOTFOUND);
    assert_int_equal(give(h, &by_owner, BOB, "crew-2"), 0);
    assert_memory_equal(account_tier(h->accounts, &bob), &t, sizeof t);
    t.ask_minute = 6;
    assert_int_equal(account_tier_put(h->accounts, &by_bob, &t, &why), 0);
    assert_int_equal(account_tier(h->accounts, &bob)->ask_minute, 6);
    assert_int_equal(account_tier_remove(h->accounts, &by_owner, CORE_STR("crew-2")),
                     CORE_EMISMATCH);
    assert_int_equal(give(h, &by_owner, BOB, "free"), 0);
    assert_string_equal(account_tier(h->accounts, &bob)->name, "free");
    assert_int_equal(account_tier_remove(h->accounts, &by_owner, CORE_STR("crew-2")), 0);
    assert_int_equal(account_tier_remove(h->accounts, &by_owner, CORE_STR("crew-2")),
                     CORE_ENOTFOUND);
    assert_int_equal(account_tier_remove(h->accounts, &by_owner, CORE_STR("free")), CORE_EMISMATCH);
}

/* An administrator does not limit the owner. */
static void the_owners_tier(void **state)
{
    struct house *h = *state;
    struct account_why why;
    struct account_tier t = tier_of("owner");
    assert_int_equal(account_tier_put(h->accounts, &by_bob, &t, &why), CORE_EDENIED);
    assert_int_equal(account_tier_put(h->accounts, &by_owner, &t, &why), 0);
    assert_int_equal(account_tier(h->accounts, &owner)->ask_minute, 5);
    assert_int_equal(account_tier_remove(h->accounts, &by_owner, CORE_STR("owner")),
                     CORE_EMISMATCH);
}

/* What it grants, only the owner gives and takes. */
static void who_gives_the_owners_tier(void **state)
{
    struct house *h = *state;
    static const char ZOE[] = "01m8d4gq3h5mqx0yhzbcbsvb3z";
    put_bob(h);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO account (id, email, name, role, tier, password, created_ms) "
              "VALUES ($1, 'z', 'zoe', 'member', 'free', '', 0)",
              STORE_C(ZOE));
    assert_int_equal(store_write_wait(h->store, batch), 0);
    assert_int_equal(give(h, &by_bob, ZOE, "pro"), 0);
    assert_int_equal(give(h, &by_bob, ZOE, "owner"), CORE_EDENIED);
    assert_int_equal(give(h, &by_owner, ZOE, "owner"), 0);
    assert_int_equal(give(h, &by_bob, ZOE, "owner"), 0);
    assert_int_equal(give(h, &by_bob, ZOE, "free"), CORE_EDENIED);
    assert_int_equal(give(h, &by_owner, ZOE, "free"), 0);
}

static void as_many_as_there_may_be(void **state)
{
    struct house *h = *state;
    struct account_why why;
    int made = 4, err = 0;
    for (int i = 0; !err && i < 2 * ACCOUNT_LIMIT_TIERS; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", i);
        struct account_tier t = tier_of(name);
        err = account_tier_put(h->accounts, &by_owner, &t, &why);
        made += !err;
    }
    assert_int_equal(err, CORE_ELIMIT);
    assert_int_equal(made, ACCOUNT_LIMIT_TIERS);
}

static void what_is_typed(void **state)
{
    struct house *h = *state;
    struct account_why why;
    struct account_tier t = tier_of("");
    assert_int_equal(account_tier_put(h->accounts, &by_owner, &t, &why), CORE_EINVAL);
    t = tier_of("No");
    assert_int_equal(account_tier_put(h->accounts, &by_owner, &t, &why), CORE_EINVAL);
    assert_string_equal(why.field, "name");
    t = tier_of("a");
    t.ask_minute = 0;
    assert_int_equal(account_tier_put(h->accounts, &by_owner, &t, &why), CORE_EINVAL);
    assert_string_equal(why.field, "ask_per_minute");
    t = tier_of("a");
    t.level_max = ACCOUNT_UNLIMITED;
    assert_int_equal(account_tier_put(h->accounts, &by_owner, &t, &why), CORE_EINVAL);
    t = tier_of("a");
    t.tokens_day = ACCOUNT_LIMIT_AMOUNT + 1;
    assert_int_equal(account_tier_put(h->accounts, &by_owner, &t, &why), CORE_EINVAL);
    t = tier_of("a");
    t.body_max = 10;
    assert_int_equal(account_tier_put(h->accounts, &by_owner, &t, &why), CORE_EINVAL);
    assert_string_equal(why.field, "body_bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_rows, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(a_change_is_seen_at_once, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(the_owners_tier, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(who_gives_the_owners_tier, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(as_many_as_there_may_be, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(what_is_typed, helper_setup, helper_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
