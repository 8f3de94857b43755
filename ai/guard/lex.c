/*
 * lex.c: a question as tokens separated by white space, contractions opened, set phrases
 * replaced. Marks inside a token stay ("-r", "c++", "/etc/fstab", "3.5"), marks around it go.
 */
#include "ai/guard/lex.h"

#include "core/err.h"

#include <strings.h>

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x3000 || c == 0xfeff;
}

/* Quotes and brackets on either side, stops at the end only. */
static bool is_wrap(uint32_t c)
{
    return c == '"' || c == '\'' || c == '`' || c == '(' || c == ')' || c == '[' || c == ']' ||
           c == '{' || c == '}' || c == 0x2018 || c == 0x2019 || c == 0x201a || c == 0x201c ||
           c == 0x201d || c == 0x201e || c == 0xab || c == 0xbb || c == 0xbf || c == 0xa1;
}
static bool is_stop(uint32_t c)
{
    return c == '?' || c == '!' || c == '.' || c == ',' || c == ';' || c == ':' || c == 0x2026 ||
           c == 0xff1f;
}

/* Takes the next run of non-space off the text; false at the end. */
static bool next_raw(struct core_str text, size_t *at, struct core_str *ret)
{
    uint32_t c;
    size_t i = *at;
    while (i < text.len) {
        size_t n = core_utf8_next(text, i, &c);
        if (!is_space(c))
            break;
        i += n;
    }
    size_t start = i;
    while (i < text.len) {
        size_t n = core_utf8_next(text, i, &c);
        if (is_space(c))
            break;
        i += n;
    }
    *at = i;
    *ret = core_strn(text.ptr + start, i - start);
    return i > start;
}

static struct core_str unwrap(struct core_str raw)
{
    struct core_str s = raw;
    uint32_t c;
    while (s.len) {
        size_t n = core_utf8_next(s, 0, &c);
        if (!is_wrap(c))
            break;
        s.ptr += n;
        s.len -= n;
    }
    for (;;) {
        size_t last = s.len;
        while (last && ((unsigned char)s.ptr[--last] & 0xc0) == 0x80) {
        }
        if (!s.len)
            break;
        core_utf8_next(s, last, &c);
        if (!is_wrap(c) && !is_stop(c))
            break;
        s.len = last;
    }
    /* A token of marks alone ("..", "?") may be what is asked about. */
    return s.len ? s : raw;
}

/* Letters only (an apostrophe may stand between), letters with digits, or anything else. */
enum shape { SHAPE_LETTERS, SHAPE_MIXED, SHAPE_CODE };
static enum shape shape_of(struct core_str s)
{
    enum shape shape = SHAPE_LETTERS;
    bool first = true;
    for (size_t i = 0; i < s.len; first = false) {
        uint32_t c;
        i += core_utf8_next(s, i, &c);
        if (c == '\'' || c == 0x2019)
            continue;
        if (!core_utf8_is_word(c))
            return SHAPE_CODE;
        bool digit = c >= '0' && c <= '9';
        if (digit)
            shape = SHAPE_MIXED;
        if (digit && first)
            return SHAPE_CODE;
    }
    return shape;
}

/* "US", "IT", "WHO" among words in lower case are not "us", "it", "who". */
static bool is_acronym(struct core_str s)
{
    static const char common[] = "us it who or and is are be do can may at in on an as so no all";
    char lower[4];
    if (s.len < 2 || s.len > 3)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < 'A' || s.ptr[i] > 'Z')
            return false;
        lower[i] = (char)(s.ptr[i] + 'a' - 'A');
    }
    lower[s.len] = '\0';
    return guard_listed(common, lower);
}

/* A question typed in capitals tells nothing by them. */
static bool shouts(struct core_str question)
{
    for (size_t i = 0; i < question.len; i++)
        if (question.ptr[i] >= 'a' && question.ptr[i] <= 'z')
            return false;
    return true;
}

/* One letter may be an option or a name, but for "I", and for "A" where it begins a question. */
static bool keeps_case(struct core_str s, enum shape shape, bool first, bool loud)
{
    if (shape == SHAPE_CODE || (!loud && is_acronym(s)))
        return true;
    return s.len == 1 && s.ptr[0] != 'I' && (s.ptr[0] != 'A' || (!first && !loud));
}

/* Lower case into out (NUL-terminated), the apostrophe made plain; false when it does not fit. */
static bool put_lower(struct core_str s, bool keep, char *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len;) {
        uint32_t c;
        i += core_utf8_next(s, i, &c);
        if (c == 0)
            return false;
        if (c == 0x2019)
            c = '\'';
        if (n + 5 > cap)
            return false;
        n += core_utf8_put(keep ? c : core_utf8_lower(c), out + n);
    }
    out[n] = '\0';
    return true;
}

static bool is_capital(struct core_str s)
{
    uint32_t c;
    core_utf8_next(s, 0, &c);
    return core_utf8_lower(c) != c;
}

static bool push(struct guard_tokens *tokens, const char *text, size_t len, unsigned flags)
{
    if (!len)
        return true;
    if (tokens->count == AI_LIMIT_GUARD_WORDS || len >= AI_LIMIT_GUARD_WORD)
        return false;
    struct guard_token *t = &tokens->at[tokens->count++];
    memcpy(t->text, text, len);
    t->text[len] = '\0';
    t->flags = flags;
    return true;
}

/* "don't" → do not, "what's" → what is, "SSH's" → ssh. */
static bool push_english(struct guard_tokens *tokens, const char *text, unsigned flags)
{
    const char *mark = strchr(text, '\'');
    size_t len = strlen(text), head = mark ? (size_t)(mark - text) : len;
    if (!strcmp(text, "cannot") || !strcmp(text, "can't"))
        return push(tokens, "can", 3, flags) && push(tokens, "not", 3, 0);
    if (!strcmp(text, "won't"))
        return push(tokens, "will", 4, flags) && push(tokens, "not", 3, 0);
    if (!mark)
        return push(tokens, text, len, flags);
    if (!strcmp(mark, "'t") && head > 1 && text[head - 1] == 'n')
        return push(tokens, text, head - 1, flags) && push(tokens, "not", 3, 0);
    if (!strcmp(mark, "'s")) {
        char word[AI_LIMIT_GUARD_WORD];
        memcpy(word, text, head);
        word[head] = '\0';
        bool is = guard_listed("what who where when why how it that there here", word);
        return push(tokens, text, head, is ? flags : flags | GUARD_OWNER) &&
               (!is || push(tokens, "is", 2, 0));
    }
    if (!strcmp(mark, "'re") || !strcmp(mark, "'m"))
        return push(tokens, text, head, flags) && push(tokens, "are", 3, 0);
    if (!strcmp(mark, "'d") && head <= 4)
        return push(tokens, text, head, flags) && push(tokens, "would", 5, 0);
    if (!strcmp(mark, "'ll"))
        return push(tokens, text, head, flags) && push(tokens, "will", 4, 0);
    if (!strcmp(mark, "'"))
        return push(tokens, text, head, flags);
    return push(tokens, text, len, flags);
}

/* Words that are written with and without a hyphen. */
static struct core_str unhyphen(struct core_str s)
{
    static const char *const words[][2] = {
        {"e-mail", "email"}, {"wi-fi", "wifi"}, {"e-mails", "emails"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (s.len == strlen(words[i][0]) && !strncasecmp(s.ptr, words[i][0], s.len))
            return core_str(words[i][1]);
    return s;
}

bool guard_lex(struct core_str question, enum ai_lang lang, struct guard_tokens *ret)
{
    ret->count = 0;
    size_t at = 0;
    struct core_str raw;
    bool loud = shouts(question);
    while (next_raw(question, &at, &raw)) {
        struct core_str s = unhyphen(unwrap(raw));
        enum shape shape = shape_of(s);
        char text[AI_LIMIT_GUARD_WORD];
        /* Czech has prepositions of one letter. */
        bool preposition = lang == AI_LANG_CS && !ret->count && s.len == 1;
        bool keep = keeps_case(s, shape, !ret->count, loud) && !preposition;
        if (!put_lower(s, keep, text, sizeof text))
            return false;
        unsigned flags = shape == SHAPE_CODE || (keep && s.len > 1) ? GUARD_CODE : 0;
        if (!ret->count)
            flags |= GUARD_FIRST;
        else if (is_capital(s) && s.len > 1)
            flags |= is_capital(core_strn(s.ptr + 1, s.len - 1)) ? GUARD_NAME
                                                                 : GUARD_NAME | GUARD_PROPER;
        if (raw.len && (raw.ptr[raw.len - 1] == ',' || raw.ptr[raw.len - 1] == ';'))
            flags |= GUARD_COMMA;
        bool ok = lang == AI_LANG_EN && !(flags & GUARD_CODE)
                      ? push_english(ret, text, flags)
                      : push(ret, text, strlen(text), flags);
        if (!ok)
            return false;
    }
    return true;
}

/* --- Phrases -------------------------------------------------------------------------------- */

/* How many tokens from `at` the phrase covers, or 0. */
static size_t phrase_at(const struct guard_tokens *tokens, size_t at, const char *phrase)
{
    struct core_str rest = core_str(phrase), word;
    size_t n = 0;
    while (core_str_split(&rest, ' ', &word)) {
        if (at + n >= tokens->count || !core_str_eq_c(word, tokens->at[at + n].text))
            return 0;
        n++;
    }
    return n;
}

static void replace(struct guard_tokens *tokens, size_t at, size_t n, const char *by)
{
    struct core_str rest = core_str(by), word;
    size_t put = 0;
    /* No replacement is longer than what it replaces. */
    while (rest.len && put < n && core_str_split(&rest, ' ', &word)) {
        struct guard_token *t = &tokens->at[at + put++];
        memcpy(t->text, word.ptr, word.len);
        t->text[word.len] = '\0';
        t->flags &= GUARD_FIRST | GUARD_COMMA;
    }
    memmove(&tokens->at[at + put], &tokens->at[at + n],
            (tokens->count - at - n) * sizeof *tokens->at);
    tokens->count -= n - put;
}

static bool is_wh(const struct guard_language *l, const struct guard_tokens *tokens, size_t at)
{
    for (const struct guard_wh *w = l->wh; w->words && at < tokens->count; w++)
        if (guard_listed(w->words, tokens->at[at].text))
            return true;
    return false;
}

/* "Hello, I would be glad to know when …" → "when …". */
static void drop_courtesy(const struct guard_language *l, struct guard_tokens *tokens)
{
    bool request = false;
    size_t at = 0;
    /* Whether I know it is another question. */
    if (guard_in(tokens, 0, "do does did should must") && guard_in(tokens, 1, "i we"))
        return;
    while (at < tokens->count && !is_wh(l, tokens, at) && guard_in(tokens, at, l->courtesy))
        request |= guard_in(tokens, at++, l->request);
    if (!at || !request || !is_wh(l, tokens, at))
        return;
    guard_rotate(tokens, at);
    tokens->count -= at;
}

void guard_rewrite(struct guard_tokens *tokens, enum ai_lang lang)
{
    const struct guard_language *l = guard_language(lang);
    if (!l)
        return;
    drop_courtesy(l, tokens);
    for (const struct guard_phrase *p = l->phrases; p->from; p++) {
        size_t last = p->where == GUARD_ANYWHERE ? tokens->count : 0;
        for (size_t at = 0; at <= last && at < tokens->count; at++) {
            size_t n = phrase_at(tokens, at, p->from);
            if (!n || (p->where == GUARD_BEFORE_WH && !is_wh(l, tokens, at + n)))
                continue;
            replace(tokens, at, n, p->to);
        }
    }
}

/* --- Exact form ----------------------------------------------------------------------------- */

int ai_guard_normalise(struct core_str question, struct core_buf *out)
{
    size_t at = 0;
    struct core_str raw;
    bool first = true, loud = shouts(question);
    struct core_str s = core_str_trim(question);
    /* Closing punctuation of the whole question, unless it stands alone. */
    while (s.len > 1 && strchr("?!.", s.ptr[s.len - 1]) && s.ptr[s.len - 2] != ' ' &&
           s.ptr[s.len - 1] != '\0')
        s.len--;
    while (next_raw(s, &at, &raw)) {
        struct core_str bare = unwrap(raw);
        bool keep = keeps_case(bare, shape_of(bare), first, loud);
        if (!first)
            core_buf_add_byte(out, ' ');
        first = false;
        for (size_t i = 0; i < raw.len;) {
            uint32_t c;
            char utf8[4];
            i += core_utf8_next(raw, i, &c);
            if (c == 0x2019)
                c = '\'';
            size_t n = core_utf8_put(keep ? c : core_utf8_lower(c), utf8);
            core_buf_add(out, utf8, n);
        }
    }
    return core_buf_error(out);
}
