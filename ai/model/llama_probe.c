/*
 * llama_probe.c: reads a model file in a child first (see llama_probe.h).
 *
 * The child is a copy of this process that loads everything but the weights' bytes (some tenths of a
 * second) and says by its exit whether it lived. It uses nothing of ours but the library: other
 * threads' locks may have been copied in the locked state, therefore also the alarm, after which the
 * file counts as not refused.
 */
#include "ai/model/llama_probe.h"

#include "core/err.h"
#include "core/limits.h"

#include <errno.h>
#include <llama.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- Files that passed ------------------------------------------------------------------------ */

struct identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct identity passed[AI_LIMIT_MODELS * 2];
static size_t passed_count; /* in all; the oldest are overwritten */

static int identify(const char *path, struct identity *ret)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return core_err_from_errno(errno);
    memset(ret, 0, sizeof *ret); /* compared as bytes */
    ret->device = st.st_dev;
    ret->inode = st.st_ino;
    ret->size = st.st_size;
    ret->changed.tv_sec = st.st_mtim.tv_sec;
    ret->changed.tv_nsec = st.st_mtim.tv_nsec;
    return 0;
}

enum { PLACES = sizeof passed / sizeof *passed };

static bool has_passed(const struct identity *file)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < PLACES && i < passed_count; i++)
        found |= memcmp(&passed[i], file, sizeof *file) == 0;
    pthread_mutex_unlock(&lock);
    return found;
}

static void remember(const struct identity *file)
{
    pthread_mutex_lock(&lock);
    passed[passed_count++ % PLACES] = *file;
    pthread_mutex_unlock(&lock);
}

/* --- The child -------------------------------------------------------------------------------- */

static void no_log(enum ggml_log_level level, const char *text, void *arg)
{
    (void)level;
    (void)text;
    (void)arg;
}

static void give_up(const char *message)
{
    (void)message;
    _exit(1);
}

_Noreturn static void be_child(const char *path)
{
    /* It must not outlive us, nor hold our ports and the lock of the data folder open if it does. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    static const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM, SIGTERM};
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        signal(deadly[i], SIG_DFL);
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_UNBLOCK, &all, NULL);
    alarm(AI_LIMIT_PROBE_S);
    llama_log_set(no_log, NULL);
    ggml_set_abort_callback(give_up);
    struct llama_model_params params = llama_model_default_params();
    params.no_alloc = true;
    params.load_mode =
        LLAMA_LOAD_MODE_NONE; /* the library maps no file that it does not allocate for */
    _exit(llama_model_load_from_file(path, params) ? 0 : 1);
}

int ai_llama_probe(const char *path)
{
    struct identity file;
    int err = identify(path, &file);
    if (err)
        return err;
    if (has_passed(&file))
        return 0;
    pid_t child = fork();
    if (child == 0)
        be_child(path);
    if (child < 0) /* no room for a child: load without knowing */
        return 0;
    int status;
    pid_t reaped;
    do {
        reaped = waitpid(child, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    if (reaped < 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM))
        return 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return CORE_ECORRUPT;
    remember(&file);
    return 0;
}
