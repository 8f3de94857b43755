/*
 * test_probe.c: damaged model files that end a program, tried in a child. This program is the
 * child, also several bad ones.
 */
#include "ai/model/llama_probe.h"

#include "ai/ai.h"
#include "core/err.h"

#include <fcntl.h>
#include <llama.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SELF "/proc/self/exe"

static char dir[64];
static char minilm[4096];

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static int begin(void **state)
{
    (void)state;
    const char *deps = getenv("SKY_DEPS");
    snprintf(minilm, sizeof minilm, "%s/models/minilm.gguf", deps ? deps : "build/deps");
    snprintf(dir, sizeof dir, "sky-test-probe-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
    static const char *const files[] = {"damaged.gguf", "copy.gguf", "slow", "killed"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(path_of(files[i]));
    return rmdir(dir);
}

/* A model whose number of layers is 0: the library asserts that it is not. The weights are a
 * hole. */
static const char *damaged(void)
{
    static char head[1 << 20];
    static const char key[] = "bert.block_count";
    struct stat st;
    int from = open(minilm, O_RDONLY);
    int to = open(path_of("damaged.gguf"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(fstat(from, &st), 0);
    assert_int_equal(read(from, head, sizeof head), sizeof head);
    char *at = memmem(head, sizeof head, key, sizeof key - 1);
    assert_non_null(at);
    memset(at + sizeof key - 1 + sizeof(uint32_t), 0, sizeof(uint32_t)); /* behind its type */
    assert_int_equal(write(to, head, sizeof head), sizeof head);
    assert_int_equal(ftruncate(to, st.st_size), 0);
    close(from);
    close(to);
    return path_of("damaged.gguf");
}

static void no_log(enum ggml_log_level level, const char *text, void *arg)
{
    (void)level;
    (void)text;
    (void)arg;
}

static void no_backtrace(const char *message)
{
    (void)message;
}

/* The child that loads without any care. */
static int load_bare(const char *path)
{
    llama_log_set(no_log, NULL);
    ggml_set_abort_callback(no_backtrace);
    llama_backend_init();
    return llama_model_load_from_file(path, llama_model_default_params()) ? 0 : 1;
}

static void damage_costs_a_child(void **state)
{
    (void)state;
    extern char **environ;
    const char *path = damaged();
    char self[] = "test", command[] = "load-bare", file[128];
    snprintf(file, sizeof file, "%s", path);
    char *const argv[] = {self, command, file, NULL};
    int status;
    pid_t pid;
    /* The damage is one that ends a program. */
    assert_int_equal(posix_spawn(&pid, SELF, NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_int_equal(ai_llama_probe(SELF, path, NULL), CORE_ECORRUPT);
    /* Once is enough: nobody is asked again, until the file changes. */
    assert_int_equal(ai_llama_probe("/no/such/program", path, NULL), CORE_ECORRUPT);
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(ai_llama_probe("/no/such/program", path, NULL), 0);
    assert_int_equal(ai_llama_probe(SELF, path, NULL), CORE_ECORRUPT);
}

static void good_files_pass(void **state)
{
    (void)state;
    assert_int_equal(ai_llama_probe(SELF, minilm, NULL), 0);
    assert_int_equal(ai_llama_probe("/no/such/program", minilm, NULL), 0);
    assert_int_equal(ai_llama_probe(SELF, path_of("missing"), NULL), CORE_ENOTFOUND);
}

/* The children below are this program under other names. */
static const char *named(const char *name)
{
    static char program[4096];
    ssize_t n = readlink(SELF, program, sizeof program - 1);
    assert_true(n > 0);
    program[n] = 0;
    assert_int_equal(symlink(program, path_of(name)), 0);
    snprintf(program, sizeof program, "%s", path_of(name));
    return program;
}

static const char *copy(void)
{
    FILE *file = fopen(path_of("copy.gguf"), "w");
    assert_non_null(file);
    fputs("GGUF", file);
    fclose(file);
    return path_of("copy.gguf");
}

static void *cancel_soon(void *arg)
{
    usleep(50000);
    atomic_store((atomic_bool *)arg, true);
    return NULL;
}

static void waiting_ends_when_told(void **state)
{
    (void)state;
    atomic_bool cancel = false;
    pthread_t thread;
    const char *program = named("slow");
    char file[128];
    snprintf(file, sizeof file, "%s", copy());
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancel), 0);
    assert_int_equal(ai_llama_probe(program, file, &cancel), CORE_ECANCELLED);
    pthread_join(thread, NULL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* it was reaped */
    /* That says nothing about the file. */
    assert_int_equal(ai_llama_probe("/no/such/program", file, NULL), 0);
}

static void a_killed_child_refuses(void **state)
{
    (void)state;
    const char *program = named("killed");
    char file[128];
    snprintf(file, sizeof file, "%s", copy());
    assert_int_equal(ai_llama_probe(program, file, NULL), CORE_ECORRUPT);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "load-bare") == 0)
        return load_bare(argv[2]);
    if (argc == 3 && strcmp(argv[1], "model-probe") == 0) {
        struct core_str name = core_str(argv[0]);
        if (core_str_ends(name, CORE_STR("/slow")))
            sleep(100);
        if (core_str_ends(name, CORE_STR("/killed")))
            raise(SIGSEGV);
        return ai_model_probe(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_costs_a_child),
        cmocka_unit_test(good_files_pass),
        cmocka_unit_test(waiting_ends_when_told),
        cmocka_unit_test(a_killed_child_refuses),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
