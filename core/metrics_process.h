/* metrics_process.h: the process_* values of core_metrics_render(). For metrics.c only. */
#ifndef CORE_METRICS_PROCESS_H
#define CORE_METRICS_PROCESS_H

#include "core/buf.h"

/* Appends CPU time, memory, descriptors and start time, each only where the system tells it. Errors
 * stick in `out`. Any thread. */
void core_metrics_process_render(struct core_buf *out);

#endif
