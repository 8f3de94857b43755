/*
 * backup.c: backups as the configuration asks for them,
 * and one before a new version changes the schema.
 */
#include "core/backup/habit.h"
#include "core/err.h"
#include "core/log.h"
#include "main/main.h"

#include <stdio.h>

struct backup_plan main_backup_plan(const struct core_config *config)
{
    return (struct backup_plan){
        .every_h = (unsigned)core_config_int(config, CORE_CONFIG_BACKUP_EVERY),
        .keep = (unsigned)core_config_int(config, CORE_CONFIG_BACKUP_KEEP),
        .dir = core_config_str(config, CORE_CONFIG_BACKUP_DIR),
        .passphrase_file = core_config_str(config, CORE_CONFIG_BACKUP_PASSPHRASE_FILE),
        .config_path = core_config_file(config),
    };
}

int main_backup_upgrading(void *arg, struct store *store, unsigned to, char *why, size_t why_cap)
{
    const struct core_env *env = core_env_real();
    const char *data = arg;
    char folder[MAIN_LIMIT_PATH + 16], path[MAIN_LIMIT_PATH + 64], problem[512];
    struct backup_info info;
    snprintf(folder, sizeof folder, "%s/backups", data);
    snprintf(path, sizeof path, "%s/before-schema-%u.skybak", folder, to);
    const struct backup_options options = {.env = env, .store = store, .path = path};
    int err = env->fs->mkdirs(env->ctx, folder, 0700);
    if (err) {
        snprintf(problem, sizeof problem, "%.300s: %s", folder, core_err_text(err));
    } else {
        err = backup_make(&options, &info, problem, sizeof problem);
    }
    if (err == CORE_EEXISTS) {
        return 0; /* it was made before the last try, which changed nothing */
    }
    if (err) {
        snprintf(why, why_cap, "no backup could be made before the schema changes to %u: %s", to,
                 problem);
        return err;
    }
    core_log(CORE_LOG_INFO, "backup.upgrade", {"schema", CORE_LOG_I(info.schema)},
             {"to", CORE_LOG_I(to)}, {"path", CORE_LOG_C(path)});
    return 0;
}
