/*
 * fetch_loop.c: calls over kept connections.
 *
 *     place    what is asked: a URL and whom it is trusted by; the head of its requests, written once
 *     link     a connection to a place; idle, or with one transfer at a time
 *     transfer one call
 *
 *     start ─► idle link? ─no─► connect ─► send ─► read … ─► whole: the link rests, on_done
 *                 └─yes──────────────────────┘      └─► ended a moment after the send, before a byte of an answer, and
 *                                                       the link was used before: the server let go of it meanwhile.
 *                                                       Once more, on a new link
 *
 * One that ended later may have been read, and worked on: to send that again could cost its price
 * twice (RFC 9110 §9.2.2).
 *
 * What one read brought is handed on as one piece: a server that streams sends many small chunks,
 * and each reader has one piece to look at and to pass on.
 */
#include "core/fetch_loop.h"

#include "core/env.h"
#include "core/err.h"
#include "core/fetch_answer.h"
#include "core/fetch_conn.h"
#include "core/fetch_curl.h"
#include "core/limits.h"
#include "core/loop_uv.h"
#include "core/mem.h"
#include "core/version.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct place {
    struct place *next;
    char *url, *ca_file;
    char *
        head; /* of its requests: what stands behind the method, up to the fields that each has of its own */
    struct link *idle; /* the latest first */
    size_t users;      /* links and transfers */
};

struct link {
    struct core_fetch_loop *fetch;
    struct place *place;
    struct core__conn *conn;
    struct transfer *transfer; /* NULL: idle */
    struct link *next, **at;   /* of the idle ones */
    uint64_t idle_ms;          /* since when */
    bool used;                 /* it has carried an answer */
};

struct transfer {
    struct core_fetch_call *call;
    struct transfer *next, **at;
    struct place *place; /* NULL: its URL is none */
    struct link *link;   /* NULL: `later` has it */
    struct core__intake intake;
    struct core__answer answer;
    struct core_buf out; /* the head, and a body that is small; kept until the end, wiped */
    size_t out_at;       /* of it and of the rest of the body, behind it */
    bool opened;
    bool sent;                   /* a byte of it went out */
    uint64_t begun_ms;           /* when it was given to a link that rested */
    int stopped;                 /* why it is broken off, or 0 */
    uint64_t first_ms, whole_ms; /* deadlines, 0 = none */
    char why[CURL_ERROR_SIZE];
};

struct core_fetch_loop {
    struct core_loop *loop;
    struct core__conns *conns;
    struct core_timer *later; /* ends what is stopped */
    struct core_timer *sweep; /* deadlines of transfers, age of idle links */
    struct place *places;
    struct transfer *transfers;
    size_t idle_count;
    bool sweeping_idle; /* else, when it runs, transfers */
};

/* Room for a head, without what its place and its bearer add. */
enum { HEAD_USUAL = 512 };

static const struct core__conn_events link_events;

static uint64_t now_ms(const struct core_fetch_loop *f)
{
    return core_mono_ms(core_loop_env(f->loop));
}

/* As long as there is something to sweep; idle links need no hurry. */
static void sweep_start(struct core_fetch_loop *f)
{
    if (f->transfers)
        core_timer_start(f->sweep, CORE_LIMIT_FETCH_TICK_MS, CORE_LIMIT_FETCH_TICK_MS);
    else if (f->idle_count)
        core_timer_start(f->sweep, CORE_LIMIT_FETCH_IDLE_MS, CORE_LIMIT_FETCH_IDLE_MS);
    else
        core_timer_stop(f->sweep);
}

/* --- Places --------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int part(CURLU *u, CURLUPart what, unsigned flags, char **ret)
{
    CURLUcode code = curl_url_get(u, what, ret, flags);

    if (code == CURLUE_OK || code == CURLUE_NO_QUERY || code == CURLUE_NO_PORT)
        return 0;
    return code == CURLUE_OUT_OF_MEMORY ? CORE_ENOMEM : CORE_EINVAL;
}

static char *head_of(const char *path, const char *query, const char *host, const char *port)
{
    struct core_buf out;

    core_buf_init(&out, 4 * CORE_LIMIT_FETCH_URL);
    core_buf_addf(&out, " %s%s%s HTTP/1.1\r\nHost: %s%s%s\r\nUser-Agent: sky/" CORE_VERSION "\r\n",
                  path, query ? "?" : "", query ? query : "", host, port ? ":" : "",
                  port ? port : "");
    return core_buf_take(&out, NULL);
}

static int place_read(struct place *p)
{
    CURLU *u = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *query = NULL;
    int err = u ? 0 : CORE_ENOMEM;

    if (!err && (strlen(p->url) > CORE_LIMIT_FETCH_URL ||
                 curl_url_set(u, CURLUPART_URL, p->url, CURLU_DISALLOW_USER) != CURLUE_OK))
        err = CORE_EINVAL;
    err = err ? err : part(u, CURLUPART_SCHEME, 0, &scheme);
    err = err ? err : part(u, CURLUPART_HOST, CURLU_PUNYCODE, &host);
    err = err ? err : part(u, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT, &port);
    err = err ? err : part(u, CURLUPART_PATH, 0, &path);
    err = err ? err : part(u, CURLUPART_QUERY, 0, &query);
    if (!err && strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        err = CORE_EINVAL;
    if (!err)
        p->head = head_of(path, query, host, port);
    if (!err && !p->head)
        err = CORE_ENOMEM;
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_free(query);
    curl_url_cleanup(u);
    return err;
}

static void place_free(struct place *p)
{
    free(p->url);
    free(p->ca_file);
    free(p->head);
    free(p);
}

/* One more uses it. */
static int place_of(struct core_fetch_loop *f, const struct core_fetch_request *r,
                    struct place **ret)
{
    struct place *p = f->places;
    int err;

    while (p && (strcmp(p->url, r->url) != 0 || !same(p->ca_file, r->ca_file)))
        p = p->next;
    if (!p) {
        p = core_alloc(sizeof *p);
        p->url = core_strdup(core_str(r->url));
        p->ca_file = r->ca_file ? core_strdup(core_str(r->ca_file)) : NULL;
        err = place_read(p);
        if (err < 0) {
            place_free(p);
            return err;
        }
        p->next = f->places;
        f->places = p;
    }
    p->users++;
    *ret = p;
    return 0;
}

static void place_unref(struct core_fetch_loop *f, struct place *p)
{
    struct place **at = &f->places;

    if (!p || --p->users > 0)
        return;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    place_free(p);
}

/* --- Links ---------------------------------------------------------------------------------- */

static int link_new(struct core_fetch_loop *f, struct transfer *t)
{
    struct link *l = core_alloc(sizeof *l);
    int err = core__conn_new(f->conns, &t->call->request, &link_events, l, &l->conn);

    if (err < 0) {
        free(l);
        return err;
    }
    l->fetch = f;
    l->place = t->place;
    l->place->users++;
    l->transfer = t;
    t->link = l;
    return 0;
}

static void unlist(struct link *l)
{
    *l->at = l->next;
    if (l->next)
        l->next->at = l->at;
    l->fetch->idle_count--;
}

static void link_close(struct link *l)
{
    if (l->transfer)
        l->transfer->link = NULL;
    else
        unlist(l);
    core__conn_close(l->conn);
    place_unref(l->fetch, l->place);
    free(l);
}

static void link_rest(struct link *l)
{
    struct core_fetch_loop *f = l->fetch;

    l->transfer->link = NULL;
    l->transfer = NULL;
    l->used = true;
    l->idle_ms = now_ms(f);
    l->next = l->place->idle;
    l->at = &l->place->idle;
    if (l->next)
        l->next->at = &l->next;
    l->place->idle = l;
    f->idle_count++;
    if (f->idle_count > CORE_LIMIT_FETCH_CONNECTIONS)
        link_close(l);
}

static void link_take(struct link *l, struct transfer *t)
{
    unlist(l);
    l->transfer = t;
    t->link = l;
}

/* Nobody asked anything. TLS itself may have something to say. */
static void link_woke(struct link *l)
{
    char byte;

    if (core__conn_read(l->conn, &byte, 1) != 0)
        link_close(l);
}

/* --- Transfers ------------------------------------------------------------------------------ */

static void list(struct core_fetch_loop *f, struct transfer *t)
{
    bool first = !f->transfers;

    t->next = f->transfers;
    t->at = &f->transfers;
    if (t->next)
        t->next->at = &t->next;
    f->transfers = t;
    if (first)
        sweep_start(f);
}

static int64_t retry_after_s(struct core_fetch_loop *f, const char *text)
{
    int64_t seconds = 0;

    if (!*text || core_str_to_i64(core_str(text), 0, INT32_MAX, &seconds) == 0)
        return seconds;
    /* Or a date. */
    seconds = (int64_t)curl_getdate(text, NULL) - core_wall_ms(core_loop_env(f->loop)) / 1000;
    return seconds > 0 ? seconds : 0;
}

/* The call's last word. A link that is still there goes. */
static void finish(struct core_fetch_loop *f, struct transfer *t, int status)
{
    struct core_fetch_call *call = t->call;
    struct core_fetch_response response = {.status = t->answer.status,
                                           .retry_after_s = retry_after_s(f, t->answer.retry_after),
                                           .sent = t->sent,
                                           .body = t->intake.body};
    char why[CURL_ERROR_SIZE];

    memcpy(response.content_type, t->answer.content_type, sizeof response.content_type);
    snprintf(why, sizeof why, "%s", status == 0 ? "" : t->why[0] ? t->why : core_err_text(status));
    if (t->link)
        link_close(t->link);
    *t->at = t->next;
    if (t->next)
        t->next->at = t->at;
    if (!f->transfers)
        sweep_start(f);
    place_unref(f, t->place);
    core_buf_wipe(&t->out);
    free(t);
    call->transfer = NULL;
    call->on_done(call, status, &response, why);
    core_buf_done(&response.body);
}

static void stop(struct core_fetch_loop *f, struct transfer *t, int why)
{
    if (!t->stopped)
        t->stopped = why;
    core_timer_start(f->later, 0, 0);
}

/* --- Sending -------------------------------------------------------------------------------- */

static void add_field(struct core_buf *out, const char *name, const char *value)
{
    core_buf_add_c(out, name);
    core_buf_add_c(out, value);
    core_buf_add_c(out, "\r\n");
}

static int write_head(struct transfer *t)
{
    const struct core_fetch_request *r = &t->call->request;
    bool together = r->body.len <= CORE_LIMIT_FETCH_TOGETHER;
    struct core_buf *out = &t->out;
    char number[24];

    /* At once: growing would leave the bearer behind. */
    core_buf_reserve(out, HEAD_USUAL + strlen(t->place->head) +
                              (r->bearer ? strlen(r->bearer) : 0) + (together ? r->body.len : 0));
    core_buf_add_c(out, r->method);
    core_buf_add_c(out, t->place->head);
    if (r->bearer)
        add_field(out, "Authorization: Bearer ", r->bearer);
    if (r->content_type)
        add_field(out, "Content-Type: ", r->content_type);
    add_field(out, "Accept: ", r->accept ? r->accept : "*/*");
    if (core__request_carries(r)) {
        snprintf(number, sizeof number, "%zu", r->body.len);
        add_field(out, "Content-Length: ", number);
    }
    core_buf_add_c(out, "\r\n");
    if (together)
        core_buf_add_str(out, r->body);
    return core_buf_error(out);
}

/* Of the request, what was not sent yet. */
static struct core_str unsent(const struct transfer *t)
{
    struct core_str body = t->call->request.body;
    size_t behind;

    if (t->out_at < t->out.len)
        return core_buf_since(&t->out, t->out_at);
    behind = t->out_at - t->out.len;
    if (body.len <= CORE_LIMIT_FETCH_TOGETHER)
        return core_str("");
    return core_strn(body.ptr + behind, body.len - behind);
}

/* As much as is taken; CORE_ENET. */
static int send_more(struct transfer *t)
{
    struct core_str rest;

    while ((rest = unsent(t)).len > 0) {
        ssize_t n = core__conn_write(t->link->conn, rest);
        if (n < 0)
            return (int)n;
        t->sent = t->sent || n > 0;
        t->out_at += (size_t)n;
        if ((size_t)n < rest.len)
            return 0;
    }
    return 0;
}

static void begin_new(struct core_fetch_loop *f, struct transfer *t)
{
    int err;

    t->out_at = 0;
    err = link_new(f, t);
    if (err < 0)
        stop(f, t, err);
}

/* On a link that rests, or a new one. An idle one whose server has left is none; the next is tried
 * only while nothing has gone out. */
static void begin(struct core_fetch_loop *f, struct transfer *t)
{
    struct link *l;

    core__answer_init(&t->answer, strcmp(t->call->request.method, "HEAD") == 0);
    t->begun_ms = now_ms(f);
    while (t->out_at == 0 && (l = t->place->idle)) {
        link_take(l, t);
        if (send_more(t) == 0)
            return;
        link_close(l);
    }
    begin_new(f, t);
}

static void on_open(void *arg, int status, const char *why)
{
    struct link *l = arg;
    struct transfer *t = l->transfer;

    snprintf(t->why, sizeof t->why, "%s", why);
    if (status == 0)
        status = send_more(t);
    if (status < 0)
        finish(l->fetch, t, status);
}

/* --- Reading -------------------------------------------------------------------------------- */

static void fail(struct core_fetch_loop *f, struct transfer *t, int err)
{
    snprintf(t->why, sizeof t->why, "%s",
             err == CORE_EPROTO ? "the answer is not HTTP/1.1"
                                : "the connection ended before the answer did");
    finish(f, t, CORE_ENET);
}

/* The server ended an idle link while the request was on its
 * way to it: that shows at once, or it is something else. */
static bool lost_race(const struct link *l)
{
    const struct transfer *t = l->transfer;

    return l->used && !t->opened && now_ms(l->fetch) - t->begun_ms <= CORE_LIMIT_FETCH_RACE_MS;
}

static void ended(struct link *l, int err)
{
    struct core_fetch_loop *f = l->fetch;
    struct transfer *t = l->transfer;

    if (lost_race(l)) {
        link_close(l);
        begin_new(f, t);
    } else if (err == CORE_ECLOSED && core__answer_end(&t->answer) == 0) {
        finish(f, t, 0);
    } else {
        fail(f, t, err);
    }
}

/* true: it goes on. */
static bool take(struct link *l, char *bytes, size_t len)
{
    struct core_fetch_loop *f = l->fetch;
    struct transfer *t = l->transfer;
    size_t body_len;
    int err = core__answer_feed(&t->answer, bytes, len, &body_len);

    t->opened = true;
    if (body_len > 0 && !t->stopped) {
        int e = core__intake_take(&t->intake, t->answer.status, core_strn(bytes, body_len));
        /* A reader may have broken it off itself meanwhile. */
        if (!t->stopped)
            t->stopped = e;
    }
    if (t->stopped) {
        finish(f, t, t->stopped);
    } else if (err < 0) {
        fail(f, t, err);
    } else if (t->answer.whole) {
        if (t->answer.keep && unsent(t).len == 0)
            link_rest(l);
        finish(f, t, 0);
    } else {
        return true;
    }
    return false;
}

/* What is there, together. true: there may be more. */
static bool receive(struct link *l)
{
    char *bytes = core__loop_scratch(l->fetch->loop);
    bool on = core__conn_read_on(l->conn);
    size_t len = 0;
    ssize_t n;

    do {
        n = core__conn_read(l->conn, bytes + len, CORE_LIMIT_STREAM_READ - len);
        len += n > 0 ? (size_t)n : 0;
    } while (on && n > 0 && len < CORE_LIMIT_STREAM_READ);
    if (len > 0 && !take(l, bytes, len))
        return false;
    if (n < 0)
        ended(l, (int)n);
    return on && n > 0;
}

static void on_ready(void *arg, bool readable, bool writable)
{
    struct link *l = arg;

    if (!l->transfer) {
        link_woke(l);
        return;
    }
    if (writable && send_more(l->transfer) < 0 && !readable) {
        ended(l, CORE_ENET);
        return;
    }
    /* Also when no more can be sent: the server may have said why. */
    while (readable && receive(l))
        ;
}

static const struct core__conn_events link_events = {.on_open = on_open, .on_ready = on_ready};

/* --- Timers --------------------------------------------------------------------------------- */

/* A callback may change the list: looked through from the front until nothing is left to do. */
static void on_later(void *arg)
{
    struct core_fetch_loop *f = arg;

    for (struct transfer *t = f->transfers; t;) {
        if (t->stopped) {
            finish(f, t, t->stopped);
            t = f->transfers;
        } else {
            t = t->next;
        }
    }
}

static void sweep_place(struct place *p, uint64_t now)
{
    for (struct link *l = p->idle, *next; l; l = next) {
        next = l->next;
        if (now - l->idle_ms >= CORE_LIMIT_FETCH_IDLE_MS)
            link_close(l);
    }
}

static void on_sweep(void *arg)
{
    struct core_fetch_loop *f = arg;
    uint64_t now = now_ms(f);

    for (struct transfer *t = f->transfers; t; t = t->next) {
        bool first = t->first_ms && !t->intake.received && now >= t->first_ms;
        if (first || (t->whole_ms && now >= t->whole_ms))
            stop(f, t, CORE_ETIMEOUT);
    }
    for (struct place *p = f->places, *next; p; p = next) {
        next = p->next;
        p->users++; /* it must outlive its last link here */
        sweep_place(p, now);
        place_unref(f, p);
    }
    if (!f->transfers)
        sweep_start(f);
}

/* --- Face ----------------------------------------------------------------------------------- */

struct core_fetch_loop *core_fetch_loop_new(struct core_loop *loop)
{
    struct core_fetch_loop *f = core_alloc(sizeof *f);

    f->loop = loop;
    f->conns = core__conns_new(loop);
    f->later = core_timer_new(loop, on_later, f);
    f->sweep = core_timer_new(loop, on_sweep, f);
    return f;
}

void core_fetch_loop_free(struct core_fetch_loop *f)
{
    if (!f)
        return;
    while (f->transfers)
        finish(f, f->transfers, CORE_ECANCELLED);
    while (f->places)
        link_close(f->places->idle); /* the last of a place ends the place */
    core__conns_free(f->conns);
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
    const struct core_fetch_request *r = &call->request;
    uint64_t now = now_ms(f);
    struct transfer *t;
    int err = core__request_check(r);

    if (err < 0) {
        call->request.bearer = NULL;
        return err;
    }
    t = core_alloc(sizeof *t);
    t->call = call;
    t->first_ms = deadline(now, call->first_ms);
    t->whole_ms = deadline(now, r->timeout_ms);
    core__intake_init(&t->intake, r);
    core_buf_init(&t->out, CORE_LIMIT_FETCH_HEAD + CORE_LIMIT_FETCH_TOGETHER);
    call->transfer = t;
    list(f, t);
    err = place_of(f, r, &t->place);
    if (err == 0)
        err = write_head(t);
    call->request.bearer = NULL;
    if (err == 0)
        begin(f, t);
    else
        stop(f, t, err);
    return 0;
}

void core_fetch_hurry(struct core_fetch_loop *f, struct core_fetch_call *call, int64_t ms)
{
    struct transfer *t = call->transfer;
    uint64_t end = now_ms(f) + (uint64_t)ms;

    if (t && (!t->whole_ms || t->whole_ms > end))
        t->whole_ms = end;
}

void core_fetch_cancel(struct core_fetch_loop *f, struct core_fetch_call *call)
{
    if (call->transfer)
        stop(f, call->transfer, CORE_ECANCELLED);
}
