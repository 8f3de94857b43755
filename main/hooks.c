/*
 * hooks.c: what the shell needs of rooms that it may not see.
 */
#include "account/account.h"
#include "bus/identity.h"
#include "core/crypto.h"
#include "gate/gate.h"
#include "main/main.h"

#include "core/mem.h"

#include <stdio.h>
#include <unistd.h>

int main_token(const char *data_dir, struct core_buf *ret_token, char *why, size_t why_cap)
{
    char token[ACCOUNT_TOKEN_SIZE];
    int err = account_token_read(core_env_real(), data_dir, token, why, why_cap);
    if (!err) {
        err = core_buf_add_c(ret_token, token);
    }
    core_wipe(token, sizeof token);
    return err;
}

int main_dictionary(const struct core_config *config, struct genom_dict **ret_dict, char *why,
                    size_t why_cap)
{
    char path[MAIN_LIMIT_PATH] = "";
    int err = main_genom_path(config, path, sizeof path);
    int opened = err ? GENOM_ESYSTEM : genom_dict_open(path, ret_dict);
    if (opened) {
        snprintf(why, why_cap, "%s: %s: " CORE_SETUP("genom") ", or give --genom-path", path,
                 genom_error_text(opened));
    }
    return opened ? CORE_ENOTFOUND : 0;
}

int main_doctor(const struct core_config *config, bool server_runs,
                void (*report)(void *arg, const char *check, bool ok, const char *detail),
                void *arg)
{
    struct main_paths paths;
    struct main_rooms rooms;
    char why[1024] = "";
    int lock = -1;
    report(arg, "cryptography", true, core_crypto_version());
    int err = main_paths_find(config, &paths, why, sizeof why);
    if (err) {
        report(arg, "configuration", false, why);
        return err;
    }
    if (access(paths.data, F_OK) != 0) {
        snprintf(why, sizeof why, "there is no %.900s: correct --data, or let `sky serve` make it",
                 paths.data);
        report(arg, "data folder", false, why);
        return CORE_ENOTFOUND;
    }
    report(arg, "data folder", true, paths.data);
    if (server_runs) {
        return 0; /* the server holds the data and is asked itself */
    }
    const struct core_env *env = core_env_real();
    err = main_lock_own(paths.data, &lock, why, sizeof why);
    if (!err) {
        err = main_rooms_open(config, &paths, &rooms, why, sizeof why);
    }
    if (err) {
        report(arg, "rooms", false, *why ? why : core_err_text(err));
    } else {
        const struct gate_services services = {.env = env,
                                               .store = rooms.store,
                                               .ai = rooms.ai,
                                               .genom = main_genom_dict(rooms.genom)};
        gate_examine(&services, bus_identity_days(rooms.identity), report, arg);
        main_rooms_free(&rooms);
    }
    if (lock >= 0) {
        close(lock);
    }
    return err;
}
