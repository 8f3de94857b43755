/*
 * dispatch.c: what is decided about a request when its head is whole, before a byte of its body is
 * kept: target, route, rate, who is asking, same origin, coding and size of the body.
 */
#include "gate/inside.h"

#include "core/err.h"

static void refuse_target(struct gate_request *r, int err)
{
    const char *detail = err == CORE_EUTF8    ? "it is not valid UTF-8 when decoded"
                         : err == CORE_ELIMIT ? "the query has too many fields"
                                              : "an escape or a character in it is not valid";
    gate_reply_problem(r, 400, "malformed-address", "The address is malformed", detail);
}

/* route: NULL when there is none. */
static bool authenticated(struct gate_request *r, const struct gate_route *route)
{
    r->account = gate__access_account(r, gate_request_pool(r));
    if (!r->account && gate__access_unsure(r)) {
        gate_reply_header(r, "retry-after", CORE_STR("60"));
        gate_reply_problem(r, 503, "busy", "The server is busy",
                           "the API keys could not be read after a change: the server tries again "
                           "within a minute");
        return false;
    }
    if (!r->account) {
        gate_reply_header(r, "www-authenticate", CORE_STR("Bearer realm=\"sky\""));
        gate_reply_problem(
            r, 401, "unauthorized", "Authentication is required",
            "send a token (`sky user token`) or an API key as Authorization: Bearer, or "
            "log in");
        return false;
    }
    return gate__allow(r, route);
}

static const char every_method[] = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

static bool is_options(const struct gate_request *r)
{
    return core_str_eq_c(gate_request_method(r), "OPTIONS");
}

/* What is there takes these methods. */
static void other_method(struct gate_request *r, const char *allow)
{
    gate_reply_header(r, "allow", core_str(allow));
    if (is_options(r))
        gate_reply_empty(r, 204);
    else
        gate_reply_problem(r, 405, "method-not-allowed", "The method is not allowed here", allow);
}

/* No route takes it: a page, a question about methods, or nothing. */
static void no_route(struct gate_request *r, int err, const char *allow)
{
    struct core_str method = gate_request_method(r);
    r->series = gate__metrics_label(r->gate, GATE_LABEL_OTHER);
    /* Else a page of a listed origin could not read that it is mistaken. A preflight says it itself,
     * and pages are not for others. */
    if (!is_options(r) && !gate__static_has(r->gate, r->path))
        (void)gate__cors_answer(r);
    if (!gate__rate_address(r, GATE_RATE_READ))
        return;
    /* Strangers do not learn what exists: it is asked who is there before anything is said of an
     * address that is not open, and a page of a listed origin, which asks what it may before it
     * says who asks, is told the same at all of them. */
    if (is_options(r) && gate__cors_preflight(r, every_method)) {
        gate_reply_empty(r, 204);
    } else if (err == CORE_EUNSUPPORTED) {
        if (gate_router_is_open(r->gate->router, r->path) || authenticated(r, NULL))
            other_method(r, allow);
    } else if (gate__static_has(r->gate, r->path)) {
        r->series = gate__metrics_label(r->gate, GATE_LABEL_PAGE);
        if (core_str_eq_c(method, "GET") || core_str_eq_c(method, "HEAD"))
            gate__static_answer(r);
        else
            other_method(r, "GET, HEAD, OPTIONS");
    } else if (is_options(r) && core_str_eq_c(r->path, "*")) {
        other_method(r, every_method);
    } else if (authenticated(r, NULL)) {
        gate_reply_problem(r, 404, "not-found", "There is nothing at this address", NULL);
    }
}

/* What the account's tier allows: how often, and how much at once. */
static bool within_tier(struct gate_request *r)
{
    const struct account_tier *tier = account_tier(r->gate->services.accounts, r->account);
    if (tier->body_max != ACCOUNT_UNLIMITED && (uint64_t)tier->body_max < r->body_max)
        r->body_max = (size_t)tier->body_max;
    return gate__rate_account(r, tier);
}

static bool body_acceptable(struct gate_request *r)
{
    struct core_str coding;
    if (bus_head_find(&r->head, CORE_STR("content-encoding"), &coding) &&
        !core_str_ieq(coding, CORE_STR("identity"))) {
        gate_reply_problem(r, 415, "unsupported-encoding", "The body must not be compressed", NULL);
        return false;
    }
    if (r->head.content_length > 0 && (uint64_t)r->head.content_length > r->body_max) {
        gate__request_too_big(r);
        return false;
    }
    return true;
}

void gate__dispatch(struct gate_request *r)
{
    char allow[GATE_ROUTE_ALLOW_SIZE] = "";
    int malformed = gate__target_read(r);
    int err = gate_router_find(r->gate->router, gate_request_method(r), r->path, &r->route,
                               r->params, allow);
    if (malformed) {
        r->path = core_str("");
        r->series = gate__metrics_label(r->gate, GATE_LABEL_OTHER);
        refuse_target(r, malformed);
        return;
    }
    gate__target_slashes(r);
    if (err) {
        no_route(r, err, allow);
        return;
    }
    r->series = gate__metrics_route(r->gate, r->route);
    r->body_max = r->route->body_max;
    (void)gate__cors_answer(r);
    if (!gate__rate_address(r, r->route->rate) ||
        (r->route->auth != GATE_OPEN && (!authenticated(r, r->route) || !within_tier(r))) ||
        !body_acceptable(r))
        return;
    r->phase = GATE_READING_BODY;
    r->deadline_ms = gate__now_ms(r->gate) + GATE_LIMIT_BODY_IDLE_MS;
    if (r->head.expect && r->head.content_length != 0)
        r->conn->ops->go_on(r);
}
