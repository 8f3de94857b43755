/*
 * cascade_generate.c: L2 on the loop. For a client's own conversation text passes as it comes. For
 * questions to the documents each sentence waits until it is whole and supported by the passages;
 * the first that is not ends the answer, and when it was the very first, the passage itself is
 * quoted instead.
 */
#include "ai/cascade.h"

#include "ai/ground.h"
#include "ai/prompt.h"
#include "core/err.h"

static struct core_str pending_text(struct ai_ask_state *s)
{
    struct core_str all = core_buf_str(&s->generated);
    return core_strn(all.ptr + s->emitted, all.len - s->emitted);
}

static void emit_pending(struct ai_ask_state *s, size_t len)
{
    struct core_str text = pending_text(s);
    text.len = len;
    s->emitted += len;
    ask_emit(s, text);
}

/* One sentence of the passages has to bear it, and it must hold what was asked for. */
static bool supported(const struct ai_ask_state *s, struct core_str sentence)
{
    enum ai_answer_type type = s->found.type;
    bool exact = type == AI_ANSWER_OPTION || type == AI_ANSWER_NUMBER || type == AI_ANSWER_PATH ||
                 type == AI_ANSWER_DATE || type == AI_ANSWER_PERSON;
    if (exact && !s->emitted && ai_answer_match(type, sentence, AI_SENTENCE_PROSE) <= 0)
        return false;
    for (size_t i = 0; i < s->evidence_count; i++)
        if (ai_ground_supported(sentence, s->evidence[i], s->question))
            return true;
    return false;
}

static void emit_supported(struct ai_ask_state *s, bool whole)
{
    while (!s->rejected) {
        struct core_str text = pending_text(s);
        size_t len = ai_ground_sentence(text, whole);
        if (!len)
            return;
        if (supported(s, core_strn(text.ptr, len)))
            emit_pending(s, len);
        else
            s->rejected = true;
    }
}

static void on_text(struct ai_generate *request, struct core_str text)
{
    struct ai_ask_state *s = request->arg;
    if (s->cancelled || s->rejected)
        return;
    if (core_buf_add_str(&s->generated, text) < 0)
        return; /* capped; what is there stays */
    if (s->ask->mode == AI_ASK_MODEL) {
        emit_pending(s, text.len);
        return;
    }
    emit_supported(s, false);
    if (s->rejected)
        s->ai->model->ops->cancel(s->ai->model, &s->generate);
}

/* The passage, or that there is none. */
static void fall_back(struct ai_ask_state *s)
{
    int e = s->quotable ? ask_quote(s) : ask_refuse(s);
    if (!e)
        ask_emit(s, s->text);
    ask_finish(s, s->cancelled ? CORE_ECANCELLED : e);
}

static void finish_documents(struct ai_ask_state *s)
{
    s->text = core_strn(s->generated.ptr ? s->generated.ptr : "", s->emitted);
    s->text = core_str_trim(s->text);
    if (!s->text.len) {
        fall_back(s);
        return;
    }
    s->answered = true;
    ask_finish(s, 0);
}

static void on_done(struct ai_generate *request, int status, const struct ai_usage *usage)
{
    struct ai_ask_state *s = request->arg;
    bool documents = s->ask->mode == AI_ASK_DOCUMENTS;
    s->phase = ASK_ANSWERING;
    if (usage) {
        s->receipt.tokens_in = usage->tokens_in;
        s->receipt.tokens_out = usage->tokens_out;
        if (usage->finish)
            s->finish = usage->finish;
        s->receipt.cost_microusd = ai__price_of(s->ai, usage->tokens_in, usage->tokens_out);
    }
    if (s->cancelled) {
        s->text = core_strn(s->generated.ptr ? s->generated.ptr : "", s->emitted);
        s->answered = s->text.len > 0;
        ask_finish(s, CORE_ECANCELLED);
        return;
    }
    if (status == CORE_ETOOBIG && s->message_plain && s->messages != s->ask->messages) {
        /* Without what was added the client's own messages may fit. */
        s->messages = (struct ai_message *)s->ask->messages;
        s->message_count = s->message_plain;
        s->citation_count = 0;
        ask_generate(s);
        return;
    }
    if (documents) {
        if (!status)
            emit_supported(s, strcmp(s->finish, "length") != 0);
        s->finish = "stop";
        finish_documents(s);
        return;
    }
    s->text = core_buf_str(&s->generated);
    s->answered = status == 0;
    if (!status && !strcmp(s->finish, "length"))
        s->receipt.why_stopped = "length";
    ask_finish(s, status);
}

void ask_generate(struct ai_ask_state *s)
{
    const struct ai_ask *ask = s->ask;
    struct ai_model *model = s->ai->model;
    bool documents = ask->mode == AI_ASK_DOCUMENTS;
    struct ai_generate *g = &s->generate;
    memset(g, 0, sizeof *g);
    g->messages = s->messages;
    g->message_count = s->message_count;
    g->temperature = documents ? 0 : ask->temperature;
    g->top_p = documents ? 1 : ask->top_p;
    g->seed = ask->seed;
    g->repeat_penalty = AI_REPEAT_PENALTY;
    g->tokens_max = ask->tokens_max ? ask->tokens_max
                    : documents     ? ai_ground_tokens(s->question)
                                    : AI_MODEL_TOKENS;
    memcpy(g->stops, ask->stops, sizeof g->stops);
    g->stop_count = ask->stop_count;
    g->on_text = on_text;
    g->on_done = on_done;
    g->arg = s;
    s->receipt.level = 2;
    s->receipt.why_stopped = "model";
    s->provider = model->ops->provider(model);
    int e = model->ops->generate(model, g);
    if (!e)
        s->phase = ASK_GENERATING;
    else if (documents)
        fall_back(s);
    else
        ask_finish(s, e);
}
