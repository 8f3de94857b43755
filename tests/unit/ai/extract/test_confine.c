/*
 * test_confine.c: what the processes of extraction may not do. Everything is
 * tried twice, once without the confinement: so it is that which refuses.
 * This program is the worker too; hostile.c is a converter.
 */
#include "ai/ai.h"
#include "ai/extract/confine.h"
#include "ai/extract/extract.h"
#include "core/err.h"
#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

extern char **environ;
static char program[PATH_MAX], folder[PATH_MAX], secret[PATH_MAX + 16];

/* --- The parser ----------------------------------------------------------------------------- */

enum parser_try {
    READ_FILE,
    WRITE_FILE,
    REMOVE_FILE,
    SOCKET,
    UNIX_SOCKET,
    PROCESS,
    EXEC,
    SIGNAL,
    SESSION,
    TRACE,
    MEMORY_FILE,
    CODE,
    MAKE_CODE,
    SET_LIMIT,
    TRIES
};

static long fork_once(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid;
}

static long map(int protection)
{
    void *at = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? -1 : 0;
}

static long parser_try(enum parser_try what)
{
    static char page[8192];
    char *const argv[] = {"x", NULL};
    struct rlimit limit = {0, 0};
    int pair[2];
    switch (what) {
    case READ_FILE:
        return open("/dev/null", O_RDONLY);
    case WRITE_FILE:
        return open("/dev/null", O_WRONLY);
    case REMOVE_FILE:
        return unlink("/no/such/file");
    case SOCKET:
        return socket(AF_INET, SOCK_STREAM, 0);
    case UNIX_SOCKET:
        return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    case PROCESS:
        return fork_once();
    case EXEC:
        return execv("/no/such/program", argv);
    case SIGNAL:
        return kill(getppid(), 0);
    case SESSION:
        return setsid();
    case TRACE:
        return ptrace(PTRACE_CONT, 1 << 30, NULL, NULL);
    case MEMORY_FILE:
        return memfd_create("x", 0);
    case CODE:
        return map(PROT_READ | PROT_EXEC);
    case MAKE_CODE:
        return mprotect((void *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095), 4096,
                        PROT_READ | PROT_WRITE | PROT_EXEC);
    case SET_LIMIT:
        getrlimit(RLIMIT_NOFILE, &limit);
        return setrlimit(RLIMIT_NOFILE, &limit);
    default:
        return 0;
    }
}

/* Which tries fail with EPERM, a bit each. */
static unsigned parser_refused(void)
{
    unsigned refused = 0;
    for (int what = 0; what < TRIES; what++)
        if (parser_try((enum parser_try)what) < 0 && errno == EPERM)
            refused |= 1u << what;
    return refused;
}

/* What the parser needs still works. */
static bool parser_works(int fd)
{
    struct rlimit limit;
    struct rusage used;
    char *memory = malloc(8u << 20);
    ai_confine_next();
    bool good = memory && core_mono_ns(core_env_real()) > 0 && write(fd, "", 0) == 0 &&
                getrlimit(RLIMIT_CPU, &limit) == 0 && getrusage(RUSAGE_SELF, &used) == 0 &&
                limit.rlim_cur <= (rlim_t)used.ru_utime.tv_sec + (rlim_t)used.ru_stime.tv_sec +
                                      AI_LIMIT_EXTRACT_CPU_S;
    free(memory);
    return good;
}

static bool memory_ends(void)
{
    void *at = mmap(NULL, AI_LIMIT_EXTRACT_MEMORY, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED && errno == ENOMEM;
}

struct report {
    bool confined, memory_ends, works;
    unsigned refused;
};

/* In a process of its own. */
static struct report parser_report(bool confine)
{
    struct report r = {0};
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        /* Descriptors above 2 are closed with all the rest. */
        dup2(ends[1], STDOUT_FILENO);
        if (confine)
            r.confined = ai_confine() && ai_confine_parser();
        r.memory_ends = memory_ends();
        r.refused = parser_refused();
        r.works = parser_works(STDOUT_FILENO);
        _exit(write(STDOUT_FILENO, &r, sizeof r) != sizeof r);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &r, sizeof r), sizeof r);
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return r;
}

static void parser_is_confined(void **state)
{
    struct report free_one = parser_report(false), r = parser_report(true);
    (void)state;
    assert_int_equal(free_one.refused, 0);
    assert_true(r.works);
    if (SANITIZED) {
        assert_false(r.confined); /* and it says so */
        return;
    }
    assert_false(free_one.memory_ends);
    assert_true(r.confined && r.memory_ends);
    assert_int_equal(r.refused, (1u << TRIES) - 1);
}

/* --- Converters ----------------------------------------------------------------------------- */

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static bool few_times(void *arg)
{
    return (*(int *)arg)-- > 0;
}

static int run(struct ai_extractor *e, const char *order, struct ai_doc *doc)
{
    char pdf[PATH_MAX + 64];
    int n = snprintf(pdf, sizeof pdf, "%%PDF-1.4\n%s\n", order);
    ai_doc_init(doc);
    return ai_extractor_run(e, CORE_STR("x.pdf"), core_strn(pdf, (size_t)n), always, NULL, doc);
}

/* The converter without anybody that confines it. */
static void run_free(const char *order, char *out, size_t cap)
{
    char pdftotext[PATH_MAX + 16];
    char *argv[] = {pdftotext, NULL};
    int in[2], from[2], status;
    pid_t pid;
    size_t len = 0;
    ssize_t n;
    posix_spawn_file_actions_t actions;
    snprintf(pdftotext, sizeof pdftotext, "%s/pdftotext", folder);
    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(from, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    assert_int_equal(posix_spawn(&pid, pdftotext, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(from[1]);
    assert_true(dprintf(in[1], "%%PDF-1.4\n%s\n", order) > 0);
    while (len + 1 < cap && (n = read(from[0], out + len, cap - 1 - len)) > 0)
        len += (size_t)n;
    out[len] = '\0';
    close(from[0]);
    close(in[0]);
    close(in[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void converter_is_confined(void **state)
{
    static const char *const always_refused[] = {
        "socket", "unix socket", "write",         "mkdir", "process",  "session",
        "signal", "memory file", "shared memory", "trace", "set limit"};
    struct ai_extractor *e = *state;
    struct ai_doc doc;
    char order[PATH_MAX + 32], line[64], free_output[4096];
    bool landlock = syscall(SYS_landlock_create_ruleset, NULL, 0,
                            LANDLOCK_CREATE_RULESET_VERSION) >= 1;
    snprintf(order, sizeof order, "attempt %s", secret);
    run_free(order, free_output, sizeof free_output);
    assert_int_equal(run(e, order, &doc), 0);
    for (size_t i = 0; i < sizeof always_refused / sizeof *always_refused; i++) {
        snprintf(line, sizeof line, "%s refused", always_refused[i]);
        if (!strstr(doc.text.ptr, line))
            fail_msg("not \"%s\" but %s", line, doc.text.ptr);
        if (strstr(free_output, line))
            fail_msg("refused to anybody: %s", free_output);
    }
    assert_non_null(strstr(doc.text.ptr, "memory limited"));
    assert_non_null(strstr(free_output, "memory allowed"));
    assert_non_null(strstr(free_output, "secret allowed"));
    assert_null(strstr(doc.text.ptr, "change input allowed"));
    assert_non_null(strstr(doc.text.ptr, "mode Function not implemented")); /* though it may be */
    if (landlock) {
        assert_non_null(strstr(doc.text.ptr, "secret refused"));
        assert_non_null(strstr(doc.text.ptr, "exec refused"));
        assert_null(strstr(free_output, "exec"));
    }
    ai_doc_done(&doc);
}

static void hostile_documents_cost_one_document(void **state)
{
    static const struct {
        const char *order;
        int status;
    } orders[] = {{"die", CORE_EIO}, {"flood", CORE_ETOOBIG}};
    struct ai_extractor *e = *state;
    struct ai_doc doc;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        assert_int_equal(run(e, orders[i].order, &doc), orders[i].status);
        assert_true(strstr(doc.why, "pdftotext failed") != NULL && doc.text.len == 0);
        ai_doc_done(&doc);
        assert_int_equal(run(e, "peace", &doc), 0);
        assert_string_equal(doc.text.ptr, "A peaceful document.");
        ai_doc_done(&doc);
    }
}

/* Both runs of a document share what it may print; a second one that fails costs its tables only,
 * and nothing of the next document. */
static void second_runs_cost_tables(void **state)
{
    static const char rows[] = "Part | Price\nPump | 17.50\nHose | 4.00";
    static const char *const orders[][2] = {
        {"table", rows},
        {"wide table", "Part\nPump\nHose\n\nPrice\n17.50\n4.00"},
        {"plain, then die", "Part\nPump\nHose\n\nPrice\n17.50\n4.00"},
        {"table", rows},
    };
    struct ai_extractor *e = *state;
    struct ai_doc doc;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        assert_int_equal(run(e, orders[i][0], &doc), 0);
        assert_string_equal(doc.text.ptr, orders[i][1]);
        ai_doc_done(&doc);
    }
}

/* Whatever a converter waits for, it ends with its worker:
 * nothing is left to this process, which gets the orphans. */
static void converters_end_with_the_worker(void **state)
{
    struct ai_extractor *e = *state;
    struct ai_doc doc;
    int times = 20, status, ended = 0;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    ai_doc_init(&doc);
    assert_int_equal(ai_extractor_run(e, CORE_STR("x.pdf"), CORE_STR("%PDF-1.4\nlinger\n"),
                                      few_times, &times, &doc),
                     CORE_ECANCELLED);
    ai_doc_done(&doc);
    ai_extractor_rest(e);
    while (waitpid(-1, &status, 0) > 0) {
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        ended++;
    }
    assert_int_equal(ended, 2); /* the desk and the converter */
}

/* --- Setting up ----------------------------------------------------------------------------- */

static int setup(void **state)
{
    char here[PATH_MAX], from[PATH_MAX + 16], to[PATH_MAX + 16];
    (void)state;
    snprintf(here, sizeof here, "%s", program);
    *strrchr(here, '/') = '\0';
    snprintf(folder, sizeof folder, "%s/sky-confine-XXXXXX", P_tmpdir);
    if (!mkdtemp(folder))
        return -1;
    snprintf(from, sizeof from, "%s/hostile", here);
    snprintf(to, sizeof to, "%s/pdftotext", folder);
    snprintf(secret, sizeof secret, "%s/secret", folder);
    int fd = open(secret, O_WRONLY | O_CREAT, 0600);
    return symlink(from, to) | setenv("PATH", folder, 1) | (fd < 0 ? -1 : close(fd));
}

static int teardown(void **state)
{
    char to[PATH_MAX + 16];
    (void)state;
    snprintf(to, sizeof to, "%s/pdftotext", folder);
    return unlink(to) | unlink(secret) | rmdir(folder);
}

/* Also after a test that failed: a worker that stays would be waited for by another. */
static int extractor_setup(void **state)
{
    *state = ai_extractor_new(core_env_real(), program);
    return 0;
}

static int extractor_teardown(void **state)
{
    ai_extractor_free(*state);
    return 0;
}

#define EXTRACTOR_TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, extractor_setup, extractor_teardown)

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "extract-worker") == 0)
        return ai_extract_worker();
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parser_is_confined),
        EXTRACTOR_TEST(converter_is_confined),
        EXTRACTOR_TEST(hostile_documents_cost_one_document),
        EXTRACTOR_TEST(second_runs_cost_tables),
        EXTRACTOR_TEST(converters_end_with_the_worker),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
