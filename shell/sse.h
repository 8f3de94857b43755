/*
 * sse.h: server-sent events, parsed as they arrive (sans I/O). One thread.
 */
#ifndef SHELL_SSE_H
#define SHELL_SSE_H

#include "core/buf.h"

struct shell_sse {
    struct core_buf line, data;
    char event[32];
    /* Non-zero ends shell_sse_feed with that value. name "" = no event field. */
    int (*on_event)(void *arg, const char *name, struct core_str data);
    void *arg;
};
void shell_sse_init(struct shell_sse *sse,
                    int (*on_event)(void *arg, const char *name, struct core_str data), void *arg);
void shell_sse_done(struct shell_sse *sse);
/* 0, the callback's value, or CORE_ETOOBIG for a line or event over its cap. */
int shell_sse_feed(struct shell_sse *sse, struct core_str bytes);

#endif
