/*
 * admin.c: `sky admin`: one table.
 */
#include "shell/admin.h"

static const struct {
    const char *name;
    int (*run)(const struct shell_call *call);
} commands[] = {
    {"audit", shell_admin_audit},     {"backup", shell_admin_backup},
    {"migrate", shell_admin_migrate}, {"provider", shell_admin_provider},
    {"restore", shell_admin_restore}, {"verify", shell_admin_verify},
};

int shell_admin(const struct shell_call *call)
{
    struct shell_call inner = *call;
    inner.args++;
    inner.arg_count--;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(call->args[0], commands[i].name) == 0) {
            return commands[i].run(&inner);
        }
    }
    return shell_misuse(call, "`%s` is not known: sky %s", call->args[0], call->command->usage);
}
