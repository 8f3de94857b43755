/*
 * folder.h: the folder that a server's backups go to.
 * Other servers, and people, may put theirs there too.
 *
 *     sky-<series>-20260131-120000-000.skybak      series: 8 hex digits, DATA/backup.series
 */
#ifndef CORE_BACKUP_FOLDER_H
#define CORE_BACKUP_FOLDER_H

#include "core/backup/backup.h"

#define BACKUP_SERIES_SIZE 9
#define BACKUP_ENTRY_NAME 256

struct backup_entry {
    char name[BACKUP_ENTRY_NAME];
    struct backup_info info; /* as backup_peek() says */
    bool ours;               /* made by this series, and marked as scheduled */
};
struct backup_list {
    size_t count;
    struct backup_entry *entries; /* the newest first */
};

/* What distinguishes a data folder's backups from others':
 * drawn when first asked for, not part of a backup. */
int backup_series(const struct core_env *env, const char *data_dir,
                  char ret[static BACKUP_SERIES_SIZE]);
/* The name of one made at that time. */
void backup_entry_name(const char *series, int64_t wall_ms, char ret[static BACKUP_ENTRY_NAME]);
/* Every file with the head of a backup, CORE_LIMIT_BACKUPS at most. A missing folder holds none. */
int backup_list(const char *folder, const char *series, struct backup_list *ret);
void backup_list_done(struct backup_list *list);
/* Removes the oldest of ours beyond `keep`, and what killed ones of this series left. Only after a
 * newer one was verified. */
void backup_prune(const char *folder, const char *series, unsigned keep);

#endif
