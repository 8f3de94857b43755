/*
 * user.c: `sky user token | link`: what proves the owner.
 */
#include "shell/client.h"
#include "shell/term.h"

#include <stdio.h>
#include <unistd.h>

/* The token is a file: whoever reads it another way leaves no trace here. A log that cannot be
 * written never keeps anybody from the token. */
static void token_told(const struct shell_call *call)
{
    struct shell_client *client = shell_client_find(call);
    struct core_buf body;
    if (!client) {
        call->hooks->token_printed(call->config);
        return;
    }
    core_buf_init(&body, 256);
    core_buf_addf(&body, "{\"act\":\"token.printed\",\"uid\":%ld}", (long)getuid());
    shell_client_tell(client, "POST", "/api/admin/audit", &body);
    core_buf_done(&body);
    shell_client_close(client);
}

static int token_print(const struct shell_call *call)
{
    struct core_buf data, token;
    char why[512] = "no data folder is known: set --data, XDG_DATA_HOME or HOME";
    core_buf_init(&data, 4096);
    core_buf_init(&token, 256);
    int err = call->hooks->data_dir(call->config, &data);
    if (!err) {
        err = call->hooks->token(data.ptr, &token, why, sizeof why);
    }
    if (!err) {
        puts(token.ptr);
        fflush(stdout);
        token_told(call);
    }
    core_buf_wipe(&token);
    core_buf_done(&data);
    return err ? shell_fail(call, "%s", why) : SHELL_OK;
}

static int link_print(const struct shell_call *call)
{
    struct core_json_doc *doc = NULL;
    struct core_str path = CORE_STR("");
    struct shell_client *client = shell_client_find(call);
    if (!client) {
        return shell_fail(call, "no server runs: start one with `sky serve`, it prints an address");
    }
    int status = shell_client_call(client, "POST", "/api/session/code", NULL, &doc);
    if (!status) {
        core_json_str(core_json_get(core_json_root(doc), "path"), &path);
        printf("%s%.*s\n", shell_client_url(client), CORE_STR_ARG(path));
    }
    core_json_free(doc);
    shell_client_close(client);
    return status;
}

int shell_user(const struct shell_call *call)
{
    if (strcmp(call->args[0], "token") == 0) {
        return token_print(call);
    }
    if (strcmp(call->args[0], "link") == 0) {
        return link_print(call);
    }
    return shell_misuse(call, "`%s` is not known: sky %s", call->args[0], call->command->usage);
}
