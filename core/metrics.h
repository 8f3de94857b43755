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

/* Appends everything, with process_* values (CPU, resident memory, descriptors, start time). */
int core_metrics_render(struct core_buf *out);

#endif
