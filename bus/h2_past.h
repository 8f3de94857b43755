/*
 * h2_past.h: what became of the last streams that a client has opened. Of a frame on a stream that
 * is no more RFC 9113 §5.1 asks different things, by who ended it, and nghttp2 remembers none.
 *
 *     7e  9  13e      ids only rise; e: the client said that it is done (END_STREAM, RST_STREAM)
 *
 *     on 7: it broke its word     on 9: it was us; what was on its way is dropped     on 11: there never was one
 */
#ifndef BUS_H2_PAST_H
#define BUS_H2_PAST_H

#include "core/limits.h"

#include <stdbool.h>
#include <stdint.h>

/* A zeroed one is of a client that has opened none. */
struct bus_h2_past {
    uint32_t streams[BUS_LIMIT_H2_PAST]; /* a ring: twice the id, and 1 if it is done */
    unsigned count;                      /* of all there were */
};

enum bus_h2_was {
    BUS_H2_WAS_OPEN,  /* and not done, or too long ago to know, or yet to come */
    BUS_H2_WAS_DONE,  /* the client was done with it */
    BUS_H2_WAS_NEVER, /* passed over */
};

/* Odd ids only. Of an id that is not above all before it nothing is noted. */
void bus_h2_past_begin(struct bus_h2_past *past, int32_t id);
void bus_h2_past_done(struct bus_h2_past *past, int32_t id);
enum bus_h2_was bus_h2_past_of(const struct bus_h2_past *past, int32_t id);

#endif
