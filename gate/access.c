/*
 * access.c: who is asking, and whether a browser was tricked into asking.
 *
 * A bearer token (the owner's, an API key, or an access token) decides alone when
 * there is one; else the cookie sky_session. A browser sends the cookie whatever
 * page made the request, hence the same-origin check for what changes something.
 * Whether a token or session is right is for account/ to say.
 */
#include "gate/inside.h"

/* Finds a cookie in one Cookie field: "a=b; sky_session=…; c=d". */
static bool find_cookie(struct core_str cookies, struct core_str name, struct core_str *ret)
{
    struct core_str piece;
    while (core_str_split(&cookies, ';', &piece)) {
        piece = core_str_trim(piece);
        if (core_str_starts(piece, name) && piece.len > name.len && piece.ptr[name.len] == '=') {
            *ret = core_strn(piece.ptr + name.len + 1, piece.len - name.len - 1);
            return true;
        }
    }
    return false;
}

bool gate_request_cookie(const struct gate_request *r, const char *name, struct core_str *ret)
{
    /* HTTP/2 clients send cookies in several fields. */
    for (unsigned i = 0; i < r->head.count; i++) {
        const struct bus_field *f = &r->head.fields[i];
        if (core_str_eq_c(bus_head_str(&r->head, f->name), "cookie") &&
            find_cookie(bus_head_str(&r->head, f->value), core_str(name), ret))
            return true;
    }
    return false;
}

/* How many Authorization fields there are; ret_value is the last one's. */
static unsigned find_authorization(const struct gate_request *r, struct core_str *ret_value)
{
    unsigned count = 0;
    for (unsigned i = 0; i < r->head.count; i++) {
        const struct bus_field *f = &r->head.fields[i];
        if (core_str_eq_c(bus_head_str(&r->head, f->name), "authorization")) {
            *ret_value = bus_head_str(&r->head, f->value);
            count++;
        }
    }
    return count;
}

bool gate_request_bearer(const struct gate_request *r, struct core_str *ret)
{
    struct core_str value;
    /* Of two nobody knows which one a proxy in front has looked at. */
    if (find_authorization(r, &value) != 1 || !core_str_istarts(value, CORE_STR("Bearer ")))
        return false;
    *ret = core_str_trim(core_strn(value.ptr + 7, value.len - 7));
    return true;
}

const struct account *gate__access_account(const struct gate_request *r, struct core_pool *pool)
{
    struct accounts *accounts = r->gate->services.accounts;
    struct core_str value;
    if (gate_request_bearer(r, &value)) {
        const struct account *owner = account_by_token(accounts, value);
        if (owner)
            return owner;
        /* No other kind of token begins like one. */
        return core_str_starts(value, CORE_STR("sky-")) ? account_by_apikey(accounts, value, pool)
                                                        : account_by_access(accounts, value, pool);
    }
    if (find_authorization(r, &value) > 0)
        return NULL;
    return gate_request_cookie(r, "sky_session", &value) ? account_by_session(accounts, value, pool)
                                                         : NULL;
}

bool gate__access_unsure(const struct gate_request *r)
{
    struct core_str value;
    return gate_request_bearer(r, &value) && core_str_starts(value, CORE_STR("sky-")) &&
           accounts_stale(r->gate->services.accounts);
}

bool gate__access_same_origin(const struct gate_request *r)
{
    struct core_str value;
    /* Browsers set this one themselves, no page can. */
    if (bus_head_find(&r->head, CORE_STR("sec-fetch-site"), &value))
        return core_str_eq_c(value, "same-origin");
    if (!bus_head_find(&r->head, CORE_STR("origin"), &value))
        return false;
    struct core_str scheme = gate_request_secure(r) ? CORE_STR("https://") : CORE_STR("http://");
    struct core_str own = bus_head_str(&r->head, r->head.authority);
    return own.len > 0 && core_str_starts(value, scheme) &&
           core_str_ieq(core_strn(value.ptr + scheme.len, value.len - scheme.len), own);
}

bool gate_request_foreign(const struct gate_request *r)
{
    struct core_str value;
    return (bus_head_find(&r->head, CORE_STR("sec-fetch-site"), &value) ||
            bus_head_find(&r->head, CORE_STR("origin"), &value)) &&
           !gate__access_same_origin(r);
}
