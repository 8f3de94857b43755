/*
 * llama_probe.c: lets a child read a model file first (see llama_probe.h).
 *
 * The child loads everything but the weights' bytes (some tenths of a second) and says by its exit
 * whether it lived.
 */
#include "ai/model/llama_probe.h"

#include "ai/ai.h"
#include "ai/child.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/log.h"

#include <errno.h>
#include <llama.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks whether to go on. */
#define CANCEL_MS 20

/* --- Files that were probed ------------------------------------------------------------------- */

struct identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};
struct verdict {
    struct identity file;
    int status;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct verdict verdicts[AI_LIMIT_MODELS * 2];
static size_t verdict_count; /* in all; the oldest are overwritten */

enum { PLACES = sizeof verdicts / sizeof *verdicts };

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

static bool is_known(const struct identity *file, int *ret_status)
{
    bool known = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < PLACES && i < verdict_count && !known; i++) {
        known = memcmp(&verdicts[i].file, file, sizeof *file) == 0;
        if (known)
            *ret_status = verdicts[i].status;
    }
    pthread_mutex_unlock(&lock);
    return known;
}

static void remember(const struct identity *file, int status)
{
    pthread_mutex_lock(&lock);
    verdicts[verdict_count++ % PLACES] = (struct verdict){*file, status};
    pthread_mutex_unlock(&lock);
}

/* --- The parent ------------------------------------------------------------------------------- */

/* Until the child closes its end of the socket, which it does by ending. */
static int wait_for_end(const struct ai_child *child, const atomic_bool *cancel)
{
    const struct core_env *env = core_env_real();
    uint64_t end_ms = core_mono_ms(env) + AI_LIMIT_PROBE_S * 1000;
    struct pollfd p = {.fd = child->fd};
    while (poll(&p, 1, CANCEL_MS) <= 0) {
        if (cancel && atomic_load(cancel))
            return CORE_ECANCELLED;
        if (core_mono_ms(env) >= end_ms)
            return CORE_ETIMEOUT;
    }
    return 0;
}

/* CORE_EIO: nobody could be asked; CORE_ETIMEOUT: no opinion in time. */
static int ask_child(const char *program, const char *path, const atomic_bool *cancel)
{
    const char *const argv[] = {program, "model-probe", path, NULL};
    struct ai_child child;
    int ended;
    int status = ai_child_start(argv, &child);
    if (status != 0)
        return status;
    status = wait_for_end(&child, cancel);
    if (status != 0) {
        ai_child_kill(&child);
        return status;
    }
    status = ai_child_wait(&child, &ended);
    if (status != 0)
        return status;
    return WIFEXITED(ended) && WEXITSTATUS(ended) == 0 ? 0 : CORE_ECORRUPT;
}

int ai_llama_probe(const char *program, const char *path, const atomic_bool *cancel)
{
    struct identity file;
    int status = identify(path, &file);
    if (status != 0 || is_known(&file, &status))
        return status;
    status = ask_child(program, path, cancel);
    if (status == CORE_EIO || status == CORE_ETIMEOUT) /* load without knowing */
        return 0;
    if (status == CORE_ECORRUPT)
        core_log(CORE_LOG_ERROR, "model.damaged", {"file", CORE_LOG_C(path)},
                 {"remedy", CORE_LOG_C("fetch the file again, or name another GGUF file")});
    if (status != CORE_ECANCELLED)
        remember(&file, status);
    return status;
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

int ai_model_probe(const char *path)
{
    const struct rlimit none = {0, 0};
    /* It must not outlive us, nor leave a picture of a model in memory when it dies. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &none);
    llama_log_set(no_log, NULL);
    ggml_set_abort_callback(give_up);
    llama_backend_init();
    struct llama_model_params params = llama_model_default_params();
    params.no_alloc = true;
    params.load_mode =
        LLAMA_LOAD_MODE_NONE; /* the library maps no file that it does not allocate for */
    struct llama_model *model = llama_model_load_from_file(path, params);
    if (!model)
        return 1;
    llama_model_free(model);
    return 0;
}
