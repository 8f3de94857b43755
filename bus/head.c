/*
 * head.c: filling and reading the head of a request. No parsing: that is h1.c and nghttp2.
 */
#include "bus/head.h"

#include "core/err.h"

#include <stddef.h>

void bus_head_init(struct bus_head *head)
{
    core_buf_init(&head->text, BUS_LIMIT_HEAD);
    bus_head_clear(head);
}

void bus_head_done(struct bus_head *head)
{
    core_buf_done(&head->text);
    bus_head_clear(head);
}

void bus_head_clear(struct bus_head *head)
{
    if (head->text.cap > BUS_LIMIT_HEAD_KEEP)
        core_buf_done(&head->text);
    core_buf_clear(&head->text);
    head->method = head->target = head->authority = (struct bus_span){0, 0};
    head->count = 0;
    head->content_length = -1;
    head->chunked = head->old = head->keep = head->expect = false;
}

bool bus_head_find(const struct bus_head *head, struct core_str name, struct core_str *ret)
{
    for (unsigned i = 0; i < head->count; i++) {
        const struct bus_field *f = &head->fields[i];
        if (f->name.len == name.len && !memcmp(head->text.ptr + f->name.at, name.ptr, name.len)) {
            *ret = bus_head_str(head, f->value);
            return true;
        }
    }
    return false;
}

int bus_head_add(struct bus_head *head, struct core_str bytes)
{
    return core_buf_add(&head->text, bytes.ptr, bytes.len);
}

int bus_head_add_lower(struct bus_head *head, struct core_str bytes)
{
    char *to = core_buf_reserve(&head->text, bytes.len);
    if (!to)
        return core_buf_error(&head->text);
    core_str_lower(bytes, to);
    core_buf_grew(&head->text, bytes.len);
    return 0;
}

int bus_head_add_field(struct bus_head *head, struct core_str name, struct core_str value)
{
    if (head->count >= BUS_LIMIT_FIELDS)
        return CORE_ETOOBIG;
    uint32_t at = (uint32_t)head->text.len;
    int err = bus_head_add_lower(head, name);
    if (!err)
        err = bus_head_add(head, value);
    if (err)
        return err;
    head->fields[head->count++] = (struct bus_field){
        {at, (uint32_t)name.len}, {at + (uint32_t)name.len, (uint32_t)value.len}};
    return 0;
}
