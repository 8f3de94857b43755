/*
 * admin.c: `sky admin NOUN VERB`: finds the row of the table and runs it.
 */
#include "shell/admin.h"

static const struct {
    const char *noun, *verb;
    int (*run)(const struct shell_call *call);
} table[] = {
    {"audit", "verify", shell_admin_audit_verify},
    {"audit", "list", shell_admin_audit_list},
};

int shell_admin(const struct shell_call *call)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(call->args[0], table[i].noun) == 0 && call->arg_count > 1 &&
            strcmp(call->args[1], table[i].verb) == 0) {
            return table[i].run(call);
        }
    }
    return shell_misuse(call, "`%s%s%s` is not known: `sky admin --help` lists what is",
                        call->args[0], call->arg_count > 1 ? " " : "",
                        call->arg_count > 1 ? call->args[1] : "");
}
