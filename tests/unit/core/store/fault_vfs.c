/* fault_vfs.c: see fault_vfs.h. A file of ours is followed in memory by the real one. */
#include "tests/unit/core/store/fault_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

struct fault_vfs fault_vfs;

struct fault_file {
    sqlite3_file base;
    bool log;
    const char *name;   /* when it is followed; SQLite's, lives as long as the file */
    sqlite3_file *real; /* behind this struct */
};

static struct {
    pthread_mutex_t lock; /* over all of it */
    bool following;
    int left; /* calls until the power goes; 0: it stays */
    char folder[256];
    uint64_t seed;
    bool was_cut;
    int mark;
    struct fault_image_counts counts;
} power = {.lock = PTHREAD_MUTEX_INITIALIZER};

static sqlite3_vfs vfs;

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct fault_file *)f)->real;
}

/* True when this call is to fail. */
static bool fails(atomic_int *code)
{
    if (!atomic_load(code))
        return false;
    if (atomic_load(&fault_vfs.after) == 0)
        return true;
    atomic_fetch_sub(&fault_vfs.after, 1);
    return false;
}

/* A write or sync of a followed file is about to happen: does the power go first? */
static void count_down(const struct fault_file *file)
{
    if (!file->name)
        return;
    pthread_mutex_lock(&power.lock);
    if (power.left > 0 && --power.left == 0) {
        power.mark = atomic_load(&fault_vfs.mark);
        power.counts = fault_image_power_cut(power.folder, &power.seed);
        power.was_cut = true;
    }
    pthread_mutex_unlock(&power.lock);
}

static int file_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int file_read(sqlite3_file *f, void *out, int len, sqlite3_int64 at)
{
    if (fails(&fault_vfs.read_code)) {
        atomic_fetch_add(&fault_vfs.reads_failed, 1);
        return atomic_load(&fault_vfs.read_code);
    }
    return real_of(f)->pMethods->xRead(real_of(f), out, len, at);
}

static int file_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
    const struct fault_file *file = (struct fault_file *)f;
    int code;

    if (fails(&fault_vfs.write_code)) {
        atomic_fetch_add(&fault_vfs.writes_failed, 1);
        if (atomic_load(&fault_vfs.tear) && len > 1) {
            real_of(f)->pMethods->xWrite(real_of(f), bytes, len / 2, at);
            atomic_fetch_add(&fault_vfs.torn, 1);
        }
        return atomic_load(&fault_vfs.write_code);
    }
    count_down(file);
    code = real_of(f)->pMethods->xWrite(real_of(f), bytes, len, at);
    if (code == SQLITE_OK && file->name)
        fault_image_write(file->name, bytes, (size_t)len, at);
    return code;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    const struct fault_file *file = (struct fault_file *)f;
    int code;

    count_down(file);
    code = real_of(f)->pMethods->xTruncate(real_of(f), size);
    if (code == SQLITE_OK && file->name)
        fault_image_cut(file->name, size);
    return code;
}

static int file_sync(sqlite3_file *f, int flags)
{
    const struct fault_file *file = (struct fault_file *)f;

    if (fails(&fault_vfs.sync_code)) {
        atomic_fetch_add(&fault_vfs.syncs_failed, 1);
        return atomic_load(&fault_vfs.sync_code);
    }
    atomic_fetch_add(&fault_vfs.log_syncs, file->log);
    if (file->log && atomic_load(&fault_vfs.synced_read_code))
        atomic_store(&fault_vfs.read_code, atomic_load(&fault_vfs.synced_read_code));
    if (!file->name)
        return real_of(f)->pMethods->xSync(real_of(f), flags);
    count_down(file);
    fault_image_sync(file->name);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), ret);
}

static int file_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int file_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int file_reserved(sqlite3_file *f, int *ret)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int file_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int file_device(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, ret);
}

static int shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int shm_unmap(sqlite3_file *f, int remove)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* no memory-mapped pages */
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

static int vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
    struct fault_file *file = (struct fault_file *)f;
    sqlite3_vfs *real = v->pAppData;
    int code;

    memset(file, 0, sizeof *file);
    file->real = (sqlite3_file *)(file + 1);
    file->log = flags & SQLITE_OPEN_WAL;
    if (name && power.following) {
        file->name = name;
        fault_image_open(name);
    }
    code = real->xOpen(real, name, file->real, flags, ret_flags);
    if (file->real->pMethods)
        file->base.pMethods = &methods;
    return code;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync)
{
    sqlite3_vfs *real = v->pAppData;

    fault_image_remove(name);
    return real->xDelete(real, name, sync);
}

void fault_vfs_reset(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);

    if (!vfs.zName) {
        /* Everything besides works without knowing whose it is. */
        vfs = *real;
        vfs.zName = FAULT_VFS;
        vfs.szOsFile = (int)sizeof(struct fault_file) + real->szOsFile;
        vfs.pAppData = real;
        vfs.xOpen = vfs_open;
        vfs.xDelete = vfs_delete;
        vfs.pNext = NULL;
        sqlite3_vfs_register(&vfs, 0);
    }
    memset(&fault_vfs, 0, sizeof fault_vfs);
    pthread_mutex_lock(&power.lock);
    power.following = power.was_cut = false;
    power.left = 0;
    pthread_mutex_unlock(&power.lock);
    fault_image_clear();
}

void fault_vfs_follow(void)
{
    power.following = true;
}

void fault_vfs_cut_power(const char *folder, int n, uint64_t seed)
{
    pthread_mutex_lock(&power.lock);
    snprintf(power.folder, sizeof power.folder, "%s", folder);
    power.seed = seed;
    power.was_cut = false;
    power.left = n;
    pthread_mutex_unlock(&power.lock);
}

bool fault_vfs_was_cut(struct fault_image_counts *ret_counts, int *ret_mark)
{
    pthread_mutex_lock(&power.lock);
    bool was_cut = power.was_cut;
    *ret_counts = power.counts;
    *ret_mark = power.mark;
    pthread_mutex_unlock(&power.lock);
    return was_cut;
}
