/* passphrase.h: a passphrase from the terminal or a
 * file, never from an argument. Inside shell only. */
#ifndef SHELL_PASSPHRASE_H
#define SHELL_PASSPHRASE_H

#include "shell/command.h"

/* What the call asks for, into a buffer that the caller wipes; empty when it asks for none.
 * `fresh`: for a new backup, so the terminal asks twice and short ones are refused. 0, or an exit
 * status after saying why. */
int shell_passphrase(const struct shell_call *call, bool fresh, struct core_buf *ret);

#endif
