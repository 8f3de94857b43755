/*
 * tool.c: posix_spawn with a memory file as input and a pipe as output, under a time limit.
 */
#include "ai/extract/tool.h"

#include "core/env.h"
#include "core/err.h"
#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_BYTES (64u << 10)

extern char **environ;

/* A file in memory that holds `input`, at its beginning; −1 on failure. */
static int input_file(struct core_str input)
{
    int fd = memfd_create("document", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    for (size_t at = 0; at < input.len;) {
        ssize_t n = write(fd, input.ptr + at, input.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        at += (size_t)n;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static int spawn(const char *const argv[], int in, int out, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    /* Standard error is the child's: nothing may be opened for writing here (confine.h). */
    /* argv is not written to; the interface predates const. */
    int error = posix_spawnp(ret, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? 0 : error == ENOENT ? CORE_ENOTFOUND : CORE_EIO;
}

static int read_all(int fd, struct core_buf *out)
{
    const struct core_env *env = core_env_real();
    uint64_t end_ms = core_mono_ms(env) + AI_LIMIT_EXTRACT_MS / 2;
    for (;;) {
        uint64_t now = core_mono_ms(env);
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (now >= end_ms)
            return CORE_ETIMEOUT;
        if (poll(&p, 1, (int)(end_ms - now)) <= 0)
            continue; /* the clock decides */
        char *room = core_buf_reserve(out, READ_BYTES);
        if (!room)
            return core_buf_error(out);
        ssize_t n = read(fd, room, READ_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return CORE_EIO;
        if (n == 0)
            return 0;
        core_buf_grew(out, (size_t)n);
    }
}

int ai_tool_run(const char *const argv[], struct core_str input, struct core_buf *out,
                int *ret_code)
{
    int pipes[2] = {-1, -1};
    pid_t pid = -1;
    int status = CORE_EIO;
    int in = input_file(input);
    if (in < 0 || pipe2(pipes, O_CLOEXEC) != 0)
        goto out;
    status = spawn(argv, in, pipes[1], &pid);
    if (status != 0)
        goto out;
    close(pipes[1]);
    pipes[1] = -1;
    status = read_all(pipes[0], out);
    if (status != 0)
        kill(pid, SIGKILL);
    int wait_status = 0;
    while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
        ;
    if (status == 0 && !WIFEXITED(wait_status))
        status = CORE_EIO;
    if (status == 0)
        *ret_code = WEXITSTATUS(wait_status);
out:
    if (in >= 0)
        close(in);
    if (pipes[0] >= 0)
        close(pipes[0]);
    if (pipes[1] >= 0)
        close(pipes[1]);
    return status;
}
