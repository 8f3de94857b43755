/* token.c: small work on lists of tokens that the parsers of all languages share. */
#include "ai/guard/lex.h"

bool guard_listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    if (!list || !len)
        return false;
    for (const char *at = list; (at = strstr(at, word)); at += len) {
        bool begins = at == list || at[-1] == ' ';
        if (begins && (at[len] == ' ' || at[len] == '\0'))
            return true;
    }
    return false;
}

int guard_synonym(const struct guard_language *l, const char *word)
{
    for (int i = 0; l->synonyms[i]; i++)
        if (guard_listed(l->synonyms[i], word))
            return i;
    return -1;
}

bool guard_ends(const char *word, const char *tail)
{
    size_t n = strlen(word), t = strlen(tail);
    return n > t && !memcmp(word + n - t, tail, t);
}

bool guard_is(const struct guard_tokens *tokens, size_t at, const char *word)
{
    return at < tokens->count && !(tokens->at[at].flags & GUARD_CODE) &&
           !strcmp(tokens->at[at].text, word);
}

bool guard_in(const struct guard_tokens *tokens, size_t at, const char *list)
{
    return at < tokens->count && !(tokens->at[at].flags & GUARD_CODE) &&
           guard_listed(list, tokens->at[at].text);
}

void guard_drop(struct guard_tokens *tokens, size_t at)
{
    memmove(&tokens->at[at], &tokens->at[at + 1], (tokens->count - at - 1) * sizeof *tokens->at);
    tokens->count--;
    if (at < tokens->count)
        tokens->at[at].flags |= GUARD_BREAK;
}

void guard_move(struct guard_tokens *tokens, size_t from, size_t to)
{
    struct guard_token moved = tokens->at[from];
    if (from > to)
        memmove(&tokens->at[to + 1], &tokens->at[to], (from - to) * sizeof moved);
    else if (from < to)
        memmove(&tokens->at[from], &tokens->at[from + 1], (--to - from) * sizeof moved);
    tokens->at[to] = moved;
}

void guard_rotate(struct guard_tokens *tokens, size_t n)
{
    struct guard_tokens copy = *tokens;
    for (size_t i = 0; i < copy.count; i++)
        tokens->at[i] = copy.at[(i + n) % copy.count];
}

bool guard_insert(struct guard_tokens *tokens, size_t at, const char *word, unsigned flags)
{
    if (tokens->count == AI_LIMIT_GUARD_WORDS || strlen(word) >= AI_LIMIT_GUARD_WORD)
        return false;
    memmove(&tokens->at[at + 1], &tokens->at[at], (tokens->count - at) * sizeof *tokens->at);
    memcpy(tokens->at[at].text, word, strlen(word) + 1);
    tokens->at[at].flags = flags;
    tokens->count++;
    return true;
}

void guard_turn_clause(struct guard_tokens *tokens, const char *conjunctions)
{
    if (!guard_in(tokens, 0, conjunctions))
        return;
    for (size_t i = 1; i + 1 < tokens->count; i++)
        if (tokens->at[i].flags & GUARD_COMMA) {
            tokens->at[i].flags &= ~(unsigned)GUARD_COMMA;
            guard_rotate(tokens, i + 1);
            return;
        }
}

char guard_wh_type(const struct guard_language *l, const char *word)
{
    for (const struct guard_wh *w = l->wh; w->words; w++)
        if (guard_listed(w->words, word))
            return w->type;
    return GUARD_TYPE_NONE;
}

int guard_take_type(const struct guard_language *l, struct guard_tokens *tokens,
                    struct guard_form *f)
{
    for (size_t i = 0; i < tokens->count; i++) {
        char type = tokens->at[i].flags & GUARD_CODE ? GUARD_TYPE_NONE
                                                     : guard_wh_type(l, tokens->at[i].text);
        if (!type)
            continue;
        f->type = type;
        guard_drop(tokens, i);
        return (int)i;
    }
    return -1;
}

const struct guard_language *guard_language(enum ai_lang lang)
{
    switch (lang) {
    case AI_LANG_EN:
        return &guard_english;
    case AI_LANG_CS:
        return &guard_czech;
    case AI_LANG_DE:
        return &guard_german;
    default:
        return NULL;
    }
}
