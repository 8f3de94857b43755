/*
 * h2.c: HTTP/2 through nghttp2.
 *
 *     feed ─► nghttp2 ─► on_begin_headers, on_header…, on_frame_recv, on_data ─► events
 *     answer, more, reset ─► nghttp2's queue ─► send ─► frames
 *                                body bytes ◄─ pulled ◄┘ (copied once, straight into `out`)
 *
 * nghttp2 checks the grammar (pseudo headers, content lengths, states of streams that are open;
 * those that were are h2_past.h's). Against floods: it caps continuations, settings and unanswered
 * acknowledgements; here two token buckets per connection count resets (the client's, and those
 * that its errors make us send) and control frames.
 */
#include "bus/h2.h"

#include "bus/h2_past.h"

#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

enum { FRAME_HEAD = 9 };

struct stream {
    struct stream *next, **at; /* list of all */
    void *user;
    struct bus_head *head;
    int32_t id;
    int status;      /* to answer instead of the request's own answer */
    bool head_done;  /* what comes now are trailers */
    bool ended;      /* the request is whole */
    bool sent;       /* the answer is */
    size_t unwanted; /* bytes of the request that came after its answer */
};

struct bucket {
    uint64_t milli; /* thousandths of a token */
    uint64_t at_ms;
};

struct bus_h2 {
    nghttp2_session *session;
    struct bus_h2_events events;
    void *arg;
    struct stream *streams;
    struct core_buf *out; /* during a send */
    size_t out_max;
    struct core_str piece; /* of a body, between on_pull() and on_send_data() */
    uint64_t now_ms;
    struct bucket resets, control;
    struct bus_h2_past past;
    unsigned char head[FRAME_HEAD]; /* of the frame that is coming in, */
    unsigned head_len;              /* as far as it is here */
    size_t skip;                    /* bytes until the next one's */
    bool told; /* the client was told to go: it flooded, or broke the protocol */
};

/* --- Floods --------------------------------------------------------------------------------- */

static bool bucket_take(struct bucket *b, uint64_t now_ms, uint64_t rate, uint64_t burst)
{
    if (now_ms > b->at_ms) {
        uint64_t passed = now_ms - b->at_ms;
        uint64_t full = burst * 1000;
        b->milli = passed > full / rate ? full : b->milli + passed * rate;
        if (b->milli > full)
            b->milli = full;
        b->at_ms = now_ms;
    }
    if (b->milli < 1000)
        return false;
    b->milli -= 1000;
    return true;
}

static void tell_to_go(struct bus_h2 *h2, uint32_t code)
{
    if (!h2->told)
        nghttp2_session_terminate_session(h2->session, code);
    h2->told = true;
}

static void count_reset(struct bus_h2 *h2)
{
    if (!bucket_take(&h2->resets, h2->now_ms, BUS_LIMIT_H2_RESETS_S, BUS_LIMIT_H2_RESETS))
        tell_to_go(h2, NGHTTP2_ENHANCE_YOUR_CALM);
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd, void *user_data)
{
    (void)session;
    struct bus_h2 *h2 = user_data;
    switch (hd->type) {
    case NGHTTP2_RST_STREAM:
        count_reset(h2);
        return 0;
    case NGHTTP2_HEADERS:
    case NGHTTP2_CONTINUATION:
    case NGHTTP2_WINDOW_UPDATE:
        return 0;
    case NGHTTP2_DATA:
        if (hd->length > 0 || hd->flags & NGHTTP2_FLAG_END_STREAM)
            return 0;
        break;
    }
    if (!bucket_take(&h2->control, h2->now_ms, BUS_LIMIT_H2_CONTROL_S, BUS_LIMIT_H2_CONTROL))
        tell_to_go(h2, NGHTTP2_ENHANCE_YOUR_CALM);
    return 0;
}

/* A frame of a kind that is not HTTP/2's own: only counted, see on_begin_frame(). */
static int on_unknown(nghttp2_session *session, void **payload, const nghttp2_frame_hd *hd,
                      void *user_data)
{
    (void)session, (void)payload, (void)hd, (void)user_data;
    return NGHTTP2_ERR_CANCEL;
}

/* --- Streams -------------------------------------------------------------------------------- */

static struct stream *stream_of(struct bus_h2 *h2, int32_t id)
{
    return nghttp2_session_get_stream_user_data(h2->session, id);
}

static void stream_end(struct bus_h2 *h2, struct stream *s)
{
    *s->at = s->next;
    if (s->next)
        s->next->at = s->at;
    h2->events.on_close(h2->arg, s->user, s->sent);
    free(s);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
    struct bus_h2 *h2 = user_data;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    if (h2->told)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    void *user = NULL;
    struct bus_head *head = h2->events.on_begin(h2->arg, frame->hd.stream_id, &user);
    if (!head)
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                         NGHTTP2_REFUSED_STREAM)
                   ? NGHTTP2_ERR_CALLBACK_FAILURE
                   : 0;
    struct stream *s = core_alloc(sizeof *s);
    s->user = user;
    s->head = head;
    s->id = frame->hd.stream_id;
    s->next = h2->streams;
    s->at = &h2->streams;
    if (s->next)
        s->next->at = &s->next;
    h2->streams = s;
    nghttp2_session_set_stream_user_data(session, s->id, s);
    return 0;
}

/* Appends the value of a pseudo header as a span of its own. */
static int add_span(struct bus_head *head, struct core_str value, struct bus_span *ret)
{
    uint32_t at = (uint32_t)head->text.len;
    int err = bus_head_add(head, value);
    if (!err)
        *ret = (struct bus_span){at, (uint32_t)value.len};
    return err;
}

static int add_header(struct bus_head *head, struct core_str name, struct core_str value)
{
    if (name.len == 0 || name.ptr[0] != ':') {
        if (core_str_eq_c(name, "content-length"))
            (void)core_str_to_i64(value, 0, INT64_MAX, &head->content_length);
        else if (core_str_eq_c(name, "expect"))
            head->expect = core_str_ieq(value, CORE_STR("100-continue"));
        else if (core_str_eq_c(name, "host") && head->authority.len == 0)
            return bus_head_add_field(head, name, value)
                       ? CORE_ETOOBIG
                       : (head->authority = head->fields[head->count - 1].value, 0);
        return bus_head_add_field(head, name, value);
    }
    if (core_str_eq_c(name, ":method"))
        return add_span(head, value, &head->method);
    if (core_str_eq_c(name, ":path"))
        return value.len > BUS_LIMIT_TARGET ? CORE_EINVAL : add_span(head, value, &head->target);
    if (core_str_eq_c(name, ":authority"))
        return add_span(head, value, &head->authority);
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *user_data)
{
    (void)session;
    (void)flags;
    struct stream *s = stream_of(user_data, frame->hd.stream_id);
    if (!s || s->head_done || s->status)
        return 0;
    int err = add_header(s->head, core_strn(name, name_len), core_strn(value, value_len));
    if (err)
        s->status = err == CORE_EINVAL ? 414 : err == CORE_ETOOBIG ? 431 : 503;
    return 0;
}

/* Bytes that HTTP forbids in a field: the request is not worth reading on. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
                             const uint8_t *name, size_t name_len, const uint8_t *value,
                             size_t value_len, uint8_t flags, void *user_data)
{
    (void)session, (void)name, (void)name_len, (void)value, (void)value_len, (void)flags;
    struct stream *s = stream_of(user_data, frame->hd.stream_id);
    if (s && !s->head_done && !s->status)
        s->status = 400;
    return 0;
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
    (void)session;
    struct bus_h2 *h2 = user_data;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    struct stream *s = stream_of(h2, frame->hd.stream_id);
    if (!s)
        return 0;
    bool last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (frame->hd.type == NGHTTP2_HEADERS && !s->head_done) {
        s->head_done = true;
        s->head->keep = true;
        /* A whole request without length still has one: nothing. */
        if (last && s->head->content_length < 0)
            s->head->content_length = 0;
        s->ended = last;
        h2->events.on_head(h2->arg, s->user, s->status);
    }
    if (last) {
        s->ended = true;
        h2->events.on_end(h2->arg, s->user);
    }
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                   size_t len, void *user_data)
{
    (void)session;
    (void)flags;
    struct bus_h2 *h2 = user_data;
    struct stream *s = stream_of(h2, id);
    if (!s)
        return 0;
    if (!s->sent) {
        h2->events.on_body(h2->arg, s->user, core_strn(data, len));
        return 0;
    }
    /* Some clients forget an answer when a reset comes at its heels: they may send on for a
     * while. */
    s->unwanted += len;
    if (s->unwanted > BUS_LIMIT_H2_UNWANTED)
        bus_h2_reset(h2, id);
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *user_data)
{
    (void)session;
    (void)code;
    struct bus_h2 *h2 = user_data;
    struct stream *s = stream_of(h2, id);
    if (s)
        stream_end(h2, s);
    return 0;
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
    (void)session;
    struct bus_h2 *h2 = user_data;
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
        uint32_t code = frame->rst_stream.error_code;
        if (code != NGHTTP2_NO_ERROR && code != NGHTTP2_CANCEL)
            count_reset(h2);
        return 0;
    }
    if ((frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) ||
        !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    struct stream *s = stream_of(h2, frame->hd.stream_id);
    if (s)
        s->sent = true;
    return 0;
}

/* --- Bodies of answers ---------------------------------------------------------------------- */

static ssize_t on_pull(nghttp2_session *session, int32_t id, uint8_t *buf, size_t len,
                       uint32_t *flags, nghttp2_data_source *source, void *user_data)
{
    (void)session, (void)buf, (void)source;
    struct bus_h2 *h2 = user_data;
    struct stream *s = stream_of(h2, id);
    if (!s)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    bool last = false;
    struct core_str piece = h2->events.body(h2->arg, s->user, len, &last);
    assert(piece.len <= len);
    if (piece.len == 0 && !last)
        return NGHTTP2_ERR_DEFERRED;
    *flags = NGHTTP2_DATA_FLAG_NO_COPY | (last ? NGHTTP2_DATA_FLAG_EOF : 0u);
    h2->piece = piece;
    return (ssize_t)piece.len;
}

/* Follows on_pull() at once: a frame that had to wait would go out before a reset that came
 * meanwhile, and its bytes would be gone. So the last one goes past the caller's bound instead. */
static int on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *framehd,
                        size_t len, nghttp2_data_source *source, void *user_data)
{
    (void)session, (void)source;
    struct bus_h2 *h2 = user_data;
    struct stream *s = stream_of(h2, frame->hd.stream_id);
    if (!s)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    assert(h2->piece.len == len && frame->data.padlen == 0);
    core_buf_add(h2->out, framehd, FRAME_HEAD);
    if (core_buf_add_str(h2->out, h2->piece))
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    h2->events.took(h2->arg, s->user, len);
    return h2->out->len < h2->out_max ? 0 : NGHTTP2_ERR_PAUSE;
}

/* --- Face ----------------------------------------------------------------------------------- */

static void session_new(struct bus_h2 *h2)
{
    nghttp2_session_callbacks *calls;
    nghttp2_option *option;
    if (nghttp2_session_callbacks_new(&calls) || nghttp2_option_new(&option))
        abort(); /* a few hundred bytes of our own, as core_alloc() */
    nghttp2_session_callbacks_set_on_begin_frame_callback(calls, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(calls, on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame_recv);
    nghttp2_session_callbacks_set_on_frame_send_callback(calls, on_frame_send);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_stream_close);
    nghttp2_session_callbacks_set_send_data_callback(calls, on_send_data);
    nghttp2_option_set_max_continuations(option, BUS_LIMIT_H2_CONTINUATIONS);
    nghttp2_option_set_max_outbound_ack(option, BUS_LIMIT_H2_ACKS);
    nghttp2_option_set_max_settings(option, BUS_LIMIT_H2_SETTINGS);
    nghttp2_option_set_no_closed_streams(option, 1);
    /* Left to itself nghttp2 skips kinds it does not know without a word. */
    nghttp2_session_callbacks_set_unpack_extension_callback(calls, on_unknown);
    for (unsigned type = NGHTTP2_CONTINUATION + 1; type <= UINT8_MAX; type++)
        nghttp2_option_set_user_recv_extension_type(option, (uint8_t)type);
    if (nghttp2_session_server_new2(&h2->session, calls, h2, option))
        abort();
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(calls);
}

struct bus_h2 *bus_h2_new(const struct bus_h2_events *events, void *arg)
{
    struct bus_h2 *h2 = core_alloc(sizeof *h2);
    h2->events = *events;
    h2->arg = arg;
    h2->skip = NGHTTP2_CLIENT_MAGIC_LEN;
    h2->resets.milli = BUS_LIMIT_H2_RESETS * 1000;
    h2->control.milli = BUS_LIMIT_H2_CONTROL * 1000;
    session_new(h2);
    const nghttp2_settings_entry entries[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, BUS_LIMIT_H2_STREAMS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, BUS_LIMIT_H2_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, BUS_LIMIT_HEAD},
    };
    if (nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, entries,
                                sizeof entries / sizeof *entries) ||
        nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
                                              BUS_LIMIT_H2_WINDOW_ALL))
        abort();
    return h2;
}

void bus_h2_free(struct bus_h2 *h2)
{
    if (!h2)
        return;
    while (h2->streams)
        stream_end(h2, h2->streams);
    nghttp2_session_del(h2->session);
    free(h2);
}

/* May such a frame come on its stream, if that is no
 * more? Of open ones, and those to come, nghttp2 knows. */
static void check_past(struct bus_h2 *h2, int type, unsigned flags, int32_t id)
{
    bool carries = type == NGHTTP2_HEADERS || type == NGHTTP2_DATA;
    if (id % 2 == 0 || (!carries && type != NGHTTP2_RST_STREAM))
        return;
    if (carries && nghttp2_session_get_stream_remote_close(h2->session, id) < 0) {
        enum bus_h2_was was = bus_h2_past_of(&h2->past, id);
        if (was != BUS_H2_WAS_OPEN)
            tell_to_go(h2, was == BUS_H2_WAS_DONE ? NGHTTP2_STREAM_CLOSED : NGHTTP2_PROTOCOL_ERROR);
    }
    if (type == NGHTTP2_HEADERS)
        bus_h2_past_begin(&h2->past, id);
    if (!carries || flags & NGHTTP2_FLAG_END_STREAM)
        bus_h2_past_done(&h2->past, id);
}

/* The first `len` bytes go to nghttp2. */
static bool hand_on(struct bus_h2 *h2, struct core_str *bytes, size_t len)
{
    ssize_t used = nghttp2_session_mem_recv(h2->session, (const uint8_t *)bytes->ptr, len);
    *bytes = core_strn(bytes->ptr + len, bytes->len - len);
    return used >= 0;
}

/* Looks at each frame once nghttp2 has seen all before
 * it, since that drops some without a word to us. */
int bus_h2_feed(struct bus_h2 *h2, struct core_str bytes, uint64_t now_ms)
{
    size_t at = 0;
    bool good = true;
    h2->now_ms = now_ms;
    while (good && !h2->told && at < bytes.len) {
        if (h2->skip) {
            size_t n = h2->skip < bytes.len - at ? h2->skip : bytes.len - at;
            h2->skip -= n;
            at += n;
            continue;
        }
        h2->head[h2->head_len++] = (unsigned char)bytes.ptr[at++];
        if (h2->head_len < FRAME_HEAD)
            continue;
        const unsigned char *p = h2->head;
        h2->head_len = 0;
        h2->skip = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
        good = hand_on(h2, &bytes, at - 1);
        at = 1;
        check_past(h2, p[3], p[4], (int32_t)((p[5] & 0x7fu) << 24 | p[6] << 16 | p[7] << 8 | p[8]));
    }
    good = good && hand_on(h2, &bytes, bytes.len);
    return good && !h2->told ? 0 : CORE_EPROTO;
}

int bus_h2_send(struct bus_h2 *h2, struct core_buf *out, size_t max)
{
    int err = 0;
    h2->out = out;
    h2->out_max = max;
    while (out->len < max) {
        const uint8_t *data;
        ssize_t len = nghttp2_session_mem_send(h2->session, &data);
        if (len < 0)
            err = len == NGHTTP2_ERR_NOMEM ? CORE_ENOMEM : CORE_EPROTO;
        if (len <= 0)
            break;
        err = core_buf_add(out, data, (size_t)len);
        if (err)
            break;
    }
    h2->out = NULL;
    return err;
}

bool bus_h2_over(const struct bus_h2 *h2)
{
    return !nghttp2_session_want_read(h2->session) && !nghttp2_session_want_write(h2->session);
}

int bus_h2_answer(struct bus_h2 *h2, int32_t id, int status, const struct bus_h2_field *fields,
                  size_t count, bool body)
{
    assert(count <= BUS_H2_FIELDS && status >= 200 && status <= 599);
    nghttp2_nv nv[BUS_H2_FIELDS + 1];
    char digits[3] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10),
                      (char)('0' + status % 10)};
    nv[0] = (nghttp2_nv){(uint8_t *)":status", (uint8_t *)digits, 7, 3, NGHTTP2_NV_FLAG_NONE};
    for (size_t i = 0; i < count; i++)
        nv[i + 1] = (nghttp2_nv){(uint8_t *)fields[i].name.ptr, (uint8_t *)fields[i].value.ptr,
                                 fields[i].name.len, fields[i].value.len,
                                 fields[i].once ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE};
    const nghttp2_data_provider provider = {.source = {.ptr = NULL}, .read_callback = on_pull};
    int err = nghttp2_submit_response(h2->session, id, nv, count + 1, body ? &provider : NULL);
    return err ? CORE_ECLOSED : 0;
}

void bus_h2_continue(struct bus_h2 *h2, int32_t id)
{
    const nghttp2_nv nv = {(uint8_t *)":status", (uint8_t *)"100", 7, 3, NGHTTP2_NV_FLAG_NONE};
    nghttp2_submit_headers(h2->session, NGHTTP2_FLAG_NONE, id, NULL, &nv, 1, NULL);
}

void bus_h2_more(struct bus_h2 *h2, int32_t id)
{
    nghttp2_session_resume_data(h2->session, id);
}

void bus_h2_reset(struct bus_h2 *h2, int32_t id)
{
    struct stream *s = stream_of(h2, id);
    nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, id,
                              s && s->sent ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
}

void bus_h2_goaway(struct bus_h2 *h2, bool final)
{
    if (final)
        nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE,
                              nghttp2_session_get_last_proc_stream_id(h2->session),
                              NGHTTP2_NO_ERROR, NULL, 0);
    else
        nghttp2_submit_shutdown_notice(h2->session);
}
