/* test_node.c: what a node number means, against the product's table. */
#include "node/node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t fake_mono_ns;

static int64_t wall(void *ctx)
{
    (void)ctx;
    return 1000;
}

static uint64_t mono(void *ctx)
{
    (void)ctx;
    return fake_mono_ns;
}

static const struct core_env env = {.wall_ms = wall, .mono_ns = mono};

static void numbers_have_their_class(void **state)
{
    (void)state;
    static const struct {
        unsigned number;
        const char *class_, *role;
        double multiplier;
    } cases[] = {
        {1, "S", "hub", 2.0},
        {2, "S", "failover", 2.0},
        {3, "S", "last-resort backup", 2.0},
        {9, "S", "monitor", 2.0},
        {10, "S", "infrastructure", 2.0},
        {99, "S", "infrastructure", 2.0},
        {100, "D", "desktop", 1.0},
        {999999, "D", "desktop", 1.0},
        {1000000, "M", "mobile", 0.1},
        {9999999, "M", "mobile", 0.1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct node *node = node_new(&env, cases[i].number);
        struct node_info info;
        assert_int_equal(node_list(node, &info, 1), 1);
        assert_int_equal(info.number, cases[i].number);
        assert_string_equal(info.class_, cases[i].class_);
        assert_string_equal(info.role, cases[i].role);
        assert_true(info.multiplier == cases[i].multiplier);
        node_free(node);
    }
}

static void uptime_follows_the_clock(void **state)
{
    (void)state;
    struct node_info info;
    fake_mono_ns = 5000000000;
    struct node *node = node_new(&env, 1);
    fake_mono_ns += 61999999999;
    node_list(node, &info, 1);
    assert_int_equal(info.uptime_s, 61);
    assert_int_equal(info.started_ms, 1000);
    assert_true(info.cores >= 1);
    assert_int_equal(node_list(node, &info, 0), 0);
    node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_their_class),
        cmocka_unit_test(uptime_follows_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
