/* test_h2_past.c: what is remembered of streams that are no more. */
#include "bus/h2_past.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void who_ended_it_is_known(void **state)
{
    struct bus_h2_past past = {.count = 0};
    (void)state;
    assert_int_equal(bus_h2_past_of(&past, 1), BUS_H2_WAS_OPEN); /* yet to come */
    bus_h2_past_begin(&past, 3);
    bus_h2_past_begin(&past, 9);
    bus_h2_past_begin(&past, 5); /* its trailers */
    bus_h2_past_begin(&past, 9);
    bus_h2_past_done(&past, 3);
    bus_h2_past_done(&past, 7);
    assert_int_equal(bus_h2_past_of(&past, 1), BUS_H2_WAS_NEVER);
    assert_int_equal(bus_h2_past_of(&past, 3), BUS_H2_WAS_DONE);
    assert_int_equal(bus_h2_past_of(&past, 5), BUS_H2_WAS_NEVER);
    assert_int_equal(bus_h2_past_of(&past, 7), BUS_H2_WAS_NEVER);
    assert_int_equal(bus_h2_past_of(&past, 9), BUS_H2_WAS_OPEN);
    assert_int_equal(bus_h2_past_of(&past, 11), BUS_H2_WAS_OPEN);
}

static void the_last_are_remembered(void **state)
{
    struct bus_h2_past past = {.count = 0};
    (void)state;
    for (int32_t i = 0; i < 3 * BUS_LIMIT_H2_PAST; i++) {
        bus_h2_past_begin(&past, 4 * i + 1);
        bus_h2_past_done(&past, 4 * i + 1);
    }
    int32_t oldest = 4 * 2 * BUS_LIMIT_H2_PAST + 1;
    assert_int_equal(bus_h2_past_of(&past, oldest - 4), BUS_H2_WAS_OPEN);
    assert_int_equal(bus_h2_past_of(&past, oldest - 2), BUS_H2_WAS_OPEN);
    assert_int_equal(bus_h2_past_of(&past, oldest), BUS_H2_WAS_DONE);
    assert_int_equal(bus_h2_past_of(&past, oldest + 2), BUS_H2_WAS_NEVER);
    assert_int_equal(bus_h2_past_of(&past, oldest + 4), BUS_H2_WAS_DONE);
    bus_h2_past_done(&past, 1);
    assert_int_equal(bus_h2_past_of(&past, 1), BUS_H2_WAS_OPEN);
}

static void the_highest_id_fits(void **state)
{
    struct bus_h2_past past = {.count = 0};
    (void)state;
    bus_h2_past_begin(&past, INT32_MAX);
    bus_h2_past_done(&past, INT32_MAX);
    assert_int_equal(bus_h2_past_of(&past, INT32_MAX), BUS_H2_WAS_DONE);
    assert_int_equal(bus_h2_past_of(&past, INT32_MAX - 2), BUS_H2_WAS_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_ended_it_is_known),
        cmocka_unit_test(the_last_are_remembered),
        cmocka_unit_test(the_highest_id_fits),
    };
    return cmocka_run_group_tests_name("bus_h2_past", tests, NULL, NULL);
}
