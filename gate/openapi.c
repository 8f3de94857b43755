/*
 * openapi.c: the OpenAPI 3.1 document, printed from the route table, so that it cannot disagree
 * with what the server does. Schemas of bodies are the table's, examples and problems describe.c's;
 * what follows from a route (a body can be malformed, who asks unknown) is derived here.
 */
#include "gate/openapi.h"

#include "core/gzip.h"
#include "core/version.h"
#include "gate/describe.h"
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

/* --- Schemas ---------------------------------------------------------------------------------- */

static bool
    requires(core_json schema, struct core_str name)
{
    struct core_json_iter it = core_json_iter(core_json_get(schema, "required"));
    struct core_str key, item;
    core_json value;
    while (core_json_next(&it, &key, &value))
        if (core_json_str(value, &item) == 0 && core_str_eq(item, name))
            return true;
    return false;
}

static void print_value(struct core_json_out *o, const char *key, core_json value)
{
    struct core_buf text;
    core_buf_init(&text, GATE_LIMIT_OPENAPI);
    core_json_print(value, &text);
    core_json_out_raw(o, key, core_buf_str(&text));
    core_buf_done(&text);
}

static const char *name_of(struct core_str key, char out[static 64])
{
    snprintf(out, 64, "%.*s", CORE_STR_ARG(key));
    return out;
}

/* What may be absent may also be null: handlers take the one for the other
 * (gate/handler/fields.c). */
static void print_input(struct core_json_out *o, const char *key, core_json schema, bool nullable)
{
    struct core_json_iter it = core_json_iter(schema), members;
    struct core_str name, member;
    core_json value, item;
    char c[64];
    core_json_out_object(o, key);
    while (core_json_next(&it, &name, &value)) {
        const char *k = name_of(name, c);
        if (nullable && core_str_eq_c(name, "type") && core_json_type(value) == CORE_JSON_STRING) {
            core_json_out_array(o, k);
            print_value(o, NULL, value);
            core_json_out_c(o, NULL, "null");
            core_json_out_end(o);
        } else if (nullable && core_str_eq_c(name, "enum")) {
            core_json_out_array(o, k);
            members = core_json_iter(value);
            while (core_json_next(&members, &member, &item))
                print_value(o, NULL, item);
            core_json_out_null(o, NULL);
            core_json_out_end(o);
        } else if (core_str_eq_c(name, "properties")) {
            core_json_out_object(o, k);
            members = core_json_iter(value);
            while (core_json_next(&members, &member, &item))
                print_input(o, name_of(member, c), item, !requires(schema, member));
            core_json_out_end(o);
        } else if (core_str_eq_c(name, "items")) {
            print_input(o, k, value, false);
        } else {
            print_value(o, k, value);
        }
    }
    core_json_out_end(o);
}

static void print_request_schema(struct core_json_out *o, const char *text)
{
    struct core_json_doc *doc = NULL;
    int err = core_json_parse(core_str(text), &doc, NULL, 0);
    assert(!err); /* it is ours */
    (void)err;
    print_input(o, "schema", core_json_root(doc), false);
    core_json_free(doc);
}

/* --- Descriptions --------------------------------------------------------------------------- */

static const struct gate_description none;

static const struct gate_description *description_of(const struct gate_route *route)
{
    const struct gate_description *d = route->id ? gate_describe(route->id) : NULL;
    return d ? d : &none;
}

/* --- Parameters ----------------------------------------------------------------------------- */

static void print_parameter(struct core_json_out *o, struct core_str name, const char *in,
                            bool required, struct core_str type)
{
    const struct gate_parameter *known = gate_describe_parameter(name);
    char schema[96];
    core_json_out_object(o, NULL);
    core_json_out_str(o, "name", name);
    core_json_out_c(o, "in", in);
    core_json_out_bool(o, "required", required);
    if (known)
        core_json_out_c(o, "description", known->text);
    /* A cursor is a text for whoever follows it; a path takes any. */
    bool fits = known &&
                (core_str_eq_c(type, "integer") ? strstr(known->schema, "integer") != NULL : true);
    snprintf(schema, sizeof schema, "{\"type\":\"%.*s\"%s}", CORE_STR_ARG(type),
             core_str_eq_c(type, "integer") ? ",\"minimum\":1" : "");
    core_json_out_raw(o, "schema", core_str(fits ? known->schema : schema));
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
    if (description_of(route)->unchanged)
        core_json_out_raw(
            o, NULL,
            CORE_STR(
                "{\"name\":\"If-None-Match\",\"in\":\"header\",\"required\":false,"
                "\"description\":\"The ETag of what is there\",\"schema\":{\"type\":\"string\"}}"));
    if (route->keyed != GATE_KEYED_NO)
        core_json_out_raw(
            o, NULL,
            CORE_STR(
                "{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":false,"
                "\"description\":\"The same key and request again within a day are done once\","
                "\"schema\":{\"type\":\"string\",\"pattern\":\"^[!-~]+$\",\"minLength\":1,"
                "\"maxLength\":255}}"));
    core_json_out_end(o);
}

/* --- Answers -------------------------------------------------------------------------------- */

static void print_ref(struct core_json_out *o, const char *key, const char *where)
{
    core_json_out_object(o, key);
    core_json_out_c(o, "$ref", where);
    core_json_out_end(o);
}

static bool is_json(const char *type)
{
    return !strcmp(type, "application/json");
}

static void print_media(struct core_json_out *o, const char *type, const char *schema,
                        const char *example)
{
    core_json_out_object(o, type);
    core_json_out_raw(o, "schema",
                      core_str(schema                      ? schema
                               : !example || is_json(type) ? "{}"
                                                           : "{\"type\":\"string\"}"));
    if (example && is_json(type))
        core_json_out_raw(o, "example", core_str(example));
    else if (example)
        core_json_out_c(o, "example", example);
    core_json_out_end(o);
}

/* It has no body, as whoever asked has it. */
static void print_unchanged(struct core_json_out *o)
{
    core_json_out_object(o, "304");
    core_json_out_c(o, "description", "It is what the ETag in If-None-Match names");
    core_json_out_object(o, "headers");
    print_ref(o, "X-Request-Id", "#/components/headers/X-Request-Id");
    core_json_out_end(o);
    core_json_out_end(o);
}

static void print_success(struct core_json_out *o, const struct gate_route *route)
{
    const struct gate_description *d = description_of(route);
    const char *type = d->type                               ? d->type
                       : route->response_schema || d->answer ? "application/json"
                                                             : NULL;
    char code[12];
    snprintf(code, sizeof code, "%d", d->status ? d->status : type ? 200 : 204);
    core_json_out_object(o, code);
    core_json_out_c(o, "description", d->status == 303 ? "Go on to Location" : "Done");
    core_json_out_object(o, "headers");
    print_ref(o, "X-Request-Id", "#/components/headers/X-Request-Id");
    core_json_out_end(o);
    if (type) {
        core_json_out_object(o, "content");
        print_media(o, type, route->response_schema, d->answer);
        if (d->also)
            print_media(o, d->also, NULL, NULL);
        core_json_out_end(o);
    }
    core_json_out_end(o);
    if (d->unchanged)
        print_unchanged(o);
}

/* What any route of this kind may answer. */
static bool follows(const struct gate_problem_kind *kind, const struct gate_route *route)
{
    const bool writes = route->rate != GATE_RATE_NONE && route->rate != GATE_RATE_READ;
    const bool reads = !strcmp(route->method, "GET");
    const struct {
        const char *slug;
        bool holds;
    } rules[] = {
        {"malformed-address", true},
        {"malformed", true},
        {"malformed-json", route->request_schema},
        {"invalid-field", route->request_schema || route->query || route->keyed != GATE_KEYED_NO},
        {"idempotency-key-in-progress", route->keyed != GATE_KEYED_NO},
        {"idempotency-key-not-kept", route->keyed != GATE_KEYED_NO},
        {"idempotency-key-reused", route->keyed != GATE_KEYED_NO},
        {"unauthorized", route->auth != GATE_OPEN},
        {"forbidden", route->auth != GATE_OPEN && route->auth != GATE_USER},
        {"key-scope", route->auth != GATE_OPEN && route->scope != GATE_SCOPE_ANY},
        {"totp-enrolment-required", route->auth == GATE_ADMIN || route->auth == GATE_OWNER},
        {"step-up-required", route->step_up},
        {"budget-exceeded", route->rate == GATE_RATE_ASK},
        {"cross-origin", route->auth != GATE_OPEN && !reads},
        {"not-found", strchr(route->pattern, '{')},
        {"timeout", route->body_max > 0},
        {"uri-too-long", true},
        {"headers-too-large", true},
        {"too-large", true},
        {"unsupported-media-type", route->request_schema},
        {"unsupported-encoding", true},
        {"rate-limited", route->rate != GATE_RATE_NONE},
        {"internal", true},
        {"busy", true},
        {"no-memory", true},
        {"closed", true},
        {"io", true},
        {"database-away", true},
        {"took-too-long", true},
        {"read-only", writes && !reads},
        {"disk-full", writes && !reads},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(rules[i].slug, kind->slug))
            return rules[i].holds;
    return false;
}

static bool may_answer(const struct gate_problem_kind *kind, const struct gate_route *route)
{
    const char *problems = description_of(route)->problems;
    struct core_str rest = core_str(problems ? problems : ""), item;
    char name[80];
    snprintf(name, sizeof name, "%d:%s", kind->status, kind->slug);
    while (core_str_split(&rest, ' ', &item))
        if (core_str_eq_c(item, name))
            return true;
    return follows(kind, route);
}

/* As problem.c spells it for clients of OpenAI. */
static void openai_code(const struct gate_problem_kind *kind, char out[static 64])
{
    snprintf(out, 64, "%s", kind->status == 401 ? "invalid_api_key" : kind->slug);
    for (char *c = out; *c; c++)
        *c = *c == '-' ? '_' : *c;
}

static void print_kinds(struct core_json_out *o, const struct gate_route *route, int status)
{
    bool openai = route->errors == GATE_OPENAI;
    char name[96];
    core_json_out_array(o, "enum");
    for (size_t i = 0; i < gate_problem_kind_count; i++) {
        const struct gate_problem_kind *kind = &gate_problem_kinds[i];
        if (kind->status != status || !may_answer(kind, route))
            continue;
        if (openai)
            openai_code(kind, name);
        else
            snprintf(name, sizeof name, "/problems/%s", kind->slug);
        core_json_out_c(o, NULL, name);
    }
    core_json_out_end(o);
}

static void print_problem_schema(struct core_json_out *o, const struct gate_route *route,
                                 int status)
{
    bool openai = route->errors == GATE_OPENAI;
    core_json_out_object(o, "schema");
    core_json_out_array(o, "allOf");
    print_ref(o, NULL,
              openai ? "#/components/schemas/OpenAIError" : "#/components/schemas/Problem");
    core_json_out_object(o, NULL);
    core_json_out_object(o, "properties");
    if (openai) {
        core_json_out_object(o, "error");
        core_json_out_object(o, "properties");
    }
    core_json_out_object(o, openai ? "code" : "type");
    print_kinds(o, route, status);
    core_json_out_end(o);
    if (openai) {
        core_json_out_end(o);
        core_json_out_end(o);
    }
    core_json_out_end(o);
    core_json_out_end(o);
    core_json_out_end(o);
    core_json_out_end(o);
}

static void print_problem(struct core_json_out *o, const struct gate_route *route, int status,
                          const char *text)
{
    bool openai = route->errors == GATE_OPENAI;
    char code[12], where[96];
    snprintf(code, sizeof code, "%d", status);
    core_json_out_object(o, code);
    core_json_out_c(o, "description", text);
    core_json_out_object(o, "headers");
    print_ref(o, "X-Request-Id", "#/components/headers/X-Request-Id");
    if (status == 429)
        print_ref(o, "Retry-After", "#/components/headers/Retry-After");
    core_json_out_end(o);
    core_json_out_object(o, "content");
    core_json_out_object(o, openai ? "application/json" : "application/problem+json");
    print_problem_schema(o, route, status);
    core_json_out_object(o, "examples");
    for (size_t i = 0; i < gate_problem_kind_count; i++) {
        const struct gate_problem_kind *kind = &gate_problem_kinds[i];
        if (kind->status != status || !may_answer(kind, route))
            continue;
        snprintf(where, sizeof where, "#/components/examples/%s%s", openai ? "openai-" : "",
                 kind->slug);
        print_ref(o, kind->slug, where);
    }
    core_json_out_end(o);
    core_json_out_end(o);
    core_json_out_end(o);
    core_json_out_end(o);
}

static void print_responses(struct core_json_out *o, const struct gate_route *route)
{
    int last = 0;
    core_json_out_object(o, "responses");
    print_success(o, route);
    for (size_t i = 0; i < gate_problem_kind_count; i++) {
        const struct gate_problem_kind *kind = &gate_problem_kinds[i];
        if (kind->status != last && may_answer(kind, route)) {
            print_problem(o, route, kind->status, kind->means);
            last = kind->status;
        }
    }
    core_json_out_end(o);
}

/* --- Operations ----------------------------------------------------------------------------- */

static const struct {
    const char *prefix, *tag, *text;
} tags[] = {
    {"/api/auth", "accounts", "People, logins, passwords and the second factor"},
    {"/api/session", "sessions", "What the owner's browser proves itself by"},
    {"/login", "sessions", NULL},
    {"/api/admin", "admin", "What only administrators see"},
    {"/api/chat", "chat", "Asking, and what was asked"},
    {"/api/crawler", "knowledge", "Documents: learning, searching, forgetting"},
    {"/api/genom", "genom", "Texts as GENOM messages"},
    {"/v1/chat", "openai", "What clients of OpenAI ask"},
    {"/v1/embeddings", "openai", NULL},
    {"/v1/models", "openai", NULL},
    {"/v1/", "genom", NULL},
    {"/api/", NULL, NULL}, /* called by the piece that follows */
    {"/", "server", "This server and what it says of itself"},
};
enum { TAG_COUNT = sizeof tags / sizeof *tags };

static struct core_str tag_of(const char *pattern)
{
    size_t i = 0;
    while (strncmp(pattern, tags[i].prefix, strlen(tags[i].prefix)) != 0)
        i++;
    if (tags[i].tag)
        return core_str(tags[i].tag);
    const char *at = pattern + strlen(tags[i].prefix);
    return core_strn(at, strcspn(at, "/"));
}

static void print_tags(struct core_json_out *o)
{
    core_json_out_array(o, "tags");
    for (size_t i = 0; i < TAG_COUNT; i++) {
        if (!tags[i].text)
            continue;
        core_json_out_object(o, NULL);
        core_json_out_c(o, "name", tags[i].tag);
        core_json_out_c(o, "description", tags[i].text);
        core_json_out_end(o);
    }
    core_json_out_end(o);
}

static void print_request(struct core_json_out *o, const struct gate_route *route)
{
    const struct gate_description *d = description_of(route);
    core_json_out_object(o, "requestBody");
    core_json_out_bool(o, "required", true);
    core_json_out_object(o, "content");
    core_json_out_object(o, "application/json");
    print_request_schema(o, route->request_schema);
    if (d->request)
        core_json_out_raw(o, "example", core_str(d->request));
    core_json_out_end(o);
    if (d->takes) {
        core_json_out_object(o, d->takes);
        core_json_out_raw(o, "schema", CORE_STR("{\"type\":\"string\",\"format\":\"binary\"}"));
        core_json_out_end(o);
    }
    core_json_out_end(o);
    core_json_out_end(o);
}

static void print_operation(struct core_json_out *o, const struct gate_route *route)
{
    const char *text = description_of(route)->text;
    char method[16] = "";
    for (size_t i = 0; route->method[i] && i < sizeof method - 1; i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    core_json_out_object(o, method);
    if (route->id)
        core_json_out_c(o, "operationId", route->id);
    if (route->summary)
        core_json_out_c(o, "summary", route->summary);
    if (text)
        core_json_out_c(o, "description", text);
    core_json_out_array(o, "tags");
    core_json_out_str(o, NULL, tag_of(route->pattern));
    core_json_out_end(o);
    if (route->auth == GATE_OPEN) {
        core_json_out_array(o, "security");
        core_json_out_end(o);
    }
    print_parameters(o, route);
    if (route->request_schema)
        print_request(o, route);
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

/* --- Components ------------------------------------------------------------------------------- */

static void print_problem_example(struct core_json_out *o, const struct gate_problem_kind *kind)
{
    char name[96];
    snprintf(name, sizeof name, "/problems/%s", kind->slug);
    core_json_out_object(o, kind->slug);
    core_json_out_object(o, "value");
    core_json_out_c(o, "type", name);
    core_json_out_c(o, "title", kind->means);
    core_json_out_i64(o, "status", kind->status);
    core_json_out_c(o, "instance", "01m8desyazyg6rff0000000003");
    core_json_out_end(o);
    core_json_out_end(o);
}

static void print_openai_example(struct core_json_out *o, const struct gate_problem_kind *kind)
{
    char name[96];
    snprintf(name, sizeof name, "openai-%s", kind->slug);
    core_json_out_object(o, name);
    core_json_out_object(o, "value");
    core_json_out_object(o, "error");
    core_json_out_c(o, "message", kind->means);
    core_json_out_c(o, "type", kind->status >= 500 ? "server_error" : "invalid_request_error");
    core_json_out_null(o, "param");
    openai_code(kind, name);
    core_json_out_c(o, "code", name);
    core_json_out_end(o);
    core_json_out_end(o);
    core_json_out_end(o);
}

static void print_security_schemes(struct core_json_out *o)
{
    core_json_out_object(o, "securitySchemes");
    core_json_out_raw(o, "token",
                      CORE_STR("{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"The "
                               "owner's token, sky_…, that `sky user token` prints\"}"));
    core_json_out_raw(o, "access",
                      CORE_STR("{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\","
                               "\"description\":\"The access_token of a login\"}"));
    core_json_out_raw(o, "key",
                      CORE_STR("{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"An API "
                               "key, for /v1\"}"));
    core_json_out_raw(o, "session",
                      CORE_STR("{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"sky_session\","
                               "\"description\":\"Of the owner's browser; what changes something "
                               "must come from the same origin\"}"));
    core_json_out_end(o);
}

static void print_components(struct core_json_out *o)
{
    core_json_out_object(o, "components");
    core_json_out_object(o, "schemas");
    core_json_out_raw(o, "Problem", CORE_STR(PROBLEM_SCHEMA));
    core_json_out_raw(o, "OpenAIError", CORE_STR(OPENAI_SCHEMA));
    core_json_out_end(o);
    core_json_out_object(o, "examples");
    for (size_t i = 0; i < gate_problem_kind_count; i++) {
        print_problem_example(o, &gate_problem_kinds[i]);
        print_openai_example(o, &gate_problem_kinds[i]);
    }
    core_json_out_end(o);
    core_json_out_object(o, "headers");
    core_json_out_raw(o, "X-Request-Id",
                      CORE_STR("{\"description\":\"Also `instance` of a problem, and in the log\","
                               "\"schema\":{\"type\":\"string\"}}"));
    core_json_out_raw(o, "Retry-After",
                      CORE_STR("{\"description\":\"Seconds\",\"schema\":{\"type\":\"integer\","
                               "\"minimum\":0}}"));
    core_json_out_end(o);
    print_security_schemes(o);
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
    core_json_out_raw(&o, NULL, CORE_STR("{\"token\":[]}"));
    core_json_out_raw(&o, NULL, CORE_STR("{\"access\":[]}"));
    core_json_out_raw(&o, NULL, CORE_STR("{\"key\":[]}"));
    core_json_out_raw(&o, NULL, CORE_STR("{\"session\":[]}"));
    core_json_out_end(&o);
    print_tags(&o);
    print_paths(&o, routes, count);
    print_components(&o);
    core_json_out_end(&o);
    return core_buf_error(out);
}

/* Some ten milliseconds of work, once, and of each browser only when the document changed. */
static void make(struct gate *gate)
{
    int err = gate_openapi_print(&gate->openapi, gate->routes, gate->route_count);
    if (!err)
        err = core_gzip(core_buf_str(&gate->openapi), &gate->openapi_gzip);
    assert(!err); /* the table is ours and far below the cap */
    (void)err;
    snprintf(gate->openapi_etag, sizeof gate->openapi_etag, "W/\"%016llx\"",
             (unsigned long long)core_str_hash(core_buf_str(&gate->openapi)));
    gate->openapi_asset = (struct web_asset){
        .content_type = "application/json",
        .etag = gate->openapi_etag,
        .identity = {(unsigned char *)gate->openapi.ptr, gate->openapi.len},
        .gzip = {(unsigned char *)gate->openapi_gzip.ptr, gate->openapi_gzip.len},
    };
}

void gate_openapi_reply(struct gate_request *r)
{
    struct gate *gate = r->gate;
    if (gate->openapi.len == 0)
        make(gate);
    gate__static_send(r, &gate->openapi_asset);
}
