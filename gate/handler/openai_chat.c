/*
 * openai_chat.c: POST /v1/chat/completions, as OpenAI's clients expect it.
 *
 *     data: {"object":"chat.completion.chunk", … "delta":{"role":"assistant","content":""}}
 *     data: { … "delta":{"content":"Hel"}}            one a piece of text
 *     data: { … "delta":{},"finish_reason":"stop"}
 *     data: { … "choices":[],"usage":{…}}             when stream_options.include_usage
 *     data: [DONE]
 */
#include "gate/handler/openai.h"

static void head_out(struct openai_chat *chat, struct core_json_out *o, struct core_buf *buf,
                     const char *object)
{
    char id[sizeof "chatcmpl-" + CORE_ID_SIZE] = "chatcmpl-";
    memcpy(id + sizeof "chatcmpl-" - 1, gate_request_id(chat->r), CORE_ID_SIZE);
    core_buf_clear(buf);
    core_json_out_init(o, buf);
    core_json_out_object(o, NULL);
    core_json_out_c(o, "id", id);
    core_json_out_c(o, "object", object);
    core_json_out_i64(o, "created", chat->created_s);
    core_json_out_c(o, "model", chat->model->id);
    core_json_out_c(o, "system_fingerprint", "sky");
}

static void usage_out(struct core_json_out *o, const struct ai_receipt *receipt)
{
    core_json_out_object(o, "usage");
    core_json_out_u64(o, "prompt_tokens", receipt->tokens_in);
    core_json_out_u64(o, "completion_tokens", receipt->tokens_out);
    core_json_out_u64(o, "total_tokens", (uint64_t)receipt->tokens_in + receipt->tokens_out);
    core_json_out_end(o);
}

static struct core_json_out chunk_begin(struct openai_chat *chat)
{
    core_buf_truncate(&chat->event, chat->head_len);
    return chat->head;
}

static void chunk_send(struct openai_chat *chat, struct core_json_out *o)
{
    core_json_out_end(o);
    gate_stream_event(chat->r, NULL, core_buf_str(o->buf));
}

/* A chunk with one choice. role and text may be absent; finish NULL = null. */
static void delta_send(struct openai_chat *chat, bool role, const struct core_str *text,
                       const char *finish)
{
    struct core_json_out o = chunk_begin(chat);
    core_json_out_array(&o, "choices");
    core_json_out_object(&o, NULL);
    core_json_out_i64(&o, "index", 0);
    core_json_out_object(&o, "delta");
    if (role) {
        core_json_out_c(&o, "role", "assistant");
    }
    if (text) {
        core_json_out_str(&o, "content", *text);
    }
    core_json_out_end(&o);
    core_json_out_null(&o, "logprobs");
    core_json_out_c(&o, "finish_reason", finish);
    core_json_out_end(&o);
    core_json_out_end(&o);
    chunk_send(chat, &o);
}

static void stream_start(struct openai_chat *chat)
{
    gate_stream_begin_held(chat->r, 200, "text/event-stream");
    chat->begun = true;
    head_out(chat, &chat->head, &chat->event, "chat.completion.chunk");
    chat->head_len = chat->event.len;
}

static void on_start(struct ai_ask *ask, const struct ai_answer *ids)
{
    struct openai_chat *chat = ask->arg;
    (void)ids;
    if (chat->stream) {
        stream_start(chat);
    }
}

/* Before the first of the others. */
static void role_send(struct openai_chat *chat)
{
    const struct core_str nothing = CORE_STR("");
    if (!chat->role_sent) {
        chat->role_sent = true;
        delta_send(chat, true, &nothing, NULL);
    }
}

static void on_text(struct ai_ask *ask, struct core_str text)
{
    struct openai_chat *chat = ask->arg;
    role_send(chat);
    delta_send(chat, false, &text, NULL);
}

/* The request, and with it `chat`, may be gone after this. */
static void stream_end(struct openai_chat *chat)
{
    core_buf_done(&chat->event);
    gate_stream_end(chat->r);
}

static void stream_done(struct openai_chat *chat, const struct ai_answer *answer)
{
    role_send(chat);
    delta_send(chat, false, NULL, answer->finish);
    if (chat->usage_chunk) {
        struct core_json_out o = chunk_begin(chat);
        core_json_out_array(&o, "choices");
        core_json_out_end(&o);
        usage_out(&o, &answer->receipt);
        chunk_send(chat, &o);
    }
    gate_stream_event(chat->r, NULL, CORE_STR("[DONE]"));
    stream_end(chat);
}

static void whole_done(struct openai_chat *chat, const struct ai_answer *answer)
{
    struct core_json_out o;
    head_out(chat, &o, gate_reply_buf(chat->r), "chat.completion");
    core_json_out_array(&o, "choices");
    core_json_out_object(&o, NULL);
    core_json_out_i64(&o, "index", 0);
    core_json_out_object(&o, "message");
    core_json_out_c(&o, "role", "assistant");
    core_json_out_str(&o, "content", answer->text);
    core_json_out_null(&o, "refusal");
    core_json_out_end(&o);
    core_json_out_null(&o, "logprobs");
    core_json_out_c(&o, "finish_reason", answer->finish);
    core_json_out_end(&o);
    core_json_out_end(&o);
    usage_out(&o, &answer->receipt);
    core_json_out_end(&o);
    gate_reply_json(chat->r, 200);
}

static void fail(struct openai_chat *chat, int status, const struct account_broke *broke)
{
    struct core_json_out o;
    char detail[ACCOUNT_BROKE_TEXT_SIZE];
    const char *why = broke                    ? account_broke_text(broke, detail)
                      : status == CORE_ETOOBIG ? "the messages do not fit the model's context"
                                               : NULL;
    if (!chat->begun && broke) {
        gate_reply_budget(chat->r, broke);
        return;
    }
    if (!chat->begun && status == CORE_EUNSUPPORTED) {
        gate_reply_problem(chat->r, 503, "no-model", "There is no model that may answer",
                           "`sky doctor` says what is missing; the option level-max may end below "
                           "L2, and `sky admin provider add` adds a remote one");
        return;
    }
    if (!chat->begun) {
        gate_reply_error(chat->r, status, why);
        return;
    }
    core_buf_clear(&chat->event);
    core_json_out_init(&o, &chat->event);
    core_json_out_object(&o, NULL);
    core_json_out_object(&o, "error");
    core_json_out_c(&o, "message", why ? why : core_err_text(status));
    core_json_out_c(&o, "type", broke ? "insufficient_quota" : "server_error");
    core_json_out_null(&o, "param");
    core_json_out_c(&o, "code", broke ? "budget_exceeded" : NULL);
    core_json_out_end(&o);
    chunk_send(chat, &o);
    stream_end(chat);
}

static void on_done(struct ai_ask *ask, int status, const struct ai_answer *answer)
{
    struct openai_chat *chat = ask->arg;
    if (status) {
        fail(chat, status, answer->broke);
    } else if (chat->begun) {
        stream_done(chat, answer);
    } else {
        whole_done(chat, answer);
    }
}

static void on_gone(struct gate_request *r, void *arg)
{
    struct openai_chat *chat = arg;
    ai_ask_cancel(gate_request_services(r)->ai, &chat->ask);
}

static void start(struct gate_request *r, void *arg)
{
    struct openai_chat *chat = arg;
    gate_request_on_gone(r, on_gone, chat);
    int err = ai_ask_start(gate_request_services(r)->ai, &chat->ask);
    if (err) {
        fail(chat, err, NULL);
    }
}

void handle_openai_chat(struct gate_request *r)
{
    const struct gate_services *s = gate_request_services(r);
    core_json body = gate_request_json(r);
    if (!body) {
        return;
    }
    struct openai_chat *chat = core_pool_alloc(gate_request_pool(r), sizeof *chat);
    if (!chat) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    chat->r = r;
    core_buf_init(&chat->event, GATE_LIMIT_EVENT);
    if (!openai_read(chat, body)) {
        return;
    }
    chat->created_s = core_wall_ms(s->env) / 1000;
    chat->ask.mode = AI_ASK_MODEL;
    chat->ask.owner = core_str(gate_request_account(r)->id);
    chat->ask.payer = payer_of(r);
    chat->ask.on_start = on_start;
    chat->ask.on_text = chat->stream ? on_text : NULL;
    chat->ask.on_done = on_done;
    chat->ask.arg = chat;
    ask_begin(r, &chat->ask.level_max, start, chat);
}
