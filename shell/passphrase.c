/* passphrase.c: see passphrase.h. */
#include "shell/passphrase.h"

#include "core/backup/secret.h"
#include "core/limits.h"
#include "shell/term.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

enum { LENGTH_MIN = 8 };

static int prompt(int tty, const char *text, struct core_buf *out)
{
    struct termios before, quiet;
    ssize_t n;
    int err = CORE_ECANCELLED;
    if (tcgetattr(tty, &before)) {
        return CORE_EIO;
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(tty, TCSAFLUSH, &quiet); /* before who reads the prompt can answer it */
    n = write(tty, text, strlen(text));
    /* Ctrl-C must not leave a terminal that shows nothing of what is typed. */
    if (shell_interrupt_wait(tty)) {
        err = n < 0 ? CORE_EIO : backup_secret_line(tty, out);
    }
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
    shell_interrupt_catch();
    int err = prompt(tty, "Passphrase: ", ret);
    bool same = true;
    if (!err && fresh) {
        err = prompt(tty, "Once more: ", &again);
        same = core_str_eq(core_buf_str(ret), core_buf_str(&again));
    }
    core_buf_wipe(&again);
    close(tty);
    if (err == CORE_ECANCELLED) {
        return SHELL_INTERRUPTED;
    }
    if (err) {
        return shell_fail(call, "the passphrase cannot be read: %s", core_err_text(err));
    }
    return same ? 0 : shell_fail(call, "the two are not the same: try again");
}

int shell_passphrase(const struct shell_call *call, bool fresh, struct core_buf *ret)
{
    int status = 0;
    core_buf_init(ret, CORE_LIMIT_PASSPHRASE);
    if (call->passphrase_file) {
        char why[1024];
        status = backup_secret_file(call->passphrase_file, ret, why, sizeof why)
                     ? shell_fail(call, "%s", why)
                     : 0;
    } else if (call->passphrase) {
        status = from_terminal(call, fresh, ret);
    } else {
        return 0;
    }
    if (!status && ret->len == 0) {
        status = shell_fail(call, "the passphrase is empty: give one, or leave the option out");
    } else if (!status && fresh && ret->len < LENGTH_MIN) {
        status = shell_fail(call, "the passphrase is short: give %d characters or more",
                            LENGTH_MIN);
    }
    return status;
}
