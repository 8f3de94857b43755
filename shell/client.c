/*
 * client.c: HTTP to our own server, with errors in the server's words.
 */
#include "shell/client.h"

#include "core/fetch.h"
#include "core/limits.h"
#include "core/mem.h"
#include "shell/server.h"
#include "shell/sse.h"
#include "shell/term.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct shell_client {
    const struct shell_call *call;
    struct shell_server server;
    struct core_buf token;
    char ca_file[4200]; /* the server's own certificate, for a server without plain HTTP */
    struct core_fetch *fetch;
};

/* Options given to this command go on to a server that is started for it; where it listens and how
 * loud it is are not the person's choice then. */
static int server_start(const struct shell_call *call, const char *data, struct shell_server *ret,
                        char *why, size_t why_cap)
{
    char *options[SHELL_LIMIT_SERVER_OPTIONS];
    size_t count = 0;
    options[count++] = core_strdup(CORE_STR("--log-level=error"));
    for (unsigned key = 0; key < CORE_CONFIG_KEY_COUNT && count < SHELL_LIMIT_SERVER_OPTIONS;
         key++) {
        struct core_buf option;
        if (core_config_source(call->config, key) != CORE_CONFIG_FLAG || key == CORE_CONFIG_DATA ||
            key == CORE_CONFIG_HTTP || key == CORE_CONFIG_HTTPS || key == CORE_CONFIG_LOG_LEVEL) {
            continue;
        }
        core_buf_init(&option, SHELL_LIMIT_QUESTION);
        core_buf_addf(&option, "--%s=%s", core_config_name(key),
                      core_config_str(call->config, key));
        for (char *c = option.ptr; *c && *c != '='; c++) {
            *c = *c == '.' ? '-' : *c;
        }
        options[count++] = core_buf_take(&option, NULL);
    }
    int err = shell_server_start(data, options, count, ret, why, why_cap);
    while (count) {
        free(options[--count]);
    }
    return err;
}

/* Finds the server and reads the token; `start` = begin one when none runs. 0 or an exit status. */
static int client_open(const struct shell_call *call, bool start, struct shell_client **ret,
                       char *why, size_t why_cap)
{
    struct shell_client *client = core_alloc(sizeof *client);
    struct core_buf data;
    client->call = call;
    client->server.clients_fd = -1;
    core_buf_init(&data, sizeof client->server.data - 1);
    core_buf_init(&client->token, 256);
    int err = call->hooks->data_dir(call->config, &data);
    if (err) {
        snprintf(why, why_cap, "no data folder is known: set --data, XDG_DATA_HOME or HOME");
        goto out;
    }
    err = shell_server_find(data.ptr, &client->server);
    if (err == CORE_ENOTFOUND && start) {
        err = server_start(call, data.ptr, &client->server, why, why_cap);
    } else if (err) {
        snprintf(why, why_cap,
                 err == CORE_ETIMEOUT ? "the server does not get ready: see its log"
                                      : "no server runs: start one with `sky serve`");
    }
    if (!err) {
        err = call->hooks->token(data.ptr, &client->token, why, why_cap);
    }
    if (!err) {
        client->fetch = core_fetch_new();
        snprintf(client->ca_file, sizeof client->ca_file, "%s/keys/tls.crt", data.ptr);
        *ret = client;
        client = NULL;
    }
out:
    shell_client_close(client);
    core_buf_done(&data);
    return err ? SHELL_FAILED : SHELL_OK;
}

int shell_client_open(const struct shell_call *call, struct shell_client **ret)
{
    char why[1024] = "";
    if (client_open(call, true, ret, why, sizeof why)) {
        return shell_interrupted() ? SHELL_INTERRUPTED : shell_fail(call, "%s", why);
    }
    return SHELL_OK;
}

/* Is the data folder one that was named, and not there? */
static bool data_missing(const struct shell_call *call, struct core_buf *ret_data)
{
    struct stat folder;
    return core_config_source(call->config, CORE_CONFIG_DATA) != CORE_CONFIG_DEFAULT &&
           call->hooks->data_dir(call->config, ret_data) == 0 &&
           stat(ret_data->ptr, &folder) != 0 && errno == ENOENT;
}

int shell_client_open_known(const struct shell_call *call, struct shell_client **ret)
{
    struct core_buf data;
    core_buf_init(&data, SHELL_LIMIT_QUESTION);
    int status = SHELL_OK;
    if (data_missing(call, &data)) {
        status = shell_fail(call, "there is no data folder at %s: `sky serve --data %s` makes one",
                            data.ptr, data.ptr);
    }
    core_buf_done(&data);
    return status ? status : shell_client_open(call, ret);
}

struct shell_client *shell_client_find(const struct shell_call *call)
{
    struct shell_client *client = NULL;
    char why[1024];
    client_open(call, false, &client, why, sizeof why);
    return client;
}

void shell_client_close(struct shell_client *client)
{
    if (!client) {
        return;
    }
    core_fetch_free(client->fetch);
    shell_server_leave(&client->server);
    core_buf_wipe(&client->token);
    free(client);
}

const char *shell_client_url(const struct shell_client *client)
{
    return client->server.url;
}

const char *shell_client_data(const struct shell_client *client)
{
    return client->server.data;
}

void shell_url_encode(struct core_buf *out, struct core_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c && strchr("-._~", c));
        if (plain) {
            core_buf_add_byte(out, (char)c);
        } else {
            core_buf_addf(out, "%%%02X", c);
        }
    }
}

/* --- Requests --------------------------------------------------------------------------------- */

static int on_tick(void *arg)
{
    (void)arg;
    return shell_interrupted();
}

static void request_fill(struct shell_client *client, const char *method, const char *url,
                         const struct core_buf *body, struct core_fetch_request *ret)
{
    *ret = (struct core_fetch_request){
        .method = method,
        .url = url,
        .bearer = client->token.ptr,
        .content_type = body ? "application/json" : NULL,
        .accept = "application/json",
        .body = body ? core_buf_str(body) : CORE_STR(""),
        .ca_file = strncmp(url, "https:", 6) == 0 ? client->ca_file : NULL,
        .body_max = SHELL_LIMIT_ANSWER,
        .on_tick = on_tick,
    };
}

/* Says what the server said: "title: detail". */
static int problem_say(struct shell_client *client, const struct core_fetch_response *response)
{
    struct core_json_doc *doc = NULL;
    struct core_str title = CORE_STR("the server refused"), detail = CORE_STR("");
    if (core_json_parse(core_buf_str(&response->body), &doc, NULL, 0) == 0) {
        core_json_str(core_json_get(core_json_root(doc), "title"), &title);
        core_json_str(core_json_get(core_json_root(doc), "detail"), &detail);
    }
    int status = shell_fail(client->call, "%.*s%s%.*s (HTTP %d)", CORE_STR_ARG(title),
                            detail.len ? ": " : "", CORE_STR_ARG(detail), response->status);
    core_json_free(doc);
    return status;
}

static int fetch_say(struct shell_client *client, int err, const char *why)
{
    if (err == CORE_ECANCELLED && shell_interrupted()) {
        return SHELL_INTERRUPTED;
    }
    return shell_fail(client->call, "the server at %s: %s", client->server.url,
                      *why ? why : core_err_text(err));
}

int shell_client_call(struct shell_client *client, const char *method, const char *path,
                      const struct core_buf *body, struct core_json_doc **ret_doc)
{
    struct core_fetch_request request;
    struct core_fetch_response response;
    struct core_json_doc *doc = NULL;
    struct core_buf url;
    char why[256] = "";
    core_buf_init(&url, SHELL_LIMIT_QUESTION);
    core_buf_addf(&url, "%s%s", client->server.url, path);
    request_fill(client, method, url.ptr, body, &request);
    int err = core_fetch_run(client->fetch, &request, &response, why, sizeof why);
    core_buf_done(&url);
    if (err) {
        return fetch_say(client, err, why);
    }
    int status = SHELL_OK;
    if (response.status >= 400) {
        status = problem_say(client, &response);
    } else if (response.body.len &&
               core_json_parse(core_buf_str(&response.body), &doc, why, sizeof why)) {
        status = shell_fail(client->call, "the server's answer is no JSON: %s", why);
    } else if (ret_doc) {
        *ret_doc = doc;
        doc = NULL;
    }
    core_json_free(doc);
    core_fetch_response_done(&response);
    return status;
}

void shell_client_tell(struct shell_client *client, const char *method, const char *path,
                       const struct core_buf *body)
{
    struct core_fetch_request request;
    struct core_fetch_response response;
    struct core_buf url;
    char why[256] = "";
    core_buf_init(&url, SHELL_LIMIT_QUESTION);
    core_buf_addf(&url, "%s%s", client->server.url, path);
    request_fill(client, method, url.ptr, body, &request);
    request.timeout_ms = SHELL_TELL_MS;
    if (core_fetch_run(client->fetch, &request, &response, why, sizeof why) == 0) {
        core_fetch_response_done(&response);
    }
    core_buf_done(&url);
}

struct stream {
    struct shell_sse sse;
    int result; /* of the events' callback */
};

static int on_piece(void *arg, struct core_str piece)
{
    struct stream *stream = arg;
    stream->result = shell_sse_feed(&stream->sse, piece);
    return stream->result;
}

int shell_client_stream(struct shell_client *client, const char *method, const char *path,
                        const struct core_buf *body,
                        int (*on_event)(void *arg, const char *name, struct core_str data),
                        void *arg)
{
    struct core_fetch_request request;
    struct core_fetch_response response;
    struct stream stream = {0};
    struct core_buf url;
    char why[256] = "";
    core_buf_init(&url, SHELL_LIMIT_QUESTION);
    core_buf_addf(&url, "%s%s", client->server.url, path);
    request_fill(client, method, url.ptr, body, &request);
    shell_sse_init(&stream.sse, on_event, arg);
    request.accept = "text/event-stream";
    request.on_data = on_piece;
    request.arg = &stream;
    int err = core_fetch_run(client->fetch, &request, &response, why, sizeof why);
    core_buf_done(&url);
    shell_sse_done(&stream.sse);
    if (stream.result > 0) {
        return stream.result;
    }
    if (err) {
        return fetch_say(client, err, why);
    }
    int status = response.status >= 400 ? problem_say(client, &response) : SHELL_OK;
    core_fetch_response_done(&response);
    return status;
}
