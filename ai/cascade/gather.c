/* gather.c: see gather.h. */
#include "ai/cascade/gather.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/log.h"

#include <assert.h>
#include <stdlib.h>

enum { ID_RANDOM = 10 }; /* bytes of an id */

struct ai_gather {
    struct store *store;
    const struct core_env *env;
    struct core_env id_env;
    unsigned char random[AI_LIMIT_GATHER * ID_RANDOM]; /* for the ids, drawn at once */
    struct core_timer *timer;
    struct store_batch *batch; /* NULL: nothing is gathered */
    size_t rows, sum_count, day_count;
    struct ai_telemetry_sum sums[AI_LIMIT_GATHER];
    struct ai_telemetry_day days[AI_LIMIT_GATHER];
};

static int64_t wall_ms(void *ctx)
{
    return core_wall_ms(((struct ai_gather *)ctx)->env);
}

static void draw(void *ctx, void *out, size_t len)
{
    const struct ai_gather *g = ctx;
    assert(len == ID_RANDOM);
    memcpy(out, g->random + g->rows * ID_RANDOM, ID_RANDOM);
}

static void on_written(void *arg, int status)
{
    (void)arg;
    if (status < 0)
        core_log(CORE_LOG_ERROR, "telemetry.store", {"error", CORE_LOG_C(core_err_name(status))});
}

static void flush(struct ai_gather *g)
{
    for (size_t i = 0; i < g->sum_count; i++)
        ai_telemetry_put_sum(g->batch, &g->sums[i]);
    for (size_t i = 0; i < g->day_count; i++)
        ai_telemetry_put_day(g->batch, &g->days[i]);
    store_write(g->store, g->batch, on_written, NULL);
    g->batch = NULL;
    g->rows = g->sum_count = g->day_count = 0;
    core_timer_stop(g->timer);
}

static void on_timer(void *arg)
{
    flush(arg);
}

static void begin(struct ai_gather *g)
{
    g->env->random(g->env->ctx, g->random, sizeof g->random);
    g->batch = store_batch_new(STORE_LAZY);
    core_timer_start(g->timer, AI_GATHER_MS, 0);
}

static void add_sum(struct ai_gather *g, const struct ai_telemetry_sum *one)
{
    struct ai_telemetry_sum *s = g->sums, *end = s + g->sum_count;
    while (s < end && (s->class != one->class || s->level != one->level ||
                       s->minute_ms != one->minute_ms || strcmp(s->outcome, one->outcome) != 0))
        s++;
    if (s == end) {
        *s = *one;
        g->sum_count++;
        return;
    }
    ai_telemetry_total_add(&s->total, &one->total);
}

static void add_day(struct ai_gather *g, const struct ai_telemetry_day *one)
{
    struct ai_telemetry_day *d = g->days, *end = d + g->day_count;
    while (d < end &&
           (d->class != one->class || d->level != one->level || d->day != one->day ||
            strcmp(d->owner, one->owner) != 0 || strcmp(d->provider, one->provider) != 0))
        d++;
    if (d == end) {
        *d = *one;
        g->day_count++;
        return;
    }
    ai_telemetry_total_add(&d->total, &one->total);
}

void ai_gather_add(struct ai_gather *g, const struct ai_telemetry_row *row)
{
    int64_t now_ms = core_wall_ms(g->env);
    struct ai_telemetry_sum sum = ai_telemetry_sum_of(now_ms, row);
    struct ai_telemetry_day day = ai_telemetry_day_of(now_ms, row);
    if (!g->batch)
        begin(g);
    ai_telemetry_put_row(g->batch, &g->id_env, now_ms, row);
    add_sum(g, &sum);
    add_day(g, &day);
    if (++g->rows == AI_LIMIT_GATHER)
        flush(g);
}

struct ai_gather *ai_gather_new(const struct ai *ai)
{
    struct ai_gather *g = core_alloc(sizeof *g);
    g->store = ai->store;
    g->env = ai->env;
    g->id_env = (struct core_env){.ctx = g, .wall_ms = wall_ms, .random = draw};
    g->timer = core_timer_new(ai->loop, on_timer, g);
    return g;
}

void ai_gather_free(struct ai_gather *g)
{
    if (!g)
        return;
    if (g->batch)
        flush(g);
    core_timer_free(g->timer);
    free(g);
}
