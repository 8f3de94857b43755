/*
 * admin_system.c: what this node is made of, part by
 * part, as it is now: the drawing of the panel Nodes.
 *
 * A part has a state (good, warn: works, but somebody should know; bad: does not
 * work; off: is not there or rests), a line that says so, and facts. The sizes
 * on the disk are read on the pool, the rest on the loop.
 */
#include "core/metrics.h"
#include "core/version.h"
#include "gate/handler/handlers.h"
#include "genom/genom.h"

#include <stdio.h>

#define LISTENERS 8
/* A certificate that ends sooner should have been renewed by itself. */
#define CERTIFICATE_DAYS_LOW 7
/* Less than a twentieth of the disk is little. */
#define DISK_LOW 20

struct system {
    struct store_space space;
};

/* --- Parts ----------------------------------------------------------------------------------- */

static void part_begin(struct core_json_out *o, const char *id, const char *room, const char *name,
                       const char *state, const char *says)
{
    core_json_out_object(o, NULL);
    core_json_out_c(o, "id", id);
    core_json_out_c(o, "room", room);
    core_json_out_c(o, "name", name);
    core_json_out_c(o, "state", state);
    core_json_out_c(o, "says", says);
    core_json_out_object(o, "facts");
}

static void part_end(struct core_json_out *o)
{
    core_json_out_end(o);
    core_json_out_end(o);
}

static void listeners_out(struct core_json_out *o, const struct gate_request *r)
{
    struct gate_listener_info listeners[LISTENERS];
    size_t count = gate_request_listeners(r, listeners, LISTENERS);
    for (size_t i = count; i-- > 0;) {
        const struct gate_listener_info *l = &listeners[i];
        bool v6 = strchr(l->address, ':') != NULL;
        char id[32], url[96];
        snprintf(id, sizeof id, "%s-%u", l->tls ? "https" : "http", l->port);
        snprintf(url, sizeof url, "%s://%s%s%s:%u", l->tls ? "https" : "http", v6 ? "[" : "",
                 l->address, v6 ? "]" : "", l->port);
        part_begin(o, id, "gate", l->tls ? "HTTPS" : "HTTP", "good", url);
        core_json_out_c(o, "address", url);
        core_json_out_c(o, "protocols", "HTTP/1.1, HTTP/2");
        part_end(o);
    }
}

static void certificate_out(struct core_json_out *o, const struct bus_identity *identity)
{
    int days = bus_identity_days(identity);
    unsigned char print[32];
    char says[64], hex[2 * sizeof print + 1];
    snprintf(says, sizeof says, days > 0 ? "valid for %d days" : "expired %d days ago",
             days > 0 ? days : -days);
    bus_identity_fingerprint(identity, print);
    core_hex_encode(print, sizeof print, hex);
    part_begin(o, "identity", "bus", "Identity",
               days <= 0                     ? "bad"
               : days < CERTIFICATE_DAYS_LOW ? "warn"
                                             : "good",
               says);
    core_json_out_i64(o, "certificate_days", days);
    core_json_out_c(o, "certificate_sha256", hex);
    part_end(o);
}

static void store_out(struct core_json_out *o, struct store *store, const struct store_space *space)
{
    int err = store_health(store);
    bool low = space->disk_free >= 0 && space->disk_free < space->disk_total / DISK_LOW;
    part_begin(o, "store", "core", "Store",
               err   ? "bad"
               : low ? "warn"
                     : "good",
               err   ? core_err_text(err)
               : low ? "the disk is nearly full"
                     : "takes changes");
    core_json_out_c(o, "engine", store_engine(store));
    core_json_out_i64(o, "size_bytes", space->bytes);
    core_json_out_i64(o, "log_bytes", space->log_bytes);
    core_json_out_i64(o, "disk_free_bytes", space->disk_free);
    core_json_out_i64(o, "disk_total_bytes", space->disk_total);
    part_end(o);
}

static void model_out(struct core_json_out *o, const struct ai_parts *p)
{
    part_begin(o, "model", "ai", "Local model",
               !p->model         ? "off"
               : !p->model_there ? "bad"
               : p->model_loaded ? "good"
                                 : "off",
               !p->model         ? "there is none: no L2"
               : !p->model_there ? "its file is gone"
               : p->model_loaded ? "in memory"
                                 : "rests; loads with the next question");
    core_json_out_c(o, "provider", p->model);
    core_json_out_bool(o, "loaded", p->model && p->model_loaded);
    part_end(o);
}

static void embedders_out(struct core_json_out *o, const struct ai_parts *p, int64_t chunks)
{
    for (size_t i = 0; i < p->embedder_count; i++) {
        char id[32], says[64], name[48];
        int64_t behind = chunks - p->embedders[i].chunks;
        snprintf(id, sizeof id, "embedder-%s", p->embedders[i].name);
        snprintf(name, sizeof name, "Embedder %s", p->embedders[i].name);
        part_begin(o, id, "ai", name, p->embedders[i].loaded ? "good" : "off",
                   p->embedders[i].loaded ? "in memory" : "rests; loads when it is needed");
        core_json_out_i64(o, "dimensions", p->embedders[i].dimensions);
        core_json_out_bool(o, "loaded", p->embedders[i].loaded);
        part_end(o);
        snprintf(id, sizeof id, "index-%s", p->embedders[i].name);
        snprintf(name, sizeof name, "Vectors %s", p->embedders[i].name);
        snprintf(says, sizeof says, behind > 0 ? "%lld passages wait" : "complete",
                 (long long)behind);
        part_begin(o, id, "ai", name, behind > 0 ? "warn" : "good", says);
        core_json_out_i64(o, "passages", p->embedders[i].chunks);
        core_json_out_i64(o, "waiting", behind > 0 ? behind : 0);
        part_end(o);
    }
    if (p->embedder_count == 0) {
        part_begin(o, "embedder", "ai", "Embedder", "warn", "there is none: search by words only");
        part_end(o);
    }
}

static void keywords_out(struct core_json_out *o, const struct ai_knowledge *k)
{
    part_begin(o, "keywords", "ai", "Keywords", "good", "follows the store");
    core_json_out_i64(o, "documents", k->documents);
    core_json_out_i64(o, "passages", k->chunks);
    part_end(o);
}

static void learner_out(struct core_json_out *o, const struct ai_knowledge *k)
{
    part_begin(o, "learner", "ai", "Learning", k->learning ? "good" : "off",
               k->learning ? "reads documents" : "nothing to learn");
    core_json_out_double(o, "passages_s", k->rate_s);
    core_json_out_double(o, "eta_s", k->eta_s);
    part_end(o);
}

static void pool_out(struct core_json_out *o, const char *room, const char *name, unsigned threads,
                     size_t waiting)
{
    char id[32], title[32], says[64];
    snprintf(id, sizeof id, "pool-%s", name);
    snprintf(title, sizeof title, "Pool %s", name);
    snprintf(says, sizeof says, waiting ? "%zu wait" : "nothing waits", waiting);
    part_begin(o, id, room, title, "good", says);
    core_json_out_u64(o, "threads", threads);
    core_json_out_u64(o, "waiting", waiting);
    part_end(o);
}

static void dictionary_out(struct core_json_out *o, const struct gate_services *s)
{
    char name[GENOM_DICT_NAME];
    if (!s->genom) {
        part_begin(o, "dictionary", "genom", "Dictionary", "off", "there is none");
        part_end(o);
        return;
    }
    bool damaged = s->genom_damaged && atomic_load(s->genom_damaged);
    bool intact = s->genom_intact && atomic_load(s->genom_intact);
    genom_dict_name(s->genom, name);
    part_begin(o, "dictionary", "genom", "Dictionary", damaged ? "bad" : "good",
               damaged  ? "damaged: remove it, " CORE_SETUP("genom") " and start again"
               : intact ? "checked, intact"
                        : "not checked yet");
    core_json_out_c(o, "name", name);
    core_json_out_i64(o, "tokens", genom_dict_tokens(s->genom));
    core_json_out_i64(o, "size_bytes", (int64_t)genom_dict_size(s->genom));
    part_end(o);
}

/* --- The answer ------------------------------------------------------------------------------ */

static void node_out(struct core_json_out *o, const struct gate_services *s)
{
    struct node_info self;
    struct core_process process;
    char name[16];
    node_list(s->node, &self, 1);
    core_process_now(&process);
    snprintf(name, sizeof name, "NOD%u", self.number);
    core_json_out_object(o, "node");
    core_json_out_c(o, "id", name);
    core_json_out_c(o, "class", self.class_);
    core_json_out_c(o, "role", self.role);
    core_json_out_c(o, "state", self.state);
    core_json_out_c(o, "version", CORE_VERSION);
    core_json_out_c(o, "host", self.host);
    core_json_out_u64(o, "cores", self.cores);
    core_json_out_i64(o, "machine_memory_bytes", self.memory_bytes);
    out_time(o, "started_at", self.started_ms);
    core_json_out_i64(o, "uptime_s", self.uptime_s);
    core_json_out_double(o, "cpu_s", process.cpu_s);
    core_json_out_i64(o, "memory_bytes", process.memory_bytes);
    core_json_out_end(o);
}

static void parts_out(struct core_json_out *o, const struct gate_request *r,
                      const struct store_space *space)
{
    const struct gate_services *s = gate_request_services(r);
    struct ai_parts p;
    struct ai_knowledge k;
    unsigned threads;
    size_t waiting = gate_request_waiting(r, &threads);
    ai_parts(s->ai, &p);
    ai_knowledge_now(s->ai, &k);
    core_json_out_array(o, "parts");
    listeners_out(o, r);
    pool_out(o, "gate", "gate", threads, waiting);
    if (s->identity) {
        certificate_out(o, s->identity);
    }
    store_out(o, s->store, space);
    model_out(o, &p);
    embedders_out(o, &p, k.chunks);
    keywords_out(o, &k);
    learner_out(o, &k);
    for (size_t i = 0; i < sizeof p.pools / sizeof *p.pools; i++)
        pool_out(o, "ai", p.pools[i].name, p.pools[i].threads, p.pools[i].waiting);
    dictionary_out(o, s);
    core_json_out_end(o);
}

static void system_run(struct gate_request *r, void *arg)
{
    struct system *sys = arg;
    store_space(gate_request_services(r)->store, &sys->space);
}

static void system_done(struct gate_request *r, void *arg)
{
    struct system *sys = arg;
    struct core_json_out o;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    node_out(&o, gate_request_services(r));
    parts_out(&o, r, &sys->space);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

void handle_admin_system(struct gate_request *r)
{
    struct system *sys = core_pool_alloc(gate_request_pool(r), sizeof *sys);
    if (sys) {
        gate_work(r, system_run, system_done, sys);
    } else {
        gate_reply_error(r, CORE_ENOMEM, NULL);
    }
}
