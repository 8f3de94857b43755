/*
 * fuzz_h1.c: requests whole and in pieces are the same requests, and what is accepted keeps to the
 * caps. The first byte chooses the size of the pieces.
 */
#include "bus/h1.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_body(void *arg, struct core_str piece)
{
    core_buf_add_str(arg, piece);
}

static void put_head(struct core_buf *trace, const struct bus_head *h)
{
    assert(h->target.len > 0 && h->target.len <= BUS_LIMIT_TARGET && h->count <= BUS_LIMIT_FIELDS);
    assert(!(h->chunked && h->content_length >= 0));
    core_buf_addf(trace, "[%.*s %.*s %lld %d%d%d%d", CORE_STR_ARG(bus_head_str(h, h->method)),
                  CORE_STR_ARG(bus_head_str(h, h->target)), (long long)h->content_length,
                  h->chunked, h->old, h->keep, h->expect);
    for (unsigned i = 0; i < h->count; i++) {
        struct core_str name = bus_head_str(h, h->fields[i].name);
        struct core_str value = bus_head_str(h, h->fields[i].value);
        assert(name.len > 0 && core_str_find_byte(name, ' ') < 0);
        assert(core_str_find_byte(value, '\n') < 0 && core_str_find_byte(value, '\r') < 0);
        core_buf_add_str(trace, name);
        core_buf_add_byte(trace, '=');
        core_buf_add_str(trace, value);
        core_buf_add_byte(trace, '\n');
    }
}

static void trace_of(struct core_str input, size_t step, struct core_buf *trace)
{
    struct bus_head head;
    bus_head_init(&head);
    struct bus_h1 *h1 = bus_h1_new(on_body, trace);
    bool again = false, dead = false;
    for (size_t at = 0; (at < input.len || again) && !dead;) {
        size_t used = 0, len = input.len - at < step ? input.len - at : step;
        enum bus_h1_event event = bus_h1_feed(h1, &head, core_strn(input.ptr + at, len), &used);
        assert(used <= len);
        at += used;
        again = event == BUS_H1_HEAD;
        if (event == BUS_H1_HEAD) {
            put_head(trace, &head);
        } else if (event == BUS_H1_END) {
            core_buf_add_c(trace, "END");
            dead = !head.keep;
            bus_h1_next(h1);
            bus_head_clear(&head);
        } else if (event == BUS_H1_ERROR) {
            core_buf_add_c(trace, "ERROR");
            dead = true;
        } else {
            assert(used == len);
        }
    }
    bus_h1_free(h1);
    bus_head_done(&head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct core_buf whole, pieces;
    core_buf_init(&whole, 64u << 20);
    core_buf_init(&pieces, 64u << 20);
    struct core_str input = core_strn(data + 1, size - 1);
    trace_of(input, SIZE_MAX, &whole);
    trace_of(input, 1 + data[0] % 32, &pieces);
    assert(core_str_eq(core_buf_str(&whole), core_buf_str(&pieces)));
    core_buf_done(&whole);
    core_buf_done(&pieces);
    return 0;
}
