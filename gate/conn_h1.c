/*
 * conn_h1.c: HTTP/1.1 on a connection: one request after the other, answers in order.
 *
 * Requests sent ahead wait in c->in until the one before is answered. When an answer is out before
 * its request has ended (it was refused), the rest of the body is read and thrown away as far as
 * GATE_LIMIT_DISCARD, so that the connection stays usable; past that it is closed.
 *
 *     r: NULL ─► head, body (fed by run) ─► ended ┐
 *                      answer (by the handler) ─► sent ┴─► next
 */
#include "gate/inside.h"

#include "core/err.h"

#include <assert.h>
#include <stdlib.h>

struct h1 {
    struct bus_h1 *parser;
    struct gate_request *r;
    size_t discarded;
    bool ended; /* the request is whole */
    bool head_out, sent;
    bool close;   /* after this answer */
    bool went_on; /* "100 Continue" was sent: the body will come */
    bool running;
    bool last; /* the connection takes no request after this one */
};

/* --- Sending -------------------------------------------------------------------------------- */

static bool must_close(const struct gate_conn *c, const struct h1 *h)
{
    const struct gate_request *r = h->r;
    if (!r->head.keep || c->gate->draining || h->last)
        return true;
    if (r->streaming && r->head.old)
        return true; /* only the end of the connection ends such a body */
    if (h->ended)
        return false;
    /* Refused early: is what still comes small enough to be swallowed? */
    return (r->head.expect && !h->went_on) || r->head.content_length > (int64_t)GATE_LIMIT_DISCARD;
}

static void put_piece(struct gate_request *r, struct gate_conn *c, struct core_str piece)
{
    if (r->no_body || piece.len == 0)
        return;
    if (r->streaming && !r->head.old)
        bus_h1_put_chunk(gate__conn_out(c), piece);
    else if (r->outside.ptr && !c->tls && piece.len >= GATE_LIMIT_COPY)
        gate__conn_tail(c, piece);
    else
        core_buf_add_str(gate__conn_out(c), piece);
}

/* Moves what the answer has and the socket takes. */
static void put_answer(struct gate_conn *c, struct h1 *h)
{
    struct gate_request *r = h->r;
    if (r && r->answered && !r->held && !h->head_out && !c->closed) {
        h->head_out = true;
        h->close = must_close(c, h);
        gate__answer_put_h1(r, gate__conn_out(c), h->close);
    }
    while (r && h->head_out && !h->sent) {
        size_t room = gate__conn_room(c);
        bool last = false;
        struct core_str piece = gate__answer_peek(r, r->no_body ? SIZE_MAX : room, &last);
        if (room == 0 || (piece.len == 0 && !last))
            return;
        put_piece(r, c, piece);
        gate__answer_took(r, r->no_body ? 0 : piece.len);
        if (!last)
            continue;
        if (r->streaming && !r->head.old && !r->no_body)
            bus_h1_put_last_chunk(gate__conn_out(c));
        h->sent = true;
        if (h->close)
            c->finish = true;
    }
}

/* Both halves are done (or the other one will not matter): lets go of the request. Never called
 * while the parser fills its head. */
static void advance(struct gate_conn *c, struct h1 *h)
{
    if (!h->r || !h->sent || !(h->ended || h->close) || h->running)
        return;
    struct gate_request *r = h->r;
    h->r = NULL;
    h->ended = h->head_out = h->sent = h->close = h->went_on = false;
    h->discarded = 0;
    c->idle_ms = gate__now_ms(c->gate);
    bus_h1_next(h->parser);
    gate__request_sent(r);
}

static void h1_answer(struct gate_request *r)
{
    struct gate_conn *c = r->conn;
    struct h1 *h = c->proto;
    assert(h->r == r && !h->head_out);
    if (r->streaming && !c->turn) {
        gate__conn_leave_later(c); /* the first event follows at once */
        return;
    }
    gate__conn_enter(c);
    put_answer(c, h);
    gate__conn_leave(c);
}

static void h1_more(struct gate_request *r)
{
    struct gate_conn *c = r->conn;
    if (!c->turn && gate__answer_waiting(r) < GATE_LIMIT_TOGETHER) {
        gate__conn_leave_later(c);
        return;
    }
    gate__conn_enter(c);
    put_answer(c, c->proto);
    gate__conn_leave(c);
}

static void h1_cut(struct gate_request *r)
{
    gate__conn_cut(r->conn);
}

static void h1_go_on(struct gate_request *r)
{
    struct gate_conn *c = r->conn;
    struct h1 *h = c->proto;
    h->went_on = true;
    core_buf_add_str(gate__conn_out(c), CORE_STR("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* --- Reading -------------------------------------------------------------------------------- */

static void on_body(void *arg, struct core_str piece)
{
    struct gate_conn *c = arg;
    struct h1 *h = c->proto;
    if (!h->r->answered) {
        gate__request_body(h->r, piece);
        return;
    }
    h->discarded += piece.len;
    if (h->discarded > GATE_LIMIT_DISCARD)
        c->finish = true;
}

static void on_error(struct gate_conn *c, struct h1 *h)
{
    struct bus_h1_error error = bus_h1_error(h->parser);
    h->r->head.keep = false;
    if (!h->r->answered)
        gate__request_head(h->r, error.status, error.text);
    else
        c->finish = true;
}

/* Feeds until the bytes are used up or the request waits for its answer. Returns how many were. */
static size_t run(struct gate_conn *c, struct h1 *h, struct core_str bytes)
{
    size_t at = 0;
    bool again = false; /* a head without body has an end without bytes */
    h->running = true;
    while ((at < bytes.len || again) && !c->finish && !c->closed && !h->ended) {
        size_t used = 0;
        if (!h->r) {
            if (gate__conn_room(c) == 0 || h->last)
                break;
            h->r = gate__request_new(c, 0);
        }
        enum bus_h1_event event = bus_h1_feed(h->parser, &h->r->head,
                                              core_strn(bytes.ptr + at, bytes.len - at), &used);
        at += used;
        again = false;
        switch (event) {
        case BUS_H1_MORE:
            break;
        case BUS_H1_HEAD:
            again = true;
            gate__request_head(h->r, 0, NULL);
            break;
        case BUS_H1_END:
            h->ended = true;
            gate__request_end(h->r);
            h->running = false;
            advance(c, h);
            h->running = true;
            break;
        case BUS_H1_ERROR:
            on_error(c, h);
            at = bytes.len;
            break;
        }
    }
    h->running = false;
    return at;
}

static void watch_reading(struct gate_conn *c)
{
    bool pause = c->in.len >= GATE_LIMIT_PIPELINE;
    if (pause != c->reading_paused && !c->closed) {
        c->reading_paused = pause;
        core_stream_pause(c->stream, pause);
    }
}

static void h1_read(struct gate_conn *c, struct core_str bytes)
{
    struct h1 *h = c->proto;
    if (c->finish)
        return;
    size_t used = c->in.len == 0 && !h->running ? run(c, h, bytes) : 0;
    if (used < bytes.len && !c->finish && core_buf_add(&c->in, bytes.ptr + used, bytes.len - used))
        gate__conn_cut(c);
    watch_reading(c);
}

/* What was sent ahead. */
static void run_waiting(struct gate_conn *c, struct h1 *h)
{
    while (c->in.len > 0 && !h->ended && !h->running && !c->finish && !c->closed) {
        size_t used = run(c, h, core_buf_str(&c->in));
        core_buf_consume(&c->in, used);
        if (used == 0)
            break;
    }
    if (c->in.len == 0 && c->in.cap > 0)
        core_buf_done(&c->in);
    watch_reading(c);
}

/* One who left looks the same as one who listens, so what could be cancelled is: a handler that
 * wants to be told is. Work on the pool goes on in either case. */
static bool h1_owes(const struct gate_conn *c)
{
    const struct h1 *h = c->proto;
    const struct gate_request *r = h->r;
    return r && !h->sent && (h->ended || r->answered) && (r->ended || !r->on_gone);
}

static void h1_pump(struct gate_conn *c)
{
    struct h1 *h = c->proto;
    put_answer(c, h);
    advance(c, h);
    run_waiting(c, h);
    if ((h->last && !h->r) || (c->ended && c->in.len == 0 && !h1_owes(c)))
        c->finish = true;
}

/* --- Life ----------------------------------------------------------------------------------- */

static void h1_drain(struct gate_conn *c, bool final)
{
    struct h1 *h = c->proto;
    (void) final;
    h->last = true; /* an answer whose head is out could not say so: its connection just ends */
    if (!h->r || !bus_h1_begun(h->parser))
        c->finish = true;
}

static void h1_done(struct gate_conn *c)
{
    struct h1 *h = c->proto;
    struct gate_request *r = h->r;
    h->r = NULL;
    if (r && h->sent)
        gate__request_sent(r);
    else if (r)
        gate__request_gone(r);
    bus_h1_free(h->parser);
    free(h);
    c->proto = NULL;
    c->ops = NULL;
}

const struct conn_ops gate__conn_h1 = {
    .read = h1_read,
    .pump = h1_pump,
    .answer = h1_answer,
    .more = h1_more,
    .cut = h1_cut,
    .go_on = h1_go_on,
    .drain = h1_drain,
    .owes = h1_owes,
    .done = h1_done,
};

void gate__conn_h1_new(struct gate_conn *c)
{
    struct h1 *h = core_alloc(sizeof *h);
    h->parser = bus_h1_new(on_body, c);
    c->proto = h;
    c->ops = &gate__conn_h1;
}
