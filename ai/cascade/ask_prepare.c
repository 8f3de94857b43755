/*
 * ask_prepare.c: everything about a question that needs no model: what was said before, L0,
 * retrieval, L1, and the decision who answers. One piece of work on the pool `ask`.
 */
#include "ai/cascade/cascade.h"

#include "ai/cascade/ask_remote.h"
#include "ai/cascade/ground.h"
#include "ai/guard/guard.h"
#include "ai/question/followup.h"
#include "ai/text/text.h"
#include "core/err.h"

/* --- Conversation --------------------------------------------------------------------------- */

static struct core_str put_id(char *at, struct core_str id)
{
    memcpy(at, id.ptr, id.len);
    at[id.len] = '\0';
    return core_strn(at, id.len);
}

/* The conversation with its ids; *ret_before gets the questions before this one, newest first. */
static int open_turn(struct ai_ask_state *s, struct ai_history_question ret_before[static 2])
{
    const struct core_env *env = s->ai->env;
    const struct ai_ask *ask = s->ask;
    struct ai_history_turn *t = &s->turn;
    t->owner = ask->owner;
    t->question = s->question;
    t->retry_of = ask->retry_of;
    t->at_ms = core_wall_ms(env);
    t->is_new = !ask->conversation_id.len;
    if (t->is_new) {
        char title[AI_LIMIT_TITLE_AUTO + 8];
        core_id_new(env, s->conversation_id);
        t->conversation = core_str(s->conversation_id);
        t->title = core_pool_str(s->pool, ai_history_title(s->question, title));
        core_id_new(env, s->user_message_id);
        t->user_message = core_str(s->user_message_id);
        ai_history_id_after(env, t->user_message, s->message_id);
        t->message = core_str(s->message_id);
        return t->title.ptr ? 0 : CORE_ENOMEM;
    }
    struct ai_history_context context;
    t->conversation = put_id(s->conversation_id, ask->conversation_id);
    int e = ai_history_context(s->ai, ask->owner, t->conversation, ask->retry_of, s->pool,
                               &context);
    if (e < 0)
        return e;
    if (ask->retry_of.len) {
        e = ai_history_id_again(s->ai, t->conversation, ask->retry_of, s->message_id);
        if (e < 0)
            return e;
        if (!context.count)
            return CORE_ENOTFOUND;
        t->user_message = put_id(s->user_message_id, context.questions[0].id);
        ret_before[0] = context.questions[1];
    } else {
        ai_history_id_after(env, context.last_id, s->user_message_id);
        t->user_message = core_str(s->user_message_id);
        ai_history_id_after(env, t->user_message, s->message_id);
        memcpy(ret_before, context.questions, sizeof context.questions);
    }
    t->message = core_str(s->message_id);
    return 0;
}

/* The same for a client that sends the conversation along. */
static void before_in_messages(const struct ai_ask_state *s,
                               struct ai_history_question ret_before[static 2])
{
    unsigned n = 0;
    bool last = true;
    for (size_t i = s->ask->message_count; i-- > 0 && n < 2;) {
        if (s->ask->messages[i].role != AI_USER)
            continue;
        if (!last)
            ret_before[n++].text = s->ask->messages[i].text;
        last = false;
    }
}

static struct core_str last_question(const struct ai_ask *ask)
{
    for (size_t i = ask->message_count; i-- > 0;)
        if (ask->messages[i].role == AI_USER)
            return core_str_trim(ask->messages[i].text);
    return CORE_STR("");
}

/* An earlier question as if it had been asked of what the later ones name, the newest first. */
static void add_before(struct core_buf *b, struct core_str before, const struct core_str later[2])
{
    struct core_str old, new;
    before.len = core_utf8_cut(before, AI_LIMIT_QUERY / 4);
    if (!ai_followup_swaps(before, later[0], &old, &new) &&
        !ai_followup_swaps(before, later[1], &old, &new)) {
        core_buf_add_str(b, before);
        return;
    }
    core_buf_add(b, before.ptr, (size_t)(old.ptr - before.ptr));
    core_buf_add(b, new.ptr, core_utf8_cut(new, AI_LIMIT_QUERY / 4));
    core_buf_add(b, old.ptr + old.len, (size_t)(before.ptr + before.len - old.ptr) - old.len);
}

/* What is searched for: the question, with the one it leans on, which *ret_lead is. */
static int make_query(struct ai_ask_state *s, const struct ai_history_question before[static 2],
                      struct core_str *ret_query, struct core_str *ret_lead)
{
    *ret_query = s->question;
    *ret_lead = CORE_STR("");
    if (!before[0].text.len || !ai_followup(s->question))
        return 0;
    struct core_buf b;
    core_buf_init(&b, 4 * AI_LIMIT_QUERY);
    bool deeper = before[1].text.len && ai_followup(before[0].text);
    const struct core_str later[] = {s->question, before[0].text};
    for (unsigned i = deeper ? 2 : 1; i-- > 0;) {
        add_before(&b, before[i].text, later);
        core_buf_add_byte(&b, ' ');
    }
    size_t lead = b.len;
    core_buf_add(&b, s->question.ptr, core_utf8_cut(s->question, AI_LIMIT_QUERY / 2));
    int e = core_buf_error(&b);
    struct core_str all = e ? CORE_STR("") : core_pool_str(s->pool, core_buf_str(&b));
    core_buf_done(&b);
    if (e)
        return e;
    if (!all.ptr)
        return CORE_ENOMEM;
    *ret_query = all;
    *ret_lead = core_strn(all.ptr, lead);
    return 0;
}

/* --- L0 ------------------------------------------------------------------------------------- */

/* A question and nothing else that what answers it would have to heed. */
static bool stands_alone(const struct ai_ask_state *s)
{
    const struct ai_ask *ask = s->ask;
    return ask->cacheable && !ask->stop_count && s->question.len <= AI_LIMIT_QUERY &&
           (ask->mode == AI_ASK_DOCUMENTS ||
            (ask->message_count == 1 && ask->messages[0].role == AI_USER));
}

static bool may_use_cache(const struct ai_ask_state *s)
{
    const struct ai_ask *ask = s->ask;
    return s->ai->cache && !ask->trial && !ask->retry_of.len && stands_alone(s);
}

/* What the answer may depend on besides the question: those before it that it leans on, whole. When
 * even the oldest one that is known points further back, the answer belongs to this conversation
 * alone: *ret_whole is false. */
static int key_context(struct ai_ask_state *s, const struct ai_history_question before[static 2],
                       struct core_str *ret_context, bool *ret_whole)
{
    struct core_buf b;
    core_buf_init(&b, 4 * AI_LIMIT_QUERY);
    struct core_str last = s->question;
    unsigned n = 0;
    for (; n < 2 && before[n].text.len && ai_followup_refers(last); n++) {
        last = before[n].text;
        core_buf_add_str(&b, last);
        core_buf_add_byte(&b, '\n');
    }
    *ret_whole = !core_buf_error(&b) && (n < 2 || !ai_followup_refers(last));
    *ret_context = *ret_whole ? core_pool_str(s->pool, core_buf_str(&b)) : CORE_STR("");
    core_buf_done(&b);
    return ret_context->ptr ? 0 : CORE_ENOMEM;
}

static int make_key(struct ai_ask_state *s, struct core_str context)
{
    struct core_buf b;
    core_buf_init(&b, 4 * AI_LIMIT_QUERY);
    struct ai_cache_scope scope = {.mode = s->ask->mode,
                                   .owner = s->ask->owner,
                                   .model = s->ask->model,
                                   .level_max = s->level_max,
                                   .context = context};
    /* Whatever may have gone through the model depends on the prompt, also a passage quoted in
     * place of what it said. A client's own conversation has its own. */
    if (s->level_max >= 2 && s->ask->mode == AI_ASK_DOCUMENTS)
        scope.prompt = s->prompt;
    int e = ai_guard_normalise(s->question, &b);
    if (!e)
        ai_cache_key(&scope, core_buf_str(&b), &s->key);
    core_buf_done(&b);
    return e;
}

/* Does the text fit what the client wants? */
static bool fits(const struct ai_ask_state *s, struct core_str text)
{
    return !s->ask->tokens_max || ai_text_tokens(text) <= s->ask->tokens_max;
}

static void take_text(struct ai_ask_state *s, struct core_str text, bool answered)
{
    s->text = text;
    s->answered = answered;
    s->verdict = ASK_ANSWER;
    if (s->ask->mode == AI_ASK_DOCUMENTS)
        return;
    /* Clients count tokens; without a model these are estimates. */
    s->receipt.tokens_in = ai_text_tokens(s->question);
    s->receipt.tokens_out = ai_text_tokens(text);
}

static bool take_entry(struct ai_ask_state *s, const struct ai_cache_entry *entry, bool exact)
{
    if (!fits(s, entry->text))
        return false;
    take_text(s, entry->text, entry->answered);
    memcpy(s->citations, entry->sources, entry->source_count * sizeof *entry->sources);
    s->citation_count = entry->source_count;
    memcpy(s->receipt.cache_id, entry->id, sizeof s->receipt.cache_id);
    s->receipt.level = 0;
    s->receipt.cached = true;
    s->receipt.confidence = entry->confidence;
    s->receipt.why_stopped = exact ? "cache_exact" : "cache_semantic";
    s->provider = "cache";
    return true;
}

static bool try_exact(struct ai_ask_state *s)
{
    struct ai_cache_entry entry;
    return s->cacheable && ai_cache_exact(s->ai, &s->key, s->pool, &entry) == 0 &&
           take_entry(s, &entry, true);
}

static bool try_near(struct ai_ask_state *s)
{
    struct ai_cache_entry entry;
    return s->cacheable && s->found.model &&
           ai_cache_near(s->ai, &s->key, s->question, s->found.model, s->found.vector,
                         s->found.dimensions, s->pool, &entry) == 0 &&
           take_entry(s, &entry, false);
}

/* --- L1 and refusals ------------------------------------------------------------------------ */

static bool is_quoted(const struct ai_ask_state *s, const struct ai_passage *p)
{
    for (size_t i = 0; i < s->citation_count; i++) {
        const struct ai_source *o = &s->citations[i].source;
        if (core_str_eq(o->document_id, p->chunk->document_id) &&
            o->start <= p->chunk->start + (int64_t)p->start &&
            o->end >= p->chunk->start + (int64_t)p->end)
            return true;
    }
    return false;
}

/* The best passages as sources, but none that stands in the quote of a better one. */
static int cite_passages(struct ai_ask_state *s)
{
    const struct ai_passages *p = &s->passages;
    s->citation_count = 0;
    for (size_t i = 0; i < p->count && s->citation_count < AI_ANSWER_SOURCES; i++) {
        if (is_quoted(s, &p->at[i]))
            continue;
        int e = ai_passage_cite(&p->at[i], s->pool, &s->citations[s->citation_count]);
        if (e < 0)
            return e;
        s->citation_count++;
    }
    return 0;
}

int ask_quote(struct ai_ask_state *s)
{
    const struct ai_passages *p = &s->passages;
    int e = cite_passages(s);
    if (e < 0)
        return e;
    take_text(s, p->at[0].lines, true);
    s->receipt.level = 1;
    s->receipt.why_stopped = p->confidence >= s->ai->confident.quote ? "passage_confident"
                                                                     : "passage_best";
    s->receipt.confidence = p->confidence;
    s->provider = "passages";
    return 0;
}

int ask_refuse(struct ai_ask_state *s)
{
    const struct ai_passages *p = &s->passages;
    int e = cite_passages(s);
    if (e < 0)
        return e;
    take_text(s, ai_talk_text(s->found.empty ? AI_TALK_EMPTY : AI_TALK_REFUSAL, s->found.lang),
              false);
    s->receipt.level = 1;
    s->receipt.why_stopped = "not_in_documents";
    s->receipt.confidence = p->confidence;
    s->provider = "passages";
    return 0;
}

static bool try_talk(struct ai_ask_state *s)
{
    enum ai_lang lang;
    enum ai_talk talk = ai_talk_recognise(s->question, &lang);
    if (s->ask->mode != AI_ASK_DOCUMENTS || talk == AI_TALK_NONE)
        return false;
    take_text(s, ai_talk_text(talk, lang), true);
    s->cacheable = false;
    s->receipt.level = s->level_max ? 1 : 0;
    s->receipt.why_stopped = "small_talk";
    s->receipt.confidence = 1;
    s->provider = "passages";
    return true;
}

/* --- The decision --------------------------------------------------------------------------- */

static bool model_ready(const struct ai_ask_state *s)
{
    return s->level_max >= 2 && s->ai->model;
}

static int add_evidence(struct ai_ask_state *s, const struct ai_passage *p,
                        struct core_str sentence)
{
    const struct core_str parts[] = {p->chunk->name, p->chunk->title, p->chunk->heading, p->term,
                                     sentence};
    struct core_buf b;
    core_buf_init(&b, 2 * AI_LIMIT_GROUND_PROMPT);
    for (size_t j = 0; j < sizeof parts / sizeof *parts; j++) {
        core_buf_add_str(&b, parts[j]);
        core_buf_add_byte(&b, '\n');
    }
    int e = core_buf_error(&b);
    if (!e) {
        struct core_str copy = core_pool_str(s->pool, core_buf_str(&b));
        s->evidence[s->evidence_count++] = copy;
        e = copy.ptr ? 0 : CORE_ENOMEM;
    }
    core_buf_done(&b);
    return e;
}

/* What generated sentences are checked against: the sentences of one passage. */
static int gather_evidence(struct ai_ask_state *s, const struct ai_passage *p)
{
    struct core_str text = core_strn(p->chunk->text.ptr + p->start, p->end - p->start);
    struct ai_sentences it;
    struct ai_sentence sentence;
    int e = 0;
    ai_sentences_init(&it, text);
    for (size_t n = 0; n < AI_GROUND_SENTENCES && !e && ai_sentences_next(&it, &sentence); n++)
        e = add_evidence(s, p, core_strn(text.ptr + sentence.start, sentence.end - sentence.start));
    return e;
}

static int cite_for_model(struct ai_ask_state *s)
{
    size_t n = s->passages.count < AI_GROUND_PASSAGES ? s->passages.count : AI_GROUND_PASSAGES;
    int e = cite_passages(s);
    for (size_t i = 0; i < n && !e; i++)
        if (ai_ground_shows(&s->passages, i, s->question))
            e = gather_evidence(s, &s->passages.at[i]);
    if (e)
        s->citation_count = 0;
    return e;
}

/* Does the question name anything? Of "Why?" or "???" by itself no sentence lacks a word, so that
 * any one would seem to answer it. */
static bool names_something(const struct ai_found *found)
{
    return found->term_count || found->option_count;
}

static bool is_answerable(const struct ai_ask_state *s)
{
    return names_something(&s->found) && s->passages.answerable >= s->ai->confident.answerable;
}

static int decide_documents(struct ai_ask_state *s)
{
    double confidence = s->passages.confidence;
    s->receipt.confidence = confidence;
    bool named = names_something(&s->found);
    bool answerable = is_answerable(s);
    s->quotable = s->level_max >= 1 && answerable;
    if (s->quotable && confidence >= s->ai->confident.quote)
        return ask_quote(s);
    /* The small model words English. A remote one may also look at what hardly seems to answer;
     * what it says is checked as well. */
    bool local = model_ready(s) && answerable && s->found.lang == AI_LANG_EN;
    s->escalate = ask_remote_possible(s) && s->passages.count && named &&
                  s->passages.answerable >= s->ai->confident.remote;
    if (local || s->escalate) {
        s->level_next = local ? 2 : 3;
        s->escalate = local && s->escalate;
        s->messages = core_pool_alloc(s->pool, 2 * sizeof *s->messages);
        if (!s->messages)
            return CORE_ENOMEM;
        s->message_count = 2;
        s->verdict = ASK_GENERATE;
        int e = cite_for_model(s);
        return e < 0 ? e
                     : ai_ground_prompt(&s->passages, s->prompt, s->question, s->pool, s->messages);
    }
    if (s->quotable)
        return ask_quote(s);
    if (s->level_max >= 1)
        return ask_refuse(s);
    take_text(s, ai_talk_text(AI_TALK_LEVEL, s->found.lang), false);
    s->receipt.why_stopped = "not_in_documents";
    s->cacheable = false;
    return 0;
}

/* Which model writes; 0: there is none. `skyai`: the local one rewords what the knowledge holds, as
 * far as that is English and short; all else is for a remote one. */
static unsigned route(const struct ai_ask_state *s)
{
    bool local = model_ready(s);
    size_t bytes = 0;
    if (!ask_remote_possible(s))
        return local ? 2 : 0;
    for (size_t i = 0; i < s->ask->message_count; i++)
        bytes += s->ask->messages[i].text.len;
    bool easy = !strcmp(s->ask->model, "skyai") && s->found.lang == AI_LANG_EN &&
                s->passages.confidence >= s->ai->confident.easy && bytes <= AI_LIMIT_QUERY &&
                s->ask->tokens_max <= AI_MODEL_TOKENS;
    return local && easy ? 2 : 3;
}

static int decide_model(struct ai_ask_state *s)
{
    const struct ai_ask *ask = s->ask;
    double confidence = s->passages.confidence;
    s->receipt.confidence = confidence;
    bool answerable = is_answerable(s);
    bool quote = answerable && stands_alone(s) && s->level_max >= 1 &&
                 confidence >= s->ai->confident.client && fits(s, s->passages.at[0].lines);
    if (quote)
        return ask_quote(s);
    s->level_next = route(s);
    if (!s->level_next)
        return CORE_EUNSUPPORTED;
    s->verdict = ASK_GENERATE;
    s->messages = (struct ai_message *)ask->messages;
    s->message_count = s->message_plain = ask->message_count;
    if (!answerable || confidence < s->ai->confident.context)
        return 0;
    bool has_system = ask->messages[0].role == AI_SYSTEM;
    size_t n = ask->message_count + !has_system;
    s->messages = core_pool_alloc(s->pool, n * sizeof *s->messages);
    if (!s->messages)
        return CORE_ENOMEM;
    memcpy(s->messages + !has_system, ask->messages, ask->message_count * sizeof *s->messages);
    struct core_str system = has_system ? ask->messages[0].text : CORE_STR("");
    s->messages[0].role = AI_SYSTEM;
    s->message_count = n;
    int e = cite_for_model(s);
    return e < 0 ? e : ai_ground_context(&s->passages, system, s->pool, &s->messages[0].text);
}

/* As far as the client, the model it names and what is configured allow. */
static void limit_level(struct ai_ask_state *s)
{
    const struct ai_ask *ask = s->ask;
    size_t count;
    const struct ai_model_info *models = ai_models(s->ai, &count);
    unsigned level_max = s->ai->level_max;
    if (level_max > 2 && !(s->remote && s->remote->choice_count))
        level_max = 2; /* a level that is not configured is skipped */
    s->level_max = ask->level_max < level_max ? ask->level_max : level_max;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(models[i].id, ask->model) && models[i].level_max < s->level_max)
            s->level_max = models[i].level_max;
}

int ask_decide_alone(struct ai_ask_state *s)
{
    s->question = last_question(s->ask);
    limit_level(s);
    s->found.empty = true;
    s->found.lang = AI_LANG_OTHER;
    return decide_model(s);
}

static int prepare(struct ai_ask_state *s, unsigned worker)
{
    const struct ai_ask *ask = s->ask;
    struct ai_history_question before[2] = {{{0}, {0}}, {{0}, {0}}};
    struct core_str query, lead, context = CORE_STR("");
    bool documents = ask->mode == AI_ASK_DOCUMENTS;
    s->question = last_question(ask);
    limit_level(s);
    int e = s->prompt.ptr ? 0 : CORE_ENOMEM;
    if (e)
        return e;
    if (documents)
        e = open_turn(s, before);
    else
        before_in_messages(s, before);
    if (e < 0)
        return e;
    if (try_talk(s))
        return 0;
    e = make_query(s, before, &query, &lead);
    bool whole = true;
    if (!e)
        e = key_context(s, before, &context, &whole);
    if (e < 0)
        return e;
    s->cacheable = whole && may_use_cache(s);
    if (s->cacheable)
        e = make_key(s, context);
    if (e < 0)
        return e;
    if (try_exact(s))
        return 0;
    /* What is answered at once is stored with its answer, what takes longer before. */
    if (documents && !ask->trial)
        ask_store_question(s);
    e = ai_cache_generation(s->ai, s->generation, sizeof s->generation);
    if (e < 0)
        return e;
    s->early = ai__embed_pending(s->ai);
    ai_retrieve_question(s->ai, worker, query, s->pool, &s->found);
    if (lead.len)
        ai_retrieve_leans(&s->found, lead, s->question);
    if (try_near(s))
        return 0;
    if (core_work_cancelled(&s->work))
        return CORE_ECANCELLED;
    e = ai_retrieve(s->ai, worker, AI_LIMIT_PASSAGE_CHUNKS, AI_FUSE_REPEAT_ASK, s->pool, &s->found);
    if (!e)
        e = ai_passages_choose(s->ai, &s->found, s->pool, &s->passages);
    if (e < 0)
        return e;
    return documents ? decide_documents(s) : decide_model(s);
}

void ask_prepare(struct core_work *work, unsigned worker)
{
    struct ai_ask_state *s = (struct ai_ask_state *)work;
    s->status = prepare(s, worker);
    if (!s->status)
        s->status = ask_hold_decided(s);
}
