/* upstream.c: see upstream.h. Tests run in build/tests/unit, the program lies in build. */
#include "tests/unit/upstream.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    abort();
}

void upstream_start(struct upstream *up, const char *const options[7])
{
    int out[2];
    char line[128] = "";
    const char *argv[9] = {"upstream"};
    for (int i = 0; i < 7 && options[i]; i++)
        argv[1 + i] = options[i];
    if (pipe(out))
        die("pipe");
    up->pid = fork();
    if (up->pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        /* A test that ends in its middle (a sanitizer's report) must not leave it behind: the
         * runner waits for both. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execv("../../upstream", (char *const *)argv);
        _exit(127);
    }
    close(out[1]);
    FILE *file = fdopen(out[0], "r");
    if (!file || !fgets(line, sizeof line, file))
        die("../../upstream");
    fclose(file);
    if (sscanf(line, "upstream: ready %63s", up->url) != 1)
        die(line);
}

void upstream_stop(struct upstream *up)
{
    kill(up->pid, SIGKILL);
    waitpid(up->pid, NULL, 0);
}

void upstream_get(const struct upstream *up, const char *path, char *out, size_t cap)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[256], answer[8192];
    size_t len = 0;
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_port = htons((uint16_t)strtoul(strrchr(up->url, ':') + 1, NULL, 10));
    if (connect(fd, (struct sockaddr *)&at, sizeof at))
        die("connect");
    int want = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n\r\n", path);
    if (write(fd, request, (size_t)want) != want)
        die("write");
    shutdown(fd, SHUT_WR);
    while (len + 1 < sizeof answer && (n = read(fd, answer + len, sizeof answer - 1 - len)) > 0)
        len += (size_t)n;
    close(fd);
    answer[len] = '\0';
    const char *body = strstr(answer, "\r\n\r\n");
    snprintf(out, cap, "%s", body ? body + 4 : "");
}

long long upstream_stat(const struct upstream *up, const char *name)
{
    char stats[512], key[64];
    upstream_get(up, "/stats", stats, sizeof stats);
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(stats, key);
    return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}
