/*
 * fuzz_route.c: decoding of targets, and the router against a search that is plainly right. Input:
 * a request target.
 */
#include "core/err.h"
#include "gate/inside.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void handle(struct gate_request *r)
{
    (void)r;
}

#define ROUTE(pattern_) {.method = "GET", .pattern = pattern_, .handle = handle}
static const struct gate_route routes[] = {
    ROUTE("/a"),
    ROUTE("/a/b"),
    ROUTE("/a/{x}"),
    ROUTE("/a/{x}/b"),
    ROUTE("/{x}/b/{y}"),
    ROUTE("/a/b/{y}"),
    ROUTE("/long/{x}/{y}/{z}/c"),
};
#define COUNT (sizeof routes / sizeof *routes)

/* Pieces of a path, at most eight. */
static size_t cut(struct core_str path, struct core_str pieces[8])
{
    size_t count = 0, from = 1;
    for (size_t i = 1; i <= path.len; i++) {
        if (i < path.len && path.ptr[i] != '/')
            continue;
        if (count == 8)
            return 9;
        pieces[count++] = core_strn(path.ptr + from, i - from);
        from = i + 1;
    }
    return count;
}

static bool fits(const char *pattern, struct core_str path)
{
    struct core_str want[8], have[8];
    if (path.len == 0 || path.ptr[0] != '/')
        return false;
    size_t count = cut(core_str(pattern), want);
    if (cut(path, have) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (want[i].ptr[0] == '{' ? have[i].len == 0 : !core_str_eq(want[i], have[i]))
            return false;
    return true;
}

static size_t literal(const char *pattern)
{
    size_t count = 0;
    for (bool inside = false; *pattern; pattern++) {
        inside = *pattern == '{' || (inside && *pattern != '}');
        count += !inside && *pattern != '}';
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gate_request r;
    static struct gate_router *router;
    const struct gate_route *found = NULL, *best = NULL;
    char allow[GATE_ROUTE_ALLOW_SIZE];
    if (!router)
        router = gate_router_new(routes, COUNT);
    bus_head_init(&r.head);
    r.query_count = 0;
    if (size > BUS_LIMIT_TARGET || bus_head_add(&r.head, core_strn(data, size)))
        goto out;
    r.head.target = (struct bus_span){0, (uint32_t)size};
    if (gate__target_read(&r))
        goto out;
    assert(core_utf8_valid(r.path) && r.query_count <= GATE_LIMIT_QUERY);
    for (unsigned i = 0; i < r.query_count; i++)
        assert(core_utf8_valid(r.query[i].name) && core_utf8_valid(r.query[i].value));
    int err = gate_router_find(router, CORE_STR("GET"), r.path, &found, r.params, allow);
    for (size_t i = 0; i < COUNT; i++)
        if (fits(routes[i].pattern, r.path) &&
            (!best || literal(routes[i].pattern) > literal(best->pattern)))
            best = &routes[i];
    assert((err == 0) == (best != NULL));
    assert(!best || literal(found->pattern) == literal(best->pattern));
    gate__target_slashes(&r);
    assert(memchr(r.path.ptr, '\0', r.path.len) == NULL);

out:
    bus_head_done(&r.head);
    return 0;
}
