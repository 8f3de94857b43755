/*
 * test_route.c: which route a method and a path find.
 */
#include "gate/route.h"

#include "core/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void handle(struct gate_request *r)
{
    (void)r;
}

#define ROUTE(method_, pattern_, ...)                                                              \
    {.method = method_, .pattern = pattern_, .handle = handle, __VA_ARGS__}

static const struct gate_route routes[] = {
    ROUTE("GET", "/health"),
    ROUTE("GET", "/api/items", .auth = GATE_OWNER),
    ROUTE("POST", "/api/items"),
    ROUTE("GET", "/api/items/{id}", .auth = GATE_USER),
    ROUTE("DELETE", "/api/items/{id}", .auth = GATE_OWNER),
    ROUTE("GET", "/api/items/new"),
    ROUTE("PATCH", "/{a}/{b}/{c}/{d}"),
    ROUTE("GET", "/{a}/items/{b}"),
};

static void check(const char *method, struct core_str path, int want, const char *pattern,
                  const char *more)
{
    struct gate_router *router = gate_router_new(routes, sizeof routes / sizeof *routes);
    const struct gate_route *route = NULL;
    struct core_str params[GATE_ROUTE_PARAMS];
    char allow[GATE_ROUTE_ALLOW_SIZE] = "";
    char text[256] = "";
    int err = gate_router_find(router, core_str(method), path, &route, params, allow);
    assert_int_equal(err, want);
    if (!err) {
        assert_string_equal(route->pattern, pattern);
        for (int i = 0; i < GATE_ROUTE_PARAMS; i++) {
            size_t len = strlen(text);
            snprintf(text + len, sizeof text - len, "%.*s,", CORE_STR_ARG(params[i]));
        }
        assert_string_equal(text, more);
    } else {
        assert_string_equal(allow, more);
    }
    gate_router_free(router);
}

static void test_find(void **state)
{
    (void)state;
    check("GET", core_str("/health"), 0, "/health", ",,,,");
    check("HEAD", core_str("/health"), 0, "/health", ",,,,");
    check("POST", core_str("/api/items"), 0, "/api/items", ",,,,");
    check("GET", core_str("/api/items/7"), 0, "/api/items/{id}", "7,,,,");
    check("DELETE", core_str("/api/items/7"), 0, "/api/items/{id}", "7,,,,");
    check("GET", core_str("/api/items/new"), 0, "/api/items/new", ",,,,");
    check("PATCH", core_str("/1/2/3/4"), 0, "/{a}/{b}/{c}/{d}", "1,2,3,4,");
    check("GET", core_str("/x/items/y"), 0, "/{a}/items/{b}", "x,y,,,");
    /* An escaped slash, NUL here, belongs to its piece. */
    check("GET", core_strn("/api/items/a\0b", 14), 0, "/api/items/{id}", "a,,,,");
}

static void test_other_method(void **state)
{
    (void)state;
    check("DELETE", core_str("/health"), CORE_EUNSUPPORTED, NULL, "GET, HEAD, OPTIONS");
    check("PUT", core_str("/api/items"), CORE_EUNSUPPORTED, NULL, "GET, HEAD, OPTIONS, POST");
    check("FROB", core_str("/api/items/1"), CORE_EUNSUPPORTED, NULL, "DELETE, GET, HEAD, OPTIONS");
    check("HEAD", core_str("/1/2/3/4"), CORE_EUNSUPPORTED, NULL, "OPTIONS, PATCH");
    check("get", core_str("/health"), CORE_EUNSUPPORTED, NULL, "GET, HEAD, OPTIONS");
}

static void test_nothing(void **state)
{
    (void)state;
    static const char *const paths[] = {"",
                                        "/",
                                        "*",
                                        "health",
                                        "/health/",
                                        "//health",
                                        "/Health",
                                        "/api/items/",
                                        "/api/items/1/",
                                        "/api/items/1/2/3",
                                        "/api/items//",
                                        "/1/2/3/4/5",
                                        "/1//3/4",
                                        "/x/items/",
                                        "/{a}"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        check("GET", core_str(paths[i]), CORE_ENOTFOUND, NULL, "");
}

static void test_open(void **state)
{
    (void)state;
    struct gate_router *router = gate_router_new(routes, sizeof routes / sizeof *routes);
    assert_true(gate_router_is_open(router, CORE_STR("/health")));
    assert_true(gate_router_is_open(router, CORE_STR("/api/items"))); /* by one of its methods */
    assert_true(gate_router_is_open(router, CORE_STR("/x/items/y")));
    assert_false(gate_router_is_open(router, CORE_STR("/api/items/7")));
    assert_false(gate_router_is_open(router, CORE_STR("/nothing")));
    gate_router_free(router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find),
                                       cmocka_unit_test(test_other_method),
                                       cmocka_unit_test(test_nothing), cmocka_unit_test(test_open)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
