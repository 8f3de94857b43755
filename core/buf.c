/*
 * buf.c: the growing byte buffer. Memory doubles up to the cap, one byte is always kept for the
 * NUL, so `cap` (allocated) never passes max + 1. Not here: sharing, slices, ropes.
 */
#include "core/buf.h"

#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* The first allocation: most buffers hold a line or a small document. */
#define BUF_FIRST 128

void core_buf_init(struct core_buf *b, size_t max)
{
    assert(max > 0 && max < SIZE_MAX / 4);
    *b = (struct core_buf){.max = max};
}

void core_buf_done(struct core_buf *b)
{
    free(b->ptr);
    *b = (struct core_buf){.max = b->max};
}

void core_buf_wipe(struct core_buf *b)
{
    /* All of the memory: bytes that were consumed or truncated linger behind the end. */
    if (b->ptr)
        core_wipe(b->ptr, b->cap);
    core_buf_done(b);
}

void core_buf_clear(struct core_buf *b)
{
    b->error = 0;
    core_buf_truncate(b, 0);
}

/* Makes room for `len` more bytes and the NUL. */
int core__buf_grow(struct core_buf *b, size_t len)
{
    if (b->error)
        return b->error;
    if (len > b->max - b->len)
        return b->error = CORE_ETOOBIG;
    size_t need = b->len + len + 1;
    size_t cap = b->cap * 2 > BUF_FIRST ? b->cap * 2 : BUF_FIRST;
    if (cap < need)
        cap = need;
    if (cap > b->max + 1)
        cap = b->max + 1;
    char *ptr = realloc(b->ptr, cap);
    if (!ptr)
        return b->error = CORE_ENOMEM;
    b->ptr = ptr;
    b->cap = cap;
    b->ptr[b->len] = '\0';
    return 0;
}

int core_buf_addf(struct core_buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int err = core_buf_addv(b, format, args);
    va_end(args);
    return err;
}

int core_buf_addv(struct core_buf *b, const char *format, va_list args)
{
    if (b->error)
        return b->error;
    size_t room = b->cap - b->len; /* with the NUL */
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(b->ptr ? b->ptr + b->len : NULL, room, format, args);
    int err = 0;
    if (len < 0) {
        err = b->error = CORE_EINVAL; /* only %ls of a bad wide string */
    } else if ((size_t)len >= room) {
        err = core__buf_grow(b, (size_t)len);
        if (err == 0)
            vsnprintf(b->ptr + b->len, b->cap - b->len, format, again);
    }
    va_end(again);
    if (err == 0)
        b->len += (size_t)len;
    else if (b->ptr)
        b->ptr[b->len] = '\0'; /* over what the first try left */
    return err;
}

void core_buf_consume(struct core_buf *b, size_t len)
{
    assert(len <= b->len);
    if (len == 0)
        return;
    b->len -= len;
    memmove(b->ptr, b->ptr + len, b->len + 1);
}

void core_buf_truncate(struct core_buf *b, size_t len)
{
    assert(len <= b->len);
    b->len = len;
    if (b->ptr)
        b->ptr[len] = '\0';
}

char *core_buf_take(struct core_buf *b, size_t *ret_len)
{
    if (b->error)
        return NULL;
    char *bytes = b->ptr ? b->ptr : core_alloc(1);
    if (ret_len)
        *ret_len = b->len;
    *b = (struct core_buf){.max = b->max};
    return bytes;
}
