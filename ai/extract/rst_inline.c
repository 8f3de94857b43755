/*
 * rst_inline.c: ``literal``, *emphasis*, **strong**, `reference <address>`_, :role:`text`, word_,
 * |substitution|, [1]_ and \escapes. A mark without its end is text.
 */
#include "ai/extract/rst.h"

/* How far the end of a mark is looked for. */
#define SPAN_BYTES 2000
#define NAME_BYTES 64

static char byte_at(struct core_str s, size_t at)
{
    return at < s.len ? s.ptr[at] : ' ';
}

/* What stands between the marks of n bytes at `at` and the next ones; false without an end. */
static bool span_at(struct core_str s, size_t at, size_t n, struct core_str *ret)
{
    struct core_str mark = core_strn(s.ptr + at, n);
    struct core_str rest = core_strn(s.ptr + at + n, s.len - at - n);
    rest.len = rest.len < SPAN_BYTES ? rest.len : SPAN_BYTES;
    ssize_t end = core_str_find(rest, mark);
    if (end <= 0 || rest.ptr[0] == ' ' || rest.ptr[end - 1] == ' ')
        return false;
    *ret = core_strn(rest.ptr, (size_t)end);
    return true;
}

static void put_escaped(struct core_str s, struct core_buf *out)
{
    for (size_t at = 0; at < s.len; at++) {
        at += s.ptr[at] == '\\' && at + 1 < s.len;
        core_buf_add_byte(out, s.ptr[at]);
    }
}

/* "text <target>" → "text"; "~package.name" and "!name" without their sign. */
static void put_reference(struct core_str s, struct core_buf *out)
{
    ssize_t target = core_str_find(s, CORE_STR(" <"));
    if (target > 0 && s.ptr[s.len - 1] == '>')
        s.len = (size_t)target;
    if (s.len > 1 && (s.ptr[0] == '~' || s.ptr[0] == '!'))
        s = core_strn(s.ptr + 1, s.len - 1);
    put_escaped(core_str_trim(s), out);
}

/* "`…`", "`…`_" or "`…`__" at `at`: its bytes. */
static size_t quoted_at(struct core_str s, size_t at, struct core_buf *out)
{
    struct core_str inside;
    if (byte_at(s, at + 1) == '`') {
        if (!span_at(s, at, 2, &inside))
            return 0;
        core_buf_add_str(out, inside);
        return inside.len + 4;
    }
    if (!span_at(s, at, 1, &inside))
        return 0;
    put_reference(inside, out);
    size_t n = inside.len + 2;
    while (byte_at(s, at + n) == '_')
        n++;
    return n;
}

/* ":name:" or ":domain:name:" right before a quotation: its bytes. */
static size_t role_at(struct core_str s, size_t at)
{
    size_t n = 1;
    while (n < NAME_BYTES &&
           (ai_doc_word_byte(byte_at(s, at + n)) || (n > 1 && strchr(":-_+.", byte_at(s, at + n)))))
        n++;
    return n > 2 && s.ptr[at + n - 1] == ':' && byte_at(s, at + n) == '`' ? n : 0;
}

/* "[1]_": the brackets stay, as in print; its bytes. */
static size_t footnote_at(struct core_str s, size_t at, struct core_buf *out)
{
    size_t n = 1;
    while (ai_doc_word_byte(byte_at(s, at + n)) || byte_at(s, at + n) == '#' ||
           byte_at(s, at + n) == '*')
        n++;
    if (n < 2 || byte_at(s, at + n) != ']' || byte_at(s, at + n + 1) != '_')
        return 0;
    core_buf_add(out, s.ptr + at, n + 1);
    return n + 2;
}

static size_t marked_at(const struct ai_rst_names *names, struct core_str s, size_t at,
                        struct core_buf *out)
{
    struct core_str inside, text;
    char c = s.ptr[at], before = at > 0 ? s.ptr[at - 1] : ' ';
    size_t n = c == '*' && byte_at(s, at + 1) == '*' ? 2 : 1;
    if (ai_doc_word_byte(before) || !span_at(s, at, n, &inside) ||
        ai_doc_word_byte(byte_at(s, at + inside.len + 2 * n)))
        return 0;
    if (c == '|' && ai_rst_name(names, inside, &text))
        core_buf_add_str(out, text);
    else
        put_escaped(inside, out);
    n = inside.len + 2 * n;
    while (c == '|' && byte_at(s, at + n) == '_')
        n++;
    return n;
}

/* The underscores behind a word, or before a quotation: how many. */
static size_t underscores_at(struct core_str s, size_t at)
{
    size_t n = 1;
    bool word = at > 0 && ai_doc_word_byte(s.ptr[at - 1]);
    while (n < 3 && byte_at(s, at + n) == '_')
        n++;
    size_t begin = at; /* "__init__" is a name */
    while (begin > 0 && at - begin < NAME_BYTES &&
           (ai_doc_word_byte(s.ptr[begin - 1]) || s.ptr[begin - 1] == '_'))
        begin--;
    if (word && s.ptr[begin] == '_')
        return 0;
    char after = byte_at(s, at + n);
    return (word && n <= 2 && !ai_doc_word_byte(after)) || (!word && n == 1 && after == '`') ? n
                                                                                             : 0;
}

void ai_rst_inline(const struct ai_rst_names *names, struct core_str s, struct core_buf *out)
{
    for (size_t at = 0; at < s.len;) {
        char c = s.ptr[at];
        size_t n = 0;
        if (c == '\\' && at + 1 < s.len) {
            if (s.ptr[at + 1] != ' ')
                core_buf_add_byte(out, s.ptr[at + 1]);
            n = 2;
        } else if (c == '`') {
            n = quoted_at(s, at, out);
        } else if (c == ':' && (at == 0 || !ai_doc_word_byte(s.ptr[at - 1]))) {
            n = role_at(s, at);
        } else if (c == '*' || c == '|') {
            n = marked_at(names, s, at, out);
        } else if (c == '[') {
            n = footnote_at(s, at, out);
        } else if (c == '_') {
            n = underscores_at(s, at);
        }
        if (n == 0) {
            core_buf_add_byte(out, c);
            n = 1;
        }
        at += n;
    }
}
