/*
 * live.c: what of the configuration takes effect in a running server: applied when it starts, and
 * again on SIGHUP. What is not in the table below was built into listeners, rooms and weights, and
 * needs a restart.
 */
#include "core/limits.h"
#include "core/log.h"
#include "core/path.h"
#include "gate/gate.h"
#include "main/main.h"

#include <unistd.h>

static enum core_log_level log_level(const struct core_config *config)
{
    enum core_log_level level = CORE_LOG_INFO;
    core_log_level_parse(core_str(core_config_str(config, CORE_CONFIG_LOG_LEVEL)), &level);
    return level;
}

static bool log_json(const struct core_config *config)
{
    return strcmp(core_config_str(config, CORE_CONFIG_LOG_FORMAT), "json") == 0;
}

void main_live_log(const struct core_config *config)
{
    core_log_setup(core_env_real(), log_level(config), log_json(config));
}

unsigned main_live_level_max(const struct core_config *config)
{
    /* The table allows L0 … L3 only. */
    return (unsigned)(core_config_str(config, CORE_CONFIG_LEVEL_MAX)[1] - '0');
}

static void learn_one(struct main_rooms *rooms, const char *name)
{
    char job[CORE_ID_SIZE];
    struct core_buf path;
    core_buf_init(&path, MAIN_LIMIT_PATH);
    int err = access(name, R_OK) ? CORE_ENOTFOUND : core_path_absolute(name, &path);
    if (!err) {
        const struct core_str full = core_buf_str(&path);
        err = ai_learn_paths(rooms->ai, &full, 1, job);
    }
    if (err) {
        core_log(CORE_LOG_WARN, "serve.learn", {"path", CORE_LOG_C(name)},
                 {"error", CORE_LOG_C(core_err_text(err))});
    }
    core_buf_done(&path);
}

/* Folders of the option `learn`, separated by ':'. */
void main_live_learn(struct main_rooms *rooms, const struct core_config *config)
{
    struct core_str list = core_str(core_config_str(config, CORE_CONFIG_LEARN));
    struct core_str part;
    char name[MAIN_LIMIT_PATH];
    while (core_str_split(&list, ':', &part)) {
        if (part.len > 0 && part.len < sizeof name) {
            memcpy(name, part.ptr, part.len);
            name[part.len] = '\0';
            learn_one(rooms, name);
        }
    }
}

/* --- Reading again ---------------------------------------------------------------------------- */

static int apply_log(struct main_rooms *rooms, const struct core_config *config)
{
    (void)rooms;
    core_log_set_level(log_level(config));
    core_log_set_json(log_json(config));
    return 0;
}

static int apply_level_max(struct main_rooms *rooms, const struct core_config *config)
{
    return ai_level_max_set(rooms->ai, main_live_level_max(config));
}

static int apply_cache(struct main_rooms *rooms, const struct core_config *config)
{
    ai_cache_set(rooms->ai, core_config_bool(config, CORE_CONFIG_CACHE));
    return 0;
}

static int apply_learn(struct main_rooms *rooms, const struct core_config *config)
{
    main_live_learn(rooms, config);
    return 0;
}

static int apply_audit_days(struct main_rooms *rooms, const struct core_config *config)
{
    main_audit_days_set(rooms->audit, (unsigned)core_config_int(config, CORE_CONFIG_AUDIT_DAYS));
    return 0;
}

/* What is no list is named in the log, and changes nothing. */
static int apply_cors(struct main_rooms *rooms, const struct core_config *config)
{
    char why[256] = "";
    int err = gate_cors_set(rooms->gate, core_config_str(config, CORE_CONFIG_CORS), why,
                            sizeof why);
    if (err) {
        core_log(CORE_LOG_ERROR, "serve.reload", {"error", CORE_LOG_C(why)});
    }
    return err;
}

static int apply_backup(struct main_rooms *rooms, const struct core_config *config)
{
    const struct backup_plan plan = main_backup_plan(config);
    backup_habit_plan(rooms->backups, &plan);
    return 0;
}

/* 0 = it takes effect; else it needs a restart. */
static int (*const live[CORE_CONFIG_KEY_COUNT])(struct main_rooms *rooms,
                                                const struct core_config *config) = {
    [CORE_CONFIG_LOG_LEVEL] = apply_log,
    [CORE_CONFIG_LOG_FORMAT] = apply_log,
    [CORE_CONFIG_LEVEL_MAX] = apply_level_max,
    [CORE_CONFIG_CACHE] = apply_cache,
    [CORE_CONFIG_LEARN] = apply_learn,
    [CORE_CONFIG_AUDIT_DAYS] = apply_audit_days,
    [CORE_CONFIG_CORS] = apply_cors,
    [CORE_CONFIG_BACKUP_EVERY] = apply_backup,
    [CORE_CONFIG_BACKUP_KEEP] = apply_backup,
    [CORE_CONFIG_BACKUP_DIR] = apply_backup,
    [CORE_CONFIG_BACKUP_PASSPHRASE_FILE] = apply_backup,
};

static bool differs(const struct core_config *a, const struct core_config *b,
                    enum core_config_key key)
{
    return strcmp(core_config_str(a, key), core_config_str(b, key)) != 0;
}

/* Tries to put a changed key into force. */
static void reload_key(struct main_rooms *rooms, struct core_config_live *config,
                       const struct core_config *fresh, enum core_config_key key)
{
    struct core_buf value;
    bool done = live[key] && live[key](rooms, fresh) == 0;
    if (live[key] && !done) {
        live[key](rooms, config->started); /* what is in force is one of two */
    }
    config->waits[key] = !done;
    core_buf_init(&value, CORE_LIMIT_CONFIG_VALUE);
    core_config_show(fresh, key, &value);
    core_log(done ? CORE_LOG_INFO : CORE_LOG_WARN, "serve.reload",
             {"key", CORE_LOG_C(core_config_name(key))},
             {"value", CORE_LOG_S(core_buf_str(&value))},
             {"state", CORE_LOG_C(done ? "in effect" : "needs a restart")});
    core_buf_done(&value);
}

void main_live_reload(struct main_rooms *rooms, struct core_config_live *config)
{
    struct core_config *fresh;
    char why[1024] = "";
    if (core_config_reload(config->started, &fresh, why, sizeof why)) {
        core_log(CORE_LOG_ERROR, "serve.reload", {"error", CORE_LOG_C(why)},
                 {"configuration", CORE_LOG_C("stays as it was")});
        return;
    }
    for (int i = 0; i < CORE_CONFIG_KEY_COUNT; i++) {
        enum core_config_key key = (enum core_config_key)i;
        if (differs(fresh, live[key] ? config->current : config->started, key)) {
            reload_key(rooms, config, fresh, key);
        } else if (!live[key]) {
            config->waits[key] = false;
        }
    }
    if (config->current != config->started) {
        core_config_free((struct core_config *)config->current);
    }
    config->current = fresh;
}
