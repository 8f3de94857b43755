/* genom.h: what the subcommands of GENOM share. Each
 * says what went wrong and returns an exit status. */
#ifndef SHELL_GENOM_H
#define SHELL_GENOM_H

#include "genom/genom.h"
#include "shell/command.h"

int shell_genom_open(const struct shell_call *call, struct genom_dict **ret_dict);
/* The arguments from `first` on with spaces between
 * them, or stdin when there are none or only "-". */
int shell_genom_input(const struct shell_call *call, size_t first, struct core_buf *in);
int shell_genom_encode(const struct shell_call *call, const struct genom_dict *dict,
                       struct core_str text, struct core_buf *coded);
int shell_genom_decode(const struct shell_call *call, const struct genom_dict *dict,
                       struct core_str coded, struct core_buf *text);
/* A message of this node to everybody. */
void shell_genom_message(const struct shell_call *call, const struct genom_dict *dict,
                         struct core_str coded, struct core_buf *out);
/* The payload of a message, which is written over it. */
int shell_genom_payload(const struct shell_call *call, const struct genom_dict *dict,
                        struct core_buf *message, struct core_str *ret_coded);
/* Exactly the bytes; on a terminal with a line end. */
void shell_genom_text_print(struct core_str text);

#endif
