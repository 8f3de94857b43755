/*
 * net.h: TCP listeners and streams on the loop, behind a vtable so that a simulation can put its
 * own network in place. The real one is core_net_uv() (libuv). Loop thread only.
 *
 * Flow: bytes arrive through on_read until the stream is paused; writes are queued and copied, the
 * owner watches core_stream_queued() and pauses its source when it passes its own cap; on_drain
 * says the queue is empty again. After on_close nothing is called any more.
 */
#ifndef CORE_NET_H
#define CORE_NET_H

#include "core/loop.h"

struct core_listener;
struct core_stream;

struct core_stream_events {
    /* The bytes are valid during the call only. */
    void (*on_read)(void *arg, struct core_str bytes);
    /* The peer sends no more, or has left: that cannot be told before a write fails. true: more
     * will be written, and the owner finishes the stream. Else, or without it (NULL), what is
     * queued still goes out, then the stream closes. */
    bool (*on_end)(void *arg);
    void (*on_drain)(void *arg);
    /* Exactly once, after the peer closed (status 0), an error (CORE_ENET), or our own close. The
     * stream is freed when it returns. */
    void (*on_close)(void *arg, int status);
};

struct core_net {
    /* address "127.0.0.1", "::1", "0.0.0.0", "localhost" (= 127.0.0.1); port 0 = any free one.
     * CORE_EBUSY when in use, CORE_EINVAL for what is no address, CORE_ENOTFOUND for one that this
     * machine does not have, CORE_EDENIED. on_accept takes the stream: it must call
     * core_stream_start or core_stream_close before it returns. */
    int (*listen)(struct core_loop *loop, const char *address, unsigned port,
                  void (*on_accept)(void *arg, struct core_stream *stream), void *arg,
                  struct core_listener **ret);
};
const struct core_net *core_net_uv(void);

unsigned core_listener_port(const struct core_listener *listener);
/* No accept after this returns. Accepts NULL. */
void core_listener_free(struct core_listener *listener);
/* For shedding load: a paused listener leaves connections in the kernel's backlog. */
void core_listener_pause(struct core_listener *listener, bool paused);

void core_stream_start(struct core_stream *stream, const struct core_stream_events *events,
                       void *arg);
/* Reading only. A paused stream does not notice that its peer left until a write fails. */
void core_stream_pause(struct core_stream *stream, bool paused);
/* Copies and queues (what the kernel takes at once is not queued). CORE_ECLOSED after close, finish
 * or a peer's end after which nothing was to come, CORE_ETOOBIG past CORE_LIMIT_STREAM_QUEUE (then
 * nothing of it is sent). */
int core_stream_write(struct core_stream *stream, struct core_str bytes);
/* The same for two pieces, in one go; either may be empty. */
int core_stream_write_two(struct core_stream *stream, struct core_str bytes,
                          struct core_str behind);
size_t core_stream_queued(const struct core_stream *stream);
/* Sends what is queued, tells the peer that no more follows and waits for its end, throwing away
 * what it still sends (so that the last bytes are not lost to a reset), then closes. At most
 * CORE_LIMIT_CLOSE_MS in all. No on_read and no on_drain any more. */
void core_stream_finish(struct core_stream *stream);
/* Closes now, dropping what is queued. on_close comes later, never inside this call. */
void core_stream_close(struct core_stream *stream);
/* "127.0.0.1" or "::1", no port. Valid as long as the stream. */
const char *core_stream_peer(const struct core_stream *stream);

#endif
