/*
 * confine.c: resource limits, and a seccomp filter that answers EPERM to system calls which open the
 * network, write or change files, or reach into other processes and the kernel. A list of what is
 * forbidden rather than of what is allowed: the C library and the converters may change which
 * harmless calls they make, and a document must not fail for that.
 */
#include "ai/extract/confine.h"

#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
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

static void limit(int what, rlim_t value)
{
    struct rlimit l;
    if (getrlimit((__rlimit_resource_t)what, &l) != 0)
        return;
    l.rlim_cur = l.rlim_max != RLIM_INFINITY && value > l.rlim_max ? l.rlim_max : value;
    setrlimit((__rlimit_resource_t)what, &l);
}

void ai_confine_next(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) == 0)
        limit(RLIMIT_CPU,
              (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + AI_LIMIT_EXTRACT_CPU_S);
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
/* Opening is allowed for reading: flags are argument `arg` of the call. */
#define READ_ONLY(call, arg)                                                                       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 4),                                             \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[arg])),              \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1),         \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),                                      \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter code[] = {
    /* The numbers mean something else to programs of another architecture. */
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#if defined(__x86_64__)
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), /* x32 */
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    READ_ONLY(SYS_open, 1),
    FORBID(SYS_creat),
    FORBID(SYS_unlink),
    FORBID(SYS_rename),
    FORBID(SYS_mkdir),
    FORBID(SYS_rmdir),
    FORBID(SYS_link),
    FORBID(SYS_symlink),
    FORBID(SYS_chmod),
    FORBID(SYS_chown),
    FORBID(SYS_lchown),
    FORBID(SYS_mknod),
    FORBID(SYS_utime),
    FORBID(SYS_utimes),
#endif
    READ_ONLY(SYS_openat, 2),
    FORBID(SYS_openat2),
    FORBID(SYS_unlinkat),
    FORBID(SYS_renameat),
    FORBID(SYS_renameat2),
    FORBID(SYS_mkdirat),
    FORBID(SYS_linkat),
    FORBID(SYS_symlinkat),
    FORBID(SYS_fchmod),
    FORBID(SYS_fchmodat),
    FORBID(SYS_fchown),
    FORBID(SYS_fchownat),
    FORBID(SYS_mknodat),
    FORBID(SYS_truncate),
    FORBID(SYS_utimensat),
    FORBID(SYS_setxattr),
    FORBID(SYS_lsetxattr),
    FORBID(SYS_fsetxattr),
    FORBID(SYS_removexattr),
    FORBID(SYS_socket),
    FORBID(SYS_connect),
    FORBID(SYS_bind),
    FORBID(SYS_listen),
    FORBID(SYS_accept),
    FORBID(SYS_accept4),
    FORBID(SYS_io_uring_setup),
    FORBID(SYS_ptrace),
    FORBID(SYS_process_vm_readv),
    FORBID(SYS_process_vm_writev),
    FORBID(SYS_pidfd_open),
    FORBID(SYS_mount),
    FORBID(SYS_umount2),
    FORBID(SYS_chroot),
    FORBID(SYS_pivot_root),
    FORBID(SYS_unshare),
    FORBID(SYS_setns),
    FORBID(SYS_bpf),
    FORBID(SYS_perf_event_open),
    FORBID(SYS_userfaultfd),
    FORBID(SYS_keyctl),
    FORBID(SYS_add_key),
    FORBID(SYS_request_key),
    FORBID(SYS_init_module),
    FORBID(SYS_finit_module),
    FORBID(SYS_kexec_load),
    FORBID(SYS_reboot),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

static bool filter(void)
{
    const struct sock_fprog program = {sizeof code / sizeof *code, code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
#else
static bool filter(void)
{
    return false;
}
#endif

bool ai_confine(void)
{
    signal(SIGPIPE, SIG_IGN);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    limit(RLIMIT_CORE, 0);
    if (chdir("/proc/self/fdinfo") != 0 && chdir("/") != 0)
        _exit(1);
    if (SANITIZED)
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    limit(RLIMIT_AS, AI_LIMIT_EXTRACT_MEMORY);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter();
}
