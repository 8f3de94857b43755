/*
 * fetch_loop.c: libcurl's multi handle on libuv.
 *
 *     libcurl: "watch this socket", "call me in n ms" ─► uv_poll, core_timer
 *     libuv:   socket ready, timer due                ─► curl_multi_socket_action() ─► on_data, on_done
 *
 * A server that streams sends many small chunks, and libcurl hands over each alone. What one turn of libcurl's
 * brought is gathered and handed on together when it is done, so that each reader has one piece to look at and to
 * pass on. Nothing waits: the turn ends when the socket has no more.
 *
 * on_data is not called from inside of libcurl but still while others are to be handed theirs: what it wants to
 * start or cancel waits in a list for the `later` timer.
 */
#include "core/fetch_loop.h"

#include "core/err.h"
#include "core/fetch_curl.h"
#include "core/limits.h"
#include "core/loop_uv.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum state {
    WAITING,
    RUNNING,
    ENDING
}; /* for `later` to start; with libcurl; for `later` to end */

struct transfer {
    struct core__transfer curl;
    struct core_fetch_request request; /* the call's, with a reader of ours */
    struct core_fetch_call *call;
    struct core_fetch_loop *fetch;
    struct transfer *next, **at;
    struct transfer *next_fed;
    bool fed;
    struct core_buf gathered; /* of this turn; empty between turns */
    enum state state;
    uint64_t first_ms, whole_ms; /* deadlines, 0 = none */
};

struct core_fetch_loop {
    struct core_loop *loop;
    CURLM *multi;
    struct core_timer *due;   /* libcurl's */
    struct core_timer *later; /* what could not be done inside */
    struct core_timer *sweep; /* deadlines; runs while there are transfers */
    struct transfer *transfers;
    struct transfer *fed; /* for whom something came in this turn */
    CURL *spares[CORE_LIMIT_FETCH_SPARES];
    size_t spare_count;
    bool inside; /* libcurl or a reader is on the stack */
};

/* --- Transfers ------------------------------------------------------------------------------ */

static void link_in(struct core_fetch_loop *f, struct transfer *t)
{
    if (!f->transfers)
        core_timer_start(f->sweep, CORE_LIMIT_FETCH_TICK_MS, CORE_LIMIT_FETCH_TICK_MS);
    t->next = f->transfers;
    t->at = &f->transfers;
    if (t->next)
        t->next->at = &t->next;
    f->transfers = t;
}

static void link_out(struct core_fetch_loop *f, struct transfer *t)
{
    *t->at = t->next;
    if (t->next)
        t->next->at = t->at;
    if (!f->transfers)
        core_timer_stop(f->sweep);
}

/* The call's last word. The transfer is with libcurl no longer. */
static void finish(struct core_fetch_loop *f, struct transfer *t, int status)
{
    struct core_fetch_call *call = t->call;
    struct core_fetch_response response = {.status = 0};
    char why[CURL_ERROR_SIZE];

    core__transfer_head(t->curl.easy, &response);
    response.body = t->curl.body;
    snprintf(why, sizeof why, "%s",
             status == 0        ? ""
             : t->curl.error[0] ? t->curl.error
                                : core_err_text(status));
    core__transfer_done(&t->curl);
    if (f->spare_count < CORE_LIMIT_FETCH_SPARES)
        f->spares[f->spare_count++] = t->curl.easy;
    else
        curl_easy_cleanup(t->curl.easy);
    link_out(f, t);
    core_buf_done(&t->gathered);
    free(t);
    call->transfer = NULL;
    call->on_done(call, status, &response, why);
    core_buf_done(&response.body);
}

static void end_now(struct core_fetch_loop *f, struct transfer *t)
{
    int status = t->curl.stopped ? t->curl.stopped : CORE_ECANCELLED;

    assert(!f->inside);
    if (t->state != WAITING)
        curl_multi_remove_handle(f->multi, t->curl.easy);
    finish(f, t, status);
}

/* --- libcurl's turn ------------------------------------------------------------------------- */

static void take_results(struct core_fetch_loop *f)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(f->multi, &left))) {
        struct transfer *t = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        curl_multi_remove_handle(f->multi, t->curl.easy);
        if (code != CURLE_OK && !t->curl.error[0])
            snprintf(t->curl.error, sizeof t->curl.error, "%s", curl_easy_strerror(code));
        finish(f, t, t->curl.stopped ? t->curl.stopped : core__curl_err(code));
    }
}

static void stop(struct core_fetch_loop *f, struct transfer *t, int why)
{
    if (!t->curl.stopped)
        t->curl.stopped = why;
    if (t->state == RUNNING)
        t->state = ENDING;
    core_timer_start(f->later, 0, 0);
}

static int hand_on(struct transfer *t)
{
    const struct core_fetch_request *r = &t->call->request;
    int err = 0;

    if (t->gathered.len > 0 && !t->curl.stopped)
        err = r->on_data(r->arg, core_buf_str(&t->gathered));
    core_buf_clear(&t->gathered);
    return err;
}

/* The reader of every transfer. */
static int gather(void *arg, struct core_str piece)
{
    struct transfer *t = arg;
    int err = t->gathered.len >= CORE_LIMIT_FETCH_GATHER ? hand_on(t) : 0;

    if (!t->fed) {
        t->fed = true;
        t->next_fed = t->fetch->fed;
        t->fetch->fed = t;
    }
    return err ? err : core_buf_add_str(&t->gathered, piece);
}

static void hand_on_all(struct core_fetch_loop *f)
{
    struct transfer *t;

    while ((t = f->fed)) {
        f->fed = t->next_fed;
        t->fed = false;
        if (hand_on(t))
            stop(f, t, CORE_ECANCELLED);
    }
}

static void act(struct core_fetch_loop *f, curl_socket_t fd, int flags)
{
    int running;

    assert(!f->inside);
    f->inside = true;
    curl_multi_socket_action(f->multi, fd, flags, &running);
    hand_on_all(f);
    f->inside = false;
    take_results(f);
}

static void on_due(void *arg)
{
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long delay_ms, void *arg)
{
    struct core_fetch_loop *f = arg;

    (void)multi;
    if (delay_ms < 0)
        core_timer_stop(f->due);
    else
        core_timer_start(f->due, (uint64_t)delay_ms, 0);
    return 0;
}

/* --- Sockets -------------------------------------------------------------------------------- */

struct watch {
    uv_poll_t uv;
    struct core_fetch_loop *fetch;
    curl_socket_t fd;
};

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;

    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    act(w->fetch, w->fd, flags);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct core_fetch_loop *f = arg;
    struct watch *w = known;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            curl_multi_assign(f->multi, fd, NULL);
            uv_close((uv_handle_t *)&w->uv, on_watch_closed);
        }
        return 0;
    }
    if (!w) {
        w = core_alloc(sizeof *w);
        if (uv_poll_init(core__loop_uv(f->loop), &w->uv, fd)) {
            free(w);
            return -1;
        }
        w->uv.data = w;
        w->fetch = f;
        w->fd = fd;
        curl_multi_assign(f->multi, fd, w);
    }
    uv_poll_start(
        &w->uv, (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0),
        on_ready);
    return 0;
}

/* --- Later ---------------------------------------------------------------------------------- */

/* libcurl sets its timer and begins when that is due. */
static int begin(struct core_fetch_loop *f, struct transfer *t)
{
    assert(!f->inside);
    if (curl_multi_add_handle(f->multi, t->curl.easy) != CURLM_OK)
        return CORE_ENOMEM;
    t->state = RUNNING;
    return 0;
}

/* A callback may change the list: looked through from the front until nothing is left to do. */
static void on_later(void *arg)
{
    struct core_fetch_loop *f = arg;

    for (struct transfer *t = f->transfers; t;) {
        if (t->state == WAITING && !t->curl.stopped)
            t->curl.stopped = begin(f, t);
        if (t->state == RUNNING) {
            t = t->next;
        } else {
            end_now(f, t);
            t = f->transfers;
        }
    }
}

static void on_sweep(void *arg)
{
    struct core_fetch_loop *f = arg;
    uint64_t now = core_mono_ms(core_loop_env(f->loop));

    for (struct transfer *t = f->transfers; t; t = t->next) {
        bool first = t->first_ms && !t->curl.received && now >= t->first_ms;
        if (first || (t->whole_ms && now >= t->whole_ms))
            stop(f, t, CORE_ETIMEOUT);
    }
}

/* --- Face ----------------------------------------------------------------------------------- */

struct core_fetch_loop *core_fetch_loop_new(struct core_loop *loop)
{
    struct core_fetch_loop *f = core_alloc(sizeof *f);

    core__curl_start();
    f->loop = loop;
    f->multi = curl_multi_init();
    assert(f->multi);
    f->due = core_timer_new(loop, on_due, f);
    f->later = core_timer_new(loop, on_later, f);
    f->sweep = core_timer_new(loop, on_sweep, f);
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)CORE_LIMIT_FETCH_CONNECTIONS);
    return f;
}

void core_fetch_loop_free(struct core_fetch_loop *f)
{
    if (!f)
        return;
    assert(!f->inside);
    while (f->transfers) {
        f->transfers->curl.stopped = CORE_ECANCELLED;
        end_now(f, f->transfers);
    }
    while (f->spare_count)
        curl_easy_cleanup(f->spares[--f->spare_count]);
    /* Closing its connections, it lets go of their sockets. */
    curl_multi_cleanup(f->multi);
    core_timer_free(f->due);
    core_timer_free(f->later);
    core_timer_free(f->sweep);
    free(f);
}

static uint64_t deadline(uint64_t now, int64_t ms)
{
    return ms > 0 ? now + (uint64_t)ms : 0;
}

int core_fetch_start(struct core_fetch_loop *f, struct core_fetch_call *call)
{
    struct transfer *t = core_alloc(sizeof *t);
    uint64_t now = core_mono_ms(core_loop_env(f->loop));
    int err;

    t->call = call;
    t->fetch = f;
    t->request = call->request;
    t->request.arg = t;
    if (t->request.on_data)
        t->request.on_data = gather;
    t->curl.request = &t->request;
    t->curl.easy = f->spare_count ? f->spares[--f->spare_count] : curl_easy_init();
    assert(t->curl.easy);
    core_buf_init(&t->curl.body,
                  call->request.body_max ? call->request.body_max : CORE_LIMIT_FETCH_BODY);
    core_buf_init(&t->gathered, CORE_LIMIT_FETCH_BODY);
    err = core__transfer_set_up(&t->curl);
    call->request.bearer = t->request.bearer = NULL;
    if (err == 0) {
        /* Deadlines are looked after by the sweep: libcurl's own timer would be set for each. */
        curl_easy_setopt(t->curl.easy, CURLOPT_TIMEOUT_MS, 0L);
        curl_easy_setopt(t->curl.easy, CURLOPT_PRIVATE, t);
        t->first_ms = deadline(now, call->first_ms);
        t->whole_ms = deadline(now, call->request.timeout_ms);
        err = f->inside ? 0 : begin(f, t);
    }
    if (err < 0) {
        core__transfer_done(&t->curl);
        curl_easy_cleanup(t->curl.easy);
        free(t);
        return err;
    }
    call->transfer = t;
    link_in(f, t);
    if (t->state == WAITING)
        core_timer_start(f->later, 0, 0);
    return 0;
}

void core_fetch_cancel(struct core_fetch_loop *f, struct core_fetch_call *call)
{
    if (call->transfer)
        stop(f, call->transfer, CORE_ECANCELLED);
}
