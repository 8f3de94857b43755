/* test_net.c: real sockets on 127.0.0.1: echo, back pressure, the ways a connection ends,
 * pausing. */
#include "core/net.h"

#include "core/err.h"
#include "core/image.h"
#include "core/limits.h"
#include "core/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct server {
    struct core_loop *loop;
    struct core_listener *listener;
    struct core_timer *deadline;
    struct core_stream *stream; /* the last accepted one */
    void (*on_read)(struct server *s, struct core_str bytes);
    struct core_buf got;
    size_t written;
    unsigned accepted;
    unsigned drained;
    unsigned closed;
    unsigned stop_at_closed;
    int status;
    bool refuse;
    struct core_timer *late; /* what is written after the peer's end */
};

/* --- Server side ---------------------------------------------------------------------------- */

static void too_late(void *arg)
{
    (void)arg;
    fail_msg("the test hangs");
}

static void server_read(void *arg, struct core_str bytes)
{
    struct server *s = arg;

    core_buf_add_str(&s->got, bytes);
    if (s->on_read)
        s->on_read(s, bytes);
}

static bool server_end(void *arg)
{
    struct server *s = arg;

    if (s->late)
        core_timer_start(s->late, 20, 0);
    return s->late != NULL;
}

static void server_drain(void *arg)
{
    ((struct server *)arg)->drained++;
}

static void server_closed(void *arg, int status)
{
    struct server *s = arg;

    s->status = status;
    s->stream = NULL;
    if (++s->closed == s->stop_at_closed)
        core_loop_stop(s->loop);
}

static const struct core_stream_events events = {.on_read = server_read,
                                                 .on_end = server_end,
                                                 .on_drain = server_drain,
                                                 .on_close = server_closed};

static void server_accept(void *arg, struct core_stream *stream)
{
    struct server *s = arg;

    s->accepted++;
    if (s->refuse) {
        core_stream_close(stream);
        return;
    }
    s->stream = stream;
    core_stream_start(stream, &events, s);
}

static void set_up(struct server *s)
{
    *s = (struct server){.loop = core_loop_new(core_env_real()), .stop_at_closed = 1};
    core_buf_init(&s->got, 64u << 20);
    s->deadline = core_timer_new(s->loop, too_late, NULL);
    core_timer_start(s->deadline, 20000, 0);
    assert_int_equal(core_net_uv()->listen(s->loop, "127.0.0.1", 0, server_accept, s, &s->listener),
                     0);
    assert_true(core_listener_port(s->listener) > 0);
}

static void tear_down(struct server *s)
{
    core_listener_free(s->listener);
    core_timer_free(s->deadline);
    core_buf_done(&s->got);
    while (core_loop_turn(s->loop))
        ;
    core_loop_free(s->loop);
}

static int dial(const struct server *s)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)core_listener_port(s->listener)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* A client on its own thread: sends `send_len` bytes, ends its side or not, reads to the end. */
struct client {
    pthread_t thread;
    int fd;
    size_t send_len;
    bool half_close;
    size_t received;
    uint32_t sum;
};

/* Of bytes in their order. */
static uint32_t add(uint32_t sum, unsigned char byte)
{
    return sum * 31 + byte;
}

static void *client_main(void *arg)
{
    struct client *c = arg;
    static const char chunk[4096] = "0123456789";
    char in[4096];
    ssize_t n;

    for (size_t sent = 0; sent < c->send_len; sent += (size_t)n) {
        size_t len = c->send_len - sent < sizeof chunk ? c->send_len - sent : sizeof chunk;
        n = send(c->fd, chunk, len, MSG_NOSIGNAL);
        if (n <= 0)
            break;
    }
    if (c->half_close)
        shutdown(c->fd, SHUT_WR);
    while ((n = recv(c->fd, in, sizeof in, 0)) > 0) {
        c->received += (size_t)n;
        for (ssize_t i = 0; i < n; i++)
            c->sum = add(c->sum, (unsigned char)in[i]);
    }
    close(c->fd);
    return NULL;
}

static void client_start(struct client *c, const struct server *s)
{
    c->fd = dial(s);
    pthread_create(&c->thread, NULL, client_main, c);
}

/* A server that answers one client, until both are done. */
static void serve(struct server *s, struct client *c,
                  void (*on_read)(struct server *s, struct core_str bytes))
{
    set_up(s);
    s->on_read = on_read;
    client_start(c, s);
    core_loop_run(s->loop);
    pthread_join(c->thread, NULL);
}

/* --- Tests ---------------------------------------------------------------------------------- */

static void echo(struct server *s, struct core_str bytes)
{
    assert_int_equal(core_stream_write(s->stream, bytes), 0);
}

static void echo_and_a_clean_end(void **state)
{
    (void)state;
    struct server s;
    struct client c = {.send_len = 3 << 20, .half_close = true};

    serve(&s, &c, echo);
    assert_int_equal(s.status, 0);
    assert_int_equal(s.got.len, 3 << 20);
    assert_int_equal(c.received, 3 << 20); /* what was queued at the peer's end went out */
    tear_down(&s);
}

static void write_late(void *arg)
{
    struct server *s = arg;
    static const char chunk[8u << 20];

    core_stream_pause(s->stream, true); /* there is nothing to read: neither does harm */
    core_stream_pause(s->stream, false);
    assert_int_equal(core_stream_write(s->stream, core_strn(chunk, sizeof chunk)), 0);
    core_stream_finish(s->stream);
    assert_int_equal(core_stream_write(s->stream, CORE_STR("x")), CORE_ECLOSED);
}

static void a_peer_that_ended_is_waited_for(void **state)
{
    (void)state;
    struct server s;
    struct client c = {.send_len = 1, .half_close = true};

    set_up(&s);
    s.late = core_timer_new(s.loop, write_late, &s);
    client_start(&c, &s);
    core_loop_run(s.loop);
    pthread_join(c.thread, NULL);
    assert_int_equal(c.received, 8u << 20);
    assert_int_equal(s.status, 0);
    core_timer_free(s.late);
    tear_down(&s);
}

/* Writes until the kernel takes no more and something is queued. Returns the bytes of it all. */
static size_t write_until_queued(struct server *s, const void *chunk, size_t len)
{
    size_t total = 0;

    while (core_stream_queued(s->stream) == 0) {
        assert_int_equal(core_stream_write(s->stream, core_strn(chunk, len)), 0);
        total += len;
    }
    return total;
}

#define BIG (1 << 20)

static void write_big_then_finish(struct server *s, struct core_str bytes)
{
    (void)bytes;
    unsigned char *big = malloc(BIG);

    for (size_t i = 0; i < BIG; i++)
        big[i] = (unsigned char)(i * 7);
    s->written = write_until_queued(s, big, BIG);
    assert_int_equal(core_stream_write(s->stream, CORE_STR("end")), 0);
    assert_int_equal(core_stream_write(s->stream, core_strn(NULL, 0)), 0);
    core_stream_finish(s->stream);
    core_stream_finish(s->stream);
    assert_int_equal(core_stream_write(s->stream, CORE_STR("x")), CORE_ECLOSED);
    free(big);
}

static void finish_sends_everything(void **state)
{
    (void)state;
    struct server s;
    struct client c = {.send_len = 1};
    uint32_t sum = 0;

    serve(&s, &c, write_big_then_finish);
    for (size_t i = 0; i < s.written; i++)
        sum = add(sum, (unsigned char)(i % BIG * 7));
    sum = add(add(add(sum, 'e'), 'n'), 'd');
    assert_int_equal(c.received, s.written + 3);
    assert_int_equal(c.sum, sum);
    assert_int_equal(s.drained, 0);
    assert_int_equal(s.status, 0);
    tear_down(&s);
}

/* Pieces that the kernel takes whole, in part and not at all. */
static void write_pieces_then_finish(struct server *s, struct core_str bytes)
{
    (void)bytes;
    unsigned char *big = malloc(BIG);
    size_t first = 1;

    for (size_t i = 0; i < BIG; i++)
        big[i] = (unsigned char)(i * 7);
    while (core_stream_queued(s->stream) == 0 || first < 64) {
        size_t cut = first * first * 16 % BIG;
        assert_int_equal(core_stream_write_two(s->stream, core_strn((char *)big, cut),
                                               core_strn((char *)big + cut, BIG - cut)),
                         0);
        s->written += BIG;
        first *= 4;
    }
    core_stream_finish(s->stream);
    free(big);
}

static void two_pieces_arrive_as_one(void **state)
{
    (void)state;
    struct server s;
    struct client c = {.send_len = 1};
    uint32_t sum = 0;

    serve(&s, &c, write_pieces_then_finish);
    for (size_t i = 0; i < s.written; i++)
        sum = add(sum, (unsigned char)(i % BIG * 7));
    assert_int_equal(c.received, s.written);
    assert_int_equal(c.sum, sum);
    tear_down(&s);
}

static const unsigned char constant[BIG] = {[0] = 1, [4095] = 2, [70000] = 3, [BIG - 1] = 4};

/* With something in front or not, of the whole or a part, as far as the kernel takes it and on. */
static void write_constant_then_finish(struct server *s, struct core_str bytes)
{
    (void)bytes;
    off_t at;
    assert_true(core_image_find(core_strn(constant, BIG), &at) >= 0);
    for (size_t i = 0; i < 2 || core_stream_queued(s->stream) == 0; i++) {
        struct core_str head = i % 2 ? CORE_STR("head") : CORE_STR("");
        size_t from = i % 3 * 4000;
        assert_int_equal(
            core_stream_write_two(s->stream, head, core_strn(constant + from, BIG - from)), 0);
        s->written++;
    }
    core_stream_finish(s->stream);
}

static void constant_bytes_arrive_like_others(void **state)
{
    (void)state;
    struct server s;
    struct client c = {.send_len = 1};
    uint32_t sum = 0;
    size_t len = 0;

    serve(&s, &c, write_constant_then_finish);
    for (size_t i = 0; i < s.written; i++) {
        for (const char *head = i % 2 ? "head" : ""; *head; head++, len++)
            sum = add(sum, (unsigned char)*head);
        for (size_t k = i % 3 * 4000; k < BIG; k++, len++)
            sum = add(sum, constant[k]);
    }
    assert_int_equal(c.received, len);
    assert_int_equal(c.sum, sum);
    tear_down(&s);
}

static void refuse_upload(struct server *s, struct core_str bytes)
{
    (void)bytes;
    assert_int_equal(core_stream_write(s->stream, CORE_STR("too big")), 0);
    core_stream_finish(s->stream);
}

static void finish_survives_a_peer_that_still_sends(void **state)
{
    (void)state;
    struct server s;
    struct client c = {.send_len = 32 << 20};

    serve(&s, &c, refuse_upload);
    assert_int_equal(c.received, 7); /* not lost to a reset */
    assert_int_equal(s.closed, 1);
    tear_down(&s);
}

static void overfill(struct server *s, struct core_str bytes)
{
    (void)bytes;
    size_t len = CORE_LIMIT_STREAM_QUEUE;
    char *big = core_alloc(len + 1);
    size_t before;
    size_t wanted;

    assert_int_equal(core_stream_write(s->stream, core_strn(big, len + 1)), CORE_ETOOBIG);
    assert_int_equal(core_stream_queued(s->stream), 0);
    write_until_queued(s, big, BIG);
    before = core_stream_queued(s->stream);
    wanted = len - before;
    assert_int_equal(core_stream_write(s->stream, core_strn(big, wanted + 1)), CORE_ETOOBIG);
    assert_int_equal(core_stream_queued(s->stream), before);
    assert_int_equal(core_stream_write(s->stream, core_strn(big, wanted)), 0);
    assert_int_equal(core_stream_queued(s->stream), len);
    core_stream_close(s->stream);
    core_stream_close(s->stream);
    assert_int_equal(s->closed, 0); /* never inside the call */
    assert_int_equal(core_stream_write(s->stream, CORE_STR("x")), CORE_ECLOSED);
    free(big);
}

static void a_slow_reader_meets_the_cap(void **state)
{
    (void)state;
    struct server s;

    set_up(&s);
    s.on_read = overfill;
    int fd = dial(&s); /* never reads */
    assert_int_equal(send(fd, "x", 1, 0), 1);
    core_loop_run(s.loop);
    assert_int_equal(s.closed, 1);
    assert_int_equal(s.status, 0);
    close(fd);
    tear_down(&s);
}

static void write_and_wait(struct server *s, struct core_str bytes)
{
    (void)bytes;
    char *big = core_alloc(BIG);

    s->written = write_until_queued(s, big, BIG);
    free(big);
}

static void drain_is_told(void **state)
{
    (void)state;
    struct server s;
    struct client c = {.send_len = 1};

    set_up(&s);
    s.on_read = write_and_wait;
    client_start(&c, &s);
    while (!s.drained)
        core_loop_turn(s.loop);
    assert_int_equal(core_stream_queued(s.stream), 0);
    assert_string_equal(core_stream_peer(s.stream), "127.0.0.1");
    core_stream_close(s.stream);
    core_loop_run(s.loop);
    pthread_join(c.thread, NULL);
    assert_int_equal(c.received, s.written);
    tear_down(&s);
}

static void a_reset_is_an_error(void **state)
{
    (void)state;
    struct server s;
    struct linger linger = {.l_onoff = 1};

    set_up(&s);
    int fd = dial(&s);
    while (!s.stream)
        core_loop_turn(s.loop);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
    core_loop_run(s.loop);
    assert_int_equal(s.status, CORE_ENET);
    tear_down(&s);
}

static void pausing_stops_the_bytes(void **state)
{
    (void)state;
    struct server s;

    set_up(&s);
    int fd = dial(&s);
    while (!s.stream)
        core_loop_turn(s.loop);
    core_stream_pause(s.stream, true);
    core_stream_pause(s.stream, true);
    assert_int_equal(send(fd, "abc", 3, 0), 3);
    for (int i = 0; i < 20; i++) {
        core_loop_turn(s.loop);
        usleep(1000);
    }
    assert_int_equal(s.got.len, 0);
    core_stream_pause(s.stream, false);
    while (s.got.len < 3)
        core_loop_turn(s.loop);
    close(fd);
    core_loop_run(s.loop);
    assert_int_equal(s.status, 0);
    tear_down(&s);
}

/* What the kernel takes of 4 MiB at once. */
static size_t send_what_fits(int fd)
{
    static const char chunk[4u << 20];
    ssize_t n = send(fd, chunk, sizeof chunk, MSG_DONTWAIT | MSG_NOSIGNAL);

    assert_true(n > 0);
    return (size_t)n;
}

static void who_sends_much_gets_one_read_a_turn(void **state)
{
    struct server s;

    (void)state;
    set_up(&s);
    int fd = dial(&s);
    while (!s.stream)
        core_loop_turn(s.loop);
    size_t sent = send_what_fits(fd), turns = 0;
    assert_true(sent > (size_t)2 * CORE_LIMIT_STREAM_READ);
    for (size_t before = s.got.len; s.got.len < sent; before = s.got.len, turns++) {
        core_loop_turn(s.loop);
        assert_true(s.got.len - before <= CORE_LIMIT_STREAM_READ);
    }
    assert_true(turns >= sent / CORE_LIMIT_STREAM_READ);
    close(fd);
    core_loop_run(s.loop);
    assert_int_equal(s.status, 0);
    tear_down(&s);
}

static void a_paused_listener_leaves_connections_waiting(void **state)
{
    (void)state;
    struct server s;
    int fds[5];

    set_up(&s);
    core_listener_pause(s.listener, true);
    for (int i = 0; i < 5; i++)
        fds[i] = dial(&s);
    for (int i = 0; i < 20; i++) {
        core_loop_turn(s.loop);
        usleep(1000);
    }
    assert_int_equal(s.accepted, 0);
    core_listener_pause(s.listener, false);
    while (s.accepted < 5)
        core_loop_turn(s.loop);
    s.stop_at_closed = 5;
    for (int i = 0; i < 5; i++)
        close(fds[i]);
    core_loop_run(s.loop);
    core_listener_pause(s.listener, true);
    fds[0] = dial(&s);
    for (int i = 0; i < 20; i++) {
        core_loop_turn(s.loop);
        usleep(1000);
    }
    tear_down(&s); /* with a connection held */
    close(fds[0]);
}

static void a_refused_connection_costs_nothing(void **state)
{
    (void)state;
    struct server s;
    char byte;

    set_up(&s);
    s.refuse = true;
    int fd = dial(&s);
    while (!s.accepted)
        core_loop_turn(s.loop);
    core_loop_turn(s.loop);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
    assert_int_equal(s.closed, 0);
    tear_down(&s);
}

static void addresses_are_checked(void **state)
{
    (void)state;
    struct server s;
    struct core_listener *other = NULL;
    const struct core_net *net = core_net_uv();

    set_up(&s);
    unsigned port = core_listener_port(s.listener);
    assert_int_equal(net->listen(s.loop, "127.0.0.1", port, server_accept, &s, &other), CORE_EBUSY);
    assert_int_equal(net->listen(s.loop, "localhost", port, server_accept, &s, &other), CORE_EBUSY);
    assert_int_equal(net->listen(s.loop, "nowhere", 0, server_accept, &s, &other), CORE_EINVAL);
    assert_int_equal(net->listen(s.loop, "127.0.0.1", 65536, server_accept, &s, &other),
                     CORE_EINVAL);
    assert_int_equal(net->listen(s.loop, "192.0.2.1", 0, server_accept, &s, &other),
                     CORE_ENOTFOUND);
    assert_null(other);
    core_listener_free(NULL);
    tear_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echo_and_a_clean_end),
        cmocka_unit_test(a_peer_that_ended_is_waited_for),
        cmocka_unit_test(finish_sends_everything),
        cmocka_unit_test(two_pieces_arrive_as_one),
        cmocka_unit_test(constant_bytes_arrive_like_others),
        cmocka_unit_test(finish_survives_a_peer_that_still_sends),
        cmocka_unit_test(a_slow_reader_meets_the_cap),
        cmocka_unit_test(drain_is_told),
        cmocka_unit_test(a_reset_is_an_error),
        cmocka_unit_test(pausing_stops_the_bytes),
        cmocka_unit_test(who_sends_much_gets_one_read_a_turn),
        cmocka_unit_test(a_paused_listener_leaves_connections_waiting),
        cmocka_unit_test(a_refused_connection_costs_nothing),
        cmocka_unit_test(addresses_are_checked),
    };
    return cmocka_run_group_tests_name("core_net", tests, NULL, NULL);
}
