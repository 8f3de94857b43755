/*
 * server.c: the gate itself: making, listening, sweeping, draining.
 */
#include "gate/inside.h"

#include "core/err.h"
#include "core/log.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Buffers that wait for the next turn, and how much memory one keeps. */
#define SPARE_BUFS (16 + GATE_LIMIT_TURNS)
#define SPARE_BUF_KEEP (128u << 10)
/* What one turn makes: the queue of a socket, frames around it, and a handler's largest piece. */
#define BUF_MAX (2 * GATE_LIMIT_SOCKET_QUEUE + (1u << 20))

static_assert(BUF_MAX < CORE_LIMIT_STREAM_QUEUE, "a turn must fit into a stream's queue");

/* --- Small things --------------------------------------------------------------------------- */

uint64_t gate__now_ms(const struct gate *gate)
{
    return core_loop_now(gate->loop).mono_ms;
}

struct gate_buf *gate__buf_take(struct gate *gate)
{
    struct gate_buf *buf = gate->spare_bufs;
    if (buf) {
        gate->spare_bufs = buf->next;
        gate->spare_buf_count--;
        return buf;
    }
    buf = core_alloc(sizeof *buf);
    core_buf_init(&buf->buf, BUF_MAX);
    return buf;
}

void gate__buf_give(struct gate *gate, struct gate_buf *buf)
{
    if (!buf)
        return;
    if (gate->spare_buf_count >= SPARE_BUFS || buf->buf.cap > SPARE_BUF_KEEP)
        core_buf_done(&buf->buf);
    if (gate->spare_buf_count >= SPARE_BUFS) {
        free(buf);
        return;
    }
    core_buf_clear(&buf->buf);
    buf->next = gate->spare_bufs;
    gate->spare_bufs = buf;
    gate->spare_buf_count++;
}

struct core_str gate__date(struct gate *gate)
{
    int64_t now_s = core_loop_now(gate->loop).wall_ms / 1000;
    if (now_s != gate->date_s || !gate->date[0]) {
        time_t t = (time_t)now_s;
        struct tm tm;
        gmtime_r(&t, &tm);
        static const char days[] = "SunMonTueWedThuFriSat";
        static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        /* strftime would follow the locale. */
        snprintf(gate->date, sizeof gate->date, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
                 days + 3 * tm.tm_wday, (unsigned)tm.tm_mday % 100, months + 3 * tm.tm_mon,
                 (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
                 (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
        gate->date_s = now_s;
    }
    return core_strn(gate->date, 29);
}

/* --- Sweeping and draining ------------------------------------------------------------------ */

static void drain_step(struct gate *gate, uint64_t now_ms)
{
    uint64_t waited = now_ms - gate->drain_ms;
    bool final = !gate->drain_final && waited >= GATE_LIMIT_DRAIN_NOTICE_MS;
    for (struct gate_conn *c = gate->conns, *next; c; c = next) {
        next = c->next;
        if (waited >= GATE_LIMIT_DRAIN_MS) {
            gate__conn_cut(c);
        } else if (final && c->ops && !c->closed) {
            gate__conn_enter(c);
            c->ops->drain(c, true);
            gate__conn_leave(c);
        }
    }
    gate->drain_final |= final;
    bool late = waited >= GATE_LIMIT_DRAIN_MS + CORE_LIMIT_CLOSE_MS;
    if (gate->conn_count > 0 || (gate->request_count > 0 && !late))
        return;
    if (gate->request_count > 0)
        core_log(CORE_LOG_WARN, "http.drain.requests_left",
                 {"count", CORE_LOG_I(gate->request_count)});
    core_timer_stop(gate->sweep);
    gate->drained(gate->drained_arg);
}

/* All were busy when the listeners were paused; whoever rests since then gives way to who waits. */
static void make_room(struct gate *gate)
{
    for (unsigned n = gate->conn_count; n > gate->conn_max && gate__conn_give_way(gate); n--)
        continue;
}

static void on_sweep(void *arg)
{
    struct gate *gate = arg;
    uint64_t now_ms = gate__now_ms(gate);
    for (struct gate_conn *c = gate->conns, *next; c; c = next) {
        next = c->next;
        gate__conn_sweep(c, now_ms);
    }
    if (gate->draining)
        drain_step(gate, now_ms);
    else if (gate->accepting_paused)
        make_room(gate);
    else if (gate->conn_count == 0)
        core_timer_stop(gate->sweep); /* an idle server sleeps */
}

void gate_drain(struct gate *gate, void (*done)(void *arg), void *arg)
{
    assert(!gate->draining);
    gate->draining = true;
    gate->drain_ms = gate__now_ms(gate);
    gate->drained = done;
    gate->drained_arg = arg;
    while (gate->listeners) {
        struct gate_listener *l = gate->listeners;
        gate->listeners = l->next;
        core_listener_free(l->listener);
        free(l);
    }
    for (struct gate_conn *c = gate->conns, *next; c; c = next) {
        next = c->next;
        if (c->closed)
            continue;
        gate__conn_enter(c);
        if (c->ops)
            c->ops->drain(c, false);
        else
            c->finish = true;
        gate__conn_leave(c);
    }
    core_timer_start(gate->sweep, GATE_LIMIT_DRAIN_SWEEP_MS, GATE_LIMIT_DRAIN_SWEEP_MS);
}

void gate_drain_now(struct gate *gate)
{
    uint64_t now_ms = gate__now_ms(gate);
    assert(gate->draining);
    if (now_ms - gate->drain_ms < GATE_LIMIT_DRAIN_MS)
        gate->drain_ms = now_ms - GATE_LIMIT_DRAIN_MS;
}

/* --- Listening ------------------------------------------------------------------------------ */

static int load_tls(struct gate *gate, char *why, size_t why_cap)
{
    const struct bus_identity *id = gate->services.identity;
    struct bus_tls_config *config;
    int err = bus_tls_config_new(gate->env, bus_identity_cert_file(id), bus_identity_key_file(id),
                                 &config, why, why_cap);
    if (err)
        return err;
    bus_tls_config_free(gate->tls); /* connections hold their own reference */
    gate->tls = config;
    return 0;
}

int gate_reload(struct gate *gate, char *why, size_t why_cap)
{
    if (!gate->tls)
        return 0;
    int err = bus_identity_renew(gate->services.identity, why, why_cap);
    return err ? err : load_tls(gate, why, why_cap);
}

static void on_renew(void *arg)
{
    struct gate *gate = arg;
    char why[512];
    if (gate_reload(gate, why, sizeof why))
        core_log(CORE_LOG_WARN, "http.certificate.renew", {"why", CORE_LOG_C(why)});
}

static void on_accept(void *arg, struct core_stream *stream)
{
    struct gate_listener *l = arg;
    if (l->gate->conn_count == 0)
        core_timer_start(l->gate->sweep, GATE_LIMIT_SWEEP_MS, GATE_LIMIT_SWEEP_MS);
    gate__conn_accept(l->gate, stream, l->tls);
}

int gate_listen(struct gate *gate, const char *address, unsigned port, bool tls, unsigned *ret_port)
{
    char why[512] = "";
    int err = 0;
    assert(!gate->draining);
    if (tls && !gate->tls) {
        assert(gate->services.identity);
        err = load_tls(gate, why, sizeof why);
        if (err) {
            core_log(CORE_LOG_ERROR, "http.certificate", {"why", CORE_LOG_C(why)});
            return err;
        }
        core_timer_start(gate->renew, GATE_LIMIT_RENEW_MS, GATE_LIMIT_RENEW_MS);
    }
    struct gate_listener *l = core_alloc(sizeof *l);
    l->gate = gate;
    l->tls = tls;
    err = gate->net->listen(gate->loop, address, port, on_accept, l, &l->listener);
    if (err) {
        free(l);
        return err;
    }
    l->next = gate->listeners;
    gate->listeners = l;
    l->info = (struct gate_listener_info){.port = core_listener_port(l->listener), .tls = tls};
    snprintf(l->info.address, sizeof l->info.address, "%s", address);
    *ret_port = l->info.port;
    return 0;
}

/* --- Life ----------------------------------------------------------------------------------- */

static bool on_rest(struct core_rest *rest)
{
    return gate__conn_leave_all((struct gate *)((char *)rest - offsetof(struct gate, rest)));
}

struct gate *gate_new(const struct gate_options *options)
{
    struct gate *gate = core_alloc(sizeof *gate);
    gate->env = options->services.env;
    gate->loop = options->services.loop;
    gate->net = options->net;
    gate->services = options->services;
    gate->routes = options->routes;
    gate->route_count = options->route_count;
    gate->assets = options->assets;
    gate->asset_count = options->asset_count;
    gate->pack = options->pack;
    gate->conn_max = options->connections_max && options->connections_max < GATE_LIMIT_CONNECTIONS
                         ? options->connections_max
                         : GATE_LIMIT_CONNECTIONS;
    gate->cors = core_strdup(core_str(options->cors));
    gate->router = gate_router_new(options->routes, options->route_count);
    gate->peers = gate__peers_new();
    gate->clients = gate__peers_new();
    gate->metrics = gate__metrics_new(options->routes, options->route_count);
    gate->sweep = core_timer_new(gate->loop, on_sweep, gate);
    gate->renew = core_timer_new(gate->loop, on_renew, gate);
    gate->pool = core_work_pool_new(
        gate->loop, &(struct core_work_options){.name = "gate",
                                                .threads = GATE_LIMIT_WORK_THREADS,
                                                .queue_max = GATE_LIMIT_WORK_QUEUE});
    gate->services.trend = gate_trend_new(gate->loop, &gate->request_count);
    gate->env->random(gate->env->ctx, gate->id_seed, sizeof gate->id_seed);
    core_buf_init(&gate->openapi, GATE_LIMIT_OPENAPI);
    core_buf_init(&gate->openapi_gzip, GATE_LIMIT_OPENAPI);
    gate->later_end = &gate->later;
    gate->rest.fn = on_rest;
    core_loop_rest(gate->loop, &gate->rest);
    return gate;
}

void gate_work_end(struct gate *gate)
{
    assert(gate->conn_count == 0);
    core_work_pool_free(gate->pool);
    gate->pool = NULL;
}

void gate_free(struct gate *gate)
{
    if (!gate)
        return;
    gate_work_end(gate);
    core_loop_rest_end(gate->loop, &gate->rest);
    gate_trend_free(gate->services.trend);
    gate__keyed_forget(gate);
    while (gate->listeners) {
        struct gate_listener *l = gate->listeners;
        gate->listeners = l->next;
        core_listener_free(l->listener);
        free(l);
    }
    core_timer_free(gate->sweep);
    core_timer_free(gate->renew);
    gate__request_free_spares(gate);
    while (gate->spare_bufs) {
        struct gate_buf *buf = gate->spare_bufs;
        gate->spare_bufs = buf->next;
        core_buf_done(&buf->buf);
        free(buf);
    }
    bus_tls_config_free(gate->tls);
    gate_router_free(gate->router);
    free(gate->cors);
    gate__peers_free(gate->peers);
    gate__peers_free(gate->clients);
    gate__metrics_free(gate->metrics);
    core_buf_done(&gate->openapi);
    core_buf_done(&gate->openapi_gzip);
    free(gate);
}
