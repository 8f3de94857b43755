/*
 * trend.h: the counters of the server as they were: a sample in ten seconds for the last hour, one
 * in five minutes for the last week, in memory. Loop thread.
 */
#ifndef GATE_TREND_H
#define GATE_TREND_H

#include "core/loop.h"

/* Counters since the start of the server, and states of one moment. */
struct gate_sample {
    uint64_t mono_ms;
    uint64_t requests[4]; /* by class of status: 2xx, 3xx, 4xx, 5xx */
    unsigned connections, in_flight;
    double cpu_s; /* −1: unknown, as the next */
    int64_t memory_bytes;
};

struct gate_trend;
/* requests: how many are under way, read at each sample; lives as long as the trend. */
struct gate_trend *gate_trend_new(struct core_loop *loop, const unsigned *requests);
void gate_trend_free(struct gate_trend *trend); /* accepts NULL */
/* Takes a sample; the trend's own timer does. */
void gate_trend_take(struct gate_trend *trend);
/* What is now; never fails, costs microseconds. */
void gate_trend_now(const struct gate_trend *trend, struct gate_sample *ret);
/* The newest sample; until the next one. */
const struct gate_sample *gate_trend_last(const struct gate_trend *trend);
/* Calls on_sample for each sample of the last span_ms, oldest first: the fine ones up to an hour,
 * or while the server is not older; else the coarse ones. The time is in milliseconds since 1970,
 * and rises. Returns the distance of two. */
int64_t gate_trend_read(const struct gate_trend *trend, int64_t span_ms,
                        void (*on_sample)(void *arg, int64_t at_ms,
                                          const struct gate_sample *sample),
                        void *arg);

#endif
