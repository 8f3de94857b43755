/*
 * roff_plain.c: roff without a formatter. Requests that begin headings, paragraphs, items and
 * displays are known; font macros give their arguments; definitions of macros are skipped; escapes
 * become their character or nothing.
 */
#include "ai/extract/roff.h"

#include "core/limits.h"

#include <stdio.h>

struct plain {
    struct ai_doc *doc;
    struct core_buf para;
    unsigned heading; /* level of the heading whose text the next line brings, 0 = none */
    bool title;       /* the next line is the title */
    bool item;        /* the paragraph is one of an indented list */
    bool code;        /* between .nf and .fi */
    bool skipping;    /* inside the definition of a macro */
};

/* --- Escapes -------------------------------------------------------------------------------- */

static const struct {
    char name[3];
    const char *text;
} specials[] = {
    {"bu", "\u2022"}, {"em", "\u2014"}, {"en", "\u2013"}, {"hy", "-"},      {"lq", "\u201C"},
    {"rq", "\u201D"}, {"oq", "\u2018"}, {"cq", "\u2019"}, {"aq", "'"},      {"dq", "\""},
    {"co", "\u00A9"}, {"rg", "\u00AE"}, {"tm", "\u2122"}, {"ha", "^"},      {"ti", "~"},
    {"ga", "`"},      {"rs", "\\"},     {"at", "@"},      {"sh", "#"},      {"Do", "$"},
    {"->", "\u2192"}, {"<-", "\u2190"}, {"<=", "\u2264"}, {">=", "\u2265"}, {"!=", "\u2260"},
    {"mu", "\u00D7"}, {"+-", "\u00B1"}, {"12", "\u00BD"}, {"de", "\u00B0"}, {"mi", "-"},
    {":a", "\u00E4"}, {":o", "\u00F6"}, {":u", "\u00FC"}, {"ss", "\u00DF"}, {"'e", "\u00E9"}};

static size_t named(struct core_str name, struct core_buf *out)
{
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        if (core_str_eq_c(name, specials[i].name))
            core_buf_add_c(out, specials[i].text);
    }
    return name.len;
}

/* Length of "x", "(xx" or "[…]" at `at`; *ret_name is what is named. */
static size_t name_at(struct core_str s, size_t at, struct core_str *ret_name)
{
    *ret_name = core_strn(s.ptr + at, 0);
    if (at >= s.len)
        return 0;
    if (s.ptr[at] == '(' && at + 2 < s.len) {
        *ret_name = core_strn(s.ptr + at + 1, 2);
        return 3;
    }
    if (s.ptr[at] == '[') {
        const char *end = memchr(s.ptr + at, ']', s.len - at);
        size_t len = end ? (size_t)(end - s.ptr) - at : s.len - at;
        *ret_name = core_strn(s.ptr + at + 1, len - 1);
        return end ? len + 1 : len;
    }
    *ret_name = core_strn(s.ptr + at, 1);
    return 1;
}

/* The escape at `at` (after the backslash): its length; what it prints goes to out. */
static size_t escape(struct core_str s, size_t at, struct core_buf *out)
{
    struct core_str name;
    char c = at < s.len ? s.ptr[at] : 0;
    if (c == '"' || c == '#')
        return s.len - at; /* a comment to the end of the line */
    if (c == '(' || c == '[') {
        size_t n = name_at(s, at, &name);
        named(name, out);
        return n;
    }
    if (c == 'f' || c == '*' || c == 'n' || c == 'g' || c == 'k' || c == 'F' || c == 'm' ||
        c == 'M')
        return 1 + name_at(s, at + 1, &name);
    if (c == 's') {
        size_t n = 1;
        n += at + n < s.len && (s.ptr[at + n] == '+' || s.ptr[at + n] == '-');
        return n + name_at(s, at + n, &name);
    }
    if (c && strchr("hvwolLbDxXZSRCN", c) && at + 1 < s.len) {
        const char *end = memchr(s.ptr + at + 2, s.ptr[at + 1],
                                 at + 2 < s.len ? s.len - at - 2 : 0);
        return end ? (size_t)(end - s.ptr) + 1 - at : s.len - at;
    }
    if (c == '-' || c == '.' || c == '\'' || c == '`')
        core_buf_add_byte(out, c);
    else if (c == 'e' || c == '\\')
        core_buf_add_byte(out, '\\');
    else if (c == ' ' || c == '~' || c == '0' || c == 't')
        core_buf_add_byte(out, ' ');
    return c ? 1 : 0;
}

static void put_text(struct core_str s, struct core_buf *out)
{
    for (size_t at = 0; at < s.len;) {
        if (s.ptr[at] == '\\') {
            at++;
            at += escape(s, at, out);
        } else {
            core_buf_add_byte(out, s.ptr[at++]);
        }
    }
}

/* --- Requests ------------------------------------------------------------------------------- */

static void flush(struct plain *p)
{
    if (p->para.len > 0)
        ai_doc_line(p->doc, 0, p->item ? "- " : "", core_buf_str(&p->para));
    core_buf_clear(&p->para);
}

/* Next argument: a word, or what stands between double quotes. */
static bool argument(struct core_str *rest, struct core_str *ret)
{
    while (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
        rest->ptr++, rest->len--;
    if (rest->len == 0)
        return false;
    char stop = rest->ptr[0] == '"' ? '"' : ' ';
    size_t from = stop == '"';
    const char *end = memchr(rest->ptr + from, stop, rest->len - from);
    size_t to = end ? (size_t)(end - rest->ptr) : rest->len;
    *ret = core_strn(rest->ptr + from, to - from);
    to += end && stop == '"';
    rest->ptr += to;
    rest->len -= to;
    return true;
}

static void put_arguments(struct plain *p, struct core_str rest, bool apart)
{
    struct core_str word;
    for (bool first = true; argument(&rest, &word); first = false) {
        if (apart && !first)
            core_buf_add_byte(&p->para, ' ');
        put_text(word, &p->para);
    }
    core_buf_add_byte(&p->para, ' ');
}

static void heading_end(struct plain *p)
{
    if (p->title)
        ai_doc_title(p->doc, core_buf_str(&p->para));
    ai_doc_heading(p->doc, p->title ? 1 : p->heading, core_buf_str(&p->para));
    core_buf_clear(&p->para);
    p->heading = 0;
    p->title = false;
}

static bool among(struct core_str name, const char *list)
{
    char key[8];
    if (name.len == 0 || name.len > 4)
        return false;
    snprintf(key, sizeof key, " %.*s ", (int)name.len, name.ptr);
    return strstr(list, key) != NULL;
}

/* The label of an item, unless it is only a sign. */
static void put_label(struct plain *p, struct core_str label)
{
    put_text(label, &p->para);
    struct core_str s = core_str_trim(core_buf_str(&p->para));
    if (core_str_eq_c(s, "\u2022") || core_str_eq_c(s, "-") || core_str_eq_c(s, "o") ||
        core_str_eq_c(s, "*"))
        core_buf_clear(&p->para);
    else
        core_buf_add_byte(&p->para, ' ');
}

static void request(struct plain *p, struct core_str line)
{
    size_t at = 1;
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
        at++;
    size_t end = at;
    while (end < line.len && line.ptr[end] != ' ' && line.ptr[end] != '\t')
        end++;
    struct core_str name = core_strn(line.ptr + at, end - at);
    struct core_str rest = core_strn(line.ptr + end, line.len - end);
    if (p->heading || p->title)
        heading_end(p);
    if (among(name, " de de1 am ig ")) {
        p->skipping = true;
    } else if (among(name, " SH Sh NH uh sh H HU SS Ss TL ")) {
        flush(p);
        p->code = p->item = false;
        p->title = among(name, " TL ");
        p->heading = among(name, " SS Ss ") ? 2 : 1;
        if (core_str_trim(rest).len > 0 && !among(name, " NH TL ")) {
            put_arguments(p, rest, true);
            heading_end(p);
        }
    } else if (among(name, " PP LP P Pp pp lp ip sp bp QP AU AB AE ")) {
        flush(p);
        p->item = false;
        ai_doc_gap(p->doc);
    } else if (among(name, " IP TP HP It LI ")) {
        flush(p);
        if (!p->item)
            ai_doc_gap(p->doc);
        p->item = true;
        if (among(name, " IP It ") && argument(&rest, &name))
            put_label(p, name);
    } else if (among(name, " nf DS EX TS EQ PS CS Vb Bd ")) {
        flush(p);
        ai_doc_gap(p->doc);
        p->code = true;
    } else if (among(name, " fi DE EE TE EN PE CE Ve Ed ")) {
        ai_doc_gap(p->doc);
        p->code = false;
    } else if (among(name, " B I R BI BR IB IR RB RI SB SM UL BX CW ul q i b bi r ")) {
        put_arguments(p, rest, !among(name, " BI BR IB IR RB RI "));
    } else if (among(name, " br ")) {
        flush(p);
    }
}

void ai_roff_plain(struct ai_doc *doc, struct core_str text)
{
    struct plain p = {.doc = doc};
    struct core_str line;
    core_buf_init(&p.para, AI_LIMIT_DOCUMENT_TEXT);
    while (core_str_split(&text, '\n', &line)) {
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        bool dot = line.len > 0 && (line.ptr[0] == '.' || line.ptr[0] == '\'');
        if (p.skipping) {
            p.skipping = !core_str_starts(line, CORE_STR(".."));
        } else if (dot) {
            request(&p, line);
        } else if (line.len == 0) {
            flush(&p);
            ai_doc_gap(doc);
        } else if (p.code) {
            struct core_buf out;
            core_buf_init(&out, AI_LIMIT_DOCUMENT_TEXT);
            put_text(line, &out);
            ai_doc_code(doc, AI_DOC_INDENT_CODE, core_buf_str(&out));
            core_buf_done(&out);
        } else {
            put_text(line, &p.para);
            core_buf_add_byte(&p.para, ' ');
            if (p.heading || p.title)
                heading_end(&p);
        }
    }
    if (p.heading || p.title)
        heading_end(&p);
    flush(&p);
    core_buf_done(&p.para);
    if (doc->heading_count > 0)
        ai_doc_title(doc, ai_doc_heading_text(doc, 0));
}
