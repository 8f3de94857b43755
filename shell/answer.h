/*
 * answer.h: asking one question and showing the answer as it comes; for `ask` and `chat`.
 */
#ifndef SHELL_ANSWER_H
#define SHELL_ANSWER_H

#include "shell/client.h"

struct shell_answer {
    struct core_json_doc *done; /* the last answer body, or NULL */
    char conversation[64];      /* empty: a new one */
};
/* The text on stdout as it comes, level, time, cost and sources on stderr; with call->json the
 * whole answer on stdout instead. An exit status; SHELL_INTERRUPTED after Ctrl-C. */
int shell_answer_ask(struct shell_client *client, const struct shell_call *call,
                     struct core_str question, struct shell_answer *answer);
/* The sources of the last answer with their quotes, on stdout. */
void shell_answer_sources(const struct shell_answer *answer);
/* Tells on stderr which words were taken for others: the array "read_as" of an answer, or none. */
void shell_answer_read_as(core_json read_as);
void shell_answer_done(struct shell_answer *answer);

#endif
