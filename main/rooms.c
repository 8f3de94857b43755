/*
 * rooms.c: opens the rooms in the order in which they need each other, frees them in reverse.
 */
#include "account/account.h"
#include "bus/identity.h"
#include "bus/sessions.h"
#include "core/loop.h"
#include "main/main.h"
#include "node/node.h"

#include <stdio.h>

static int store_begin(const struct core_config *config, const struct main_paths *paths,
                       struct main_rooms *rooms, char *why, size_t why_cap)
{
    const struct core_env *env = core_env_real();
    int err = env->fs->mkdirs(env->ctx, paths->data, 0700);
    if (err) {
        snprintf(why, why_cap, "%s: %s: give --data a folder that can be written", paths->data,
                 core_err_text(err));
        return err;
    }
    const struct store_options options = {
        .env = env,
        .loop = rooms->loop,
        .url = core_config_str(config, CORE_CONFIG_STORE),
        .data_dir = paths->data,
        .readers_max = 8,
        .upgrading = main_backup_upgrading,
        .upgrading_arg = (void *)paths->data,
    };
    err = store_open(&options, &rooms->store, why, why_cap);
    if (!err && backup_unfinished(rooms->store)) {
        snprintf(
            why, why_cap,
            "a restore into this store did not finish: run it again, or begin with an empty one");
        err = CORE_EMISMATCH;
    }
    return err;
}

static int ai_begin(const struct core_config *config, const struct main_paths *paths,
                    struct main_rooms *rooms, char *why, size_t why_cap)
{
    const struct ai_options options = {
        .env = core_env_real(),
        .loop = rooms->loop,
        .store = rooms->store,
        .accounts = rooms->accounts,
        .data_dir = paths->data,
        .model_path = paths->model,
        .embed_path = paths->embed,
        .embed_multi_path = paths->embed_multi,
        .model_threads = (unsigned)core_config_int(config, CORE_CONFIG_MODEL_THREADS),
        .model_context = (unsigned)core_config_int(config, CORE_CONFIG_MODEL_CONTEXT),
        .model_slots = (unsigned)core_config_int(config, CORE_CONFIG_MODEL_SLOTS),
        .model_idle_s = (unsigned)core_config_int(config, CORE_CONFIG_MODEL_IDLE),
        .embed_threads = (unsigned)core_config_int(config, CORE_CONFIG_EMBED_THREADS),
        .node = (unsigned)core_config_int(config, CORE_CONFIG_NOD),
        .level_max = main_live_level_max(config),
        .cache = core_config_bool(config, CORE_CONFIG_CACHE),
        .program = paths->program,
        .genom = main_genom_dict(rooms->genom),
    };
    return ai_open(&options, &rooms->ai, why, why_cap);
}

int main_rooms_open(const struct core_config *config, const struct main_paths *paths,
                    struct main_rooms *ret, char *why, size_t why_cap)
{
    const struct core_env *env = core_env_real();
    struct main_rooms rooms = {.loop = core_loop_new(env)};
    int err = store_begin(config, paths, &rooms, why, why_cap);
    if (!err) {
        err = bus_identity_open(env, paths->data, &rooms.identity, why, why_cap);
    }
    if (!err) {
        err = accounts_open(env, rooms.store, paths->data, &rooms.accounts, why, why_cap);
    }
    if (!err) {
        rooms.audit = main_audit_open(rooms.loop, rooms.accounts, rooms.store,
                                      (unsigned)core_config_int(config, CORE_CONFIG_AUDIT_DAYS));
        rooms.gauges = main_gauges_open(rooms.loop, rooms.store, rooms.identity);
        const struct backup_plan plan = main_backup_plan(config);
        rooms.backups = backup_habit_new(rooms.loop, rooms.store, paths->data, &plan);
        rooms.sessions = bus_sessions_new(env, rooms.identity);
        rooms.node = node_new(env, (unsigned)core_config_int(config, CORE_CONFIG_NOD));
        err = main_genom_open(rooms.loop, paths->genom,
                              *core_config_str(config, CORE_CONFIG_GENOM_PATH) != '\0',
                              &rooms.genom, why, why_cap);
    }
    if (!err) {
        err = main_pack_open(paths->pack, &rooms.pack, why, why_cap);
    }
    if (!err) {
        err = ai_begin(config, paths, &rooms, why, why_cap);
    }
    if (err) {
        main_rooms_free(&rooms);
        return err;
    }
    *ret = rooms;
    return 0;
}

void main_rooms_free(struct main_rooms *rooms)
{
    ai_free(rooms->ai);
    main_pack_close(rooms->pack);
    main_genom_close(rooms->genom);
    bus_sessions_free(rooms->sessions);
    node_free(rooms->node);
    main_gauges_close(rooms->gauges);
    backup_habit_free(rooms->backups);
    main_audit_close(rooms->audit);
    accounts_free(rooms->accounts);
    bus_identity_free(rooms->identity);
    store_free(rooms->store);
    /* Acknowledgements that the store posted while it closed still want their turn. */
    core_loop_turn(rooms->loop);
    core_loop_free(rooms->loop);
    *rooms = (struct main_rooms){0};
}
