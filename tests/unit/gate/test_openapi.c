/*
 * test_openapi.c: the document is JSON and says what the table says.
 */
#include "gate/openapi.h"

#include "core/json.h"
#include "gate/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void handle(struct gate_request *r)
{
    (void)r;
}

static const struct gate_route routes[] = {
    {.method = "GET",
     .pattern = "/api/items/{id}",
     .handle = handle,
     .auth = GATE_USER,
     .rate = GATE_RATE_READ,
     .id = "itemGet",
     .summary = "One \"item\"",
     .query = "limit:integer q:string!",
     .response_schema = "{\"type\":\"object\"}"},
    {.method = "POST",
     .pattern = "/v1/x",
     .handle = handle,
     .errors = GATE_OPENAI,
     .body_max = 9,
     .id = "x",
     .request_schema = "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":"
                       "\"string\"},\"b\":{\"type\":\"string\"},\"c\":{\"enum\":[1,2]}}}"},
    {.method = "DELETE", .pattern = "/api/items/{id}", .handle = handle, .auth = GATE_USER},
};

static core_json at(core_json v, const char *a, const char *b, const char *c)
{
    v = core_json_get(v, a);
    v = b ? core_json_get(v, b) : v;
    return c ? core_json_get(v, c) : v;
}

static void same(core_json v, const char *want)
{
    struct core_str got;
    assert_int_equal(core_json_str(v, &got), 0);
    assert_true(core_str_eq_c(got, want));
}

static void test_document(void **state)
{
    (void)state;
    struct core_buf out;
    struct core_json_doc *doc;
    core_buf_init(&out, 1u << 20);
    assert_int_equal(gate_openapi_print(&out, routes, 3), 0);
    assert_int_equal(core_json_parse(core_buf_str(&out), &doc, NULL, 0), 0);
    core_json root = core_json_root(doc);
    same(core_json_get(root, "openapi"), "3.1.0");
    assert_int_equal(core_json_count(core_json_get(root, "paths")), 2);
    core_json item = at(root, "paths", "/api/items/{id}", NULL);
    assert_int_equal(core_json_count(item), 2);
    core_json get = core_json_get(item, "get");
    same(core_json_get(get, "operationId"), "itemGet");
    same(core_json_get(get, "summary"), "One \"item\"");
    same(core_json_at(core_json_get(get, "tags"), 0), "items");
    core_json parameters = core_json_get(get, "parameters");
    assert_int_equal(core_json_count(parameters), 3);
    same(at(core_json_at(parameters, 0), "in", NULL, NULL), "path");
    same(at(core_json_at(parameters, 1), "schema", "type", NULL), "integer");
    bool required = false;
    assert_int_equal(
        core_json_bool(at(core_json_at(parameters, 2), "required", NULL, NULL), &required), 0);
    assert_true(required);
    core_json denied = at(get, "responses", "401", NULL);
    core_json schema = at(at(denied, "content", "application/problem+json", NULL), "schema",
                          "allOf", NULL);
    same(at(core_json_at(schema, 0), "$ref", NULL, NULL), "#/components/schemas/Problem");
    same(core_json_at(at(core_json_at(schema, 1), "properties", "type", "enum"), 0),
         "/problems/unauthorized");
    assert_null(at(get, "responses", "default", NULL));
    assert_non_null(at(get, "responses", "404", NULL));
    assert_null(at(get, "responses", "507", NULL));
    core_json post = at(root, "paths", "/v1/x", "post");
    schema = at(at(post, "responses", "415", "content"), "application/json", "schema", "allOf");
    same(at(core_json_at(schema, 0), "$ref", NULL, NULL), "#/components/schemas/OpenAIError");
    /* What may be absent may be null, what must be there may not. */
    core_json body = at(at(post, "requestBody", "content", "application/json"), "schema",
                        "properties", NULL);
    assert_int_equal(core_json_count(at(body, "b", "type", NULL)), 2);
    same(at(body, "a", "type", NULL), "string");
    assert_int_equal(core_json_count(at(body, "c", "enum", NULL)), 3);
    assert_int_equal(core_json_count(core_json_get(post, "security")), 0);
    assert_int_equal(core_json_type(core_json_get(post, "security")), CORE_JSON_ARRAY);
    assert_null(at(post, "responses", "401", NULL));
    core_json_free(doc);
    core_buf_done(&out);
}

/* Everything is described: a new route says in gate/describe.c how it answers, and by an
 * example. */
static void check_description(const struct gate_route *route)
{
    const struct gate_description *d = gate_describe(route->id);
    struct core_str rest, item;
    struct core_json_doc *doc;
    if (!d)
        fail_msg("gate/describe.c says nothing of %s", route->id);
    if (route->request_schema && !d->request)
        fail_msg("gate/describe.c has no request of %s", route->id);
    if (route->response_schema && !d->answer)
        fail_msg("gate/describe.c has no answer of %s", route->id);
    const char *const examples[] = {
        d->request, d->type && strcmp(d->type, "application/json") ? NULL : d->answer};
    for (size_t i = 0; i < 2; i++) {
        if (examples[i]) {
            assert_int_equal(core_json_parse(core_str(examples[i]), &doc, NULL, 0), 0);
            core_json_free(doc);
        }
    }
    rest = core_str(d->problems ? d->problems : "");
    while (core_str_split(&rest, ' ', &item)) {
        bool known = item.len == 0;
        for (size_t i = 0; i < gate_problem_kind_count; i++) {
            char name[80];
            snprintf(name, sizeof name, "%d:%s", gate_problem_kinds[i].status,
                     gate_problem_kinds[i].slug);
            known |= core_str_eq_c(item, name);
        }
        if (!known)
            fail_msg("%s: there is no problem %.*s", route->id, CORE_STR_ARG(item));
    }
}

/* Statuses stand together, so that each is printed once. */
static void test_problems(void **state)
{
    (void)state;
    for (size_t i = 1; i < gate_problem_kind_count; i++)
        assert_true(gate_problem_kinds[i].status >= gate_problem_kinds[i - 1].status);
}

/* The program's own table: valid JSON, every operation named once. */
static void test_program(void **state)
{
    (void)state;
    struct core_buf out;
    struct core_json_doc *doc;
    core_buf_init(&out, 4u << 20);
    assert_int_equal(gate_openapi_print(&out, gate_routes, gate_route_count), 0);
    assert_int_equal(core_json_parse(core_buf_str(&out), &doc, NULL, 0), 0);
    for (size_t i = 0; i < gate_route_count; i++) {
        assert_non_null(gate_routes[i].id);
        assert_non_null(gate_routes[i].summary);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(gate_routes[i].id, gate_routes[k].id);
        check_description(&gate_routes[i]);
    }
    core_json_free(doc);
    core_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_document),
                                       cmocka_unit_test(test_problems),
                                       cmocka_unit_test(test_program)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
