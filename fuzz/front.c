/* front.c: see front.h. The names of ai, account, node and identity that the handlers call are
 * defined here, so those rooms are not linked. */
#include "fuzz/front.h"

#include "bus/sessions.h"
#include "core/err.h"
#include "core/log.h"
#include "core/net_ops.h"
#include "gate/inside.h"
#include "tests/unit/genom/helper.h"

#include <assert.h>
#include <stdlib.h>

/* More than any rate limit asks a client to wait. */
#define STEP_NS 10000000000u

struct front_answer *front_now;

/* --- What stands before the gate ------------------------------------------------------------ */

static struct stream {
    struct core_stream base;
    const struct core_stream_events *events;
    void *arg;
    bool over;
} stream;

static void stream_start(struct core_stream *s, const struct core_stream_events *events, void *arg)
{
    assert(s == &stream.base);
    stream.events = events;
    stream.arg = arg;
}

static void stream_pause(struct core_stream *s, bool paused)
{
    (void)s, (void)paused;
}

static int stream_write(struct core_stream *s, struct core_str bytes, struct core_str behind)
{
    (void)s;
    assert(!stream.over);
    core_buf_add_str(&front_now->sent, bytes);
    return core_buf_add_str(&front_now->sent, behind);
}

static size_t stream_queued(const struct core_stream *s)
{
    (void)s;
    return 0;
}

static void stream_over(struct core_stream *s)
{
    (void)s;
    stream.over = true;
}

static const char *stream_peer(const struct core_stream *s)
{
    (void)s;
    return "127.0.0.1";
}

static const struct core_stream_ops stream_ops = {
    stream_start, stream_pause, stream_write, stream_queued, stream_over, stream_over, stream_peer};

static struct core_env env;
static uint64_t clock_ns;

static uint64_t mono_ns(void *ctx)
{
    (void)ctx;
    return clock_ns;
}

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return 1700000000000 + (int64_t)(clock_ns / 1000000);
}

static void random_bytes(void *ctx, void *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5a, len);
}

/* --- What stands behind it ------------------------------------------------------------------ */

void front_serve_str(struct core_str s, size_t min, size_t max)
{
    front_now->served++;
    assert(s.len >= min && s.len <= max && core_utf8_valid(s));
    assert(s.len == 0 || !memchr(s.ptr, 0, s.len));
}

int ai_owner_export(struct ai *ai, struct core_str owner, enum ai_owner_part part, size_t bytes,
                    struct ai_owner_cursor *cursor, struct core_json_out *out, bool *ret_more)
{
    (void)ai, (void)part;
    assert(owner.len > 0 && bytes > 0);
    *ret_more = !cursor->open;
    cursor->open = true;
    core_json_out_object(out, NULL);
    core_json_out_end(out);
    return 0;
}

void ai_owner_erase(struct store_batch *batch, struct core_str account)
{
    (void)batch, (void)account;
    assert(false);
}

static struct core_loop *loop;

/* One thing at a time is asked; it is answered in the next turn. */
static struct pending {
    struct core_post post;
    struct ai_ask *ask;
    struct ai_search *search;
    struct ai_embed *embed;
    bool cancelled;
} pending;

static void answer_ask(struct ai_ask *ask)
{
    static const struct ai_source source = {.document = CORE_STR("/a.txt"),
                                            .document_id = CORE_STR("d"),
                                            .title = CORE_STR("A"),
                                            .location = CORE_STR("§ 1"),
                                            .quote = CORE_STR("It is \"so\".\n"),
                                            .end = 4};
    const struct ai_answer answer = {
        .conversation_id = CORE_STR("c"),
        .message_id = CORE_STR("m"),
        .user_message_id = CORE_STR("u"),
        .text = CORE_STR("It is so."),
        .answered = true,
        .finish = "stop",
        .receipt = {.level = 1, .brand = "Standard", .why_stopped = "passage_confident"},
        .sources = &source,
        .source_count = 1};
    int status = pending.cancelled ? CORE_ECANCELLED : 0;
    if (!status && ask->on_start)
        ask->on_start(ask, &answer);
    if (!status && ask->on_sources)
        ask->on_sources(ask, &source, 1);
    if (!status && ask->on_text)
        ask->on_text(ask, answer.text);
    ask->on_done(ask, status, &answer);
}

static void answer_pending(struct core_post *post)
{
    static const struct ai_result result = {.document = CORE_STR("/a.txt"),
                                            .document_id = CORE_STR("d"),
                                            .title = CORE_STR("A"),
                                            .location = CORE_STR(""),
                                            .text = CORE_STR("It is so."),
                                            .end = 9,
                                            .score = .5};
    static const float vectors[GATE_LIMIT_EMBED_TEXTS * AI_EMBED_DIMENSIONS];
    struct pending p = pending;
    int status = p.cancelled ? CORE_ECANCELLED : 0;
    (void)post;
    if (p.ask)
        answer_ask(p.ask);
    else if (p.search)
        p.search->on_done(p.search, status, &result, status ? 0 : 1);
    else
        p.embed->on_done(p.embed, status, vectors, AI_EMBED_DIMENSIONS, 1);
}

static void answer_soon(struct pending p)
{
    pending = p;
    pending.post.fn = answer_pending;
    core_loop_post(loop, &pending.post);
}

void front_later(struct core_post *post)
{
    core_loop_post(loop, post);
}

void front_served(void)
{
    front_now->served++;
}

int ai_ask_start(struct ai *ai, struct ai_ask *ask)
{
    (void)ai;
    bool documents = ask->mode == AI_ASK_DOCUMENTS;
    assert(ask->message_count >= 1 && ask->message_count <= GATE_LIMIT_MESSAGES && ask->on_done);
    assert(ask->messages[ask->message_count - 1].role == AI_USER);
    for (size_t i = 0; i < ask->message_count; i++) {
        front_now->served++;
        assert(core_utf8_valid(ask->messages[i].text));
    }
    if (documents)
        front_serve_str(ask->messages[0].text, 1, GATE_LIMIT_MESSAGE);
    front_serve_str(ask->conversation_id, 0, 64);
    front_serve_str(ask->retry_of, 0, 64);
    assert(ask->level_max <= 5 && core_str_eq_c(ask->owner, "owner"));
    assert(ask->temperature >= 0 && ask->temperature <= 2 && ask->top_p >= 0 && ask->top_p <= 1);
    assert(ask->tokens_max <= GATE_LIMIT_TOKENS && ask->stop_count <= AI_GENERATE_STOPS);
    for (size_t i = 0; i < ask->stop_count; i++)
        assert(ask->stops[i].len > 0);
    answer_soon((struct pending){.ask = ask});
    return 0;
}

void ai_ask_cancel(struct ai *ai, struct ai_ask *ask)
{
    (void)ai;
    pending.cancelled |= pending.ask == ask;
}

int ai_search_start(struct ai *ai, struct ai_search *search)
{
    (void)ai;
    front_serve_str(search->query, 1, GATE_LIMIT_QUERY_TEXT);
    assert(search->k >= 1 && search->k <= AI_LIMIT_SEARCH_K);
    answer_soon((struct pending){.search = search});
    return 0;
}

void ai_search_cancel(struct ai *ai, struct ai_search *search)
{
    (void)ai;
    pending.cancelled |= pending.search == search;
}

int ai_embed_start(struct ai *ai, struct ai_embed *embed)
{
    (void)ai;
    assert(embed->count >= 1 && embed->count <= GATE_LIMIT_EMBED_TEXTS);
    for (size_t i = 0; i < embed->count; i++) {
        front_now->served++;
        assert(embed->texts[i].len > 0 && core_utf8_valid(embed->texts[i]));
    }
    answer_soon((struct pending){.embed = embed});
    return 0;
}

void ai_embed_cancel(struct ai *ai, struct ai_embed *embed)
{
    (void)ai;
    pending.cancelled |= pending.embed == embed;
}

int ai_learn_paths(struct ai *ai, const struct core_str *paths, size_t count,
                   char ret_job[static CORE_ID_SIZE])
{
    (void)ai;
    assert(count >= 1 && count <= GATE_LIMIT_LEARN_PATHS);
    for (size_t i = 0; i < count; i++) {
        front_serve_str(paths[i], 1, SIZE_MAX);
        assert(paths[i].ptr[0] == '/');
    }
    core_id_new(&env, ret_job);
    return 0;
}

int ai_learn_bytes(struct ai *ai, struct core_str name, struct core_str bytes,
                   char ret_job[static CORE_ID_SIZE])
{
    (void)ai;
    front_serve_str(name, 1, GATE_LIMIT_TITLE);
    assert(bytes.len > 0);
    core_id_new(&env, ret_job);
    return 0;
}

int ai_job_get(struct ai *ai, struct core_str id, const struct ai_job **ret)
{
    static const struct ai_job_error error = {"/b", "why"};
    static const struct ai_job job = {.id = "j",
                                      .what = "/b",
                                      .state = AI_JOB_DONE,
                                      .phase = "finished",
                                      .errors = &error,
                                      .error_count = 1};
    (void)ai;
    if (!core_str_eq_c(id, "j"))
        return CORE_ENOTFOUND;
    *ret = &job;
    return 0;
}

int ai_job_cancel(struct ai *ai, struct core_str id)
{
    (void)ai;
    return core_str_eq_c(id, "j") ? 0 : CORE_ENOTFOUND;
}

int ai_documents(struct ai *ai, struct core_str like, struct core_str after, unsigned limit,
                 int (*on_document)(void *arg, const struct ai_document *document), void *arg)
{
    static const struct ai_document document = {CORE_STR("d"),
                                                CORE_STR("/a.txt"),
                                                CORE_STR("A"),
                                                CORE_STR("text/plain"),
                                                CORE_STR("/"),
                                                9,
                                                1,
                                                1,
                                                1700000000000};
    (void)ai;
    front_serve_str(like, 0, GATE_LIMIT_QUERY_TEXT);
    front_serve_str(after, 0, GATE_LIMIT_QUERY_TEXT);
    assert(limit >= 2 && limit <= GATE_LIMIT_PAGE + 1);
    int stop = 0;
    for (unsigned i = 0; i < 3 && i < limit && !stop; i++)
        stop = on_document(arg, &document);
    return stop;
}

int ai_document_get(struct ai *ai, struct core_str id,
                    void (*on_document)(void *arg, const struct ai_document *document,
                                        struct core_str text, struct core_str headings_json),
                    void *arg)
{
    static const struct ai_document document = {.id = CORE_STR("d"), .name = CORE_STR("/a.txt")};
    (void)ai;
    if (!core_str_eq_c(id, "d"))
        return CORE_ENOTFOUND;
    on_document(arg, &document, CORE_STR("It is so."), CORE_STR("[]"));
    return 0;
}

int ai_document_remove(struct ai *ai, struct core_str id)
{
    (void)ai;
    return core_str_eq_c(id, "d") ? 0 : CORE_ENOTFOUND;
}

static const struct ai_conversation conversation = {CORE_STR("c"), CORE_STR("A talk"), 1, 2, 3};

int ai_history_conversations(struct ai *ai, struct core_str who, struct core_str before,
                             unsigned limit,
                             int (*on_item)(void *arg, const struct ai_conversation *item),
                             void *arg)
{
    (void)ai, (void)who;
    front_serve_str(before, 0, 63);
    assert(limit >= 2 && limit <= GATE_LIMIT_PAGE + 1);
    return on_item(arg, &conversation);
}

int ai_history_conversation(struct ai *ai, struct core_str who, struct core_str id,
                            int (*on_item)(void *arg, const struct ai_conversation *item),
                            void *arg)
{
    (void)ai, (void)who;
    return core_str_eq_c(id, "c") ? on_item(arg, &conversation) : CORE_ENOTFOUND;
}

int ai_history_messages(struct ai *ai, struct core_str who, struct core_str id,
                        struct core_str before, unsigned limit,
                        int (*on_item)(void *arg, const struct ai_history_message *item), void *arg)
{
    static const struct ai_history_message message = {
        .id = CORE_STR("m"), .role = CORE_STR("assistant"), .receipt_json = CORE_STR("{}")};
    (void)ai, (void)who, (void)id;
    front_serve_str(before, 0, 63);
    assert(limit >= 1 && limit <= GATE_LIMIT_PAGE);
    return on_item(arg, &message);
}

int ai_history_remove(struct ai *ai, struct core_str who, struct core_str id)
{
    (void)ai, (void)who;
    return core_str_eq_c(id, "c") ? 0 : CORE_ENOTFOUND;
}

int ai_history_rename(struct ai *ai, struct core_str who, struct core_str id, struct core_str title)
{
    (void)ai, (void)who;
    front_serve_str(title, 1, GATE_LIMIT_TITLE);
    return core_str_eq_c(id, "c") ? 0 : CORE_ENOTFOUND;
}

int ai_history_vote(struct ai *ai, struct core_str who, struct core_str message, int vote)
{
    (void)ai, (void)who;
    front_serve_str(message, 1, 64);
    assert(vote >= -1 && vote <= 1);
    return core_str_eq_c(message, "m") ? 0 : CORE_ENOTFOUND;
}

void ai_knowledge_now(const struct ai *ai, struct ai_knowledge *ret)
{
    (void)ai;
    *ret = (struct ai_knowledge){.documents = 1};
}

void ai_doctor(struct ai *ai,
               void (*report)(void *arg, const char *check, bool ok, const char *detail), void *arg)
{
    (void)ai;
    report(arg, "search index", true, "agrees with the store");
}

unsigned ai_levels(struct ai *ai)
{
    (void)ai;
    return 7;
}

const struct ai_model_info *ai_models(const struct ai *ai, size_t *ret_count)
{
    static const struct ai_model_info models[] = {{"skyai", 2, 1}, {"skyai-standard", 2, 1}};
    (void)ai;
    *ret_count = 2;
    return models;
}

const char *bus_identity_cert_file(const struct bus_identity *identity)
{
    (void)identity;
    abort(); /* there is no TLS here */
}

const char *bus_identity_key_file(const struct bus_identity *identity)
{
    (void)identity;
    abort();
}

int bus_identity_renew(struct bus_identity *identity, char *why, size_t why_cap)
{
    (void)identity, (void)why, (void)why_cap;
    abort();
}

int bus_sessions_answer(struct bus_sessions *sessions, const char *account, struct core_str offer,
                        char ret_id[static CORE_ID_SIZE],
                        unsigned char ret_reply[static BUS_HANDSHAKE_REPLY_SIZE])
{
    (void)sessions;
    assert(*account);
    assert(offer.len == BUS_HANDSHAKE_OFFER_SIZE || offer.len == BUS_HANDSHAKE_NAMED_SIZE);
    if (offer.ptr[0] & 1)
        return CORE_EPROTO;
    memcpy(ret_id, "s", 2);
    memset(ret_reply, 7, BUS_HANDSHAKE_REPLY_SIZE);
    return 0;
}

/* Both directions have one key, so that what it seals it opens. */
struct bus_session *bus_sessions_find(struct bus_sessions *sessions, const char *account,
                                      struct core_str id)
{
    static const unsigned char key[BUS_SESSION_KEY_SIZE];
    static struct bus_session *session;
    (void)sessions, (void)account;
    if (!session)
        session = bus_session_new(key, key, NULL);
    return core_str_eq_c(id, "s") ? session : NULL;
}

/* --- One request ---------------------------------------------------------------------------- */

static struct gate *gate;

static void start(void)
{
    static const struct web_asset page = {
        .path = "/",
        .content_type = "text/html; charset=utf-8",
        .etag = FRONT_ETAG,
        .identity = {(const void *)FRONT_PAGE, sizeof FRONT_PAGE - 1},
        .gzip = {(const void *)FRONT_PAGE_GZIP, sizeof FRONT_PAGE_GZIP - 1},
        .brotli = {(const void *)FRONT_PAGE_BROTLI, sizeof FRONT_PAGE_BROTLI - 1}};
    env = *core_env_real();
    env.mono_ns = mono_ns;
    env.wall_ms = wall_ms;
    env.random = random_bytes;
    loop = core_loop_new(&env);
    static struct core_config_live live;
    char *argv[] = {"sky", "--nod=2", NULL}, *envp[] = {"HOME=/tmp", NULL}, **rest;
    struct core_config *config;
    size_t len, rest_count;
    int err = core_config_load(2, argv, envp, &config, &rest, &rest_count, NULL, 0);
    assert(err == 0);
    free(rest);
    live.started = live.current = config;
    const uint8_t *dict = helper_dict_bytes(&len);
    const struct gate_options options = {
        .net = core_net_uv(),
        .services = {.env = &env,
                     .loop = loop,
                     .store = front_store(),
                     .genom = helper_dict_open(dict, len),
                     .config = &live},
        .routes = gate_routes,
        .route_count = gate_route_count,
        .assets = &page,
        .asset_count = 1,
    };
    gate = gate_new(&options);
    core_log_set_level(CORE_LOG_ERROR);
}

bool front_header(const struct front_answer *a, const char *name, struct core_str *ret)
{
    struct core_str rest = a->head, line, key;
    while (core_str_split(&rest, '\n', &line)) {
        if (core_str_split(&line, ':', &key) && core_str_ieq(key, core_str(name))) {
            *ret = core_str_trim(line);
            return true;
        }
    }
    return false;
}

/* Moves the data of a chunked body together. */
static void unchunk(struct front_answer *a)
{
    char *from = (char *)(uintptr_t)a->body.ptr, *to = from, *end = from + a->body.len;
    for (;;) {
        char *after;
        size_t len = strtoul(from, &after, 16);
        assert(after > from && end - after >= 2 && after[0] == '\r' && after[1] == '\n');
        from = after + 2;
        assert((size_t)(end - from) >= len + 2);
        memmove(to, from, len);
        to += len;
        from += len + 2;
        if (len == 0)
            break;
    }
    assert(from == end);
    a->body.len = (size_t)(to - a->body.ptr);
}

static void read_answer(struct front_answer *a)
{
    struct core_str all = core_buf_str(&a->sent), value;
    ssize_t end = core_str_find(all, CORE_STR("\r\n\r\n"));
    assert(end > 12 && core_str_starts(all, CORE_STR("HTTP/1.1 ")));
    a->status = (int)strtol(all.ptr + 9, NULL, 10);
    a->head = core_strn(all.ptr, (size_t)end);
    a->body = core_strn(all.ptr + end + 4, all.len - (size_t)end - 4);
    if (front_header(a, "transfer-encoding", &value))
        unchunk(a);
    else if (front_header(a, "content-length", &value))
        assert(strtoul(value.ptr, NULL, 10) == a->body.len);
    else
        assert(a->body.len == 0 && (a->status == 204 || a->status == 304));
}

void front_ask(struct core_str request, bool leave, struct front_answer *a)
{
    if (!gate)
        start();
    *a = (struct front_answer){0};
    core_buf_init(&a->sent, 16u << 20);
    core_buf_add_byte(&a->sent, '\0'); /* so that its end can be read as a string */
    core_buf_clear(&a->sent);
    front_now = a;
    clock_ns += STEP_NS;
    stream = (struct stream){.base.ops = &stream_ops};
    gate__conn_accept(gate, &stream.base, false);
    /* The gate may have had enough before all of it came. */
    for (size_t at = 0, step; at < request.len && !stream.over; at += step) {
        step = request.len - at < 16384 ? request.len - at : 16384;
        stream.events->on_read(stream.arg, core_strn(request.ptr + at, step));
    }
    while (!stream.over && !leave)
        core_loop_turn(loop);
    stream.over = true;
    stream.events->on_close(stream.arg, 0);
    while (gate->conn_count > 0 || gate->request_count > 0)
        core_loop_turn(loop);
    if (!leave)
        read_answer(a);
}

void front_answer_done(struct front_answer *a)
{
    core_buf_done(&a->sent);
    free((char *)a->token.ptr);
    free((char *)a->session.ptr);
}
