/*
 * buf.h: a growing byte buffer that is born with a cap.
 *
 *     struct core_buf b;
 *     core_buf_init(&b, CORE_LIMIT_BODY);
 *     core_buf_addf(&b, "hello %d", 1);
 *     core_buf_done(&b);
 *
 * Errors stick: after a failed add every later add fails with the same code and the content stays
 * as it was, so a writer may check once at the end with core_buf_error(). The bytes are always
 * followed by a NUL that is not counted. What is added must not point into the buffer itself. One
 * thread at a time.
 *
 * Adding is inline as far as there is room: most texts are put together from literals, whose
 * lengths the compiler knows.
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "core/str.h"

#include <assert.h>
#include <stdarg.h>

struct core_buf {
    char *ptr;
    size_t len;
    size_t cap; /* bytes allocated */
    size_t max; /* most bytes it may ever hold */
    int error;  /* 0, CORE_ETOOBIG or CORE_ENOMEM */
};

/* Allocates nothing yet. max > 0. */
void core_buf_init(struct core_buf *b, size_t max);
/* Frees; leaves a valid empty buffer with the same cap. A zeroed struct is fine too. */
void core_buf_done(struct core_buf *b);
/* As core_buf_done, but wipes the bytes first (secrets). Growing leaves copies behind: reserve what
 * a secret needs before the first add. */
void core_buf_wipe(struct core_buf *b);
/* Empties and clears the error; keeps the memory. */
void core_buf_clear(struct core_buf *b);
static inline int core_buf_error(const struct core_buf *b)
{
    return b->error;
}

/* What adding does not do inline: more memory, or the error. Not for callers. */
int core__buf_grow(struct core_buf *b, size_t len);

/* Room for at least `len` more bytes at the returned pointer; then core_buf_grew(b, used). NULL on
 * failure. */
static inline char *core_buf_reserve(struct core_buf *b, size_t len)
{
    /* cap is 0 or more than b->len. */
    bool fits = b->error == 0 && len < b->cap - b->len;
    if (__builtin_expect(!fits, 0) && core__buf_grow(b, len))
        return NULL;
    return b->ptr + b->len;
}
static inline void core_buf_grew(struct core_buf *b, size_t used)
{
    if (used == 0)
        return;
    assert(used < b->cap - b->len);
    b->len += used;
    b->ptr[b->len] = '\0';
}

static inline int core_buf_add(struct core_buf *b, const void *bytes, size_t len)
{
    if (len == 0)
        return b->error;
    char *to = core_buf_reserve(b, len);
    if (!to)
        return b->error;
    memcpy(to, bytes, len);
    to[len] = '\0';
    b->len += len;
    return 0;
}
static inline int core_buf_add_str(struct core_buf *b, struct core_str s)
{
    return core_buf_add(b, s.ptr, s.len);
}
static inline int core_buf_add_c(struct core_buf *b, const char *c)
{
    return core_buf_add_str(b, core_str(c));
}
static inline int core_buf_add_byte(struct core_buf *b, char byte)
{
    return core_buf_add(b, &byte, 1);
}
int core_buf_addf(struct core_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int core_buf_addv(struct core_buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Drops bytes from the front (memmove) or the end. */
void core_buf_consume(struct core_buf *b, size_t len);
void core_buf_truncate(struct core_buf *b, size_t len);

static inline struct core_str core_buf_str(const struct core_buf *b)
{
    return core_strn(b->ptr ? b->ptr : "", b->len);
}
/* What was added since the buffer held `at` bytes; at <= b->len. */
static inline struct core_str core_buf_since(const struct core_buf *b, size_t at)
{
    assert(at <= b->len);
    return core_strn(core_buf_str(b).ptr + at, b->len - at);
}
/* The heap bytes, NUL-terminated, now the caller's to free(); the buffer is empty after. Never NULL
 * unless the buffer has an error. */
char *core_buf_take(struct core_buf *b, size_t *ret_len);

#endif
