/*
 * gate.h: the face of SkyGate: listeners, routes, the server.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "account/account.h"
#include "ai/ai.h"
#include "bus/identity.h"
#include "core/config.h"
#include "core/net.h"
#include "gate/trend.h"
#include "node/node.h"

#include <stdatomic.h>

/* What handlers may call. Not owned. */
struct backup_habit;
struct gate_services {
    const struct core_env *env;
    struct core_loop *loop;
    struct store *store;
    struct accounts *accounts;
    struct ai *ai;
    struct node *node;
    struct bus_identity *identity;    /* NULL: no TLS listener */
    struct genom_dict *genom;         /* NULL: there is no dictionary */
    const atomic_bool *genom_damaged; /* NULL: it never is */
    const atomic_bool *genom_intact;  /* read as a whole, and found so; NULL: not known */
    struct bus_sessions *sessions;
    bool registration_open; /* anybody may make an account */
    struct backup_habit *backups;
    struct gate_trend *trend; /* the gate's own, which it sets */
    const struct core_config_live *config;
};

/* What `sky doctor` looks at: the certificate, the store, the dictionary, the models, the
 * providers' keys, the search index. Uses env, store, ai and genom. certificate_days:
 * bus_identity_days(), which is the loop's. Any thread that may block, for seconds; report is
 * called once a check, with what is well or what to do. */
void gate_examine(const struct gate_services *services, int certificate_days,
                  void (*report)(void *arg, const char *check, bool ok, const char *detail),
                  void *arg);

struct gate_route;
struct web_asset;

struct gate_options {
    const struct core_net *net;
    struct gate_services services;
    /* The program's are gate_routes of route.h. Must live as long as the gate. */
    const struct gate_route *routes;
    size_t route_count;
    /* Pages; the program's are web_assets. */
    const struct web_asset *assets;
    size_t asset_count;
    /* One more that is not compiled in, or NULL: the packed dictionary of the page /genom. */
    const struct web_asset *pack;
    /* Open connections, at most GATE_LIMIT_CONNECTIONS; 0: that. What descriptors there are for. */
    unsigned connections_max;
    /* Origins whose pages may call with bearer tokens, separated by spaces; NULL: none. Copied. */
    const char *cors;
};
/* Is it such a list? Says why not. */
int gate_cors_check(const char *list, char *why, size_t why_cap);
struct gate;
/* Asserts on a table that contradicts itself (two routes for one request, unknown method). */
struct gate *gate_new(const struct gate_options *options);
/* Adds a listener; tls: with the identity's certificate. ret_port is the real one. */
int gate_listen(struct gate *gate, const char *address, unsigned port, bool tls,
                unsigned *ret_port);
/* Stops accepting, lets answers finish (GATE_LIMIT_DRAIN_MS), then cuts; done(arg) on the loop. */
void gate_drain(struct gate *gate, void (*done)(void *arg), void *arg);
/* While draining: waits no longer, cuts at the next sweep; done still comes. Any number of
 * times. */
void gate_drain_now(struct gate *gate);
/* When no connection is left, before the rooms end that handlers ask: what waits for a thread of
 * the gate ends here, and nothing new is taken. */
void gate_work_end(struct gate *gate);
/* Accepts NULL. */
void gate_free(struct gate *gate);
/* Other origins from now on. CORE_EINVAL: as gate_cors_check(), and nothing changes. */
int gate_cors_set(struct gate *gate, const char *list, char *why, size_t why_cap);
/* SIGHUP: reads the certificate again. 0 or why not (the old one stays). */
int gate_reload(struct gate *gate, char *why, size_t why_cap);

#endif
