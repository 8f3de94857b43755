/*
 * confine.c: resource limits, seccomp filters and Landlock rules. Filters add up, and answer EPERM.
 *
 * For all, and for converters a little more: a list of what is forbidden (the network, writing and
 * changing files, reaching into other processes and the kernel), because foreign programs may
 * change which harmless calls they make, and a document must not fail for that. For the parser,
 * whose code is linked in: a list of what is allowed.
 */
#include "ai/extract/confine.h"

#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* The sanitizers reserve terabytes of addresses and trace their own threads. */
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* For good: not even the process itself can have more again. */
static void limit(int what, rlim_t value)
{
    struct rlimit l;
    if (getrlimit((__rlimit_resource_t)what, &l) != 0)
        return;
    if (l.rlim_max == RLIM_INFINITY || value < l.rlim_max)
        l.rlim_max = value;
    l.rlim_cur = l.rlim_max;
    setrlimit((__rlimit_resource_t)what, &l);
}

/* The soft limit alone, as the next document needs a higher one. That a parser could raise it by
 * itself gains it nothing: the parent's clock ends it. */
void ai_confine_next(void)
{
    struct rusage used;
    struct rlimit l;
    if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &l) != 0)
        return;
    rlim_t end = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + AI_LIMIT_EXTRACT_CPU_S;
    l.rlim_cur = l.rlim_max != RLIM_INFINITY && end > l.rlim_max ? l.rlim_max : end;
    setrlimit(RLIMIT_CPU, &l);
}

/* --- System calls --------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef ARCH
#define FORBID(call)                                                                               \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1),                                             \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW(call)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* Allowed when argument `arg`, an int, has none of the bits. */
#define WITHOUT(call, arg, bits)                                                                   \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 4),                                             \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[arg])),              \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1),                                        \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),                                      \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* Allowed when two words of the arguments are what they should be; WORD(1, 0) is the low half of
 * argument 1, as both machines are little-endian. */
#define WORD(arg, half) (unsigned)(offsetof(struct seccomp_data, args[arg]) + 4 * (half))
#define WHEN(call, word_a, a, word_b, b)                                                           \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 6), BPF_STMT(BPF_LD | BPF_W | BPF_ABS, word_a), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (a), 0, 3),                                            \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, word_b),                                                \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (b), 0, 1),                                            \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),                                              \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
/* Of what is newer than these lists nobody has said whether it may be: such kernels answer as older
 * ones do. The numbers from 424 on are the same on every machine; those up to 451 (cachestat, Linux
 * 6.5) were looked at. */
#define NEWER                                                                                      \
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 452, 0, 1),                                                \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
#define READ_ONLY(call, arg) WITHOUT(call, arg, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)
/* The numbers mean something else to programs of another architecture, and of x32. */
#if defined(__x86_64__)
#define NOT_X32                                                                                    \
    , BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),                                       \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#else
#define NOT_X32
#endif
#define BEGIN                                                                                      \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),                       \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),                                           \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),                                      \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)) NOT_X32

static struct sock_filter for_all[] = {
    BEGIN, NEWER,
#if defined(__x86_64__)
    READ_ONLY(SYS_open, 1), FORBID(SYS_creat), FORBID(SYS_unlink), FORBID(SYS_rename),
    FORBID(SYS_mkdir), FORBID(SYS_rmdir), FORBID(SYS_link), FORBID(SYS_symlink), FORBID(SYS_chmod),
    FORBID(SYS_chown), FORBID(SYS_lchown), FORBID(SYS_mknod), FORBID(SYS_utime), FORBID(SYS_utimes),
#endif
    READ_ONLY(SYS_openat, 2), FORBID(SYS_openat2), FORBID(SYS_open_by_handle_at),
    FORBID(SYS_unlinkat), FORBID(SYS_renameat), FORBID(SYS_renameat2), FORBID(SYS_mkdirat),
    FORBID(SYS_linkat), FORBID(SYS_symlinkat), FORBID(SYS_fchmod), FORBID(SYS_fchmodat),
    FORBID(SYS_fchown), FORBID(SYS_fchownat), FORBID(SYS_mknodat), FORBID(SYS_truncate),
    FORBID(SYS_utimensat), FORBID(SYS_setxattr), FORBID(SYS_lsetxattr), FORBID(SYS_fsetxattr),
    FORBID(SYS_removexattr), FORBID(SYS_socket), FORBID(SYS_connect), FORBID(SYS_bind),
    FORBID(SYS_listen), FORBID(SYS_accept), FORBID(SYS_accept4), FORBID(SYS_io_uring_setup),
    FORBID(SYS_ptrace), FORBID(SYS_process_vm_readv), FORBID(SYS_process_vm_writev),
    FORBID(SYS_process_madvise), FORBID(SYS_pidfd_open), FORBID(SYS_mount), FORBID(SYS_umount2),
    FORBID(SYS_fsopen), FORBID(SYS_fspick), FORBID(SYS_open_tree), FORBID(SYS_move_mount),
    FORBID(SYS_chroot), FORBID(SYS_pivot_root), FORBID(SYS_unshare), FORBID(SYS_setns),
    FORBID(SYS_bpf), FORBID(SYS_perf_event_open), FORBID(SYS_userfaultfd), FORBID(SYS_keyctl),
    FORBID(SYS_add_key), FORBID(SYS_request_key), FORBID(SYS_init_module), FORBID(SYS_finit_module),
    FORBID(SYS_kexec_load), FORBID(SYS_reboot), FORBID(SYS_clock_settime), FORBID(SYS_settimeofday),
    FORBID(SYS_adjtimex), FORBID(SYS_clock_adjtime), FORBID(SYS_sethostname),
    /* Memory that no limit counts and that stays when its maker is gone. */
    FORBID(SYS_shmget), FORBID(SYS_msgget), FORBID(SYS_semget), FORBID(SYS_mq_open),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

static struct sock_filter for_converters[] = {
    BEGIN,
#if defined(__x86_64__)
    FORBID(SYS_fork), FORBID(SYS_vfork),
#endif
    FORBID(SYS_clone), FORBID(SYS_clone3),
    /* It stays in the group that is killed when the time is over. */
    FORBID(SYS_setsid), FORBID(SYS_setpgid), FORBID(SYS_kill), FORBID(SYS_tkill),
    FORBID(SYS_tgkill), FORBID(SYS_rt_sigqueueinfo), FORBID(SYS_rt_tgsigqueueinfo),
    FORBID(SYS_pidfd_send_signal), FORBID(SYS_socketpair), FORBID(SYS_memfd_create),
    /* Root could raise its limits again; asking for them is harmless. */
    FORBID(SYS_setrlimit), WHEN(SYS_prlimit64, WORD(2, 0), 0, WORD(2, 1), 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

static struct sock_filter for_parser[] = {
    BEGIN,
#if defined(__x86_64__)
    ALLOW(SYS_poll), ALLOW(SYS_time),
#endif
    ALLOW(SYS_read), ALLOW(SYS_write), ALLOW(SYS_readv), ALLOW(SYS_writev), ALLOW(SYS_lseek),
    ALLOW(SYS_close), ALLOW(SYS_fstat), ALLOW(SYS_ppoll), ALLOW(SYS_brk), ALLOW(SYS_munmap),
    ALLOW(SYS_mremap), ALLOW(SYS_madvise),
    /* No new code. */
    WITHOUT(SYS_mmap, 2, PROT_EXEC), WITHOUT(SYS_mprotect, 2, PROT_EXEC), ALLOW(SYS_futex),
    ALLOW(SYS_sched_yield), ALLOW(SYS_clock_gettime), ALLOW(SYS_clock_getres),
    ALLOW(SYS_gettimeofday), ALLOW(SYS_getrandom), ALLOW(SYS_getpid), ALLOW(SYS_gettid),
    ALLOW(SYS_getrusage),
    /* For ai_confine_next(). */
    WHEN(SYS_prlimit64, WORD(0, 0), 0, WORD(1, 0), RLIMIT_CPU), ALLOW(SYS_rt_sigaction),
    ALLOW(SYS_rt_sigprocmask), ALLOW(SYS_rt_sigreturn), ALLOW(SYS_restart_syscall), ALLOW(SYS_exit),
    ALLOW(SYS_exit_group), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)};

static bool install(struct sock_filter *code, size_t size)
{
    const struct sock_fprog program = {(unsigned short)(size / sizeof *code), code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
#define INSTALL(code) install(code, sizeof(code))
#else
#define INSTALL(code) false
#endif

/* --- Files ---------------------------------------------------------------------------------- */

static void let(int rules, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return;
    (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

/* Only the system's own files, and of those only `program` and the loader it needs to be executed.
 * A kernel without Landlock leaves what can be read as it was. */
static void system_files_only(const char *program)
{
    static const char *const folders[] = {
        "/usr", "/lib", "/lib32", "/lib64", "/bin",
        "/etc", "/opt", "/nix",   "/gnu",   "/var/cache/fontconfig"};
    static const char *const loaders[] = {"/lib64/ld-linux-x86-64.so.2",
                                          "/lib/ld-linux-aarch64.so.1", "/lib/ld-linux.so.2"};
    const uint64_t look = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    const uint64_t execute = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
    const struct landlock_ruleset_attr all = {.handled_access_fs = look | execute};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (rules < 0)
        return;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        let(rules, folders[i], look);
    for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++)
        let(rules, loaders[i], execute);
    let(rules, program, execute);
    (void)syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
}

bool ai_confine(void)
{
    signal(SIGPIPE, SIG_IGN);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, AI_LIMIT_EXTRACT_FILES);
    if (chdir("/proc/self/fdinfo") != 0 && chdir("/") != 0)
        _exit(1);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || SANITIZED)
        return false;
    limit(RLIMIT_AS, AI_LIMIT_EXTRACT_MEMORY);
    return INSTALL(for_all);
}

/* No file grows; a line that a converter cannot write to its standard error is no reason to die. */
static void write_nothing(void)
{
    signal(SIGXFSZ, SIG_IGN);
    limit(RLIMIT_FSIZE, 0);
}

bool ai_confine_parser(void)
{
    write_nothing();
    return !SANITIZED && INSTALL(for_parser);
}

/* A foreign program: also where this one is sanitized, and whatever the desk had given up. */
bool ai_confine_converter(const char *program, unsigned cpu_s)
{
    struct rusage used;
    signal(SIGPIPE, SIG_DFL);
    write_nothing();
    if (getrusage(RUSAGE_SELF, &used) == 0)
        limit(RLIMIT_CPU, (rlim_t)used.ru_utime.tv_sec + cpu_s);
    limit(RLIMIT_AS, AI_LIMIT_EXTRACT_MEMORY);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    system_files_only(program);
    return INSTALL(for_all) && INSTALL(for_converters);
}
