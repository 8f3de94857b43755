/*
 * fetch_conn.c: libcurl's multi handle on libuv, asked to connect only.
 *
 *     libcurl: "watch this socket", "call me in n ms" ─► uv_poll, core_timer
 *     libuv:   socket ready, timer due                ─► curl_multi_socket_action() ─► on_open
 *     open:    socket ready                           ─► on_ready, without libcurl
 *
 * An easy handle holds its connection until it is removed. A connection that is TLS, or that goes
 * through a proxy, is read and written through libcurl; any other is a plain socket, which is asked
 * directly: libcurl looks its own up anew for each call. An open connection is watched for reading
 * as long as it lives, so that neither a request nor an answer changes what is watched.
 */
#include "core/fetch_conn.h"

#include "core/err.h"
#include "core/fetch_curl.h"
#include "core/limits.h"
#include "core/loop_uv.h"
#include "core/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

struct core__conns {
    struct core_loop *loop;
    CURLM *multi;
    struct core_timer *due; /* libcurl's */
};

struct watch {
    uv_poll_t uv;
    struct core__conns *conns;
    struct core__conn *conn; /* whose socket it is, or NULL: libcurl's, while it connects */
    curl_socket_t fd;
};

struct core__conn {
    struct core__conns *conns;
    CURL *easy;
    const struct core__conn_events *events;
    void *arg;
    struct watch *watch; /* when open */
    bool plain;          /* the socket is all there is */
    bool writing;        /* it is watched for writing, too */
    bool broken;
    char error[CURL_ERROR_SIZE];
};

/* --- Sockets -------------------------------------------------------------------------------- */

static void act(struct core__conns *conns, curl_socket_t fd, int flags);

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void watch_close(struct watch *w)
{
    if (w)
        uv_close((uv_handle_t *)&w->uv, on_watch_closed);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    bool readable = events & UV_READABLE;
    bool writable = events & UV_WRITABLE;

    if (!w->conn) {
        act(w->conns, w->fd,
            (status < 0 ? CURL_CSELECT_ERR : 0) | (readable ? CURL_CSELECT_IN : 0) |
                (writable ? CURL_CSELECT_OUT : 0));
        return;
    }
    w->conn->broken = w->conn->broken || status < 0;
    w->conn->events->on_ready(w->conn->arg, readable || status < 0, writable);
}

static struct watch *watch_new(struct core__conns *conns, struct core__conn *conn, curl_socket_t fd)
{
    struct watch *w = core_alloc(sizeof *w);

    if (uv_poll_init(core__loop_uv(conns->loop), &w->uv, fd)) {
        free(w);
        return NULL;
    }
    w->uv.data = w;
    w->conns = conns;
    w->conn = conn;
    w->fd = fd;
    return w;
}

static void watch_for(struct watch *w, bool readable, bool writable)
{
    uv_poll_start(&w->uv, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), on_ready);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct core__conns *conns = arg;
    struct watch *w = known;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w)
            curl_multi_assign(conns->multi, fd, NULL);
        watch_close(w);
        return 0;
    }
    if (!w) {
        w = watch_new(conns, NULL, fd);
        if (!w)
            return -1;
        curl_multi_assign(conns->multi, fd, w);
    }
    watch_for(w, what & CURL_POLL_IN, what & CURL_POLL_OUT);
    return 0;
}

/* --- libcurl's turn ------------------------------------------------------------------------- */

static int opened(struct core__conn *c)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    char byte;
    size_t len;

    curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &fd);
    /* Until it is first read from, a connection counts as idle with libcurl, which may then tidy it
     * away. Nobody speaks before he is asked. */
    if (fd == CURL_SOCKET_BAD || curl_easy_recv(c->easy, &byte, 1, &len) != CURLE_AGAIN)
        return CORE_ENET;
    c->watch = watch_new(c->conns, c, fd);
    if (!c->watch)
        return CORE_ENET;
    watch_for(c->watch, true, false);
    return 0;
}

static void take_results(struct core__conns *conns)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(conns->multi, &left))) {
        struct core__conn *c = NULL;
        CURLcode code = message->data.result;
        int status;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        status = code == CURLE_OK ? opened(c) : core__curl_err(code);
        if (status && !c->error[0])
            snprintf(c->error, sizeof c->error, "%s",
                     code == CURLE_OK ? core_err_text(status) : curl_easy_strerror(code));
        c->events->on_open(c->arg, status, status ? c->error : "");
    }
}

static void act(struct core__conns *conns, curl_socket_t fd, int flags)
{
    int running;

    curl_multi_socket_action(conns->multi, fd, flags, &running);
    take_results(conns);
}

static void on_due(void *arg)
{
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long delay_ms, void *arg)
{
    struct core__conns *conns = arg;

    (void)multi;
    if (delay_ms < 0)
        core_timer_stop(conns->due);
    else
        core_timer_start(conns->due, (uint64_t)delay_ms, 0);
    return 0;
}

/* --- Face ----------------------------------------------------------------------------------- */

struct core__conns *core__conns_new(struct core_loop *loop)
{
    struct core__conns *conns = core_alloc(sizeof *conns);

    core__curl_start();
    conns->loop = loop;
    conns->multi = curl_multi_init();
    assert(conns->multi);
    conns->due = core_timer_new(loop, on_due, conns);
    curl_multi_setopt(conns->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(conns->multi, CURLMOPT_SOCKETDATA, conns);
    curl_multi_setopt(conns->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(conns->multi, CURLMOPT_TIMERDATA, conns);
    return conns;
}

void core__conns_free(struct core__conns *conns)
{
    curl_multi_cleanup(conns->multi);
    core_timer_free(conns->due);
    free(conns);
}

int core__conn_new(struct core__conns *conns, const struct core_fetch_request *request,
                   const struct core__conn_events *events, void *arg, struct core__conn **ret)
{
    struct core__conn *c = core_alloc(sizeof *c);
    bool direct;

    c->conns = conns;
    c->events = events;
    c->arg = arg;
    c->easy = curl_easy_init();
    assert(c->easy);
    direct = core__curl_reach(c->easy, request);
    c->plain = direct && strncasecmp(request->url, "http:", 5) == 0;
    curl_easy_setopt(c->easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(c->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
    curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    if (curl_multi_add_handle(conns->multi, c->easy) != CURLM_OK) {
        curl_easy_cleanup(c->easy);
        free(c);
        return CORE_ENOMEM;
    }
    *ret = c;
    return 0;
}

void core__conn_close(struct core__conn *c)
{
    if (!c)
        return;
    /* Before its socket is closed, whose number others may get. */
    watch_close(c->watch);
    curl_multi_remove_handle(c->conns->multi, c->easy);
    curl_easy_cleanup(c->easy);
    free(c);
}

/* --- Bytes ---------------------------------------------------------------------------------- */

static ssize_t curl_moved(CURLcode code, size_t len)
{
    return code == CURLE_OK ? (ssize_t)len : code == CURLE_AGAIN ? 0 : CORE_ENET;
}

static ssize_t socket_moved(ssize_t len)
{
    return len >= 0 ? len : errno == EAGAIN || errno == EINTR ? 0 : CORE_ENET;
}

ssize_t core__conn_read(struct core__conn *c, char *out, size_t cap)
{
    size_t len = 0;
    ssize_t n;

    if (c->broken)
        return CORE_ENET;
    if (c->plain) {
        n = recv(c->watch->fd, out, cap, 0);
        return n == 0 ? CORE_ECLOSED : socket_moved(n);
    }
    CURLcode code = curl_easy_recv(c->easy, out, cap, &len);
    return code == CURLE_OK && len == 0 ? CORE_ECLOSED : curl_moved(code, len);
}

bool core__conn_read_on(const struct core__conn *c)
{
    return !c->plain;
}

ssize_t core__conn_write(struct core__conn *c, struct core_str bytes)
{
    size_t len = 0;
    ssize_t n;

    if (c->broken)
        return CORE_ENET;
    if (c->plain) {
        n = socket_moved(send(c->watch->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL));
    } else {
        CURLcode code = curl_easy_send(c->easy, bytes.ptr, bytes.len, &len);
        n = curl_moved(code, len);
    }
    bool more = n >= 0 && (size_t)n < bytes.len;
    if (more != c->writing) {
        c->writing = more;
        watch_for(c->watch, true, more);
    }
    return n;
}
