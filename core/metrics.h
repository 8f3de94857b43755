/*
 * metrics.h: counters, gauges and histograms, rendered as Prometheus text.
 *
 * A metric is registered once (same name and labels give the same object) and lives until the
 * process ends; one name has one type. Updates are atomic and lock-free, from any thread. At most
 * CORE_LIMIT_METRICS series; past that registration returns a shared overflow series.
 */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include "core/buf.h"

struct core_metric;

/* labels: `route="/health",code="200"` ready for the output, or NULL. Help is taken from the first
 * registration of a name. */
struct core_metric *core_counter(const char *name, const char *labels, const char *help);
struct core_metric *core_gauge(const char *name, const char *labels, const char *help);
/* Buckets in seconds, 0.5 ms … 30 s; use for latencies only. */
struct core_metric *core_histogram(const char *name, const char *labels, const char *help);

/* Counters (value ≥ 0) and gauges. */
void core_metric_add(struct core_metric *metric, double value);
void core_metric_set(struct core_metric *gauge, double value);
void core_metric_observe(struct core_metric *histogram, double seconds);
/* The value of a counter or gauge, the number of observations of a histogram. */
double core_metric_value(const struct core_metric *metric);

/* Sum of all series of a counter or gauge whose labels hold `part`, as `code="5`; NULL: of all. 0
 * where there is none. Any thread. */
double core_metrics_sum(const char *name, const char *part);

/* What the kernel says of this process now; −1 where it does not. */
struct core_process {
    double cpu_s; /* user and system */
    int64_t memory_bytes, virtual_bytes, started_s;
};
void core_process_now(struct core_process *ret);

/* Appends everything, with process_* values (CPU, resident memory, descriptors, start time). */
int core_metrics_render(struct core_buf *out);

#endif
