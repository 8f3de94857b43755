/*
 * disk_shim.c: a disk that fails, for a program that knows nothing of it: preloaded, it stands
 * between the program and the C library's calls that write, sync and cut files.
 *
 *     SKY_SHIM_FOLDER    files below it are concerned, others never
 *     SKY_SHIM_CONTROL   a file of one struct control, shared with the test, which changes it at will
 *
 * While `error` is 0 everything passes. Armed, `after` calls still pass, then each fails with that
 * errno until the test disarms. Each refusal is counted, so that the test knows its fault was met.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KIND_WRITE, KIND_SYNC, KIND_CUT, KINDS };

/* The test writes this as little-endian 32-bit numbers. */
struct control {
    atomic_int error;          /* errno to fail with; 0: the disk works */
    atomic_int kinds;          /* bit of each kind that fails */
    atomic_int after;          /* calls that still pass */
    atomic_int tear;           /* a write that fails leaves half of its bytes behind */
    atomic_uint failed[KINDS]; /* counts */
    atomic_uint torn;
};

static struct control *control;
static char folder[PATH_MAX];
static size_t folder_len;

/* The child that reads documents may do next to nothing, and writes no files. */
static bool is_worker(void)
{
    char line[8192];
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, line, sizeof line) : 0;

    if (fd >= 0)
        close(fd);
    return len > 0 && memmem(line, (size_t)len, "extract-worker", 14);
}

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("SKY_SHIM_CONTROL");
    const char *below = getenv("SKY_SHIM_FOLDER");
    void *map;
    int fd;

    if (!file || !below || !realpath(below, folder) || is_worker())
        return;
    folder_len = strlen(folder);
    fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        abort();
    map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        abort();
    control = map;
}

static bool concerns(int fd)
{
    char link[64];
    char path[PATH_MAX];
    struct stat st;
    ssize_t len;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path);
    return len > (ssize_t)folder_len && memcmp(path, folder, folder_len) == 0 &&
           path[folder_len] == '/';
}

/* True when this call is to fail; errno is set. */
static bool fails(int fd, int kind)
{
    int before = errno;
    int error = control ? atomic_load(&control->error) : 0;

    if (!error || !(atomic_load(&control->kinds) & 1 << kind) || !concerns(fd)) {
        errno = before;
        return false;
    }
    if (atomic_load(&control->after) > 0 && atomic_fetch_sub(&control->after, 1) > 0) {
        errno = before;
        return false;
    }
    atomic_fetch_add(&control->failed[kind], 1);
    errno = error;
    return true;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What is left of a write when the disk is full in its middle: half, and no error yet. */
static bool tears(size_t len)
{
    if (len < 2 || !atomic_load(&control->tear))
        return false;
    atomic_fetch_add(&control->torn, 1);
    return true;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    static __typeof__(&write) real;

    if (!real)
        real = REAL(write);
    if (!fails(fd, KIND_WRITE))
        return real(fd, bytes, len);
    return tears(len) ? real(fd, bytes, len / 2) : -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    static __typeof__(&pwrite) real;

    if (!real)
        real = REAL(pwrite);
    if (!fails(fd, KIND_WRITE))
        return real(fd, bytes, len, at);
    return tears(len) ? real(fd, bytes, len / 2, at) : -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    static __typeof__(&pwrite64) real;

    if (!real)
        real = REAL(pwrite64);
    if (!fails(fd, KIND_WRITE))
        return real(fd, bytes, len, at);
    return tears(len) ? real(fd, bytes, len / 2, at) : -1;
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    static __typeof__(&writev) real;

    if (!real)
        real = REAL(writev);
    return fails(fd, KIND_WRITE) ? -1 : real(fd, pieces, count);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at)
{
    static __typeof__(&pwritev) real;

    if (!real)
        real = REAL(pwritev);
    return fails(fd, KIND_WRITE) ? -1 : real(fd, pieces, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t at)
{
    static __typeof__(&pwritev64) real;

    if (!real)
        real = REAL(pwritev64);
    return fails(fd, KIND_WRITE) ? -1 : real(fd, pieces, count, at);
}

int fsync(int fd)
{
    static __typeof__(&fsync) real;

    if (!real)
        real = REAL(fsync);
    return fails(fd, KIND_SYNC) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    static __typeof__(&fdatasync) real;

    if (!real)
        real = REAL(fdatasync);
    return fails(fd, KIND_SYNC) ? -1 : real(fd);
}

int ftruncate(int fd, off_t size)
{
    static __typeof__(&ftruncate) real;

    if (!real)
        real = REAL(ftruncate);
    return fails(fd, KIND_CUT) ? -1 : real(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    static __typeof__(&ftruncate64) real;

    if (!real)
        real = REAL(ftruncate64);
    return fails(fd, KIND_CUT) ? -1 : real(fd, size);
}

int posix_fallocate(int fd, off_t at, off_t len)
{
    static __typeof__(&posix_fallocate) real;

    if (!real)
        real = REAL(posix_fallocate);
    return fails(fd, KIND_CUT) ? errno : real(fd, at, len);
}

int posix_fallocate64(int fd, off64_t at, off64_t len)
{
    static __typeof__(&posix_fallocate64) real;

    if (!real)
        real = REAL(posix_fallocate64);
    return fails(fd, KIND_CUT) ? errno : real(fd, at, len);
}
