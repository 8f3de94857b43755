/*
 * admin_backup.c: `sky admin backup | verify | restore | migrate`: on the data
 * folder itself, beside a running server or without one. A store is only
 * looked at for a backup, which a server does not notice.
 */
#include "core/backup/backup.h"
#include "core/env.h"
#include "core/path.h"
#include "shell/admin.h"
#include "shell/passphrase.h"
#include "shell/read.h"
#include "shell/term.h"
#include "shell/wrap.h"

#include <stdio.h>
#include <unistd.h>

/* --- Progress --------------------------------------------------------------------------------- */

enum { DRAW_MS = 200, BAR = 22 };

struct watch {
    const char *what;
    uint64_t begun_ms, drawn_ms;
    atomic_bool cancel;
};

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    struct watch *w = arg;
    char bar[BAR + 1];
    uint64_t now = core_mono_ms(core_env_real());
    if (shell_interrupted()) {
        atomic_store(&w->cancel, true);
    }
    if (now - w->drawn_ms < DRAW_MS || !total) {
        return;
    }
    w->drawn_ms = now;
    double share = (double)done / (double)total, spent = (double)(now - w->begun_ms) / 1000;
    double left = share > 0 ? spent / share - spent : 0;
    shell_bar(share, BAR, bar);
    shell_progress("%s %s %3.0f %%, %.0f s left", w->what, bar, 100 * share, left);
}

static struct backup_progress watch_begin(struct watch *w, const char *what)
{
    *w = (struct watch){.what = what, .begun_ms = core_mono_ms(core_env_real())};
    shell_interrupt_catch();
    return (struct backup_progress){.fn = on_progress, .arg = w, .cancel = &w->cancel};
}

/* What came of it: 0, or an exit status after saying why. */
static int watch_end(const struct shell_call *call, const struct watch *w, int err, const char *why)
{
    shell_progress_clear();
    if (err == CORE_ECANCELLED && atomic_load(&w->cancel)) {
        return SHELL_INTERRUPTED;
    }
    return err ? shell_fail(call, "%s", why) : 0;
}

/* --- Printing --------------------------------------------------------------------------------- */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* For people; as JSON below. */
static void info_say(const char *did, const char *path, const struct backup_info *info,
                     const char *at, double seconds, const char *digest)
{
    struct shell_wrap wrap;
    shell_wrap_init(&wrap, stdout);
    wrap.indent = 2;
    shell_wrap_f(&wrap, "%s ", did);
    shell_wrap_put_line(&wrap, core_str(path));
    shell_wrap_f(&wrap, ": %llu row%s of %u table%s", (unsigned long long)info->rows,
                 plural(info->rows), info->tables, plural(info->tables));
    if (info->bytes) { /* else it went from store to store */
        shell_wrap_f(&wrap, ", %u file%s, %.1f MB", info->files, plural(info->files),
                     (double)info->bytes / 1e6);
    }
    shell_wrap_f(&wrap, ", schema %u of %s%s, %.1f s\n", info->schema, at,
                 info->sealed ? ", sealed" : "", seconds);
    shell_wrap_f(&wrap, "sum of its rows %s\n", digest);
    shell_wrap_done(&wrap);
}

static void info_print(const struct shell_call *call, const char *did, const char *path,
                       const struct backup_info *info, const struct watch *w)
{
    char digest[2 * sizeof info->digest + 1], at[CORE_TIME_SIZE];
    double seconds = (double)(core_mono_ms(core_env_real()) - w->begun_ms) / 1000;
    core_hex_encode(info->digest, sizeof info->digest, digest);
    core_time_format(info->created_ms, at);
    if (!call->json) {
        info_say(did, path, info, at, seconds, digest);
        return;
    }
    struct core_buf text;
    struct core_json_out o;
    core_buf_init(&text, 4096);
    core_json_out_init(&o, &text);
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "file", path);
    core_json_out_u64(&o, "bytes", info->bytes);
    core_json_out_u64(&o, "rows", info->rows);
    core_json_out_u64(&o, "tables", info->tables);
    core_json_out_u64(&o, "files", info->files);
    core_json_out_u64(&o, "schema", info->schema);
    core_json_out_c(&o, "engine", info->engine);
    core_json_out_c(&o, "program", info->program);
    core_json_out_c(&o, "created_at", at);
    core_json_out_bool(&o, "sealed", info->sealed);
    core_json_out_bool(&o, "keys", info->keys);
    core_json_out_bool(&o, "config", info->config);
    core_json_out_c(&o, "digest", digest);
    core_json_out_double(&o, "seconds", seconds);
    core_json_out_end(&o);
    puts(text.ptr);
    core_buf_done(&text);
}

/* --- Commands --------------------------------------------------------------------------------- */

static int data_dir(const struct shell_call *call, struct core_buf *ret)
{
    core_buf_init(ret, 4096);
    if (call->hooks->data_dir(call->config, ret)) {
        return shell_fail(call, "no data folder is known: set --data, XDG_DATA_HOME or HOME");
    }
    return 0;
}

/* One that is there and cannot be read has stopped the program before. */
static int config_check(const struct shell_call *call)
{
    const char *path = core_config_file(call->config);
    if (call->with_config && access(path, F_OK)) {
        return shell_fail(call,
                          "there is no configuration file at %s: leave out --with-config, or name "
                          "it with --config",
                          *path ? path : "$XDG_CONFIG_HOME/sky/sky.ini");
    }
    return 0;
}

static int backup_run(const struct shell_call *call, const char *data, struct core_str passphrase)
{
    const struct store_options look = {.env = core_env_real(),
                                       .url = core_config_str(call->config, CORE_CONFIG_STORE),
                                       .data_dir = data,
                                       .readers_max = 2,
                                       .look = true};
    struct store *store = NULL;
    struct backup_info info;
    struct watch w;
    char why[1024] = "";
    struct backup_options o = {.env = core_env_real(),
                               .path = call->args[0],
                               .passphrase = passphrase,
                               .data_dir = call->with_keys ? data : NULL,
                               .config_path = call->with_config ? core_config_file(call->config)
                                                                : NULL,
                               .progress = watch_begin(&w, "writing")};
    int err = store_open(&look, &store, why, sizeof why);
    o.store = store;
    if (!err) {
        err = backup_make(&o, &info, why, sizeof why);
    }
    store_free(store);
    int status = watch_end(call, &w, err, why);
    if (!status) {
        info_print(call, "wrote", call->args[0], &info, &w);
    }
    return status;
}

int shell_admin_backup(const struct shell_call *call)
{
    static const struct shell_admin_form form = {"backup", "FILE", 0, 1};
    struct core_buf data, passphrase;
    int status = shell_admin_arguments(call, &form);
    if (status) {
        return status;
    }
    if (call->with_keys && !call->passphrase && !call->passphrase_file) {
        return shell_misuse(call, "keys are only put into a sealed backup: add --passphrase or "
                                  "--passphrase-file");
    }
    status = config_check(call);
    if (status) {
        return status;
    }
    status = data_dir(call, &data);
    if (!status) {
        status = shell_passphrase(call, true, &passphrase);
        if (!status) {
            status = backup_run(call, data.ptr, core_buf_str(&passphrase));
        }
        core_buf_wipe(&passphrase);
    }
    core_buf_done(&data);
    return status;
}

int shell_admin_verify(const struct shell_call *call)
{
    static const struct shell_admin_form form = {"verify", "FILE", 0, 1};
    struct core_buf passphrase;
    struct backup_info info;
    struct watch w;
    char why[1024] = "";
    int status = shell_admin_arguments(call, &form);
    if (status) {
        return status;
    }
    status = shell_passphrase(call, false, &passphrase);
    if (!status) {
        const struct backup_progress progress = watch_begin(&w, "checking");
        int err = backup_verify(call->args[0], core_buf_str(&passphrase), &progress, &info, why,
                                sizeof why);
        status = watch_end(call, &w, err, why);
    }
    core_buf_wipe(&passphrase);
    if (!status) {
        info_print(call, "intact:", call->args[0], &info, &w);
    }
    return status;
}

static int restore_run(const struct shell_call *call, const char *data, struct core_str passphrase)
{
    struct backup_info info;
    struct watch w;
    char why[1024] = "";
    const struct backup_restore o = {.env = core_env_real(),
                                     .path = call->args[0],
                                     .passphrase = passphrase,
                                     .data_dir = data,
                                     .store_url = core_config_str(call->config, CORE_CONFIG_STORE),
                                     .keep_schema = call->keep_schema,
                                     .progress = watch_begin(&w, "restoring")};
    int status = watch_end(call, &w, backup_restore(&o, &info, why, sizeof why), why);
    if (!status) {
        info_print(call, "restored", call->args[0], &info, &w);
    }
    if (!status && !info.keys && !call->json) {
        shell_wrap_say(stderr, "sky: it holds no keys: everybody logs in again, and second factors "
                               "are set up anew");
    }
    return status;
}

int shell_admin_restore(const struct shell_call *call)
{
    static const struct shell_admin_form form = {"restore", "FILE", 0, 1};
    struct core_buf data, passphrase;
    int status = shell_admin_arguments(call, &form);
    if (status) {
        return status;
    }
    status = data_dir(call, &data);
    if (!status) {
        status = shell_passphrase(call, false, &passphrase);
        if (!status) {
            status = restore_run(call, data.ptr, core_buf_str(&passphrase));
        }
        core_buf_wipe(&passphrase);
    }
    core_buf_done(&data);
    return status;
}

/* --- From engine to engine -------------------------------------------------------------------- */

static bool is_url(const char *where)
{
    return strstr(where, "://") != NULL;
}

/* What may be printed: an address may hold a password. */
static const char *shown(const char *where)
{
    return is_url(where) ? "the database" : where;
}

/* Does the data folder take part as that of a database's server? It does where it was named, and
 * where it keeps its rows in a database, which may be this very one. */
static bool data_dir_goes(const struct shell_call *call)
{
    return core_config_source(call->config, CORE_CONFIG_DATA) >= CORE_CONFIG_ENV ||
           is_url(core_config_str(call->config, CORE_CONFIG_STORE));
}

/* A folder, or a database: of a data folder that takes part, or of none (""). */
static int place_find(const struct shell_call *call, const char *where, struct core_buf *folder,
                      struct backup_place *ret)
{
    core_buf_init(folder, 4096);
    int err = 0;
    if (!is_url(where)) {
        err = core_path_absolute(where, folder);
    } else if (data_dir_goes(call)) {
        err = call->hooks->data_dir(call->config, folder);
    }
    if (err) {
        return shell_fail(call, "%s: %s", shown(where), core_err_text(err));
    }
    *ret = (struct backup_place){.store_url = is_url(where) ? where : "sqlite",
                                 .data_dir = folder->len ? folder->ptr : ""};
    return 0;
}

static int place_lock(const struct shell_call *call, const struct backup_place *place, int *ret_fd)
{
    const struct core_env *env = core_env_real();
    char why[1024] = "";
    if (is_url(place->store_url) && access(place->data_dir, F_OK)) {
        return 0; /* no server uses what is not there */
    }
    int err = env->fs->mkdirs(env->ctx, place->data_dir, 0700);
    if (err) {
        return shell_fail(call, "%s: %s", place->data_dir, core_err_text(err));
    }
    return call->hooks->lock(place->data_dir, ret_fd, why, sizeof why) ? shell_fail(call, "%s", why)
                                                                       : 0;
}

static int migrate_run(const struct shell_call *call, const struct backup_place *from,
                       const struct backup_place *to)
{
    struct backup_info info;
    struct watch w;
    char why[1024] = "";
    const struct backup_progress progress = watch_begin(&w, "copying");
    int err = backup_migrate(core_env_real(), from, to, &progress, &info, why, sizeof why);
    int status = watch_end(call, &w, err, why);
    if (!status) {
        info_print(call, "copied to", shown(call->args[1]), &info, &w);
    }
    return status;
}

int shell_admin_migrate(const struct shell_call *call)
{
    static const struct shell_admin_form form = {"migrate", "FROM TO", 0, 2};
    struct core_buf from_folder, to_folder;
    struct backup_place from, to;
    int locks[2] = {-1, -1};
    int status = shell_admin_arguments(call, &form);
    if (status) {
        return status;
    }
    status = place_find(call, call->args[0], &from_folder, &from);
    if (!status) {
        status = place_find(call, call->args[1], &to_folder, &to);
        if (!status && !is_url(from.store_url) && access(from.data_dir, F_OK)) {
            status = shell_fail(call, "%s does not exist", from.data_dir);
        }
        if (!status) {
            status = place_lock(call, &from, &locks[0]);
        }
        if (!status && strcmp(from.data_dir, to.data_dir) != 0) {
            status = place_lock(call, &to, &locks[1]);
        }
        if (!status) {
            status = migrate_run(call, &from, &to);
        }
        core_buf_done(&to_folder);
    }
    core_buf_done(&from_folder);
    for (int i = 0; i < 2; i++) {
        if (locks[i] >= 0) {
            close(locks[i]);
        }
    }
    return status;
}
