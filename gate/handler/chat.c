/*
 * chat.c: POST /api/chat/message, whole or streamed, and votes.
 *
 * One struct per request, in the request's memory. When the client leaves, the ask is cancelled;
 * its on_done still comes and ends the request, so nothing is freed under the cascade's feet.
 */
#include "gate/handler/handlers.h"

struct chat {
    struct gate_request *r;
    struct ai_ask ask;
    struct ai_message message;
    struct core_buf event; /* one event of the stream */
    bool stream, begun;
};

static void event_begin(struct chat *chat, struct core_json_out *o)
{
    core_buf_clear(&chat->event);
    core_json_out_init(o, &chat->event);
    core_json_out_object(o, NULL);
}

static void event_send(struct chat *chat, const char *name, struct core_json_out *o)
{
    core_json_out_end(o);
    gate_stream_event(chat->r, name, core_buf_str(o->buf));
}

static void on_start(struct ai_ask *ask, const struct ai_answer *ids)
{
    struct chat *chat = ask->arg;
    struct core_json_out o;
    if (!chat->stream) {
        return;
    }
    gate_stream_begin(chat->r, 200, "text/event-stream");
    chat->begun = true;
    event_begin(chat, &o);
    core_json_out_str(&o, "conversation_id", ids->conversation_id);
    core_json_out_str(&o, "message_id", ids->message_id);
    core_json_out_str(&o, "user_message_id", ids->user_message_id);
    event_send(chat, "start", &o);
}

static void on_sources(struct ai_ask *ask, const struct ai_source *sources, size_t count)
{
    struct chat *chat = ask->arg;
    struct core_json_out o;
    if (!chat->stream) {
        return;
    }
    event_begin(chat, &o);
    ai_sources_json(&o, "sources", sources, count);
    event_send(chat, "sources", &o);
}

static void on_text(struct ai_ask *ask, struct core_str text)
{
    struct chat *chat = ask->arg;
    struct core_json_out o;
    if (!chat->stream) {
        return;
    }
    event_begin(chat, &o);
    core_json_out_str(&o, "text", text);
    event_send(chat, "token", &o);
}

/* The last event went out; the request, and with it `chat`, may be gone after this. */
static void stream_end(struct chat *chat)
{
    core_buf_done(&chat->event);
    gate_stream_end(chat->r);
}

static void stream_fail(struct chat *chat, int status, const struct account_broke *broke)
{
    struct core_json_out o;
    char detail[ACCOUNT_BROKE_TEXT_SIZE];
    event_begin(chat, &o);
    core_json_out_c(&o, "type", broke ? "/problems/budget-exceeded" : "/problems/answer-failed");
    core_json_out_c(&o, "title", "The answer could not be finished");
    core_json_out_i64(&o, "status", core_err_http(status));
    core_json_out_c(&o, "detail",
                    broke ? account_broke_text(broke, detail) : core_err_text(status));
    core_json_out_c(&o, "instance", gate_request_id(chat->r));
    if (broke) {
        account_broke_out(&o, broke);
    }
    event_send(chat, "error", &o);
    stream_end(chat);
}

static void fail(struct chat *chat, int status, const struct account_broke *broke)
{
    if (chat->begun) {
        stream_fail(chat, status, broke);
    } else if (broke) {
        gate_reply_budget(chat->r, broke);
    } else if (status == CORE_ENOTFOUND) {
        gate_reply_error(chat->r, status, "no conversation or message has that id");
    } else {
        gate_reply_error(chat->r, status, NULL);
    }
}

static void answer_out(struct core_json_out *o, const struct ai_answer *answer)
{
    core_json_out_str(o, "conversation_id", answer->conversation_id);
    core_json_out_str(o, "message_id", answer->message_id);
    core_json_out_str(o, "user_message_id", answer->user_message_id);
    core_json_out_str(o, "answer", answer->text);
    core_json_out_bool(o, "answered", answer->answered);
    core_json_out_bool(o, "kept", answer->kept);
    ai_receipt_json(o, "receipt", answer);
}

static void on_done(struct ai_ask *ask, int status, const struct ai_answer *answer)
{
    struct chat *chat = ask->arg;
    struct core_json_out o;
    if (status) {
        fail(chat, status, answer->broke);
        return;
    }
    if (chat->begun) {
        event_begin(chat, &o);
        answer_out(&o, answer);
        event_send(chat, "done", &o);
        stream_end(chat);
    } else {
        core_json_out_init(&o, gate_reply_buf(chat->r));
        core_json_out_object(&o, NULL);
        answer_out(&o, answer);
        core_json_out_end(&o);
        gate_reply_json(chat->r, 200);
    }
}

static void on_gone(struct gate_request *r, void *arg)
{
    struct chat *chat = arg;
    ai_ask_cancel(gate_request_services(r)->ai, &chat->ask);
}

static bool level_read(struct gate_request *r, core_json body, unsigned *ret)
{
    struct core_str level = {0};
    if (!field_str(r, body, "level_max", FIELD_OPTIONAL, 0, 64, &level)) {
        return false;
    }
    if (!level.ptr) {
        return true;
    }
    int64_t number = 0;
    if (!field_level(r, "level_max", level, &number)) {
        return false;
    }
    *ret = (unsigned)number;
    return true;
}

static bool chat_read(struct chat *chat, core_json body)
{
    struct gate_request *r = chat->r;
    struct ai_ask *ask = &chat->ask;
    ask->level_max = 5;
    chat->message.role = AI_USER;
    if (!field_str(r, body, "message", FIELD_REQUIRED, 1, GATE_LIMIT_MESSAGE,
                   &chat->message.text) ||
        !field_str(r, body, "conversation_id", FIELD_OPTIONAL, 1, 64, &ask->conversation_id) ||
        !field_str(r, body, "retry_of", FIELD_OPTIONAL, 1, 64, &ask->retry_of) ||
        !field_bool(r, body, "stream", &chat->stream) || !level_read(r, body, &ask->level_max)) {
        return false;
    }
    if (core_str_trim(chat->message.text).len == 0) {
        field_problem(r, "message", "must hold more than white space");
        return false;
    }
    return true;
}

static void start(struct gate_request *r, void *arg)
{
    struct chat *chat = arg;
    gate_request_on_gone(r, on_gone, chat);
    int err = ai_ask_start(gate_request_services(r)->ai, &chat->ask);
    if (err) {
        fail(chat, err, NULL);
    }
}

void handle_chat_message(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    if (!body) {
        return;
    }
    struct chat *chat = core_pool_alloc(gate_request_pool(r), sizeof *chat);
    if (!chat) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    chat->r = r;
    core_buf_init(&chat->event, GATE_LIMIT_EVENT);
    if (!chat_read(chat, body)) {
        return;
    }
    chat->ask.mode = AI_ASK_DOCUMENTS;
    chat->ask.owner = core_str(gate_request_account(r)->id);
    chat->ask.payer = payer_of(r);
    chat->ask.messages = &chat->message;
    chat->ask.message_count = 1;
    chat->ask.model = "skyai";
    chat->ask.cacheable = chat->ask.retry_of.len == 0;
    chat->ask.top_p = 1;
    chat->ask.on_start = on_start;
    chat->ask.on_sources = on_sources;
    chat->ask.on_text = on_text;
    chat->ask.on_done = on_done;
    chat->ask.arg = chat;
    ask_begin(r, &chat->ask.level_max, start, chat);
}

/* --- Votes ------------------------------------------------------------------------------------ */

struct vote {
    struct core_str message;
    int64_t value;
    int err;
};

static void vote_run(struct gate_request *r, void *arg)
{
    struct vote *vote = arg;
    vote->err = ai_history_vote(gate_request_services(r)->ai, core_str(gate_request_account(r)->id),
                                vote->message, (int)vote->value);
}

static void vote_done(struct gate_request *r, void *arg)
{
    struct vote *vote = arg;
    if (vote->err) {
        gate_reply_error(r, vote->err, "no answer has that id");
    } else {
        gate_reply_empty(r, 204);
    }
}

void handle_chat_vote(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    if (!body) {
        return;
    }
    struct vote *vote = core_pool_alloc(gate_request_pool(r), sizeof *vote);
    if (!vote) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    if (field_str(r, body, "message_id", FIELD_REQUIRED, 1, 64, &vote->message) &&
        field_int(r, body, "vote", FIELD_REQUIRED, -1, 1, &vote->value)) {
        gate_work(r, vote_run, vote_done, vote);
    }
}
