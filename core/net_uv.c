/*
 * net_uv.c: the real network: TCP on libuv.
 *
 * A write first offers its bytes to the kernel; what is left is copied
 * into `next`. While one buffer is with libuv (`flight`), later writes
 * gather in `next`, so that many small pieces leave as one.
 *
 *     write → kernel            nothing queued
 *     write → next → flight → kernel
 *
 * States of a stream: open → (finishing: flush, shut down, linger) → closing → freed. Two handles
 * (socket, linger timer) close before the memory goes.
 */
#include "core/loop_uv.h"
#include "core/net_ops.h"

#include "core/buf.h"
#include "core/err.h"
#include "core/image.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

struct uv_listener {
    struct core_listener base;
    uv_tcp_t tcp;
    struct core_loop *loop;
    void (*on_accept)(void *arg, struct core_stream *stream);
    void *arg;
    unsigned port;
    bool paused;
    bool held; /* libuv has a connection that waits for the end of the pause */
};

struct uv_stream {
    struct core_stream base;
    uv_tcp_t tcp;
    uv_timer_t linger;
    uv_write_t write_req;
    uv_shutdown_t shutdown_req;
    const struct core_stream_events *events; /* NULL until started */
    void *arg;
    uv_os_fd_t fd;
    struct core_buf flight;
    struct core_buf next;
    uint64_t read_turn; /* of the loop, in which it read last */
    bool paused;
    bool ended; /* by the peer */
    bool finishing;
    bool shut;
    bool closing;
    int status;
    unsigned handles_open;
    char peer[INET6_ADDRSTRLEN];
};

static struct uv_stream *uv_stream_of(const struct core_stream *stream)
{
    return (struct uv_stream *)stream;
}

/* --- Closing -------------------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *handle)
{
    struct uv_stream *s = handle->data;

    if (--s->handles_open)
        return;
    if (s->events)
        s->events->on_close(s->arg, s->status);
    core_buf_done(&s->flight);
    core_buf_done(&s->next);
    free(s);
}

static void close_with(struct uv_stream *s, int status)
{
    if (s->closing)
        return;
    s->closing = true;
    s->status = status;
    uv_close((uv_handle_t *)&s->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&s->linger, on_handle_closed);
}

static void on_linger_over(uv_timer_t *timer)
{
    close_with(timer->data, 0);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    struct uv_stream *s = req->data;

    if (status < 0 && !s->closing)
        close_with(s, CORE_ENET);
}

/* Once nothing is queued: no more from us. */
static void shut_down(struct uv_stream *s)
{
    if (s->shut || s->closing)
        return;
    s->shut = true;
    s->shutdown_req.data = s;
    if (uv_shutdown(&s->shutdown_req, (uv_stream_t *)&s->tcp, on_shutdown) < 0)
        close_with(s, CORE_ENET);
}

/* --- Reading -------------------------------------------------------------------------------- */

/* One read a turn: libuv would go on while the peer fills the buffer, and the others would wait. No
 * room makes it return; on_read is told UV_ENOBUFS. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct uv_stream *s = handle->data;
    uint64_t turn = core__loop_turns(handle->loop->data);
    bool again = s->read_turn == turn;

    (void)suggested;
    s->read_turn = turn;
    /* All streams share it: its use ends with the on_read that follows at once. */
    *buf = uv_buf_init(core__loop_scratch(handle->loop->data), again ? 0 : CORE_LIMIT_STREAM_READ);
}

static size_t queued(const struct uv_stream *s)
{
    return s->flight.len + s->next.len;
}

/* The peer sends no more. What is queued may still interest it. */
static void finish_ended(struct uv_stream *s)
{
    if (s->shut || queued(s) == 0) {
        close_with(s, 0);
        return;
    }
    s->finishing = true;
    s->shut = true; /* closes instead of lingering when the queue is out */
    uv_timer_start(&s->linger, on_linger_over, CORE_LIMIT_CLOSE_MS, 0);
}

static void peer_ended(struct uv_stream *s)
{
    uv_read_stop((uv_stream_t *)&s->tcp);
    s->ended = true;
    if (s->finishing || !s->events->on_end || !s->events->on_end(s->arg))
        finish_ended(s);
}

static void on_read(uv_stream_t *tcp, ssize_t len, const uv_buf_t *buf)
{
    struct uv_stream *s = tcp->data;

    if (s->closing || len == UV_ENOBUFS)
        return;
    if (len == UV_EOF)
        peer_ended(s);
    else if (len < 0)
        close_with(s, CORE_ENET);
    else if (len > 0 && !s->finishing)
        s->events->on_read(s->arg, core_strn(buf->base, (size_t)len));
}

static void read_more(struct uv_stream *s)
{
    int status = uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read);

    if (status < 0 && status != UV_EALREADY)
        close_with(s, CORE_ENET);
}

static void stream_pause(struct core_stream *stream, bool paused)
{
    struct uv_stream *s = uv_stream_of(stream);

    if (s->closing || s->finishing || s->ended || s->paused == paused)
        return;
    s->paused = paused;
    if (paused)
        uv_read_stop((uv_stream_t *)&s->tcp);
    else
        read_more(s);
}

/* --- Writing -------------------------------------------------------------------------------- */

static void on_written(uv_write_t *req, int status);

static void send_next(struct uv_stream *s)
{
    struct core_buf spare = s->flight;
    uv_buf_t buf;

    s->flight = s->next;
    s->next = spare;
    buf = uv_buf_init(s->flight.ptr, (unsigned)s->flight.len);
    s->write_req.data = s;
    if (uv_write(&s->write_req, (uv_stream_t *)&s->tcp, &buf, 1, on_written) < 0)
        close_with(s, CORE_ENET);
}

static void on_written(uv_write_t *req, int status)
{
    struct uv_stream *s = req->data;

    if (s->closing)
        return;
    if (status < 0) {
        close_with(s, CORE_ENET);
        return;
    }
    core_buf_clear(&s->flight);
    if (s->next.len) {
        send_next(s);
        return;
    }
    /* An idle connection keeps no memory for what it once sent. */
    core_buf_done(&s->flight);
    core_buf_done(&s->next);
    if (!s->finishing)
        s->events->on_drain(s->arg);
    else if (s->shut)
        close_with(s, 0);
    else
        shut_down(s);
}

/* By itself: uv_try_write() takes the way of a file's write() through the kernel, which is a little
 * longer. */
static ssize_t offer_bytes(struct uv_stream *s, struct core_str bytes, struct core_str behind)
{
    struct iovec pieces[2] = {{(char *)bytes.ptr, bytes.len}, {(char *)behind.ptr, behind.len}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};

    return behind.len ? sendmsg(s->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL)
                      : send(s->fd, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void cork(struct uv_stream *s, bool on)
{
    setsockopt(s->fd, IPPROTO_TCP, TCP_CORK, &(int){on}, sizeof(int));
}

/* The second piece lies in a file: it is not copied. The kernel moves 64 KiB of a file at once and
 * wakes the peer for each, unless it is corked, which costs as much as it saves for less. */
static ssize_t offer_file(struct uv_stream *s, struct core_str bytes, int file, off_t at,
                          size_t len)
{
    const bool corked = len > 64u << 10;
    ssize_t sent = 0, more = 0;

    if (corked)
        cork(s, true);
    if (bytes.len > 0)
        sent = send(s->fd, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
    if (sent == (ssize_t)bytes.len)
        more = sendfile(s->fd, file, &at, len);
    if (corked)
        cork(s, false);
    return more > 0 ? sent + more : sent; /* what is wrong is told when the rest is offered */
}

/* Offers both pieces to the kernel, which nothing of this stream waits for. Returns how many bytes
 * it took, or CORE_ECLOSED. */
static ssize_t offer(struct uv_stream *s, struct core_str bytes, struct core_str behind)
{
    off_t at = 0;
    int file = behind.len >= CORE_LIMIT_STREAM_COPY ? core_image_find(behind, &at) : -1;
    ssize_t sent;

    do {
        sent = file >= 0 ? offer_file(s, bytes, file, at, behind.len)
                         : offer_bytes(s, bytes, behind);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN && errno != ENOBUFS) {
        close_with(s, CORE_ENET);
        return CORE_ECLOSED;
    }
    return sent < 0 ? 0 : sent;
}

static struct core_str without_front(struct core_str s, size_t *len)
{
    size_t cut = *len < s.len ? *len : s.len;

    *len -= cut;
    return core_strn(s.ptr + cut, s.len - cut);
}

static int stream_write(struct core_stream *stream, struct core_str bytes, struct core_str behind)
{
    struct uv_stream *s = uv_stream_of(stream);
    size_t all = bytes.len + behind.len;
    int err;

    assert(s->events);
    if (s->closing || s->finishing)
        return CORE_ECLOSED;
    if (all == 0)
        return 0;
    if (all > CORE_LIMIT_STREAM_QUEUE - queued(s))
        return CORE_ETOOBIG;
    if (queued(s) == 0) {
        ssize_t sent = offer(s, bytes, behind);

        if (sent < 0)
            return (int)sent;
        if ((size_t)sent == all)
            return 0;
        size_t front = (size_t)sent;
        bytes = without_front(bytes, &front);
        behind = without_front(behind, &front);
    }
    err = core_buf_add_str(&s->next, bytes);
    if (err == 0)
        err = core_buf_add_str(&s->next, behind);
    if (err < 0) {
        /* A part may be on its way: the byte stream cannot go on with a hole. */
        close_with(s, err);
        return err;
    }
    if (s->flight.len == 0)
        send_next(s);
    return 0;
}

static void stream_finish(struct core_stream *stream)
{
    struct uv_stream *s = uv_stream_of(stream);

    assert(s->events);
    if (s->closing || s->finishing)
        return;
    if (s->ended) {
        finish_ended(s);
        return;
    }
    s->finishing = true;
    uv_timer_start(&s->linger, on_linger_over, CORE_LIMIT_CLOSE_MS, 0);
    if (!queued(s))
        shut_down(s);
    if (s->paused && !s->closing)
        read_more(s);
}

static void stream_close(struct core_stream *stream)
{
    close_with(uv_stream_of(stream), 0);
}

static size_t stream_queued(const struct core_stream *stream)
{
    return queued(uv_stream_of(stream));
}

static const char *stream_peer(const struct core_stream *stream)
{
    return uv_stream_of(stream)->peer;
}

static void stream_start(struct core_stream *stream, const struct core_stream_events *events,
                         void *arg)
{
    struct uv_stream *s = uv_stream_of(stream);

    assert(!s->events && !s->closing);
    s->events = events;
    s->arg = arg;
    read_more(s);
}

static const struct core_stream_ops stream_ops = {
    .start = stream_start,
    .pause = stream_pause,
    .write = stream_write,
    .queued = stream_queued,
    .finish = stream_finish,
    .close = stream_close,
    .peer = stream_peer,
};

/* --- Accepting ------------------------------------------------------------------------------ */

static void peer_name(struct uv_stream *s)
{
    struct sockaddr_storage address;
    int len = sizeof address;

    if (uv_tcp_getpeername(&s->tcp, (struct sockaddr *)&address, &len) == 0)
        uv_ip_name((struct sockaddr *)&address, s->peer, sizeof s->peer);
    /* A listener on "::" sees IPv4 peers in IPv6 clothes. */
    if (strncmp(s->peer, "::ffff:", 7) == 0 && strchr(s->peer, '.'))
        memmove(s->peer, s->peer + 7, strlen(s->peer + 7) + 1);
}

static void accept_one(struct uv_listener *l)
{
    struct uv_stream *s = core_alloc(sizeof *s);
    uv_loop_t *uv = core__loop_uv(l->loop);

    s->base.ops = &stream_ops;
    core_buf_init(&s->flight, CORE_LIMIT_STREAM_QUEUE);
    core_buf_init(&s->next, CORE_LIMIT_STREAM_QUEUE);
    s->handles_open = 2;
    uv_tcp_init(uv, &s->tcp);
    uv_timer_init(uv, &s->linger);
    s->tcp.data = s;
    s->linger.data = s;
    if (uv_accept((uv_stream_t *)&l->tcp, (uv_stream_t *)&s->tcp) < 0) {
        close_with(s, CORE_ENET);
        return;
    }
    uv_fileno((uv_handle_t *)&s->tcp, &s->fd);
    uv_tcp_nodelay(&s->tcp, 1);
    uv_tcp_keepalive(&s->tcp, 1, CORE_LIMIT_KEEPALIVE_S);
    peer_name(s);
    l->on_accept(l->arg, &s->base);
    assert(s->events || s->closing);
}

static void on_connection(uv_stream_t *tcp, int status)
{
    struct uv_listener *l = tcp->data;

    if (status < 0)
        return;
    /* libuv stops accepting until the connection it offers is taken: that is the whole pause. */
    if (l->paused)
        l->held = true;
    else
        accept_one(l);
}

static void listener_pause(struct core_listener *listener, bool paused)
{
    struct uv_listener *l = (struct uv_listener *)listener;

    l->paused = paused;
    if (!paused && l->held) {
        l->held = false;
        accept_one(l);
    }
}

static unsigned listener_port(const struct core_listener *listener)
{
    return ((const struct uv_listener *)listener)->port;
}

static void on_listener_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void listener_free(struct core_listener *listener)
{
    struct uv_listener *l = (struct uv_listener *)listener;

    uv_close((uv_handle_t *)&l->tcp, on_listener_closed);
}

static const struct core_listener_ops listener_ops = {
    .port = listener_port,
    .pause = listener_pause,
    .free = listener_free,
};

static int parse_address(const char *address, unsigned port, struct sockaddr_storage *ret)
{
    if (port > 65535)
        return CORE_EINVAL;
    if (strcmp(address, "localhost") == 0)
        address = "127.0.0.1";
    if (uv_ip4_addr(address, (int)port, (struct sockaddr_in *)ret) == 0)
        return 0;
    if (uv_ip6_addr(address, (int)port, (struct sockaddr_in6 *)ret) == 0)
        return 0;
    return CORE_EINVAL;
}

static unsigned bound_port(const uv_tcp_t *tcp)
{
    struct sockaddr_storage address = {0};
    int len = sizeof address;

    uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &len);
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static int listen_error(int status)
{
    if (status == UV_EADDRINUSE)
        return CORE_EBUSY;
    if (status == UV_EADDRNOTAVAIL || status == UV_EAFNOSUPPORT)
        return CORE_ENOTFOUND;
    if (status == UV_EACCES || status == UV_EPERM)
        return CORE_EDENIED;
    return core__err_from_uv(status);
}

static int net_listen(struct core_loop *loop, const char *address, unsigned port,
                      void (*on_accept)(void *arg, struct core_stream *stream), void *arg,
                      struct core_listener **ret)
{
    struct sockaddr_storage where = {0};
    struct uv_listener *l;
    int status;
    int err = parse_address(address, port, &where);

    if (err < 0)
        return err;
    l = core_alloc(sizeof *l);
    l->base.ops = &listener_ops;
    l->loop = loop;
    l->on_accept = on_accept;
    l->arg = arg;
    uv_tcp_init(core__loop_uv(loop), &l->tcp);
    l->tcp.data = l;
    status = uv_tcp_bind(&l->tcp, (struct sockaddr *)&where, 0);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&l->tcp, CORE_LIMIT_BACKLOG, on_connection);
    if (status < 0) {
        listener_free(&l->base);
        return listen_error(status);
    }
    l->port = bound_port(&l->tcp);
    *ret = &l->base;
    return 0;
}

const struct core_net *core_net_uv(void)
{
    static const struct core_net net = {.listen = net_listen};

    return &net;
}
