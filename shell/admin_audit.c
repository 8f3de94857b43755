/*
 * admin_audit.c: `sky admin audit verify | list`: asks the
 * running server, or looks into the data folder itself.
 */
#include "core/limits.h"
#include "shell/admin.h"
#include "shell/client.h"
#include "shell/read.h"
#include "shell/wrap.h"

#include <stdio.h>

enum { K_MAX = 500 };

/* The document of the server, or the same made without one. 0 or an exit status. */
static int document_get(const struct shell_call *call, enum shell_audit what, unsigned limit,
                        struct core_json_doc **ret)
{
    struct shell_client *client = shell_client_find(call);
    struct core_buf text;
    char path[64], why[1024] = "";
    int status = SHELL_OK;
    core_buf_init(&text, SHELL_LIMIT_ANSWER);
    if (client) {
        snprintf(path, sizeof path, "/api/admin/audit?limit=%u", limit);
        status = shell_client_call(client, "GET",
                                   what == SHELL_AUDIT_VERIFY ? "/api/admin/audit/verify" : path,
                                   NULL, ret);
    } else if (call->hooks->audit(call->config, what, limit, &text, why, sizeof why) ||
               core_json_parse(core_buf_str(&text), ret, why, sizeof why)) {
        status = shell_fail(call, "%s", why);
    }
    shell_client_close(client);
    core_buf_done(&text);
    return status;
}

static int verify(const struct shell_call *call)
{
    struct core_json_doc *doc = NULL;
    bool ok = false;
    int status = document_get(call, SHELL_AUDIT_VERIFY, 1, &doc);
    if (status) {
        return status;
    }
    core_json root = core_json_root(doc);
    struct core_str what = shell_read_str(root, "what"), head = shell_read_str(root, "head");
    core_json_bool(core_json_get(root, "ok"), &ok);
    if (call->json) {
        shell_read_print(doc);
    }
    if (!ok) {
        status = shell_fail(call, "row %lld of the audit log: %.*s: somebody changed the store",
                            (long long)shell_read_i64(root, "bad"), CORE_STR_ARG(what));
    } else if (!call->json) {
        int64_t rows = shell_read_i64(root, "rows");
        shell_wrap_say(stdout, "the audit log is whole: %lld row%s, %lld to %lld, head %.*s",
                       (long long)rows, rows == 1 ? "" : "s",
                       (long long)shell_read_i64(root, "first"),
                       (long long)shell_read_i64(root, "last"), CORE_STR_ARG(head));
    }
    core_json_free(doc);
    return status;
}

static void row_put(core_json row)
{
    core_json actor = core_json_get(row, "actor");
    struct core_str at = shell_read_str(row, "at"), act = shell_read_str(row, "act"),
                    name = shell_read_str(actor, "name");
    struct core_str outcome = shell_read_str(row, "outcome"),
                    address = shell_read_str(actor, "address");
    struct core_str object = shell_read_str(row, "object");
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stdout);
    wrap.indent = 2;
    shell_wrap_f(&wrap, "%lld ", (long long)shell_read_i64(row, "seq"));
    shell_wrap_put_line(&wrap, at);
    shell_wrap_c(&wrap, " ");
    shell_wrap_style(&wrap, "\033[1m");
    shell_wrap_put_line(&wrap, act);
    shell_wrap_style(&wrap, "\033[0m");
    const struct core_str rest[] = {outcome, name, address, object};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        shell_wrap_c(&wrap, rest[i].len ? " " : "");
        shell_wrap_put_line(&wrap, rest[i]);
    }
    shell_wrap_c(&wrap, "\n");
    shell_wrap_done(&wrap);
}

static int list(const struct shell_call *call)
{
    struct core_json_doc *doc = NULL;
    struct core_str key;
    core_json row;
    int64_t k = 20;
    if (call->k && core_str_to_i64(core_str(call->k), 1, K_MAX, &k)) {
        return shell_misuse(call, "-k must be a number from 1 to %d", K_MAX);
    }
    int status = document_get(call, SHELL_AUDIT_LIST, (unsigned)k, &doc);
    if (!status && call->json) {
        shell_read_print(doc);
    } else if (!status) {
        struct core_json_iter it = core_json_iter(core_json_get(core_json_root(doc), "audit"));
        while (core_json_next(&it, &key, &row)) {
            row_put(row);
        }
    }
    core_json_free(doc);
    return status;
}

int shell_admin_audit(const struct shell_call *call)
{
    static const struct {
        const char *name;
        int (*run)(const struct shell_call *call);
    } acts[] = {{"verify", verify}, {"list", list}};
    static const struct shell_admin_form form = {"audit", "verify|list", 0, 1};
    int status = shell_admin_arguments(call, &form);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(call->args[0], acts[i].name) == 0) {
            return acts[i].run(call);
        }
    }
    return shell_misuse(call, "`audit %s` is not known: sky admin audit verify|list",
                        call->args[0]);
}
