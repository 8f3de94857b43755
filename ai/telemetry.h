/*
 * telemetry.h: answers as rows, and what they add up to by minute and day. Room only.
 */
#ifndef AI_TELEMETRY_H
#define AI_TELEMETRY_H

#include "ai/room.h"

/* A row of telemetry. */
struct ai_telemetry_row {
    struct core_str owner;
    const char *route;
    const char *provider; /* "cache", "passages", "local:smollm2" … */
    bool answered;
    bool estimated; /* the tokens are our guess */
    const struct ai_receipt *receipt;
};
/* What some of them add up to. */
struct ai_telemetry_total {
    int64_t answers, answered, latency_ms, tokens_in, tokens_out, cost_microusd;
};
void ai_telemetry_total_add(struct ai_telemetry_total *total,
                            const struct ai_telemetry_total *more);
/* Some of them, alike in the first four fields. */
struct ai_telemetry_sum {
    int64_t minute_ms;
    unsigned level, class;
    const char *outcome; /* static */
    struct ai_telemetry_total total;
};
/* Some of one day (UTC, since 1970), alike in the first five fields. */
struct ai_telemetry_day {
    int64_t day;
    unsigned level, class;
    char owner[CORE_ID_SIZE];
    char provider[AI_LIMIT_PROVIDER_NAME * 3 + 2];
    struct ai_telemetry_total total;
};
#define AI_TELEMETRY_DAY_MS 86400000
/* Appends the row, and adds it to the sums. */
void ai_telemetry_add(struct store_batch *batch, const struct core_env *env,
                      const struct ai_telemetry_row *row);
/* The parts of that, for whoever adds up many first (gather.h). */
void ai_telemetry_put_row(struct store_batch *batch, const struct core_env *env, int64_t at_ms,
                          const struct ai_telemetry_row *row);
void ai_telemetry_put_sum(struct store_batch *batch, const struct ai_telemetry_sum *sum);
void ai_telemetry_put_day(struct store_batch *batch, const struct ai_telemetry_day *day);
struct ai_telemetry_sum ai_telemetry_sum_of(int64_t at_ms, const struct ai_telemetry_row *row);
struct ai_telemetry_day ai_telemetry_day_of(int64_t at_ms, const struct ai_telemetry_row *row);
/* Adds to a batch: what is kept of an account stays as nobody's. Any thread. */
void ai_telemetry_disown(struct store_batch *batch, struct core_str owner);
/* Of a latency; below AI_TELEMETRY_CLASSES. */
unsigned ai_telemetry_class(int64_t latency_ms);
#define AI_TELEMETRY_CLASSES 168
/* Steps of telemetry_sum. */
#define AI_TELEMETRY_FINE_S 60
#define AI_TELEMETRY_COARSE_S 900
/* Series of the metrics registry that have been registered: each with its first answer. */
struct ai_telemetry_series {
    struct core_metric *answers[AI_LEVELS][2], *seconds[AI_LEVELS];
    struct core_metric *in, *out, *first;
};
/* Counts the answer there. One thread. */
void ai_telemetry_count(struct ai_telemetry_series *series, const struct ai_receipt *receipt,
                        bool answered);
/* Drops rows beyond AI_LIMIT_TELEMETRY_DAYS and the oldest cache entries. Pool; blocking. */
int ai_telemetry_trim(struct ai *ai);

#endif
