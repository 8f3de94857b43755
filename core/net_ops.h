/*
 * net_ops.h: what a network has to fill in: the real one (net_uv.c) and simulated ones. Owners of
 * streams include net.h only.
 */
#ifndef CORE_NET_OPS_H
#define CORE_NET_OPS_H

#include "core/net.h"

/* The first member of a network's own struct. Each function does what its namesake in net.h
 * says. */
struct core_stream {
    const struct core_stream_ops *ops;
};
struct core_stream_ops {
    void (*start)(struct core_stream *stream, const struct core_stream_events *events, void *arg);
    void (*pause)(struct core_stream *stream, bool paused);
    int (*write)(struct core_stream *stream, struct core_str bytes, struct core_str behind);
    size_t (*queued)(const struct core_stream *stream);
    void (*finish)(struct core_stream *stream);
    void (*close)(struct core_stream *stream);
    const char *(*peer)(const struct core_stream *stream);
};

struct core_listener {
    const struct core_listener_ops *ops;
};
struct core_listener_ops {
    unsigned (*port)(const struct core_listener *listener);
    void (*pause)(struct core_listener *listener, bool paused);
    void (*free)(struct core_listener *listener); /* never NULL */
};

#endif
