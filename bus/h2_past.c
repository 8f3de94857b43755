/* h2_past.c: see h2_past.h. */
#include "bus/h2_past.h"

/* The place of the one that was opened `back` streams before the next one: 1 is the newest. */
static unsigned place(const struct bus_h2_past *past, unsigned back)
{
    return (past->count - back) % BUS_LIMIT_H2_PAST;
}

static unsigned remembered(const struct bus_h2_past *past)
{
    return past->count < BUS_LIMIT_H2_PAST ? past->count : BUS_LIMIT_H2_PAST;
}

static int32_t newest(const struct bus_h2_past *past)
{
    return past->count ? (int32_t)(past->streams[place(past, 1)] >> 1) : 0;
}

void bus_h2_past_begin(struct bus_h2_past *past, int32_t id)
{
    if (id > newest(past))
        past->streams[past->count++ % BUS_LIMIT_H2_PAST] = (uint32_t)id << 1;
}

void bus_h2_past_done(struct bus_h2_past *past, int32_t id)
{
    for (unsigned back = 1; back <= remembered(past); back++)
        if (past->streams[place(past, back)] >> 1 == (uint32_t)id)
            past->streams[place(past, back)] |= 1;
}

enum bus_h2_was bus_h2_past_of(const struct bus_h2_past *past, int32_t id)
{
    if (id > newest(past))
        return BUS_H2_WAS_OPEN;
    for (unsigned back = 1; back <= remembered(past); back++) {
        uint32_t one = past->streams[place(past, back)];
        if (one >> 1 == (uint32_t)id)
            return one & 1 ? BUS_H2_WAS_DONE : BUS_H2_WAS_OPEN;
        if (one >> 1 < (uint32_t)id)
            return BUS_H2_WAS_NEVER;
    }
    return past->count > BUS_LIMIT_H2_PAST ? BUS_H2_WAS_OPEN : BUS_H2_WAS_NEVER;
}
