/*
 * child.c: posix_spawn of the program itself, with a socket to talk over.
 */
#include "ai/child.h"

#include "core/err.h"
#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENVIRONMENT_MAX 12
/* Of our environment the child gets what finds programs and libraries, and nothing private. */
static void environment(char *out[static ENVIRONMENT_MAX])
{
    static const char *const keep[] = {"PATH",         "LD_LIBRARY_PATH", "TMPDIR",
                                       "ASAN_OPTIONS", "UBSAN_OPTIONS",   "TSAN_OPTIONS",
                                       "LSAN_OPTIONS"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof keep / sizeof *keep; i++) {
        const char *value = getenv(keep[i]);
        if (value && asprintf(&out[n], "%s=%s", keep[i], value) > 0)
            n++;
    }
    out[n++] = core_strdup(CORE_STR("LC_ALL=C.UTF-8"));
    out[n] = NULL;
}

static int spawn(const char *const argv[], int end, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    char *env[ENVIRONMENT_MAX];
    environment(env);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    /* argv is not written to; the interface predates const. */
    int error = posix_spawn(ret, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
                            env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; env[i]; i++)
        free(env[i]);
    return error == 0 ? 0 : CORE_EIO;
}

int ai_child_start(const char *const argv[], struct ai_child *ret)
{
    int ends[2];
    pid_t pid;
    *ret = (struct ai_child){.fd = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return CORE_EIO;
    int status = spawn(argv, ends[1], &pid);
    close(ends[1]);
    if (status != 0) {
        close(ends[0]);
        return status;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *ret = (struct ai_child){pid, ends[0]};
    return 0;
}

int ai_child_wait(struct ai_child *child, int *ret_status)
{
    pid_t reaped;
    do {
        reaped = waitpid(child->pid, ret_status, 0);
    } while (reaped < 0 && errno == EINTR);
    close(child->fd);
    *child = (struct ai_child){.fd = -1};
    return reaped < 0 ? CORE_EIO : 0;
}

void ai_child_kill(struct ai_child *child)
{
    int status;
    if (child->pid == 0)
        return;
    /* The group: with it go the converters that the child may be waiting for. */
    kill(-child->pid, SIGKILL);
    ai_child_wait(child, &status);
}
