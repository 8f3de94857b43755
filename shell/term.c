/*
 * term.c: the terminal, as far as the shell draws on it. Line editing is chat.c's.
 */
#include "shell/term.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_DEFAULT = 80, COLUMNS_MIN = 20, COLUMNS_MAX = 400 };

bool shell_term_is(FILE *file)
{
    return isatty(fileno(file)) == 1;
}

bool shell_output_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

unsigned shell_term_columns(void)
{
    struct winsize size;
    int64_t columns = 0;
    const char *named = getenv("COLUMNS");
    if (named && core_str_to_i64(core_str(named), COLUMNS_MIN, COLUMNS_MAX, &columns) == 0) {
        return (unsigned)columns;
    }
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col) {
        return size.ws_col < COLUMNS_MIN   ? COLUMNS_MIN
               : size.ws_col > COLUMNS_MAX ? COLUMNS_MAX
                                           : size.ws_col;
    }
    return COLUMNS_DEFAULT;
}

/* It prints what it is sent and understands none of it. */
static bool is_dumb(void)
{
    const char *term = getenv("TERM");
    return term && strcmp(term, "dumb") == 0;
}

bool shell_term_colour(FILE *file)
{
    const char *none = getenv("NO_COLOR");
    return shell_term_is(file) && !(none && *none) && !is_dumb();
}

const char *shell_term_style(FILE *file, const char *code)
{
    return shell_term_colour(file) ? code : "";
}

uint32_t shell_term_safe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ? '?' : code;
}

static void put(FILE *file, struct core_str text, bool one_line)
{
    char out[4];
    for (size_t at = 0; at < text.len;) {
        uint32_t code;
        at += core_utf8_next(text, at, &code);
        bool kept = !one_line && (code == '\n' || code == '\t');
        fwrite(out, 1, core_utf8_put(kept ? code : shell_term_safe(code), out), file);
    }
}

void shell_term_put(FILE *file, struct core_str text)
{
    put(file, text, false);
}

void shell_term_put_line(FILE *file, struct core_str text)
{
    put(file, text, true);
}

static bool drawn;

void shell_progress(const char *format, ...)
{
    char line[COLUMNS_MAX * 4];
    if (!shell_term_is(stderr) || is_dumb()) {
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    /* The last column stays free: some terminals wrap when it is written. */
    size_t len = core_utf8_cut(core_str(line), shell_term_columns() - 1);
    fputs("\r", stderr);
    shell_term_put(stderr, core_strn(line, len));
    fputs("\033[K", stderr);
    fflush(stderr);
    drawn = true;
}

void shell_progress_clear(void)
{
    if (drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        drawn = false;
    }
}

void shell_bar(double done, unsigned width, char *out)
{
    unsigned inner = width - 2;
    double share = done < 0 ? 0 : done > 1 ? 1 : done;
    unsigned full = (unsigned)(share * inner + 0.5);
    out[0] = '[';
    memset(out + 1, '#', full);
    memset(out + 1 + full, '-', inner - full);
    out[width - 1] = ']';
    out[width] = '\0';
}

/* --- Ctrl-C, and being told to end ------------------------------------------------------------ */

static volatile sig_atomic_t interrupts, ended_by;

static void on_interrupt(int signo)
{
    if (signo != SIGINT) {
        ended_by = signo;
    }
    interrupts = 1;
}

void shell_interrupt_catch(void)
{
    static const int ends[] = {SIGTERM, SIGHUP};
    /* Without SA_RESTART, so that a read waiting for a line comes back. */
    const struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sigaction before;
        /* What is ignored was meant to be, as by nohup. */
        if (sigaction(ends[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(ends[i], &action, NULL);
        }
    }
}

bool shell_interrupted(void)
{
    return interrupts != 0;
}

bool shell_interrupt_wait(int fd)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    sigset_t interrupt, before;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigaddset(&interrupt, SIGTERM);
    sigaddset(&interrupt, SIGHUP);
    /* Held back between the look at the flag and the wait, which lets it through: a signal that
     * came in between would be noticed with the next key only. */
    sigprocmask(SIG_BLOCK, &interrupt, &before);
    while (!interrupts && ppoll(&readable, 1, NULL, &before) < 0 && errno == EINTR) {
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return !interrupts;
}

void shell_interrupt_clear(void)
{
    interrupts = 0;
}

int shell_ended_by(void)
{
    return ended_by;
}
