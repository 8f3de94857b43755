/* house.c: see house.h. */
#include "tests/unit/gate/house.h"

#include "core/limits.h"
#include "core/mem.h"
#include "gate/inside.h"
#include "tests/unit/bus/folder.h"
#include "tests/unit/store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct house *house_of(void *ctx)
{
    return ctx;
}

static int64_t moved_wall(void *ctx)
{
    return core_env_real()->wall_ms(NULL) + atomic_load(&house_of(ctx)->shift_ms);
}

static uint64_t moved_mono(void *ctx)
{
    return core_env_real()->mono_ns(NULL) +
           (uint64_t)atomic_load(&house_of(ctx)->shift_ms) * 1000000;
}

static void random_bytes(void *ctx, void *out, size_t len)
{
    (void)ctx;
    core_env_real()->random(core_env_real()->ctx, out, len);
}

/* --- Handlers ------------------------------------------------------------------------------- */

static struct house *the_house; /* one at a time */

static void handle_hello(struct gate_request *r)
{
    gate_reply(r, 200, "text/plain", CORE_STR("hello"));
}

static void handle_echo(struct gate_request *r)
{
    gate_reply(r, 200, "application/octet-stream", gate_request_body(r));
}

static void handle_json(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct core_str name = core_str("nobody");
    if (!body)
        return;
    (void)core_json_str(core_json_get(body, "name"), &name);
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_str(&o, "name", name);
    core_json_out_end(&o);
    gate_reply_header(r, "x-extra", CORE_STR("a\r\nb: c"));
    gate_reply_json(r, 201);
}

static int64_t number(const struct gate_request *r, const char *name, int64_t fallback)
{
    struct core_str value;
    int64_t n = fallback;
    if (gate_request_query(r, name, &value))
        (void)core_str_to_i64(value, 0, INT32_MAX, &n);
    return n;
}

static void handle_big(struct gate_request *r)
{
    struct core_buf *out = gate_reply_buf(r);
    int64_t n = number(r, "n", 10);
    for (; n >= 26; n -= 26)
        core_buf_add_c(out, "abcdefghijklmnopqrstuvwxyz");
    core_buf_add(out, "abcdefghijklmnopqrstuvwxyz", (size_t)n);
    gate_reply(r, 200, "text/plain", core_buf_str(out));
}

static void handle_stream(struct gate_request *r)
{
    int64_t n = number(r, "n", 3);
    if (number(r, "held", 0))
        gate_stream_begin_held(r, 200, "text/event-stream");
    else
        gate_stream_begin(r, 200, "text/event-stream");
    for (int64_t i = 0; i < n; i++)
        gate_stream_event(r, i % 2 ? NULL : "tick", CORE_STR("{\"a\":\n1}"));
    gate_stream_end(r);
}

struct timed {
    struct gate_request *r;
    struct core_timer *timer;
    int64_t left;
};

static void on_tick(void *arg)
{
    struct timed *t = arg;
    gate_stream_event(t->r, NULL, CORE_STR("1"));
    if (--t->left > 0)
        return;
    gate_stream_end(t->r);
    core_timer_free(t->timer);
    free(t);
}

/* One event every ten milliseconds. */
static void handle_timed(struct gate_request *r)
{
    struct timed *t = core_alloc(sizeof *t);
    t->r = r;
    t->left = number(r, "n", 5);
    gate_stream_begin(r, 200, "text/event-stream");
    t->timer = core_timer_new(the_house->loop, on_tick, t);
    core_timer_start(t->timer, 10, 10);
}

static void flood_gone(struct gate_request *r, void *arg)
{
    (void)arg;
    atomic_store(&the_house->cut, true);
    gate_request_release(r);
}

/* Writes more than any client may be behind. */
static void handle_flood(struct gate_request *r)
{
    char piece[4096];
    memset(piece, 'f', sizeof piece);
    gate_request_on_gone(r, flood_gone, NULL);
    gate_stream_begin(r, 200, "application/octet-stream");
    for (int i = 0; i < 10000; i++)
        gate_stream_write(r, core_strn(piece, sizeof piece));
}

/* The same, but looks whether the client is gone, and lets go as soon as it is. */
static void handle_leave(struct gate_request *r)
{
    char piece[4096];
    memset(piece, 'l', sizeof piece);
    gate_stream_begin(r, 200, "application/octet-stream");
    while (!gate_request_gone(r))
        gate_stream_write(r, core_strn(piece, sizeof piece));
    gate_request_release(r);
    atomic_fetch_add(&the_house->gone, 1);
}

static void never_gone(struct gate_request *r, void *arg)
{
    (void)arg;
    atomic_fetch_sub(&the_house->waiting, 1);
    atomic_fetch_add(&the_house->gone, 1);
    gate_request_release(r);
}

static void handle_never(struct gate_request *r)
{
    gate_request_on_gone(r, never_gone, NULL);
    if (number(r, "stream", 0))
        gate_stream_begin(r, 200, "text/event-stream");
    if (number(r, "held", 0))
        gate_stream_begin_held(r, 200, "text/event-stream");
    atomic_fetch_add(&the_house->waiting, 1);
}

static void slow_run(struct gate_request *r, void *arg)
{
    (void)arg;
    do
        house_sleep((unsigned)number(r, "ms", 20));
    while (atomic_load(&the_house->held));
}

static void slow_done(struct gate_request *r, void *arg)
{
    if (number(r, "never", 0))
        handle_never(r);
    else
        gate_reply(r, 200, "text/plain", core_str(arg));
}

static void handle_slow(struct gate_request *r)
{
    gate_work(r, slow_run, slow_done, "slow");
}

/* Answers how often it was done. */
static void handle_once(struct gate_request *r)
{
    struct core_buf *out = gate_reply_buf(r);
    core_buf_addf(out, "{\"done\":%d}", atomic_fetch_add(&the_house->done, 1) + 1);
    gate_reply_json(r, 201);
}

static void handle_params(struct gate_request *r)
{
    struct core_str q = core_str("-");
    struct core_buf *out = gate_reply_buf(r);
    (void)gate_request_query(r, "q", &q);
    core_buf_addf(out, "%.*s|%.*s|%.*s|%.*s", CORE_STR_ARG(gate_request_param(r, "a")),
                  CORE_STR_ARG(gate_request_param(r, "b")), CORE_STR_ARG(gate_request_path(r)),
                  CORE_STR_ARG(q));
    gate_reply(r, 200, "text/plain", core_buf_str(out));
}

static void handle_who(struct gate_request *r)
{
    gate_reply(r, 200, "text/plain", core_str(gate_request_account(r)->name));
}

/* Fills its pool: 503 when there is less than for others, 500 when it is not clean. */
static void handle_pool(struct gate_request *r)
{
    static const size_t sizes[] = {600, GATE_LIMIT_REQUEST_POOL / 4 * 3};
    int status = 204;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *p = core_pool_alloc(gate_request_pool(r), sizes[i]);
        if (!p)
            status = 503;
        else if (p[0] || memcmp(p, p + 1, sizes[i] - 1))
            status = 500;
        if (p)
            memset(p, 0x5a, sizes[i]);
    }
    gate_reply_empty(r, status);
}

/* How many answers wait for their clients, what is kept of what came with their requests, and how
 * much work waits. */
static void handle_inside(struct gate_request *r)
{
    struct core_buf *out = gate_reply_buf(r);
    unsigned waiting = 0, documents = 0;
    for (const struct gate_conn *c = r->gate->conns; c; c = c->next)
        for (const struct gate_request *other = c->requests; other; other = other->next) {
            waiting += other->answered;
            documents += other->json != NULL;
        }
    core_buf_addf(out, "%u answers, %zu bytes, %u documents, %zu works", waiting, r->gate->bodies,
                  documents, core_work_waiting(r->gate->pool));
    gate_reply(r, 200, "text/plain", core_buf_str(out));
}

static void handle_empty(struct gate_request *r)
{
    gate_reply_empty(r, 204);
}

#define ROUTE(method_, pattern_, handle_, ...)                                                     \
    {.method = method_,                                                                            \
     .pattern = pattern_,                                                                          \
     .handle = handle_,                                                                            \
     .id = pattern_ + 1,                                                                           \
     .summary = pattern_,                                                                          \
     __VA_ARGS__}

static const struct gate_route routes[] = {
    ROUTE("GET", "/hello", handle_hello, .rate = GATE_RATE_NONE),
    ROUTE("POST", "/hello", handle_empty, .body_max = 10),
    ROUTE("POST", "/echo", handle_echo, .body_max = 1 << 20),
    ROUTE("POST", "/json", handle_json, .body_max = 4096, .request_schema = "{}"),
    ROUTE("GET", "/big", handle_big, .query = "n:integer!"),
    ROUTE("GET", "/stream", handle_stream),
    ROUTE("GET", "/timed", handle_timed),
    ROUTE("GET", "/flood", handle_flood),
    ROUTE("GET", "/leave", handle_leave),
    ROUTE("GET", "/never", handle_never),
    ROUTE("GET", "/slow", handle_slow),
    ROUTE("POST", "/once", handle_once, .auth = GATE_USER, .keyed = GATE_KEYED),
    ROUTE("GET", "/pool", handle_pool),
    ROUTE("GET", "/inside", handle_inside),
    ROUTE("GET", "/limited", handle_hello, .rate = GATE_RATE_LOGIN),
    ROUTE("GET", "/p/{a}/x/{b}", handle_params),
    ROUTE("GET", "/who", handle_who, .auth = GATE_USER),
    ROUTE("POST", "/who", handle_who, .auth = GATE_OWNER),
    ROUTE("POST", "/v1/thing", handle_json, .body_max = 100, .errors = GATE_OPENAI),
};

static const struct web_asset assets[] = {
    {"/",
     "text/html; charset=utf-8",
     "W/\"1\"",
     false,
     {(const void *)"<p>page", 7},
     {(const void *)"gzip", 4},
     {(const void *)"br", 2}},
    {"/assets/x-1.js", "text/javascript", "W/\"2\"", true, {(const void *)"let x", 5}, {0}, {0}},
};
static const struct web_asset pack = {
    "/pack.gz", "application/gzip", "W/\"3\"", false, {(const void *)"\x1f\x8b", 2}, {0}, {0}};

/* --- House ---------------------------------------------------------------------------------- */

static void *run_loop(void *arg)
{
    core_loop_run(((struct house *)arg)->loop);
    return NULL;
}

static void open_rooms(struct house *h)
{
    char why[512] = "";
    const struct store_options options = {.env = &h->env,
                                          .loop = h->loop,
                                          .url = test_store_url(h->dir),
                                          .data_dir = h->dir,
                                          .readers_max = 2};
    assert_int_equal(store_open(&options, &h->store, why, sizeof why), 0);
    assert_int_equal(accounts_open(&h->env, h->store, h->dir, &h->accounts, why, sizeof why), 0);
    assert_int_equal(account_token_read(&h->env, h->dir, h->token, why, sizeof why), 0);
    assert_int_equal(bus_identity_open(&h->env, h->dir, &h->identity, why, sizeof why), 0);
}

static int set_up(void **state, unsigned connections_max)
{
    struct house *h = core_alloc(sizeof *h);
    pthread_t thread;
    h->env = *core_env_real();
    h->env.ctx = h;
    h->env.wall_ms = moved_wall;
    h->env.mono_ns = moved_mono;
    h->env.random = random_bytes;
    assert_int_equal(folder_make(h->dir), 0);
    h->loop = core_loop_new(&h->env);
    open_rooms(h);
    const struct gate_options options = {
        .net = core_net_uv(),
        .services = {.env = &h->env,
                     .loop = h->loop,
                     .store = h->store,
                     .accounts = h->accounts,
                     .identity = h->identity},
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .assets = assets,
        .asset_count = sizeof assets / sizeof *assets,
        .pack = &pack,
        .connections_max = connections_max,
    };
    h->gate = gate_new(&options);
    assert_int_equal(gate_listen(h->gate, "127.0.0.1", 0, false, &h->port), 0);
    assert_int_equal(gate_listen(h->gate, "127.0.0.1", 0, true, &h->tls_port), 0);
    the_house = h;
    assert_int_equal(pthread_create(&thread, NULL, run_loop, h), 0);
    h->thread = thread;
    *state = h;
    return 0;
}

int house_setup(void **state)
{
    return set_up(state, 0);
}

int house_setup_small(void **state)
{
    return set_up(state, HOUSE_SMALL_CONNECTIONS);
}

static void on_drained(void *arg)
{
    struct house *h = arg;
    atomic_store(&h->drained, true);
    core_loop_stop(h->loop);
}

static void do_drain(struct core_post *post)
{
    struct house *h = (struct house *)((char *)post - offsetof(struct house, drain_post));
    gate_drain(h->gate, on_drained, h);
}

void house_drain(struct house *h)
{
    if (h->drain_post.fn)
        return;
    h->drain_post.fn = do_drain;
    core_loop_post(h->loop, &h->drain_post);
}

int house_teardown(void **state)
{
    struct house *h = *state;
    house_drain(h);
    pthread_join((pthread_t)h->thread, NULL);
    gate_free(h->gate);
    bus_identity_free(h->identity);
    accounts_free(h->accounts);
    store_free(h->store);
    while (core_loop_turn(h->loop))
        continue;
    core_loop_free(h->loop);
    int failed = folder_remove(h->dir);
    free(h);
    return failed;
}

void house_sleep(unsigned ms)
{
    const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

/* --- Client --------------------------------------------------------------------------------- */

int client_open_from(const struct house *h, const char *address)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)h->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_true(fd >= 0);
    assert_int_equal(inet_pton(AF_INET, address, &from.sin_addr), 1);
    assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

int client_open(const struct house *h)
{
    return client_open_from(h, "127.0.0.1");
}

void client_send(int fd, struct core_str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server had enough; reading tells */
        bytes.ptr += sent;
        bytes.len -= (size_t)sent;
    }
}

/* Up to max bytes, waiting thirty seconds at most. ≤ 0: the connection ended. */
static ssize_t receive(int fd, char *to, size_t max)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 30000) != 1)
        fail_msg("no answer within thirty seconds");
    return recv(fd, to, max, 0);
}

static bool receive_exactly(int fd, struct core_buf *to, size_t len)
{
    while (len > 0) {
        char bytes[4096];
        ssize_t got = receive(fd, bytes, len < sizeof bytes ? len : sizeof bytes);
        if (got <= 0)
            return false;
        core_buf_add(to, bytes, (size_t)got);
        len -= (size_t)got;
    }
    return true;
}

/* Up to and with the line feed. */
static bool receive_line(int fd, struct core_buf *to)
{
    do {
        if (!receive_exactly(fd, to, 1))
            return false;
    } while (to->ptr[to->len - 1] != '\n');
    return true;
}

static bool receive_chunks(int fd, struct core_buf *body)
{
    for (;;) {
        struct core_buf line;
        core_buf_init(&line, 64);
        bool ok = receive_line(fd, &line);
        size_t len = ok ? strtoul(line.ptr, NULL, 16) : 0;
        core_buf_clear(&line);
        ok = ok && receive_exactly(fd, body, len) && receive_line(fd, &line);
        core_buf_done(&line);
        if (!ok)
            return false;
        if (len == 0)
            return true;
    }
}

bool client_read(int fd, bool head, struct client_answer *a)
{
    core_buf_init(&a->head, 1u << 20);
    core_buf_init(&a->body, 256u << 20);
    do {
        core_buf_clear(&a->head);
        if (!receive_line(fd, &a->head))
            return false;
        a->status = (int)strtol(a->head.ptr + 9, NULL, 10);
        size_t before;
        do {
            before = a->head.len;
            if (!receive_line(fd, &a->head))
                return false;
        } while (a->head.len > before + 2);
    } while (a->status == 100);
    const char *length = client_header(a, "content-length");
    if (head || a->status == 204 || a->status == 304)
        return true;
    if (length)
        return receive_exactly(fd, &a->body, strtoul(length, NULL, 10));
    if (client_header(a, "transfer-encoding"))
        return receive_chunks(fd, &a->body);
    while (receive_exactly(fd, &a->body, 1))
        continue;
    return true;
}

void client_answer_done(struct client_answer *a)
{
    core_buf_done(&a->head);
    core_buf_done(&a->body);
}

const char *client_header(const struct client_answer *a, const char *name)
{
    static char value[1024];
    char start[128];
    snprintf(start, sizeof start, "\r\n%s: ", name);
    const char *at = a->head.ptr ? strstr(a->head.ptr, start) : NULL;
    if (!at)
        return NULL;
    at += strlen(start);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

struct client_answer client_ask(const struct house *h, const char *request)
{
    struct client_answer answer = {0};
    int fd = client_open(h);
    client_send(fd, core_str(request));
    if (!client_read(fd, !strncmp(request, "HEAD", 4), &answer))
        fail_msg("no whole answer to %s", request);
    close(fd);
    return answer;
}

bool client_ended(int fd)
{
    char byte;
    return receive(fd, &byte, 1) <= 0;
}
