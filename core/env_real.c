/*
 * env_real.c: the environment of the running machine: its clocks, its randomness, its files. The
 * only file that asks the kernel for any of them; everything else gets a struct core_env.
 */
#include "core/env.h"

#include "core/err.h"
#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* First step for files that do not tell their size (/proc). */
#define READ_FIRST 4096u

/* --- Clock and randomness ------------------------------------------------------------------- */

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t mono_ns(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void random_fill(void *ctx, void *out, size_t len)
{
    (void)ctx;
    char *to = out;
    while (len > 0) {
        ssize_t got = getrandom(to, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            /* Going on would mean guessable keys. */
            fprintf(stderr, "sky: the system gives no random bytes (getrandom: %m)\n");
            abort();
        }
        to += got;
        len -= (size_t)got;
    }
}

/* --- Reading -------------------------------------------------------------------------------- */

/* Appends what is left in fd; CORE_ETOOBIG past out->max. Fills the memory the buffer has; when it
 * is full one byte on the stack tells the end of the file from a file that is longer, so that a
 * file of known size does not cost twice its size. */
static int read_all(int fd, struct core_buf *out)
{
    for (;;) {
        size_t room = out->cap > out->len + 1 ? out->cap - 1 - out->len : 0;
        char extra;
        ssize_t got = room > 0 ? read(fd, out->ptr + out->len, room) : read(fd, &extra, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return core_err_from_errno(errno);
        if (got == 0)
            return 0;
        if (room > 0)
            core_buf_grew(out, (size_t)got);
        else if (core_buf_add_byte(out, extra) != 0)
            return core_buf_error(out);
    }
}

static int fs_read(void *ctx, const char *path, struct core_buf *out)
{
    (void)ctx;
    int err = core_buf_error(out);
    if (err)
        return err;
    struct stat st;
    size_t before = out->len;
    size_t room = out->max - out->len;
    int fd = -1;
    /* Looks before it opens, because opening a device may do something; and again after, because
     * the path may have changed hands in between (O_NONBLOCK: even then a FIFO does not block). */
    if (stat(path, &st) != 0)
        return core_err_from_errno(errno);
    if (!S_ISREG(st.st_mode))
        return CORE_EUNSUPPORTED;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0) {
        err = core_err_from_errno(errno);
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        err = CORE_EUNSUPPORTED;
        goto out;
    }
    if (st.st_size > 0 && (uint64_t)st.st_size > room) {
        err = CORE_ETOOBIG;
        goto out;
    }
    size_t first = st.st_size > 0 ? (size_t)st.st_size : READ_FIRST;
    if (!core_buf_reserve(out, first < room ? first : room)) {
        err = core_buf_error(out);
        goto out;
    }
    err = read_all(fd, out);

out:
    if (fd >= 0)
        close(fd);
    if (err) {
        core_buf_truncate(out, before);
        out->error = 0;
    }
    return err;
}

/* --- Writing -------------------------------------------------------------------------------- */

static int write_all(int fd, struct core_str bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return core_err_from_errno(errno);
        bytes.ptr += put;
        bytes.len -= (size_t)put;
    }
    return 0;
}

/* The folder of `path`, "." if it names none; free(). */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return core_strdup(CORE_STR("."));
    return core_strdup(core_strn(path, slash == path ? 1 : (size_t)(slash - path)));
}

/* A rename is on disk only when the folder is. */
static int sync_folder(const char *path)
{
    char *folder = folder_of(path);
    int err = 0;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* EINVAL: a file system without folders to sync, which then has nothing to lose. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        err = core_err_from_errno(errno);
    if (fd >= 0)
        close(fd);
    free(folder);
    return err;
}

static int fs_write(void *ctx, const char *path, struct core_str bytes, unsigned mode)
{
    (void)ctx;
    static const char suffix[] = ".XXXXXX";
    size_t len = strlen(path);
    if (len == 0 || path[len - 1] == '/')
        return CORE_EINVAL;
    char *sibling = core_alloc(len + sizeof suffix);
    memcpy(sibling, path, len);
    memcpy(sibling + len, suffix, sizeof suffix);

    bool made = false;
    int err = 0;
    int fd = mkostemp(sibling, O_CLOEXEC); /* mode 0600 until the bytes are in */
    if (fd < 0) {
        err = core_err_from_errno(errno);
        goto out;
    }
    made = true;
    err = write_all(fd, bytes);
    if (err == 0 && (fchmod(fd, mode & 07777) != 0 || fsync(fd) != 0))
        err = core_err_from_errno(errno);
    if (close(fd) != 0 && err == 0)
        err = core_err_from_errno(errno);
    if (err == 0 && rename(sibling, path) != 0)
        err = core_err_from_errno(errno);
    if (err)
        goto out;
    made = false;
    err = sync_folder(path);

out:
    if (made)
        unlink(sibling);
    free(sibling);
    return err;
}

static int fs_remove(void *ctx, const char *path)
{
    (void)ctx;
    return unlink(path) == 0 ? 0 : core_err_from_errno(errno);
}

/* mkdir that is content with a folder that exists. */
static int make_folder(const char *path, unsigned mode)
{
    if (mkdir(path, mode & 07777) == 0)
        return 0;
    int error = errno;
    struct stat st;
    /* Other errors too: mkdir("/") may say EROFS or EISDIR of a folder that is there. */
    if (stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) ? 0 : CORE_EEXISTS;
    return core_err_from_errno(error);
}

static int fs_mkdirs(void *ctx, const char *path, unsigned mode)
{
    (void)ctx;
    if (*path == '\0')
        return CORE_EINVAL;
    char *part = core_strdup(core_str(path));
    int err = 0;
    for (char *p = part + 1; *p && err == 0; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        err = make_folder(part, mode);
        *p = '/';
    }
    if (err == 0)
        err = make_folder(part, mode);
    free(part);
    return err;
}

/* --- The environment ------------------------------------------------------------------------ */

static const struct core_fs fs_real = {
    .read = fs_read,
    .write = fs_write,
    .remove = fs_remove,
    .mkdirs = fs_mkdirs,
};

static const struct core_env env_real = {
    .wall_ms = wall_ms,
    .mono_ns = mono_ns,
    .random = random_fill,
    .fs = &fs_real,
};

const struct core_env *core_env_real(void)
{
    return &env_real;
}
