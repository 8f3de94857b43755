/* secret.c: see secret.h. */
#include "core/backup/secret.h"

#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int backup_secret_line(int fd, struct core_buf *out)
{
    /* All of it from the start: growing would leave copies. */
    char *room = core_buf_reserve(out, CORE_LIMIT_PASSPHRASE);

    if (!room)
        return CORE_ENOMEM;
    for (size_t len = 0; len < CORE_LIMIT_PASSPHRASE; len++) {
        ssize_t n = read(fd, room + len, 1);
        if (n < 0)
            return core_err_from_errno(errno);
        if (n == 0 || room[len] == '\n') {
            core_buf_grew(out, len);
            return 0;
        }
    }
    return CORE_ETOOBIG;
}

int backup_secret_file(const char *path, struct core_buf *out, char *why, size_t why_cap)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int err = fd < 0 || fstat(fd, &st) < 0 ? core_err_from_errno(errno) : 0;

    if (err == 0 && S_ISREG(st.st_mode) && st.st_mode & 077) {
        err = CORE_EDENIED;
        snprintf(why, why_cap, "%s can be read by others: chmod 600 it", path);
    } else if (err == 0) {
        err = backup_secret_line(fd, out);
        if (err == 0 && out->len == 0)
            err = CORE_EINVAL;
    }
    if (err < 0 && err != CORE_EDENIED)
        snprintf(why, why_cap, "%s: %s: its first line must be the passphrase", path,
                 core_err_text(err));
    if (fd >= 0)
        close(fd);
    return err;
}
