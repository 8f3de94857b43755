/*
 * metrics.c: the registry of metrics and their text form.
 *
 *     families ─► "http_requests_total" ─► "sky_tokens_total" ─► …      in order of registration
 *                        │
 *                        └► {route="/health"} ─► {route="/api/status"}  the series of a name
 *
 * A hash table over name and labels finds a series again. Registration and rendering take a lock;
 * updates touch only the atomics of their series. A value is a double kept as its bits, since C
 * has no atomic addition of doubles. Not here: push, exemplars, summaries.
 */
#include "core/metrics.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/metrics_process.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

enum metric_type { COUNTER, GAUGE, HISTOGRAM };
static const char *const type_names[] = {"counter", "gauge", "histogram"};

static const double bucket_bounds[] = {.0005, .001, .0025, .005, .01, .025, .05, .1,
                                       .25,   .5,   1,     2.5,  5,   10,   30};
#define BOUNDS (sizeof bucket_bounds / sizeof *bucket_bounds)

struct core_metric {
    struct core_metric *next; /* in the family */
    struct family *family;
    char *labels;
    atomic_uint_least64_t bits; /* the value, or the sum of a histogram */
    /* Histograms only; the last one is +Inf. Not cumulative here, only in the text. */
    atomic_uint_least64_t buckets[];
};

struct family {
    struct family *next;
    struct core_metric *series;
    struct core_metric **series_end;
    char *name;
    char *help;
    enum metric_type type;
};

/* Twice the series (and the overflow series), so that a free slot always ends a search. */
#define SLOTS (2 * (CORE_LIMIT_METRICS + 4))

static struct {
    pthread_mutex_t lock;
    struct family *families;
    struct family **families_end;
    size_t count;
    struct core_metric *slots[SLOTS];
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER, .families_end = &registry.families};

/* --- Registration --------------------------------------------------------------------------- */

static struct core_metric **slot_of(struct core_str name, struct core_str labels)
{
    size_t at = (core_str_hash(name) * 31 + core_str_hash(labels)) % SLOTS;
    while (registry.slots[at] && !(core_str_eq_c(name, registry.slots[at]->family->name) &&
                                   core_str_eq_c(labels, registry.slots[at]->labels)))
        at = (at + 1) % SLOTS;
    return &registry.slots[at];
}

static struct family *family_of(struct core_str name, const char *help, enum metric_type type)
{
    struct family *f = registry.families;
    while (f && !core_str_eq_c(name, f->name))
        f = f->next;
    if (!f) {
        f = core_alloc(sizeof *f);
        f->series_end = &f->series;
        f->name = core_strdup(name);
        f->help = core_strdup(core_str(help));
        f->type = type;
        *registry.families_end = f;
        registry.families_end = &f->next;
    }
    return f;
}

static struct core_metric *find_or_add(struct core_str name, struct core_str labels,
                                       const char *help, enum metric_type type, size_t max)
{
    struct core_metric **slot = slot_of(name, labels);
    if (!*slot && registry.count < max) {
        size_t buckets = type == HISTOGRAM ? BOUNDS + 1 : 0;
        struct core_metric *m = core_alloc(sizeof *m + buckets * sizeof *m->buckets);
        m->family = family_of(name, help, type);
        m->labels = core_strdup(labels);
        *m->family->series_end = m;
        m->family->series_end = &m->next;
        registry.count++;
        *slot = m;
    }
    return *slot;
}

static struct core_metric *add_series(const char *name, const char *labels, const char *help,
                                      enum metric_type type)
{
    static const char *const overflow_names[] = {
        "sky_metrics_overflow_total", "sky_metrics_overflow", "sky_metrics_overflow_seconds"};
    pthread_mutex_lock(&registry.lock);
    struct core_metric *m = find_or_add(core_str(name), core_str(labels), help, type,
                                        CORE_LIMIT_METRICS);
    if (!m)
        m = find_or_add(core_str(overflow_names[type]), CORE_STR(""),
                        "What did not fit into the registry.", type, SIZE_MAX);
    pthread_mutex_unlock(&registry.lock);
    assert(m->family->type == type); /* one name, one type */
    return m;
}

struct core_metric *core_counter(const char *name, const char *labels, const char *help)
{
    return add_series(name, labels, help, COUNTER);
}

struct core_metric *core_gauge(const char *name, const char *labels, const char *help)
{
    return add_series(name, labels, help, GAUGE);
}

struct core_metric *core_histogram(const char *name, const char *labels, const char *help)
{
    return add_series(name, labels, help, HISTOGRAM);
}

/* --- Updates -------------------------------------------------------------------------------- */

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void add_value(struct core_metric *m, double value)
{
    uint64_t old = atomic_load_explicit(&m->bits, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&m->bits, &old, to_bits(from_bits(old) + value),
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

void core_metric_add(struct core_metric *metric, double value)
{
    assert(metric->family->type == GAUGE || (metric->family->type == COUNTER && value >= 0));
    add_value(metric, value);
}

void core_metric_set(struct core_metric *gauge, double value)
{
    assert(gauge->family->type == GAUGE);
    atomic_store_explicit(&gauge->bits, to_bits(value), memory_order_relaxed);
}

void core_metric_observe(struct core_metric *histogram, double seconds)
{
    assert(histogram->family->type == HISTOGRAM);
    size_t i = 0;
    while (i < BOUNDS && !(seconds <= bucket_bounds[i]))
        i++;
    atomic_fetch_add_explicit(&histogram->buckets[i], 1, memory_order_relaxed);
    add_value(histogram, seconds);
}

double core_metric_value(const struct core_metric *metric)
{
    if (metric->family->type != HISTOGRAM)
        return from_bits(atomic_load_explicit(&metric->bits, memory_order_relaxed));
    uint64_t count = 0;
    for (size_t i = 0; i <= BOUNDS; i++)
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
    return (double)count;
}

double core_metrics_sum(const char *name, const char *part)
{
    double sum = 0;
    pthread_mutex_lock(&registry.lock);
    for (const struct family *f = registry.families; f; f = f->next) {
        if (f->type == HISTOGRAM || strcmp(f->name, name) != 0)
            continue;
        for (const struct core_metric *m = f->series; m; m = m->next)
            if (!part || strstr(m->labels, part))
                sum += core_metric_value(m);
    }
    pthread_mutex_unlock(&registry.lock);
    return sum;
}

/* --- Text ----------------------------------------------------------------------------------- */

static void add_number(struct core_buf *out, double value)
{
    if (isnan(value)) {
        core_buf_add_c(out, "NaN");
    } else if (isinf(value)) {
        core_buf_add_c(out, value < 0 ? "-Inf" : "+Inf");
    } else if (value == trunc(value) && fabs(value) < 0x1p53) {
        core_buf_addf(out, "%lld", (long long)value);
    } else {
        char text[CORE_DOUBLE_SIZE];
        double back;
        size_t len = core_str_from_double(value, 15, text);
        if (core_str_to_double(core_strn(text, len), &back) != 0 || back != value)
            len = core_str_from_double(value, 17, text);
        core_buf_add(out, text, len);
    }
}

/* name_suffix{labels,le="…"} value */
static void add_sample(struct core_buf *out, const struct core_metric *m, const char *suffix,
                       const double *le, double value)
{
    core_buf_add_c(out, m->family->name);
    core_buf_add_c(out, suffix);
    bool labels = m->labels[0] != '\0';
    if (labels || le)
        core_buf_add_byte(out, '{');
    core_buf_add_c(out, m->labels);
    if (le) {
        core_buf_add_c(out, labels ? ",le=\"" : "le=\"");
        add_number(out, *le);
        core_buf_add_byte(out, '"');
    }
    if (labels || le)
        core_buf_add_byte(out, '}');
    core_buf_add_byte(out, ' ');
    add_number(out, value);
    core_buf_add_byte(out, '\n');
}

static void add_histogram(struct core_buf *out, const struct core_metric *m)
{
    /* The count is the last bucket by construction, whatever is observed meanwhile. */
    uint64_t count = 0;
    for (size_t i = 0; i <= BOUNDS; i++) {
        double le = i < BOUNDS ? bucket_bounds[i] : INFINITY;
        count += atomic_load_explicit(&m->buckets[i], memory_order_relaxed);
        add_sample(out, m, "_bucket", &le, (double)count);
    }
    add_sample(out, m, "_sum", NULL,
               from_bits(atomic_load_explicit(&m->bits, memory_order_relaxed)));
    add_sample(out, m, "_count", NULL, (double)count);
}

static void add_help(struct core_buf *out, const struct family *f)
{
    core_buf_addf(out, "# HELP %s ", f->name);
    for (const char *c = f->help; *c; c++) {
        if (*c == '\\' || *c == '\n')
            core_buf_add_c(out, *c == '\n' ? "\\n" : "\\\\");
        else
            core_buf_add_byte(out, *c);
    }
    core_buf_addf(out, "\n# TYPE %s %s\n", f->name, type_names[f->type]);
}

int core_metrics_render(struct core_buf *out)
{
    pthread_mutex_lock(&registry.lock);
    for (const struct family *f = registry.families; f; f = f->next) {
        add_help(out, f);
        for (const struct core_metric *m = f->series; m; m = m->next) {
            if (f->type == HISTOGRAM)
                add_histogram(out, m);
            else
                add_sample(out, m, "", NULL, core_metric_value(m));
        }
    }
    pthread_mutex_unlock(&registry.lock);
    core_metrics_process_render(out);
    return core_buf_error(out);
}
