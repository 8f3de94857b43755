/*
 * route.h: the route table as data. /openapi.json is printed from it.
 */
#ifndef GATE_ROUTE_H
#define GATE_ROUTE_H

#include "gate/request.h"

/* Anybody; any account; all but guests; all but agents; the owner and administrators; the owner. */
enum gate_auth { GATE_OPEN, GATE_USER, GATE_MEMBER, GATE_PERSON, GATE_ADMIN, GATE_OWNER };
/* Token buckets per peer address. */
enum gate_rate { GATE_RATE_NONE, GATE_RATE_LOGIN, GATE_RATE_READ, GATE_RATE_WRITE, GATE_RATE_ASK };
enum gate_errors { GATE_PROBLEM, GATE_OPENAI };
/* What an API key must be for, an enum account_scope, to come here; besides no key at all (what
 * makes credentials or is about people: the default), and any. */
enum { GATE_SCOPE_NONE = 0, GATE_SCOPE_ANY = -1 };
/* Does an Idempotency-Key count here (idempotency.c)?
 * SECRET: what it answers is shown once, and never stored. */
enum gate_keyed_kind { GATE_KEYED_NO, GATE_KEYED, GATE_KEYED_SECRET };

struct gate_route {
    const char *method;
    const char *pattern; /* "/api/chat/history/{id}" */
    void (*handle)(struct gate_request *r);
    enum gate_auth auth;
    bool step_up; /* dangerous: whoever asks has proved to be themselves within ACCOUNT_PROOF_S */
    enum gate_rate rate;
    size_t body_max; /* 0: a body is refused */
    enum gate_errors errors;
    int scope; /* of API keys */
    enum gate_keyed_kind keyed;
    /* For people and /openapi.json. Schemas are JSON Schema text or NULL. */
    const char *id; /* operationId */
    const char *summary;
    const char *request_schema;
    const char *response_schema;
    const char *query; /* "limit:integer after:string q:string!" ('!' = required) */
};

extern const struct gate_route gate_routes[];
extern const size_t gate_route_count;

/* May somebody of this role use such a route? */
bool gate_auth_allows(enum gate_auth auth, const char *role);

/* --- Matching -------------------------------------------------------------------------------- */

/* A table made ready for finding. A literal piece of a pattern wins over a {parameter}. */
struct gate_router;
struct gate_router *gate_router_new(const struct gate_route *routes, size_t count);
void gate_router_free(struct gate_router *router);

#define GATE_ROUTE_PARAMS 4
/* "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT" and a NUL. */
#define GATE_ROUTE_ALLOW_SIZE 48
/* Finds by method and path (percent-decoded, but for "/", which came in as %2F
 * and is NUL here, so that it never separates). 0; CORE_ENOTFOUND;
 * CORE_EUNSUPPORTED = another method would do (ret_allow gets "GET, HEAD,
 * OPTIONS"). HEAD finds GET. params: values of {…} in order, pointing into path. */
int gate_router_find(const struct gate_router *router, struct core_str method, struct core_str path,
                     const struct gate_route **ret,
                     struct core_str params[static GATE_ROUTE_PARAMS],
                     char ret_allow[static GATE_ROUTE_ALLOW_SIZE]);
/* Has the path a route that strangers may use, by whatever method? */
bool gate_router_is_open(const struct gate_router *router, struct core_str path);

#endif
