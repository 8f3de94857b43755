/*
 * about.c: what this server says of itself: health, status, checks, nodes, metrics, OpenAPI, public
 * keys.
 */
#include "core/metrics.h"
#include "core/version.h"
#include "gate/handler/handlers.h"
#include "gate/openapi.h"

#include <stdio.h>

void handle_health(struct gate_request *r)
{
    const struct gate_services *s = gate_request_services(r);
    struct core_json_out o;
    int store = store_health(s->store);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "status", store ? "degraded" : "ok");
    if (store) {
        core_json_out_c(&o, "store", core_err_text(store));
    }
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

static void status_levels(struct core_json_out *o, unsigned levels)
{
    core_json_out_array(o, "levels");
    for (unsigned level = 0; level < 6; level++) {
        if (levels & 1u << level) {
            const char name[] = {'L', (char)('0' + level), '\0'};
            core_json_out_c(o, NULL, name);
        }
    }
    core_json_out_end(o);
}

void handle_status(struct gate_request *r)
{
    const struct gate_services *s = gate_request_services(r);
    struct node_info self;
    struct core_json_out o;
    node_list(s->node, &self, 1);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "version", CORE_VERSION);
    core_json_out_u64(&o, "nod", self.number);
    core_json_out_i64(&o, "uptime_s", self.uptime_s);
    core_json_out_bool(&o, "degraded", store_health(s->store) != 0);
    status_levels(&o, ai_levels(s->ai));
    core_json_out_c(&o, "store", store_engine(s->store));
    out_knowledge(&o, s->ai);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

/* --- Checks: what `sky doctor` asks a server that holds the data ------------------------------ */

struct checks {
    int certificate_days;
    struct core_json_out out;
};

static void on_check(void *arg, const char *check, bool ok, const char *detail)
{
    struct core_json_out *o = arg;
    core_json_out_object(o, NULL);
    core_json_out_c(o, "check", check);
    core_json_out_bool(o, "ok", ok);
    core_json_out_c(o, "detail", detail);
    core_json_out_end(o);
}

static void checks_run(struct gate_request *r, void *arg)
{
    struct checks *c = arg;
    core_json_out_init(&c->out, gate_reply_buf(r));
    core_json_out_object(&c->out, NULL);
    core_json_out_array(&c->out, "checks");
    gate_examine(gate_request_services(r), c->certificate_days, on_check, &c->out);
    core_json_out_end(&c->out);
    core_json_out_end(&c->out);
}

static void checks_done(struct gate_request *r, void *arg)
{
    (void)arg;
    gate_reply_json(r, 200);
}

void handle_checks(struct gate_request *r)
{
    struct checks *c = core_pool_alloc(gate_request_pool(r), sizeof *c);
    if (c) {
        c->certificate_days = bus_identity_days(gate_request_services(r)->identity);
        gate_work(r, checks_run, checks_done, c);
    } else {
        gate_reply_error(r, CORE_ENOMEM, NULL);
    }
}

void handle_nodes(struct gate_request *r)
{
    struct node_info nodes[1];
    struct core_json_out o;
    struct core_str after = CORE_STR("");
    char name[16];
    int64_t limit = 100, behind = 0;
    size_t count = node_list(gate_request_services(r)->node, nodes, 1);
    if (!query_int(r, "limit", 1, GATE_LIMIT_PAGE, &limit) ||
        !query_str(r, "after", FIELD_OPTIONAL, 16, &after)) {
        return;
    }
    if (after.len > 0 &&
        (!core_str_starts(after, CORE_STR("NOD")) ||
         core_str_to_i64(core_strn(after.ptr + 3, after.len - 3), 1, NODE_NUMBER_MAX, &behind))) {
        field_problem(r, "after", "must be the `next` of a page");
        return;
    }
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_array(&o, "nodes");
    for (size_t i = 0; i < count; i++) {
        if (nodes[i].number <= behind) {
            continue;
        }
        snprintf(name, sizeof name, "NOD%u", nodes[i].number);
        core_json_out_object(&o, NULL);
        core_json_out_c(&o, "id", name);
        core_json_out_u64(&o, "nod", nodes[i].number);
        core_json_out_c(&o, "class", nodes[i].class_);
        core_json_out_c(&o, "role", nodes[i].role);
        core_json_out_double(&o, "multiplier", nodes[i].multiplier);
        core_json_out_c(&o, "state", nodes[i].state);
        out_time(&o, "started_at", nodes[i].started_ms);
        core_json_out_i64(&o, "uptime_s", nodes[i].uptime_s);
        core_json_out_c(&o, "host", nodes[i].host);
        core_json_out_u64(&o, "cores", nodes[i].cores);
        core_json_out_i64(&o, "memory_bytes", nodes[i].memory_bytes);
        core_json_out_c(&o, "version", CORE_VERSION);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    core_json_out_null(&o, "next"); /* there is one node, which is in the first page */
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

static void knowledge_gauges(const struct ai *ai)
{
    struct ai_knowledge k;
    ai_knowledge_now(ai, &k);
    core_metric_set(core_gauge("sky_documents", NULL, "Documents learned."), (double)k.documents);
    core_metric_set(core_gauge("sky_chunks", NULL, "Passages of all documents."), (double)k.chunks);
    core_metric_set(core_gauge("sky_chunks_embedded", NULL, "Passages that have a vector."),
                    (double)k.vectors);
}

void handle_metrics(struct gate_request *r)
{
    struct core_buf *body = gate_reply_buf(r);
    knowledge_gauges(gate_request_services(r)->ai);
    if (core_metrics_render(body)) {
        gate_reply_error(r, CORE_ETOOBIG, NULL);
        return;
    }
    gate_reply(r, 200, "text/plain; version=0.0.4; charset=utf-8", core_buf_str(body));
}

void handle_openapi(struct gate_request *r)
{
    gate_openapi_reply(r);
}

void handle_wellknown(struct gate_request *r)
{
    const struct gate_services *s = gate_request_services(r);
    struct core_str public_key = bus_identity_public(s->identity);
    unsigned char print[32];
    char text[2 * sizeof print + 1];
    struct node_info self;
    struct core_json_out o;
    node_list(s->node, &self, 1);
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "product", "skynet");
    core_json_out_c(&o, "version", CORE_VERSION);
    core_json_out_u64(&o, "nod", self.number);
    core_json_out_c(&o, "registration", s->registration_open ? "open" : "invite");
    core_json_out_object(&o, "keys");
    core_base64_encode(public_key.ptr, public_key.len, false, text);
    core_json_out_c(&o, "ed25519", text);
    bus_identity_fingerprint(s->identity, print);
    core_hex_encode(print, sizeof print, text);
    core_json_out_c(&o, "certificate_sha256", text);
    core_json_out_end(&o);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}
