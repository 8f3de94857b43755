/* fetch_curl.h: what the fetch files of core share. Not for other rooms. */
#ifndef CORE_FETCH_CURL_H
#define CORE_FETCH_CURL_H

#include "core/fetch.h"

#include <curl/curl.h>

/* The body of an answer on its way to who asked for it. */
struct core__intake {
    const struct core_fetch_request *request;
    struct core_buf body;
    size_t received;
};
void core__intake_init(struct core__intake *intake, const struct core_fetch_request *request);
/* Of an answer with this status. CORE_ETOOBIG; CORE_ECANCELLED when the reader had enough. */
int core__intake_take(struct core__intake *intake, int status, struct core_str piece);

/* CORE_EINVAL: a method or a value of a field that is none. */
int core__request_check(const struct core_fetch_request *request);
/* Of the methods that carry a body, also an empty one. */
bool core__request_carries(const struct core_fetch_request *request);

/* Once for the process; may be called again. */
void core__curl_start(void);
/* Sets how a server is reached and what is trusted. true: no proxy is between. */
bool core__curl_reach(CURL *easy, const struct core_fetch_request *request);
/* The nearest code of err.h. */
int core__curl_err(CURLcode code);

#endif
