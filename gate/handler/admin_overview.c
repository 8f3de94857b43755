/*
 * admin_overview.c: what was asked and answered in the last hour, day, week or month, and how busy
 * the server was. Answers come from the store, requests from the samples in memory, which reach
 * back to the start of the server, at most a week.
 */
#include "gate/handler/handlers.h"

#include <assert.h>

static const struct range {
    const char *name;
    int64_t step_ms;
    unsigned buckets;
} ranges[] = {
    {"1h", 60000, 60},
    {"24h", 900000, 96},
    {"7d", 7200000, 84},
    {"30d", 21600000, 120},
};

/* More points than this are more than a chart has pixels for. */
#define POINTS 360

struct points {
    struct gate_sample samples[GATE_TREND_COARSE];
    int64_t at_ms[GATE_TREND_COARSE];
    size_t count;
};
static_assert(GATE_TREND_FINE <= GATE_TREND_COARSE, "either ring fits");

struct overview {
    const struct range *range;
    struct ai_report report;
    struct points points;
    int err;
};

/* --- Answers --------------------------------------------------------------------------------- */

typedef int64_t cell_value(const struct ai_report_cell *cell);

static int64_t answers_of(const struct ai_report_cell *c)
{
    return c->answered + c->refused;
}

static int64_t refused_of(const struct ai_report_cell *c)
{
    return c->refused;
}

static int64_t failed_of(const struct ai_report_cell *c)
{
    return c->failed;
}

static int64_t cancelled_of(const struct ai_report_cell *c)
{
    return c->cancelled;
}

static int64_t in_of(const struct ai_report_cell *c)
{
    return c->tokens_in;
}

static int64_t out_of(const struct ai_report_cell *c)
{
    return c->tokens_out;
}

static int64_t cost_of(const struct ai_report_cell *c)
{
    return c->cost_microusd;
}

/* What is counted without its level. */
static const struct {
    const char *key;
    cell_value *of;
} sums[] = {{"refused", refused_of}, {"failed", failed_of},  {"cancelled", cancelled_of},
            {"tokens_in", in_of},    {"tokens_out", out_of}, {"cost_microusd", cost_of}};
#define SUMS (sizeof sums / sizeof *sums)

static bool is_empty(const struct ai_report_cell *c)
{
    return c->answered + c->refused + c->failed + c->cancelled == 0;
}

static void percentile_out(struct core_json_out *o, const char *key, int64_t ms)
{
    if (ms < 0)
        core_json_out_null(o, key);
    else
        core_json_out_i64(o, key, ms);
}

static void level_out(struct core_json_out *o, const struct ai_report *rep, unsigned level)
{
    const char name[] = {'L', (char)('0' + level), '\0'};
    const struct ai_report_cell *total = &rep->totals[level];
    core_json_out_object(o, NULL);
    core_json_out_c(o, "level", name);
    core_json_out_i64(o, "total", answers_of(total));
    percentile_out(o, "total_p50_ms", total->p50_ms);
    percentile_out(o, "total_p95_ms", total->p95_ms);
    core_json_out_array(o, "answers");
    for (unsigned b = 0; b < rep->buckets; b++)
        core_json_out_i64(o, NULL, answers_of(&rep->cells[level][b]));
    core_json_out_end(o);
    core_json_out_array(o, "p50_ms");
    for (unsigned b = 0; b < rep->buckets; b++)
        percentile_out(o, NULL, rep->cells[level][b].p50_ms);
    core_json_out_end(o);
    core_json_out_array(o, "p95_ms");
    for (unsigned b = 0; b < rep->buckets; b++)
        percentile_out(o, NULL, rep->cells[level][b].p95_ms);
    core_json_out_end(o);
    core_json_out_end(o);
}

static void sum_out(struct core_json_out *o, const struct ai_report *rep, const char *key,
                    cell_value *of)
{
    core_json_out_array(o, key);
    for (unsigned b = 0; b < rep->buckets; b++) {
        int64_t sum = 0;
        for (unsigned level = 0; level < AI_LEVELS; level++)
            sum += of(&rep->cells[level][b]);
        core_json_out_i64(o, NULL, sum);
    }
    core_json_out_end(o);
}

static void totals_out(struct core_json_out *o, const struct ai_report *rep)
{
    int64_t answers = 0;
    core_json_out_object(o, "totals");
    for (size_t i = 0; i < SUMS; i++) {
        int64_t sum = 0;
        for (unsigned level = 0; level < AI_LEVELS; level++)
            sum += sums[i].of(&rep->totals[level]);
        core_json_out_i64(o, sums[i].key, sum);
    }
    for (unsigned level = 0; level < AI_LEVELS; level++)
        answers += answers_of(&rep->totals[level]);
    core_json_out_i64(o, "answers", answers);
    core_json_out_end(o);
}

static void answers_out(struct core_json_out *o, const struct ai_report *rep)
{
    core_json_out_i64(o, "step_s", rep->step_ms / 1000);
    core_json_out_array(o, "times");
    for (unsigned b = 0; b < rep->buckets; b++)
        core_json_out_i64(o, NULL, (rep->from_ms + b * rep->step_ms) / 1000);
    core_json_out_end(o);
    core_json_out_array(o, "levels");
    for (unsigned level = 0; level < AI_LEVELS; level++)
        if (!is_empty(&rep->totals[level]))
            level_out(o, rep, level);
    core_json_out_end(o);
    for (size_t i = 0; i < SUMS; i++)
        sum_out(o, rep, sums[i].key, sums[i].of);
    totals_out(o, rep);
}

/* --- Requests -------------------------------------------------------------------------------- */

static void on_sample(void *arg, int64_t at_ms, const struct gate_sample *sample)
{
    struct points *p = arg;
    p->samples[p->count] = *sample;
    p->at_ms[p->count++] = at_ms;
}

/* Keeps each n-th, and the newest: counters lose nothing by it. */
static void thin(struct points *p)
{
    size_t every = (p->count + POINTS - 1) / POINTS, kept = 0;
    for (size_t i = p->count ? (p->count - 1) % every : 0; i < p->count; i += every) {
        p->samples[kept] = p->samples[i];
        p->at_ms[kept++] = p->at_ms[i];
    }
    p->count = kept;
}

/* Requests a second of one class of status between a sample and the one before. */
static void rates_out(struct core_json_out *o, const char *key, const struct points *p,
                      size_t class)
{
    core_json_out_array(o, key);
    for (size_t i = 1; i < p->count; i++) {
        const struct gate_sample *now = &p->samples[i], *before = now - 1;
        double span_s = (double)(now->mono_ms - before->mono_ms) / 1000;
        double n = (double)(now->requests[class] - before->requests[class]);
        core_json_out_double(o, NULL, span_s > 0 ? n / span_s : 0);
    }
    core_json_out_end(o);
}

static void states_out(struct core_json_out *o, const struct points *p)
{
    core_json_out_array(o, "connections");
    for (size_t i = 1; i < p->count; i++)
        core_json_out_u64(o, NULL, p->samples[i].connections);
    core_json_out_end(o);
    core_json_out_array(o, "memory_bytes");
    for (size_t i = 1; i < p->count; i++)
        core_json_out_i64(o, NULL, p->samples[i].memory_bytes);
    core_json_out_end(o);
    core_json_out_array(o, "cpu_percent");
    for (size_t i = 1; i < p->count; i++) {
        const struct gate_sample *now = &p->samples[i], *before = now - 1;
        double span_s = (double)(now->mono_ms - before->mono_ms) / 1000;
        core_json_out_double(o, NULL, span_s > 0 ? 100 * (now->cpu_s - before->cpu_s) / span_s : 0);
    }
    core_json_out_end(o);
}

static void http_out(struct core_json_out *o, const struct points *p)
{
    static const char *const classes[] = {"2xx", "3xx", "4xx", "5xx"};
    core_json_out_object(o, "http");
    core_json_out_array(o, "times");
    for (size_t i = 1; i < p->count; i++)
        core_json_out_i64(o, NULL, p->at_ms[i] / 1000);
    core_json_out_end(o);
    for (size_t class = 0; class < sizeof classes / sizeof *classes; class ++)
        rates_out(o, classes[class], p, class);
    states_out(o, p);
    core_json_out_end(o);
}

/* --- The request ----------------------------------------------------------------------------- */

static void overview_run(struct gate_request *r, void *arg)
{
    struct overview *v = arg;
    const struct gate_services *s = gate_request_services(r);
    v->err = ai_report(s->ai, core_wall_ms(s->env), v->range->step_ms, v->range->buckets,
                       &v->report);
}

static void overview_done(struct gate_request *r, void *arg)
{
    struct overview *v = arg;
    struct core_json_out o;
    if (v->err) {
        gate_reply_error(r, v->err, NULL);
        return;
    }
    gate_trend_read(gate_request_services(r)->trend, v->range->step_ms * v->range->buckets,
                    on_sample, &v->points);
    thin(&v->points);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "range", v->range->name);
    answers_out(&o, &v->report);
    http_out(&o, &v->points);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

void handle_admin_overview(struct gate_request *r)
{
    struct core_str name = CORE_STR("24h");
    if (!query_str(r, "range", FIELD_OPTIONAL, 8, &name)) {
        return;
    }
    const struct range *range = NULL;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (core_str_eq_c(name, ranges[i].name))
            range = &ranges[i];
    if (!range) {
        field_problem(r, "range", "must be 1h, 24h, 7d or 30d");
        return;
    }
    struct overview *v = core_pool_alloc(gate_request_pool(r), sizeof *v);
    if (!v) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    v->range = range;
    v->points.count = 0;
    gate_work(r, overview_run, overview_done, v);
}
