/*
 * admin_provider.c: `sky admin provider list | add | remove | test`.
 */
#include "core/limits.h"
#include "shell/admin.h"
#include "shell/client.h"
#include "shell/read.h"
#include "shell/wrap.h"

#include <stdio.h>

/* --- List ------------------------------------------------------------------------------------- */

static void model_show(struct shell_wrap *wrap, core_json m)
{
    shell_wrap_c(wrap, "  ");
    shell_wrap_put_line(wrap, shell_read_str(m, "level"));
    shell_wrap_c(wrap, " ");
    shell_wrap_put_line(wrap, shell_read_str(m, "name"));
    shell_wrap_f(wrap, ", %.6g in, %.6g out (US dollars a million tokens)\n",
                 (double)shell_read_i64(m, "price_in") / 1e6,
                 (double)shell_read_i64(m, "price_out") / 1e6);
}

/* What a breaker's state means to who asks, in the words of the page. */
static struct core_str state_of(core_json p)
{
    static const char *const states[][2] = {{"closed", "asked"},
                                            {"open", "left alone after failures"},
                                            {"half-open", "being tried again"}};
    struct core_str state = shell_read_str(p, "state");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (core_str_eq_c(state, states[i][0])) {
            return core_str(states[i][1]);
        }
    }
    return state;
}

static void provider_show(struct shell_wrap *wrap, core_json p)
{
    struct core_json_iter it = core_json_iter(core_json_get(p, "models"));
    struct core_str key;
    core_json model;
    shell_wrap_put_line(wrap, shell_read_str(p, "name"));
    shell_wrap_c(wrap, ", ");
    shell_wrap_put_line(wrap, shell_read_str(p, "base_url"));
    shell_wrap_c(wrap, ", ");
    shell_wrap_put_line(wrap, state_of(p));
    if (shell_read_str(p, "key_problem").len) {
        shell_wrap_c(wrap, ", ");
        shell_wrap_put_line(wrap, shell_read_str(p, "key_problem"));
    }
    shell_wrap_c(wrap, "\n");
    while (core_json_next(&it, &key, &model)) {
        model_show(wrap, model);
    }
}

static int list(const struct shell_call *call, struct shell_client *client)
{
    struct core_json_doc *doc = NULL;
    int status = shell_client_call(client, "GET", "/api/admin/providers", NULL, &doc);
    struct core_json_iter it = core_json_iter(core_json_get(core_json_root(doc), "providers"));
    struct core_str key;
    struct shell_wrap wrap;
    core_json provider;
    if (!status && call->json) {
        shell_read_print(doc);
    } else if (!status) {
        shell_wrap_init(&wrap, stdout);
        if (!it.left) {
            shell_wrap_c(&wrap, "No provider: the highest level is the local model's.\n");
        }
        while (core_json_next(&it, &key, &provider)) {
            provider_show(&wrap, provider);
        }
        shell_wrap_done(&wrap);
    }
    core_json_free(doc);
    return status;
}

/* --- Add -------------------------------------------------------------------------------------- */

/* "0.15" dollars → 150000 */
static bool price_read(struct core_str text, int64_t *ret)
{
    double dollars;
    if (core_str_to_double(text, &dollars) || !(dollars >= 0 && dollars <= 1000)) {
        return false;
    }
    *ret = (int64_t)(dollars * 1e6 + 0.5);
    return true;
}

/* NAME=IN/OUT[/OUTPUT[/CONTEXT]] */
static bool model_put(struct core_json_out *o, const char *arg)
{
    const char *equals = strrchr(arg, '=');
    struct core_str rest = core_str(equals ? equals + 1 : ""), in, out, part;
    int64_t price_in, price_out, tokens;
    if (!equals || equals == arg || !core_str_split(&rest, '/', &in) ||
        !core_str_split(&rest, '/', &out) || !price_read(in, &price_in) ||
        !price_read(out, &price_out)) {
        return false;
    }
    core_json_out_object(o, NULL);
    core_json_out_str(o, "name", core_strn(arg, (size_t)(equals - arg)));
    core_json_out_c(o, "level", "L3");
    core_json_out_i64(o, "price_in", price_in);
    core_json_out_i64(o, "price_out", price_out);
    for (unsigned i = 0; core_str_split(&rest, '/', &part); i++) {
        if (i == 2 || core_str_to_i64(part, 1, AI_LIMIT_PROVIDER_TOKENS, &tokens)) {
            return false;
        }
        core_json_out_i64(o, i ? "context" : "output_max", tokens);
    }
    core_json_out_end(o);
    return true;
}

static int add(const struct shell_call *call, struct shell_client *client)
{
    struct core_json_out o;
    struct core_json_doc *doc = NULL;
    struct core_buf body;
    bool right = true;
    int status;
    core_buf_init(&body, SHELL_LIMIT_EVENT);
    core_json_out_init(&o, &body);
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "name", call->args[1]);
    core_json_out_c(&o, "base_url", call->args[2]);
    core_json_out_c(&o, "key", strcmp(call->args[3], "none") == 0 ? "" : call->args[3]);
    core_json_out_array(&o, "models");
    for (size_t i = 4; i < call->arg_count && right; i++) {
        right = model_put(&o, call->args[i]);
        if (!right) {
            status = shell_misuse(call, "%s: write a model as NAME=0.15/0.60", call->args[i]);
        }
    }
    if (right) {
        core_json_out_end(&o);
        core_json_out_end(&o);
        status = shell_client_call(client, "POST", "/api/admin/providers", &body, &doc);
    }
    if (!status && call->json) {
        shell_read_print(doc);
    } else if (!status && shell_read_str(core_json_root(doc), "key_problem").len) {
        shell_wrap_say(stderr, "sky admin: it was added, but %.*s",
                       CORE_STR_ARG(shell_read_str(core_json_root(doc), "key_problem")));
    }
    core_json_free(doc);
    core_buf_done(&body);
    return status;
}

/* --- Remove, test ----------------------------------------------------------------------------- */

/* The path of the provider of that name, with `behind`
 * at its end; if wanted, what is wrong with its key. */
static int path_find(const struct shell_call *call, struct shell_client *client, const char *behind,
                     char *out, size_t cap, struct core_buf *ret_problem)
{
    struct core_json_doc *doc = NULL;
    int status = shell_client_call(client, "GET", "/api/admin/providers", NULL, &doc);
    struct core_json_iter it = core_json_iter(core_json_get(core_json_root(doc), "providers"));
    struct core_str key;
    core_json p;
    bool found = false;
    while (!status && !found && core_json_next(&it, &key, &p)) {
        found = core_str_eq_c(shell_read_str(p, "name"), call->args[1]);
        if (found) {
            snprintf(out, cap, "/api/admin/providers/%.*s%s", CORE_STR_ARG(shell_read_str(p, "id")),
                     behind);
            if (ret_problem) {
                core_buf_add_str(ret_problem, shell_read_str(p, "key_problem"));
            }
        }
    }
    core_json_free(doc);
    if (!status && !found) {
        status = shell_fail(call,
                            "%s: there is no such provider: `sky admin provider list` names them",
                            call->args[1]);
    }
    return status;
}

static int remove_one(const struct shell_call *call, struct shell_client *client)
{
    char path[128];
    int status = path_find(call, client, "", path, sizeof path, NULL);
    return status ? status : shell_client_call(client, "DELETE", path, NULL, NULL);
}

/* Why nothing came. Without its key a provider is not even called. */
static int failure_say(const struct shell_call *call, core_json root, struct core_str problem)
{
    const char *name = call->args[1];
    int64_t http = shell_read_i64(root, "http_status");
    struct core_str error = shell_read_str(root, "error");
    if (http) {
        return shell_fail(call, "%s does not answer: %.*s (HTTP status %lld)", name,
                          CORE_STR_ARG(error), (long long)http);
    }
    if (problem.len) {
        return shell_fail(call, "%s: %.*s", name, CORE_STR_ARG(problem));
    }
    return shell_fail(call,
                      "%s does not answer: %.*s, before any HTTP answer came: is its address "
                      "right, and can this machine reach it?",
                      name, CORE_STR_ARG(error));
}

static int test(const struct shell_call *call, struct shell_client *client)
{
    struct core_json_doc *doc = NULL;
    struct core_buf problem;
    char path[128];
    bool ok = false;
    core_buf_init(&problem, SHELL_LIMIT_ANSWER);
    int status = path_find(call, client, "/test", path, sizeof path, &problem);
    if (!status) {
        status = shell_client_call(client, "POST", path, NULL, &doc);
    }
    core_json root = core_json_root(doc);
    core_json_bool(core_json_get(root, "ok"), &ok);
    if (!status && call->json) {
        shell_read_print(doc);
    } else if (!status && ok) {
        shell_wrap_say(stdout, "%s answers: %lld ms, %lld tokens in, %lld out, %.6f US dollars",
                       call->args[1], (long long)shell_read_i64(root, "latency_ms"),
                       (long long)shell_read_i64(root, "tokens_in"),
                       (long long)shell_read_i64(root, "tokens_out"),
                       (double)shell_read_i64(root, "cost_microusd") / 1e6);
    }
    if (!status && !ok) {
        status = failure_say(call, root, core_buf_str(&problem));
    }
    core_json_free(doc);
    core_buf_done(&problem);
    return status;
}

static const struct {
    const char *name;
    struct shell_admin_form form;
    int (*run)(const struct shell_call *call, struct shell_client *client);
} acts[] = {
    {"list", {"provider list", "", 1, 0}, list},
    {"add", {"provider add", "NAME URL KEY MODEL=IN/OUT", 1, 3 + AI_LIMIT_PROVIDER_MODELS}, add},
    {"remove", {"provider remove", "NAME", 1, 1}, remove_one},
    {"test", {"provider test", "NAME", 1, 1}, test}};

int shell_admin_provider(const struct shell_call *call)
{
    static const struct shell_admin_form form = {"provider", "list|add|remove|test", 0, SIZE_MAX};
    int status = shell_admin_arguments(call, &form);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(call->args[0], acts[i].name) == 0) {
            struct shell_client *client = NULL;
            status = shell_admin_arguments(call, &acts[i].form);
            if (!status) {
                status = shell_client_open(call, &client);
            }
            if (!status) {
                status = acts[i].run(call, client);
            }
            shell_client_close(client);
            return status;
        }
    }
    return shell_misuse(call, "`provider %s` is not known: sky admin provider list|add|remove|test",
                        call->args[0]);
}
