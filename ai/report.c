/*
 * report.c: what was answered, refused and spent in a
 * span of time, from the sums that telemetry.c keeps.
 *
 * One read of the sums in the order of their key, which is that of time: nothing is
 * sorted, and a month of a million answers takes a tenth of a second at worst. The
 * classes of latencies of one bucket collect until the next one begins; then a
 * percentile is the mean latency of the class in which it falls.
 */
#include "ai/telemetry.h"
#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>

/* How many answers, and their latencies together. */
struct spread {
    int64_t answers[AI_TELEMETRY_CLASSES], latency_ms[AI_TELEMETRY_CLASSES];
};

struct reader {
    struct ai_report *report;
    int64_t bucket; /* whose classes collect in `spreads` */
    struct spread spreads[AI_LEVELS], totals[AI_LEVELS];
};

/* The smallest latency that so many per cent do not exceed. */
static int64_t percentile(const struct spread *s, unsigned percent)
{
    int64_t all = 0, seen = 0;
    for (size_t i = 0; i < AI_TELEMETRY_CLASSES; i++)
        all += s->answers[i];
    int64_t wanted = (all * percent + 99) / 100;
    for (size_t i = 0; i < AI_TELEMETRY_CLASSES; i++) {
        seen += s->answers[i];
        if (seen >= wanted && s->answers[i] > 0)
            return (s->latency_ms[i] + s->answers[i] / 2) / s->answers[i];
    }
    return -1;
}

static void percentiles(struct ai_report_cell *cell, const struct spread *s)
{
    cell->p50_ms = percentile(s, 50);
    cell->p95_ms = percentile(s, 95);
}

/* Ends the bucket before and begins another. */
static void turn_to(struct reader *r, int64_t bucket)
{
    if (r->bucket == bucket)
        return;
    for (unsigned l = 0; l < AI_LEVELS; l++)
        percentiles(&r->report->cells[l][r->bucket], &r->spreads[l]);
    memset(r->spreads, 0, sizeof r->spreads);
    r->bucket = bucket;
}

static int64_t *counter_of(struct ai_report_cell *cell, struct core_str outcome)
{
    return core_str_eq_c(outcome, "answered")  ? &cell->answered
           : core_str_eq_c(outcome, "refused") ? &cell->refused
           : core_str_eq_c(outcome, "failed")  ? &cell->failed
                                               : &cell->cancelled;
}

static void add(struct ai_report_cell *cell, struct core_str outcome, const struct store_row *row)
{
    *counter_of(cell, outcome) += store_row_i64(row, 4);
    cell->tokens_in += store_row_i64(row, 6);
    cell->tokens_out += store_row_i64(row, 7);
    cell->cost_microusd += store_row_i64(row, 8);
}

static int on_row(void *arg, const struct store_row *row)
{
    struct reader *r = arg;
    int64_t bucket = store_row_i64(row, 0), class = store_row_i64(row, 2);
    struct core_str level = store_row_str(row, 1), outcome = store_row_str(row, 3);
    unsigned l = level.len == 2 ? (unsigned)(level.ptr[1] - '0') : AI_LEVELS;
    if (bucket < 0 || bucket >= r->report->buckets || class < 0 || class >= AI_TELEMETRY_CLASSES ||
        l >= AI_LEVELS)
        return CORE_ECORRUPT;
    struct ai_report_cell *cell = &r->report->cells[l][bucket];
    turn_to(r, bucket);
    add(cell, outcome, row);
    add(&r->report->totals[l], outcome, row);
    if (!core_str_eq_c(outcome, "answered") && !core_str_eq_c(outcome, "refused"))
        return 0; /* how long it took to fail says nothing of how long answers take */
    struct spread *spreads[] = {&r->spreads[l], &r->totals[l]};
    for (size_t i = 0; i < 2; i++) {
        spreads[i]->answers[class] += store_row_i64(row, 4);
        spreads[i]->latency_ms[class] += store_row_i64(row, 5);
    }
    return 0;
}

int ai_report(struct ai *ai, int64_t now_ms, int64_t step_ms, unsigned buckets,
              struct ai_report *ret)
{
    bool fine = step_ms * buckets <= AI_LIMIT_TELEMETRY_FINE_MS;
    int64_t step_s = fine ? AI_TELEMETRY_FINE_S : AI_TELEMETRY_COARSE_S;
    assert(buckets > 0 && buckets <= AI_REPORT_BUCKETS && step_ms % (step_s * 1000) == 0);
    int64_t end_ms = now_ms - now_ms % step_ms + step_ms;
    int64_t from_ms = end_ms - step_ms * buckets;
    struct reader *r = core_alloc(sizeof *r);
    *ret = (struct ai_report){.from_ms = from_ms, .step_ms = step_ms, .buckets = buckets};
    for (unsigned l = 0; l < AI_LEVELS; l++)
        for (unsigned b = 0; b < buckets; b++)
            ret->cells[l][b].p50_ms = ret->cells[l][b].p95_ms = -1;
    r->report = ret;
    const struct store_value params[] = {STORE_I(step_s), STORE_I(from_ms), STORE_I(end_ms),
                                         STORE_I(step_ms)};
    int err = store_read(ai->store,
                         "SELECT (at_ms - $2) / $4, level, class, outcome, answers, latency_ms,"
                         " tokens_in, tokens_out, cost_microusd FROM telemetry_sum"
                         " WHERE step_s = $1 AND at_ms >= $2 AND at_ms < $3"
                         " ORDER BY step_s, at_ms, level, outcome, class",
                         params, 4, on_row, r);
    turn_to(r, buckets);
    for (unsigned l = 0; l < AI_LEVELS; l++)
        percentiles(&ret->totals[l], &r->totals[l]);
    free(r);
    return err;
}
