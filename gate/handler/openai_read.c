/*
 * openai_read.c: the body of a chat completion, checked field by field.
 *
 * What a small local model cannot do (tools, several choices, forced formats, images) is refused by
 * name instead of being ignored: a program that asked for it would act on a wrong answer.
 */
#include "gate/handler/openai.h"

static const double TOP_P_LEAST = 1e-6;

void openai_no_model(struct gate_request *r)
{
    gate_reply_problem(r, 404, "model-not-found", "The model does not exist",
                       "GET /v1/models lists the models of this server");
}

const struct ai_model_info *openai_model(struct gate_request *r, struct core_str id)
{
    size_t count;
    const struct ai_model_info *models = ai_models(gate_request_services(r)->ai, &count);
    for (size_t i = 0; i < count; i++) {
        if (core_str_eq_c(id, models[i].id)) {
            return &models[i];
        }
    }
    openai_no_model(r);
    return NULL;
}

static bool role_read(struct core_str role, enum ai_role *ret)
{
    static const struct {
        const char *name;
        enum ai_role role;
    } roles[] = {{"system", AI_SYSTEM},
                 {"developer", AI_SYSTEM},
                 {"user", AI_USER},
                 {"assistant", AI_ASSISTANT}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (core_str_eq_c(role, roles[i].name)) {
            *ret = roles[i].role;
            return true;
        }
    }
    return false;
}

/* The text parts of a content array, joined. */
static bool parts_read(struct gate_request *r, core_json parts, struct core_str *ret)
{
    struct core_json_iter it = core_json_iter(parts);
    struct core_str key, type, text;
    struct core_buf joined;
    core_json part;
    bool ok = true;
    core_buf_init(&joined, GATE_LIMIT_MODEL_TEXT);
    while (ok && core_json_next(&it, &key, &part)) {
        ok = core_json_str(core_json_get(part, "type"), &type) == 0 &&
             core_str_eq_c(type, "text") && core_json_str(core_json_get(part, "text"), &text) == 0;
        if (ok) {
            core_buf_add_str(&joined, text);
        }
    }
    if (ok) {
        *ret = core_pool_str(gate_request_pool(r), core_buf_str(&joined));
        ok = ret->ptr && !core_buf_error(&joined);
    }
    core_buf_done(&joined);
    return ok;
}

static bool message_read(struct gate_request *r, core_json item, struct ai_message *ret)
{
    struct core_str role;
    core_json content = core_json_get(item, "content");
    if (core_json_str(core_json_get(item, "role"), &role) || !role_read(role, &ret->role)) {
        field_problem(r, "messages", "must have roles of system, developer, user or assistant");
        return false;
    }
    if (core_json_str(content, &ret->text) &&
        (core_json_type(content) != CORE_JSON_ARRAY || !parts_read(r, content, &ret->text))) {
        field_problem(r, "messages", "must have a content of text (a string or text parts)");
        return false;
    }
    return field_text(r, "messages", ret->text);
}

static bool messages_read(struct openai_chat *chat, core_json body)
{
    struct gate_request *r = chat->r;
    core_json list = core_json_get(body, "messages");
    size_t count = core_json_count(list);
    if (core_json_type(list) != CORE_JSON_ARRAY || count == 0 || count > GATE_LIMIT_MESSAGES) {
        field_problem(r, "messages", "must be a list of 1 to 1000 messages");
        return false;
    }
    struct ai_message *messages = core_pool_alloc(gate_request_pool(r), count * sizeof *messages);
    if (!messages) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return false;
    }
    struct core_json_iter it = core_json_iter(list);
    struct core_str key;
    core_json item;
    for (size_t i = 0; core_json_next(&it, &key, &item); i++) {
        if (!message_read(r, item, &messages[i])) {
            return false;
        }
    }
    if (messages[count - 1].role != AI_USER) {
        field_problem(r, "messages", "must end with a message of the user");
        return false;
    }
    chat->ask.messages = messages;
    chat->ask.message_count = count;
    return true;
}

static bool stops_read(struct openai_chat *chat, core_json body)
{
    struct ai_ask *ask = &chat->ask;
    core_json stop = core_json_get(body, "stop");
    struct core_json_iter it = core_json_iter(stop);
    struct core_str key;
    core_json item;
    switch (core_json_type(stop)) {
    case CORE_JSON_ABSENT:
    case CORE_JSON_NULL:
        return true;
    case CORE_JSON_STRING:
        core_json_str(stop, &ask->stops[0]);
        ask->stop_count = ask->stops[0].len > 0;
        return true;
    case CORE_JSON_ARRAY:
        break;
    default:
        field_problem(chat->r, "stop", "must be a string or a list of up to 4 strings");
        return false;
    }
    while (core_json_next(&it, &key, &item)) {
        if (ask->stop_count == AI_GENERATE_STOPS ||
            core_json_str(item, &ask->stops[ask->stop_count]) ||
            ask->stops[ask->stop_count].len == 0) {
            field_problem(chat->r, "stop", "must be a string or a list of up to 4 strings");
            return false;
        }
        ask->stop_count++;
    }
    return true;
}

static bool sampling_read(struct openai_chat *chat, core_json body)
{
    struct gate_request *r = chat->r;
    struct ai_ask *ask = &chat->ask;
    int64_t tokens = 0, seed = 0, n = 1;
    ask->top_p = 1;
    /* Deterministic unless asked otherwise: an assistant for documents has no use for dice. */
    ask->temperature = 0;
    if (!field_int(r, body, "max_tokens", FIELD_OPTIONAL, 1, GATE_LIMIT_TOKENS, &tokens) ||
        !field_int(r, body, "max_completion_tokens", FIELD_OPTIONAL, 1, GATE_LIMIT_TOKENS,
                   &tokens) ||
        !field_double(r, body, "temperature", 0, 2, &ask->temperature) ||
        !field_double(r, body, "top_p", 0, 1, &ask->top_p) ||
        !field_int(r, body, "seed", FIELD_OPTIONAL, INT64_MIN, INT64_MAX, &seed) ||
        !field_int(r, body, "n", FIELD_OPTIONAL, 1, 1, &n)) {
        return false;
    }
    /* OpenAI takes 0, which leaves the likeliest token alone; the sampler wants some mass. */
    ask->top_p = ask->top_p > TOP_P_LEAST ? ask->top_p : TOP_P_LEAST;
    ask->tokens_max = (unsigned)tokens;
    ask->seed = (uint64_t)seed;
    return true;
}

/* What has a wrong type is not what was meant, and must not pass as absent. */
static bool object_read(struct gate_request *r, core_json body, const char *name)
{
    enum core_json_type type = core_json_type(core_json_get(body, name));
    if (type == CORE_JSON_ABSENT || type == CORE_JSON_NULL || type == CORE_JSON_OBJECT) {
        return true;
    }
    field_problem(r, name, "must be an object");
    return false;
}

static bool unsupported_refuse(struct gate_request *r, core_json body)
{
    struct core_str type;
    core_json format = core_json_get(core_json_get(body, "response_format"), "type");
    const char *name = core_json_count(core_json_get(body, "tools"))       ? "tools"
                       : core_json_count(core_json_get(body, "functions")) ? "functions"
                       : core_json_str(format, &type) == 0 && !core_str_eq_c(type, "text")
                           ? "response_format"
                           : NULL;
    bool logprobs = false;
    if (!object_read(r, body, "response_format") || !field_bool(r, body, "logprobs", &logprobs)) {
        return true;
    }
    if (!name && !logprobs) {
        return false;
    }
    field_problem(r, name ? name : "logprobs", "is not supported by this server's models");
    return true;
}

static bool stream_read(struct openai_chat *chat, core_json body)
{
    core_json options = core_json_get(body, "stream_options");
    return field_bool(chat->r, body, "stream", &chat->stream) &&
           object_read(chat->r, body, "stream_options") &&
           field_bool(chat->r, options, "include_usage", &chat->usage_chunk);
}

static bool has_system(const struct ai_ask *ask)
{
    for (size_t i = 0; i < ask->message_count; i++) {
        if (ask->messages[i].role == AI_SYSTEM) {
            return true;
        }
    }
    return false;
}

bool openai_read(struct openai_chat *chat, core_json body)
{
    struct core_str model;
    if (!field_str(chat->r, body, "model", FIELD_REQUIRED, 1, 64, &model)) {
        return false;
    }
    chat->model = openai_model(chat->r, model);
    if (!chat->model || !messages_read(chat, body) || !sampling_read(chat, body) ||
        !stops_read(chat, body) || !stream_read(chat, body) || unsupported_refuse(chat->r, body)) {
        return false;
    }
    chat->ask.model = chat->model->id;
    chat->ask.level_max = chat->model->level_max;
    /* Only a first question without instructions of its own may come from cache or knowledge. */
    chat->ask.cacheable = chat->ask.message_count == 1 && chat->ask.temperature <= 0 &&
                          !has_system(&chat->ask) && chat->ask.stop_count == 0;
    return true;
}
