/*
 * openapi.c: the OpenAPI 3.1 document, printed from the route table, so that it cannot disagree with
 * what the server does. Schemas of bodies are the table's; errors and security are the same for all.
 */
#include "gate/openapi.h"

#include "core/version.h"
#include "gate/inside.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>

#define PROBLEM_SCHEMA                                                                             \
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"instance\"],"              \
    "\"properties\":{\"type\":{\"type\":\"string\",\"format\":\"uri-reference\"},"                 \
    "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"                           \
    "\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\"}}}"
#define OPENAI_SCHEMA                                                                              \
    "{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":{\"type\":"           \
    "\"object\",\"required\":[\"message\",\"type\",\"param\",\"code\"],\"properties\":{"           \
    "\"message\":{\"type\":\"string\"},\"type\":{\"type\":\"string\"},"                            \
    "\"param\":{\"type\":[\"string\",\"null\"]},\"code\":{\"type\":[\"string\",\"null\"]}}}}}"

/* --- Parameters ----------------------------------------------------------------------------- */

static void print_parameter(struct core_json_out *o, struct core_str name, const char *in,
                            bool required, struct core_str type)
{
    core_json_out_object(o, NULL);
    core_json_out_str(o, "name", name);
    core_json_out_c(o, "in", in);
    core_json_out_bool(o, "required", required);
    core_json_out_object(o, "schema");
    core_json_out_str(o, "type", type);
    core_json_out_end(o);
    core_json_out_end(o);
}

static void print_parameters(struct core_json_out *o, const struct gate_route *route)
{
    struct core_str rest = core_str(route->query), item, name;
    core_json_out_array(o, "parameters");
    for (const char *p = strchr(route->pattern, '{'); p; p = strchr(p + 1, '{'))
        print_parameter(o, core_strn(p + 1, strcspn(p + 1, "}")), "path", true, CORE_STR("string"));
    while (core_str_split(&rest, ' ', &item)) {
        struct core_str type = item;
        if (!core_str_split(&type, ':', &name))
            continue;
        bool required = core_str_ends(type, CORE_STR("!"));
        type.len -= required;
        print_parameter(o, name, "query", required, type);
    }
    core_json_out_end(o);
}

/* --- Answers -------------------------------------------------------------------------------- */

static void print_ref(struct core_json_out *o, const char *key, const char *where)
{
    core_json_out_object(o, key);
    core_json_out_c(o, "$ref", where);
    core_json_out_end(o);
}

static void print_success(struct core_json_out *o, const struct gate_route *route)
{
    core_json_out_object(o, "2XX");
    core_json_out_c(o, "description", "Done");
    if (route->response_schema) {
        core_json_out_object(o, "content");
        core_json_out_object(o, "application/json");
        core_json_out_raw(o, "schema", core_str(route->response_schema));
        core_json_out_end(o);
        core_json_out_end(o);
    }
    core_json_out_end(o);
}

static void print_responses(struct core_json_out *o, const struct gate_route *route)
{
    const char *error = route->errors == GATE_OPENAI ? "#/components/responses/OpenAIError"
                                                     : "#/components/responses/Problem";
    core_json_out_object(o, "responses");
    print_success(o, route);
    if (route->query || route->body_max > 0)
        print_ref(o, "400", error);
    if (route->rate == GATE_RATE_ASK)
        print_ref(o, "402", error);
    if (route->auth != GATE_OPEN) {
        print_ref(o, "401", error);
        print_ref(o, "403", error);
    }
    if (strchr(route->pattern, '{'))
        print_ref(o, "404", error);
    print_ref(o, "413", error);
    if (route->request_schema)
        print_ref(o, "415", error);
    if (route->rate != GATE_RATE_NONE)
        print_ref(o, "429", error);
    print_ref(o, "default", error);
    core_json_out_end(o);
}

/* --- Operations ----------------------------------------------------------------------------- */

/* "/api/chat/message" → "chat", "/v1/models" → "v1". */
static struct core_str tag_of(const char *pattern)
{
    const char *at = strncmp(pattern, "/api/", 5) ? pattern + 1 : pattern + 5;
    return core_strn(at, strcspn(at, "/"));
}

static void print_operation(struct core_json_out *o, const struct gate_route *route)
{
    char method[16] = "";
    for (size_t i = 0; route->method[i] && i < sizeof method - 1; i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    core_json_out_object(o, method);
    if (route->id)
        core_json_out_c(o, "operationId", route->id);
    if (route->summary)
        core_json_out_c(o, "summary", route->summary);
    core_json_out_array(o, "tags");
    core_json_out_str(o, NULL, tag_of(route->pattern));
    core_json_out_end(o);
    if (route->auth == GATE_OPEN) {
        core_json_out_array(o, "security");
        core_json_out_end(o);
    }
    print_parameters(o, route);
    if (route->request_schema) {
        core_json_out_object(o, "requestBody");
        core_json_out_bool(o, "required", true);
        core_json_out_object(o, "content");
        core_json_out_object(o, "application/json");
        core_json_out_raw(o, "schema", core_str(route->request_schema));
        core_json_out_end(o);
        core_json_out_end(o);
        core_json_out_end(o);
    }
    print_responses(o, route);
    core_json_out_end(o);
}

static void print_paths(struct core_json_out *o, const struct gate_route *routes, size_t count)
{
    core_json_out_object(o, "paths");
    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen |= !strcmp(routes[k].pattern, routes[i].pattern);
        if (seen)
            continue;
        core_json_out_object(o, routes[i].pattern);
        for (size_t k = i; k < count; k++)
            if (!strcmp(routes[k].pattern, routes[i].pattern))
                print_operation(o, &routes[k]);
        core_json_out_end(o);
    }
    core_json_out_end(o);
}

static void print_error_response(struct core_json_out *o, const char *key, const char *type,
                                 const char *schema)
{
    core_json_out_object(o, key);
    core_json_out_c(o, "description", "What went wrong");
    core_json_out_object(o, "content");
    core_json_out_object(o, type);
    core_json_out_raw(o, "schema", core_str(schema));
    core_json_out_end(o);
    core_json_out_end(o);
    core_json_out_end(o);
}

static void print_components(struct core_json_out *o)
{
    core_json_out_object(o, "components");
    core_json_out_object(o, "responses");
    print_error_response(o, "Problem", "application/problem+json", PROBLEM_SCHEMA);
    print_error_response(o, "OpenAIError", "application/json", OPENAI_SCHEMA);
    core_json_out_end(o);
    core_json_out_object(o, "securitySchemes");
    core_json_out_object(o, "bearer");
    core_json_out_c(o, "type", "http");
    core_json_out_c(o, "scheme", "bearer");
    core_json_out_end(o);
    core_json_out_object(o, "session");
    core_json_out_c(o, "type", "apiKey");
    core_json_out_c(o, "in", "cookie");
    core_json_out_c(o, "name", "sky_session");
    core_json_out_end(o);
    core_json_out_end(o);
    core_json_out_end(o);
}

int gate_openapi_print(struct core_buf *out, const struct gate_route *routes, size_t count)
{
    struct core_json_out o;
    core_json_out_init(&o, out);
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "openapi", "3.1.0");
    core_json_out_object(&o, "info");
    core_json_out_c(&o, "title", "SKYNET");
    core_json_out_c(&o, "summary", "One private AI from the machines you own");
    core_json_out_c(&o, "version", CORE_VERSION);
    core_json_out_object(&o, "license");
    core_json_out_c(&o, "name", "Apache-2.0");
    core_json_out_c(&o, "identifier", "Apache-2.0");
    core_json_out_end(&o);
    core_json_out_end(&o);
    core_json_out_array(&o, "security");
    core_json_out_raw(&o, NULL, CORE_STR("{\"bearer\":[]}"));
    core_json_out_raw(&o, NULL, CORE_STR("{\"session\":[]}"));
    core_json_out_end(&o);
    print_paths(&o, routes, count);
    print_components(&o);
    core_json_out_end(&o);
    return core_buf_error(out);
}

struct core_str gate_openapi(const struct gate_request *r)
{
    struct gate *gate = r->gate;
    if (gate->openapi.len == 0) {
        int err = gate_openapi_print(&gate->openapi, gate->routes, gate->route_count);
        assert(!err); /* the table is ours and far below the cap */
        (void)err;
    }
    return core_buf_str(&gate->openapi);
}
