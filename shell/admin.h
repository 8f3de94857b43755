/*
 * admin.h: the subcommands of `sky admin`. Each gets the call with its own name taken off the
 * arguments. Inside shell only.
 */
#ifndef SHELL_ADMIN_H
#define SHELL_ADMIN_H

#include "shell/command.h"

/* What a command of `sky admin` takes. */
struct shell_admin_form {
    const char *name;  /* "provider add" */
    const char *names; /* of its arguments, with a space between them; each must be there */
    size_t words;      /* of the call's arguments that belong to the name */
    size_t max;        /* arguments behind those */
};
/* 0, or SHELL_USAGE after saying which argument is missing, or is one too many. */
int shell_admin_arguments(const struct shell_call *call, const struct shell_admin_form *form);

int shell_admin_audit(const struct shell_call *call);
int shell_admin_backup(const struct shell_call *call);
int shell_admin_migrate(const struct shell_call *call);
int shell_admin_provider(const struct shell_call *call);
int shell_admin_restore(const struct shell_call *call);
int shell_admin_verify(const struct shell_call *call);

#endif
