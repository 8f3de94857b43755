/*
 * route.c: finding the route of a request.
 *
 * Patterns without parameters lie in a hash table by path; the few with parameters are tried one
 * after the other, those with the most literal text first, so that "/documents/new" would win over
 * "/documents/{id}". All methods of a path are one entry:
 *
 *     "/api/session" ─► route GET ─► route POST ─► route DELETE
 */
#include "gate/route.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOTS (2 * GATE_LIMIT_ROUTES)

/* The methods a route may have, in the order of Allow. */
static const struct core_str methods[] = {
    CORE_STR("DELETE"), CORE_STR("GET"),  CORE_STR("HEAD"), CORE_STR("OPTIONS"),
    CORE_STR("PATCH"),  CORE_STR("POST"), CORE_STR("PUT"),
};
enum { METHOD_DELETE, METHOD_GET, METHOD_HEAD, METHOD_OPTIONS, METHOD_COUNT = 7 };

/* One path with its methods. */
struct entry {
    struct core_str pattern;
    const struct gate_route *routes[METHOD_COUNT];
    size_t literal; /* bytes of the pattern outside of {…} */
};

struct gate_router {
    struct entry *slots[SLOTS]; /* literal patterns */
    struct entry **patterns;    /* the others */
    size_t pattern_count;
    struct entry *entries;
    size_t entry_count;
};

static int method_of(struct core_str name)
{
    for (int i = 0; i < METHOD_COUNT; i++)
        if (core_str_eq(name, methods[i]))
            return i;
    return -1;
}

/* --- Building ------------------------------------------------------------------------------- */

static size_t literal_bytes(struct core_str pattern)
{
    size_t count = 0, params = 0;
    bool inside = false;
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.ptr[i] == '{') {
            /* A parameter is a whole piece between slashes. */
            assert(!inside && i > 0 && pattern.ptr[i - 1] == '/');
            inside = true;
            params++;
        } else if (pattern.ptr[i] == '}') {
            assert(inside && (i + 1 == pattern.len || pattern.ptr[i + 1] == '/'));
            inside = false;
        } else if (!inside) {
            count++;
        }
    }
    assert(!inside && params <= GATE_ROUTE_PARAMS);
    return count;
}

static struct entry **slot_of(const struct gate_router *router, struct core_str path)
{
    size_t at = core_str_hash(path) % SLOTS;
    while (router->slots[at] && !core_str_eq(router->slots[at]->pattern, path))
        at = (at + 1) % SLOTS;
    return (struct entry **)&router->slots[at];
}

static struct entry *entry_of(struct gate_router *router, struct core_str pattern)
{
    for (size_t i = 0; i < router->entry_count; i++)
        if (core_str_eq(router->entries[i].pattern, pattern))
            return &router->entries[i];
    struct entry *e = &router->entries[router->entry_count++];
    e->pattern = pattern;
    e->literal = literal_bytes(pattern);
    if (core_str_find_byte(pattern, '{') < 0)
        *slot_of(router, pattern) = e;
    else
        router->patterns[router->pattern_count++] = e;
    return e;
}

static int more_literal_first(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    return x->literal < y->literal ? 1 : x->literal > y->literal ? -1 : 0;
}

struct gate_router *gate_router_new(const struct gate_route *routes, size_t count)
{
    assert(count <= GATE_LIMIT_ROUTES);
    struct gate_router *router = core_alloc(sizeof *router);
    router->entries = core_alloc_array(count + 1, sizeof *router->entries);
    router->patterns = core_alloc_array(count + 1, sizeof(struct entry *));
    for (size_t i = 0; i < count; i++) {
        int method = method_of(core_str(routes[i].method));
        assert(method >= 0 && routes[i].pattern[0] == '/' && routes[i].handle);
        struct entry *e = entry_of(router, core_str(routes[i].pattern));
        assert(!e->routes[method]);
        e->routes[method] = &routes[i];
    }
    qsort(router->patterns, router->pattern_count, sizeof(struct entry *), more_literal_first);
    return router;
}

void gate_router_free(struct gate_router *router)
{
    if (!router)
        return;
    free(router->entries);
    free(router->patterns);
    free(router);
}

/* --- Finding -------------------------------------------------------------------------------- */

static bool match(struct core_str pattern, struct core_str path,
                  struct core_str params[static GATE_ROUTE_PARAMS])
{
    struct core_str want, have;
    size_t count = 0;
    /* Both begin with a slash; a trailing one makes another path. */
    pattern.ptr++, pattern.len--;
    if (path.len == 0 || path.ptr[0] != '/' || path.ptr[path.len - 1] == '/')
        return false;
    path.ptr++, path.len--;
    while (core_str_split(&pattern, '/', &want)) {
        if (!core_str_split(&path, '/', &have))
            return false;
        if (want.ptr[0] == '{') {
            if (have.len == 0)
                return false;
            params[count++] = have;
        } else if (!core_str_eq(want, have)) {
            return false;
        }
    }
    return path.len == 0;
}

static void list_methods(const struct entry *e, char ret_allow[static GATE_ROUTE_ALLOW_SIZE])
{
    size_t len = 0;
    for (int i = 0; i < METHOD_COUNT; i++) {
        if (e->routes[i] || i == METHOD_OPTIONS || (i == METHOD_HEAD && e->routes[METHOD_GET]))
            len += (size_t)snprintf(ret_allow + len, GATE_ROUTE_ALLOW_SIZE - len, "%s%s",
                                    len ? ", " : "", methods[i].ptr);
    }
}

/* found: the values of {…}. NULL: nothing is there. */
static const struct entry *entry_at(const struct gate_router *router, struct core_str path,
                                    struct core_str found[static GATE_ROUTE_PARAMS])
{
    const struct entry *e = *slot_of(router, path);
    for (size_t i = 0; !e && i < router->pattern_count; i++)
        if (match(router->patterns[i]->pattern, path, found))
            e = router->patterns[i];
    return e;
}

int gate_router_find(const struct gate_router *router, struct core_str method, struct core_str path,
                     const struct gate_route **ret,
                     struct core_str params[static GATE_ROUTE_PARAMS],
                     char ret_allow[static GATE_ROUTE_ALLOW_SIZE])
{
    struct core_str found[GATE_ROUTE_PARAMS] = {{0}};
    const struct entry *e = entry_at(router, path, found);
    if (!e)
        return CORE_ENOTFOUND;
    int index = method_of(method);
    const struct gate_route *route = index >= 0 ? e->routes[index] : NULL;
    if (!route && index == METHOD_HEAD)
        route = e->routes[METHOD_GET];
    if (!route) {
        list_methods(e, ret_allow);
        return CORE_EUNSUPPORTED;
    }
    memcpy(params, found, sizeof found);
    *ret = route;
    return 0;
}

bool gate_router_is_open(const struct gate_router *router, struct core_str path)
{
    struct core_str found[GATE_ROUTE_PARAMS];
    const struct entry *e = entry_at(router, path, found);
    for (int i = 0; e && i < METHOD_COUNT; i++)
        if (e->routes[i] && e->routes[i]->auth == GATE_OPEN)
            return true;
    return false;
}
