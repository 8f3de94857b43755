/*
 * llama_runtime.c: starting llama.cpp, its log, and loading weights (see llama_runtime.h).
 */
#include "ai/model/llama_runtime.h"

#include "ai/index/f16.h"
#include "ai/model/llama_probe.h"
#include "core/err.h"
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <ggml-cpu.h>
#include <llama.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the calling thread is told to give up; its errors then are only the echo of that. */
static _Thread_local const atomic_bool *given_up;

void ai_llama_thread_stop(const atomic_bool *stop)
{
    given_up = stop;
}

/* llama.cpp is talkative and tells its failures twice, the second time as a code: its errors are
 * our warnings, the rest is for debugging. */
static void on_log(enum ggml_log_level level, const char *text, void *arg)
{
    (void)arg;
    struct core_str line = core_str_trim(core_str(text));
    if (line.len == 0)
        return;
    if (level == GGML_LOG_LEVEL_ERROR && !(given_up && atomic_load(given_up)))
        core_log(CORE_LOG_WARN, "llama", {"text", CORE_LOG_S(line)});
    else
        core_log(CORE_LOG_DEBUG, "llama", {"text", CORE_LOG_S(line)});
}

/* A failed assertion of the library; it ends the program when this returns. */
static void on_abort(const char *message)
{
    core_log(CORE_LOG_ERROR, "llama", {"text", CORE_LOG_S(core_str_trim(core_str(message)))});
}

static void start_library(void)
{
    ggml_set_abort_callback(on_abort);
    llama_log_set(on_log, NULL);
    llama_backend_init();
}

/* The instructions the library was compiled to use and this processor lacks, or NULL. Running on
 * would end in an illegal instruction. */
static const char *missing_instructions(void)
{
#if defined __x86_64__
    if (ggml_cpu_has_avx() && !__builtin_cpu_supports("avx"))
        return "AVX";
    if (ggml_cpu_has_avx2() && !__builtin_cpu_supports("avx2"))
        return "AVX2";
    if (ggml_cpu_has_fma() && !__builtin_cpu_supports("fma"))
        return "FMA";
    if (ggml_cpu_has_f16c() && !ai_f16_processor())
        return "F16C";
    if (ggml_cpu_has_bmi2() && !__builtin_cpu_supports("bmi2"))
        return "BMI2";
    if (ggml_cpu_has_avx512() && !__builtin_cpu_supports("avx512f"))
        return "AVX-512";
#endif
    return NULL;
}

/* Opens and looks at the first eight bytes: "GGUF" and a version that the library reads. */
static int check_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == EACCES ? CORE_EIO : core_err_from_errno(errno);
    struct stat st;
    unsigned char head[8];
    int err = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        err = CORE_EUNSUPPORTED;
    else if (read(fd, head, sizeof head) != (ssize_t)sizeof head || memcmp(head, "GGUF", 4) != 0 ||
             head[4] < 2 || head[4] > 3 || head[5] || head[6] || head[7])
        err = CORE_ECORRUPT;
    close(fd);
    return err;
}

int ai_llama_check(const char *path, char *why, size_t why_cap)
{
    const char *lacks = missing_instructions();
    if (lacks) {
        snprintf(why, why_cap,
                 "this processor lacks %s, which the program was built to use; build it on this "
                 "machine",
                 lacks);
        return CORE_EUNSUPPORTED;
    }
    int err = check_file(path);
    if (err == CORE_ENOTFOUND)
        snprintf(why, why_cap, "%s: no such model file; name a GGUF file in the configuration",
                 path);
    else if (err == CORE_ECORRUPT)
        snprintf(why, why_cap, "%s: not a whole GGUF model; fetch the file again", path);
    else if (err == CORE_EUNSUPPORTED)
        snprintf(why, why_cap, "%s: not a regular file; name a GGUF file in the configuration",
                 path);
    else if (err)
        snprintf(why, why_cap, "%s: cannot be read; check its permissions", path);
    return err;
}

static bool on_progress(float progress, void *arg)
{
    (void)progress;
    atomic_bool *cancel = arg;
    return !cancel || !atomic_load(cancel);
}

int ai_llama_load(const char *program, const char *path, atomic_bool *cancel,
                  struct llama_model **ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char why[1];
    int err = ai_llama_check(path, why, sizeof why);
    if (err)
        return err;
    pthread_once(&once, start_library);
    err = ai_llama_probe(program, path, cancel);
    if (err)
        return err;
    struct llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    params.progress_callback = on_progress;
    params.progress_callback_user_data = cancel;
    struct llama_model *model = llama_model_load_from_file(path, params);
    if (!model)
        return cancel && atomic_load(cancel) ? CORE_ECANCELLED : CORE_ECORRUPT;
    *ret = model;
    return 0;
}
