/* passphrase.c: see passphrase.h. */
#include "shell/passphrase.h"

#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { LENGTH_MIN = 8 };

/* One line without its end. The buffer holds all of it from the start: growing would leave copies. */
static int line_read(int fd, struct core_buf *out)
{
    char *room = core_buf_reserve(out, CORE_LIMIT_PASSPHRASE);
    ssize_t n;

    if (!room) {
        return CORE_ENOMEM;
    }
    for (size_t len = 0; len < CORE_LIMIT_PASSPHRASE; len++) {
        do {
            n = read(fd, room + len, 1);
        } while (n < 0 && errno == EINTR && !fcntl(fd, F_GETFD));
        if (n < 0) {
            return core_err_from_errno(errno);
        }
        if (n == 0 || room[len] == '\n') {
            core_buf_grew(out, len);
            return 0;
        }
    }
    return CORE_ETOOBIG;
}

static int prompt(int tty, const char *text, struct core_buf *out)
{
    struct termios before, quiet;
    ssize_t n;
    if (tcgetattr(tty, &before)) {
        return CORE_EIO;
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    n = write(tty, text, strlen(text));
    tcsetattr(tty, TCSAFLUSH, &quiet);
    int err = n < 0 ? CORE_EIO : line_read(tty, out);
    tcsetattr(tty, TCSAFLUSH, &before);
    n = write(tty, "\n", 1);
    return err;
}

static int from_terminal(const struct shell_call *call, bool fresh, struct core_buf *ret)
{
    struct core_buf again;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0) {
        return shell_misuse(call, "there is no terminal to ask for the passphrase: give "
                                  "--passphrase-file");
    }
    core_buf_init(&again, CORE_LIMIT_PASSPHRASE);
    int err = prompt(tty, "Passphrase: ", ret);
    bool same = true;
    if (!err && fresh) {
        err = prompt(tty, "Once more: ", &again);
        same = core_str_eq(core_buf_str(ret), core_buf_str(&again));
    }
    core_buf_wipe(&again);
    close(tty);
    if (err) {
        return shell_fail(call, "the passphrase cannot be read: %s", core_err_text(err));
    }
    return same ? 0 : shell_fail(call, "the two are not the same: try again");
}

static int from_file(const struct shell_call *call, const char *path, struct core_buf *ret)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        int err = core_err_from_errno(errno);
        if (fd >= 0) {
            close(fd);
        }
        return shell_fail(call, "%s: %s: name the file that holds the passphrase", path,
                          core_err_text(err));
    }
    int err = st.st_mode & 077 && S_ISREG(st.st_mode) ? CORE_EDENIED : line_read(fd, ret);
    close(fd);
    if (err == CORE_EDENIED) {
        return shell_fail(call, "%s can be read by others: chmod 600 it", path);
    }
    return err ? shell_fail(call, "%s: %s", path, core_err_text(err)) : 0;
}

int shell_passphrase(const struct shell_call *call, bool fresh, struct core_buf *ret)
{
    int status = 0;
    core_buf_init(ret, CORE_LIMIT_PASSPHRASE);
    if (call->passphrase_file) {
        status = from_file(call, call->passphrase_file, ret);
    } else if (call->passphrase) {
        status = from_terminal(call, fresh, ret);
    } else {
        return 0;
    }
    if (!status && ret->len == 0) {
        status = shell_fail(call, "the passphrase is empty: give one, or leave the option out");
    } else if (!status && fresh && ret->len < LENGTH_MIN) {
        status = shell_fail(call, "the passphrase is short: give %d characters or more", LENGTH_MIN);
    }
    return status;
}
