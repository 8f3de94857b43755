/*
 * audit.c: the upkeep of the audit log in a running
 * server, and the log of a data folder without one.
 */
#include "account/account.h"
#include "core/err.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/work.h"
#include "main/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- Upkeep ----------------------------------------------------------------------------------- */

struct main_audit {
    struct accounts *accounts;
    struct store *store;
    struct core_timer *timer;
    struct core_work_pool *pool;
    struct core_work prune, reload;
    bool pruning, reloading;
    unsigned days, ticks;
    unsigned prune_days; /* of the one that runs */
    int pruned;          /* how the last one ended */
};

static void prune_run(struct core_work *work, unsigned worker)
{
    struct main_audit *m = (struct main_audit *)((char *)work - offsetof(struct main_audit, prune));
    (void)worker;
    m->pruned = account_audit_prune(core_env_real(), m->store, m->prune_days);
}

static void prune_done(struct core_work *work, int status)
{
    struct main_audit *m = (struct main_audit *)((char *)work - offsetof(struct main_audit, prune));
    m->pruning = false;
    if (!status && m->pruned) {
        core_log(CORE_LOG_WARN, "audit.prune", {"error", CORE_LOG_C(core_err_text(m->pruned))});
    }
}

static void reload_run(struct core_work *work, unsigned worker)
{
    struct main_audit *m = (struct main_audit *)((char *)work -
                                                 offsetof(struct main_audit, reload));
    (void)worker;
    (void)accounts_reload(m->accounts); /* else with the next tick */
}

static void reload_done(struct core_work *work, int status)
{
    struct main_audit *m = (struct main_audit *)((char *)work -
                                                 offsetof(struct main_audit, reload));
    (void)status;
    m->reloading = false;
}

/* Prunes at the start and then once a day. */
static void on_tick(void *arg)
{
    struct main_audit *m = arg;
    account_audit_tick(m->accounts);
    if (accounts_stale(m->accounts) && !m->reloading) {
        m->reload = (struct core_work){.run = reload_run, .done = reload_done};
        m->reloading = core_work_submit(m->pool, &m->reload) == 0;
    }
    if (m->ticks++ % MAIN_AUDIT_PRUNE_TICKS == 0 && !m->pruning) {
        m->prune_days = m->days;
        m->prune = (struct core_work){.run = prune_run, .done = prune_done};
        m->pruning = core_work_submit(m->pool, &m->prune) == 0;
    }
}

struct main_audit *main_audit_open(struct core_loop *loop, struct accounts *accounts,
                                   struct store *store, unsigned days)
{
    static const struct core_work_options options = {
        .name = "audit", .threads = 1, .queue_max = 1, .background = true};
    struct main_audit *m = core_alloc(sizeof *m);
    *m = (struct main_audit){.accounts = accounts, .store = store, .days = days};
    m->pool = core_work_pool_new(loop, &options);
    m->timer = core_timer_new(loop, on_tick, m);
    core_timer_start(m->timer, MAIN_AUDIT_TICK_MS, MAIN_AUDIT_TICK_MS);
    return m;
}

void main_audit_days_set(struct main_audit *m, unsigned days)
{
    m->days = days;
}

void main_audit_close(struct main_audit *m)
{
    if (!m) {
        return;
    }
    core_timer_free(m->timer);
    core_work_pool_free(m->pool);
    free(m);
}

/* --- Without a server ------------------------------------------------------------------------- */

/* A store that exists, and that no server uses. It is closed by offline_close(). */
static int offline_open(const struct core_config *config, struct store **ret, int *ret_lock,
                        char *why, size_t why_cap)
{
    struct main_paths paths;
    char path[MAIN_LIMIT_PATH + 16];
    int lock = -1;
    int err = main_paths_find(config, &paths, why, why_cap);
    if (err) {
        return err;
    }
    const struct store_options options = {.env = core_env_real(),
                                          .url = core_config_str(config, CORE_CONFIG_STORE),
                                          .data_dir = paths.data,
                                          .readers_max = 1,
                                          .upgrading = main_backup_upgrading,
                                          .upgrading_arg = paths.data};
    /* A file that is not there would be made. */
    snprintf(path, sizeof path, "%s/sky.db", paths.data);
    if (strcmp(options.url, "sqlite") == 0 && access(path, F_OK)) {
        snprintf(why, why_cap, "%s does not exist: start `sky serve` once", path);
        return CORE_ENOTFOUND;
    }
    err = main_lock(paths.data, &lock, why, why_cap);
    if (!err) {
        err = store_open(&options, ret, why, why_cap);
    }
    if (err && lock >= 0) {
        close(lock);
    } else if (!err) {
        *ret_lock = lock;
    }
    return err;
}

static void offline_close(struct store *store, int lock)
{
    store_free(store);
    close(lock);
}

int main_audit(const struct core_config *config, enum shell_audit what, unsigned limit,
               struct core_buf *ret_json, char *why, size_t why_cap)
{
    struct store *store = NULL;
    int lock = -1;
    int err = offline_open(config, &store, &lock, why, why_cap);
    if (err) {
        return err;
    }
    err = what == SHELL_AUDIT_VERIFY
              ? account_audit_verify_out(store, ret_json)
              : account_audit_list_out(store, &(struct account_audit_query){.limit = limit},
                                       ret_json);
    if (err) {
        snprintf(why, why_cap, "the audit log cannot be read: %s: run `sky doctor`",
                 core_err_text(err));
    }
    offline_close(store, lock);
    return err;
}

void main_token_printed(const struct core_config *config)
{
    struct store *store = NULL;
    char why[512], detail[48];
    int lock = -1;
    if (offline_open(config, &store, &lock, why, sizeof why)) {
        return; /* nobody may read the token for want of a log, and then there is none to write to */
    }
    snprintf(detail, sizeof detail, "{\"uid\":%ld}", (long)getuid());
    const struct account_event event = {.act = ACCOUNT_ACT_TOKEN_PRINTED,
                                        .detail = core_str(detail)};
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    account_audit_add(core_env_real(), batch, &event);
    (void)store_write_wait(store, batch);
    offline_close(store, lock);
}
