/*
 * sse.c: lines to fields, fields to events; a blank line sends the event off.
 */
#include "shell/sse.h"

#include "core/limits.h"

void shell_sse_init(struct shell_sse *sse,
                    int (*on_event)(void *arg, const char *name, struct core_str data), void *arg)
{
    *sse = (struct shell_sse){.on_event = on_event, .arg = arg};
    core_buf_init(&sse->line, SHELL_LIMIT_EVENT);
    core_buf_init(&sse->data, SHELL_LIMIT_EVENT);
}

void shell_sse_done(struct shell_sse *sse)
{
    core_buf_done(&sse->line);
    core_buf_done(&sse->data);
}

static int event_send(struct shell_sse *sse)
{
    int result = core_buf_error(&sse->data);
    if (!result && sse->data.len) {
        core_buf_truncate(&sse->data, sse->data.len - 1); /* the newline after the last line */
        result = sse->on_event(sse->arg, sse->event, core_buf_str(&sse->data));
    }
    core_buf_clear(&sse->data);
    sse->event[0] = '\0';
    return result;
}

static void field_take(struct shell_sse *sse, struct core_str line)
{
    struct core_str name = line, value = CORE_STR("");
    ssize_t colon = core_str_find_byte(line, ':');
    if (colon >= 0) {
        name.len = (size_t)colon;
        value = core_strn(line.ptr + colon + 1, line.len - (size_t)colon - 1);
        if (value.len && value.ptr[0] == ' ') {
            value = core_strn(value.ptr + 1, value.len - 1);
        }
    }
    if (core_str_eq_c(name, "data")) {
        core_buf_add_str(&sse->data, value);
        core_buf_add_byte(&sse->data, '\n');
    } else if (core_str_eq_c(name, "event") && value.len < sizeof sse->event) {
        memcpy(sse->event, value.ptr, value.len);
        sse->event[value.len] = '\0';
    }
}

static int line_end(struct shell_sse *sse)
{
    struct core_str line = core_buf_str(&sse->line);
    int result = core_buf_error(&sse->line);
    if (!result && line.len && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    if (!result && line.len == 0) {
        result = event_send(sse);
    } else if (!result) {
        field_take(sse, line);
    }
    core_buf_clear(&sse->line);
    return result;
}

int shell_sse_feed(struct shell_sse *sse, struct core_str bytes)
{
    int result = 0;
    while (bytes.len && !result) {
        ssize_t newline = core_str_find_byte(bytes, '\n');
        size_t take = newline < 0 ? bytes.len : (size_t)newline;
        core_buf_add(&sse->line, bytes.ptr, take);
        if (newline >= 0) {
            result = line_end(sse);
            take++;
        }
        bytes = core_strn(bytes.ptr + take, bytes.len - take);
    }
    return result ? result : core_buf_error(&sse->line);
}
