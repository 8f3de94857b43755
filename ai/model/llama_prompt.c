/*
 * llama_prompt.c: a conversation as tokens (see llama_prompt.h).
 *
 * The template gives one text, in which the model's control marks (such as
 * <|im_start|>) are spelled out. Tokenizing it whole is what models were trained on,
 * and is done when no message contains the spelling of such a mark. Otherwise a message
 * could speak in another role; then the template is filled with placeholders, its own
 * parts are tokenized with marks and the messages without.
 */
#include "ai/model/llama_prompt.h"

#include "core/buf.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <llama.h>
#include <stdio.h>
#include <stdlib.h>

struct ai_llama_prompter {
    const struct llama_vocab *vocab;
    const char *template;   /* the model's, or NULL */
    struct core_str *marks; /* spellings of control tokens; the vocabulary's memory */
    size_t mark_count;
    bool fallback_stop;
};

/* Where the template is unknown or missing: understood by most small models, harmless to others. */
static const char fallback[] = "chatml";
static const char fallback_end[] = "<|im_end|>";

static bool is_mark(const struct llama_vocab *vocab, llama_token token)
{
    return ((int)llama_vocab_get_attr(vocab, token) & LLAMA_TOKEN_ATTR_CONTROL) != 0;
}

static bool template_works(const char *template)
{
    const struct llama_chat_message message = {"user", "x"};
    return template && llama_chat_apply_template(template, &message, 1, true, NULL, 0) > 0;
}

struct ai_llama_prompter *ai_llama_prompter_new(const struct llama_model *model)
{
    struct ai_llama_prompter *p = core_alloc(sizeof *p);
    p->vocab = llama_model_get_vocab(model);
    p->template = llama_model_chat_template(model, NULL);
    bool end_known = false;
    if (!template_works(p->template))
        p->template = NULL;
    int32_t n = llama_vocab_n_tokens(p->vocab);
    size_t cap = 0;
    for (llama_token t = 0; t < n; t++) {
        if (!is_mark(p->vocab, t))
            continue;
        struct core_str spelling = core_str(llama_vocab_get_text(p->vocab, t));
        /* Shorter ones would turn up in every text, and no model marks a role with them. */
        if (spelling.len < 3)
            continue;
        if (core_grow((void **)&p->marks, &cap, p->mark_count, sizeof *p->marks, (size_t)n) != 0)
            break;
        p->marks[p->mark_count++] = spelling;
        end_known |= core_str_eq_c(spelling, fallback_end);
    }
    p->fallback_stop = !p->template && !end_known;
    return p;
}

void ai_llama_prompter_free(struct ai_llama_prompter *p)
{
    if (!p)
        return;
    free(p->marks);
    free(p);
}

struct core_str ai_llama_prompter_stop(const struct ai_llama_prompter *p)
{
    return core_str(p->fallback_stop ? fallback_end : "");
}

/* --- Rendering -------------------------------------------------------------------------------- */

static const char *role_name(enum ai_role role)
{
    switch (role) {
    case AI_SYSTEM:
        return "system";
    case AI_USER:
        return "user";
    case AI_ASSISTANT:
        return "assistant";
    }
    return NULL;
}

/* contents are NUL-terminated. The text in *ret, which is initialised. */
static int render(const struct ai_llama_prompter *p, const struct ai_message *messages,
                  char *const *contents, size_t count, struct core_buf *ret)
{
    struct llama_chat_message *chat = core_alloc_array(count, sizeof *chat);
    int err = 0;
    for (size_t i = 0; i < count && err == 0; i++) {
        chat[i] = (struct llama_chat_message){role_name(messages[i].role), contents[i]};
        if (!chat[i].role)
            err = CORE_EINVAL;
    }
    const char *template = p->template ? p->template : fallback;
    int32_t len = err ? 0 : llama_chat_apply_template(template, chat, count, true, NULL, 0);
    if (err == 0 && len < 0)
        err = CORE_EINVAL;
    char *to = err ? NULL : core_buf_reserve(ret, (size_t)len + 1);
    if (err == 0 && !to)
        err = core_buf_error(ret);
    if (err == 0) {
        len = llama_chat_apply_template(template, chat, count, true, to, len + 1);
        core_buf_grew(ret, (size_t)len);
    }
    free(chat);
    return err;
}

/* --- Tokenizing ------------------------------------------------------------------------------- */

struct sink {
    const struct ai_llama_prompter *prompter;
    int32_t *tokens;
    size_t count, cap;
};

static int add_tokens(struct sink *sink, struct core_str text, bool begin, bool marks)
{
    int32_t n = llama_tokenize(sink->prompter->vocab, text.ptr, (int32_t)text.len,
                               sink->tokens + sink->count, (int32_t)(sink->cap - sink->count),
                               begin, marks);
    if (n < 0)
        return CORE_ETOOBIG;
    sink->count += (size_t)n;
    return 0;
}

static bool holds_mark(const struct ai_llama_prompter *p, const struct ai_message *messages,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; m < p->mark_count; m++)
            if (core_str_find(messages[i].text, p->marks[m]) >= 0)
                return true;
    return false;
}

/* A NUL would end the message early inside the template: it becomes a space. */
static char *copy_content(struct core_str text)
{
    char *copy = core_strdup(text);
    for (size_t i = 0; i < text.len; i++)
        if (!copy[i])
            copy[i] = ' ';
    return copy;
}

static int prompt_whole(struct sink *sink, const struct ai_message *messages, size_t count,
                        struct core_buf *text)
{
    char **contents = core_alloc_array(count, sizeof *contents);
    for (size_t i = 0; i < count; i++)
        contents[i] = copy_content(messages[i].text);
    int err = render(sink->prompter, messages, contents, count, text);
    if (err == 0)
        err = add_tokens(sink, core_buf_str(text), true, true);
    for (size_t i = 0; i < count; i++)
        free(contents[i]);
    free(contents);
    return err;
}

/* Templates trim or copy what they are given; STX, a number, ETX survives both, and no template has
 * it of its own. */
static int prompt_by_parts(struct sink *sink, const struct ai_message *messages, size_t count,
                           struct core_buf *text)
{
    char(*marks)[16] = core_alloc_array(count, sizeof *marks);
    char **contents = core_alloc_array(count, sizeof *contents);
    for (size_t i = 0; i < count; i++) {
        snprintf(marks[i], sizeof marks[i], "\x02%zu\x03", i);
        contents[i] = marks[i];
    }
    int err = render(sink->prompter, messages, contents, count, text);
    struct core_str left = core_buf_str(text);
    bool begin = true;
    for (size_t i = 0; i < count && err == 0; i++) {
        ssize_t at = core_str_find(left, core_str(marks[i]));
        if (at < 0) /* the template left this message out or moved it */
            continue;
        err = add_tokens(sink, core_strn(left.ptr, (size_t)at), begin, true);
        if (err == 0)
            err = add_tokens(sink, messages[i].text, false, false);
        begin = false;
        size_t past = (size_t)at + strlen(marks[i]);
        left = core_strn(left.ptr + past, left.len - past);
    }
    if (err == 0)
        err = add_tokens(sink, left, begin, true);
    free(contents);
    free(marks);
    return err;
}

int ai_llama_prompt(const struct ai_llama_prompter *p, const struct ai_message *messages,
                    size_t count, int32_t *ret_tokens, size_t cap, size_t *ret_count)
{
    if (count == 0)
        return CORE_EINVAL;
    if (count > AI_LIMIT_PROMPT_MESSAGES)
        return CORE_ETOOBIG;
    size_t bytes = 0, bytes_max = cap * AI_LIMIT_TOKEN_BYTES;
    for (size_t i = 0; i < count; i++) {
        if (messages[i].text.len > bytes_max - bytes)
            return CORE_ETOOBIG;
        bytes += messages[i].text.len;
    }
    struct core_buf text;
    /* The template's own words for each message beside the messages. */
    core_buf_init(&text, bytes_max + count * 256 + 4096);
    struct sink sink = {.prompter = p, .tokens = ret_tokens, .cap = cap};
    int err = holds_mark(p, messages, count) ? prompt_by_parts(&sink, messages, count, &text)
                                             : prompt_whole(&sink, messages, count, &text);
    core_buf_done(&text);
    if (err)
        return err;
    *ret_count = sink.count;
    return 0;
}
