/*
 * problem.c: errors as RFC 9457 problems, or in the shape that clients of the OpenAI API read.
 *
 *     {"type":"/problems/not-found","title":"…","status":404,"detail":"…","instance":"<request id>"}
 *     {"error":{"message":"…","type":"invalid_request_error","param":null,"code":"not_found"}}
 */
#include "gate/inside.h"

#include "core/err.h"

#include <stdio.h>

static bool openai_shape(const struct gate_request *r)
{
    if (r->route)
        return r->route->errors == GATE_OPENAI;
    return core_str_starts(r->path, CORE_STR("/v1/"));
}

static const char *openai_type(int status)
{
    switch (status) {
    case 401:
        return "authentication_error";
    case 402:
        return "insufficient_quota";
    case 403:
        return "permission_error";
    case 404:
        return "not_found_error";
    case 429:
        return "rate_limit_error";
    default:
        return status >= 500 ? "server_error" : "invalid_request_error";
    }
}

/* What an error says besides: members of the problem, or of OpenAI's error. */
struct more {
    const char *openai_type; /* NULL: by the status */
    void (*out)(struct core_json_out *o, const void *arg);
    const void *arg;
};

static void print_openai(struct gate_request *r, struct core_json_out *o, int status,
                         const char *slug, const char *title, const char *detail,
                         const struct more *more)
{
    char text[512], code[64];
    snprintf(text, sizeof text, "%s%s%s", title, detail ? ": " : "", detail ? detail : "");
    snprintf(code, sizeof code, "%s", status == 401 ? "invalid_api_key" : slug);
    for (char *c = code; *c; c++)
        if (*c == '-')
            *c = '_';
    (void)r;
    core_json_out_object(o, "error");
    core_json_out_c(o, "message", text);
    core_json_out_c(o, "type", more && more->openai_type ? more->openai_type : openai_type(status));
    core_json_out_null(o, "param");
    core_json_out_c(o, "code", code);
    if (more)
        more->out(o, more->arg);
    core_json_out_end(o);
}

static void print_problem(struct gate_request *r, struct core_json_out *o, int status,
                          const char *slug, const char *title, const char *detail,
                          const struct more *more)
{
    char type[96];
    snprintf(type, sizeof type, "/problems/%s", slug);
    core_json_out_c(o, "type", type);
    core_json_out_c(o, "title", title);
    core_json_out_i64(o, "status", status);
    if (detail)
        core_json_out_c(o, "detail", detail);
    core_json_out_c(o, "instance", r->id);
    if (more)
        more->out(o, more->arg);
}

static void reply(struct gate_request *r, int status, const char *slug, const char *title,
                  const char *detail, const struct more *more)
{
    struct core_json_out o;
    bool openai = openai_shape(r);
    struct core_buf *out = gate_reply_buf(r);
    core_buf_clear(out);
    core_json_out_init(&o, out);
    core_json_out_object(&o, NULL);
    (openai ? print_openai : print_problem)(r, &o, status, slug, title, detail, more);
    core_json_out_end(&o);
    gate_reply(r, status, openai ? "application/json" : "application/problem+json",
               core_buf_str(out));
}

void gate_reply_problem(struct gate_request *r, int status, const char *slug, const char *title,
                        const char *detail)
{
    reply(r, status, slug, title, detail, NULL);
}

/* --- Budgets and rates ------------------------------------------------------------------------ */

static void out_broke(struct core_json_out *o, const void *arg)
{
    account_broke_out(o, arg);
}

void gate_reply_budget(struct gate_request *r, const struct account_broke *b)
{
    const struct more more = {"insufficient_quota", out_broke, b};
    char detail[ACCOUNT_BROKE_TEXT_SIZE];
    reply(r, 402, "budget-exceeded", "A budget is used up", account_broke_text(b, detail), &more);
}

static void out_limit_name(struct core_json_out *o, const void *arg)
{
    core_json_out_c(o, "limit", ((const struct gate_limit *)arg)->what);
}

void gate__reply_limited(struct gate_request *r, const struct gate_limit *limit)
{
    const struct more more = {NULL, out_limit_name, limit};
    char text[CORE_I64_SIZE], detail[128];
    gate_reply_header(r, "retry-after", core_strn(text, core_str_from_u64(limit->wait_s, text)));
    snprintf(detail, sizeof detail, "the %s may ask %u times in %u seconds: come again in %u",
             limit->what, limit->quota, limit->window_s, limit->wait_s);
    reply(r, 429, "rate-limited", "Too many requests", detail, &more);
}

/* By the codes of core/err.h, negated. */
static const char *const slugs[] = {
    [-CORE_EINVAL] = "invalid",
    [-CORE_ETOOBIG] = "too-large",
    [-CORE_ENOMEM] = "no-memory",
    [-CORE_ENOTFOUND] = "not-found",
    [-CORE_EEXISTS] = "exists",
    [-CORE_EMISMATCH] = "changed",
    [-CORE_EIO] = "io",
    [-CORE_ENOSPACE] = "disk-full",
    [-CORE_ECORRUPT] = "corrupt",
    [-CORE_ENEWER] = "newer",
    [-CORE_EBUSY] = "busy",
    [-CORE_ETIMEOUT] = "took-too-long",
    [-CORE_ECANCELLED] = "cancelled",
    [-CORE_ECLOSED] = "closed",
    [-CORE_EAUTH] = "unauthorized",
    [-CORE_EDENIED] = "forbidden",
    [-CORE_ELIMIT] = "too-many-requests",
    [-CORE_EUNSUPPORTED] = "unsupported",
    [-CORE_EPROTO] = "protocol",
    [-CORE_ENET] = "network",
    [-CORE_EREADONLY] = "read-only",
    [-CORE_EUTF8] = "not-utf8",
    [-CORE_EINTERNAL] = "internal",
    [-CORE_EBUDGET] = "budget-exceeded",
    [-CORE_ETRUST] = "untrusted",
    [-CORE_EAWAY] = "database-away",
};

void gate_reply_error(struct gate_request *r, int code, const char *detail)
{
    char title[96];
    bool known = code < 0 && code > -(int)(sizeof slugs / sizeof *slugs) && slugs[-code];
    snprintf(title, sizeof title, "%s", core_err_text(known ? code : CORE_EINTERNAL));
    if (title[0] >= 'a' && title[0] <= 'z')
        title[0] = (char)(title[0] - 'a' + 'A');
    gate_reply_problem(r, known ? core_err_http(code) : 500, known ? slugs[-code] : "internal",
                       title, detail);
}
