/*
 * fuzz_handlers.c: every route of the program gets arbitrary bodies, queries and parameters. What
 * is accepted keeps to the schema that /openapi.json prints for it, and so does what is answered;
 * what is refused is a problem with a reason. front.c checks what reaches the services.
 *
 *     input = route, how, text
 *     how & 1: the client leaves early   & 2: a raw body or events, where a route offers them
 *         & 4: no content type           & 8: the {parameter} is one that exists
 *     text: the body; for a route without one "name=value" lines of the query; else the {parameter}
 */
#include "core/limits.h"
#include "fuzz/front.h"
#include "fuzz/schema.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LEAVE = 1, OTHER = 2, BARE = 4, KNOWN = 8 };

static void add_escaped(struct core_buf *out, struct core_str text)
{
    for (size_t i = 0; i < text.len; i++)
        core_buf_addf(out, "%%%02x", (unsigned char)text.ptr[i]);
}

static void add_query(struct core_buf *out, struct core_str lines)
{
    struct core_str line, name;
    char before = '?';
    while (core_str_split(&lines, '\n', &line)) {
        if (!core_str_split(&line, '=', &name))
            continue;
        core_buf_add_byte(out, before);
        add_escaped(out, name);
        core_buf_add_byte(out, '=');
        add_escaped(out, line);
        before = '&';
    }
}

/* "/a/{id}" with the parameter put in. */
static void add_path(struct core_buf *out, const struct gate_route *route, struct core_str text,
                     bool known)
{
    struct core_str before = core_str(route->pattern);
    ssize_t at = core_str_find_byte(before, '{');
    if (at >= 0)
        before.len = (size_t)at;
    core_buf_add_str(out, before);
    if (at < 0)
        return;
    if (known)
        core_buf_add_c(out, strstr(route->pattern, "jobs")        ? "j"
                            : strstr(route->pattern, "documents") ? "d"
                            : strstr(route->pattern, "lookup")    ? "hello"
                                                                  : "c");
    else
        add_escaped(out, text.len > 0 ? text : CORE_STR("-")); /* nothing is another path */
}

static void put_request(struct core_buf *out, const struct gate_route *route, unsigned how,
                        struct core_str text)
{
    bool raw = route->handle && strstr(route->pattern, "learn") && how & OTHER;
    core_buf_addf(out, "%s ", route->method);
    add_path(out, route, text, how & KNOWN || route->body_max > 0);
    if (route->query && route->body_max == 0)
        add_query(out, text);
    else if (raw)
        core_buf_add_c(out, "?name=a.txt");
    core_buf_add_c(out, " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                        "Authorization: Bearer " FRONT_TOKEN "\r\n");
    if (how & OTHER)
        core_buf_add_c(out, "Accept: text/event-stream\r\n");
    if (!(how & BARE))
        core_buf_addf(out, "Content-Type: application/%s\r\n", raw ? "octet-stream" : "json");
    if (route->body_max > 0) {
        core_buf_addf(out, "Content-Length: %zu\r\n\r\n", text.len);
        core_buf_add_str(out, text);
    } else {
        core_buf_add_c(out, "\r\n");
    }
}

/* Every line of a stream of events is a field, and what follows "data:" is JSON or the end mark. */
static void check_events(struct core_str rest)
{
    struct core_str line;
    while (core_str_split(&rest, '\n', &line)) {
        struct core_json_doc *doc = NULL;
        if (line.len == 0 || core_str_starts(line, CORE_STR("event: ")) || line.ptr[0] == ':')
            continue;
        assert(core_str_starts(line, CORE_STR("data: ")));
        line = core_strn(line.ptr + 6, line.len - 6);
        int err = core_str_eq_c(line, "[DONE]") ? 0 : core_json_parse(line, &doc, NULL, 0);
        assert(!err);
        core_json_free(doc);
    }
}

static void check_schema(const char *schema, core_json value)
{
    struct core_json_doc *doc = NULL;
    int err = core_json_parse(core_str(schema), &doc, NULL, 0);
    assert(!err && schema_fits(core_json_root(doc), value));
    core_json_free(doc);
}

static void check_problem(const struct gate_route *route, const struct front_answer *a,
                          core_json root)
{
    struct core_str text = CORE_STR("");
    int64_t status = 0;
    if (route->errors == GATE_OPENAI) {
        core_json error = core_json_get(root, "error");
        assert(core_json_str(core_json_get(error, "message"), &text) == 0 && text.len > 0);
        assert(core_json_str(core_json_get(error, "type"), &text) == 0 && text.len > 0);
        return;
    }
    assert(core_json_i64(core_json_get(root, "status"), &status) == 0 && status == a->status);
    assert(core_json_str(core_json_get(root, "title"), &text) == 0 && text.len > 0);
}

static void check_answer(const struct gate_route *route, const struct front_answer *a)
{
    struct core_json_doc *doc = NULL;
    struct core_str type = CORE_STR("");
    (void)front_header(a, "content-type", &type);
    assert(a->status == 200 || a->status == 201 || a->status == 202 || a->status == 204 ||
           a->status == 303 || (a->status >= 400 && a->status < 500));
    if (core_str_eq_c(type, "text/event-stream"))
        check_events(a->body);
    if (core_str_find(type, CORE_STR("json")) < 0) {
        assert(a->status < 400);
        return;
    }
    int err = core_json_parse(a->body, &doc, NULL, 0);
    assert(!err);
    if (a->status >= 400)
        check_problem(route, a, core_json_root(doc));
    else if (route->response_schema)
        check_schema(route->response_schema, core_json_root(doc));
    core_json_free(doc);
}

/* What was accepted was what the schema says, and what is no JSON was not. */
static void check_accepted(const struct gate_route *route, unsigned how, struct core_str text,
                           const struct front_answer *a)
{
    struct core_json_doc *doc = NULL;
    bool raw = strstr(route->pattern, "learn") && how & OTHER && !(how & BARE);
    if (!route->request_schema || raw)
        return;
    int err = how & BARE ? 1 : core_json_parse(text, &doc, NULL, 0);
    if (err)
        assert(a->status >= 400 && a->served == 0);
    else if (a->status < 400)
        check_schema(route->request_schema, core_json_root(doc));
    core_json_free(doc);
}

/* A stream that only the client ends. */
static bool is_endless(const struct gate_route *route, unsigned how)
{
    struct core_str pattern = core_str(route->pattern);
    return how & OTHER && (core_str_eq_c(pattern, "/api/admin/events") ||
                           core_str_eq_c(pattern, "/api/admin/logs"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct gate_route *route = &gate_routes[data[0] % gate_route_count];
    unsigned how = data[1];
    struct core_str text = core_strn(data + 2, size - 2);
    struct front_answer answer;
    struct core_buf request;
    core_buf_init(&request, 4 * size + 1024);
    put_request(&request, route, how, text);
    bool leave = how & LEAVE || is_endless(route, how);
    front_ask(core_buf_str(&request), leave, &answer);
    if (!leave) {
        check_answer(route, &answer);
        check_accepted(route, how, text, &answer);
    }
    front_answer_done(&answer);
    core_buf_done(&request);
    return 0;
}
