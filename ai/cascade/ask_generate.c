/*
 * ask_generate.c: what models write, on the loop, and L2. For a client's own conversation text
 * passes as it comes. For questions to the documents each sentence waits until it is whole and
 * supported by the passages; the first that is not ends the answer, and when it was the very first,
 * the passage itself is quoted instead.
 */
#include "ai/cascade/cascade.h"

#include "ai/cascade/ask_remote.h"
#include "ai/cascade/ground.h"
#include "ai/cascade/prompt.h"
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
    if (s->level_next == 2 && ai_ground_echoes(&s->passages, sentence))
        return false;
    if (exact && !s->emitted && ai_answer_match(type, sentence, AI_SENTENCE_PROSE) <= 0)
        return false;
    for (size_t i = 0; i < s->evidence_count; i++)
        if (ai_ground_supported(sentence, s->evidence[i], s->question, s->level_next == 2))
            return true;
    return false;
}

static void emit_supported(struct ai_ask_state *s, bool whole)
{
    while (!s->rejected) {
        struct core_str text = pending_text(s);
        size_t len = ai_ground_sentence(text, whole);
        if (!len && text.len <= AI_LIMIT_GROUND_SENTENCE)
            return;
        if (len && len <= AI_LIMIT_GROUND_SENTENCE && supported(s, core_strn(text.ptr, len)))
            emit_pending(s, len);
        else
            s->rejected = true;
    }
}

static void on_text(struct ai_generate *request, struct core_str text)
{
    struct ai_ask_state *s = request->arg;
    s->received += text.len;
    if (s->cancelled || s->rejected)
        return;
    if (!s->called_first_ns)
        s->called_first_ns = core_mono_ns(s->ai->env);
    if (core_buf_add_str(&s->generated, text) < 0)
        return; /* capped; what is there stays */
    if (s->ask->mode == AI_ASK_MODEL) {
        emit_pending(s, text.len);
        return;
    }
    emit_supported(s, false);
    if (s->rejected)
        s->model->ops->cancel(s->model, &s->generate);
}

void ask_check_rest(struct ai_ask_state *s, bool whole)
{
    emit_supported(s, whole);
}

bool ask_forget(struct ai_ask_state *s)
{
    if (s->emitted && s->ask->on_text)
        return false;
    core_buf_clear(&s->generated);
    s->emitted = 0;
    s->first_ns = 0;
    s->rejected = false;
    return true;
}

/* The passage, or that there is none: which is not known where a level was not asked. */
static void fall_back(struct ai_ask_state *s)
{
    int e = s->receipt.skipped ? ask_skip(s) : s->quotable ? ask_quote(s) : ask_refuse(s);
    if (!e)
        ask_emit(s, s->text);
    ask_finish(s, s->cancelled ? CORE_ECANCELLED : e);
}

void ask_finish_documents(struct ai_ask_state *s)
{
    s->text = core_strn(s->generated.ptr ? s->generated.ptr : "", s->emitted);
    s->text = core_str_trim(s->text);
    if (s->text.len) {
        s->answered = true;
        s->receipt.skipped = 0; /* another level did better than the passage */
        ask_finish(s, 0);
    } else if (s->escalate && ask_remote_possible(s) && ask_forget(s)) {
        s->escalate = false;
        ask_remote_generate(s);
    } else {
        fall_back(s);
    }
}

static void finish_model(struct ai_ask_state *s, int status)
{
    if (status && status != CORE_ECANCELLED && ask_remote_possible(s) && ask_forget(s)) {
        ask_remote_generate(s);
        return;
    }
    s->text = core_buf_str(&s->generated);
    s->answered = status == 0;
    if (core_buf_error(&s->generated)) /* what is there is not all */
        s->finish = "length";
    if (!status && !strcmp(s->finish, "length"))
        s->receipt.why_stopped = "length";
    ask_finish(s, status);
}

/* --- L2 ------------------------------------------------------------------------------------- */

static void on_done(struct ai_generate *request, int status, const struct ai_usage *usage)
{
    struct ai_ask_state *s = request->arg;
    bool documents = s->ask->mode == AI_ASK_DOCUMENTS;
    s->phase = ASK_ANSWERING;
    if (usage) {
        s->receipt.tokens_in = usage->tokens_in;
        s->receipt.tokens_out = usage->tokens_out;
        s->hold.real = (struct account_cost){
            .microusd = ai__price_of(s->price, usage->tokens_in, usage->tokens_out),
            .tokens = (int64_t)usage->tokens_in + usage->tokens_out};
        if (usage->finish)
            s->finish = usage->finish;
    }
    if (s->cancelled) {
        s->text = core_strn(s->generated.ptr ? s->generated.ptr : "", s->emitted);
        s->answered = s->text.len > 0;
        ask_finish(s, CORE_ECANCELLED);
        return;
    }
    if (status == CORE_ETOOBIG && !ask_remote_possible(s) && s->message_plain &&
        s->messages != s->ask->messages) {
        /* Without what was added the client's own messages may fit. */
        s->messages = (struct ai_message *)s->ask->messages;
        s->message_count = s->message_plain;
        s->citation_count = 0;
        ask_generate(s);
        return;
    }
    s->local_failed = status && !s->rejected;
    if (documents) {
        if (!status)
            emit_supported(s, strcmp(s->finish, "length") != 0);
        s->finish = "stop";
        ask_finish_documents(s);
        return;
    }
    finish_model(s, status);
}

void ask_request(struct ai_ask_state *s, unsigned tokens_max)
{
    const struct ai_ask *ask = s->ask;
    bool documents = ask->mode == AI_ASK_DOCUMENTS;
    struct ai_generate *g = &s->generate;
    memset(g, 0, sizeof *g);
    g->messages = s->messages;
    g->message_count = s->message_count;
    g->temperature = documents ? 0 : ask->temperature;
    g->top_p = documents ? 1 : ask->top_p;
    g->seed = ask->seed;
    g->repeat_penalty = AI_REPEAT_PENALTY;
    g->tokens_max = tokens_max;
    memcpy(g->stops, ask->stops, sizeof g->stops);
    g->stop_count = ask->stop_count;
    g->whole = !documents && !ask->on_text;
    g->on_text = on_text;
    g->arg = s;
}

static void generate_local(struct ai_ask_state *s)
{
    struct ai_model *model = s->model = s->ai->model;
    ask_request(s, ask_tokens_max(s));
    s->generate.on_done = on_done;
    s->receipt.level = 2;
    s->receipt.why_stopped = "model";
    s->provider = model->ops->provider(model);
    int e = model->ops->generate(model, &s->generate);
    if (!e) {
        s->phase = ASK_GENERATING;
        return;
    }
    s->local_failed = true;
    if (s->ask->mode == AI_ASK_DOCUMENTS)
        ask_finish_documents(s);
    else
        finish_model(s, e);
}

void ask_generate(struct ai_ask_state *s)
{
    if (s->level_next == 3)
        ask_remote_generate(s);
    else
        generate_local(s);
}
