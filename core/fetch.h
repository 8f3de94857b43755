/*
 * fetch.h: outbound HTTP (libcurl behind a face), blocking, for the shell and pool threads.
 *
 * One core_fetch is one connection-reusing client; one thread at a time. Redirects are not
 * followed. Certificates are verified against the system's roots, or a pinned certificate file.
 */
#ifndef CORE_FETCH_H
#define CORE_FETCH_H

#include "core/buf.h"

struct core_fetch;
struct core_fetch *core_fetch_new(void);
void core_fetch_free(struct core_fetch *fetch);

struct core_fetch_request {
    const char *method; /* "GET" … */
    const char *url;    /* http:// or https:// */
    const char *bearer; /* token or NULL */
    const char *content_type;
    const char *accept;
    struct core_str body;
    const char *ca_file; /* PEM to trust instead of the system's roots, or NULL */
    int64_t timeout_ms;  /* whole transfer; 0 = none (streams), stall limit applies */
    int64_t stall_ms;    /* no byte for so long → CORE_ETIMEOUT; 0 = CORE_LIMIT_FETCH_STALL_MS */
    size_t body_max; /* cap of the response body → CORE_ETOOBIG; 0 = CORE_LIMIT_FETCH_BODY, for
                      * streams none */
    /* Streaming: called for each piece instead of collecting; non-zero stops → CORE_ECANCELLED. */
    int (*on_data)(void *arg, struct core_str piece);
    /* Called at intervals ≤ 200 ms even without data; non-zero stops. May be NULL. */
    int (*on_tick)(void *arg);
    void *arg;
};
struct core_fetch_response {
    int status;
    char content_type[128];
    int64_t retry_after_s; /* 0: it does not say */
    bool sent;             /* the request, or a part of it, went out */
    struct core_buf body;  /* when on_data is NULL, or when status ≥ 400 (then cut at 64 KiB) */
};
/* 0 when any HTTP answer arrived whole, whatever its status; then ret needs
 * core_fetch_response_done. CORE_EINVAL (URL, method, header values), CORE_ENET (no connection, cut
 * short), CORE_ETRUST (of the certificate; nothing was sent), CORE_ETIMEOUT, CORE_ETOOBIG,
 * CORE_ECANCELLED; `why` gets one line. Proxies of the environment are used except for this
 * machine's own addresses. */
int core_fetch_run(struct core_fetch *fetch, const struct core_fetch_request *request,
                   struct core_fetch_response *ret, char *why, size_t why_cap);
void core_fetch_response_done(struct core_fetch_response *response);

#endif
