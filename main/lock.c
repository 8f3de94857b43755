/*
 * lock.c: one server a data folder, and run.json by which the other subcommands find it.
 *
 * The lock is the kernel's (flock), so it goes with the process however that ends; run.json is only
 * believed while the lock is held.
 */
#include "core/json.h"
#include "core/limits.h"
#include "core/version.h"
#include "main/main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const size_t RUN_MAX = 4096;

static void run_path(const char *data_dir, char *out, size_t cap)
{
    snprintf(out, cap, "%s/run.json", data_dir);
}

/* A child that was just born when its server was killed holds the lock until it has become another
 * program: so the lock of a dead server may take a moment to go. */
static bool take(int fd)
{
    const struct timespec pause = {.tv_nsec = MAIN_LOCK_PAUSE_MS * 1000000L};
    for (int tries = MAIN_LOCK_MS / MAIN_LOCK_PAUSE_MS; flock(fd, LOCK_EX | LOCK_NB) != 0;
         tries--) {
        if (errno != EWOULDBLOCK || tries <= 0)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

int main_lock(const char *data_dir, int *ret_fd, char *why, size_t why_cap)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/lock", data_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int err = core_err_from_errno(errno);
        snprintf(why, why_cap, "%s: %s: check the owner and mode of the data folder", path,
                 core_err_text(err));
        return err;
    }
    if (!take(fd)) {
        close(fd);
        snprintf(why, why_cap,
                 "another server uses %s: stop it, or give this one a --data folder of its own",
                 data_dir);
        return CORE_EBUSY;
    }
    /* What a killed server left would send the owner's token to whoever has its port by now. */
    run_path(data_dir, path, sizeof path);
    if (unlink(path) != 0 && errno != ENOENT) {
        int err = core_err_from_errno(errno);
        snprintf(why, why_cap, "%s: %s: check the owner and mode of the data folder", path,
                 core_err_text(err));
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return 0;
}

int main_lock_own(const char *data_dir, int *ret_fd, char *why, size_t why_cap)
{
    struct stat st;
    int fd;
    int err = main_lock(data_dir, &fd, why, why_cap);
    if (err) {
        return err;
    }
    if (geteuid() == 0 && fstat(fd, &st) == 0 && st.st_uid != 0) {
        close(fd);
        snprintf(why, why_cap,
                 "%s belongs to user %u, who could not read what root writes there: start its "
                 "service (systemctl start sky), or run this as that user",
                 data_dir, (unsigned)st.st_uid);
        return CORE_EDENIED;
    }
    *ret_fd = fd;
    return 0;
}

int main_run_write(const struct core_env *env, const char *data_dir, const char *http,
                   const char *https, unsigned nod)
{
    char path[4200];
    struct core_buf text;
    struct core_json_out o;
    core_buf_init(&text, RUN_MAX);
    core_json_out_init(&o, &text);
    core_json_out_object(&o, NULL);
    core_json_out_i64(&o, "pid", getpid());
    core_json_out_c(&o, "http", http);
    core_json_out_c(&o, "https", https);
    core_json_out_u64(&o, "nod", nod);
    core_json_out_c(&o, "version", CORE_VERSION);
    core_json_out_i64(&o, "started_ms", core_wall_ms(env));
    core_json_out_end(&o);
    core_buf_add_byte(&text, '\n');
    run_path(data_dir, path, sizeof path);
    int err = core_buf_error(&text);
    if (!err) {
        err = env->fs->write(env->ctx, path, core_buf_str(&text), 0600);
    }
    core_buf_done(&text);
    return err;
}

void main_run_remove(const struct core_env *env, const char *data_dir)
{
    char path[4200];
    run_path(data_dir, path, sizeof path);
    env->fs->remove(env->ctx, path);
}
