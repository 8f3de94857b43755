/*
 * test_h2.c: the server side of HTTP/2 against nghttp2's client side, in memory, and against bytes
 * that no client should send.
 */
#include "bus/h2.h"

#include "core/err.h"
#include "core/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <nghttp2/nghttp2.h>

#define STREAMS 1024

/* --- Server: answers "METHOD target body" padded to `size` ------------------------------------ */

struct served {
    struct world *world;
    struct bus_head head;
    struct core_buf body, out;
    size_t out_at;
    int32_t id;
    int status;
    bool used, closed, clean;
};

struct world {
    struct bus_h2 *h2;
    nghttp2_session *client;
    struct served served[STREAMS];
    unsigned count, open;
    size_t size; /* of answers; 0: as they are */
    bool hold;   /* answer nothing */
    bool early;  /* answer at the head */
    uint64_t now_ms;
    /* What the client saw. */
    struct core_buf got[STREAMS];
    int status[STREAMS];
    int closed[STREAMS]; /* error code + 1 */
    bool goaway;
    uint32_t goaway_code;
    size_t chunk; /* bytes given to the server at once */
};

static void answer(struct served *s, int status)
{
    struct world *w = s->world;
    const struct bus_h2_field fields[] = {{CORE_STR("content-type"), CORE_STR("text/plain"), false},
                                          {CORE_STR("x-once"), CORE_STR("1"), true}};
    core_buf_addf(&s->out, "%.*s %.*s @%.*s %.*s",
                  CORE_STR_ARG(bus_head_str(&s->head, s->head.method)),
                  CORE_STR_ARG(bus_head_str(&s->head, s->head.target)),
                  CORE_STR_ARG(bus_head_str(&s->head, s->head.authority)),
                  CORE_STR_ARG(core_buf_str(&s->body)));
    while (s->out.len < w->size)
        core_buf_add_byte(&s->out, 'x');
    assert_int_equal(bus_h2_answer(w->h2, s->id, status, fields, 2, true), 0);
}

static struct bus_head *on_begin(void *arg, int32_t id, void **ret_stream)
{
    struct world *w = arg;
    struct served *s = &w->served[w->count];
    if (w->count == STREAMS)
        return NULL;
    w->count++;
    w->open++;
    s->world = w;
    s->id = id;
    s->used = true;
    bus_head_init(&s->head);
    core_buf_init(&s->body, 64u << 20);
    core_buf_init(&s->out, 64u << 20);
    *ret_stream = s;
    return &s->head;
}

static void on_head(void *arg, void *stream, int status)
{
    struct world *w = arg;
    struct served *s = stream;
    s->status = status;
    if (status || w->early)
        answer(s, status ? status : 413);
}

static void on_body(void *arg, void *stream, struct core_str piece)
{
    (void)arg;
    core_buf_add_str(&((struct served *)stream)->body, piece);
}

static void on_end(void *arg, void *stream)
{
    struct world *w = arg;
    struct served *s = stream;
    if (!w->hold && s->out.len == 0)
        answer(s, 200);
}

static void on_close(void *arg, void *stream, bool clean)
{
    struct served *s = stream;
    assert_false(s->closed);
    s->closed = true;
    s->clean = clean;
    ((struct world *)arg)->open--;
}

static struct core_str body(void *arg, void *stream, size_t max, bool *ret_last)
{
    struct served *s = stream;
    size_t len = s->out.len - s->out_at;
    (void)arg;
    *ret_last = len <= max;
    return core_strn(s->out.ptr + s->out_at, len < max ? len : max);
}

static void took(void *arg, void *stream, size_t len)
{
    (void)arg;
    ((struct served *)stream)->out_at += len;
}

static const struct bus_h2_events events = {on_begin, on_head, on_body, on_end,
                                            on_close, body,    took};

/* --- Client ----------------------------------------------------------------------------------- */

static size_t index_of(int32_t id)
{
    return (size_t)(id - 1) / 2;
}

static int c_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                    void *arg)
{
    struct world *w = arg;
    int64_t status = 0;
    (void)session, (void)flags;
    if (!core_str_eq_c(core_strn(name, name_len), ":status"))
        return 0;
    assert_int_equal(core_str_to_i64(core_strn(value, value_len), 100, 599, &status), 0);
    w->status[index_of(frame->hd.stream_id)] = (int)status;
    return 0;
}

static int c_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                  size_t len, void *arg)
{
    struct world *w = arg;
    (void)session, (void)flags;
    core_buf_add(&w->got[index_of(id)], data, len);
    return 0;
}

static int c_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
    (void)session;
    ((struct world *)arg)->closed[index_of(id)] = (int)code + 1;
    return 0;
}

static int c_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct world *w = arg;
    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        w->goaway = true;
        w->goaway_code = frame->goaway.error_code;
    }
    return 0;
}

static int setup(void **state)
{
    struct world *w = core_alloc(sizeof *w);
    nghttp2_session_callbacks *calls;
    nghttp2_session_callbacks_new(&calls);
    nghttp2_session_callbacks_set_on_header_callback(calls, c_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, c_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, c_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, c_frame);
    nghttp2_session_client_new(&w->client, calls, w);
    nghttp2_session_callbacks_del(calls);
    nghttp2_submit_settings(w->client, NGHTTP2_FLAG_NONE, NULL, 0);
    for (size_t i = 0; i < STREAMS; i++)
        core_buf_init(&w->got[i], 64u << 20);
    w->h2 = bus_h2_new(&events, w);
    w->chunk = SIZE_MAX;
    w->now_ms = 1000;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    bus_h2_free(w->h2);
    assert_int_equal(w->open, 0);
    nghttp2_session_del(w->client);
    for (size_t i = 0; i < STREAMS; i++) {
        core_buf_done(&w->got[i]);
        if (w->served[i].used) {
            bus_head_done(&w->served[i].head);
            core_buf_done(&w->served[i].body);
            core_buf_done(&w->served[i].out);
        }
    }
    free(w);
    return 0;
}

static ssize_t body_source(nghttp2_session *session, int32_t id, uint8_t *buf, size_t len,
                           uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    size_t *left = source->ptr;
    (void)session, (void)id, (void)arg;
    len = len < *left ? len : *left;
    memset(buf, 'b', len);
    *left -= len;
    if (*left == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)len;
}

static int32_t ask(struct world *w, const char *method, const char *path, size_t *body_left,
                   const char *name, const char *value)
{
#define NV(n, v) {(uint8_t *)(n), (uint8_t *)(v), strlen(n), strlen(v), NGHTTP2_NV_FLAG_NONE}
    const nghttp2_nv nv[] = {NV(":method", method), NV(":scheme", "http"), NV(":path", path),
                             NV(":authority", "host"), NV(name ? name : "a", value ? value : "b")};
    const nghttp2_data_provider provider = {.source.ptr = body_left, .read_callback = body_source};
    return nghttp2_submit_request(w->client, NULL, nv, 5, body_left ? &provider : NULL, NULL);
}

/* Gives the client's bytes to the server and back, until both have nothing to say. */
static int talk(struct world *w)
{
    int err = 0;
    bool more = true;
    while (more) {
        const uint8_t *data;
        ssize_t len;
        more = false;
        while ((len = nghttp2_session_mem_send(w->client, &data)) > 0) {
            more = true;
            for (size_t at = 0; at < (size_t)len && !err; at += w->chunk) {
                size_t part = (size_t)len - at < w->chunk ? (size_t)len - at : w->chunk;
                err = bus_h2_feed(w->h2, core_strn(data + at, part), w->now_ms);
                if (w->chunk > (size_t)len)
                    break;
            }
        }
        struct core_buf out;
        core_buf_init(&out, 64u << 20);
        assert_int_equal(bus_h2_send(w->h2, &out, 100000), 0);
        assert_true(out.len < 100000 + (17u << 10));
        if (out.len > 0) {
            more = true;
            assert_int_equal(nghttp2_session_mem_recv(w->client, (uint8_t *)out.ptr, out.len),
                             out.len);
        }
        core_buf_done(&out);
    }
    return err;
}

/* --- Tests ------------------------------------------------------------------------------------ */

static void test_requests(void **state)
{
    struct world *w = *state;
    static const size_t chunks[] = {SIZE_MAX, 1, 7};
    for (size_t i = 0; i < 3; i++) {
        w->chunk = chunks[i];
        size_t left = 5;
        int32_t get = ask(w, "GET", "/a?b", NULL, NULL, NULL);
        int32_t post = ask(w, "POST", "/p", &left, "content-length", "5");
        assert_int_equal(talk(w), 0);
        assert_int_equal(w->status[index_of(get)], 200);
        assert_string_equal(w->got[index_of(get)].ptr, "GET /a?b @host ");
        assert_string_equal(w->got[index_of(post)].ptr, "POST /p @host bbbbb");
        assert_int_equal(w->served[index_of(get)].head.content_length, 0);
        assert_int_equal(w->served[index_of(post)].head.content_length, 5);
        assert_true(w->served[index_of(get)].clean && w->served[index_of(post)].clean);
    }
    assert_int_equal(w->open, 0);
}

static void test_many_streams(void **state)
{
    struct world *w = *state;
    w->size = 100000; /* more than a stream's window, together more than the connection's */
    for (int i = 0; i < 300; i++)
        ask(w, "GET", "/x", NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(w->status[i], 200);
        assert_int_equal(w->got[i].len, 100000);
    }
    assert_int_equal(w->open, 0);
}

static void test_upload(void **state)
{
    struct world *w = *state;
    size_t left = 10u << 20;
    int32_t id = ask(w, "POST", "/p", &left, NULL, NULL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->served[index_of(id)].body.len, 10u << 20);
    assert_int_equal(w->status[index_of(id)], 200);
}

/* Answered before the request ended: a little of the rest is swallowed, then it is refused; the
 * connection lives. */
static void test_early_answer(void **state)
{
    struct world *w = *state;
    size_t left = BUS_LIMIT_H2_UNWANTED / 2;
    w->early = true;
    int32_t id = ask(w, "POST", "/p", &left, NULL, NULL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->status[index_of(id)], 413);
    assert_int_equal(w->closed[index_of(id)], NGHTTP2_NO_ERROR + 1);
    assert_int_equal(left, 0);
    assert_true(w->served[0].clean);
    left = 10u << 20;
    id = ask(w, "POST", "/p", &left, NULL, NULL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->status[index_of(id)], 413);
    assert_int_equal(w->closed[index_of(id)], NGHTTP2_NO_ERROR + 1);
    assert_true(left > 0);
    assert_true(w->served[1].clean);
    w->early = false;
    id = ask(w, "GET", "/", NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->status[index_of(id)], 200);
}

static void test_refused(void **state)
{
    struct world *w = *state;
    char big[BUS_LIMIT_HEAD + 1];
    memset(big, 'v', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    int32_t id = ask(w, "GET", "/", NULL, "x", big);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->status[index_of(id)], 431);
    big[0] = '/';
    big[BUS_LIMIT_TARGET + 1] = '\0';
    id = ask(w, "GET", big, NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->status[index_of(id)], 414);
    id = ask(w, "GET", "/", NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->status[index_of(id)], 200);
}

static void test_reset(void **state)
{
    struct world *w = *state;
    w->hold = true;
    int32_t id = ask(w, "GET", "/", NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->open, 1);
    nghttp2_submit_rst_stream(w->client, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->open, 0);
    assert_false(w->served[0].clean);
    /* Ours. */
    id = ask(w, "GET", "/", NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
    bus_h2_reset(w->h2, id);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->open, 0);
    assert_int_equal(w->closed[index_of(id)], NGHTTP2_CANCEL + 1);
    /* Left open at the end: closed by bus_h2_free(). */
    ask(w, "GET", "/", NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
}

/* An answer is cut, its bytes with it, while the client's windows are open and what was made waits
 * for the socket. */
static void test_cut_when_full(void **state)
{
    struct world *w = *state;
    const nghttp2_settings_entry wide = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 30};
    struct core_buf out;
    w->size = 1u << 20;
    nghttp2_submit_settings(w->client, NGHTTP2_FLAG_NONE, &wide, 1);
    nghttp2_session_set_local_window_size(w->client, NGHTTP2_FLAG_NONE, 0, 1 << 30);
    assert_int_equal(talk(w), 0);
    int32_t id = ask(w, "GET", "/", NULL, NULL, NULL);
    const uint8_t *data;
    ssize_t len = nghttp2_session_mem_send(w->client, &data);
    assert_int_equal(bus_h2_feed(w->h2, core_strn(data, (size_t)len), w->now_ms), 0);
    core_buf_init(&out, 1u << 20);
    assert_int_equal(bus_h2_send(w->h2, &out, 40000), 0);
    assert_true(out.len >= 40000 && out.len < 40000 + (17u << 10));
    core_buf_done(&w->served[0].out);
    w->served[0].out_at = 0;
    bus_h2_reset(w->h2, id);
    assert_int_equal(nghttp2_session_mem_recv(w->client, (uint8_t *)out.ptr, out.len), out.len);
    core_buf_done(&out);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->open, 0);
    assert_false(w->served[0].clean);
    assert_int_equal(w->closed[index_of(id)], NGHTTP2_CANCEL + 1);
    id = ask(w, "GET", "/", NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->got[index_of(id)].len, 1u << 20);
}

static void test_rapid_reset(void **state)
{
    struct world *w = *state;
    int err = 0, sent = 0;
    w->hold = true;
    while (!err && sent < 1000) {
        int32_t id = ask(w, "GET", "/", NULL, NULL, NULL);
        err = talk(w);
        nghttp2_submit_rst_stream(w->client, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        if (!err)
            err = talk(w);
        sent++;
    }
    assert_int_equal(err, CORE_EPROTO);
    assert_true(sent > 100 && sent <= BUS_LIMIT_H2_RESETS + 2);
    talk(w);
    assert_true(w->goaway);
    assert_int_equal(w->goaway_code, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_true(bus_h2_over(w->h2));
}

/* At a human pace there is no flood. */
static void test_slow_resets(void **state)
{
    struct world *w = *state;
    w->hold = true;
    for (int i = 0; i < 900; i++) {
        int32_t id = ask(w, "GET", "/", NULL, NULL, NULL);
        assert_int_equal(talk(w), 0);
        nghttp2_submit_rst_stream(w->client, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        assert_int_equal(talk(w), 0);
        w->now_ms += 40;
    }
}

static void test_pings(void **state)
{
    struct world *w = *state;
    int err = 0, sent = 0;
    for (; !err && sent < 5000; sent++) {
        nghttp2_submit_ping(w->client, NGHTTP2_FLAG_NONE, NULL);
        err = talk(w);
    }
    assert_int_equal(err, CORE_EPROTO);
    assert_true(sent >= BUS_LIMIT_H2_CONTROL - 10 && sent <= BUS_LIMIT_H2_CONTROL + 1);
}

static void test_unknown_frames(void **state)
{
    struct world *w = *state;
    static const char begin[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    char frame[13] = "\0\0\4\x4d\0\0\0\0\0what";
    int err = bus_h2_feed(w->h2, core_strn(begin, sizeof begin - 1), 0);
    int sent = 0;
    for (; !err && sent < 5000; sent++) {
        frame[3] = (char)(10 + sent % 246);
        err = bus_h2_feed(w->h2, core_strn(frame, sizeof frame), 0);
    }
    assert_int_equal(err, CORE_EPROTO);
    assert_true(sent >= BUS_LIMIT_H2_CONTROL - 10 && sent <= BUS_LIMIT_H2_CONTROL + 1);
}

/* A client that sends pings and reads no answers. */
static void test_unread_pings(void **state)
{
    struct world *w = *state;
    static const char begin[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    static const char ping[17] = "\0\0\x8\6\0\0\0\0\0";
    int err = bus_h2_feed(w->h2, core_strn(begin, sizeof begin - 1), 0);
    int sent = 0;
    for (; !err && sent < 5000; sent++)
        err = bus_h2_feed(w->h2, core_strn(ping, sizeof ping), 0);
    assert_int_equal(err, CORE_EPROTO);
    assert_true(sent <= BUS_LIMIT_H2_ACKS + 2);
}

static void test_continuations(void **state)
{
    struct world *w = *state;
    static const char begin[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                                "\0\0\1\1\1\0\0\0\1\x82"; /* HEADERS without END_HEADERS */
    static const char more[] = "\0\0\1\x9\0\0\0\0\1\x84";
    int err = bus_h2_feed(w->h2, core_strn(begin, sizeof begin - 1), 0);
    int sent = 0;
    assert_int_equal(err, 0);
    for (; !err && sent < 100; sent++)
        err = bus_h2_feed(w->h2, core_strn(more, sizeof more - 1), 0);
    assert_int_equal(err, CORE_EPROTO);
    assert_true(sent <= BUS_LIMIT_H2_CONTINUATIONS + 2);
}

/* The client is done with stream 1, has reset 5, and has
 * passed over 3: whatever it sends there now is too much. */
static void test_frames_of_streams_that_were(void **state)
{
    static const struct {
        char frame[11];
        uint32_t code;
    } frames[] = {{"\0\0\1\0\0\0\0\0\1x", NGHTTP2_STREAM_CLOSED},
                  {"\0\0\1\1\5\0\0\0\1\x82", NGHTTP2_STREAM_CLOSED},
                  {"\0\0\1\0\0\0\0\0\5x", NGHTTP2_STREAM_CLOSED},
                  {"\0\0\1\1\5\0\0\0\3\x82", NGHTTP2_PROTOCOL_ERROR}};
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct world *w;
        size_t left = 10;
        setup((void **)&w);
        w->chunk = i % 2 ? 1 : SIZE_MAX;
        ask(w, "GET", "/", NULL, NULL, NULL);
        assert_int_equal(talk(w), 0);
        nghttp2_session_set_next_stream_id(w->client, 5);
        w->hold = true;
        ask(w, "POST", "/", &left, NULL, NULL);
        assert_int_equal(talk(w), 0);
        nghttp2_submit_rst_stream(w->client, NGHTTP2_FLAG_NONE, 5, NGHTTP2_CANCEL);
        assert_int_equal(talk(w), 0);
        assert_int_equal(bus_h2_feed(w->h2, core_strn(frames[i].frame, 10), w->now_ms),
                         CORE_EPROTO);
        talk(w);
        assert_true(w->goaway);
        assert_int_equal(w->goaway_code, frames[i].code);
        teardown((void **)&w);
    }
}

/* Of a stream that we have ended what the client had under way is dropped. */
static void test_frames_of_a_stream_that_we_ended(void **state)
{
    struct world *w = *state;
    static const char begin[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                                "\0\0\6\1\4\0\0\0\1\x83\x86\x84\x41\1h"; /* POST /, and more */
    static const char late[] = "\0\0\1\0\0\0\0\0\1x";
    struct core_buf out;
    w->hold = true;
    assert_int_equal(bus_h2_feed(w->h2, core_strn(begin, sizeof begin - 1), 0), 0);
    assert_int_equal(w->count, 1);
    bus_h2_reset(w->h2, 1);
    core_buf_init(&out, 1u << 20);
    assert_int_equal(bus_h2_send(w->h2, &out, 100000), 0);
    assert_true(w->served[0].closed);
    for (int i = 0; i < 100; i++)
        assert_int_equal(bus_h2_feed(w->h2, core_strn(late, sizeof late - 1), 0), 0);
    assert_false(bus_h2_over(w->h2));
    core_buf_done(&out);
}

static void test_garbage(void **state)
{
    struct world *w = *state;
    assert_int_equal(bus_h2_feed(w->h2, CORE_STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0),
                     CORE_EPROTO);
}

static void test_goaway(void **state)
{
    struct world *w = *state;
    w->hold = true;
    ask(w, "GET", "/", NULL, NULL, NULL);
    assert_int_equal(talk(w), 0);
    bus_h2_goaway(w->h2, false);
    assert_int_equal(talk(w), 0);
    assert_true(w->goaway);
    bus_h2_goaway(w->h2, true);
    assert_int_equal(talk(w), 0);
    assert_false(bus_h2_over(w->h2));
    answer(&w->served[0], 200);
    assert_int_equal(talk(w), 0);
    assert_int_equal(w->status[0], 200);
    assert_true(bus_h2_over(w->h2));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_requests),
        TEST(test_many_streams),
        TEST(test_upload),
        TEST(test_early_answer),
        TEST(test_refused),
        TEST(test_reset),
        TEST(test_cut_when_full),
        TEST(test_rapid_reset),
        TEST(test_slow_resets),
        TEST(test_pings),
        TEST(test_unknown_frames),
        TEST(test_unread_pings),
        TEST(test_continuations),
        TEST(test_frames_of_streams_that_were),
        TEST(test_frames_of_a_stream_that_we_ended),
        TEST(test_garbage),
        TEST(test_goaway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
