/*
 * request.c: the life of a request, and what a handler may ask of it.
 *
 *     reading head ─► reading body ─► whole: handler ─► answered ─► ended ─► sent
 *          └────────────────┴──────────────┴──────────────┴── the client leaves: gone
 *
 * Three parties hold a request: the connection until the answer is sent or the client gone, the
 * handler until it has answered or released, and pieces of gate_work(). The last one to let go
 * frees it; freed ones are kept for the next request, with a little memory.
 */
#include "gate/inside.h"

#include "core/err.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

/* --- New and free --------------------------------------------------------------------------- */

static void draw_id(void *ctx, void *out, size_t len)
{
    /* Four bytes tell the processes apart, six count: unique, and a request id is no secret. */
    struct gate *gate = ctx;
    unsigned char *to = out;
    uint64_t count = htobe64(++gate->id_count << 16);
    assert(len == 10);
    memcpy(to, gate->id_seed, 4);
    memcpy(to + 4, &count, 6);
}

static int64_t id_wall_ms(void *ctx)
{
    return core_loop_now(((struct gate *)ctx)->loop).wall_ms;
}

static struct gate_request *request_alloc(struct gate *gate)
{
    struct gate_request *r = gate->spare_requests;
    if (r) {
        gate->spare_requests = r->next;
        gate->spare_request_count--;
        return r;
    }
    r = core_alloc(sizeof *r);
    bus_head_init(&r->head);
    core_buf_init(&r->out, GATE_LIMIT_ANSWER);
    core_buf_init(&r->texts, GATE_LIMIT_ANSWER_HEADER);
    return r;
}

struct gate_request *gate__request_new(struct gate_conn *c, int32_t stream_id)
{
    struct gate *gate = c->gate;
    struct gate_request *r = request_alloc(gate);
    if (!gate->id_env.random)
        gate->id_env = (struct core_env){.ctx = gate, .wall_ms = id_wall_ms, .random = draw_id};
    core_id_new(&gate->id_env, r->id);
    r->gate = gate;
    r->conn = c;
    r->stream_id = stream_id;
    r->begun_ns = core_mono_ns(gate->env);
    r->deadline_ms = r->begun_ns / 1000000 + GATE_LIMIT_HEAD_MS;
    r->secure = c->tls != NULL;
    struct core_str peer = core_str(core_stream_peer(c->stream));
    assert(peer.len < sizeof r->peer);
    memcpy(r->peer, peer.ptr, peer.len + 1);
    r->next = c->requests;
    r->at = &c->requests;
    if (r->next)
        r->next->at = &r->next;
    c->requests = r;
    gate->request_count++;
    gate__peer_request(c->peer, 1);
    return r;
}

/* A buffer that kept a little memory, or nothing. */
static struct core_buf kept(struct core_buf *b)
{
    if (b->cap > GATE_LIMIT_KEEP)
        core_buf_done(b);
    core_buf_clear(b);
    return *b;
}

/* Cookies and bearers come in heads, passwords, tokens and codes in small bodies, and go in cookies
 * and small answers: what the next request gets holds nothing of these. */
static void forget_secrets(struct gate_request *r)
{
    core_wipe(r->head.text.ptr, r->head.text.len);
    core_wipe(r->texts.ptr, r->texts.len);
    if (r->out.len <= GATE_LIMIT_SMALL_BODY)
        core_wipe(r->out.ptr, r->out.len);
}

/* The body and all that the handler made of it. */
static void drop_input(struct gate_request *r)
{
    struct gate *gate = r->gate;
    bool small = r->body.len <= GATE_LIMIT_SMALL_BODY;
    if (small)
        core_wipe(r->body.ptr, r->body.len);
    if (small)
        core_json_wipe(r->json);
    else
        core_json_free(r->json);
    r->json = NULL;
    r->body = kept(&r->body);
    assert(gate->bodies >= r->body_held);
    gate->bodies -= r->body_held;
    r->body_held = 0;
    r->account = NULL; /* lies in the pool */
    if (r->pool)
        core_pool_clear(r->pool);
}

static void destroy(struct gate_request *r)
{
    bus_head_done(&r->head);
    core_buf_done(&r->body);
    core_buf_done(&r->out);
    core_buf_done(&r->texts);
    core_pool_free(r->pool);
    free(r);
}

static void request_free(struct gate_request *r)
{
    struct gate *gate = r->gate;
    forget_secrets(r);
    drop_input(r);
    if (r->keyed)
        gate__keyed_dropped(r);
    assert(gate->answers >= r->out_held && gate->request_count > 0);
    gate->answers -= r->out_held;
    gate->request_count--;
    if (gate->spare_request_count >= GATE_LIMIT_SPARE) {
        destroy(r);
        return;
    }
    /* Everything but these five starts from zero; the large arrays are only read as far as their
     * counts reach. */
    bus_head_clear(&r->head);
    struct core_pool *pool = r->pool;
    struct core_buf body = r->body, out = kept(&r->out), texts = kept(&r->texts);
    out.max = GATE_LIMIT_ANSWER;
    memset(r, 0, offsetof(struct gate_request, head));
    r->path = (struct core_str){0};
    memset(r->params, 0, sizeof r->params);
    memset(&r->query_count, 0, sizeof *r - offsetof(struct gate_request, query_count));
    r->body = body;
    r->out = out;
    r->texts = texts;
    r->pool = pool;
    r->next = gate->spare_requests;
    gate->spare_requests = r;
    gate->spare_request_count++;
}

void gate__request_free_spares(struct gate *gate)
{
    for (struct gate_request *r = gate->spare_requests, *next; r; r = next) {
        next = r->next;
        destroy(r);
    }
    gate->spare_requests = NULL;
    gate->spare_request_count = 0;
}

void gate__request_settle(struct gate_request *r)
{
    if (!r->finished || r->in_handler || r->works || r->posted)
        return;
    if (!r->conn)
        request_free(r);
    else
        drop_input(r); /* the answer may wait long for its client */
}

/* --- From the connection -------------------------------------------------------------------- */

static void detach(struct gate_request *r)
{
    *r->at = r->next;
    if (r->next)
        r->next->at = r->at;
    gate__peer_request(r->conn->peer, -1);
    if (!r->conn->requests)
        gate__conn_rest(r->conn);
    r->next = NULL;
    r->at = NULL;
    r->conn = NULL;
}

static void tell_gone(struct gate_request *r)
{
    if (r->finished || r->gone_told || !r->on_gone)
        return;
    r->gone_told = true;
    bool before = r->in_handler;
    r->in_handler = true; /* it may finish the request, which must outlive the call */
    r->on_gone(r, r->on_gone_arg);
    r->in_handler = before;
}

void gate__request_sent(struct gate_request *r)
{
    assert(r->conn && r->ended);
    gate__metrics_request(r, r->status);
    detach(r);
    gate__request_settle(r);
}

void gate__request_gone(struct gate_request *r)
{
    assert(r->conn);
    /* What died before its head was whole was no request yet. */
    if (r->phase != GATE_READING_HEAD || r->answered)
        gate__metrics_request(r, r->answered ? r->status : 499);
    detach(r);
    if (!r->handled)
        r->finished = true;
    tell_gone(r);
    gate__request_settle(r);
}

void gate__request_late(struct gate_request *r)
{
    r->head.keep = false;
    gate_reply_problem(r, 408, "timeout", "The request took too long to arrive", NULL);
}

void gate__request_head(struct gate_request *r, int status, const char *text)
{
    gate__conn_wake(r->conn);
    if (status) {
        r->head.keep = r->stream_id != 0;
        r->series = gate__metrics_label(r->gate, GATE_LABEL_OTHER);
        if (status == 431)
            gate_reply_problem(r, status, "headers-too-large", "The header fields are too large",
                               text);
        else if (status == 414)
            gate_reply_problem(r, status, "uri-too-long", "The address is too long", text);
        else if (status == 501)
            gate_reply_problem(r, status, "not-implemented", "This is not supported", text);
        else if (status == 505)
            gate_reply_problem(r, status, "version", "This version of HTTP is not supported", text);
        else
            gate_reply_problem(
                r, status, status == 503 ? "no-memory" : "malformed",
                status == 503 ? "There is not enough memory" : "The request is malformed", text);
        return;
    }
    gate__dispatch(r);
}

void gate__request_too_big(struct gate_request *r)
{
    char detail[80];
    snprintf(detail, sizeof detail,
             r->body_max ? "the body may have at most %zu bytes" : "this request takes no body",
             r->body_max);
    gate_reply_problem(r, 413, "too-large", "The body is too large", detail);
}

void gate__request_body(struct gate_request *r, struct core_str piece)
{
    if (r->answered || r->phase != GATE_READING_BODY || piece.len == 0)
        return;
    r->deadline_ms = gate__now_ms(r->gate) + GATE_LIMIT_BODY_IDLE_MS;
    uint64_t last = r->begun_ns / 1000000 + GATE_LIMIT_BODY_MS;
    if (r->deadline_ms > last)
        r->deadline_ms = last;
    size_t max = r->body_max;
    if (piece.len > max || r->body.len > max - piece.len) {
        gate__request_too_big(r);
        return;
    }
    if (r->body.len + piece.len > r->body_held) {
        size_t more = r->body.len + piece.len - r->body_held;
        if (more > GATE_LIMIT_BODIES - r->gate->bodies) {
            gate_reply_problem(r, 503, "busy", "The server is busy",
                               "too many large requests are arriving at once");
            return;
        }
        r->gate->bodies += more;
        r->body_held += more;
    }
    r->body.max = max;
    r->received += piece.len;
    if (core_buf_add(&r->body, piece.ptr, piece.len))
        gate_reply_error(r, CORE_ENOMEM, NULL);
}

void gate__request_end(struct gate_request *r)
{
    r->phase = GATE_WHOLE;
    r->deadline_ms = UINT64_MAX;
    if (r->answered)
        return;
    assert(r->route && !r->handled);
    r->handled = true;
    r->in_handler = true;
    if (!gate__keyed_begin(r))
        r->route->handle(r);
    r->in_handler = false;
    gate__request_settle(r);
}

/* --- From the handler ----------------------------------------------------------------------- */

void gate__request_finish(struct gate_request *r)
{
    r->finished = true;
    gate__request_settle(r);
}

static void told_later(struct core_post *post)
{
    struct gate_request *r = (struct gate_request *)((char *)post -
                                                     offsetof(struct gate_request, post));
    r->posted = false;
    tell_gone(r);
    gate__request_settle(r);
}

void gate_request_on_gone(struct gate_request *r,
                          void (*on_gone)(struct gate_request *r, void *arg), void *arg)
{
    r->on_gone = on_gone;
    r->on_gone_arg = arg;
    if (r->conn && r->conn->ended && on_gone)
        gate__conn_cut(r->conn); /* nobody could tell any more whether it leaves */
    if (r->conn || r->finished || r->posted || !on_gone)
        return;
    /* Too late to be told when it happens: told soon. */
    r->posted = true;
    r->post.fn = told_later;
    core_loop_post(r->gate->loop, &r->post);
}

void gate_request_release(struct gate_request *r)
{
    /* One that was cut is freed when its connection lets go of it too. */
    assert(gate_request_gone(r));
    gate__request_finish(r);
}

size_t gate_request_listeners(const struct gate_request *r, struct gate_listener_info *ret,
                              size_t cap)
{
    size_t count = 0;
    for (const struct gate_listener *l = r->gate->listeners; l && count < cap; l = l->next)
        ret[count++] = l->info;
    return count;
}

size_t gate_request_waiting(const struct gate_request *r, unsigned *ret_threads)
{
    *ret_threads = core_work_options(r->gate->pool)->threads;
    return core_work_waiting(r->gate->pool);
}

bool gate_request_gone(const struct gate_request *r)
{
    return !r->conn || r->cut;
}

const char *gate_request_id(const struct gate_request *r)
{
    return r->id;
}

const struct gate_route *gate_request_route(const struct gate_request *r)
{
    return r->route;
}

struct core_str gate_request_method(const struct gate_request *r)
{
    return bus_head_str(&r->head, r->head.method);
}

struct core_str gate_request_path(const struct gate_request *r)
{
    return r->path;
}

struct core_str gate_request_param(const struct gate_request *r, const char *name)
{
    size_t len = strlen(name), nth = 0;
    for (const char *p = r->route ? r->route->pattern : ""; *p; p++) {
        if (*p != '{')
            continue;
        if (!strncmp(p + 1, name, len) && p[1 + len] == '}')
            return r->params[nth];
        nth++;
    }
    return core_str("");
}

bool gate_request_query(const struct gate_request *r, const char *name, struct core_str *ret)
{
    for (unsigned i = 0; i < r->query_count; i++)
        if (core_str_eq_c(r->query[i].name, name)) {
            *ret = r->query[i].value;
            return true;
        }
    return false;
}

struct core_str gate_request_header(const struct gate_request *r, const char *name)
{
    struct core_str value = core_str("");
    (void)bus_head_find(&r->head, core_str(name), &value);
    return value;
}

struct core_str gate_request_body(const struct gate_request *r)
{
    return core_buf_str(&r->body);
}

const struct account *gate_request_account(const struct gate_request *r)
{
    return r->account;
}

bool gate_request_secure(const struct gate_request *r)
{
    struct core_str proto;
    return r->secure || (bus_head_find(&r->head, CORE_STR("x-forwarded-proto"), &proto) &&
                         core_str_ieq(proto, CORE_STR("https")));
}

const char *gate_request_peer(const struct gate_request *r)
{
    return r->peer;
}

struct account_actor gate_request_actor(const struct gate_request *r)
{
    const struct account *account = r->account;
    struct account_actor by = {.address = core_str(r->peer), .request = core_str(r->id)};
    if (account) {
        by.id = core_str(account->id);
        by.name = core_str(account->name);
        by.role = core_str(account->role);
        by.login = core_str(account->login ? account->login : "");
        by.key = core_str(account->key ? account->key : "");
    }
    return by;
}

struct core_pool *gate_request_pool(struct gate_request *r)
{
    if (!r->pool)
        r->pool = core_pool_new(GATE_LIMIT_REQUEST_POOL);
    return r->pool;
}

const struct gate_services *gate_request_services(const struct gate_request *r)
{
    return &r->gate->services;
}

uint64_t gate_request_begun_ns(const struct gate_request *r)
{
    return r->begun_ns;
}

/* The Content-Type without its parameters. */
static struct core_str media_type(const struct gate_request *r)
{
    struct core_str rest = gate_request_header(r, "content-type"), essence = core_str("");
    (void)core_str_split(&rest, ';', &essence);
    return core_str_trim(essence);
}

bool gate_request_is(const struct gate_request *r, const char *type)
{
    return core_str_ieq(media_type(r), core_str(type));
}

/* "application/json" or "application/<something>+json". */
static bool is_json(struct core_str type)
{
    return core_str_ieq(type, CORE_STR("application/json")) ||
           (type.len > 17 && core_str_ieq(core_strn(type.ptr, 12), CORE_STR("application/")) &&
            core_str_ieq(core_strn(type.ptr + type.len - 5, 5), CORE_STR("+json")));
}

core_json gate_request_json(struct gate_request *r)
{
    char why[160] = "";
    if (r->json)
        return core_json_root(r->json);
    if (!is_json(media_type(r))) {
        gate_reply_problem(r, 415, "unsupported-media-type", "The body must be JSON",
                           "the Content-Type must be application/json");
        return NULL;
    }
    int err = core_json_parse(core_buf_str(&r->body), &r->json, why, sizeof why);
    if (err) {
        gate_reply_problem(r, 400, "malformed-json", "The body is not valid JSON",
                           r->body.len == 0 ? "the body is empty"
                           : why[0]         ? why
                                            : core_err_text(err));
        return NULL;
    }
    core_json root = core_json_root(r->json);
    if (core_json_type(root) != CORE_JSON_OBJECT) {
        gate_reply_problem(r, 400, "malformed-json", "The body must be a JSON object", NULL);
        return NULL;
    }
    return root;
}

/* --- Work ----------------------------------------------------------------------------------- */

struct request_work {
    struct core_work work;
    struct gate_request *r;
    void (*run)(struct gate_request *r, void *arg);
    void (*done)(struct gate_request *r, void *arg);
    void *arg;
    bool always; /* done is called though run was not */
};

static void work_run(struct core_work *work, unsigned worker)
{
    struct request_work *w = (struct request_work *)work;
    (void)worker;
    w->run(w->r, w->arg);
}

static void work_done(struct core_work *work, int status)
{
    struct request_work *w = (struct request_work *)work;
    struct gate_request *r = w->r;
    r->in_handler = true;
    r->works--;
    if (!status || w->always)
        w->done(r, w->arg);
    else if (!r->answered)
        gate_reply_error(r, status, NULL); /* it never ran: there is nothing to be done with */
    r->in_handler = false;
    free(w);
    gate__request_settle(r);
}

static bool submit(struct gate_request *r, void (*run)(struct gate_request *r, void *arg),
                   void (*done)(struct gate_request *r, void *arg), void *arg, bool always)
{
    struct request_work *w;
    if (!r->gate->pool) /* the end: nobody waits for the answer */
        return false;
    w = core_alloc(sizeof *w);
    *w = (struct request_work){.work = {.run = work_run, .done = work_done},
                               .r = r,
                               .run = run,
                               .done = done,
                               .arg = arg,
                               .always = always};
    r->works++;
    if (!core_work_submit(r->gate->pool, &w->work))
        return true;
    r->works--;
    free(w);
    return false;
}

void gate_work(struct gate_request *r, void (*run)(struct gate_request *r, void *arg),
               void (*done)(struct gate_request *r, void *arg), void *arg)
{
    if (!submit(r, run, done, arg, false))
        gate_reply_problem(r, 503, "busy", "The server is busy", "too many requests are waiting");
}

bool gate_stream_work(struct gate_request *r, void (*run)(struct gate_request *r, void *arg),
                      void (*done)(struct gate_request *r, void *arg), void *arg)
{
    return submit(r, run, done, arg, true);
}
