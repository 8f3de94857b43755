/*
 * server.c: see server.h. Locks tell the truth (the kernel drops them with their process), files
 * only carry addresses: run.json is believed while DATA/lock is held.
 */
#include "shell/server.h"

#include "core/env.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/mem.h"
#include "shell/shell.h"
#include "shell/term.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { POLL_MS = 20, RUN_JSON_MAX = 4096 };

static void pause_ms(long ms)
{
    const struct timespec delay = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&delay, NULL);
}

/* Is DATA/lock held by a server? */
static bool server_runs(const char *data_dir)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/lock", data_dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

int shell_server_url(struct core_str run_json, char *ret_url, size_t cap, pid_t *ret_pid)
{
    struct core_json_doc *doc = NULL;
    struct core_str url = CORE_STR("");
    int64_t pid = 0;
    int err = core_json_parse(run_json, &doc, NULL, 0);
    if (!err && core_json_str(core_json_get(core_json_root(doc), "http"), &url)) {
        err = core_json_str(core_json_get(core_json_root(doc), "https"), &url);
    }
    bool usable = url.len < cap && (core_str_starts(url, CORE_STR("http://")) ||
                                    core_str_starts(url, CORE_STR("https://")));
    for (size_t i = 0; i < url.len; i++) {
        usable = usable && url.ptr[i] > ' ' && url.ptr[i] < 0x7f;
    }
    if (!err && usable) {
        memcpy(ret_url, url.ptr, url.len);
        ret_url[url.len] = '\0';
        core_json_i64(core_json_get(core_json_root(doc), "pid"), &pid);
        *ret_pid = pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
    }
    core_json_free(doc);
    return err || !usable ? CORE_ENOTFOUND : 0;
}

/* As far as this process can see. */
static bool lives(pid_t pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

static int url_read(const char *data_dir, char *ret_url, size_t cap, pid_t *ret_pid)
{
    const struct core_env *env = core_env_real();
    struct core_buf text;
    char path[4200];
    snprintf(path, sizeof path, "%s/run.json", data_dir);
    core_buf_init(&text, RUN_JSON_MAX);
    int err = env->fs->read(env->ctx, path, &text);
    if (!err) {
        err = shell_server_url(core_buf_str(&text), ret_url, cap, ret_pid);
    }
    core_buf_done(&text);
    return err ? CORE_ENOTFOUND : 0;
}

/* Joins those who use the server. The file stays; it is empty or holds a process id. Where root
 * makes it, it belongs to whom the folder does. Who has joined must leave, whatever ends it. */
static int clients_join(const char *data_dir)
{
    struct stat folder;
    char path[4200];
    shell_interrupt_catch();
    snprintf(path, sizeof path, "%s/clients", data_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && geteuid() == 0 && stat(data_dir, &folder) == 0) {
        int kept = fchown(fd, folder.st_uid, folder.st_gid); /* else it stays root's */
        (void)kept;
    }
    if (fd >= 0 && flock(fd, LOCK_SH) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

int shell_server_find(const char *data_dir, struct shell_server *ret)
{
    struct shell_server found = {.clients_fd = -1};
    pid_t pid;
    snprintf(found.data, sizeof found.data, "%s", data_dir);
    for (long waited = 0; server_runs(data_dir); waited += POLL_MS) {
        if (found.clients_fd < 0) {
            found.clients_fd = clients_join(data_dir);
        }
        /* A child of a killed server holds the lock for a moment more (main/lock.c). One that stays
         * is of a server whose process cannot be seen from here, as in a container. */
        if (url_read(data_dir, found.url, sizeof found.url, &pid) == 0 &&
            (lives(pid) || waited >= MAIN_LOCK_MS)) {
            *ret = found;
            return 0;
        }
        if (waited >= SHELL_START_MS) {
            close(found.clients_fd);
            return CORE_ETIMEOUT;
        }
        if (shell_interrupted()) {
            close(found.clients_fd);
            return CORE_ECANCELLED;
        }
        pause_ms(POLL_MS);
    }
    if (found.clients_fd >= 0) {
        close(found.clients_fd);
    }
    return CORE_ENOTFOUND;
}

/* --- Starting --------------------------------------------------------------------------------- */

/* Ours, and that it is for commands. The array is the caller's, its strings are not. */
static char **environment_make(void)
{
    size_t count = 0;
    while (environ[count]) {
        count++;
    }
    char **env = core_alloc_array(count + 2, sizeof *env);
    env[0] = SHELL_CLIENTS_ENV "=1";
    memcpy(env + 1, environ, (count + 1) * sizeof *env);
    return env;
}

static int process_start(const char *data_dir, char *const *options, size_t count, int out_fd,
                         pid_t *ret_pid)
{
    char *argv[SHELL_LIMIT_SERVER_OPTIONS + 8] = {
        "sky", "serve", "--data", (char *)data_dir, "--http", "127.0.0.1:0", "--https=off"};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    assert(count <= SHELL_LIMIT_SERVER_OPTIONS);
    memcpy(argv + 7, options, count * sizeof *options);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out_fd, STDERR_FILENO);
    /* A group of its own: Ctrl-C at the command must not end the server others may be using. */
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    char **env = environment_make();
    int failed = posix_spawn(ret_pid, "/proc/self/exe", &actions, &attributes, argv, env);
    free(env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed ? core_err_from_errno(failed) : 0;
}

/* Reads what the server says until it is ready (true), has
 * ended, or a signal comes; `said` keeps its last line. */
static bool ready_wait(int fd, char *said, size_t cap)
{
    FILE *lines = fdopen(fd, "r");
    char line[1024];
    bool ready = false;
    while (!ready && lines) {
        if (!fgets(line, sizeof line, lines)) {
            if (ferror(lines) && errno == EINTR && !shell_interrupted()) {
                clearerr(lines);
                continue;
            }
            break;
        }
        line[strcspn(line, "\n")] = '\0';
        ready = strncmp(line, "sky: ready ", 11) == 0;
        snprintf(said, cap, "%s", strncmp(line, "sky: ", 5) == 0 ? line + 5 : line);
    }
    /* Closing makes the server's later output fail, which it ignores. */
    if (lines) {
        fclose(lines);
    } else {
        close(fd);
    }
    return ready;
}

static void clients_note(int fd, pid_t pid)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", (long)pid);
    if (ftruncate(fd, 0) == 0) {
        /* A short or failed write leaves no valid id: then the server is not ended, only left. */
        ssize_t written = pwrite(fd, text, (size_t)len, 0);
        (void)written;
    }
}

int shell_server_start(const char *data_dir, char *const *options, size_t count,
                       struct shell_server *ret, char *why, size_t why_cap)
{
    const struct core_env *env = core_env_real();
    struct shell_server found;
    int pipe_fds[2];
    pid_t pid;
    int err = env->fs->mkdirs(env->ctx, data_dir, 0700);
    if (err || pipe2(pipe_fds, O_CLOEXEC) != 0) {
        snprintf(why, why_cap, "%s cannot be used: give --data a folder that can be written",
                 data_dir);
        return err ? err : CORE_EIO;
    }
    /* Joined before it starts, so that nobody finds it unused and ends it. */
    int clients = clients_join(data_dir);
    err = process_start(data_dir, options, count, pipe_fds[1], &pid);
    close(pipe_fds[1]);
    if (err) {
        close(pipe_fds[0]);
        snprintf(why, why_cap, "the server cannot be started: %s", core_err_text(err));
    } else if (ready_wait(pipe_fds[0], why, why_cap)) {
        clients_note(clients, pid);
    } else {
        if (shell_interrupted()) {
            kill(pid, SIGTERM); /* nobody would wait for what it does before it is ready */
        }
        waitpid(pid, NULL, 0);
        err = CORE_ENOTFOUND;
    }
    /* Somebody else's server may have been quicker: that one will do. */
    int found_err = shell_server_find(data_dir, &found);
    if (clients >= 0) {
        close(clients);
    }
    if (found_err) {
        return err ? err : found_err;
    }
    *ret = found;
    return 0;
}

/* --- Leaving ---------------------------------------------------------------------------------- */

static pid_t clients_pid(int fd)
{
    char text[32] = "";
    int64_t pid = 0;
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    if (len <= 0 ||
        core_str_to_i64(core_str_trim(core_strn(text, (size_t)len)), 2, INT32_MAX, &pid)) {
        return 0;
    }
    return (pid_t)pid;
}

void shell_server_leave(struct shell_server *server)
{
    int fd = server->clients_fd;
    if (fd < 0) {
        return;
    }
    /* Exclusive = nobody else is using the server. */
    pid_t pid = flock(fd, LOCK_EX | LOCK_NB) == 0 ? clients_pid(fd) : 0;
    if (pid && ftruncate(fd, 0) == 0 && server_runs(server->data) && kill(pid, SIGTERM) == 0) {
        for (long waited = 0; server_runs(server->data) && waited < SHELL_START_MS;
             waited += POLL_MS) {
            pause_ms(POLL_MS);
        }
        waitpid(pid, NULL, WNOHANG); /* when it is a child of this very process */
    }
    close(fd);
    server->clients_fd = -1;
}
