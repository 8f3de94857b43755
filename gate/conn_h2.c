/*
 * conn_h2.c: HTTP/2 on a connection: bus/h2 does the work, requests answer in any order.
 */
#include "gate/inside.h"

#include "core/err.h"

#include <stdlib.h>

struct h2 {
    struct bus_h2 *session;
    bool broken; /* the client broke the protocol: say so and close */
};

/* --- From the session ----------------------------------------------------------------------- */

static struct bus_head *on_begin(void *arg, int32_t id, void **ret_stream)
{
    struct gate_conn *c = arg;
    if (c->gate->request_count >= GATE_LIMIT_REQUESTS ||
        gate__peer_requests(c->peer) >= GATE_LIMIT_REQUESTS_PEER)
        return NULL;
    struct gate_request *r = gate__request_new(c, id);
    *ret_stream = r;
    return &r->head;
}

static void on_head(void *arg, void *stream, int status)
{
    (void)arg;
    gate__request_head(stream, status, NULL);
}

static void on_body(void *arg, void *stream, struct core_str piece)
{
    (void)arg;
    gate__request_body(stream, piece);
}

static void on_end(void *arg, void *stream)
{
    (void)arg;
    gate__request_end(stream);
}

static void on_close(void *arg, void *stream, bool clean)
{
    struct gate_conn *c = arg;
    struct gate_request *r = stream;
    c->idle_ms = gate__now_ms(c->gate);
    if (clean && r->ended)
        gate__request_sent(r);
    else
        gate__request_gone(r);
}

static struct core_str body(void *arg, void *stream, size_t max, bool *ret_last)
{
    (void)arg;
    return gate__answer_peek(stream, max, ret_last);
}

static void took(void *arg, void *stream, size_t len)
{
    (void)arg;
    gate__answer_took(stream, len);
}

static const struct bus_h2_events events = {
    .on_begin = on_begin,
    .on_head = on_head,
    .on_body = on_body,
    .on_end = on_end,
    .on_close = on_close,
    .body = body,
    .took = took,
};

/* --- For the connection --------------------------------------------------------------------- */

static void h2_read(struct gate_conn *c, struct core_str bytes)
{
    struct h2 *h = c->proto;
    if (!h->broken && bus_h2_feed(h->session, bytes, gate__now_ms(c->gate)))
        h->broken = true;
}

static void h2_pump(struct gate_conn *c)
{
    struct h2 *h = c->proto;
    size_t room = gate__conn_room(c);
    if (room == 0)
        return;
    struct core_buf *out = gate__conn_out(c);
    int err = bus_h2_send(h->session, out, out->len + room);
    if (err || h->broken || bus_h2_over(h->session))
        c->finish = true;
}

static void h2_answer(struct gate_request *r)
{
    struct gate_conn *c = r->conn;
    struct h2 *h = c->proto;
    struct bus_h2_field fields[BUS_H2_FIELDS];
    char length[CORE_I64_SIZE];
    size_t count = gate__answer_fields(r, length, fields);
    gate__conn_enter(c);
    if (bus_h2_answer(h->session, r->stream_id, r->status, fields, count, !r->no_body))
        r->cut = true; /* the stream is closing already; its close will tell */
    gate__conn_leave(c);
}

static void h2_more(struct gate_request *r)
{
    struct gate_conn *c = r->conn;
    struct h2 *h = c->proto;
    bus_h2_more(h->session, r->stream_id);
    if (!c->turn && gate__answer_waiting(r) < GATE_LIMIT_TOGETHER) {
        gate__conn_leave_later(c);
        return;
    }
    gate__conn_enter(c);
    gate__conn_leave(c);
}

static void h2_cut(struct gate_request *r)
{
    struct gate_conn *c = r->conn;
    struct h2 *h = c->proto;
    bus_h2_reset(h->session, r->stream_id);
    gate__conn_leave_soon(c);
}

static void h2_go_on(struct gate_request *r)
{
    struct h2 *h = r->conn->proto;
    bus_h2_continue(h->session, r->stream_id);
}

static void h2_drain(struct gate_conn *c, bool final)
{
    struct h2 *h = c->proto;
    bus_h2_goaway(h->session, final);
}

static void h2_done(struct gate_conn *c)
{
    struct h2 *h = c->proto;
    bus_h2_free(h->session);
    free(h);
    c->proto = NULL;
    c->ops = NULL;
}

const struct conn_ops gate__conn_h2 = {
    .read = h2_read,
    .pump = h2_pump,
    .answer = h2_answer,
    .more = h2_more,
    .cut = h2_cut,
    .go_on = h2_go_on,
    .drain = h2_drain,
    .done = h2_done,
};

void gate__conn_h2_new(struct gate_conn *c)
{
    struct h2 *h = core_alloc(sizeof *h);
    h->session = bus_h2_new(&events, c);
    c->proto = h;
    c->ops = &gate__conn_h2;
}
