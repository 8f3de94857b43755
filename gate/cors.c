/*
 * cors.c: pages of other origins that may call with bearer tokens: those of the option, nobody
 * else. Cookies are never theirs to use: no answer allows credentials, so a browser sends none, or
 * keeps the answer to itself.
 */
#include "gate/inside.h"

#include <stdio.h>
#include <stdlib.h>

/* scheme://host or scheme://host:port, as browsers write it. */
static bool is_origin(struct core_str s)
{
    ssize_t at = core_str_find(s, CORE_STR("://"));
    if (at < 0 ||
        (!core_str_starts(s, CORE_STR("https://")) && !core_str_starts(s, CORE_STR("http://"))))
        return false;
    struct core_str host = core_strn(s.ptr + at + 3, s.len - (size_t)at - 3);
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(".-:[]", c);
        if (!good || !c)
            return false;
    }
    return host.len > 0;
}

int gate_cors_check(const char *list, char *why, size_t why_cap)
{
    struct core_str rest = core_str(list), one;
    while (core_str_split(&rest, ' ', &one)) {
        if (one.len > 0 && !is_origin(one)) {
            snprintf(why, why_cap,
                     "cors: \"%.*s\" is no origin: write https://host in lower case, several "
                     "separated by spaces",
                     CORE_STR_ARG(one));
            return CORE_EINVAL;
        }
    }
    return 0;
}

int gate_cors_set(struct gate *gate, const char *list, char *why, size_t why_cap)
{
    int err = gate_cors_check(list, why, why_cap);
    if (!err) {
        free(gate->cors);
        gate->cors = core_strdup(core_str(list));
    }
    return err;
}

static bool listed(const char *list, struct core_str origin)
{
    struct core_str rest = core_str(list), one;
    while (origin.len > 0 && core_str_split(&rest, ' ', &one)) {
        if (core_str_eq(one, origin))
            return true;
    }
    return false;
}

bool gate__cors_answer(struct gate_request *r)
{
    struct core_str origin;
    if (!*r->gate->cors)
        return false;
    gate_reply_header(r, "vary", CORE_STR("origin"));
    if (!bus_head_find(&r->head, CORE_STR("origin"), &origin) || !listed(r->gate->cors, origin))
        return false;
    gate_reply_header(r, "access-control-allow-origin", origin);
    /* Retry-After, X-Request-Id, the limits: else a page could not read them. */
    gate_reply_header(r, "access-control-expose-headers", CORE_STR("*"));
    return true;
}

bool gate__cors_preflight(struct gate_request *r, const char *methods)
{
    struct core_str method;
    if (!bus_head_find(&r->head, CORE_STR("access-control-request-method"), &method) ||
        !gate__cors_answer(r))
        return false;
    gate_reply_header(r, "access-control-allow-methods", core_str(methods));
    /* OpenAI's client tells of itself in fields of its own. "*" is every field but authorization,
     * where no cookie is sent. */
    gate_reply_header(r, "access-control-allow-headers",
                      CORE_STR("authorization, content-type, idempotency-key, *"));
    gate_reply_header(r, "access-control-max-age", CORE_STR("600"));
    return true;
}
