/* net.c: the face of net.h, dispatched to the network a listener or stream came from. */
#include "core/net_ops.h"

unsigned core_listener_port(const struct core_listener *listener)
{
    return listener->ops->port(listener);
}

void core_listener_free(struct core_listener *listener)
{
    if (listener)
        listener->ops->free(listener);
}

void core_listener_pause(struct core_listener *listener, bool paused)
{
    listener->ops->pause(listener, paused);
}

void core_stream_start(struct core_stream *stream, const struct core_stream_events *events,
                       void *arg)
{
    stream->ops->start(stream, events, arg);
}

void core_stream_pause(struct core_stream *stream, bool paused)
{
    stream->ops->pause(stream, paused);
}

int core_stream_write(struct core_stream *stream, struct core_str bytes)
{
    return stream->ops->write(stream, bytes, CORE_STR(""));
}

int core_stream_write_two(struct core_stream *stream, struct core_str bytes, struct core_str behind)
{
    return stream->ops->write(stream, bytes, behind);
}

size_t core_stream_queued(const struct core_stream *stream)
{
    return stream->ops->queued(stream);
}

void core_stream_finish(struct core_stream *stream)
{
    stream->ops->finish(stream);
}

void core_stream_close(struct core_stream *stream)
{
    stream->ops->close(stream);
}

const char *core_stream_peer(const struct core_stream *stream)
{
    return stream->ops->peer(stream);
}
