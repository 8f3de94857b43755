/* test_apikey.c: API keys: what opens, what does not, and what the loop sees at once. */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct account_actor owner = {.id = {"owner", 5}, .role = {"owner", 5}};

static struct account_apikey_form form_of(unsigned scopes, int64_t expires_ms)
{
    return (struct account_apikey_form){.name = CORE_STR("a program"),
                                        .scopes = scopes,
                                        .expires_ms = expires_ms,
                                        .minute = ACCOUNT_UNLIMITED};
}

static void put_account(struct house *h, const char *id, const char *role, const char *tier)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO account (id, email, name, role, tier, password, created_ms) "
              "VALUES ($1, $1, $1, $2, $3, '', 0)",
              STORE_C(id), STORE_C(role), STORE_C(tier));
    assert_int_equal(store_write_wait(h->store, batch), 0);
    assert_int_equal(account__view_load(h->accounts), 0);
}

static void put_sql(struct house *h, const char *sql, const char *id)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, sql, STORE_C(id));
    assert_int_equal(store_write_wait(h->store, batch), 0);
    assert_int_equal(account__view_load(h->accounts), 0);
}

static bool opens(struct house *h, const char *key, struct account *ret)
{
    struct core_pool *pool = core_pool_new(1 << 16);
    const struct account *found = account_by_apikey(h->accounts, core_str(key), pool);
    if (found && ret) {
        *ret = *found;
        assert_true(strcmp(found->role, "owner") == 0 || strcmp(found->role, "member") == 0);
        ret->id = ret->name = ret->role = ret->key = NULL;
    }
    core_pool_free(pool);
    return found != NULL;
}

static void a_key_opens_until_it_is_revoked(void **state)
{
    struct house *h = *state;
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    struct account_why why = {0};
    struct account found;
    struct account_apikey_form form = form_of(ACCOUNT_SCOPE_CHAT | ACCOUNT_SCOPE_GENOM, 0);
    form.minute = 7;
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), 0);
    assert_int_equal(strlen(key), ACCOUNT_APIKEY_SIZE - 1);
    assert_memory_equal(key + 4, id, CORE_ID_SIZE - 1);
    assert_true(opens(h, key, &found));
    assert_int_equal(found.scopes, ACCOUNT_SCOPE_CHAT | ACCOUNT_SCOPE_GENOM);
    assert_int_equal(found.minute, 7);

    helper_house_close(h); /* it outlives a restart */
    helper_house_open(h);
    assert_true(opens(h, key, &found));
    form = (struct account_apikey_form){.scopes = ACCOUNT_SCOPE_EMBED, .set_scopes = true};
    assert_int_equal(
        account_apikey_change(h->accounts, &owner, core_str("another"), core_str(id), &form, &why),
        CORE_ENOTFOUND);
    assert_int_equal(
        account_apikey_change(h->accounts, &owner, core_str("owner"), core_str(id), &form, &why),
        0);
    assert_true(opens(h, key, &found));
    assert_int_equal(found.scopes, ACCOUNT_SCOPE_EMBED);
    assert_int_equal(found.minute, 7); /* what is not named stays */
    assert_int_equal(account_apikey_revoke(h->accounts, &owner, core_str("another"), core_str(id)),
                     CORE_ENOTFOUND);
    assert_true(opens(h, key, NULL));
    assert_int_equal(account_apikey_revoke(h->accounts, &owner, core_str("owner"), core_str(id)),
                     0);
    assert_false(opens(h, key, NULL));
    assert_int_equal(account_apikey_revoke(h->accounts, &owner, CORE_STR(""), core_str(id)),
                     CORE_ENOTFOUND);
}

static void any_other_byte_is_refused(void **state)
{
    struct house *h = *state;
    char key[ACCOUNT_APIKEY_SIZE + 1], id[CORE_ID_SIZE];
    struct account_why why = {0};
    struct account_apikey_form form = form_of(1, 0);
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), 0);
    for (size_t i = 0; i + 1 < ACCOUNT_APIKEY_SIZE; i++) {
        char was = key[i];
        key[i] = was == 'a' ? 'b' : 'a';
        assert_false(opens(h, key, NULL));
        key[i] = was;
        struct core_pool *pool = core_pool_new(1 << 16);
        assert_null(account_by_apikey(h->accounts, core_strn(key, i), pool));
        core_pool_free(pool);
    }
    memcpy(key + ACCOUNT_APIKEY_SIZE - 1, "a", 2);
    assert_false(opens(h, key, NULL));
}

static void keys_expire(void **state)
{
    struct house *h = *state;
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    struct account_why why = {0};
    struct account_apikey_form form = form_of(1, core_wall_ms(&helper_env) + 60000);
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), 0);
    assert_true(opens(h, key, NULL));
    helper_wall_shift_ms = 61000;
    assert_false(opens(h, key, NULL));
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), CORE_EINVAL);
    assert_string_equal(why.field, "expires_in");
}

/* What its account may no longer do, a key may not. */
static void a_key_follows_its_account(void **state)
{
    struct house *h = *state;
    static const char bob[] = "01m8d4gq3h5mqx0yhzbcbsvb3q";
    const struct account_actor by = {.id = core_str(bob), .role = CORE_STR("member")};
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    struct account_why why = {0};
    struct account_apikey_form form = form_of(ACCOUNT_SCOPE_ADMIN, 0);
    put_account(h, bob, "admin", "free");
    assert_int_equal(account_apikey_new(h->accounts, &by, &form, key, id, &why), 0);
    struct core_pool *pool = core_pool_new(1 << 16);
    assert_string_equal(account_by_apikey(h->accounts, core_str(key), pool)->role, "admin");
    put_sql(h, "UPDATE account SET role = 'guest' WHERE id = $1", bob);
    assert_string_equal(account_by_apikey(h->accounts, core_str(key), pool)->role, "guest");
    put_sql(h, "UPDATE account SET disabled = 1 WHERE id = $1", bob);
    assert_null(account_by_apikey(h->accounts, core_str(key), pool));
    put_sql(h, "UPDATE account SET disabled = 0 WHERE id = $1", bob);
    assert_non_null(account_by_apikey(h->accounts, core_str(key), pool));
    put_sql(h, "DELETE FROM account WHERE id = $1", bob);
    assert_null(account_by_apikey(h->accounts, core_str(key), pool));
    core_pool_free(pool);
}

struct maker {
    struct house *h;
    const struct account_actor *by;
    int made;
};

static void *make_many(void *arg)
{
    struct maker *m = arg;
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    struct account_why why = {0};
    struct account_apikey_form form = form_of(1, 0);
    for (int i = 0; i < 20; i++) {
        m->made += account_apikey_new(m->h->accounts, m->by, &form, key, id, &why) == 0;
    }
    return NULL;
}

static int count_one(void *arg, const struct account_apikey_info *info)
{
    (void)info;
    ++*(int *)arg;
    return 0;
}

/* Eight make keys at once: no more come out than the tier grants, and the loop sees them all. */
static void as_many_as_the_tier_grants(void **state)
{
    struct house *h = *state;
    static const char bob[] = "01m8d4gq3h5mqx0yhzbcbsvb3q";
    const struct account_actor by = {.id = core_str(bob), .role = CORE_STR("member")};
    pthread_t threads[8];
    struct maker makers[8];
    int made = 0, found = 0;
    put_account(h, bob, "member", "pro");
    for (int i = 0; i < 8; i++) {
        makers[i] = (struct maker){h, &by, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, &makers[i]), 0);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        made += makers[i].made;
    }
    assert_int_equal(made, 20);
    assert_int_equal(
        account_apikeys(h->accounts, core_str(bob), CORE_STR(""), 100, count_one, &found), 0);
    assert_int_equal(found, 20);
    assert_int_equal(account__view(h->accounts)->key_count, 20);
}

static int note_used(void *arg, const struct account_apikey_info *info)
{
    *(int64_t *)arg = info->used_ms;
    return 0;
}

static int64_t used_at(struct house *h)
{
    int64_t used_ms = -1;
    struct store_batch *batch = store_batch_new(STORE_RELAXED); /* behind what was queued */
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM setting WHERE key = $1", STORE_C("none"));
    assert_int_equal(store_write_wait(h->store, batch), 0);
    account_apikeys(h->accounts, CORE_STR("owner"), CORE_STR(""), 1, note_used, &used_ms);
    return used_ms;
}

static void use_is_written_once_a_minute(void **state)
{
    struct house *h = *state;
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    struct account_why why = {0};
    struct account_apikey_form form = form_of(1, 0);
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), 0);
    assert_int_equal(used_at(h), 0);
    assert_true(opens(h, key, NULL));
    int64_t first = used_at(h);
    assert_true(first > 0);
    helper_wall_shift_ms = ACCOUNT_APIKEY_USED_MS / 2;
    assert_true(opens(h, key, NULL));
    assert_true(used_at(h) == first);
    helper_wall_shift_ms = ACCOUNT_APIKEY_USED_MS + 1000;
    assert_true(opens(h, key, NULL));
    assert_true(used_at(h) >= first + ACCOUNT_APIKEY_USED_MS);
}

static int64_t rows(struct house *h, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(store_read_i64(h->store, sql, NULL, 0, &n), 0);
    return n;
}

/* What goes with an account, and nothing of another's. */
static void an_account_is_forgotten(void **state)
{
    struct house *h = *state;
    static const char bob[] = "01m8d4gq3h5mqx0yhzbcbsvb3q";
    const struct account_actor by = {.id = core_str(bob), .role = CORE_STR("member")};
    char key[ACCOUNT_APIKEY_SIZE], own[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE], other[CORE_ID_SIZE],
        budget[CORE_ID_SIZE], hold[ACCOUNT_HOLD_SIZE];
    struct account_why why = {0};
    struct account_broke broke;
    struct account_apikey_form form = form_of(1, 0);
    const struct account_payer payer = {bob, id};
    const struct account_cost worst = {.tokens = 5};
    put_account(h, bob, "member", "free");
    assert_int_equal(account_apikey_new(h->accounts, &by, &form, key, id, &why), 0);
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, own, other, &why), 0);
    const struct core_str subjects[] = {core_str(bob), core_str(id), core_str(other)};
    for (int i = 0; i < 3; i++) {
        const struct account_budget_form b = {.name = CORE_STR("b"),
                                              .kind = i ? CORE_STR("key") : CORE_STR("account"),
                                              .subject = subjects[i],
                                              .unit = CORE_STR("tokens"),
                                              .period = CORE_STR("day"),
                                              .level = ACCOUNT_LEVEL_ANY,
                                              .cap = 9};
        assert_int_equal(account_budget_new(h->accounts, &owner, &b, budget, &why), 0);
    }
    assert_int_equal(account_spend_hold(h->accounts, &payer, 2, &worst, hold, &broke), 0);
    assert_int_equal(rows(h, "SELECT count(*) FROM budget_period"), 3); /* of the tier too */
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    account__spending_forget(batch, core_str(bob));
    account_spend_settle(batch, hold, &worst);
    assert_int_equal(store_write_wait(h->store, batch), 0);
    assert_int_equal(account__view_load(h->accounts), 0);
    assert_false(opens(h, key, NULL));
    assert_true(opens(h, own, NULL));
    assert_int_equal(rows(h, "SELECT count(*) FROM budget"), 1);
    assert_int_equal(rows(h, "SELECT count(*) FROM budget_period"), 0);
    assert_int_equal(rows(h, "SELECT count(*) FROM hold_part"), 0);
}

static void what_is_typed(void **state)
{
    struct house *h = *state;
    char key[ACCOUNT_APIKEY_SIZE], id[CORE_ID_SIZE];
    struct account_why why = {0};
    struct account_apikey_form form = form_of(0, 0);
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), CORE_EINVAL);
    form = form_of(1u << ACCOUNT_SCOPES, 0);
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), CORE_EINVAL);
    form = form_of(1, 0);
    form.name = CORE_STR("\xff");
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), CORE_EINVAL);
    form = form_of(1, 0);
    form.minute = 0;
    assert_int_equal(account_apikey_new(h->accounts, &owner, &form, key, id, &why), CORE_EINVAL);
    for (unsigned i = 0; i < ACCOUNT_SCOPES; i++) {
        assert_int_equal(account_scope_named(core_str(account_scope_name(1u << i))), 1u << i);
    }
    assert_int_equal(account_scope_named(CORE_STR("root")), 0);
    assert_null(account_scope_name(3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_opens_until_it_is_revoked, helper_setup,
                                        helper_teardown),
        cmocka_unit_test_setup_teardown(any_other_byte_is_refused, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(keys_expire, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(a_key_follows_its_account, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(as_many_as_the_tier_grants, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(use_is_written_once_a_minute, helper_setup,
                                        helper_teardown),
        cmocka_unit_test_setup_teardown(an_account_is_forgotten, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(what_is_typed, helper_setup, helper_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
