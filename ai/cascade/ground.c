/*
 * ground.c: a small model rewords well and knows little, so it is shown a few sentences, and what
 * it says is checked against them word by word before anybody sees it.
 */
#include "ai/cascade/ground.h"

#include "ai/cascade/clause.h"
#include "ai/text/forms.h"
#include "ai/text/text.h"
#include "core/err.h"

/* Before the name of a passage. */
#define FROM "From "

/* --- What the model is shown ---------------------------------------------------------------- */

static bool passage_has(const struct ai_passage *p, struct core_str folded)
{
    const struct core_str parts[] = {p->text, p->chunk->name, p->chunk->title, p->chunk->heading};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (ai_word_stands(parts[i], folded, true))
            return true;
    return false;
}

bool ai_ground_shows(const struct ai_passages *passages, size_t i, struct core_str question)
{
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, question);
    while (ai_words_next(&words, &w))
        if (ai_text_is_code(w.folded, w.flags) && passage_has(&passages->at[0], w.folded) &&
            !passage_has(&passages->at[i], w.folded))
            return false;
    return true;
}

/* question: of a client's own conversation, nothing: any of it may be about something else. */
static int put_passages(const struct ai_passages *p, struct core_str question, struct core_buf *out)
{
    size_t n = p->count < AI_GROUND_PASSAGES ? p->count : AI_GROUND_PASSAGES;
    for (size_t i = 0; i < n; i++) {
        const struct ai_found_chunk *c = p->at[i].chunk;
        if (!ai_ground_shows(p, i, question))
            continue;
        core_buf_add_c(out, FROM);
        core_buf_add_str(out, c->name);
        core_buf_add_c(out, ": ");
        core_buf_add_str(out, p->at[i].text);
        core_buf_add_byte(out, '\n');
    }
    return core_buf_error(out);
}

int ai_ground_prompt(const struct ai_passages *passages, struct core_str system,
                     struct core_str question, struct core_pool *pool,
                     struct ai_message ret[static 2])
{
    struct core_buf b;
    core_buf_init(&b, AI_LIMIT_GROUND_PROMPT);
    put_passages(passages, question, &b);
    core_buf_add_c(&b, "\nQuestion: ");
    core_buf_add(&b, question.ptr, core_utf8_cut(question, AI_LIMIT_QUERY));
    int e = core_buf_error(&b);
    struct core_str text = e ? core_strn("", 0) : core_pool_str(pool, core_buf_str(&b));
    core_buf_done(&b);
    if (e)
        return e;
    if (!text.ptr)
        return CORE_ENOMEM;
    ret[0] = (struct ai_message){AI_SYSTEM, system};
    ret[1] = (struct ai_message){AI_USER, text};
    return 0;
}

int ai_ground_context(const struct ai_passages *passages, struct core_str system,
                      struct core_pool *pool, struct core_str *ret_system)
{
    struct core_buf b;
    core_buf_init(&b, AI_LIMIT_GROUND_PROMPT + system.len);
    core_buf_add_str(&b, system.len ? system : CORE_STR("You are a helpful assistant."));
    core_buf_add_c(&b, "\n\nKnowledge that may help:\n");
    put_passages(passages, CORE_STR(""), &b);
    int e = core_buf_error(&b);
    struct core_str text = e ? core_strn("", 0) : core_pool_str(pool, core_buf_str(&b));
    core_buf_done(&b);
    if (e)
        return e;
    if (!text.ptr)
        return CORE_ENOMEM;
    *ret_system = text;
    return 0;
}

static bool holds(const char *const *words, struct core_str folded)
{
    for (; *words; words++)
        if (core_str_eq_c(folded, *words))
            return true;
    return false;
}

unsigned ai_ground_tokens(struct core_str question)
{
    static const char *const more[] = {"explain",     "detail",     "details", "describe",
                                       "summarize",   "summarise",  "summary", "podrobne",
                                       "vysvetli",    "popis",      "shrn",    "erklare",
                                       "ausfuhrlich", "beschreibe", NULL};
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, question);
    while (ai_words_next(&words, &w))
        if (holds(more, w.folded))
            return AI_GROUND_TOKENS_MORE;
    return AI_GROUND_TOKENS;
}

/* --- The check ------------------------------------------------------------------------------ */

/* … in any form, or by another word for the same thing. */
static bool said_in(struct core_str folded, struct core_str text, enum ai_lang lang)
{
    struct core_pool *pool = core_pool_new(2 * AI_WORD_FORMS * AI_WORD_MAX);
    struct ai_term term = {.word = folded};
    struct ai_words words;
    struct ai_word w;
    bool in = false;
    term.form_count = ai_word_forms(pool, folded, lang, term.forms);
    ai_words_init(&words, text);
    while (!in && ai_words_next(&words, &w))
        in = ai_term_is(&term, w.folded);
    core_pool_free(pool);
    return in;
}

/* Has the text another code of its kind? */
static bool other_code_in(struct core_str folded, struct core_str text)
{
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &w))
        if (w.flags & AI_WORD_DIGIT && ai_text_same_kind(w.folded, folded))
            return true;
    return false;
}

static bool negates(struct core_str text)
{
    static const char *const no[] = {"not",     "no",      "never",  "cannot", "nor",
                                     "neither", "without", "none",   "nicht",  "nichts",
                                     "nie",     "niemals", "ohne",   "nelze",  "neni",
                                     "nesmi",   "nikdy",   "nejsou", NULL};
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &w))
        if (holds(no, w.folded) || core_str_ends(w.folded, CORE_STR("n't")) ||
            core_str_starts(w.folded, CORE_STR("kein")))
            return true;
    return false;
}

/* Options, paths, names with marks inside, and what stands in backticks are compared as written. */
static bool marks_supported(struct core_str s, struct core_str evidence, struct core_str question)
{
    size_t i = 0;
    bool quoted = false;
    while (i < s.len) {
        while (i < s.len && (unsigned char)s.ptr[i] <= ' ')
            i++;
        size_t start = i;
        while (i < s.len && (unsigned char)s.ptr[i] > ' ')
            i++;
        struct core_str token = core_strn(s.ptr + start, i - start);
        bool opens = token.len > 0 && token.ptr[0] == '`';
        bool closes = memchr(token.ptr + opens, '`', token.len - opens) != NULL;
        quoted |= opens;
        while (token.len && strchr(".,;:!?\"'`)", token.ptr[token.len - 1]))
            token.len--;
        while (token.len && strchr("\"'`(", token.ptr[0]))
            token = core_strn(token.ptr + 1, token.len - 1);
        bool mark = quoted;
        for (size_t j = 0; j < token.len; j++)
            mark |= strchr("-/_=$+<>", token.ptr[j]) != NULL;
        if (mark && core_str_find(evidence, token) < 0 && core_str_find(question, token) < 0)
            return false;
        if (closes)
            quoted = false;
    }
    return true;
}

bool ai_ground_supported(struct core_str sentence, struct core_str evidence,
                         struct core_str question, bool small)
{
    enum ai_lang lang = ai_lang_guess(question);
    struct ai_words words;
    struct ai_word w;
    unsigned content = 0, known = 0, shown = 0, fresh = 0;
    bool first = true;
    if (!marks_supported(sentence, evidence, question))
        return false;
    if (negates(sentence) && !negates(evidence) && !negates(question))
        return false;
    if (!ai_clause_supported(sentence, evidence))
        return false;
    ai_words_init(&words, sentence);
    while (ai_words_next(&words, &w)) {
        bool strict = (w.flags & AI_WORD_DIGIT) ||
                      (!first && (w.flags & (AI_WORD_CAPITAL | AI_WORD_UPPER)));
        first = false;
        if (!strict && ai_stop(w.folded, lang))
            continue;
        bool asked = ai_word_stands(question, w.folded, strict);
        bool in = strict ? ai_word_stands(evidence, w.folded, true)
                         : said_in(w.folded, evidence, lang);
        if (strict && !asked && !in)
            return false;
        /* What is true of E15 is not for whoever asks about E24; a quantity may differ. */
        if (ai_text_is_code(w.folded, w.flags) && !in && other_code_in(w.folded, evidence))
            return false;
        /* Nor is what is true of the plane for whoever asks about the ferry. */
        if (small && asked && !in && !(w.flags & AI_WORD_DIGIT) && !ai_answer_common_word(w.folded))
            return false;
        content++;
        shown += in;
        known += asked || in;
        fresh += in && !asked;
    }
    /* Something new must be said, nearly all of it known, and the evidence must speak of the same
     * thing, not only hold a number that fits into the question. */
    return fresh > 0 && known * 10 >= content * AI_GROUND_KNOWN &&
           shown * 10 >= content * AI_GROUND_SHOWN;
}

bool ai_ground_echoes(const struct ai_passages *passages, struct core_str sentence)
{
    sentence = core_str_trim(sentence);
    if (!core_str_starts(sentence, CORE_STR(FROM)))
        return false;
    sentence = core_strn(sentence.ptr + strlen(FROM), sentence.len - strlen(FROM));
    for (size_t i = 0; i < passages->count && i < AI_GROUND_PASSAGES; i++)
        if (core_str_starts(sentence, passages->at[i].chunk->name))
            return true;
    return false;
}

/* "e.g." and initials end no sentence. */
static bool abbreviates(struct core_str text, size_t stop)
{
    size_t start = stop;
    while (start && !strchr(" (\n", text.ptr[start - 1]))
        start--;
    struct core_str word = core_strn(text.ptr + start, stop - start);
    bool digit = word.len == 1 && *word.ptr >= '0' && *word.ptr <= '9';
    return (word.len <= 1 && !digit) || core_str_ieq(word, CORE_STR("e.g")) ||
           core_str_ieq(word, CORE_STR("i.e")) || core_str_ieq(word, CORE_STR("etc")) ||
           core_str_ieq(word, CORE_STR("vs"));
}

/* Bytes of the quotes and brackets, and the stars of Markdown, that may stand behind a stop. */
static size_t closers(struct core_str text)
{
    size_t n = 0;
    for (uint32_t c; n < text.len;) {
        size_t len = core_utf8_next(text, n, &c);
        if (!ai_text_is_closer(c))
            break;
        n += len;
    }
    return n;
}

size_t ai_ground_sentence(struct core_str text, bool whole)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c != '.' && c != '!' && c != '?')
            continue;
        size_t next = i + 1;
        next += closers(core_strn(text.ptr + next, text.len - next));
        bool last = next == text.len;
        if (last ? !whole : text.ptr[next] != ' ' && text.ptr[next] != '\n')
            continue;
        if (last || c != '.' || !abbreviates(text, i))
            return next;
    }
    return 0;
}
