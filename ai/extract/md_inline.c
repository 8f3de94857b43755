/*
 * md_inline.c: *emphasis*, **strong**, ~~struck~~, `code`, [text](link), ![picture](link), <tags>,
 * &entities;, [^1] and \escapes. A mark without its end is text.
 */
#include "ai/extract/txt.h"

#include <stdio.h>

/* How far the end of code or of a link, of what is emphasised, and of a tag or comment is looked
 * for. */
#define SPAN_BYTES 2000
#define EMPHASIS_BYTES 8000
#define TAG_BYTES 64000
/* Signs of emphasis that a mark has at most. */
#define MARK_MAX 3

/* Bytes from `at` on, max at most. */
static size_t within(struct core_str s, size_t at, size_t max)
{
    return s.len - at < max ? s.len - at : max;
}

/* "](target)" or "][ref]" at `at`: its length, else 0. */
static size_t link_tail(struct core_str s, size_t at)
{
    if (at + 1 >= s.len || s.ptr[at] != ']' || (s.ptr[at + 1] != '(' && s.ptr[at + 1] != '['))
        return 0;
    char close = s.ptr[at + 1] == '(' ? ')' : ']';
    unsigned open = 0;
    for (size_t i = at + 1; i < s.len && i < at + SPAN_BYTES; i++) {
        open += s.ptr[i] == s.ptr[at + 1];
        if (s.ptr[i] == close && --open == 0)
            return i + 1 - at;
    }
    return 0;
}

/* "[^1]", the mark of a footnote, or "[^1]:" before its text, at `at`: its length, else 0. Names
 * stay: "[^abc]" may be a pattern. */
static size_t footnote_at(struct core_str s, size_t at)
{
    size_t i = at + 2;
    if (i >= s.len || s.ptr[at + 1] != '^')
        return 0;
    while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
        i++;
    if (i == at + 2 || i >= s.len || s.ptr[i] != ']')
        return 0;
    i++;
    return i + (at == 0 && i < s.len && s.ptr[i] == ':') - at;
}

/* "<tag …>", "</tag>", "<!-- … -->" at `at`: its length, else 0. An address keeps its text. */
static size_t tag_at(struct core_str s, size_t at)
{
    size_t i = at + 1;
    if (i < s.len && s.ptr[i] == '/')
        i++;
    if (i >= s.len || !(((s.ptr[i] | 0x20) >= 'a' && (s.ptr[i] | 0x20) <= 'z') || s.ptr[i] == '!'))
        return 0;
    const char *end = memchr(s.ptr + i, '>', within(s, i, TAG_BYTES));
    if (!end)
        return 0;
    struct core_str inside = core_strn(s.ptr + i, (size_t)(end - s.ptr) - i);
    /* <https://…>, <name@host> and <placeholder> in prose are text. */
    if (core_str_find_byte(inside, ':') >= 0 || core_str_find_byte(inside, '@') >= 0)
        return 0;
    size_t name = 0;
    while (name < inside.len &&
           (((inside.ptr[name] | 0x20) >= 'a' && (inside.ptr[name] | 0x20) <= 'z') ||
            (inside.ptr[name] >= '0' && inside.ptr[name] <= '9') || inside.ptr[name] == '!'))
        name++;
    static const char known[] =
        " a abbr b br blockquote body center code dd details div dl dt em font h1 h2 "
        "h3 h4 h5 h6 head hr html i img kbd li ol p pre s samp script small span "
        "strong style sub summary sup svg table tbody td th thead title tr u ul var ! ";
    char key[16];
    int n = snprintf(key, sizeof key, " %.*s ", (int)(name < 12 ? name : 12), inside.ptr);
    for (int k = 0; k < n; k++)
        key[k] = (char)core_utf8_lower((unsigned char)key[k]);
    return strstr(known, key) || inside.ptr[0] == '!' ? (size_t)(end - s.ptr) + 1 - at : 0;
}

static size_t entity_at(struct core_str s, size_t at, struct core_buf *out)
{
    static const struct {
        const char *entity, *text;
    } entities[] = {{"&amp;", "&"},  {"&lt;", "<"},  {"&gt;", ">"},         {"&quot;", "\""},
                    {"&nbsp;", " "}, {"&#39;", "'"}, {"&mdash;", "\u2014"}, {"&ndash;", "\u2013"}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        struct core_str e = core_str(entities[i].entity);
        if (core_str_starts(core_strn(s.ptr + at, s.len - at), e)) {
            core_buf_add_c(out, entities[i].text);
            return e.len;
        }
    }
    return 0;
}

/* How often the sign at `at` is repeated. */
static size_t run_at(struct core_str s, size_t at)
{
    size_t n = 1;
    while (at + n < s.len && s.ptr[at + n] == s.ptr[at])
        n++;
    return n;
}

/* `code` at `at`: copies what is inside to out, if that is given; its length with the ticks, which
 * are text when it never ends. */
static size_t code_at(struct core_str s, size_t at, struct core_buf *out)
{
    size_t ticks = run_at(s, at), from = at + ticks;
    for (size_t i = from; i < s.len && i < from + SPAN_BYTES;) {
        size_t n = s.ptr[i] == '`' ? run_at(s, i) : 0;
        if (n == ticks) {
            if (out)
                core_buf_add(out, s.ptr + from, i - from);
            return i + n - at;
        }
        i += n ? n : 1;
    }
    if (out)
        core_buf_add(out, s.ptr + at, ticks);
    return ticks;
}

static const char signs[] = {'*', '_', '~'};

/* A run of signs of emphasis, and what it may do by its neighbours. */
struct mark {
    size_t len;
    bool opens, closes;
    bool in_word; /* closes what began in the same word at most: 2*3 is text */
};

static bool is_letter(char c)
{
    return ai_doc_word_byte(c) && !(c & 0x80);
}

static bool is_punctuation(char c)
{
    return c > ' ' && c < 127 && !is_letter(c);
}

/* White space is ' ', and so is what is outside of the text. */
static char neighbour(struct core_str s, size_t at)
{
    return at < s.len && s.ptr[at] != '\t' ? s.ptr[at] : ' ';
}

static struct mark mark_at(struct core_str s, size_t at)
{
    struct mark m = {.len = run_at(s, at)};
    char sign = s.ptr[at], before = neighbour(s, at - 1), after = neighbour(s, at + m.len);
    if (m.len > MARK_MAX || (sign == '~' && m.len != 2))
        return m;
    bool left = after != ' ' &&
                (!is_punctuation(after) || (before & 0x80) != 0 || memchr(" *_~([{", before, 7));
    bool right = before != ' ' &&
                 (!is_punctuation(before) || after == ' ' || is_punctuation(after));
    m.in_word = is_letter(before) && is_letter(after);
    /* A pattern such as *.conf is no emphasis. */
    m.opens = left && !m.in_word && !memchr("./", before, 2) && !memchr("./)]},;:?", after, 9);
    m.closes = right && before != '/';
    if (sign == '_') {
        bool inside = ai_doc_word_byte(before) && ai_doc_word_byte(after);
        m.opens = m.opens && !inside;
        m.closes = m.closes && !inside;
    }
    return m;
}

/* Where the mark that is `open` at `at` ends; 0: nowhere, it is text. Not looked for beyond another
 * one that opens, so marks without an end do not look through the same text again. */
static size_t closer_of(struct core_str s, size_t at, struct mark open)
{
    size_t end = at + within(s, at, EMPHASIS_BYTES);
    bool space = false;
    for (size_t i = at + open.len; i < end;) {
        char c = s.ptr[i];
        size_t n = c == '\\' ? 2 : c == '`' ? code_at(s, i, NULL) : 1;
        space = space || c == ' ';
        if (c == s.ptr[at]) {
            struct mark m = mark_at(s, i);
            if (m.closes && (m.len == open.len || m.len == MARK_MAX) && (!space || !m.in_word))
                return i;
            if (m.opens && m.len == open.len)
                return 0;
            n = m.len;
        }
        i += n;
    }
    return 0;
}

/* Where marks of each sign and length that are open end. */
struct closers {
    size_t at[sizeof signs][MARK_MAX + 1];
};

/* Drops the marks at `at` that emphasise something and copies what is text; their length. */
static size_t emphasis_at(struct core_str s, size_t at, struct closers *closers,
                          struct core_buf *out)
{
    const char *sign = memchr(signs, s.ptr[at], sizeof signs);
    size_t *closer = closers->at[sign - signs];
    size_t drop = 0;
    struct mark m = mark_at(s, at);
    for (size_t n = 1; n <= MARK_MAX; n++)
        drop += at > 0 && closer[n] == at ? n : 0;
    if (drop == 0 && m.opens) {
        closer[m.len] = closer_of(s, at, m);
        drop = closer[m.len] > 0 ? m.len : 0;
    }
    core_buf_add(out, s.ptr + at, drop < m.len ? m.len - drop : 0);
    return m.len;
}

void ai_md_inline(struct core_str s, struct core_buf *out)
{
    struct closers closers = {0};
    for (size_t at = 0; at < s.len;) {
        char c = s.ptr[at];
        size_t n = 0;
        if (c == '\\' && at + 1 < s.len && strchr("\\`*_{}[]()#+-.!|<>~", s.ptr[at + 1])) {
            core_buf_add_byte(out, s.ptr[at + 1]);
            n = 2;
        } else if (c == '`') {
            n = code_at(s, at, out);
        } else if (c == '!' && at + 1 < s.len && s.ptr[at + 1] == '[') {
            n = 1; /* a picture: its description stays */
        } else if (c == '[') {
            const char *end = memchr(s.ptr + at, ']', within(s, at, SPAN_BYTES));
            n = end && link_tail(s, (size_t)(end - s.ptr)) ? 1 : footnote_at(s, at);
        } else if (c == ']') {
            n = link_tail(s, at);
        } else if (c == '<') {
            n = tag_at(s, at);
        } else if (c == '&') {
            n = entity_at(s, at, out);
        } else if (memchr(signs, c, sizeof signs)) {
            n = emphasis_at(s, at, &closers, out);
        }
        if (n == 0) {
            core_buf_add_byte(out, c);
            n = 1;
        }
        at += n;
    }
}
