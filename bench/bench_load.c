/*
 * bench_load.c: HTTP/1.1 clients that keep their connections, as one process, for what wrk cannot
 * do: a rate that does not wait for the server, answers that stream, an address for each client.
 *
 *   bench-load HOST:PORT FILE [key=value...]     one line of JSON
 *
 *   FILE         a whole request, head and body; "@@@@@@@@" in it becomes the number of the request, eight digits
 *   clients=N    connections (1)
 *   addresses=N  of 127.FIRST.0.0/16 that they come from (0: whatever the system gives)
 *   first=N      that FIRST (1)
 *   rate=N       requests a second, due at even times whether or not earlier ones are answered; 0: each client asks
 *                again when it has its answer
 *   seconds=N    how long requests are sent (1)
 *   count=N      or after so many
 *   pause_ms=N   of a client between its answer and its next request (0)
 *
 * With a rate, a request's time counts from when it was due, so that a server that stands still is
 * charged for all whom it keeps waiting. A connection that fails is made again after RETRY_MS; a
 * request of which anything was sent counts as failed.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MARK "@@@@@@@@"
#define MARKS 8
#define HEAD 8192
#define RETRY_MS 20
#define STEP_NS 1000000u /* how often clients that rest are looked at, when nothing else happens */
#define LINGER_S 30      /* answers to what was sent are waited for so long */

enum state { IDLE, ASKING, WAITING };

struct client {
    int fd;
    enum state state;
    uint64_t due_ns, ready_ns; /* of its request; when an IDLE one may ask */
    size_t sent;
    char head[HEAD];
    size_t head_len;
    bool body, chunked, close;
    uint64_t left; /* of the body, or of the chunk */
    char line[32]; /* of a chunk's size */
    size_t line_len;
    bool in_chunk, last;
    uint32_t first_us; /* until a byte of the body; 0: none yet */
    char *request;
};

static struct {
    struct sockaddr_in to;
    long clients, addresses, first, rate, seconds, count, pause_ms;
    char *request;
    size_t request_len;
    size_t marks[MARKS], mark_count;
} plan = {.clients = 1, .first = 1, .seconds = 1};

static struct client *clients;
static int poller;
static uint64_t sent, answered, failed, bytes, statuses[600];
static uint32_t *times_us, *firsts_us;
static size_t times_count, times_cap;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "bench-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- Connections ------------------------------------------------------------------------------ */

static void client_rest(struct client *c, uint64_t pause_ms)
{
    c->state = IDLE;
    c->ready_ns = now_ns() + pause_ms * 1000000u;
}

static void client_fail(struct client *c)
{
    if (c->state == ASKING && c->sent == 0)
        sent--;
    else if (c->state != IDLE)
        failed++;
    close(c->fd);
    c->fd = -1;
    client_rest(c, RETRY_MS);
}

static void client_connect(struct client *c)
{
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0)
        die("socket");
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (plan.addresses > 0) {
        long i = (c - clients) % plan.addresses;
        struct sockaddr_in from = {.sin_family = AF_INET};
        from.sin_addr.s_addr = htonl((127u << 24) | ((uint32_t)plan.first << 16) |
                                     ((uint32_t)(i / 250) << 8) | ((uint32_t)(i % 250) + 1));
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(c->fd, (struct sockaddr *)&from, sizeof from) < 0)
            die("bind");
    }
    if (connect(c->fd, (struct sockaddr *)&plan.to, sizeof plan.to) < 0 && errno != EINPROGRESS) {
        client_fail(c);
        return;
    }
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e) < 0)
        die("epoll_ctl");
}

/* --- Answers ---------------------------------------------------------------------------------- */

static uint32_t since_us(uint64_t from_ns)
{
    uint64_t us = (now_ns() - from_ns) / 1000;
    return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static void client_answered(struct client *c)
{
    if (times_count == times_cap) {
        times_cap = times_cap ? times_cap * 2 : 65536;
        times_us = realloc(times_us, times_cap * sizeof *times_us);
        firsts_us = realloc(firsts_us, times_cap * sizeof *firsts_us);
        if (!times_us || !firsts_us)
            die("memory");
    }
    times_us[times_count] = since_us(c->due_ns);
    firsts_us[times_count] = c->first_us ? c->first_us : times_us[times_count];
    times_count++;
    answered++;
    int status = (int)strtol(c->head + 9, NULL, 10);
    statuses[status > 0 && status < 600 ? status : 0]++;
    if (c->close) {
        close(c->fd);
        c->fd = -1;
    }
    client_rest(c, (uint64_t)plan.pause_ms);
}

static const char *header(const char *head, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':')
            return line + 2 + len + 1 + strspn(line + 2 + len + 1, " ");
    }
    return NULL;
}

static void head_read(struct client *c)
{
    const char *length = header(c->head, "content-length"),
               *coding = header(c->head, "transfer-encoding");
    const char *connection = header(c->head, "connection");
    c->chunked = coding && strncasecmp(coding, "chunked", 7) == 0;
    c->close = connection && strncasecmp(connection, "close", 5) == 0;
    c->left = length ? strtoull(length, NULL, 10) : c->chunked ? 0 : UINT64_MAX;
    c->body = true;
    c->in_chunk = c->last = false;
    c->line_len = 0;
}

/* Lines of sizes and pieces of them, until the empty line after the size 0. True at the end. */
static bool chunks_read(struct client *c, const char *at, size_t len)
{
    while (len > 0) {
        if (c->in_chunk && c->left > 0) {
            size_t n = len < c->left ? len : (size_t)c->left;
            c->left -= n, at += n, len -= n;
            continue;
        }
        char b = *at++;
        len--;
        if (b != '\n') {
            if (b != '\r' && c->line_len < sizeof c->line - 1)
                c->line[c->line_len++] = b;
            continue;
        }
        c->line[c->line_len] = 0;
        if (c->last && c->line_len == 0)
            return true;
        if (c->in_chunk) {
            c->in_chunk = false; /* the line end after a piece */
        } else if (!c->last) {
            c->left = strtoull(c->line, NULL, 16);
            c->last = c->left == 0;
            c->in_chunk = !c->last;
        }
        c->line_len = 0;
    }
    return false;
}

static bool body_read(struct client *c, const char *at, size_t len)
{
    bytes += len;
    if (len > 0 && !c->first_us)
        c->first_us = since_us(c->due_ns);
    if (c->chunked)
        return chunks_read(c, at, len);
    if (c->left != UINT64_MAX)
        c->left -= len < c->left ? len : c->left;
    return c->left == 0;
}

/* Takes what came; true when the answer is whole. */
static bool client_take(struct client *c, const char *at, size_t len)
{
    if (!c->body) {
        size_t had = c->head_len, n = len < HEAD - 1 - had ? len : HEAD - 1 - had;
        memcpy(c->head + had, at, n);
        c->head[had + n] = 0;
        char *end = strstr(c->head, "\r\n\r\n");
        if (!end) {
            c->head_len += n;
            return false;
        }
        size_t used = (size_t)(end + 4 - c->head) - had;
        end[2] = 0;
        head_read(c);
        at += used, len -= used;
    }
    return body_read(c, at, len);
}

static void client_read(struct client *c)
{
    char piece[65536];
    while (c->fd >= 0) {
        ssize_t n = recv(c->fd, piece, sizeof piece, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            if (n == 0 && c->state == WAITING && c->body && c->left == UINT64_MAX && !c->chunked) {
                c->close = true;
                client_answered(c);
            } else {
                client_fail(c);
            }
            return;
        }
        if (c->state == WAITING && client_take(c, piece, (size_t)n))
            client_answered(c);
    }
}

/* --- Requests --------------------------------------------------------------------------------- */

static void client_write(struct client *c)
{
    while (c->state == ASKING) {
        ssize_t n = send(c->fd, c->request + c->sent, plan.request_len - c->sent, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
            return;
        if (n < 0) {
            client_fail(c);
            return;
        }
        c->sent += (size_t)n;
        if (c->sent == plan.request_len)
            c->state = WAITING;
    }
}

static void client_ask(struct client *c, uint64_t due_ns)
{
    char number[16];
    snprintf(number, sizeof number, "%08u", (unsigned)(sent % 100000000u));
    for (size_t i = 0; i < plan.mark_count; i++)
        memcpy(c->request + plan.marks[i], number, 8);
    sent++;
    c->state = ASKING;
    c->due_ns = due_ns;
    c->sent = c->head_len = 0;
    c->body = false;
    c->first_us = 0;
    if (c->fd < 0)
        client_connect(c);
    client_write(c);
}

static bool more(uint64_t began_ns, uint64_t at_ns)
{
    if (plan.count > 0)
        return sent < (uint64_t)plan.count;
    return at_ns - began_ns < (uint64_t)plan.seconds * 1000000000u;
}

/* Sends what is due to clients that rest. Returns nanoseconds until there may be more to send. */
static uint64_t send_due(uint64_t began_ns)
{
    static long turn;
    uint64_t now = now_ns();
    for (long tried = 0; tried < plan.clients && more(began_ns, now); tried++) {
        struct client *c = &clients[(turn + tried) % plan.clients];
        uint64_t due = plan.rate > 0 ? began_ns + sent * 1000000000u / (uint64_t)plan.rate : now;
        if (due > now) {
            turn = (turn + tried) % plan.clients;
            return due - now;
        }
        if (c->state == IDLE && c->ready_ns <= now)
            client_ask(c, due);
    }
    turn = (turn + 1) % plan.clients;
    return STEP_NS;
}

static bool any_waits(void)
{
    for (long i = 0; i < plan.clients; i++) {
        if (clients[i].state != IDLE)
            return true;
    }
    return false;
}

static double run(void)
{
    uint64_t began = now_ns(), ended = 0;
    struct epoll_event events[256];
    for (;;) {
        uint64_t wait_ns = STEP_NS;
        if (more(began, now_ns())) {
            wait_ns = send_due(began);
        } else {
            ended = ended ? ended : now_ns();
            if (!any_waits() || now_ns() - ended > LINGER_S * UINT64_C(1000000000))
                return (double)(ended - began) / 1e9;
        }
        struct timespec wait = {.tv_sec = (time_t)(wait_ns / 1000000000u),
                                .tv_nsec = (long)(wait_ns % 1000000000u)};
        int n = epoll_pwait2(poller, events, 256, &wait, NULL);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT)
                client_write(c);
            if (c->fd >= 0 && events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
                client_read(c);
            /* It need not wait for others to be looked at. */
            if (c->state == IDLE && plan.rate == 0 && c->ready_ns <= now_ns() &&
                more(began, now_ns()))
                client_ask(c, now_ns());
        }
    }
}

/* --- The rest --------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double share_ms(uint32_t *sorted, double share)
{
    size_t at = (size_t)((double)times_count * share);
    return times_count ? sorted[at < times_count ? at : times_count - 1] / 1e3 : 0;
}

static void report(double seconds)
{
    qsort(times_us, times_count, sizeof *times_us, by_size);
    qsort(firsts_us, times_count, sizeof *firsts_us, by_size);
    printf(
        "{\"sent\": %llu, \"answered\": %llu, \"failed\": %llu, \"seconds\": %.3f, \"bytes\": %llu, ",
        (unsigned long long)sent, (unsigned long long)answered, (unsigned long long)failed, seconds,
        (unsigned long long)bytes);
    printf(
        "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"first_p50_ms\": %.3f, \"statuses\": {",
        share_ms(times_us, .5), share_ms(times_us, .99), share_ms(times_us, 1),
        share_ms(firsts_us, .5));
    const char *comma = "";
    for (int i = 0; i < 600; i++) {
        if (statuses[i] > 0) {
            printf("%s\"%d\": %llu", comma, i, (unsigned long long)statuses[i]);
            comma = ", ";
        }
    }
    printf("}}\n");
}

static void read_request(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        die(path);
    plan.request = calloc(1, (1u << 20) + 1);
    if (!plan.request)
        die("memory");
    plan.request_len = fread(plan.request, 1, 1u << 20, file);
    fclose(file);
    for (char *at = plan.request; plan.mark_count < MARKS && (at = strstr(at, MARK));
         at += strlen(MARK))
        plan.marks[plan.mark_count++] = (size_t)(at - plan.request);
}

static void read_options(int argc, char **argv)
{
    static const struct {
        const char *name;
        long *value;
    } options[] = {{"clients=", &plan.clients},  {"addresses=", &plan.addresses},
                   {"first=", &plan.first},      {"rate=", &plan.rate},
                   {"seconds=", &plan.seconds},  {"count=", &plan.count},
                   {"pause_ms=", &plan.pause_ms}};
    for (int i = 3; i < argc; i++) {
        size_t j = 0;
        while (j < sizeof options / sizeof *options &&
               strncmp(argv[i], options[j].name, strlen(options[j].name)) != 0)
            j++;
        if (j == sizeof options / sizeof *options) {
            fprintf(stderr, "bench-load: %s?\n", argv[i]);
            exit(2);
        }
        *options[j].value = strtol(argv[i] + strlen(options[j].name), NULL, 10);
    }
}

int main(int argc, char **argv)
{
    char *colon = argc > 2 ? strchr(argv[1], ':') : NULL;
    if (!colon) {
        fprintf(stderr, "usage: bench-load HOST:PORT FILE [key=value...]\n");
        return 2;
    }
    *colon = 0;
    plan.to = (struct sockaddr_in){.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10))};
    if (inet_pton(AF_INET, argv[1], &plan.to.sin_addr) != 1)
        die(argv[1]);
    read_request(argv[2]);
    read_options(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    poller = epoll_create1(0);
    clients = calloc((size_t)plan.clients, sizeof *clients);
    if (poller < 0 || !clients)
        die("start");
    for (long i = 0; i < plan.clients; i++) {
        clients[i].request = malloc(plan.request_len);
        if (!clients[i].request)
            die("memory");
        memcpy(clients[i].request, plan.request, plan.request_len);
        clients[i].fd = -1;
    }
    report(run());
    return 0;
}
