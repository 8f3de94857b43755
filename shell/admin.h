/* admin.h: the subcommands of `sky admin`; args[0] and args[1] are the noun and the verb. Inside shell only. */
#ifndef SHELL_ADMIN_H
#define SHELL_ADMIN_H

#include "shell/command.h"

int shell_admin_audit_verify(const struct shell_call *call);
int shell_admin_audit_list(const struct shell_call *call);

#endif
