/*
 * fuzz_sse.c: server-sent events whole and in pieces are the same events, and those that a second
 * reading, line by line over the whole text, finds. The first byte chooses the size of the pieces.
 */
#include "core/limits.h"
#include "shell/sse.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STOP 7

static int put_event(struct core_buf *trace, struct core_str name, struct core_str text)
{
    core_buf_addf(trace, "[%zu:", name.len);
    core_buf_add_str(trace, name);
    core_buf_addf(trace, " %zu:", text.len);
    core_buf_add_str(trace, text);
    core_buf_add_byte(trace, ']');
    return core_str_eq_c(name, "stop") ? STOP : 0;
}

static int on_event(void *arg, const char *name, struct core_str text)
{
    return put_event(arg, core_str(name), text);
}

static int read_in_steps(struct core_str input, size_t step, struct core_buf *trace)
{
    struct shell_sse sse;
    int status = 0;
    shell_sse_init(&sse, on_event, trace);
    for (size_t at = 0; at < input.len && !status; at += step)
        status = shell_sse_feed(
            &sse, core_strn(input.ptr + at, input.len - at < step ? input.len - at : step));
    shell_sse_done(&sse);
    return status;
}

/* The model: the input is short enough that no cap is reached. */
static int read_plainly(struct core_str input, struct core_buf *trace)
{
    struct core_buf text;
    struct core_str name = CORE_STR("");
    bool any = false;
    int status = 0;
    core_buf_init(&text, SHELL_LIMIT_EVENT);
    for (ssize_t end; !status && (end = core_str_find_byte(input, '\n')) >= 0;) {
        struct core_str line = core_strn(input.ptr, (size_t)end);
        input = core_strn(input.ptr + end + 1, input.len - (size_t)end - 1);
        line.len -= core_str_ends(line, CORE_STR("\r"));
        if (line.len == 0) {
            if (any)
                status = put_event(trace, name, core_strn(text.ptr, text.len - 1));
            core_buf_clear(&text);
            name = CORE_STR("");
            any = false;
            continue;
        }
        size_t colon = 0;
        while (colon < line.len && line.ptr[colon] != ':')
            colon++;
        size_t from = colon + (colon < line.len);
        from += from < line.len && line.ptr[from] == ' ';
        struct core_str value = core_strn(line.ptr + from, line.len - from);
        if (colon == 4 && !memcmp(line.ptr, "data", 4)) {
            core_buf_add_str(&text, value);
            core_buf_add_byte(&text, '\n');
            any = true;
        } else if (colon == 5 && !memcmp(line.ptr, "event", 5) && value.len < 32) {
            /* Names are C strings to those who get them. */
            name = core_strn(value.ptr, value.len ? strnlen(value.ptr, value.len) : 0);
        }
    }
    core_buf_done(&text);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > SHELL_LIMIT_EVENT)
        return 0;
    struct core_str input = core_strn(data + 1, size - 1);
    struct core_buf whole, pieces, plain;
    core_buf_init(&whole, 64u << 20);
    core_buf_init(&pieces, 64u << 20);
    core_buf_init(&plain, 64u << 20);
    int status = read_in_steps(input, SIZE_MAX, &whole);
    assert(read_in_steps(input, 1 + data[0] % 32, &pieces) == status);
    assert(read_plainly(input, &plain) == status && (status == 0 || status == STOP));
    assert(core_str_eq(core_buf_str(&whole), core_buf_str(&pieces)));
    assert(core_str_eq(core_buf_str(&whole), core_buf_str(&plain)));
    core_buf_done(&whole);
    core_buf_done(&pieces);
    core_buf_done(&plain);
    return 0;
}
