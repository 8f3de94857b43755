/*
 * md.c: Markdown → document, line by line: headings, lists, tables, code; inline marks are taken
 * off so that the text reads (and is searched and quoted) without them.
 *
 * It is not a CommonMark renderer: what only changes the look is dropped, HTML tags too.
 */
#include "ai/extract/txt.h"

#include "ai/text/text.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

/* --- Lines ---------------------------------------------------------------------------------- */

struct md {
    struct ai_doc *doc;
    struct core_buf para; /* the paragraph or item that is being collected */
    unsigned lines;       /* of the document that it was made of */
    char prefix[24];
    unsigned indent;
    bool item;    /* inside a list */
    bool table;   /* inside a table whose rows need not begin with a bar */
    size_t rows;  /* of the table so far */
    bool comment; /* inside <!-- … --> */
    char fence;   /* inside fenced code: its sign */
    size_t fence_len;
};

static void flush(struct md *md)
{
    if (md->para.len > 0) {
        struct core_buf out;
        core_buf_init(&out, AI_LIMIT_DOCUMENT_TEXT);
        ai_md_inline(core_buf_str(&md->para), &out);
        ai_doc_line(md->doc, md->indent, md->prefix, core_buf_str(&out));
        core_buf_done(&out);
    }
    core_buf_clear(&md->para);
    md->lines = 0;
    md->prefix[0] = 0;
    md->indent = md->item ? AI_DOC_INDENT_TEXT : 0;
}

static void put_heading(struct md *md, unsigned level, struct core_str s)
{
    struct core_buf out;
    flush(md);
    md->item = md->table = false;
    core_buf_init(&out, AI_LIMIT_DOCUMENT_TEXT);
    while (s.len > 0 && (s.ptr[s.len - 1] == '#' || s.ptr[s.len - 1] == ' '))
        s.len--;
    ai_md_inline(s, &out);
    ai_doc_heading(md->doc, level, core_buf_str(&out));
    ai_doc_title(md->doc, core_buf_str(&out));
    core_buf_done(&out);
    md->indent = 0;
}

/* Takes the next cell off the front of *s; a bar behind a backslash is its text. */
static bool split_cell(struct core_str *s, struct core_buf *cell)
{
    size_t at = 0;
    core_buf_clear(cell);
    if (s->len == 0)
        return false;
    for (; at < s->len && s->ptr[at] != '|'; at++) {
        bool escape = s->ptr[at] == '\\' && at + 1 < s->len;
        if (escape && s->ptr[at + 1] != '|')
            core_buf_add_byte(cell, '\\');
        at += escape;
        core_buf_add_byte(cell, s->ptr[at]);
    }
    at += at < s->len;
    *s = core_strn(s->ptr + at, s->len - at);
    return true;
}

static void put_row(struct md *md, struct core_str s)
{
    struct core_buf row, text;
    bool rule = true, dash = memchr(s.ptr, '-', s.len) != NULL;
    flush(md);
    core_buf_init(&row, AI_LIMIT_DOCUMENT_TEXT);
    core_buf_init(&text, AI_LIMIT_DOCUMENT_TEXT);
    if (s.ptr[0] == '|')
        s.ptr++, s.len--;
    for (bool first = true; split_cell(&s, &text); first = false) {
        struct core_str cell = core_str_trim(core_buf_str(&text));
        for (size_t i = 0; i < cell.len; i++)
            rule = rule && (cell.ptr[i] == '-' || cell.ptr[i] == ':');
        if (!first)
            core_buf_add_c(&row, " | ");
        ai_md_inline(cell, &row);
    }
    size_t before = md->doc->text.len;
    if (!rule)
        ai_doc_line(md->doc, 0, "", core_buf_str(&row));
    else if (dash && md->rows == 1)
        ai_doc_table(md->doc);
    md->rows += md->doc->text.len > before;
    core_buf_done(&row);
    core_buf_done(&text);
}

static bool is_row(const struct md *md, struct core_str s)
{
    return s.len > 1 && (s.ptr[0] == '|' || (md->table && core_str_find_byte(s, '|') >= 0));
}

/* "--- | :-:" below one line of text with a bar in it: that line names the columns. */
static bool is_table_rule(const struct md *md, struct core_str s)
{
    bool bar = false;
    for (size_t i = 0; i < s.len; i++) {
        if (!strchr("-:| ", s.ptr[i]))
            return false;
        bar |= s.ptr[i] == '|';
    }
    return bar && memchr(s.ptr, '-', s.len) && md->lines == 1 && !md->prefix[0] &&
           core_str_find_byte(core_buf_str(&md->para), '|') >= 0;
}

/* The line that was taken for a paragraph is the first row. */
static void table_enter(struct md *md)
{
    struct core_buf names;
    core_buf_init(&names, AI_LIMIT_DOCUMENT_TEXT);
    core_buf_add_str(&names, core_buf_str(&md->para));
    core_buf_clear(&md->para);
    put_row(md, core_buf_str(&names));
    core_buf_done(&names);
    if (md->rows == 1)
        ai_doc_table(md->doc);
    md->table = true;
}

/* Fenced code opens, goes on or ends with this line? */
static bool fenced(struct md *md, struct core_str raw, struct core_str s)
{
    size_t n = 0;
    char sign = s.len ? s.ptr[0] : 0;
    while (n < s.len && s.ptr[n] == sign)
        n++;
    bool fence = n >= 3 && (sign == '`' || sign == '~');
    if (md->fence) {
        if (fence && sign == md->fence && n >= md->fence_len && n == s.len) {
            md->fence = 0;
            ai_doc_gap(md->doc);
        } else {
            ai_doc_code(md->doc, AI_DOC_INDENT_CODE, raw);
        }
        return true;
    }
    if (fence && (sign == '~' || !memchr(s.ptr + n, '`', s.len - n))) {
        flush(md);
        ai_doc_gap(md->doc);
        md->fence = sign;
        md->fence_len = n;
        return true;
    }
    return false;
}

/* "- ", "* ", "+ ", "1. ", "1) ": length with the spaces, 0 for none. */
static size_t bullet_of(struct core_str s)
{
    size_t n = 0;
    if (s.len > 1 && (s.ptr[0] == '-' || s.ptr[0] == '*' || s.ptr[0] == '+')) {
        n = 1;
    } else {
        while (n < s.len && n < 5 && s.ptr[n] >= '0' && s.ptr[n] <= '9')
            n++;
        if (n == 0 || n >= s.len || (s.ptr[n] != '.' && s.ptr[n] != ')'))
            return 0;
        n++;
    }
    size_t spaces = 0;
    while (n + spaces < s.len && s.ptr[n + spaces] == ' ')
        spaces++;
    return spaces && n + spaces < s.len ? n + spaces : 0;
}

static void put_item(struct md *md, struct core_str s, unsigned indent, size_t bullet)
{
    bool number = s.ptr[0] >= '0' && s.ptr[0] <= '9';
    size_t mark = bullet;
    flush(md);
    while (mark > 0 && s.ptr[mark - 1] == ' ')
        mark--;
    if (!md->item)
        ai_doc_gap(md->doc);
    md->item = true;
    md->indent = (indent / 2 > 4 ? 4 : indent / 2) * 2;
    snprintf(md->prefix, sizeof md->prefix, "%.*s ", number ? (int)mark : 1, number ? s.ptr : "-");
    core_buf_add(&md->para, s.ptr + bullet, s.len - bullet);
}

/* "===" or "---" under one line of text makes it a heading. */
static unsigned underline(struct core_str s)
{
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] != s.ptr[0])
            return 0;
    }
    return s.len < 2 ? 0 : s.ptr[0] == '=' ? 1 : s.ptr[0] == '-' ? 2 : 0;
}

static bool is_rule(struct core_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != s.ptr[0] && s.ptr[i] != ' ')
            return false;
        n += s.ptr[i] != ' ';
    }
    return n >= 3 && (s.ptr[0] == '-' || s.ptr[0] == '*' || s.ptr[0] == '_');
}

/* Takes comments off the line; *s is what is left, empty inside one that goes on. */
static void skip_comments(struct md *md, struct core_str *s)
{
    if (md->comment) {
        ssize_t end = core_str_find(*s, CORE_STR("-->"));
        size_t skip = end >= 0 ? (size_t)end + 3 : s->len;
        *s = core_str_trim(core_strn(s->ptr + skip, s->len - skip));
        md->comment = end < 0;
    }
    /* One that ends on its line is a tag to ai_md_inline(). */
    if (!md->comment && core_str_starts(*s, CORE_STR("<!--")) &&
        core_str_find(*s, CORE_STR("-->")) < 0) {
        s->len = 0;
        md->comment = true;
    }
}

/* "[ref]: address" and "[ref]: address "title"" are for links only; a footnote ("[^1]: text") is
 * text, and so is what only begins with brackets. */
static bool is_link_definition(struct core_str s)
{
    ssize_t ref = core_str_find(s, CORE_STR("]: "));
    if (s.len < 2 || s.ptr[0] != '[' || s.ptr[1] == '^' || ref <= 0 || ref >= 60)
        return false;
    struct core_str address = core_str_trim(core_strn(s.ptr + ref + 3, s.len - (size_t)ref - 3));
    ssize_t space = core_str_find_byte(address, ' ');
    return space < 0 || strchr("\"'(", address.ptr[space + 1]);
}

static void put_line(struct md *md, struct core_str raw)
{
    unsigned indent = 0;
    size_t at = 0;
    while (at < raw.len && (raw.ptr[at] == ' ' || raw.ptr[at] == '\t'))
        indent += raw.ptr[at++] == '\t' ? 4 : 1;
    struct core_str s = core_str_trim(core_strn(raw.ptr + at, raw.len - at));
    if (!is_row(md, s)) {
        md->rows = 0;
        ai_doc_table_end(md->doc);
    }
    if (!md->comment && fenced(md, raw, s))
        return;
    skip_comments(md, &s);
    if (s.len == 0) {
        flush(md);
        md->table = false;
        if (!md->item)
            ai_doc_gap(md->doc);
        return;
    }
    size_t hashes = 0;
    while (hashes < s.len && s.ptr[hashes] == '#')
        hashes++;
    size_t bullet = bullet_of(s);
    if (indent >= 4 && md->para.len == 0 && !md->item && !bullet) {
        ai_doc_code(md->doc, AI_DOC_INDENT_CODE, core_strn(raw.ptr + at, raw.len - at));
    } else if (hashes > 0 && hashes <= 6 && indent < 4 && hashes < s.len && s.ptr[hashes] == ' ') {
        put_heading(md, (unsigned)hashes, core_strn(s.ptr + hashes + 1, s.len - hashes - 1));
    } else if (md->para.len > 0 && !md->prefix[0] && underline(s)) {
        struct core_str title = core_buf_str(&md->para);
        struct core_buf copy;
        core_buf_init(&copy, AI_LIMIT_DOCUMENT_TEXT);
        core_buf_add_str(&copy, title);
        core_buf_clear(&md->para);
        put_heading(md, underline(s), core_buf_str(&copy));
        core_buf_done(&copy);
    } else if (is_table_rule(md, s)) {
        table_enter(md);
    } else if (is_rule(s)) {
        flush(md);
        md->item = false;
        ai_doc_gap(md->doc);
    } else if (bullet) {
        put_item(md, s, indent, bullet);
    } else if (is_row(md, s)) {
        put_row(md, s);
    } else {
        if (s.ptr[0] == '>') {
            s = core_str_trim(core_strn(s.ptr + 1, s.len - 1));
        } else if (md->para.len == 0 && md->item && indent == 0) {
            md->item = false; /* a paragraph at the margin ends the list */
            md->indent = 0;
            ai_doc_gap(md->doc);
        }
        if (md->para.len == 0 && is_link_definition(s))
            return;
        if (md->para.len > 0)
            core_buf_add_byte(&md->para, ' ');
        core_buf_add_str(&md->para, s);
        md->lines++;
    }
}

/* Takes "---\ntitle: x\n---" off the front. */
static struct core_str front_matter(struct ai_doc *doc, struct core_str text)
{
    struct core_str rest = text;
    struct core_str line;
    if (!core_str_split(&rest, '\n', &line) || !core_str_eq(core_str_trim(line), CORE_STR("---")))
        return text;
    struct core_str title = {"", 0};
    for (unsigned n = 0; n < 100 && core_str_split(&rest, '\n', &line); n++) {
        line = core_str_trim(line);
        if (core_str_eq(line, CORE_STR("---"))) {
            ai_doc_title(doc, title);
            return rest;
        }
        if (core_str_starts(line, CORE_STR("title:"))) {
            title = core_str_trim(core_strn(line.ptr + 6, line.len - 6));
            if (title.len > 1 && title.ptr[0] == '"' && title.ptr[title.len - 1] == '"')
                title = core_strn(title.ptr + 1, title.len - 2);
        }
    }
    return text;
}

void ai_md_extract(struct ai_doc *doc, struct core_str text)
{
    struct md md = {.doc = doc};
    struct core_str raw;
    core_buf_init(&md.para, AI_LIMIT_DOCUMENT_TEXT);
    doc->kind = AI_DOC_MARKDOWN;
    text = front_matter(doc, text);
    while (core_str_split(&text, '\n', &raw)) {
        while (raw.len > 0 && (raw.ptr[raw.len - 1] == '\r' || raw.ptr[raw.len - 1] == ' '))
            raw.len--;
        put_line(&md, raw);
    }
    flush(&md);
    ai_doc_table_end(doc);
    core_buf_done(&md.para);
    if (doc->text.len > 0) {
        struct core_str first = core_buf_str(&doc->text);
        ssize_t end = core_str_find_byte(first, '\n');
        ai_doc_title(doc, core_strn(first.ptr,
                                    core_utf8_cut(first, end >= 0 && end < 80 ? (size_t)end : 80)));
    }
}
