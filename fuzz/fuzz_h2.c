/*
 * fuzz_h2.c: frames of a client, behind a preface that is always right. Every second stream is
 * answered at its head, the others at their end; each stream closes exactly once.
 */
#include "bus/h2.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side;
struct stream {
    struct side *side;
    struct bus_head head;
    int32_t id;
    size_t left;
    bool answered;
};
struct side {
    struct bus_h2 *h2;
    unsigned open;
};

static struct bus_head *on_begin(void *arg, int32_t id, void **ret_stream)
{
    struct side *side = arg;
    struct stream *s = calloc(1, sizeof *s);
    bus_head_init(&s->head);
    s->side = side;
    s->id = id;
    s->left = 50000;
    side->open++;
    assert(side->open <= BUS_LIMIT_H2_STREAMS + 1);
    *ret_stream = s;
    return &s->head;
}

static void answer(struct stream *s)
{
    const struct bus_h2_field field = {CORE_STR("a"), CORE_STR("b"), false};
    s->answered = true;
    (void)bus_h2_answer(s->side->h2, s->id, 200, &field, 1, true);
}

static void on_head(void *arg, void *stream, int status)
{
    struct stream *s = stream;
    (void)arg;
    assert(s->head.count <= BUS_LIMIT_FIELDS && s->head.text.len <= BUS_LIMIT_HEAD);
    if (status || s->id % 4 == 1)
        answer(s);
}

static void on_body(void *arg, void *stream, struct core_str piece)
{
    (void)arg, (void)stream;
    assert(piece.len <= 1u << 14);
}

static void on_end(void *arg, void *stream)
{
    (void)arg;
    if (!((struct stream *)stream)->answered)
        answer(stream);
}

static void on_close(void *arg, void *stream, bool clean)
{
    struct stream *s = stream;
    (void)arg;
    assert(!clean || s->answered);
    s->side->open--;
    bus_head_done(&s->head);
    free(s);
}

static struct core_str body(void *arg, void *stream, size_t max, bool *ret_last)
{
    static const char bytes[1u << 14];
    struct stream *s = stream;
    size_t len = s->left < max ? s->left : max;
    (void)arg;
    if (len > sizeof bytes)
        len = sizeof bytes;
    *ret_last = len == s->left;
    return core_strn(bytes, len);
}

static void took(void *arg, void *stream, size_t len)
{
    (void)arg;
    ((struct stream *)stream)->left -= len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct bus_h2_events events = {on_begin, on_head, on_body, on_end,
                                                on_close, body,    took};
    static const char begin[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    struct side side = {0};
    struct core_buf out;
    core_buf_init(&out, 1u << 20);
    side.h2 = bus_h2_new(&events, &side);
    int err = bus_h2_feed(side.h2, core_strn(begin, sizeof begin - 1), 0);
    assert(!err);
    for (size_t at = 0; at < size && !err;) {
        size_t step = 1 + data[at];
        if (step > size - at)
            step = size - at;
        err = bus_h2_feed(side.h2, core_strn(data + at, step), at);
        at += step;
        core_buf_clear(&out);
        int sent = bus_h2_send(side.h2, &out, 100000);
        if (!err)
            err = sent;
    }
    (void)bus_h2_over(side.h2);
    bus_h2_free(side.h2);
    assert(side.open == 0);
    core_buf_done(&out);
    return 0;
}
