/*
 * habit.h: a running server's backups: by plan, or when somebody asks for one. One
 * at a time, on a thread behind all other work; each is read back before older
 * ones go. Everything here belongs to the loop's thread.
 */
#ifndef CORE_BACKUP_HABIT_H
#define CORE_BACKUP_HABIT_H

#include "core/backup/folder.h"

struct backup_plan {
    unsigned every_h, keep;      /* every_h 0: only when asked */
    const char *dir;             /* empty: "backups" in the data folder */
    const char *passphrase_file; /* empty: not sealed, without keys and configuration */
    const char *config_path;
};
struct backup_habit;
/* Copies the plan. The store outlives it. */
struct backup_habit *backup_habit_new(struct core_loop *loop, struct store *store,
                                      const char *data_dir, const struct backup_plan *plan);
/* Stops what is under way. Accepts NULL. */
void backup_habit_free(struct backup_habit *habit);
void backup_habit_plan(struct backup_habit *habit, const struct backup_plan *plan);
/* Begins one now. CORE_EBUSY: one is under way. */
int backup_habit_start(struct backup_habit *habit);
/* Begins one if the plan says that it is due. A timer calls it each CORE_LIMIT_BACKUP_TICK_MS. */
void backup_habit_tick(struct backup_habit *habit);
/* Nothing is under way, not even the look for the last backup at the start. */
bool backup_habit_resting(const struct backup_habit *habit);

struct backup_now {
    unsigned every_h, keep;
    bool sealed, running;
    char dir[CORE_LIMIT_BACKUP_PATH], series[BACKUP_SERIES_SIZE];
    uint64_t done, total; /* bytes of what is under way: it is written, then read back */
    uint64_t running_ms;
    int64_t last_ms; /* of the last good one; 0: there is none */
    uint64_t last_bytes;
    int64_t last_took_ms; /* -1: it was made by an earlier run of the server */
    int64_t failed_ms;    /* 0: the last try was good */
    char failure[512];
};
void backup_habit_now(const struct backup_habit *habit, struct backup_now *ret);

#endif
