/* front_backup.c: backups without a store: as many as the routes can tell of. */
#include "core/backup/habit.h"
#include "core/mem.h"

#include <stdio.h>

static bool running;

int backup_habit_start(struct backup_habit *habit)
{
    (void)habit;
    running = !running;
    return running ? 0 : CORE_EBUSY;
}

void backup_habit_now(const struct backup_habit *habit, struct backup_now *ret)
{
    (void)habit;
    *ret = (struct backup_now){.every_h = 24,
                               .keep = 7,
                               .dir = "/backups",
                               .running = running,
                               .done = 1,
                               .total = 2,
                               .running_ms = 10,
                               .last_ms = running ? 1795749180000 : 0,
                               .last_took_ms = running ? 400 : -1,
                               .failed_ms = running ? 0 : 1795749180000,
                               .failure = "the disk is full"};
}

int backup_list(const char *folder, const char *series, struct backup_list *ret)
{
    (void)folder;
    (void)series;
    if (!running)
        return CORE_EDENIED;
    *ret = (struct backup_list){.count = 1, .entries = core_alloc(sizeof *ret->entries)};
    snprintf(ret->entries->name, sizeof ret->entries->name, "sky.skybak");
    snprintf(ret->entries->info.engine, sizeof ret->entries->info.engine, "sqlite");
    return 0;
}

void backup_list_done(struct backup_list *list)
{
    free(list->entries);
    *list = (struct backup_list){0};
}
