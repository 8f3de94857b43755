/*
 * hooks.c: what the shell needs of rooms that it may not see.
 */
#include "account/account.h"
#include "bus/identity.h"
#include "core/crypto.h"
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
        snprintf(why, why_cap, "%s: %s: run deps/setup genom, or give --genom-path", path,
                 genom_error_text(opened));
    }
    return opened ? CORE_ENOTFOUND : 0;
}

typedef void report_fn(void *arg, const char *check, bool ok, const char *detail);

static void identity_check(const struct main_rooms *rooms, report_fn *report, void *arg)
{
    char detail[128];
    int days = bus_identity_days(rooms->identity);
    snprintf(detail, sizeof detail,
             days > 0 ? "valid for %d days"
                      : "expired %d days ago: remove keys/tls.* to have a new one made",
             days > 0 ? days : -days);
    report(arg, "certificate", days > 0, detail);
}

static void genom_report(const struct main_rooms *rooms, report_fn *report, void *arg)
{
    struct genom_dict *dict = main_genom_dict(rooms->genom);
    char detail[64], name[GENOM_DICT_NAME];
    if (!dict) {
        report(arg, "dictionary", false, "missing: run deps/setup genom");
        return;
    }
    genom_dict_name(dict, name);
    bool whole = genom_dict_verify(dict) == 0;
    snprintf(detail, sizeof detail, whole ? "%s, intact" : "%s is damaged: run deps/setup genom",
             name);
    report(arg, "dictionary", whole, detail);
}

static void store_report(const struct main_rooms *rooms, report_fn *report, void *arg)
{
    char why[512] = "";
    int err = store_check(rooms->store, why, sizeof why);
    report(arg, "store", err == 0, err ? why : "intact");
}

int main_doctor(const struct core_config *config, bool server_runs, report_fn *report, void *arg)
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
    report(arg, "data folder", true, paths.data);
    if (server_runs) {
        return 0; /* the server holds the data and is asked itself */
    }
    const struct core_env *env = core_env_real();
    err = env->fs->mkdirs(env->ctx, paths.data, 0700);
    if (!err) {
        err = main_lock_own(paths.data, &lock, why, sizeof why);
    }
    if (!err) {
        err = main_rooms_open(config, &paths, &rooms, why, sizeof why);
    }
    if (err) {
        report(arg, "rooms", false, *why ? why : core_err_text(err));
    } else {
        identity_check(&rooms, report, arg);
        store_report(&rooms, report, arg);
        genom_report(&rooms, report, arg);
        ai_doctor(rooms.ai, report, arg);
        main_rooms_free(&rooms);
    }
    if (lock >= 0) {
        close(lock);
    }
    return err;
}
