/*
 * ask.c: `sky ask`: one question, one answer.
 */
#include "core/limits.h"
#include "shell/answer.h"
#include "shell/term.h"

#include <stdio.h>

static int question_read(const struct shell_call *call, struct core_buf *question)
{
    if (call->arg_count == 1 && strcmp(call->args[0], "-") == 0) {
        char piece[4096];
        size_t n;
        while ((n = fread(piece, 1, sizeof piece, stdin)) > 0) {
            core_buf_add(question, piece, n);
        }
        if (shell_interrupted()) {
            return SHELL_INTERRUPTED;
        }
    } else {
        for (size_t i = 0; i < call->arg_count; i++) {
            core_buf_addf(question, "%s%s", i ? " " : "", call->args[i]);
        }
    }
    if (core_buf_error(question)) {
        return shell_fail(call, "the question is too long: ask a shorter one");
    }
    if (core_str_trim(core_buf_str(question)).len == 0) {
        return shell_misuse(call, "the question is empty");
    }
    if (!core_utf8_valid(core_buf_str(question))) {
        return shell_fail(call, "the question is not valid UTF-8: check the terminal's encoding");
    }
    return SHELL_OK;
}

int shell_ask(const struct shell_call *call)
{
    struct shell_client *client = NULL;
    struct shell_answer answer = {0};
    struct core_buf question;
    core_buf_init(&question, SHELL_LIMIT_QUESTION);
    shell_interrupt_catch();
    int status = question_read(call, &question);
    if (!status) {
        status = shell_client_open_known(call, &client);
    }
    if (!status) {
        status = shell_answer_ask(client, call, core_str_trim(core_buf_str(&question)), &answer);
    }
    shell_client_close(client);
    shell_answer_done(&answer);
    core_buf_done(&question);
    return status;
}
