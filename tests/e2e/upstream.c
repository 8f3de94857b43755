/*
 * upstream.c: a provider of the OpenAI API for tests: cheap to ask, bad on command, and it counts
 * what it bills. One thread, epoll, any number of connections.
 *
 *     upstream [--port N] [--tokens N] [--delay-ms N] [--token-ms N] [--fail PERCENT] [--seed N] [--text T]
 *     upstream: ready http://127.0.0.1:PORT
 *
 * POST …/chat/completions answers `--tokens` words (or T), as a stream when asked for one. What
 * stands before /chat/completions in the path names a fault: http://127.0.0.1:PORT/cut/v1 is the
 * base address of a provider that breaks off in the middle. GET /set?fault=cut does so for all
 * paths, /set?fault= ends it.
 *
 *     500 503 401 400 429    that status (429 with Retry-After: 1; 429-long: 3600)
 *     flaky                  every other call is a 500
 *     slow                   no byte ever comes
 *     cut                    the connection ends behind half of the answer
 *     stall                  half of the answer, then nothing
 *     linger                 a stream that is whole, on a connection that stays open
 *     endless                words without an end
 *     garbage                bytes that are no answer
 *     line                   one line of 4 MiB
 *     type                   a page of HTML
 *     gzip                   says that it is compressed
 *     nousage                an answer that does not tell its tokens
 *     hang-up                ends the connection without an answer
 *
 * GET /stats: {"calls","answered","failed","open","tokens_in","tokens_out"}: tokens are billed as
 * they are sent, tokens_in is a quarter of the body's bytes. POST /reset sets them to 0. GET /last:
 * the last request as it came.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { IN_MAX = 8 << 20, IN_STEP = 16 << 10, OUT_HIGH = 256 << 10, EVENTS = 256, LAST_MAX = 4096 };

struct conn {
    int fd;
    struct conn *next, **at; /* of those that wait for a time */
    uint64_t due_ms;         /* 0: nothing is waited for */
    char *in, *out;
    size_t in_len, in_cap, out_len, out_at, out_cap;
    char fault[16];
    bool answering, stream, usage, close, writable;
    unsigned sent, half;
    size_t tokens_in;
};

static struct {
    int epoll;
    unsigned port, tokens, delay_ms, token_ms, fail;
    uint64_t seed;
    const char *text;
    char fault[16];
    struct conn *waiting;
    unsigned long long calls, answered, failed, open, tokens_in, tokens_out;
    char last[LAST_MAX];
} up = {.tokens = 20, .seed = 1};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static unsigned dice(void)
{
    up.seed = up.seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(up.seed >> 33) % 100;
}

/* --- Bytes out -------------------------------------------------------------------------------- */

static void put(struct conn *c, const char *bytes, size_t len)
{
    if (c->out_at == c->out_len)
        c->out_at = c->out_len = 0;
    if (c->out_len + len > c->out_cap) {
        c->out_cap = 2 * (c->out_len + len);
        c->out = realloc(c->out, c->out_cap);
        if (!c->out)
            abort();
    }
    memcpy(c->out + c->out_len, bytes, len);
    c->out_len += len;
}

static void say(struct conn *c, const char *text)
{
    put(c, text, strlen(text));
}

/* A piece of a body of unknown length. */
static void chunk(struct conn *c, const char *text, size_t len)
{
    char head[32];
    put(c, head, (size_t)snprintf(head, sizeof head, "%zx\r\n", len));
    put(c, text, len);
    say(c, "\r\n");
}

static void whole(struct conn *c, const char *status, const char *fields, const char *body)
{
    char head[512];
    snprintf(head, sizeof head,
             "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n",
             status, fields, strlen(body));
    say(c, head);
    say(c, body);
    c->answering = false;
}

/* --- Answers ---------------------------------------------------------------------------------- */

static bool is(const struct conn *c, const char *fault)
{
    return strcmp(c->fault, fault) == 0;
}

/* The word number n of the answer with the blank before it; NULL behind the last. Escaped for JSON
 * by hand: --text is trusted. */
static const char *word(unsigned n, char out[static 256])
{
    if (!up.text) {
        snprintf(out, 256, "%sword%u", n ? " " : "", n + 1);
        return n < up.tokens ? out : NULL;
    }
    const char *t = up.text;
    for (unsigned i = 0; i < n && *t; i++) {
        t += strspn(t, " ");
        t += strcspn(t, " ");
    }
    size_t blank = strspn(t, " "), len = strcspn(t + blank, " ");
    if (!len)
        return NULL;
    snprintf(out, 256, "%.*s", (int)(blank + len), t);
    return out;
}

static unsigned words(void)
{
    char text[256];
    unsigned n = 0;
    while (word(n, text))
        n++;
    return n;
}

static void usage_put(const struct conn *c, char *out, size_t cap)
{
    snprintf(out, cap,
             "\"usage\":{\"prompt_tokens\":%zu,\"completion_tokens\":%u,\"total_tokens\":%zu}",
             c->tokens_in, c->sent, c->tokens_in + c->sent);
}

#define CHUNK_HEAD                                                                                 \
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\","

static void stream_end(struct conn *c)
{
    char text[512], usage[160];
    int n = snprintf(text, sizeof text,
                     CHUNK_HEAD
                     "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    chunk(c, text, (size_t)n);
    if (c->usage && !is(c, "nousage")) {
        usage_put(c, usage, sizeof usage);
        n = snprintf(text, sizeof text, CHUNK_HEAD "\"choices\":[],%s}\n\n", usage);
        chunk(c, text, (size_t)n);
    }
    chunk(c, "data: [DONE]\n\n", 14);
    if (!is(c, "linger"))
        say(c, "0\r\n\r\n");
    c->answering = false;
    up.answered++;
}

static void wait_for(struct conn *c, uint64_t due_ms)
{
    c->due_ms = due_ms;
    if (c->at)
        return;
    c->next = up.waiting;
    if (c->next)
        c->next->at = &c->next;
    c->at = &up.waiting;
    up.waiting = c;
}

static void wait_end(struct conn *c)
{
    if (!c->at)
        return;
    *c->at = c->next;
    if (c->next)
        c->next->at = c->at;
    c->at = NULL;
    c->due_ms = 0;
}

/* Words until one has to be waited for, the end, or the client does not take them. */
static void stream_go_on(struct conn *c)
{
    char text[256], event[512];
    for (;;) {
        if ((is(c, "cut") || is(c, "stall")) && c->sent >= c->half) {
            c->close = is(c, "cut");
            c->answering = is(c, "stall");
            return;
        }
        const char *next = word(c->sent, text);
        if (is(c, "endless"))
            next = " more";
        if (!next) {
            stream_end(c);
            return;
        }
        int n = snprintf(event, sizeof event,
                         CHUNK_HEAD "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},"
                                    "\"finish_reason\":null}]}\n\n",
                         next);
        chunk(c, event, (size_t)n);
        c->sent++;
        up.tokens_out++;
        if (up.token_ms) {
            wait_for(c, now_ms() + up.token_ms);
            return;
        }
        if (c->out_len - c->out_at > OUT_HIGH)
            return; /* goes on when it was sent */
    }
}

static void answer_whole(struct conn *c)
{
    char text[256], usage[160];
    size_t cap = 1024 + 16 * (size_t)words() + (up.text ? strlen(up.text) : 0), n;
    char *body = malloc(cap);
    if (!body)
        abort();
    n = (size_t)snprintf(body, cap,
                         "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,"
                         "\"model\":\"mock\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
                         "\"assistant\",\"content\":\"");
    for (const char *next; (next = word(c->sent, text)); c->sent++)
        n += (size_t)snprintf(body + n, cap - n, "%s", next);
    up.tokens_out += c->sent;
    usage_put(c, usage, sizeof usage);
    snprintf(body + n, cap - n, "\"},\"finish_reason\":\"stop\"}]%s%s}",
             is(c, "nousage") ? "" : ",", is(c, "nousage") ? "" : usage);
    if (is(c, "cut")) {
        char head[128];
        snprintf(head, sizeof head,
                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                 strlen(body));
        say(c, head);
        put(c, body, strlen(body) / 2);
        c->close = true;
    } else {
        whole(c, "200 OK", "", body);
        up.answered++;
    }
    free(body);
    c->answering = false;
}

static bool answer_fault(struct conn *c)
{
    static const char error[] = "{\"error\":{\"message\":\"told to fail\",\"type\":\"mock\"}}";
    static const char *const statuses[] = {"500 Internal Server Error", "503 Service Unavailable",
                                           "401 Unauthorized", "400 Bad Request"};
    static unsigned turn;
    if (is(c, "flaky") && ++turn % 2)
        snprintf(c->fault, sizeof c->fault, "500");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (strlen(c->fault) == 3 && !strncmp(c->fault, statuses[i], 3))
            return whole(c, statuses[i], "", error), true;
    if (is(c, "429") || is(c, "429-long"))
        return whole(c, "429 Too Many Requests",
                     is(c, "429") ? "Retry-After: 1\r\n" : "Retry-After: 3600\r\n", error),
               true;
    if (is(c, "hang-up")) {
        c->close = true;
        c->answering = false;
    } else if (is(c, "garbage")) {
        whole(c, "200 OK", "", "\x01\xff{[nonsense");
    } else if (is(c, "gzip")) {
        whole(c, "200 OK", "Content-Encoding: gzip\r\n", "\x1f\x8b\x08 not really");
    } else if (is(c, "type")) {
        say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 21\r\n\r\n"
               "<html>log in here</a>");
        c->answering = false;
    } else if (is(c, "line")) {
        char *line = malloc(4 << 20);
        if (!line)
            abort();
        memset(line, 'x', 4 << 20);
        memcpy(line, "data: ", 6);
        say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
               "Transfer-Encoding: chunked\r\n\r\n");
        chunk(c, line, 4 << 20);
        free(line);
    } else {
        return is(c, "slow");
    }
    return true;
}

static void answer_begin(struct conn *c)
{
    if (up.fail && dice() < up.fail)
        snprintf(c->fault, sizeof c->fault, "500");
    if (answer_fault(c)) {
        up.failed++;
        return;
    }
    up.tokens_in += c->tokens_in;
    c->half = (words() + 1) / 2;
    if (!c->stream) {
        answer_whole(c);
        return;
    }
    say(c,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream_go_on(c);
}

/* --- Requests --------------------------------------------------------------------------------- */

static void other(struct conn *c, const char *head)
{
    char body[512];
    if (!strncmp(head, "GET /set?fault=", 15))
        snprintf(up.fault, sizeof up.fault, "%.*s", (int)strcspn(head + 15, " "), head + 15);
    if (!strncmp(head, "POST /reset ", 12))
        up.calls = up.answered = up.failed = up.tokens_in = up.tokens_out = 0;
    if (!strncmp(head, "GET /last ", 10)) {
        whole(c, "200 OK", "", up.last);
        return;
    }
    snprintf(body, sizeof body,
             "{\"calls\":%llu,\"answered\":%llu,\"failed\":%llu,\"open\":%llu,\"tokens_in\":%llu,"
             "\"tokens_out\":%llu}",
             up.calls, up.answered, up.failed, up.open, up.tokens_in, up.tokens_out);
    whole(c, "200 OK", "", body);
}

static void request(struct conn *c, char *head, char *body, size_t body_len)
{
    char *path = strchr(head, ' '), *end = path ? strchr(path + 1, ' ') : NULL;
    char *call = end ? strstr(path, "/chat/completions") : NULL;
    if (!call || call > end) {
        other(c, head);
        return;
    }
    up.calls++;
    snprintf(up.last, sizeof up.last, "%s\r\n\r\n%s", head, body);
    c->answering = true;
    c->sent = 0;
    c->stream = strstr(body, "\"stream\":true") || strstr(body, "\"stream\": true");
    c->usage = strstr(body, "include_usage") != NULL;
    c->tokens_in = body_len / 4;
    /* "/FAULT/v1/chat/completions" */
    size_t len = strcspn(path + 2, "/ ");
    snprintf(c->fault, sizeof c->fault, "%.*s", (int)len, path + 2);
    if (up.fault[0])
        memcpy(c->fault, up.fault, sizeof c->fault);
    if (up.delay_ms)
        wait_for(c, now_ms() + up.delay_ms);
    else
        answer_begin(c);
}

/* Takes whole requests from the front of what came. false: too large. */
static bool requests(struct conn *c)
{
    while (!c->answering && !c->close) {
        char *end = c->in_len ? strstr(c->in, "\r\n\r\n") : NULL;
        if (!end)
            return c->in_len < IN_MAX;
        *end = '\0';
        const char *length = strcasestr(c->in, "\ncontent-length:");
        size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
        size_t all = (size_t)(end - c->in) + 4 + body;
        if (all > c->in_len) {
            *end = '\r';
            return all < IN_MAX;
        }
        char kept = c->in[all];
        c->in[all] = '\0';
        request(c, c->in, end + 4, body);
        c->in[all] = kept;
        memmove(c->in, c->in + all, c->in_len - all + 1);
        c->in_len -= all;
    }
    return true;
}

/* --- Connections ------------------------------------------------------------------------------ */

static void drop(struct conn *c)
{
    wait_end(c);
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
    up.open--;
}

/* false: the connection is gone. */
static bool flush(struct conn *c)
{
    for (unsigned round = 0;; round++) {
        while (c->out_at < c->out_len) {
            ssize_t n = send(c->fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN)
                return drop(c), false;
            bool full = n < 0 || round > 4; /* others want their turn too */
            c->out_at += n > 0 ? (size_t)n : 0;
            if (full != c->writable) {
                struct epoll_event e = {.events = EPOLLIN | (full ? EPOLLOUT : 0), .data.ptr = c};
                epoll_ctl(up.epoll, EPOLL_CTL_MOD, c->fd, &e);
                c->writable = full;
            }
            if (full)
                return true;
        }
        if (c->close)
            return drop(c), false;
        if (c->answering && c->stream && c->sent && !c->at && !is(c, "stall"))
            stream_go_on(c);
        else if (!c->answering && c->in_len && !requests(c))
            return drop(c), false;
        if (c->out_at == c->out_len && !c->close)
            return true;
    }
}

static void readable(struct conn *c)
{
    if (c->in_len + IN_STEP + 1 > c->in_cap) {
        c->in_cap = 2 * c->in_cap + IN_STEP + 1;
        c->in = realloc(c->in, c->in_cap);
        if (!c->in)
            abort();
    }
    ssize_t n = recv(c->fd, c->in + c->in_len, IN_STEP, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        drop(c);
        return;
    }
    c->in_len += n > 0 ? (size_t)n : 0;
    c->in[c->in_len] = '\0';
    if (requests(c))
        flush(c);
    else
        drop(c);
}

static void accept_one(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    struct conn *c = fd < 0 ? NULL : calloc(1, sizeof *c);
    if (!c)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->fd = fd;
    up.open++;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(up.epoll, EPOLL_CTL_ADD, fd, &e);
}

/* What was waited for; returns how long to sleep. */
static int timers(void)
{
    uint64_t now = up.waiting ? now_ms() : 0;
    uint64_t soonest = UINT64_MAX;
    for (struct conn *c = up.waiting, *next; c; c = next) {
        next = c->next;
        if (c->due_ms > now) {
            soonest = c->due_ms < soonest ? c->due_ms : soonest;
            continue;
        }
        wait_end(c);
        if (c->sent && c->answering)
            stream_go_on(c);
        else
            answer_begin(c);
        if (c->at)
            soonest = c->due_ms < soonest ? c->due_ms : soonest;
        flush(c);
    }
    return soonest == UINT64_MAX ? -1 : (int)(soonest - now);
}

static int listen_on(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&a, &len)) {
        perror("upstream");
        exit(EXIT_FAILURE);
    }
    printf("upstream: ready http://127.0.0.1:%u\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

static void options_read(int argc, char **argv)
{
    const struct {
        const char *name;
        unsigned *value;
    } numbers[] = {{"--port", &up.port},
                   {"--tokens", &up.tokens},
                   {"--delay-ms", &up.delay_ms},
                   {"--token-ms", &up.token_ms},
                   {"--fail", &up.fail}};
    for (int i = 1; i < argc; i += 2) {
        bool known = false;
        for (size_t k = 0; i + 1 < argc && k < sizeof numbers / sizeof *numbers; k++) {
            if (!strcmp(argv[i], numbers[k].name)) {
                *numbers[k].value = (unsigned)strtoul(argv[i + 1], NULL, 10);
                known = true;
            }
        }
        if (i + 1 < argc && !strcmp(argv[i], "--seed"))
            up.seed = strtoull(argv[i + 1], NULL, 10), known = true;
        if (i + 1 < argc && !strcmp(argv[i], "--text"))
            up.text = argv[i + 1], known = true;
        if (!known) {
            fprintf(stderr, "upstream: %s is no option with a value\n", argv[i]);
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];
    options_read(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    up.epoll = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on(up.port);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(up.epoll, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int n = epoll_wait(up.epoll, events, EVENTS, timers());
        for (int i = 0; i < n; i++) {
            struct conn *c = events[i].data.ptr;
            if (!c)
                accept_one(listener);
            else if (!(events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
                flush(c);
            else
                readable(c);
        }
    }
}
