/* file.h: files and folders that are whole or not there. Inside core/backup only. */
#ifndef CORE_BACKUP_FILE_H
#define CORE_BACKUP_FILE_H

#include "core/limits.h"
#include "core/str.h"

/* Opens PATH.part (0600, emptied) under a lock that dies with the process. CORE_EEXISTS: PATH is
 * there already; CORE_EBUSY: somebody else writes it. */
int backup_part_open(const char *path, int *ret_fd);
/* fsync, rename, fsync of the folder; closes. Failed
 * or not wanted (commit false), the part is removed. */
int backup_part_close(const char *path, int fd, bool commit);

/* 0: PATH is missing or an empty folder. CORE_EEXISTS. */
int backup_folder_check(const char *path);
/* The folder PATH.part, empty, locked, for a PATH as above. CORE_EEXISTS, CORE_EBUSY. ret_lock is
 * closed by the caller at the end. */
int backup_folder_open(const char *path, char ret_part[static CORE_LIMIT_BACKUP_PATH],
                       int *ret_lock);
/* Everything in it is on disk, and it becomes PATH. Failed, it is still the part. */
int backup_folder_commit(const char *path, const char *part);
/* 0: the store in it was closed well. A log that is left means that it was not. */
int backup_folder_closed(const char *part);
/* The store in the folder `part` becomes that of `folder`, which has none. CORE_EEXISTS. */
int backup_store_commit(const char *folder, const char *part);
/* Removes a folder with its files and folders. A missing one is fine. */
int backup_folder_remove(const char *path);

#endif
