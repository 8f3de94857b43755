#include "ai/model/openai_wire.h"

#include "core/json.h"
#include "core/limits.h"

/* --- Request ---------------------------------------------------------------------------------- */

int ai_wire_request(struct core_buf *out, const char *model, const struct ai_generate *g)
{
    static const char *const roles[] = {
        [AI_SYSTEM] = "system", [AI_USER] = "user", [AI_ASSISTANT] = "assistant"};
    struct core_json_out o;
    core_json_out_init(&o, out);
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "model", model);
    core_json_out_array(&o, "messages");
    for (size_t i = 0; i < g->message_count; i++) {
        core_json_out_object(&o, NULL);
        core_json_out_c(&o, "role", roles[g->messages[i].role]);
        core_json_out_str(&o, "content", g->messages[i].text);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    core_json_out_u64(&o, "max_tokens", g->tokens_max);
    core_json_out_double(&o, "temperature", g->temperature);
    if (g->top_p < 1)
        core_json_out_double(&o, "top_p", g->top_p);
    if (g->seed)
        core_json_out_i64(&o, "seed", (int64_t)g->seed);
    if (g->stop_count) {
        core_json_out_array(&o, "stop");
        for (size_t i = 0; i < g->stop_count; i++)
            core_json_out_str(&o, NULL, g->stops[i]);
        core_json_out_end(&o);
    }
    core_json_out_bool(&o, "stream", !g->whole);
    if (!g->whole) {
        core_json_out_object(&o, "stream_options");
        core_json_out_bool(&o, "include_usage", true);
        core_json_out_end(&o);
    }
    core_json_out_end(&o);
    return core_buf_error(out);
}

/* --- Answer ----------------------------------------------------------------------------------- */

void ai_wire_init(struct ai_wire *w)
{
    *w = (struct ai_wire){.begun = false};
    core_buf_init(&w->held, AI_LIMIT_WIRE_LINE);
}

void ai_wire_done(struct ai_wire *w)
{
    core_buf_done(&w->held);
}

static int add_text(struct core_buf *text, struct core_str piece)
{
    struct core_str part;
    if (core_str_find_byte(piece, '\0') < 0)
        return core_buf_add_str(text, piece);
    while (core_str_split(&piece, '\0', &part))
        core_buf_add_str(text, part);
    return core_buf_error(text);
}

static void take_usage(struct ai_wire *w, core_json usage)
{
    int64_t in, out;
    if (core_json_i64(core_json_get(usage, "prompt_tokens"), &in) ||
        core_json_i64(core_json_get(usage, "completion_tokens"), &out))
        return;
    if (in < 0 || in > AI_LIMIT_WIRE_TOKENS || out < 0 || out > AI_LIMIT_WIRE_TOKENS)
        return;
    w->counted = true;
    w->final = w->ended; /* some count as they go */
    w->tokens_in = (unsigned)in;
    w->tokens_out = (unsigned)out;
}

/* One event, or the object. */
static int take_json(struct ai_wire *w, struct core_str json, struct core_buf *text)
{
    struct core_json_doc *doc;
    struct core_str piece, reason;
    if (core_json_parse(json, &doc, NULL, 0))
        return CORE_EPROTO;
    core_json root = core_json_root(doc);
    core_json choices = core_json_get(root, "choices"), choice = core_json_at(choices, 0);
    core_json inner = core_json_get(choice, w->object ? "message" : "delta");
    int err = 0;
    if (core_json_type(choices) != CORE_JSON_ARRAY || core_json_count(core_json_get(root, "error")))
        err = CORE_EPROTO;
    if (!err && core_json_str(core_json_get(inner, "content"), &piece) == 0)
        err = add_text(text, piece);
    if (!err && core_json_str(core_json_get(choice, "finish_reason"), &reason) == 0) {
        w->finish = core_str_eq_c(reason, "length") ? "length" : "stop";
        w->ended = true;
    }
    if (!err && w->object) {
        w->ended = core_json_type(inner) == CORE_JSON_OBJECT;
        err = w->ended ? 0 : CORE_EPROTO;
    }
    if (!err)
        take_usage(w, core_json_get(root, "usage"));
    core_json_free(doc);
    return err;
}

/* A line of a stream. Other fields than "data", comments and blank lines say nothing. */
static int take_line(struct ai_wire *w, struct core_str line, struct core_buf *text)
{
    line = core_str_trim(line);
    if (!core_str_starts(line, CORE_STR("data:")))
        return 0;
    line = core_str_trim(core_strn(line.ptr + 5, line.len - 5));
    if (core_str_eq_c(line, "[DONE]")) {
        w->ended = w->last = true;
        return 0;
    }
    return line.len ? take_json(w, line, text) : 0;
}

static int take_lines(struct ai_wire *w, struct core_str bytes, struct core_buf *text)
{
    while (bytes.len && !w->last) {
        ssize_t end = core_str_find_byte(bytes, '\n');
        struct core_str line = core_strn(bytes.ptr, end < 0 ? bytes.len : (size_t)end);
        int err = 0;
        if (end < 0 || w->held.len) {
            err = core_buf_add_str(&w->held, line);
            line = core_buf_str(&w->held);
        }
        if (err || end < 0)
            return err;
        err = take_line(w, line, text);
        if (err)
            return err;
        core_buf_clear(&w->held);
        bytes = core_strn(bytes.ptr + end + 1, bytes.len - (size_t)end - 1);
    }
    return 0;
}

int ai_wire_feed(struct ai_wire *w, struct core_str bytes, struct core_buf *text)
{
    while (!w->begun && bytes.len) {
        char c = *bytes.ptr;
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            bytes = core_strn(bytes.ptr + 1, bytes.len - 1);
            continue;
        }
        w->begun = true;
        w->object = c == '{';
        w->held.max = w->object ? AI_LIMIT_WIRE_OBJECT : AI_LIMIT_WIRE_LINE;
        /* What else may begin a line of a stream: "data", "event", "id", "retry", ":". */
        if (!w->object && !strchr("deir:", c))
            return CORE_EPROTO;
    }
    if (w->object)
        return core_buf_add_str(&w->held, bytes);
    return take_lines(w, bytes, text);
}

int ai_wire_end(struct ai_wire *w, struct core_buf *text)
{
    int err = 0;
    if (w->object)
        err = take_json(w, core_buf_str(&w->held), text);
    else if (w->held.len) /* the last line has no end */
        err = take_line(w, core_buf_str(&w->held), text);
    if (!err && !w->ended)
        err = CORE_EPROTO;
    return err;
}
