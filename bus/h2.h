/*
 * h2.h: HTTP/2 as a server sees it, sans I/O (nghttp2 behind a face): bytes in, events out, frames
 * out.
 *
 * bus_h2_feed() takes bytes and calls the events; they may answer at once. bus_h2_send() appends
 * the frames that are due; never call it from an event. Bodies of answers are pulled: when there is
 * more, say so with bus_h2_more(), and h2 asks for bytes as the client's windows allow.
 *
 * A client that makes work without asking for anything (resets, pings, settings, endless header
 * blocks) is told ENHANCE_YOUR_CALM and cut.
 */
#ifndef BUS_H2_H
#define BUS_H2_H

#include "bus/head.h"

struct bus_h2;

/* `stream` is what on_begin returned for it. */
struct bus_h2_events {
    /* A request begins: the head to fill (cleared), or NULL to refuse the stream (which tells the
     * client that it may ask again). */
    struct bus_head *(*on_begin)(void *arg, int32_t id, void **ret_stream);
    /* The head is whole. status: 0, or what to answer instead of looking at it (400, 431). */
    void (*on_head)(void *arg, void *stream, int status);
    void (*on_body)(void *arg, void *stream, struct core_str piece);
    /* The request is whole. */
    void (*on_end)(void *arg, void *stream);
    /* The stream is over: answered, reset, or the connection ends. `clean`: the answer went out
     * whole. Last event of a stream. */
    void (*on_close)(void *arg, void *stream, bool clean);
    /* Next bytes of the answer's body, at most max; last: nothing follows them. They are copied,
     * and `took`, before anything else happens. An empty piece that is not the last: wait for
     * bus_h2_more(). */
    struct core_str (*body)(void *arg, void *stream, size_t max, bool *ret_last);
    void (*took)(void *arg, void *stream, size_t len);
};

struct bus_h2 *bus_h2_new(const struct bus_h2_events *events, void *arg);
/* Calls on_close for every stream that is open. Accepts NULL. */
void bus_h2_free(struct bus_h2 *h2);

/* The client's bytes, its preface included. 0, or CORE_EPROTO: send what bus_h2_send() gives and
 * close. now_ms: for the flood limits. */
int bus_h2_feed(struct bus_h2 *h2, struct core_str bytes, uint64_t now_ms);
/* Appends frames until nothing is due or `out` holds
 * about `max` bytes. 0, CORE_ENOMEM, CORE_EPROTO. */
int bus_h2_send(struct bus_h2 *h2, struct core_buf *out, size_t max);
/* Nothing is open and nothing more is wanted: the connection may be closed. */
bool bus_h2_over(const struct bus_h2 *h2);

struct bus_h2_field {
    struct core_str name, value; /* name in lower case */
    bool once;                   /* the value will not come again: keep it out of the HPACK table */
};
#define BUS_H2_FIELDS 32
/* Head of the answer. body: whether `body` is to be pulled. ret: 0 or CORE_ECLOSED. Bytes of fields
 * are copied. */
int bus_h2_answer(struct bus_h2 *h2, int32_t id, int status, const struct bus_h2_field *fields,
                  size_t count, bool body);
/* "100 Continue". */
void bus_h2_continue(struct bus_h2 *h2, int32_t id);
void bus_h2_more(struct bus_h2 *h2, int32_t id);
/* Cuts a stream: CANCEL, or NO_ERROR when the answer is out and only the request goes on. (Of such
 * a request h2 itself takes BUS_LIMIT_H2_UNWANTED bytes more; how long, is for the caller to say.)
 * on_close comes from a later bus_h2_send(). */
void bus_h2_reset(struct bus_h2 *h2, int32_t id);
/* Announces the end (GOAWAY); streams already open go on. Not final: the client is only asked to
 * open no more; final: new ones are refused, and the connection is over with the last stream. */
void bus_h2_goaway(struct bus_h2 *h2, bool final);

#endif
