/*
 * clients.c: a server that a command started ends when no command uses it any more.
 *
 * Commands hold a shared lock on DATA/clients from before they start or use a server
 * (shell/server.h), and the last one ends it. One that was killed does not: so the server looks
 * itself, by trying to get the lock alone.
 */
#include "core/limits.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/mem.h"
#include "main/main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct main_clients {
    struct core_timer *timer;
    char path[MAIN_LIMIT_PATH + 16];
    unsigned nones; /* in a row */
    int fd;         /* holds the lock once none is there; −1 until then */
    void (*none)(void *arg);
    void *arg;
};

/* Is nobody there? Then nobody can join until *ret_fd is closed; −1: there is not even the file. */
static bool alone(const struct main_clients *c, int *ret_fd)
{
    int fd = open(c->path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        *ret_fd = -1;
        return errno == ENOENT; /* else it cannot be known */
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return false;
    }
    *ret_fd = fd;
    return true;
}

static void on_tick(void *arg)
{
    struct main_clients *c = arg;
    int fd = -1;
    c->nones = alone(c, &fd) ? c->nones + 1 : 0;
    if (c->nones == MAIN_CLIENTS_NONE) {
        core_timer_stop(c->timer);
        /* The process id that a command left there will be somebody else's. */
        if (fd >= 0 && ftruncate(fd, 0) != 0) {
            core_log(CORE_LOG_WARN, "serve.clients", {"error", CORE_LOG_C(strerror(errno))});
        }
        c->fd = fd;
        c->none(c->arg);
    } else if (fd >= 0) {
        close(fd);
    }
}

struct main_clients *main_clients_watch(struct core_loop *loop, const char *data_dir,
                                        void (*none)(void *arg), void *arg)
{
    if (!getenv(SHELL_CLIENTS_ENV)) {
        return NULL;
    }
    struct main_clients *c = core_alloc(sizeof *c);
    *c = (struct main_clients){.fd = -1, .none = none, .arg = arg};
    snprintf(c->path, sizeof c->path, "%s/clients", data_dir);
    c->timer = core_timer_new(loop, on_tick, c);
    core_timer_start(c->timer, MAIN_CLIENTS_TICK_MS, MAIN_CLIENTS_TICK_MS);
    return c;
}

void main_clients_close(struct main_clients *c)
{
    if (!c) {
        return;
    }
    core_timer_free(c->timer);
    if (c->fd >= 0) {
        close(c->fd);
    }
    free(c);
}
