/*
 * receipt.h: what an answer cost and where it came from, as JSON and as a telemetry row. Room only.
 */
#ifndef AI_RECEIPT_H
#define AI_RECEIPT_H

#include "ai/room.h"
#include "core/json.h"

/* The quote of a source: at most AI_LIMIT_QUOTE bytes of text[start, end), cut at a word; *end
 * follows. The result points into text. */
struct core_str ai_receipt_quote(struct core_str text, int64_t start, int64_t *end);

/* "Standard", "Advanced", "Pro". */
const char *ai_receipt_brand(unsigned level);

/* A row of telemetry. */
struct ai_telemetry_row {
    struct core_str owner;
    const char *route;
    const char *provider; /* "cache", "passages", "local:smollm2" … */
    bool answered;
    bool estimated; /* the tokens are our guess */
    const struct ai_receipt *receipt;
};
/* Some of them, alike in the first four fields. */
struct ai_telemetry_sum {
    int64_t minute_ms;
    unsigned level, class;
    const char *outcome; /* static */
    int64_t answers, latency_ms, tokens_in, tokens_out, cost_microusd;
};
/* Appends the row, and adds it to the sums. */
void ai_telemetry_add(struct store_batch *batch, const struct core_env *env,
                      const struct ai_telemetry_row *row);
/* The two halves of that, for whoever adds up many first (gather.h). */
void ai_telemetry_put_row(struct store_batch *batch, const struct core_env *env, int64_t at_ms,
                          const struct ai_telemetry_row *row);
void ai_telemetry_put_sum(struct store_batch *batch, const struct ai_telemetry_sum *sum);
struct ai_telemetry_sum ai_telemetry_sum_of(int64_t at_ms, bool answered,
                                            const struct ai_receipt *receipt);
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
