/*
 * gauges.c: what a monitor wants to know of the server and asking costs a look at the disk: looked
 * at in the background, so that GET /metrics never waits for a disk that does not answer.
 */
#include "bus/identity.h"
#include "core/mem.h"
#include "core/metrics.h"
#include "core/store/store.h"
#include "core/version.h"
#include "core/work.h"
#include "main/main.h"

#include <stdlib.h>

struct main_gauges {
    struct store *store;
    const struct bus_identity *identity;
    struct core_timer *timer;
    struct core_work_pool *pool;
    struct core_work look;
    bool looking;
    struct store_space space;
    struct core_metric *writable, *bytes, *disk_free, *certificate;
};

static struct main_gauges *of_work(struct core_work *work)
{
    return (struct main_gauges *)((char *)work - offsetof(struct main_gauges, look));
}

static void look_run(struct core_work *work, unsigned worker)
{
    struct main_gauges *m = of_work(work);
    (void)worker;
    store_space(m->store, &m->space);
}

static void look_done(struct core_work *work, int status)
{
    struct main_gauges *m = of_work(work);
    m->looking = false;
    if (!status) {
        core_metric_set(m->bytes, (double)m->space.bytes);
        core_metric_set(m->disk_free, (double)m->space.disk_free);
    }
}

static void on_tick(void *arg)
{
    struct main_gauges *m = arg;
    core_metric_set(m->writable, store_health(m->store) == 0);
    core_metric_set(m->certificate, (double)bus_identity_days(m->identity) * 86400);
    if (!m->looking) {
        m->look = (struct core_work){.run = look_run, .done = look_done};
        m->looking = core_work_submit(m->pool, &m->look) == 0;
    }
}

struct main_gauges *main_gauges_open(struct core_loop *loop, struct store *store,
                                     const struct bus_identity *identity)
{
    static const struct core_work_options options = {
        .name = "gauges", .threads = 1, .queue_max = 1, .background = true};
    struct main_gauges *m = core_alloc(sizeof *m);
    *m = (struct main_gauges){.store = store, .identity = identity};
    core_metric_set(
        core_gauge("sky_build_info", "version=\"" CORE_VERSION "\"", "Which sky it is."), 1);
    m->writable = core_gauge("sky_store_writable", NULL, "1 while the store takes durable writes.");
    m->bytes = core_gauge("sky_store_bytes", NULL, "Size of the store.");
    m->disk_free = core_gauge("sky_store_disk_free_bytes", NULL,
                              "What is left on the store's disk; -1: its engine cannot tell.");
    m->certificate = core_gauge("sky_certificate_left_seconds", NULL,
                                "Until the TLS certificate expires, in whole days.");
    m->pool = core_work_pool_new(loop, &options);
    m->timer = core_timer_new(loop, on_tick, m);
    on_tick(m);
    core_timer_start(m->timer, MAIN_GAUGES_TICK_MS, MAIN_GAUGES_TICK_MS);
    return m;
}

void main_gauges_close(struct main_gauges *m)
{
    if (!m) {
        return;
    }
    core_timer_free(m->timer);
    core_work_pool_free(m->pool);
    free(m);
}
