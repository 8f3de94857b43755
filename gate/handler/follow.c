/*
 * follow.c: a stream of events about something that goes on.
 *
 * Each reader has a timer of its own; so nothing runs while nobody looks.
 */
#include "gate/handler/handlers.h"

struct follow {
    struct gate_request *r;
    struct core_timer *timer;
    follow_look *look;
    void *state;
    struct core_buf event, sent; /* the one to send; the last that was sent */
};

static void follow_free(struct follow *f)
{
    core_buf_done(&f->event);
    core_buf_done(&f->sent);
    core_timer_free(f->timer);
    free(f);
}

static void event_send(struct follow *f, const char *name)
{
    struct core_buf before = f->sent;
    gate_stream_event(f->r, name, core_buf_str(&f->event));
    f->sent = f->event;
    f->event = before;
}

/* true: the stream has ended. */
static bool follow_step(struct follow *f)
{
    bool last = false;
    if (gate_request_gone(f->r)) {
        gate_request_release(f->r);
        return true;
    }
    if (gate_stream_over(f->r)) {
        gate_stream_end(f->r);
        return true;
    }
    core_buf_clear(&f->event);
    const char *name = f->look(f->r, f->state, &f->event, &last);
    bool news = last || !core_str_eq(core_buf_str(&f->event), core_buf_str(&f->sent));
    if (name && news && core_buf_error(&f->event) == 0) {
        event_send(f, name);
    }
    if (last) {
        gate_stream_end(f->r);
    }
    return last;
}

static void on_timer(void *arg)
{
    struct follow *f = arg;
    if (follow_step(f)) {
        follow_free(f);
    }
}

static void on_gone(struct gate_request *r, void *arg)
{
    (void)r;
    struct follow *f = arg;
    core_timer_start(f->timer, 0, 0); /* ends in on_timer, never inside this call */
}

bool follow_wanted(struct gate_request *r)
{
    return core_str_find(gate_request_header(r, "accept"), CORE_STR("text/event-stream")) >= 0;
}

void follow_begin(struct gate_request *r, uint64_t every_ms, follow_look *look, void *state)
{
    struct follow *f = core_alloc(sizeof *f);
    f->r = r;
    f->look = look;
    f->state = state;
    core_buf_init(&f->event, GATE_LIMIT_EVENT);
    core_buf_init(&f->sent, GATE_LIMIT_EVENT);
    f->timer = core_timer_new(gate_request_services(r)->loop, on_timer, f);
    gate_stream_begin(r, 200, "text/event-stream");
    if (core_str_eq_c(gate_request_method(r), "HEAD")) {
        /* Nothing of it is sent: it would never end, nor what waits behind it. */
        gate_stream_end(r);
        follow_free(f);
        return;
    }
    gate_request_on_gone(r, on_gone, f);
    if (follow_step(f)) {
        follow_free(f);
    } else {
        core_timer_start(f->timer, every_ms, every_ms);
    }
}
