/*
 * hostile.c: a converter that does to its host what it can, built without
 * anything but the C library. The document tells it what; what came of
 * each attempt is its output, a line each: "socket refused".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tell(const char *what, long result)
{
    printf("%s %s\n\n", what,
           result >= 0                          ? "allowed"
           : errno == EPERM || errno == EACCES  ? "refused"
           : errno == ENOMEM || errno == EAGAIN ? "limited"
                                                : strerror(errno));
}

/* `secret`: the path of a file that is no document of this converter. */
static void attempt(const char *secret)
{
    struct rlimit limit;
    char beside[4200];
    char *const argv[] = {"true", NULL};
    tell("socket", socket(AF_INET, SOCK_STREAM, 0));
    tell("unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
    snprintf(beside, sizeof beside, "%s-not", secret);
    tell("write", open(beside, O_WRONLY | O_CREAT, 0600));
    tell("secret", open(secret, O_RDONLY));
    unlink(beside);
    tell("mkdir", mkdirat(AT_FDCWD, beside, 0700));
    rmdir(beside);
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    tell("process", child);
    tell("session", setsid());
    tell("signal", kill(getppid(), 0));
    tell("mode", syscall(452, AT_FDCWD, secret, 0600, 0)); /* fchmodat2 */
    tell("memory file", memfd_create("x", 0));
    tell("change input", ftruncate(STDIN_FILENO, 1 << 20));
    tell("shared memory", syscall(SYS_shmget, 0, 1 << 20, 0600));
    tell("trace", ptrace(PTRACE_CONT, 1 << 30, NULL, NULL));
    getrlimit(RLIMIT_AS, &limit);
    tell("set limit", setrlimit(RLIMIT_AS, &limit));
    void *memory = mmap(NULL, 3ul << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell("memory", memory == MAP_FAILED ? -1 : 0);
    tell("exec", execv("/bin/true", argv));
}

/* Three rows, after so many MiB of spaces: as it looks, and as it is
 * read column by column. */
static void table(int drawn, size_t spaces)
{
    static char block[1 << 20];
    memset(block, ' ', sizeof block);
    for (; spaces > 0; spaces--)
        fwrite(block, 1, sizeof block, stdout);
    puts(drawn ? "\nPart   Price\nPump   17.50\nHose    4.00"
               : "\nPart\nPump\nHose\n\nPrice\n17.50\n4.00");
}

int main(int argc, char **argv)
{
    /* setvbuf() with no buffer would leave stdout the one byte of an unbuffered stream. */
    static char order[4096], block[1 << 16];
    int drawn = argc > 1 && !strcmp(argv[1], "-layout");
    ssize_t n = read(STDIN_FILENO, order, sizeof order - 1);
    char *what = n > 0 ? strchr(order, '\n') : NULL, *end = what ? strchr(what + 1, '\n') : NULL;
    if (!end)
        return 1;
    *end = '\0';
    setvbuf(stdout, NULL, _IONBF, 0); /* what was told stays told when the program is replaced */
    if (!strncmp(what + 1, "attempt ", 8))
        attempt(what + 9);
    else if (!strncmp(what + 1, "die", 3))
        __builtin_trap();
    else if (!strncmp(what + 1, "flood", 5) && !setvbuf(stdout, block, _IOFBF, sizeof block))
        while (puts("more and more and more and more and more and more") >= 0)
            continue;
    else if (!strncmp(what + 1, "table", 5))
        table(drawn, 0);
    else if (!strncmp(what + 1, "wide table", 10))
        table(drawn, 64);
    else if (!strncmp(what + 1, "plain, then die", 15))
        drawn ? __builtin_trap() : table(0, 0);
    else if (!strncmp(what + 1, "linger", 6))
        for (;;)
            pause();
    else
        puts("A peaceful document.");
    return 0;
}
