/* test_throttle.c: who guesses waits longer and longer,
 * is forgiven in time, and is not forgotten in a crowd. */
#include "account/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct account_throttle t;

static uint64_t key_of(const char *name)
{
    return account__throttle_key(CORE_STR("account"), core_str(name));
}

static void waits_grow_to_their_most(void **state)
{
    uint64_t key = key_of("a"), now = 1000000;
    unsigned last = 0;
    (void)state;
    for (unsigned i = 0; i < ACCOUNT_THROTTLE_FREE - 1; i++) {
        account__throttle_failed(&t, &key, 1, now);
        assert_int_equal(account__throttle_wait(&t, &key, 1, now), 0);
    }
    for (unsigned i = 0; i < 40; i++) {
        account__throttle_failed(&t, &key, 1, now);
        unsigned wait_s = account__throttle_wait(&t, &key, 1, now);
        assert_true(wait_s >= last && wait_s >= 1 && wait_s <= ACCOUNT_THROTTLE_MOST_S);
        last = wait_s;
        now += wait_s * 1000ull;
        assert_int_equal(account__throttle_wait(&t, &key, 1, now), 0);
    }
    assert_int_equal(last, ACCOUNT_THROTTLE_MOST_S);
}

static void others_do_not_wait(void **state)
{
    uint64_t keys[] = {key_of("b"), key_of("c")}, now = 1000000;
    (void)state;
    for (unsigned i = 0; i < ACCOUNT_THROTTLE_FREE; i++)
        account__throttle_failed(&t, keys, 1, now);
    assert_int_equal(account__throttle_wait(&t, &keys[1], 1, now), 0);
    assert_int_equal(account__throttle_wait(&t, keys, 2, now), 1);
    account__throttle_passed(&t, keys[0]);
    assert_int_equal(account__throttle_wait(&t, keys, 2, now), 0);
}

static void a_quiet_hour_forgives(void **state)
{
    uint64_t key = key_of("d"), now = 1000000;
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        account__throttle_failed(&t, &key, 1, now);
    now += ACCOUNT_THROTTLE_FORGET_S * 1000ull + 1;
    account__throttle_failed(&t, &key, 1, now);
    assert_int_equal(account__throttle_wait(&t, &key, 1, now), 0);
}

static void the_latest_stay_in_a_crowd(void **state)
{
    uint64_t now = 5000000, victim = key_of("victim");
    (void)state;
    for (uint64_t i = 1; i <= 3 * ACCOUNT_LIMIT_THROTTLED; i++) {
        uint64_t key = i * 2 + 1;
        account__throttle_failed(&t, &key, 1, now + i);
        if (i % 100 == 0)
            account__throttle_failed(&t, &victim, 1, now + i);
    }
    now += 3 * ACCOUNT_LIMIT_THROTTLED;
    assert_int_equal(account__throttle_wait(&t, &victim, 1, now), ACCOUNT_THROTTLE_MOST_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_grow_to_their_most),
        cmocka_unit_test(others_do_not_wait),
        cmocka_unit_test(a_quiet_hour_forgives),
        cmocka_unit_test(the_latest_stay_in_a_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
