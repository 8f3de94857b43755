/*
 * inside.h: the parts of the gate as its own files see each other. Not for handlers.
 *
 *     core_stream ─► conn.c ─► (tls) ─► conn_h1.c or conn_h2.c ─► request.c, dispatch.c ─► handler
 *                      ▲                        ▲                                            │
 *                      └──── c->out ◄───────────┴──── pulled from ◄─── answer.c ◄────────────┘
 *
 * A *turn* is the time in which one connection is worked on: what is to be sent gathers in c->out
 * and leaves in one write at the end of the outermost turn. Everything here is the loop's thread.
 */
#ifndef GATE_INSIDE_H
#define GATE_INSIDE_H

#include "bus/h1.h"
#include "bus/h2.h"
#include "bus/tls.h"
#include "core/limits.h"
#include "core/metrics.h"
#include "gate/gate.h"
#include "gate/route.h"
#include "web/assets.h"

#include <netinet/in.h>

struct gate_conn;

/* A buffer that goes round between connections. */
struct gate_buf {
    struct core_buf buf;
    struct gate_buf *next;
};

struct gate_listener {
    struct gate *gate;
    struct core_listener *listener;
    struct gate_listener *next;
    struct gate_listener_info info;
    bool tls;
};

struct gate {
    const struct core_env *env;
    struct core_loop *loop;
    const struct core_net *net;
    struct gate_services services;
    const struct gate_route *routes;
    size_t route_count;
    const struct web_asset *assets;
    size_t asset_count;
    const struct web_asset *pack;
    char *cors; /* origins, separated by spaces */
    struct gate_router *router;
    struct gate_peers *peers, *clients; /* addresses; accounts and keys */
    struct gate_metrics *metrics;
    struct bus_tls_config *tls;
    struct gate_listener *listeners;
    struct core_timer *sweep, *renew;
    struct core_work_pool *pool;
    struct gate_conn *conns;
    struct gate_keyed *keyed;                 /* requests with a key that are being answered */
    struct gate_conn *rest_first, *rest_last; /* connections without a request, longest first */
    struct gate_conn *later, **later_end;     /* connections with a turn before the loop waits */
    unsigned later_count;
    uint64_t later_ns;     /* since when the first of them waits */
    struct core_rest rest; /* that turn */
    unsigned conn_count, conn_max, request_count;
    bool accepting_paused;
    size_t bodies;  /* bytes that bodies hold */
    size_t answers; /* bytes that answers hold */
    struct gate_request *spare_requests;
    unsigned spare_request_count;
    struct gate_buf *spare_bufs;
    unsigned spare_buf_count;
    struct core_env id_env; /* draws request ids without asking the kernel each time */
    unsigned char id_seed[4];
    uint64_t id_count;
    int64_t date_s;
    char date[32];
    struct core_buf openapi, openapi_gzip;
    struct web_asset openapi_asset; /* of the two */
    char openapi_etag[24];
    bool draining, drain_final;
    uint64_t drain_ms;
    void (*drained)(void *arg);
    void *drained_arg;
};

uint64_t gate__now_ms(const struct gate *gate); /* in this turn of the loop */
struct gate_buf *gate__buf_take(struct gate *gate);
void gate__buf_give(struct gate *gate, struct gate_buf *buf); /* accepts NULL */
/* "Sun, 06 Nov 1994 08:49:37 GMT" */
struct core_str gate__date(struct gate *gate);

/* --- conn.c --------------------------------------------------------------------------------- */

/* What differs between the versions of HTTP. */
struct conn_ops {
    void (*read)(struct gate_conn *c, struct core_str bytes);
    /* Moves what may be sent into c->out, as far as there is room. */
    void (*pump)(struct gate_conn *c);
    /* The answer's head is decided; a body may be there. */
    void (*answer)(struct gate_request *r);
    /* More of the body is there, or its end. */
    void (*more)(struct gate_request *r);
    /* Cuts the answer; the request's gone comes later. */
    void (*cut)(struct gate_request *r);
    /* "100 Continue". */
    void (*go_on)(struct gate_request *r);
    /* Ends the connection when what is open is answered; final: takes nothing new any more. */
    void (*drain)(struct gate_conn *c, bool final);
    /* The client sends no more: is it still owed an answer that is made whether it listens or not?
     * Then a pump ends the connection. NULL: never. */
    bool (*owes)(const struct gate_conn *c);
    /* Frees; requests that are open are gone. */
    void (*done)(struct gate_conn *c);
};

struct gate_conn {
    struct gate *gate;
    struct gate_conn *next, **at;
    struct gate_conn *rest_next, *rest_before; /* among those that rest */
    bool rests;
    struct gate_conn *later_next, **later_at; /* of gate->later; NULL: not among them */
    struct core_stream *stream;
    struct gate_peer *peer;
    struct bus_tls *tls;        /* NULL: plain */
    const struct conn_ops *ops; /* NULL: the version is not known yet */
    void *proto;                /* of ops */
    struct gate_request *requests;
    struct gate_buf *out; /* until the end of a turn */
    struct core_str tail; /* the same: bytes that live for ever and leave behind c->out */
    struct core_buf in;   /* read, but not its turn yet */
    unsigned turn;
    bool reading_paused;
    bool ended;  /* the client sends no more, but was owed an answer then */
    bool finish; /* close when c->out is sent */
    bool closed; /* the stream is being closed */
    bool dead;   /* the stream is gone; the post will free this */
    bool posted;
    struct core_post post;     /* a turn that must not happen at once */
    uint64_t born_ms, idle_ms; /* idle: since when without a request */
    uint64_t written, taken,
        taken_ms; /* bytes given to the stream; by the client, and since when */
};

extern const struct conn_ops gate__conn_h1, gate__conn_h2;
void gate__conn_h1_new(struct gate_conn *c);
void gate__conn_h2_new(struct gate_conn *c);

/* Takes the stream (always). */
void gate__conn_accept(struct gate *gate, struct core_stream *stream, bool tls);
void gate__conn_enter(struct gate_conn *c);
void gate__conn_leave(struct gate_conn *c);
/* A turn soon, from the loop: for callers in whose middle nothing may be freed. */
void gate__conn_leave_soon(struct gate_conn *c);
/* A turn before the loop waits: what several small
 * steps make leaves in one write, none of it late. */
void gate__conn_leave_later(struct gate_conn *c);
/* false: there was none. */
bool gate__conn_leave_all(struct gate *gate);
/* In a turn: where bytes to be sent go. */
struct core_buf *gate__conn_out(struct gate_conn *c);
/* In a turn, plain connections only: what lives for ever is sent from where it is, behind what is
 * in gate__conn_out() now. There is no room for more until that has left. */
void gate__conn_tail(struct gate_conn *c, struct core_str bytes);
/* How many more bytes should be put there now; 0: wait for the next pump. */
size_t gate__conn_room(const struct gate_conn *c);
/* Bytes made but not taken by the client. */
size_t gate__conn_behind(const struct gate_conn *c);
/* Closes at once. */
void gate__conn_cut(struct gate_conn *c);
/* No request is under way whose head is whole, or again one is. */
void gate__conn_rest(struct gate_conn *c);
void gate__conn_wake(struct gate_conn *c);
/* Closes the connection that rests longest; false: none rests. Not inside a turn. */
bool gate__conn_give_way(struct gate *gate);
void gate__conn_sweep(struct gate_conn *c, uint64_t now_ms);

/* --- request.c: life of a request ------------------------------------------------------------ */

/* What a bucket says after a request was taken from it. */
struct gate_limit {
    const char *what;         /* "address", "account", "key"; NULL: nothing limits it */
    unsigned quota, window_s; /* so many at once, or evenly in that time */
    unsigned left, full_s;    /* of them; and until all are there again */
    unsigned wait_s;          /* refused: when to come again */
};

enum gate_phase { GATE_READING_HEAD, GATE_READING_BODY, GATE_WHOLE };

struct gate_query {
    struct core_str name, value;
};

struct gate_request {
    struct gate *gate;
    struct gate_conn *conn;          /* NULL: nobody listens any more */
    struct gate_request *next, **at; /* of conn->requests, or of the spare ones */
    int32_t stream_id;
    enum gate_phase phase;
    uint64_t begun_ns, deadline_ms;
    char id[CORE_ID_SIZE];
    char peer[INET6_ADDRSTRLEN];
    bool secure;

    /* Input */
    struct bus_head head;
    struct core_str path;
    struct core_str params[GATE_ROUTE_PARAMS];
    struct gate_query query[GATE_LIMIT_QUERY];
    unsigned query_count;
    const struct gate_route *route; /* NULL: none fits, or a page */
    struct gate_series *series;     /* of the metrics */
    const struct account *account;
    struct gate_limit limit;  /* the one nearest to its end */
    struct gate_keyed *keyed; /* until it is answered */
    struct core_buf body;     /* with json and pool: until the handler is done */
    uint64_t received;        /* bytes of it */
    size_t body_max;          /* the route's, or less by the tier */
    size_t body_held;         /* counted in gate->bodies */
    struct core_json_doc *json;
    struct core_pool *pool;

    /* Answer */
    int status;
    const char *content_type;
    struct core_buf texts; /* of the fields */
    struct bus_field fields[GATE_LIMIT_ANSWER_HEADERS];
    unsigned field_count;
    struct core_buf out;     /* body, whole or what of a stream was not sent yet */
    size_t out_at;           /* sent of it */
    size_t out_held;         /* counted in gate->answers */
    struct core_str outside; /* a whole body that lies elsewhere for ever */
    uint64_t sent;           /* bytes of body */
    uint64_t wrote_ms;       /* last bytes from the handler, for pings */
    uint64_t took_ms;        /* last bytes taken by the client's side */

    bool handled;   /* the handler was called */
    bool answered;  /* the head is decided */
    bool streaming; /* the body comes in pieces of unknown number */
    bool ended;     /* no more of the body will come */
    bool finished;  /* the handler has nothing more to do with it */
    bool no_body;   /* HEAD, 204, 304: only the length of the body is told, if anything */
    bool events;    /* a stream of server-sent events */
    bool held;      /* the connection does not know the head yet: it waits for the first event */
    bool in_handler;
    bool gone_told;
    bool cut;
    unsigned works;
    bool posted;
    struct core_post post;
    void (*on_gone)(struct gate_request *r, void *arg);
    void *on_gone_arg;
};

struct gate_request *gate__request_new(struct gate_conn *c, int32_t stream_id);
/* For the versions: head is whole (status: refuse with this instead), a piece of the body, end. */
void gate__request_head(struct gate_request *r, int status, const char *text);
void gate__request_body(struct gate_request *r, struct core_str piece);
void gate__request_end(struct gate_request *r);
/* The connection lets go: the answer went out whole, or the client left. May free r. */
void gate__request_sent(struct gate_request *r);
void gate__request_gone(struct gate_request *r);
/* The client was too slow to send it. */
void gate__request_late(struct gate_request *r);
/* Answers 413: what came is more than the request takes. */
void gate__request_too_big(struct gate_request *r);
/* Frees r if nobody holds it; what came with it as soon as only the connection does. */
void gate__request_settle(struct gate_request *r);
void gate__request_free_spares(struct gate *gate);
/* The handler has nothing more to do with it. */
void gate__request_finish(struct gate_request *r);

/* --- dispatch.c ----------------------------------------------------------------------------- */

/* Looks at the whole head: answers, or sets the phase to reading the body. */
void gate__dispatch(struct gate_request *r);

/* --- idempotency.c --------------------------------------------------------------------------- */

struct gate_keyed;
/* The body is whole. true: the request has a key that
 * counts, and the handler runs, or not, from here. */
bool gate__keyed_begin(struct gate_request *r);
/* It has one, and its answer is decided, or it ends without one. */
void gate__keyed_answered(struct gate_request *r);
void gate__keyed_dropped(struct gate_request *r);
/* Before the gate is freed. */
void gate__keyed_forget(struct gate *gate);

/* --- target.c ------------------------------------------------------------------------------- */

/* Splits and decodes the target in place: path (with %2F as NUL), query. CORE_EINVAL, CORE_EUTF8,
 * CORE_ELIMIT (too many query fields); the path is then the one that came, as far as there is one:
 * where it was to go tells in what form to refuse it. */
int gate__target_read(struct gate_request *r);
/* After routing: NULs of path and parameters become "/". */
void gate__target_slashes(struct gate_request *r);

/* --- access.c ------------------------------------------------------------------------------- */

/* Whose request it is, in the pool's memory; NULL: nobody's. */
const struct account *gate__access_account(const struct gate_request *r, struct core_pool *pool);
/* It comes with an API key, and at the moment nobody can say whether one is right. */
bool gate__access_unsure(const struct gate_request *r);
/* The browser says that one of our own pages made this request. */
bool gate__access_same_origin(const struct gate_request *r);

/* --- allow.c -------------------------------------------------------------------------------- */

/* May r->account use the route (NULL: none, so any may)? Answers why not. */
bool gate__allow(struct gate_request *r, const struct gate_route *route);

/* --- cors.c --------------------------------------------------------------------------------- */

/* Lets the page that asks read the answer, if its origin may. */
bool gate__cors_answer(struct gate_request *r);
/* May a page of another origin send this, by these methods? Then the answer to OPTIONS says so. */
bool gate__cors_preflight(struct gate_request *r, const char *methods);

/* --- ratelimit.c ---------------------------------------------------------------------------- */

struct gate_peers;
struct gate_peer;
struct gate_peers *gate__peers_new(void);
void gate__peers_free(struct gate_peers *peers);
/* Never NULL while connections stay below GATE_LIMIT_PEERS. Counts one connection more. */
struct gate_peer *gate__peer_open(struct gate_peers *peers, const char *address, uint64_t now_ms);
void gate__peer_close(struct gate_peers *peers, struct gate_peer *peer);
unsigned gate__peer_connections(const struct gate_peer *peer);
/* One open request more (1) or less (-1) on its connections. */
void gate__peer_request(struct gate_peer *peer, int change);
unsigned gate__peer_requests(const struct gate_peer *peer);
/* One request of that class. false: refused. */
bool gate__peer_take(struct gate_peer *peer, enum gate_rate rate, uint64_t now_ms,
                     struct gate_limit *ret);
/* It was not made after all. */
void gate__peer_give_back(struct gate_peer *peer, enum gate_rate rate, double tokens);
/* The same of an account or an API key, which have a table
 * of their own. ret_client: until the call after the next. */
enum gate_client { GATE_CLIENT_ACCOUNT = 'a', GATE_CLIENT_KEY = 'k' };
bool gate__client_take(struct gate_peers *clients, enum gate_client kind, const char *id,
                       enum gate_rate rate, int64_t per_minute, uint64_t now_ms,
                       struct gate_limit *ret, struct gate_peer **ret_client);

/* --- rate.c --------------------------------------------------------------------------------- */

/* Takes one request of its class from its address; from its account and its key, once these are
 * known. false: answered with 429. What is left is told in the answer's fields. */
bool gate__rate_address(struct gate_request *r, enum gate_rate rate);
bool gate__rate_account(struct gate_request *r, const struct account_tier *tier);
/* 429 `rate-limited`, and which limit it was. */
void gate__reply_limited(struct gate_request *r, const struct gate_limit *limit);

/* --- static.c ------------------------------------------------------------------------------- */

/* Answers a page or asset if the path names one; false: it does not. */
bool gate__static_answer(struct gate_request *r);
/* The same for one that is at hand; it lives as long as the gate. */
void gate__static_send(struct gate_request *r, const struct web_asset *asset);
bool gate__static_has(const struct gate *gate, struct core_str path);

/* --- answer.c ------------------------------------------------------------------------------- */

/* Answer with bytes that live as long as the program. */
void gate__answer_static(struct gate_request *r, int status, const char *content_type,
                         struct core_str body);
/* Head of the answer for each version. `close`: say that the connection ends. */
void gate__answer_put_h1(struct gate_request *r, struct core_buf *out, bool close);
size_t gate__answer_fields(struct gate_request *r, char length[static CORE_I64_SIZE],
                           struct bus_h2_field fields[static BUS_H2_FIELDS]);
/* Bytes of the body that may be sent now, at most max; ret_last: nothing follows them. */
struct core_str gate__answer_peek(const struct gate_request *r, size_t max, bool *ret_last);
void gate__answer_took(struct gate_request *r, size_t len);
/* Bytes of the body that wait. */
size_t gate__answer_waiting(const struct gate_request *r);
/* Counts the memory of r->out; false: all answers together hold more than they may. */
bool gate__answer_count(struct gate_request *r);

/* --- metrics.c ------------------------------------------------------------------------------ */

struct gate_metrics *gate__metrics_new(const struct gate_route *routes, size_t count);
void gate__metrics_free(struct gate_metrics *metrics);
enum gate_label { GATE_LABEL_OTHER, GATE_LABEL_PAGE };
struct gate_series *gate__metrics_route(const struct gate *gate, const struct gate_route *route);
struct gate_series *gate__metrics_label(const struct gate *gate, enum gate_label label);
void gate__metrics_connections(const struct gate *gate, bool tls, int change);
void gate__metrics_gave_way(const struct gate *gate);
/* Counts and logs a request that is over. */
void gate__metrics_request(struct gate_request *r, int status);

#endif
