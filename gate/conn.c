/*
 * conn.c: one connection: TLS, which HTTP it speaks, turns, deadlines.
 *
 * Plain bytes begin with the preface of HTTP/2 or are HTTP/1; under TLS, ALPN says. What the
 * version makes goes to c->out and leaves in one write at the end of the turn; while the client is
 * more than GATE_LIMIT_SOCKET_QUEUE behind, nothing more is made.
 *
 * When many connections have something to read, their turns end together: first all are read, then
 * all are written to. Code and memory of either half stay in the caches, and who waits for the
 * answers is woken once for all of them.
 */
#include "gate/inside.h"

#include "core/err.h"

#include <assert.h>
#include <stdlib.h>

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
#define PREFACE_LEN (sizeof preface - 1)

/* --- Closing -------------------------------------------------------------------------------- */

static void conn_free(struct gate_conn *c)
{
    core_buf_done(&c->in);
    free(c);
}

void gate__conn_wake(struct gate_conn *c)
{
    struct gate *gate = c->gate;
    if (!c->rests)
        return;
    c->rests = false;
    *(c->rest_before ? &c->rest_before->rest_next : &gate->rest_first) = c->rest_next;
    *(c->rest_next ? &c->rest_next->rest_before : &gate->rest_last) = c->rest_before;
    c->rest_next = c->rest_before = NULL;
}

static void unlink_later(struct gate_conn *c)
{
    if (!c->later_at)
        return;
    *c->later_at = c->later_next;
    *(c->later_next ? &c->later_next->later_at : &c->gate->later_end) = c->later_at;
    c->later_at = NULL;
    c->later_next = NULL;
    c->gate->later_count--;
}

static void begin_close(struct gate_conn *c)
{
    c->closed = true;
    unlink_later(c);
    gate__conn_wake(c); /* it cannot give way a second time */
}

void gate__conn_cut(struct gate_conn *c)
{
    if (c->closed)
        return;
    begin_close(c);
    core_stream_close(c->stream);
}

void gate__conn_rest(struct gate_conn *c)
{
    struct gate *gate = c->gate;
    if (c->closed || c->rests)
        return;
    c->rests = true;
    c->rest_before = gate->rest_last;
    *(gate->rest_last ? &gate->rest_last->rest_next : &gate->rest_first) = c;
    gate->rest_last = c;
}

bool gate__conn_give_way(struct gate *gate)
{
    gate__conn_leave_all(gate); /* what is answered is sent first */
    if (!gate->rest_first)
        return false;
    gate__metrics_gave_way(gate);
    gate__conn_cut(gate->rest_first);
    return true;
}

static void on_close(void *arg, int status)
{
    struct gate_conn *c = arg;
    struct gate *gate = c->gate;
    (void)status;
    begin_close(c);
    assert(!c->turn);
    c->turn++; /* what the gone ones do must not send */
    if (c->ops)
        c->ops->done(c);
    c->turn--;
    gate__buf_give(gate, c->out);
    c->out = NULL;
    assert(!c->requests);
    gate__metrics_connections(gate, c->tls != NULL, -1);
    bus_tls_free(c->tls);
    gate__peer_close(gate->peers, c->peer);
    *c->at = c->next;
    if (c->next)
        c->next->at = c->at;
    gate->conn_count--;
    if (gate->accepting_paused && gate->conn_count <= gate->conn_max && !gate->draining) {
        gate->accepting_paused = false;
        for (struct gate_listener *l = gate->listeners; l; l = l->next)
            core_listener_pause(l->listener, false);
    }
    c->dead = true;
    if (!c->posted)
        conn_free(c);
}

/* --- Sending -------------------------------------------------------------------------------- */

struct core_buf *gate__conn_out(struct gate_conn *c)
{
    assert(c->turn);
    if (!c->out)
        c->out = gate__buf_take(c->gate);
    return &c->out->buf;
}

size_t gate__conn_behind(const struct gate_conn *c)
{
    return (c->closed ? 0 : core_stream_queued(c->stream)) + (c->out ? c->out->buf.len : 0) +
           c->tail.len;
}

size_t gate__conn_room(const struct gate_conn *c)
{
    size_t behind = gate__conn_behind(c);
    if (c->closed || c->tail.len > 0 || behind >= GATE_LIMIT_SOCKET_QUEUE)
        return 0;
    return GATE_LIMIT_SOCKET_QUEUE - behind;
}

void gate__conn_tail(struct gate_conn *c, struct core_str bytes)
{
    assert(c->turn && !c->tls && c->tail.len == 0);
    c->tail = bytes;
}

static void write_two(struct gate_conn *c, struct core_str bytes, struct core_str behind)
{
    if (c->closed)
        return;
    c->written += bytes.len + behind.len;
    if (core_stream_write_two(c->stream, bytes, behind))
        gate__conn_cut(c);
}

static void write_bytes(struct gate_conn *c, struct core_str bytes)
{
    if (bytes.len > 0)
        write_two(c, bytes, CORE_STR(""));
}

/* Sends c->out. false: there was nothing. */
static bool flush(struct gate_conn *c)
{
    struct gate_buf *out = c->out;
    struct core_str tail = c->tail;
    c->out = NULL;
    c->tail = CORE_STR("");
    bool any = ((out && out->buf.len > 0) || tail.len > 0) && !c->closed;
    if (out && core_buf_error(&out->buf)) {
        gate__conn_cut(c);
    } else if (any && c->tls) {
        struct gate_buf *cipher = gate__buf_take(c->gate);
        if (!bus_tls_ready(c->tls) || bus_tls_write(c->tls, core_buf_str(&out->buf), &cipher->buf))
            gate__conn_cut(c);
        write_bytes(c, core_buf_str(&cipher->buf));
        gate__buf_give(c->gate, cipher);
    } else if (any) {
        write_two(c, out ? core_buf_str(&out->buf) : CORE_STR(""), tail);
    }
    gate__buf_give(c->gate, out);
    return any;
}

static void finish(struct gate_conn *c)
{
    if (c->closed)
        return;
    if (c->tls) {
        struct gate_buf *cipher = gate__buf_take(c->gate);
        bus_tls_close(c->tls, &cipher->buf);
        write_bytes(c, core_buf_str(&cipher->buf));
        gate__buf_give(c->gate, cipher);
    }
    begin_close(c);
    core_stream_finish(c->stream);
}

void gate__conn_enter(struct gate_conn *c)
{
    c->turn++;
}

void gate__conn_leave(struct gate_conn *c)
{
    assert(c->turn);
    if (c->turn > 1) {
        c->turn--;
        return;
    }
    /* Still in the turn, so that what a pump calls does not pump again. */
    bool sent;
    do {
        if (c->ops && !c->closed)
            c->ops->pump(c);
        sent = flush(c);
    } while (sent && !c->closed && !c->finish);
    if (c->finish)
        finish(c);
    c->turn--;
}

static void on_soon(struct core_post *post)
{
    struct gate_conn *c = (struct gate_conn *)((char *)post - offsetof(struct gate_conn, post));
    c->posted = false;
    if (c->dead) {
        conn_free(c);
        return;
    }
    gate__conn_enter(c);
    gate__conn_leave(c);
}

void gate__conn_leave_soon(struct gate_conn *c)
{
    if (c->posted)
        return;
    c->posted = true;
    c->post.fn = on_soon;
    core_loop_post(c->gate->loop, &c->post);
}

void gate__conn_leave_later(struct gate_conn *c)
{
    struct gate *gate = c->gate;
    if (c->later_at || c->closed)
        return;
    c->later_at = gate->later_end;
    *c->later_at = c;
    gate->later_end = &c->later_next;
    if (gate->later_count++ == 0)
        gate->later_ns = core_mono_ns(gate->env);
}

bool gate__conn_leave_all(struct gate *gate)
{
    bool any = gate->later != NULL;
    while (gate->later) {
        struct gate_conn *c = gate->later;
        unlink_later(c);
        gate__conn_enter(c);
        gate__conn_leave(c);
    }
    return any;
}

/* Ends a turn together with those of others, unless many or the first have waited long. */
static void leave_together(struct gate_conn *c)
{
    struct gate *gate = c->gate;
    assert(c->turn == 1);
    c->turn--;
    gate__conn_leave_later(c);
    if (gate->later_count >= GATE_LIMIT_TURNS ||
        (gate->later_count > 1 && core_mono_ns(gate->env) - gate->later_ns >= GATE_LIMIT_TURNS_NS))
        gate__conn_leave_all(gate);
}

static void on_drain(void *arg)
{
    struct gate_conn *c = arg;
    gate__conn_enter(c);
    gate__conn_leave(c);
}

/* --- Reading -------------------------------------------------------------------------------- */

static void choose(struct gate_conn *c, bool h2)
{
    if (h2)
        gate__conn_h2_new(c);
    else
        gate__conn_h1_new(c);
}

/* Plain bytes: of the client, or decrypted. */
static void take(struct gate_conn *c, struct core_str bytes)
{
    if (c->ops) {
        c->ops->read(c, bytes);
        return;
    }
    if (c->in.len == 0) {
        size_t len = bytes.len < PREFACE_LEN ? bytes.len : PREFACE_LEN;
        if (memcmp(bytes.ptr, preface, len)) {
            choose(c, false);
            c->ops->read(c, bytes);
            return;
        }
        if (len == PREFACE_LEN) {
            choose(c, true);
            c->ops->read(c, bytes);
            return;
        }
    }
    /* The beginning of a preface came in pieces. */
    if (core_buf_add_str(&c->in, bytes)) {
        gate__conn_cut(c);
        return;
    }
    size_t len = c->in.len < PREFACE_LEN ? c->in.len : PREFACE_LEN;
    bool differs = memcmp(c->in.ptr, preface, len) != 0;
    if (!differs && len < PREFACE_LEN)
        return;
    struct core_buf begun = c->in;
    core_buf_init(&c->in, begun.max);
    choose(c, !differs);
    c->ops->read(c, core_buf_str(&begun));
    core_buf_done(&begun);
}

static const char plain_on_tls[] = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n"
                                   "content-type: text/plain\r\n\r\n"
                                   "This port speaks HTTPS: the address begins with https://\n";

static void read_tls(struct gate_conn *c, struct core_str bytes)
{
    bool before = bus_tls_ready(c->tls);
    if (!before && c->written == 0 && bytes.ptr[0] >= 'A' && bytes.ptr[0] <= 'Z') {
        write_bytes(c, core_str(plain_on_tls)); /* no record of TLS begins with a letter */
        begin_close(c);
        core_stream_finish(c->stream);
        return;
    }
    struct gate_buf *plain = gate__buf_take(c->gate), *cipher = gate__buf_take(c->gate);
    int err = bus_tls_feed(c->tls, bytes, &plain->buf, &cipher->buf);
    write_bytes(c, core_buf_str(&cipher->buf));
    gate__buf_give(c->gate, cipher);
    if (!before && bus_tls_ready(c->tls)) {
        c->idle_ms = gate__now_ms(c->gate);
        if (bus_tls_h2(c->tls))
            choose(c, true);
    }
    if (plain->buf.len > 0 && !c->closed)
        take(c, core_buf_str(&plain->buf));
    gate__buf_give(c->gate, plain);
    if (err == CORE_ECLOSED && !c->requests)
        c->finish = true;
    else if (err && err != CORE_ECLOSED)
        gate__conn_cut(c);
}

static void on_read(void *arg, struct core_str bytes)
{
    struct gate_conn *c = arg;
    if (c->closed)
        return;
    gate__conn_enter(c);
    if (c->tls)
        read_tls(c, bytes);
    else
        take(c, bytes);
    leave_together(c);
}

static bool on_end(void *arg)
{
    struct gate_conn *c = arg;
    c->ended = !c->closed && c->ops && c->ops->owes && c->ops->owes(c);
    return c->ended;
}

/* --- Accepting ------------------------------------------------------------------------------ */

static const struct core_stream_events events = {
    .on_read = on_read, .on_end = on_end, .on_drain = on_drain, .on_close = on_close};

static const char too_many[] =
    "HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\nretry-after: 60\r\n"
    "content-type: application/problem+json\r\n\r\n"
    "{\"type\":\"/problems/too-many-connections\",\"title\":\"Too many connections\",\"status\":429,"
    "\"detail\":\"this address has too many connections open: close some and try again\"}\n";

/* A few are told why, while others lose nothing by it; a handshake only to say so would cost more
 * than the connection. */
static unsigned peer_connections_max(const struct gate *gate, bool tls)
{
    bool tell = !tls && gate->conn_count < gate->conn_max;
    return GATE_LIMIT_CONNECTIONS_PEER + (tell ? GATE_LIMIT_CONNECTIONS_TOLD : 0);
}

void gate__conn_accept(struct gate *gate, struct core_stream *stream, bool tls)
{
    uint64_t now_ms = gate__now_ms(gate);
    struct gate_peer *peer = gate__peer_open(gate->peers, core_stream_peer(stream), now_ms);
    struct bus_tls *session = NULL;
    if (gate->draining || gate__peer_connections(peer) > peer_connections_max(gate, tls) ||
        (tls && !(session = bus_tls_new(gate->tls)))) {
        gate__peer_close(gate->peers, peer);
        core_stream_close(stream);
        return;
    }
    struct gate_conn *c = core_alloc(sizeof *c);
    c->gate = gate;
    c->stream = stream;
    c->peer = peer;
    c->tls = session;
    c->born_ms = c->idle_ms = c->taken_ms = now_ms;
    core_buf_init(&c->in, GATE_LIMIT_PIPELINE + 2 * CORE_LIMIT_STREAM_READ);
    c->next = gate->conns;
    c->at = &gate->conns;
    if (c->next)
        c->next->at = &c->next;
    gate->conns = c;
    gate__metrics_connections(gate, tls, 1);
    if (++gate->conn_count > gate->conn_max &&
        (!gate__conn_give_way(gate) ||
         gate->conn_count > gate->conn_max + GATE_LIMIT_CONNECTIONS_OVER)) {
        gate->accepting_paused = true;
        for (struct gate_listener *l = gate->listeners; l; l = l->next)
            core_listener_pause(l->listener, true);
    }
    core_stream_start(stream, &events, c);
    if (gate__peer_connections(peer) > GATE_LIMIT_CONNECTIONS_PEER) {
        write_bytes(c, core_str(too_many));
        begin_close(c);
        core_stream_finish(stream);
    } else {
        gate__conn_rest(c);
    }
}

/* --- Deadlines ------------------------------------------------------------------------------ */

static bool request_is_late(struct gate_request *r, uint64_t now_ms)
{
    if (!r->answered && now_ms >= r->deadline_ms) {
        /* A header block of HTTP/2 that does not end holds up the whole connection. */
        if (r->stream_id && r->phase == GATE_READING_HEAD)
            gate__conn_cut(r->conn);
        else
            gate__request_late(r);
        return true;
    }
    if (!r->answered || r->cut)
        return false;
    size_t waiting = gate__answer_waiting(r);
    if (waiting > 0 && now_ms - r->took_ms >= GATE_LIMIT_STALL_MS) {
        r->cut = true;
        r->conn->ops->cut(r);
        return true;
    }
    if (r->ended && waiting == 0) {
        /* Answered; what is left is a body that nobody wants. */
        if (now_ms - r->took_ms < GATE_LIMIT_DISCARD_MS)
            return false;
        r->cut = true;
        r->conn->ops->cut(r);
        return true;
    }
    if (waiting == 0)
        r->took_ms = now_ms;
    if (r->events && !r->ended && now_ms - r->wrote_ms >= GATE_LIMIT_PING_MS)
        gate_stream_write(r, CORE_STR(": ping\n\n"));
    return false;
}

/* The kernel's own queue towards this client. */
static bool socket_is_stuck(struct gate_conn *c, uint64_t now_ms)
{
    uint64_t taken = c->written - core_stream_queued(c->stream);
    if (taken != c->taken || core_stream_queued(c->stream) == 0) {
        c->taken = taken;
        c->taken_ms = now_ms;
    }
    return now_ms - c->taken_ms >= GATE_LIMIT_STALL_MS;
}

void gate__conn_sweep(struct gate_conn *c, uint64_t now_ms)
{
    if (c->closed)
        return;
    if ((c->tls && !bus_tls_ready(c->tls) && now_ms - c->born_ms >= GATE_LIMIT_HANDSHAKE_MS) ||
        (!c->ops && c->in.len > 0 && now_ms - c->idle_ms >= GATE_LIMIT_HEAD_MS) ||
        socket_is_stuck(c, now_ms)) {
        gate__conn_cut(c);
        return;
    }
    gate__conn_enter(c);
    if (c->requests)
        c->idle_ms = now_ms;
    else if (now_ms - c->idle_ms >= GATE_LIMIT_IDLE_MS)
        c->ops ? c->ops->drain(c, true) : (void)(c->finish = true);
    for (struct gate_request *r = c->requests, *next; r; r = next) {
        next = r->next;
        if (request_is_late(r, now_ms))
            break; /* the list may have changed; the others come next time */
    }
    gate__conn_leave(c);
}
