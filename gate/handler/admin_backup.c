/*
 * admin_backup.c: /api/admin/backup: how the backups of this server are, and one more now.
 */
#include "core/backup/habit.h"
#include "gate/handler/handlers.h"

#include <stdio.h>

struct backups {
    struct backup_now now;
    struct backup_list list;
    int err;
    int status;
};

static void files_out(struct core_json_out *o, const struct backup_list *list)
{
    core_json_out_array(o, "files");
    for (size_t i = 0; i < list->count; i++) {
        const struct backup_entry *e = &list->entries[i];
        core_json_out_object(o, NULL);
        core_json_out_c(o, "name", e->name);
        core_json_out_u64(o, "bytes", e->info.bytes);
        out_time(o, "created_at", e->info.created_ms);
        core_json_out_u64(o, "schema", e->info.schema);
        core_json_out_c(o, "engine", e->info.engine);
        core_json_out_bool(o, "sealed", e->info.sealed);
        core_json_out_bool(o, "keys", e->info.keys);
        core_json_out_bool(o, "scheduled", e->ours);
        core_json_out_end(o);
    }
    core_json_out_end(o);
}

static void progress_out(struct core_json_out *o, const struct backup_now *now)
{
    double share = now->total ? (double)now->done / (double)now->total : 0;
    double spent = (double)now->running_ms / 1000;
    core_json_out_object(o, "progress");
    core_json_out_double(o, "share", share > 1 ? 1 : share);
    core_json_out_double(o, "spent_s", spent);
    if (share > 0) {
        core_json_out_double(o, "left_s", spent / share - spent);
    } else {
        core_json_out_null(o, "left_s");
    }
    core_json_out_end(o);
}

static void now_out(struct core_json_out *o, const struct backup_now *now, int64_t wall_ms)
{
    core_json_out_u64(o, "every_h", now->every_h);
    core_json_out_u64(o, "keep", now->keep);
    core_json_out_c(o, "folder", now->dir);
    core_json_out_bool(o, "sealed", now->sealed);
    core_json_out_bool(o, "running", now->running);
    if (now->running) {
        progress_out(o, now);
    } else {
        core_json_out_null(o, "progress");
    }
    out_time_or_null(o, "last_at", now->last_ms);
    if (now->last_ms) {
        core_json_out_i64(o, "last_age_s", (wall_ms - now->last_ms) / 1000);
        core_json_out_u64(o, "last_bytes", now->last_bytes);
    } else {
        core_json_out_null(o, "last_age_s");
        core_json_out_null(o, "last_bytes");
    }
    if (now->last_took_ms >= 0) {
        core_json_out_double(o, "last_took_s", (double)now->last_took_ms / 1000);
    } else {
        core_json_out_null(o, "last_took_s");
    }
    out_time_or_null(o, "failed_at", now->failed_ms);
    core_json_out_c(o, "failure", now->failed_ms ? now->failure : NULL);
}

static void list_run(struct gate_request *r, void *arg)
{
    struct backups *b = arg;
    (void)r;
    b->err = backup_list(b->now.dir, b->now.series, &b->list);
}

static void list_done(struct gate_request *r, void *arg)
{
    struct backups *b = arg;
    struct core_json_out o;
    if (b->err) {
        b->list = (struct backup_list){
            0}; /* a folder that cannot be read shows none; a backup will say why */
    }
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    now_out(&o, &b->now, core_wall_ms(gate_request_services(r)->env));
    files_out(&o, &b->list);
    core_json_out_end(&o);
    backup_list_done(&b->list);
    gate_reply_json(r, b->status);
}

static void answer(struct gate_request *r, int status)
{
    struct backups *b = core_pool_alloc(gate_request_pool(r), sizeof *b);
    if (!b) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    b->status = status;
    backup_habit_now(gate_request_services(r)->backups, &b->now);
    gate_work(r, list_run, list_done, b);
}

void handle_admin_backup(struct gate_request *r)
{
    answer(r, 200);
}

void handle_admin_backup_new(struct gate_request *r)
{
    const struct gate_services *s = gate_request_services(r);
    if (backup_habit_start(s->backups)) {
        gate_reply_problem(r, 409, "backup-running", "A backup is being made",
                           "wait for it: GET /api/admin/backup says how far it is");
        return;
    }
    const struct account_actor by = gate_request_actor(r);
    account_audit(s->accounts,
                  &(const struct account_event){.act = ACCOUNT_ACT_BACKUP_STARTED, .by = &by});
    answer(r, 202);
}
