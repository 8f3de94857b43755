/*
 * answer.c: what handlers answer, kept in the request until the connection pulls it.
 *
 *     gate_reply        head + whole body in r->out (or bytes that live for ever)
 *     gate_stream_…     head, then r->out as a queue:   |sent ░░░░|waiting ▓▓▓▓▓|
 *                                                      0      out_at        out.len
 *
 * Both versions of HTTP get the same fields; HTTP/1.1 those that never change as one ready block.
 */
#include "gate/inside.h"

#include "core/err.h"

#include <assert.h>

#define H1_ALWAYS                                                                                  \
    "x-content-type-options: nosniff\r\n"                                                          \
    "referrer-policy: no-referrer\r\n"                                                             \
    "cross-origin-opener-policy: same-origin\r\n"                                                  \
    "cross-origin-resource-policy: same-origin\r\n"

/* A queue this long with so much sent in front is moved together. */
#define COMPACT (64u << 10)

/* --- Fields --------------------------------------------------------------------------------- */

void gate_reply_header(struct gate_request *r, const char *name, struct core_str value)
{
    assert(!r->answered && r->field_count < GATE_LIMIT_ANSWER_HEADERS);
    uint32_t at = (uint32_t)r->texts.len;
    uint32_t name_len = (uint32_t)strlen(name);
    core_buf_add_c(&r->texts, name);
    if (core_buf_add_str(&r->texts, value)) {
        /* A field is better missing than cut. */
        core_buf_truncate(&r->texts, at);
        r->texts.error = 0;
        return;
    }
    /* Whatever a value was made of, it cannot begin a line of its own. */
    for (size_t i = at; i < r->texts.len; i++)
        if ((unsigned char)r->texts.ptr[i] < ' ' || r->texts.ptr[i] == 0x7f)
            r->texts.ptr[i] = ' ';
    r->fields[r->field_count++] = (struct bus_field){
        {at, name_len}, {at + name_len, (uint32_t)(r->texts.len - at - name_len)}};
}

static struct core_str text_of(const struct gate_request *r, struct bus_span span)
{
    return core_strn(r->texts.ptr + span.at, span.len);
}

static bool has_field(const struct gate_request *r, const char *name)
{
    for (unsigned i = 0; i < r->field_count; i++)
        if (core_str_eq_c(text_of(r, r->fields[i].name), name))
            return true;
    return false;
}

static bool tells_length(const struct gate_request *r)
{
    return !r->streaming && r->status != 204 && r->status != 304;
}

static struct core_str whole_body(const struct gate_request *r)
{
    return r->outside.ptr ? r->outside : core_buf_str(&r->out);
}

void gate__answer_put_h1(struct gate_request *r, struct core_buf *out, bool close)
{
    bus_h1_put_status(out, r->status);
    bus_h1_put_field(out, CORE_STR("date"), gate__date(r->gate));
    bus_h1_put_field(out, CORE_STR("x-request-id"), core_strn(r->id, CORE_ID_SIZE - 1));
    core_buf_add_str(out, CORE_STR(H1_ALWAYS));
    if (r->content_type)
        bus_h1_put_field(out, CORE_STR("content-type"), core_str(r->content_type));
    if (tells_length(r))
        bus_h1_put_length(out, whole_body(r).len);
    else if (r->streaming && !r->head.old)
        core_buf_add_str(out, CORE_STR("transfer-encoding: chunked\r\n"));
    if (close)
        core_buf_add_str(out, CORE_STR("connection: close\r\n"));
    else if (r->head.old)
        core_buf_add_str(out, CORE_STR("connection: keep-alive\r\n"));
    if (!has_field(r, "cache-control"))
        core_buf_add_str(out, CORE_STR("cache-control: no-store\r\n"));
    for (unsigned i = 0; i < r->field_count; i++)
        bus_h1_put_field(out, text_of(r, r->fields[i].name), text_of(r, r->fields[i].value));
    core_buf_add_str(out, CORE_STR("\r\n"));
}

size_t gate__answer_fields(struct gate_request *r, char length[static CORE_I64_SIZE],
                           struct bus_h2_field fields[static BUS_H2_FIELDS])
{
    size_t n = 0;
    if (r->content_type)
        fields[n++] = (struct bus_h2_field){CORE_STR("content-type"), core_str(r->content_type), 0};
    if (tells_length(r)) {
        size_t len = core_str_from_u64(whole_body(r).len, length);
        fields[n++] = (struct bus_h2_field){CORE_STR("content-length"), core_strn(length, len), 0};
    }
    fields[n++] = (struct bus_h2_field){CORE_STR("date"), gate__date(r->gate), false};
    fields[n++] = (struct bus_h2_field){CORE_STR("x-request-id"),
                                        core_strn(r->id, CORE_ID_SIZE - 1), true};
    fields[n++] = (struct bus_h2_field){CORE_STR("x-content-type-options"), CORE_STR("nosniff"), 0};
    fields[n++] = (struct bus_h2_field){CORE_STR("referrer-policy"), CORE_STR("no-referrer"), 0};
    fields[n++] = (struct bus_h2_field){CORE_STR("cross-origin-opener-policy"),
                                        CORE_STR("same-origin"), false};
    fields[n++] = (struct bus_h2_field){CORE_STR("cross-origin-resource-policy"),
                                        CORE_STR("same-origin"), false};
    if (!has_field(r, "cache-control"))
        fields[n++] = (struct bus_h2_field){CORE_STR("cache-control"), CORE_STR("no-store"), false};
    for (unsigned i = 0; i < r->field_count; i++) {
        struct core_str name = text_of(r, r->fields[i].name);
        fields[n++] = (struct bus_h2_field){name, text_of(r, r->fields[i].value),
                                            core_str_eq_c(name, "set-cookie")};
    }
    assert(n <= BUS_H2_FIELDS);
    return n;
}

/* --- For the connection --------------------------------------------------------------------- */

struct core_str gate__answer_peek(const struct gate_request *r, size_t max, bool *ret_last)
{
    struct core_str body = whole_body(r);
    body.ptr += r->out_at;
    body.len -= r->out_at;
    *ret_last = r->ended && body.len <= max;
    if (body.len > max)
        body.len = max;
    return body;
}

void gate__answer_took(struct gate_request *r, size_t len)
{
    r->out_at += len;
    r->sent += len;
    r->took_ms = gate__now_ms(r->gate);
    if (!r->streaming)
        return;
    if (r->out_at == r->out.len) {
        /* Memory that a client who was behind made necessary goes with the reason for it. */
        if (r->out.cap > GATE_LIMIT_KEEP)
            core_buf_done(&r->out);
        core_buf_truncate(&r->out, 0);
        (void)gate__answer_count(r);
        r->out_at = 0;
    } else if (r->out_at >= COMPACT && r->out_at > r->out.len / 2) {
        core_buf_consume(&r->out, r->out_at);
        r->out_at = 0;
    }
}

bool gate__answer_count(struct gate_request *r)
{
    struct gate *gate = r->gate;
    assert(gate->answers >= r->out_held);
    gate->answers = gate->answers - r->out_held + r->out.cap;
    r->out_held = r->out.cap;
    return gate->answers <= GATE_LIMIT_ANSWERS || r->out.cap <= GATE_LIMIT_ANSWER_SMALL;
}

size_t gate__answer_waiting(const struct gate_request *r)
{
    return whole_body(r).len - r->out_at;
}

/* The head is decided: gives it to the connection. */
static void begin(struct gate_request *r, int status, const char *content_type)
{
    assert(!r->answered && status >= 200 && status <= 599);
    r->answered = true;
    r->status = status;
    r->content_type = content_type;
    r->no_body = status == 204 || status == 304 ||
                 core_str_eq_c(bus_head_str(&r->head, r->head.method), "HEAD");
    r->wrote_ms = r->took_ms = gate__now_ms(r->gate);
    if (r->keyed)
        gate__keyed_answered(r);
    if (r->conn && !r->held)
        r->conn->ops->answer(r);
}

/* --- Whole answers -------------------------------------------------------------------------- */

void gate__answer_static(struct gate_request *r, int status, const char *content_type,
                         struct core_str body)
{
    r->outside = body.len > 0 ? body : core_str("");
    r->ended = true;
    begin(r, status, content_type);
    gate__request_finish(r);
}

void gate_reply(struct gate_request *r, int status, const char *content_type, struct core_str body)
{
    assert(!r->answered);
    bool inside = r->out.len > 0 && body.ptr >= r->out.ptr && body.ptr < r->out.ptr + r->out.len;
    if (!inside) {
        core_buf_clear(&r->out);
        core_buf_add_str(&r->out, body);
    } else if (body.ptr != r->out.ptr || body.len != r->out.len) {
        core_buf_consume(&r->out, (size_t)(body.ptr - r->out.ptr));
        core_buf_truncate(&r->out, body.len);
    }
    int err = core_buf_error(&r->out);
    if (err) {
        core_buf_clear(&r->out);
        gate_reply_error(r, err == CORE_ENOMEM ? err : CORE_EINTERNAL, "the answer is too large");
        return;
    }
    if (!gate__answer_count(r)) {
        core_buf_done(&r->out);
        gate_reply_problem(r, 503, "busy", "The server is busy",
                           "too many large answers wait for their clients");
        return;
    }
    r->ended = true;
    begin(r, status, content_type);
    gate__request_finish(r);
}

struct core_buf *gate_reply_buf(struct gate_request *r)
{
    assert(!r->answered);
    return &r->out;
}

void gate_reply_json(struct gate_request *r, int status)
{
    if (core_buf_error(&r->out)) {
        core_buf_clear(&r->out);
        gate_reply_error(r, CORE_EINTERNAL, "the answer is too large");
        return;
    }
    gate_reply(r, status, "application/json", core_buf_str(&r->out));
}

void gate_reply_empty(struct gate_request *r, int status)
{
    core_buf_clear(&r->out);
    r->ended = true;
    begin(r, status, NULL);
    gate__request_finish(r);
}

/* --- Streams -------------------------------------------------------------------------------- */

void gate_stream_begin(struct gate_request *r, int status, const char *content_type)
{
    assert(!r->answered);
    core_buf_clear(&r->out);
    r->streaming = true;
    r->events = core_str_starts(core_str(content_type), CORE_STR("text/event-stream"));
    begin(r, status, content_type);
}

void gate_stream_begin_held(struct gate_request *r, int status, const char *content_type)
{
    r->held = true;
    gate_stream_begin(r, status, content_type);
}

static void more(struct gate_request *r)
{
    if (r->held) {
        r->held = false;
        r->conn->ops->answer(r);
    }
    if (r->conn && !r->cut)
        r->conn->ops->more(r);
}

/* Offers what was just queued to the connection. false: the client is behind. */
static bool offer(struct gate_request *r, bool whole)
{
    if (r->no_body)
        core_buf_clear(&r->out);
    r->wrote_ms = gate__now_ms(r->gate);
    if (whole)
        more(r);
    whole = gate__answer_count(r) && whole;
    if (!r->conn)
        return false;
    size_t behind = gate__answer_waiting(r) + gate__conn_behind(r->conn);
    if (whole && behind <= 2 * GATE_LIMIT_STREAM_BEHIND)
        return behind <= GATE_LIMIT_STREAM_BEHIND;
    r->cut = true;
    core_buf_done(&r->out);
    (void)gate__answer_count(r);
    r->out_at = 0;
    r->conn->ops->cut(r);
    return false;
}

bool gate_stream_write(struct gate_request *r, struct core_str bytes)
{
    assert(r->streaming && !r->ended);
    if (!r->conn || r->cut)
        return false;
    return offer(r, !core_buf_add_str(&r->out, bytes));
}

bool gate_stream_event(struct gate_request *r, const char *name, struct core_str json)
{
    assert(r->streaming && !r->ended);
    if (!r->conn || r->cut)
        return false;
    size_t before = r->out.len;
    if (name) {
        core_buf_add_str(&r->out, CORE_STR("event: "));
        core_buf_add_c(&r->out, name);
        core_buf_add_byte(&r->out, '\n');
    }
    struct core_str line;
    bool any = false;
    /* A line feed would end the field: each line is a field of its own. */
    while (core_str_split(&json, '\n', &line)) {
        any = true;
        core_buf_add_str(&r->out, CORE_STR("data: "));
        core_buf_add_str(&r->out, line);
        core_buf_add_byte(&r->out, '\n');
    }
    if (!any)
        core_buf_add_str(&r->out, CORE_STR("data:\n"));
    if (!core_buf_add_byte(&r->out, '\n'))
        return offer(r, true);
    core_buf_truncate(&r->out, before);
    return offer(r, false);
}

void gate_stream_end(struct gate_request *r)
{
    assert(r->streaming && !r->ended);
    r->ended = true;
    if (r->conn && !r->cut)
        more(r);
    gate__request_finish(r);
}
