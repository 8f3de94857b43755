/*
 * tool.c: both ends of the desk. On the socket, numbers in host order (one program, forked):
 *     request  tool u32, again u32, input bytes u64; input
 *     answer   pieces × {bytes u32 > 0, 0, 0; output}; {0 u32, status i32, exit code i32}
 */
#include "ai/extract/tool.h"

#include "ai/extract/confine.h"
#include "core/env.h"
#include "core/err.h"
#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE_BYTES (64u << 10)
#define PATH_BYTES 4096
/* What a converter ends with that could not be executed; none of them uses it. */
#define EXIT_NO_EXEC 127

struct request {
    uint32_t tool, again; /* 1: the document of the request before */
    uint64_t bytes;
};
struct piece {
    uint32_t bytes;
    int32_t status, code;
};

static const char *const commands[AI_TOOLS][9] = {
    [AI_TOOL_PDF] = {"pdftotext", "-enc", "UTF-8", "-eol", "unix", "-", "-"},
    [AI_TOOL_PDF_LAYOUT] = {"pdftotext", "-layout", "-enc", "UTF-8", "-eol", "unix", "-", "-"},
    [AI_TOOL_MANUAL] = {"mandoc", "-Thtml", "-Kutf-8", "-Ios="},
};

/* The worker's end; −1: no desk. */
static int desk = -1;

static bool read_all(int fd, void *to, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = read(fd, (char *)to + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool write_all(int fd, const void *from, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = write(fd, (const char *)from + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

/* --- The desk ------------------------------------------------------------------------------- */

/* A file in memory with the next `len` bytes of the socket, at its beginning, which nobody can
 * change any more. −1: the socket ended, or there is no memory. */
static int input_file(int from, uint64_t len)
{
    static char piece[PIECE_BYTES];
    int fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    bool good = fd >= 0;
    while (good && len > 0) {
        size_t n = len < sizeof piece ? (size_t)len : sizeof piece;
        good = read_all(from, piece, n) && write_all(fd, piece, n);
        len -= n;
    }
    if (good)
        good = fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) == 0 &&
               lseek(fd, 0, SEEK_SET) == 0;
    if (!good && fd >= 0)
        close(fd);
    return good ? fd : -1;
}

static bool find_program(const char *name, char out[static PATH_BYTES])
{
    const char *path = getenv("PATH");
    struct core_str rest = core_str(path ? path : "/usr/bin:/bin"), folder;
    while (core_str_split(&rest, ':', &folder)) {
        int n = snprintf(out, PATH_BYTES, "%.*s/%s", CORE_STR_ARG(folder), name);
        if (folder.len > 0 && folder.ptr[0] == '/' && n < PATH_BYTES && access(out, X_OK) == 0)
            return true;
    }
    return false;
}

/* What is left for one document. */
struct budget {
    uint64_t end_ms;
    size_t output;
    struct rusage used; /* by converters before the document */
};

static void budget_start(struct budget *left)
{
    left->end_ms = core_mono_ms(core_env_real()) + AI_LIMIT_EXTRACT_MS / 2;
    left->output = AI_LIMIT_TOOL_OUTPUT;
    getrusage(RUSAGE_CHILDREN, &left->used);
}

/* Processor time in whole seconds. */
static unsigned budget_cpu_s(const struct budget *left)
{
    struct rusage now;
    getrusage(RUSAGE_CHILDREN, &now);
    long s = now.ru_utime.tv_sec - left->used.ru_utime.tv_sec + now.ru_stime.tv_sec -
             left->used.ru_stime.tv_sec;
    return s < AI_LIMIT_EXTRACT_CPU_S ? AI_LIMIT_EXTRACT_CPU_S - (unsigned)s : 0;
}

static pid_t start(const char *program, enum ai_tool tool, unsigned cpu_s, int in, int out)
{
    /* argv is not written to; the interface predates const. */
    char *const *argv = (char *const *)(uintptr_t)commands[tool];
    pid_t desk_pid = getpid(), pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != desk_pid || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
        _exit(EXIT_NO_EXEC);
    ai_confine_converter(program, cpu_s);
    execv(program, argv);
    _exit(EXIT_NO_EXEC);
}

/* Passes on what comes until it ends. */
static int relay(int from, int to, struct budget *left)
{
    static char bytes[PIECE_BYTES];
    const struct core_env *env = core_env_real();
    for (;;) {
        uint64_t now = core_mono_ms(env);
        struct pollfd p = {.fd = from, .events = POLLIN};
        if (now >= left->end_ms)
            return CORE_ETIMEOUT;
        if (poll(&p, 1, (int)(left->end_ms - now)) <= 0)
            continue; /* the clock decides */
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? CORE_EIO : 0;
        if ((size_t)n > left->output)
            return CORE_ETOOBIG;
        left->output -= (size_t)n;
        const struct piece piece = {.bytes = (uint32_t)n};
        if (!write_all(to, &piece, sizeof piece) || !write_all(to, bytes, (size_t)n))
            return CORE_ECLOSED;
    }
}

static int convert(enum ai_tool tool, struct budget *left, int in, int fd, int *ret_code)
{
    char program[PATH_BYTES];
    unsigned cpu_s = budget_cpu_s(left);
    int ends[2], wait_status = 0;
    if (!find_program(commands[tool][0], program))
        return CORE_ENOTFOUND;
    if (cpu_s == 0)
        return CORE_ETIMEOUT;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return CORE_EIO;
    pid_t pid = start(program, tool, cpu_s, in, ends[1]);
    close(ends[1]);
    int status = pid > 0 ? relay(ends[0], fd, left) : CORE_EIO;
    if (pid > 0 && status != 0)
        kill(pid, SIGKILL);
    while (pid > 0 && waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
        ;
    close(ends[0]);
    if (status == 0 && (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) == EXIT_NO_EXEC))
        status = CORE_EIO;
    if (status == 0)
        *ret_code = WEXITSTATUS(wait_status);
    return status;
}

/* One request; false when there is no more. */
static bool serve(int fd)
{
    static struct budget left;
    struct request r;
    struct piece end = {.status = CORE_EIO};
    if (!read_all(fd, &r, sizeof r) || r.tool >= AI_TOOLS || r.bytes > AI_LIMIT_TOOL_OUTPUT)
        return false;
    int in = input_file(fd, r.bytes);
    if (in < 0)
        return false; /* what is left of the input cannot be told from a request */
    if (!r.again)
        budget_start(&left);
    end.status = convert((enum ai_tool)r.tool, &left, in, fd, &end.code);
    close(in);
    return write_all(fd, &end, sizeof end);
}

/* --- The worker's end ----------------------------------------------------------------------- */

int ai_tools_start(void)
{
    int ends[2];
    if (desk >= 0)
        return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return CORE_EIO;
    pid_t pid = fork();
    if (pid == 0) {
        /* The worker's own ends: they must not stay open here when it is gone. */
        close(ends[0]);
        if (dup2(STDERR_FILENO, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
            _exit(1);
        while (serve(ends[1]))
            ;
        _exit(0);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return CORE_EIO;
    }
    desk = ends[0];
    return 0;
}

static int receive(struct core_buf *out, int *ret_code)
{
    static char bytes[PIECE_BYTES];
    struct piece piece;
    while (read_all(desk, &piece, sizeof piece) && piece.bytes <= sizeof bytes) {
        if (piece.bytes == 0) {
            if (piece.status == 0 && core_buf_error(out) == 0)
                *ret_code = piece.code;
            return piece.status ? piece.status : core_buf_error(out);
        }
        if (!read_all(desk, bytes, piece.bytes))
            break;
        core_buf_add(out, bytes, piece.bytes); /* its errors stick */
    }
    return CORE_ECLOSED;
}

static int run(enum ai_tool tool, bool again, struct core_str input, struct core_buf *out,
               int *ret_code)
{
    const struct request r = {.tool = tool, .again = again, .bytes = input.len};
    if (input.len > AI_LIMIT_TOOL_OUTPUT)
        return CORE_ETOOBIG;
    int status = ai_tools_start();
    if (status == 0)
        status = write_all(desk, &r, sizeof r) && write_all(desk, input.ptr, input.len)
                     ? receive(out, ret_code)
                     : CORE_ECLOSED;
    if (status != CORE_ECLOSED)
        return status;
    /* The desk is gone: another one the next time, where that is allowed. */
    close(desk);
    desk = -1;
    return CORE_EIO;
}

int ai_tool_run(enum ai_tool tool, struct core_str input, struct core_buf *out, int *ret_code)
{
    return run(tool, false, input, out, ret_code);
}

int ai_tool_run_again(enum ai_tool tool, struct core_str input, struct core_buf *out, int *ret_code)
{
    return desk < 0 ? CORE_EIO : run(tool, true, input, out, ret_code);
}
