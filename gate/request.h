/*
 * request.h: what a handler sees of HTTP, the same over HTTP/1.1 and HTTP/2.
 *
 * A handler is a function of one request: it parses, calls one service function, and answers with
 * exactly one of gate_reply…() or gate_stream_begin() … gate_stream_end(). It may answer later,
 * from any callback on the loop. The request lives until it is answered in full. When the client
 * leaves before that, the request stays until the handler answers (which then does nothing) or
 * releases it: a handler that waits for something always gets to its end. Loop thread.
 */
#ifndef GATE_REQUEST_H
#define GATE_REQUEST_H

#include "account/account.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/work.h"

struct gate;
struct gate_route;
struct gate_services;
struct gate_request;

/* --- Input; all strings live as long as the request ------------------------------------------ */

const char *gate_request_id(const struct gate_request *r); /* also sent as X-Request-Id */
const struct gate_route *gate_request_route(const struct gate_request *r);
struct core_str gate_request_method(const struct gate_request *r);
struct core_str gate_request_path(const struct gate_request *r); /* decoded */
/* Value of {name} of the route pattern. */
struct core_str gate_request_param(const struct gate_request *r, const char *name);
/* Decoded query value; false when absent. */
bool gate_request_query(const struct gate_request *r, const char *name, struct core_str *ret);
/* First header of that lower-case name; empty when absent. */
struct core_str gate_request_header(const struct gate_request *r, const char *name);
/* Value of a cookie; false when absent. */
bool gate_request_cookie(const struct gate_request *r, const char *name, struct core_str *ret);
/* What stands behind "Bearer " in Authorization; false: no such field, or of another kind. */
bool gate_request_bearer(const struct gate_request *r, struct core_str *ret);
/* Whole body, at most the route's cap. */
struct core_str gate_request_body(const struct gate_request *r);
const struct account *gate_request_account(const struct gate_request *r); /* NULL on open routes */
/* Came over TLS, here or to a proxy in front that says so (X-Forwarded-Proto). */
bool gate_request_secure(const struct gate_request *r);
/* A browser says that a page of another site makes the request. */
bool gate_request_foreign(const struct gate_request *r);
const char *gate_request_peer(const struct gate_request *r);
/* Has whoever asks proved to be themselves lately, as a route with step_up wants it? Else answers
 * 403: for what is dangerous only with some bodies. */
bool gate_request_proved(struct gate_request *r);
/* What was proved was right, so it was no guess: of the logins that its address may try it counts
 * 1/GATE_LIMIT_LOGIN_RIGHT. Once a request. */
void gate_request_right(struct gate_request *r);
/* Who asks, for the audit log; its strings live as long as the request. */
struct account_actor gate_request_actor(const struct gate_request *r);
/* Memory that lives until the handler is done: has answered and returned. So do body and JSON. */
struct core_pool *gate_request_pool(struct gate_request *r);
/* The services (struct of pointers, filled by main). */
const struct gate_services *gate_request_services(const struct gate_request *r);
uint64_t gate_request_begun_ns(const struct gate_request *r);

/* Where the gate listens, the last one added first; at most cap of them. */
struct gate_listener_info {
    char address[64];
    unsigned port;
    bool tls;
};
size_t gate_request_listeners(const struct gate_request *r, struct gate_listener_info *ret,
                              size_t cap);
/* Pieces of gate_work() that wait for a thread, of how many threads. */
size_t gate_request_waiting(const struct gate_request *r, unsigned *ret_threads);

/* Is the body of this media type, in whatever case and with whatever parameters? */
bool gate_request_is(const struct gate_request *r, const char *type);
/* Parses the body as JSON object; on failure answers 400/415 itself and returns NULL. */
core_json gate_request_json(struct gate_request *r);

/* --- Whole answers -------------------------------------------------------------------------- */

/* Before the answer; at most GATE_LIMIT_ANSWER_HEADERS. */
void gate_reply_header(struct gate_request *r, const char *name, struct core_str value);
/* content_type is a static string. The body is copied, unless it lies in gate_reply_buf(). */
void gate_reply(struct gate_request *r, int status, const char *content_type, struct core_str body);
/* A buffer that belongs to the request, for building a body; then gate_reply_json(). */
struct core_buf *gate_reply_buf(struct gate_request *r);
void gate_reply_json(struct gate_request *r, int status); /* sends gate_reply_buf() */
void gate_reply_empty(struct gate_request *r, int status);
/* application/problem+json (or the OpenAI error shape on /v1 routes marked so). slug: "not-found";
 * title and detail are for people; detail may be NULL. */
void gate_reply_problem(struct gate_request *r, int status, const char *slug, const char *title,
                        const char *detail);
/* 402 `budget-exceeded` with the budget, what it grants and when again; in OpenAI's shape the type
 * insufficient_quota and the code budget_exceeded. */
void gate_reply_budget(struct gate_request *r, const struct account_broke *broke);
/* The same from a core_err code. */
void gate_reply_error(struct gate_request *r, int code, const char *detail);

/* --- Streams -------------------------------------------------------------------------------- */

/* Sends the head. content_type e.g. "text/event-stream": then the gate itself keeps a quiet stream
 * alive by a comment every GATE_LIMIT_PING_MS. */
void gate_stream_begin(struct gate_request *r, int status, const char *content_type);
/* The same, but the head leaves with the first event, or the first such comment: for those whose
 * first event may be what they are asked for. */
void gate_stream_begin_held(struct gate_request *r, int status, const char *content_type);
/* false: the client is more than GATE_LIMIT_STREAM_BEHIND bytes behind; the bytes were still taken,
 * but past twice that the stream is cut. */
bool gate_stream_write(struct gate_request *r, struct core_str bytes);
/* "event: NAME\ndata: JSON\n\n"; NULL name = data only. */
bool gate_stream_event(struct gate_request *r, const char *name, struct core_str json);
void gate_stream_end(struct gate_request *r);

/* on_gone is called when the client leaves (or the server drains hard) before the
 * answer is complete: the place to cancel what is being waited for. The request itself
 * lives on until the answer ends (gate_reply…, gate_stream_end) or
 * gate_request_release(), which only one that is gone may have. */
void gate_request_on_gone(struct gate_request *r,
                          void (*on_gone)(struct gate_request *r, void *arg), void *arg);
void gate_request_release(struct gate_request *r);
bool gate_request_gone(const struct gate_request *r);
/* Streams without an end of their own ask before each event: the server is stopping, or whoever
 * began it may not any more: the login has ended, the token has expired, the role is another. */
bool gate_stream_over(const struct gate_request *r);

/* Runs `run` on the gate's pool, then `done` on the loop; both may use the request's memory. When
 * the client left meanwhile, done is still called and answering does nothing. When too much is
 * waiting, or the server stops before run began, this answers 503 and done is not called: arg is
 * best the request's own memory. */
void gate_work(struct gate_request *r, void (*run)(struct gate_request *r, void *arg),
               void (*done)(struct gate_request *r, void *arg), void *arg);
/* The same where done must see the end of it, and for a stream that
 * has begun: done is always called, also when the server stops before
 * run began. false: too much is waiting, try again later. */
bool gate_stream_work(struct gate_request *r, void (*run)(struct gate_request *r, void *arg),
                      void (*done)(struct gate_request *r, void *arg), void *arg);

/* Any thread. Adds to a batch: what is kept of an
 * account's requests with an Idempotency-Key is forgotten. */
void gate_keyed_erase(struct store_batch *batch, struct core_str account);

#endif
