/* fetch_curl.h: what the files of core that wrap libcurl share. Not for other rooms. */
#ifndef CORE_FETCH_CURL_H
#define CORE_FETCH_CURL_H

#include "core/fetch.h"

#include <curl/curl.h>

/* One request on an easy handle. */
struct core__transfer {
    CURL *easy;
    const struct core_fetch_request *request;
    struct core_buf body;
    size_t received;
    int stopped; /* why we broke it off, or 0 */
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
};

/* Once for the process; may be called again. */
void core__curl_start(void);
/* All options of the handle, from the request. The body's cap is the caller's to set. CORE_EINVAL. */
int core__transfer_set_up(struct core__transfer *transfer);
/* Wipes and frees the fields, resets the handle. Also after set_up() failed. */
void core__transfer_done(struct core__transfer *transfer);
/* Everything but the body. */
void core__transfer_head(CURL *easy, struct core_fetch_response *ret);
/* The nearest code of err.h. */
int core__curl_err(CURLcode code);

#endif
