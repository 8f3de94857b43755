/* file.c: see file.h. */
#include "core/backup/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int last_error(void)
{
    return core_err_from_errno(errno);
}

static int part_name(const char *path, char out[static CORE_LIMIT_BACKUP_PATH])
{
    size_t len = strlen(path);
    int n;

    while (len > 1 && path[len - 1] == '/')
        len--;
    n = snprintf(out, CORE_LIMIT_BACKUP_PATH, "%.*s.part", (int)len, path);
    return len == 0 || n < 0 || n >= CORE_LIMIT_BACKUP_PATH ? CORE_ETOOBIG : 0;
}

/* The folder that a path lies in. */
static int parent_open(const char *path, int *ret_fd)
{
    char parent[CORE_LIMIT_BACKUP_PATH];
    size_t len = strlen(path);
    int fd;

    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    snprintf(parent, sizeof parent, "%.*s", len ? (int)len : 1, len ? path : ".");
    fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return last_error();
    *ret_fd = fd;
    return 0;
}

static int rename_over(const char *from, const char *to)
{
    return rename(from, to) < 0 ? last_error() : 0;
}

/* Never over something that is there. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return last_error();
    if (access(to, F_OK) == 0)
        return CORE_EEXISTS;
    return rename_over(from, to);
}

/* The new name is on disk; or the old one is back,
 * for what is said to have failed must not be there. */
static int rename_synced(int (*by)(const char *from, const char *to), const char *from,
                         const char *to)
{
    int fd;
    int err = parent_open(to, &fd);

    if (err < 0)
        return err;
    err = by(from, to);
    if (err == 0 && fsync(fd) < 0 && errno != EINVAL) {
        err = last_error();
        rename(to, from);
    }
    close(fd);
    return err;
}

/* --- Files ---------------------------------------------------------------------------------- */

/* Locked, and still what the name means: whoever had it may have renamed it meanwhile. */
static int lock_named(int fd, const char *name)
{
    struct stat held, named;

    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? CORE_EBUSY : last_error();
    if (fstat(fd, &held) < 0 || stat(name, &named) < 0)
        return last_error();
    return held.st_ino == named.st_ino && held.st_dev == named.st_dev ? 0 : CORE_EBUSY;
}

int backup_part_open(const char *path, int *ret_fd)
{
    char part[CORE_LIMIT_BACKUP_PATH];
    struct stat st;
    int fd;
    int err = part_name(path, part);

    if (err < 0)
        return err;
    if (lstat(path, &st) == 0)
        return CORE_EEXISTS;
    fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return last_error();
    err = fstat(fd, &st) < 0 ? last_error() : S_ISREG(st.st_mode) ? 0 : CORE_EUNSUPPORTED;
    if (err == 0)
        err = lock_named(fd, part);
    if (err == 0 && (ftruncate(fd, 0) < 0 || fchmod(fd, 0600) < 0))
        err = last_error();
    if (err < 0) {
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return 0;
}

int backup_part_close(const char *path, int fd, bool commit)
{
    char part[CORE_LIMIT_BACKUP_PATH];
    int err = part_name(path, part);

    if (err == 0 && commit)
        err = fsync(fd) < 0 ? last_error() : rename_synced(rename_new, part, path);
    if (!commit || err < 0)
        unlink(part);
    close(fd);
    return err;
}

/* --- Folders -------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path) < 0 ? -1 : 0;
}

int backup_folder_remove(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : last_error();
    return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : last_error();
}

int backup_folder_check(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int err = 0;

    if (!dir)
        return errno == ENOENT ? 0 : last_error();
    while (err == 0 && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            err = CORE_EEXISTS;
    }
    closedir(dir);
    return err;
}

/* The lock lies beside the folder: it must outlive what is in it. */
static int folder_lock(const char *part, int *ret_fd)
{
    char name[CORE_LIMIT_BACKUP_PATH + 8];
    int fd, err;

    snprintf(name, sizeof name, "%s.lock", part);
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return last_error();
    err = lock_named(fd, name);
    if (err < 0) {
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return 0;
}

int backup_folder_open(const char *path, char ret_part[static CORE_LIMIT_BACKUP_PATH],
                       int *ret_lock)
{
    int lock = -1;
    int err = part_name(path, ret_part);

    if (err == 0)
        err = backup_folder_check(path);
    if (err == 0)
        err = folder_lock(ret_part, &lock);
    if (err == 0)
        err = backup_folder_remove(ret_part);
    if (err == 0 && mkdir(ret_part, 0700) < 0)
        err = last_error();
    if (err < 0) {
        if (lock >= 0)
            close(lock);
        return err;
    }
    *ret_lock = lock;
    return 0;
}

static int sync_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    int fd, failed;

    (void)st;
    (void)at;
    if (type != FTW_F && type != FTW_DP)
        return 0;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    failed = fsync(fd);
    close(fd);
    return failed;
}

int backup_folder_commit(const char *path, const char *part)
{
    char lock[CORE_LIMIT_BACKUP_PATH + 8];
    int err = nftw(part, sync_one, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : last_error();

    /* Over an empty folder, which rename() replaces; over one with files it fails. */
    if (err == 0)
        err = rename_synced(rename_over, part, path);
    if (err == 0) {
        snprintf(lock, sizeof lock, "%s.lock", part);
        unlink(lock);
    }
    return err;
}

int backup_folder_closed(const char *part)
{
    char path[CORE_LIMIT_BACKUP_PATH + 16];

    snprintf(path, sizeof path, "%s/sky.db-wal", part);
    return access(path, F_OK) == 0 ? CORE_EIO : 0;
}

int backup_store_commit(const char *folder, const char *part)
{
    char from[CORE_LIMIT_BACKUP_PATH + 16], to[CORE_LIMIT_BACKUP_PATH + 16];
    int err = nftw(part, sync_one, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : last_error();

    snprintf(from, sizeof from, "%s/sky.db", part);
    snprintf(to, sizeof to, "%s/sky.db", folder);
    return err < 0 ? err : rename_synced(rename_new, from, to);
}
