/*
 * admin.h: the subcommands of `sky admin`. Each gets the call with its own name taken off the arguments. Inside
 * shell only.
 */
#ifndef SHELL_ADMIN_H
#define SHELL_ADMIN_H

#include "shell/command.h"

int shell_admin_audit(const struct shell_call *call);
int shell_admin_backup(const struct shell_call *call);
int shell_admin_migrate(const struct shell_call *call);
int shell_admin_provider(const struct shell_call *call);
int shell_admin_restore(const struct shell_call *call);
int shell_admin_verify(const struct shell_call *call);

#endif
