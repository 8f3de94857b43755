/*
 * doctor.c: `sky doctor`: what each room says of itself, and what the running server says.
 */
#include "core/limits.h"
#include "shell/client.h"
#include "shell/term.h"
#include "shell/wrap.h"

#include <stdio.h>

struct examination {
    const struct shell_call *call;
    struct core_json_out out; /* with --json */
    struct core_buf text;
    bool healthy;
};

static void on_report(void *arg, const char *check, bool ok, const char *detail)
{
    struct examination *e = arg;
    e->healthy = e->healthy && ok;
    if (e->call->json) {
        core_json_out_object(&e->out, NULL);
        core_json_out_c(&e->out, "check", check);
        core_json_out_bool(&e->out, "ok", ok);
        core_json_out_c(&e->out, "detail", detail);
        core_json_out_end(&e->out);
        return;
    }
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stdout);
    wrap.indent = 2;
    shell_wrap_style(&wrap, ok ? "\033[32m" : "\033[31m");
    shell_wrap_c(&wrap, ok ? "✓" : "✗");
    shell_wrap_style(&wrap, "\033[0m");
    shell_wrap_c(&wrap, " ");
    shell_wrap_put_line(&wrap, core_str(check));
    if (detail && *detail) {
        shell_wrap_c(&wrap, ": ");
        shell_wrap_put_line(&wrap, core_str(detail));
    }
    shell_wrap_c(&wrap, "\n");
    shell_wrap_done(&wrap);
}

/* What the server, who holds the data, finds when it looks at all of it. */
static void server_checks(struct shell_client *client, struct examination *e)
{
    struct core_json_doc *doc = NULL;
    struct core_str key;
    core_json check;
    if (shell_client_call(client, "GET", "/api/status/checks", NULL, &doc)) {
        on_report(e, "store", false, "the server did not look at it: see above, then try again");
        return;
    }
    struct core_json_iter it = core_json_iter(core_json_get(core_json_root(doc), "checks"));
    while (core_json_next(&it, &key, &check)) {
        struct core_str name = CORE_STR(""), detail = CORE_STR("");
        char name_c[64], detail_c[512];
        bool ok = false;
        core_json_bool(core_json_get(check, "ok"), &ok);
        core_json_str(core_json_get(check, "check"), &name);
        core_json_str(core_json_get(check, "detail"), &detail);
        snprintf(name_c, sizeof name_c, "%.*s", CORE_STR_ARG(name));
        snprintf(detail_c, sizeof detail_c, "%.*s", CORE_STR_ARG(detail));
        on_report(e, name_c, ok, detail_c);
    }
    core_json_free(doc);
}

/* What only the running server knows. */
static void server_examine(struct shell_client *client, struct examination *e)
{
    struct core_json_doc *doc = NULL;
    int64_t documents = 0, chunks = 0, vectors = 0;
    bool degraded = false;
    char detail[160];
    if (shell_client_call(client, "GET", "/api/status", NULL, &doc)) {
        on_report(e, "server", false, "it runs but does not answer: see its log, then restart it");
        return;
    }
    core_json root = core_json_root(doc), knowledge = core_json_get(root, "knowledge");
    core_json_bool(core_json_get(root, "degraded"), &degraded);
    core_json_i64(core_json_get(knowledge, "documents"), &documents);
    core_json_i64(core_json_get(knowledge, "chunks"), &chunks);
    core_json_i64(core_json_get(knowledge, "vectors"), &vectors);
    on_report(e, "server", !degraded,
              degraded ? "it cannot write: check the disk of the data folder"
                       : shell_client_url(client));
    snprintf(detail, sizeof detail, "%lld documents, %lld of %lld passages embedded",
             (long long)documents, (long long)vectors, (long long)chunks);
    on_report(e, "knowledge", true, detail);
    core_json_free(doc);
    server_checks(client, e);
}

int shell_doctor(const struct shell_call *call)
{
    struct examination e = {.call = call, .healthy = true};
    struct shell_client *client = shell_client_find(call);
    core_buf_init(&e.text, SHELL_LIMIT_EVENT);
    core_json_out_init(&e.out, &e.text);
    core_json_out_object(&e.out, NULL);
    core_json_out_array(&e.out, "checks");
    int err = call->hooks->doctor(call->config, client != NULL, on_report, &e);
    if (client) {
        server_examine(client, &e);
    }
    shell_client_close(client);
    if (shell_interrupted()) {
        core_buf_done(&e.text);
        return SHELL_INTERRUPTED;
    }
    core_json_out_end(&e.out);
    core_json_out_bool(&e.out, "healthy", e.healthy && !err);
    core_json_out_end(&e.out);
    if (call->json) {
        puts(e.text.ptr);
    }
    core_buf_done(&e.text);
    return e.healthy && !err ? SHELL_OK : SHELL_FAILED;
}
