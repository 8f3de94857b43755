/*
 * habit.c: see habit.h. A piece of work at the start looks for the last good backup; then a timer
 * sees each minute whether one is due. What the work needs of the plan is copied when it begins.
 */
#include "core/backup/habit.h"

#include "core/backup/secret.h"
#include "core/limits.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/metrics.h"
#include "core/work.h"

#include <stdio.h>
#include <unistd.h>

struct plan {
    unsigned every_h, keep;
    char dir[CORE_LIMIT_BACKUP_PATH], passphrase_file[CORE_LIMIT_BACKUP_PATH],
        config_path[CORE_LIMIT_BACKUP_PATH];
};

struct job {
    struct core_work work;
    bool make; /* else it only looks */
    struct plan plan;
    int err;
    char why[512];
    int64_t began_ms, last_ms;
    uint64_t began_mono, took_ms, bytes;
};

struct backup_habit {
    const struct core_env *env;
    struct store *store;
    char *data_dir;
    char series[BACKUP_SERIES_SIZE];
    struct core_work_pool *pool;
    struct core_timer *timer;
    struct plan plan;
    struct job job;
    bool busy;
    bool wanted; /* one was asked for while the last one was looked for */
    atomic_bool cancel;
    atomic_ullong done, total;
    struct backup_now now;
    struct core_metric *age, *bytes, *seconds, *failures;
};

/* --- On the pool ---------------------------------------------------------------------------- */

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    struct backup_habit *h = arg;

    atomic_store(&h->done, done);
    atomic_store(&h->total, total);
}

/* Reading it back begins when writing is done: the second half. */
static void on_written(void *arg, uint64_t done, uint64_t total)
{
    on_progress(arg, done, 2 * total);
}

static void on_checked(void *arg, uint64_t done, uint64_t total)
{
    on_progress(arg, total + done, 2 * total);
}

static int job_make(struct backup_habit *h, struct job *j, const char *path,
                    struct core_str passphrase)
{
    struct backup_info info;
    bool with_config = passphrase.len && access(j->plan.config_path, R_OK) == 0;
    const struct backup_progress reading = {on_checked, h, &h->cancel};
    const struct backup_options o = {.env = h->env,
                                     .store = h->store,
                                     .path = path,
                                     .passphrase = passphrase,
                                     .data_dir = passphrase.len ? h->data_dir : NULL,
                                     .config_path = with_config ? j->plan.config_path : NULL,
                                     .scheduled = true,
                                     .background = true,
                                     .progress = {on_written, h, &h->cancel}};
    int err = backup_make(&o, &info, j->why, sizeof j->why);

    if (err == 0) {
        j->bytes = info.bytes;
        err = backup_verify(path, passphrase, &reading, &info, j->why, sizeof j->why);
        if (err < 0)
            unlink(path); /* it was made a moment ago, and is no good */
    }
    return err;
}

static int job_run(struct backup_habit *h, struct job *j)
{
    char name[BACKUP_ENTRY_NAME], path[CORE_LIMIT_BACKUP_PATH + BACKUP_ENTRY_NAME];
    struct core_buf passphrase;
    int err = h->env->fs->mkdirs(h->env->ctx, j->plan.dir, 0700);

    core_buf_init(&passphrase, CORE_LIMIT_PASSPHRASE);
    if (err < 0)
        snprintf(j->why, sizeof j->why,
                 "%.300s: %s: name a folder that can be written as backup.dir", j->plan.dir,
                 core_err_text(err));
    else if (*j->plan.passphrase_file)
        err = backup_secret_file(j->plan.passphrase_file, &passphrase, j->why, sizeof j->why);
    backup_entry_name(h->series, j->began_ms, name);
    snprintf(path, sizeof path, "%s/%s", j->plan.dir, name);
    if (err == 0)
        err = job_make(h, j, path, core_buf_str(&passphrase));
    core_buf_wipe(&passphrase);
    if (err == 0)
        backup_prune(j->plan.dir, h->series, j->plan.keep);
    return err;
}

static int job_look(struct backup_habit *h, struct job *j)
{
    struct backup_list list;
    int err = backup_list(j->plan.dir, h->series, &list);

    for (size_t i = 0; err == 0 && i < list.count && !j->last_ms; i++) {
        if (list.entries[i].ours) {
            j->last_ms = list.entries[i].info.created_ms;
            j->bytes = list.entries[i].info.bytes;
        }
    }
    if (err == 0)
        backup_list_done(&list);
    return err;
}

static struct backup_habit *of_work(struct core_work *work)
{
    return (struct backup_habit *)((char *)work - offsetof(struct backup_habit, job.work));
}

static void run(struct core_work *work, unsigned worker)
{
    struct backup_habit *h = of_work(work);
    struct job *j = &h->job;

    (void)worker;
    j->err = j->make ? job_run(h, j) : job_look(h, j);
    j->took_ms = core_mono_ms(h->env) - j->began_mono;
}

/* --- On the loop ---------------------------------------------------------------------------- */

static int begin(struct backup_habit *h, bool make);

static void measure(struct backup_habit *h)
{
    int64_t age = core_wall_ms(h->env) - h->now.last_ms;

    core_metric_set(h->age, h->now.last_ms ? (double)age / 1000 : -1);
    core_metric_set(h->bytes, (double)h->now.last_bytes);
    core_metric_set(h->seconds, h->now.last_took_ms < 0 ? -1 : (double)h->now.last_took_ms / 1000);
}

static void made(struct backup_habit *h, const struct job *j)
{
    if (j->err == 0) {
        h->now.last_ms = j->began_ms;
        h->now.last_bytes = j->bytes;
        h->now.last_took_ms = (int64_t)j->took_ms;
        h->now.failed_ms = 0;
        *h->now.failure = '\0';
        core_log(CORE_LOG_INFO, "backup.made", {"bytes", CORE_LOG_I((int64_t)j->bytes)},
                 {"ms", CORE_LOG_I((int64_t)j->took_ms)});
        return;
    }
    if (j->err == CORE_ECANCELLED)
        return; /* the server ends */
    h->now.failed_ms = core_wall_ms(h->env);
    snprintf(h->now.failure, sizeof h->now.failure, "%s", j->why);
    core_metric_add(h->failures, 1);
    core_log(CORE_LOG_ERROR, "backup.failed", {"why", CORE_LOG_C(j->why)});
}

static void done(struct core_work *work, int status)
{
    struct backup_habit *h = of_work(work);
    struct job *j = &h->job;

    h->busy = false;
    if (status < 0)
        return; /* the server ends */
    if (j->make) {
        made(h, j);
    } else {
        h->now.last_ms = j->last_ms;
        h->now.last_bytes = j->bytes;
    }
    measure(h);
    if (h->wanted)
        begin(h, true);
}

static int begin(struct backup_habit *h, bool make)
{
    if (h->busy && !h->job.make && make) {
        h->wanted = true;
        return 0;
    }
    if (h->busy)
        return CORE_EBUSY;
    h->wanted = false;
    h->job = (struct job){.work = {.run = run, .done = done},
                          .make = make,
                          .plan = h->plan,
                          .began_ms = core_wall_ms(h->env),
                          .began_mono = core_mono_ms(h->env)};
    atomic_store(&h->done, 0);
    atomic_store(&h->total, 0);
    h->busy = core_work_submit(h->pool, &h->job.work) == 0;
    return h->busy ? 0 : CORE_EBUSY;
}

void backup_habit_tick(struct backup_habit *h)
{
    int64_t now = core_wall_ms(h->env), every = (int64_t)h->plan.every_h * 3600000;
    int64_t age = now - h->now.last_ms, since_failed = now - h->now.failed_ms;

    measure(h);
    /* A clock that was set back makes one due too. */
    if (every > 0 && (h->now.last_ms == 0 || age >= every || age < 0) &&
        (h->now.failed_ms == 0 || since_failed >= CORE_LIMIT_BACKUP_RETRY_MS || since_failed < 0))
        begin(h, true);
}

static void on_tick(void *arg)
{
    backup_habit_tick(arg);
}

/* --- Face ----------------------------------------------------------------------------------- */

void backup_habit_plan(struct backup_habit *h, const struct backup_plan *plan)
{
    struct plan *p = &h->plan;

    p->every_h = plan->every_h;
    p->keep = plan->keep;
    if (*plan->dir)
        snprintf(p->dir, sizeof p->dir, "%s", plan->dir);
    else
        snprintf(p->dir, sizeof p->dir, "%s/backups", h->data_dir);
    snprintf(p->passphrase_file, sizeof p->passphrase_file, "%s", plan->passphrase_file);
    snprintf(p->config_path, sizeof p->config_path, "%s", plan->config_path);
}

struct backup_habit *backup_habit_new(struct core_loop *loop, struct store *store,
                                      const char *data_dir, const struct backup_plan *plan)
{
    static const struct core_work_options options = {
        .name = "backup", .threads = 1, .queue_max = 1, .background = true};
    struct backup_habit *h = core_alloc(sizeof *h);
    int err;

    h->env = core_loop_env(loop);
    h->store = store;
    h->data_dir = core_strdup(core_str(data_dir));
    h->now.last_took_ms = -1;
    h->age = core_gauge("sky_backup_age_seconds", NULL,
                        "Since the last good backup; -1: there is none.");
    h->bytes = core_gauge("sky_backup_bytes", NULL, "Size of the last good backup.");
    h->seconds = core_gauge("sky_backup_seconds", NULL,
                            "How long it took; -1: an earlier run made it.");
    h->failures = core_counter("sky_backup_failures_total", NULL, "Backups that failed.");
    backup_habit_plan(h, plan);
    err = backup_series(h->env, data_dir, h->series);
    if (err < 0)
        core_log(CORE_LOG_WARN, "backup.series", {"error", CORE_LOG_C(core_err_text(err))});
    h->pool = core_work_pool_new(loop, &options);
    h->timer = core_timer_new(loop, on_tick, h);
    core_timer_start(h->timer, CORE_LIMIT_BACKUP_TICK_MS, CORE_LIMIT_BACKUP_TICK_MS);
    measure(h);
    begin(h, false);
    return h;
}

void backup_habit_free(struct backup_habit *h)
{
    if (!h)
        return;
    atomic_store(&h->cancel, true);
    core_timer_free(h->timer);
    core_work_pool_free(h->pool);
    free(h->data_dir);
    free(h);
}

bool backup_habit_resting(const struct backup_habit *h)
{
    return !h->busy;
}

int backup_habit_start(struct backup_habit *h)
{
    return begin(h, true);
}

void backup_habit_now(const struct backup_habit *h, struct backup_now *ret)
{
    *ret = h->now;
    ret->every_h = h->plan.every_h;
    ret->keep = h->plan.keep;
    ret->sealed = *h->plan.passphrase_file != '\0';
    ret->running = h->wanted || (h->busy && h->job.make);
    snprintf(ret->dir, sizeof ret->dir, "%s", h->plan.dir);
    memcpy(ret->series, h->series, sizeof ret->series);
    ret->done = atomic_load(&h->done);
    ret->total = atomic_load(&h->total);
    ret->running_ms = ret->running ? core_mono_ms(h->env) - h->job.began_mono : 0;
}
