/*
 * metrics.c: what is counted about requests, and the line that each leaves in the log.
 *
 * Series are registered when a route is first asked and a status first answered, so that /metrics
 * lists what happened. Pages share one label, and so do addresses where nothing is. The log has the
 * route's pattern, never the query: questions and tokens stay out of it.
 */
#include "gate/inside.h"

#include "core/log.h"

#include <stdio.h>
#include <stdlib.h>

/* Different statuses a route answers; the rest is counted under the last one. */
#define STATUSES 16

struct gate_series {
    const char *label;
    struct core_metric *seconds;
    struct {
        int status;
        struct core_metric *requests;
    } statuses[STATUSES];
};

struct gate_metrics {
    struct core_metric *open[2]; /* plain, TLS */
    struct core_metric *gave_way;
    struct core_metric *bytes_in, *bytes_out;
    struct gate_series labels[2]; /* by enum gate_label */
    struct gate_series routes[];  /* as in the table */
};

struct gate_metrics *gate__metrics_new(const struct gate_route *routes, size_t count)
{
    struct gate_metrics *m = core_alloc(sizeof *m + count * sizeof *m->routes);
    static const char open_help[] = "Open connections.";
    m->open[0] = core_gauge("sky_http_connections", "tls=\"no\"", open_help);
    m->open[1] = core_gauge("sky_http_connections", "tls=\"yes\"", open_help);
    m->gave_way = core_counter("sky_http_connections_gave_way_total", NULL,
                               "Connections closed to make room for others.");
    m->bytes_in = core_counter("sky_http_request_bytes_total", NULL, "Bytes of request bodies.");
    m->bytes_out = core_counter("sky_http_response_bytes_total", NULL, "Bytes of response bodies.");
    m->labels[GATE_LABEL_OTHER].label = "other";
    m->labels[GATE_LABEL_PAGE].label = "page";
    for (size_t i = 0; i < count; i++)
        m->routes[i].label = routes[i].pattern;
    return m;
}

void gate__metrics_free(struct gate_metrics *metrics)
{
    free(metrics);
}

struct gate_series *gate__metrics_route(const struct gate *gate, const struct gate_route *route)
{
    return &gate->metrics->routes[route - gate->routes];
}

struct gate_series *gate__metrics_label(const struct gate *gate, enum gate_label label)
{
    return &gate->metrics->labels[label];
}

void gate__metrics_connections(const struct gate *gate, bool tls, int change)
{
    core_metric_add(gate->metrics->open[tls], change);
}

void gate__metrics_gave_way(const struct gate *gate)
{
    core_metric_add(gate->metrics->gave_way, 1);
}

static const char *method_of(const struct gate_request *r)
{
    /* HEAD counts with its GET, and unknown methods together. */
    return r->route ? r->route->method : "any";
}

static struct core_metric *counter_of(struct gate_request *r, struct gate_series *s, int status)
{
    char labels[256];
    size_t i = 0;
    while (i + 1 < STATUSES && s->statuses[i].requests && s->statuses[i].status != status)
        i++;
    if (!s->statuses[i].requests) {
        snprintf(labels, sizeof labels, "route=\"%s\",method=\"%s\",code=\"%d\"", s->label,
                 method_of(r), status);
        s->statuses[i].status = status;
        s->statuses[i].requests = core_counter("sky_http_requests_total", labels,
                                               "Requests answered.");
    }
    return s->statuses[i].requests;
}

static struct core_metric *seconds_of(struct gate_request *r, struct gate_series *s)
{
    char labels[256];
    if (!s->seconds) {
        snprintf(labels, sizeof labels, "route=\"%s\",method=\"%s\"", s->label, method_of(r));
        s->seconds = core_histogram(
            "sky_http_request_seconds", labels,
            "Time from the first byte of a request to the last of its answer.");
    }
    return s->seconds;
}

void gate__metrics_request(struct gate_request *r, int status)
{
    const struct gate *gate = r->gate;
    struct gate_series *s = r->series ? r->series : gate__metrics_label(gate, GATE_LABEL_OTHER);
    uint64_t us = (core_mono_ns(gate->env) - r->begun_ns + 500) / 1000;
    core_metric_add(counter_of(r, s, status), 1);
    core_metric_observe(seconds_of(r, s), (double)us / 1e6);
    if (r->received > 0)
        core_metric_add(gate->metrics->bytes_in, (double)r->received);
    core_metric_add(gate->metrics->bytes_out, (double)r->sent);
    core_log_later(CORE_LOG_INFO, "http.request", {"id", CORE_LOG_C(r->id)},
                   {"method", CORE_LOG_S(gate_request_method(r))}, {"route", CORE_LOG_C(s->label)},
                   {"status", CORE_LOG_I(status)}, {"ms", CORE_LOG_F((double)us / 1000)},
                   {"bytes", CORE_LOG_I((int64_t)r->sent)}, {"peer", CORE_LOG_C(r->peer)});
}
