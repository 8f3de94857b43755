/*
 * fetch.c: one transfer at a time on a libcurl multi handle: "multi" only because its wait can be
 * cut into short pieces, in which the caller may cancel and stalls are noticed.
 *
 * The handle keeps its connections from one call to the next. Not here: redirects, cookies,
 * anything that runs without being waited for.
 */
#include "core/fetch_curl.h"

#include "core/env.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/version.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct core_fetch {
    CURLM *multi;
    CURL *easy;
};

struct transfer {
    CURL *easy;
    const struct core_fetch_request *request;
    struct core__intake intake;
    int stopped; /* why we broke it off, or 0 */
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
};

/* --- Handles -------------------------------------------------------------------------------- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

    assert(code == CURLE_OK);
}

void core__curl_start(void)
{
    pthread_once(&curl_once, curl_start);
}

struct core_fetch *core_fetch_new(void)
{
    struct core_fetch *fetch = core_alloc(sizeof *fetch);

    core__curl_start();
    fetch->multi = curl_multi_init();
    fetch->easy = curl_easy_init();
    assert(fetch->multi && fetch->easy);
    return fetch;
}

void core_fetch_free(struct core_fetch *fetch)
{
    if (!fetch)
        return;
    curl_easy_cleanup(fetch->easy);
    curl_multi_cleanup(fetch->multi);
    free(fetch);
}

void core_fetch_response_done(struct core_fetch_response *response)
{
    core_buf_done(&response->body);
}

/* --- The answer's body ---------------------------------------------------------------------- */

void core__intake_init(struct core__intake *in, const struct core_fetch_request *request)
{
    *in = (struct core__intake){.request = request};
    core_buf_init(&in->body, request->body_max > CORE_LIMIT_FETCH_BODY ? request->body_max
                                                                       : CORE_LIMIT_FETCH_BODY);
}

static int take_error_body(struct core__intake *in, struct core_str piece)
{
    size_t room = CORE_LIMIT_FETCH_ERROR_BODY - in->body.len;

    /* An explanation that is too long is still one. */
    return core_buf_add(&in->body, piece.ptr, piece.len < room ? piece.len : room);
}

int core__intake_take(struct core__intake *in, int status, struct core_str piece)
{
    const struct core_fetch_request *r = in->request;
    size_t max = r->body_max;

    if (!max && !r->on_data)
        max = CORE_LIMIT_FETCH_BODY;
    in->received += piece.len;
    if (status >= 400)
        return in->received > CORE_LIMIT_FETCH_BODY ? CORE_ETOOBIG : take_error_body(in, piece);
    if (max && in->received > max)
        return CORE_ETOOBIG;
    if (!r->on_data)
        return core_buf_add_str(&in->body, piece);
    return r->on_data(r->arg, piece) ? CORE_ECANCELLED : 0;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    long status = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->stopped = core__intake_take(&t->intake, (int)status, core_strn(bytes, size * count));
    return t->stopped ? CURL_WRITEFUNC_ERROR : size * count;
}

/* --- The request ---------------------------------------------------------------------------- */

/* No control bytes: a line break in a token must not become a header of its own. */
static bool header_safe(const char *value)
{
    for (; value && *value; value++) {
        if ((unsigned char)*value < 0x20 || *value == 0x7f)
            return false;
    }
    return true;
}

static bool method_valid(const char *method)
{
    size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return len > 0 && len <= 16 && method[len] == '\0';
}

int core__request_check(const struct core_fetch_request *r)
{
    bool good = method_valid(r->method) && r->body.len <= INT64_MAX && header_safe(r->bearer) &&
                header_safe(r->content_type) && header_safe(r->accept);

    return good ? 0 : CORE_EINVAL;
}

bool core__request_carries(const struct core_fetch_request *r)
{
    return r->body.len > 0 || strcmp(r->method, "POST") == 0 || strcmp(r->method, "PUT") == 0 ||
           strcmp(r->method, "PATCH") == 0;
}

static int add_header(struct transfer *t, const char *name, const char *value)
{
    struct curl_slist *more;
    struct core_buf line;
    int err;

    if (!value)
        return 0;
    core_buf_init(&line, CORE_LIMIT_FETCH_ERROR_BODY);
    err = core_buf_addf(&line, "%s %s", name, value);
    if (err == 0) {
        more = curl_slist_append(t->headers, line.ptr);
        if (more)
            t->headers = more;
        else
            err = CORE_ENOMEM;
    }
    core_buf_wipe(&line);
    return err;
}

static int add_headers(struct transfer *t)
{
    const struct core_fetch_request *r = t->request;
    int err;

    err = add_header(t, "Authorization: Bearer", r->bearer);
    if (err == 0)
        err = add_header(t, "Content-Type:", r->content_type);
    if (err == 0)
        err = add_header(t, "Accept:", r->accept);
    /* Waiting for "100 Continue" costs a second where a server does not know it. */
    if (err == 0)
        err = add_header(t, "Expect:", "");
    return err;
}

/* Also after set_up() failed. */
static void transfer_done(struct transfer *t)
{
    for (struct curl_slist *h = t->headers; h; h = h->next)
        core_wipe(h->data, strlen(h->data));
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    /* Its options point into what is the caller's. */
    curl_easy_reset(t->easy);
}

/* Without one, libcurl need not look for those that serve this very host. */
static bool any_proxy(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]))
            return true;
    return false;
}

/* A proxy cannot reach this machine's own addresses. */
static bool host_is_local(const char *url)
{
    CURLU *u = curl_url();
    char *host = NULL;
    bool local = false;

    if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        local = strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
                strcmp(host, "[::1]") == 0;
    curl_free(host);
    curl_url_cleanup(u);
    return local;
}

static void set_method(struct transfer *t)
{
    const struct core_fetch_request *r = t->request;

    if (core__request_carries(r)) {
        curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, r->body.len ? r->body.ptr : "");
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
    } else if (strcmp(r->method, "HEAD") == 0) {
        curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, r->method);
}

bool core__curl_reach(CURL *easy, const struct core_fetch_request *r)
{
    bool direct = !any_proxy() || host_is_local(r->url);

    curl_easy_setopt(easy, CURLOPT_URL, r->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CORE_LIMIT_FETCH_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (r->ca_file) {
        /* Only this file: the system's folder of roots is a default of its own. */
        curl_easy_setopt(easy, CURLOPT_CAINFO, r->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        /* A node that renews its certificate writes the same file again. */
        curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    }
    if (direct)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    return direct;
}

static int set_up(struct transfer *t)
{
    const struct core_fetch_request *r = t->request;
    CURL *easy = t->easy;
    int err;

    err = core__request_check(r);
    if (err < 0)
        return err;
    curl_easy_reset(easy);
    err = add_headers(t);
    if (err < 0)
        return err;
    set_method(t);
    core__curl_reach(easy, r);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sky/" CORE_VERSION);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    return 0;
}

/* --- Running -------------------------------------------------------------------------------- */

/* All bytes so far, either way: what does not grow has stalled. */
static int64_t progress(CURL *easy)
{
    curl_off_t down = 0;
    curl_off_t up = 0;
    long head = 0;

    curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &up);
    curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &head);
    return (int64_t)down + (int64_t)up + head;
}

/* Until the transfer is over (0) or is to be broken off (a code). */
static int pump(struct core_fetch *fetch, struct transfer *t)
{
    const struct core_fetch_request *r = t->request;
    const struct core_env *env = core_env_real();
    uint64_t stall_ms = r->stall_ms > 0 ? (uint64_t)r->stall_ms : CORE_LIMIT_FETCH_STALL_MS;
    uint64_t moved_at = core_mono_ms(env);
    uint64_t ticked_at = moved_at;
    int64_t moved = -1;
    int running = 1;

    while (curl_multi_perform(fetch->multi, &running) == CURLM_OK && running) {
        uint64_t now = core_mono_ms(env);
        if (progress(t->easy) != moved) {
            moved = progress(t->easy);
            moved_at = now;
        }
        if (now - moved_at >= stall_ms)
            return CORE_ETIMEOUT;
        if (r->on_tick && now - ticked_at >= CORE_LIMIT_FETCH_TICK_MS) {
            ticked_at = now;
            if (r->on_tick(r->arg))
                return CORE_ECANCELLED;
        }
        if (curl_multi_poll(fetch->multi, NULL, 0, CORE_LIMIT_FETCH_TICK_MS, NULL) != CURLM_OK)
            return CORE_ENET;
    }
    return running ? CORE_ENET : 0;
}

int core__curl_err(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return 0;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
        return CORE_EINVAL;
    case CURLE_OPERATION_TIMEDOUT:
        return CORE_ETIMEOUT;
    case CURLE_OUT_OF_MEMORY:
        return CORE_ENOMEM;
    case CURLE_PEER_FAILED_VERIFICATION:
        return CORE_ETRUST;
    default:
        return CORE_ENET;
    }
}

static CURLcode result_of(CURLM *multi)
{
    CURLcode code = CURLE_RECV_ERROR;
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg == CURLMSG_DONE)
            code = message->data.result;
    }
    return code;
}

static int run(struct core_fetch *fetch, struct transfer *t)
{
    CURLcode code;
    int err;

    if (curl_multi_add_handle(fetch->multi, t->easy) != CURLM_OK)
        return CORE_ENOMEM;
    err = pump(fetch, t);
    code = err == 0 ? result_of(fetch->multi) : CURLE_OK;
    /* Also closes the connection of a transfer that is not over. */
    curl_multi_remove_handle(fetch->multi, t->easy);
    if (err < 0)
        return err;
    if (t->stopped < 0)
        return t->stopped;
    if (code != CURLE_OK && !t->error[0])
        snprintf(t->error, sizeof t->error, "%s", curl_easy_strerror(code));
    return core__curl_err(code);
}

static void head_of(CURL *easy, struct core_fetch_response *ret)
{
    const char *type = NULL;
    curl_off_t retry_after = 0;
    long status = 0;
    long sent = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    ret->sent = sent > 0;
    ret->status = (int)status;
    ret->retry_after_s = (int64_t)retry_after;
    snprintf(ret->content_type, sizeof ret->content_type, "%s", type ? type : "");
}

int core_fetch_run(struct core_fetch *fetch, const struct core_fetch_request *request,
                   struct core_fetch_response *ret, char *why, size_t why_cap)
{
    struct transfer t = {.easy = fetch->easy, .request = request};
    int err;

    core__intake_init(&t.intake, request);
    err = set_up(&t);
    if (err == 0)
        err = run(fetch, &t);
    if (err == 0) {
        head_of(t.easy, ret);
        ret->body = t.intake.body;
    } else {
        core_buf_done(&t.intake.body);
        if (why_cap)
            snprintf(why, why_cap, "%s", t.error[0] ? t.error : core_err_text(err));
    }
    transfer_done(&t);
    return err;
}
