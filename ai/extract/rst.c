/*
 * rst.c: line by line. A paragraph is collected until something else begins; what it is (an item, a
 * term, text below one) is known by then. Indentation says what belongs to what:
 *
 *     .. note:: args          a directive; what is indented below it is read like all else
 *        :option: dropped
 *
 *        Text.
 *
 *     .. a comment            dropped with what is indented below it
 *
 *     Text that ends with ::
 *
 *         code                until something stands as far left as the text
 */
#include "ai/extract/rst.h"

#include "core/limits.h"

#include <stdio.h>

#define STYLES 6
#define RULE_MIN 3
/* A line of dashes between paragraphs. */
#define TRANSITION_MIN 4
#define CODE_INDENT_MAX 80
#define LIST_DEPTH 4
/* Less than the margin: code of a doctest is only one less than it. */
#define NONE (-2)

/* What stands on lines of its own: text, an item, "name: value" and the like. */
enum kind { TEXT, ITEM, FIELD };

struct rst {
    struct ai_doc *doc;
    struct core_str rest; /* lines that follow */
    struct ai_rst_names *names;
    /* The paragraph that is being collected. */
    struct core_buf para;
    enum kind kind;
    unsigned lines, indent, text_indent; /* text_indent: behind the bullet */
    char prefix[24];                     /* of an item */
    bool hanging;                        /* its other lines are indented */
    /* Kinds of heading in the order in which they came: sign, and whether it has a line above. */
    struct {
        char sign;
        bool over;
    } styles[STYLES];
    unsigned style_count;
    /* What lines are that are indented more than this; NONE: not any. */
    int dropped, code, options, below;
    unsigned code_base; /* the indentation of the first line of code, +1; 0: there was none */
    bool code_short;    /* it ends with the next blank line */
    unsigned list_base;
    enum kind before; /* the last block */
};

/* --- Lines ---------------------------------------------------------------------------------- */

struct line {
    struct core_str raw, text;
    unsigned indent;
};

static struct line line_of(struct core_str raw)
{
    struct line line = {.raw = raw};
    size_t at = 0;
    for (; at < raw.len && (raw.ptr[at] == ' ' || raw.ptr[at] == '\t'); at++)
        line.indent = raw.ptr[at] == '\t' ? (line.indent / 8 + 1) * 8 : line.indent + 1;
    line.text = core_str_trim(core_strn(raw.ptr + at, raw.len - at));
    return line;
}

/* The sign that the line repeats, at the margin; else 0. */
static char rule_of(const struct line *line)
{
    struct core_str s = line->text;
    char sign = s.len >= RULE_MIN && line->indent == 0 ? s.ptr[0] : 0;
    bool mark = (sign > ' ' && sign < '0') || (sign > '9' && sign < 'A') ||
                (sign > 'Z' && sign < 'a') || (sign > 'z' && sign < 127);
    for (size_t i = 0; i < s.len && mark; i++)
        mark = s.ptr[i] == sign;
    return mark ? sign : 0;
}

/* "- ", "* ", "+ ", "• ", "1. ", "#. ", "a) ", "(1) " with the spaces behind it; 0 for none. */
static size_t bullet_of(struct core_str s)
{
    size_t n = 0;
    if (s.len > 1 && strchr("-*+", s.ptr[0]) != NULL) {
        n = 1;
    } else if (core_str_starts(s, CORE_STR("\u2022"))) {
        n = 3;
    } else {
        bool open = s.len > 0 && s.ptr[0] == '(';
        n = open;
        while (n < s.len && n < 4 && s.ptr[n] >= '0' && s.ptr[n] <= '9')
            n++;
        if (n == open && n < s.len &&
            (s.ptr[n] == '#' || ((s.ptr[n] | 0x20) >= 'a' && (s.ptr[n] | 0x20) <= 'z')))
            n++;
        if (n == open || n >= s.len || (s.ptr[n] != ')' && (open || s.ptr[n] != '.')))
            return 0;
        n++;
    }
    size_t spaces = 0;
    while (n + spaces < s.len && s.ptr[n + spaces] == ' ')
        spaces++;
    return spaces > 0 && n + spaces < s.len ? n + spaces : 0;
}

/* ":name: value": where the value begins; 0 for a role, or none. */
static size_t field_of(struct core_str s)
{
    if (s.len < 3 || s.ptr[0] != ':' || s.ptr[1] == ':' || s.ptr[1] == ' ')
        return 0;
    for (size_t i = 2; i < s.len && s.ptr[i] != '`'; i++) {
        if (s.ptr[i] == ':' && (i + 1 == s.len || s.ptr[i + 1] == ' '))
            return i + 1;
    }
    return 0;
}

/* --- Paragraphs ----------------------------------------------------------------------------- */

static void para_write(struct rst *r, struct core_str text)
{
    struct core_buf out;
    bool item = r->kind == ITEM, under = !item && r->below != NONE && (int)r->indent > r->below;
    core_buf_init(&out, AI_LIMIT_DOCUMENT_TEXT);
    ai_rst_inline(r->names, text, &out);
    if (item && r->before != ITEM)
        r->list_base = r->indent;
    if (!under && (r->kind == TEXT || r->kind != r->before))
        ai_doc_gap(r->doc);
    unsigned depth = item && r->indent > r->list_base ? (r->indent - r->list_base) / 2 : 0;
    unsigned indent = item    ? (depth < LIST_DEPTH ? depth : LIST_DEPTH) * 2
                      : under ? AI_DOC_INDENT_TEXT
                              : 0;
    ai_doc_line(r->doc, indent, r->prefix, core_buf_str(&out));
    r->before = under ? r->before : r->kind;
    r->below = item ? (int)r->indent : r->below;
    core_buf_done(&out);
}

/* What is indented more than this is code. */
static void code_begin(struct rst *r, int indent)
{
    r->code = indent;
    r->code_base = 0;
    ai_doc_gap(r->doc);
}

/* Ends the paragraph. Behind "::" a literal block may begin. */
static void flush(struct rst *r)
{
    struct core_str text = core_buf_str(&r->para);
    bool literal = core_str_ends(text, CORE_STR("::"));
    if (text.len == 0)
        return;
    if (literal)
        text.len -= text.len > 2 && text.ptr[text.len - 3] != ' ' ? 1 : 2;
    if (text.len > 0)
        para_write(r, text);
    if (literal)
        code_begin(r, (int)r->text_indent);
    core_buf_clear(&r->para);
    r->prefix[0] = 0;
}

static void para_begin(struct rst *r, enum kind kind, unsigned indent, struct core_str text)
{
    flush(r);
    core_buf_add_str(&r->para, text);
    r->kind = kind;
    r->lines = 1;
    r->indent = r->text_indent = indent;
    r->hanging = kind != TEXT;
}

static void item_begin(struct rst *r, const struct line *line, size_t bullet)
{
    struct core_str s = line->text;
    bool number = s.ptr[0] >= '0' && s.ptr[0] <= '9';
    size_t mark = bullet, again;
    while (mark > 0 && s.ptr[mark - 1] == ' ')
        mark--;
    struct core_str text = core_strn(s.ptr + bullet, s.len - bullet);
    while (!number && (again = bullet_of(text)) > 0 && text.ptr[0] == '-')
        text = core_strn(text.ptr + again, text.len - again); /* a row of a table that is a list */
    para_begin(r, ITEM, line->indent, text);
    r->text_indent = line->indent + (unsigned)bullet;
    snprintf(r->prefix, sizeof r->prefix, "%.*s ", number ? (int)mark : 1, number ? s.ptr : "-");
}

/* What is indented below the last line explains it. */
static void term_end(struct rst *r, unsigned indent)
{
    r->below = (int)indent;
    r->before = TEXT;
}

/* "-a, --all  Text": options with what they do. */
static bool option_begin(struct rst *r, const struct line *line)
{
    struct core_str s = line->text;
    ssize_t gap = core_str_find(s, CORE_STR("  "));
    if (s.ptr[0] != '-' || gap < 2)
        return false;
    flush(r);
    ai_doc_gap(r->doc);
    ai_doc_line(r->doc, 0, "", core_strn(s.ptr, (size_t)gap));
    term_end(r, line->indent);
    para_begin(r, FIELD, line->indent + 1,
               core_str_trim(core_strn(s.ptr + gap, s.len - (size_t)gap)));
    return true;
}

static void code_put(struct rst *r, const struct line *line)
{
    if (r->code_base == 0)
        r->code_base = line->indent + 1;
    unsigned deeper = line->indent + 1 > r->code_base ? line->indent + 1 - r->code_base : 0;
    ai_doc_code(r->doc, AI_DOC_INDENT_CODE + (deeper < CODE_INDENT_MAX ? deeper : CODE_INDENT_MAX),
                line->text);
}

/* --- Headings ------------------------------------------------------------------------------- */

static void heading_put(struct rst *r, char sign, bool over, struct core_str text)
{
    struct core_buf out;
    unsigned level = 0;
    while (level < r->style_count &&
           (r->styles[level].sign != sign || r->styles[level].over != over))
        level++;
    if (level == r->style_count && level < STYLES) {
        r->styles[level].sign = sign;
        r->styles[level].over = over;
        r->style_count++;
    }
    core_buf_init(&out, AI_LIMIT_DOCUMENT_TEXT);
    ai_rst_inline(r->names, text, &out);
    ai_doc_heading(r->doc, level + 1, core_buf_str(&out));
    ai_doc_title(r->doc, core_buf_str(&out));
    core_buf_done(&out);
    r->below = NONE;
    r->before = TEXT;
}

/* A heading with a line below it, and perhaps one above, which are taken from r->rest. */
static bool heading_at(struct rst *r, const struct line *line)
{
    struct core_str rest = r->rest, raw = {"", 0};
    char over = rule_of(line);
    struct line title = *line;
    if (over && core_str_split(&rest, '\n', &raw))
        title = line_of(raw);
    if (title.text.len == 0 || (!over && title.indent > 0) || rule_of(&title) ||
        !core_str_split(&rest, '\n', &raw))
        return false;
    struct line below = line_of(raw);
    char sign = rule_of(&below);
    /* A line that is shorter than what it should underline is punctuation, unless it is long. */
    if (!sign || (over && over != sign) ||
        (below.text.len < TRANSITION_MIN && below.text.len < title.text.len))
        return false;
    r->rest = rest;
    heading_put(r, sign, over != 0, title.text);
    return true;
}

/* --- Directives ----------------------------------------------------------------------------- */

static bool listed(struct core_str name, const char *names)
{
    char key[40];
    if (name.len + 3 > sizeof key)
        return false;
    snprintf(key, sizeof key, " %.*s ", CORE_STR_ARG(name));
    return strstr(names, key) != NULL;
}

/* For programs, or pictures. */
static const char dropped[] =
    " toctree contents include raw index meta image role default-role sectnum section-numbering "
    "highlight literalinclude module currentmodule automodule autoclass autofunction "
    "tabularcolumns testsetup testcleanup graphviz digraph graph header footer target-notes ";
static const char code[] =
    " code code-block sourcecode parsed-literal math productionlist doctest testcode testoutput "
    "prompt console ";
/* Their arguments are for programs; what is indented below is text. */
static const char bodies[] = " figure container only cssclass rst-class compound ";
static const char described[] =
    " function class method attribute data exception option cmdoption envvar describe object program "
    "confval macro type var member property staticmethod classmethod decorator directive ";

/* As the renderers say it. */
static const char *version_words(struct core_str name)
{
    static const char *const words[][2] = {{"versionadded", "Added in version "},
                                           {"versionchanged", "Changed in version "},
                                           {"deprecated", "Deprecated since version "},
                                           {"versionremoved", "Removed in version "}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (core_str_eq_c(name, words[i][0]))
            return words[i][1];
    }
    return "";
}

/* Text behind the two dots. Its other lines are indented by three, as a rule. */
static void args_begin(struct rst *r, unsigned indent, const char *before, struct core_str args)
{
    para_begin(r, TEXT, indent, core_str(before));
    core_buf_add_str(&r->para, args);
    r->text_indent = indent + 3;
    r->hanging = true;
}

/* Takes the lines off r->rest that are indented more than this, and blank ones between them. */
static struct core_str body_take(struct rst *r, unsigned indent)
{
    const char *start = r->rest.ptr;
    struct core_str rest = r->rest, raw;
    while (core_str_split(&rest, '\n', &raw)) {
        struct line line = line_of(raw);
        if (line.text.len > 0 && line.indent <= indent)
            break;
        if (line.text.len > 0)
            r->rest = rest;
    }
    return core_strn(start, (size_t)(r->rest.ptr - start));
}

static void csv_put(struct rst *r, unsigned indent, struct core_str title)
{
    para_begin(r, TEXT, indent, title);
    flush(r);
    ai_rst_csv(r->doc, r->names, body_take(r, indent));
    r->before = TEXT;
}

static void directive_begin(struct rst *r, unsigned indent, struct core_str name,
                            struct core_str args)
{
    ssize_t domain = core_str_find_byte(name, ':');
    struct core_str last = core_strn(name.ptr + domain + 1, name.len - (size_t)(domain + 1));
    r->options = (int)indent;
    if (domain >= 0 ? core_str_eq_c(last, "module") : listed(name, dropped)) {
        r->dropped = (int)indent;
    } else if (core_str_eq_c(name, "csv-table")) {
        csv_put(r, indent, args);
    } else if (listed(name, code)) {
        code_begin(r, (int)indent);
        if (listed(name, " math parsed-literal prompt "))
            ai_doc_code(r->doc, AI_DOC_INDENT_CODE, args);
    } else if (listed(last, described)) {
        /* Not marked up: stars and underscores are a part of the name. */
        ai_doc_gap(r->doc);
        ai_doc_line(r->doc, 0, "", args);
        term_end(r, indent);
    } else if (args.len > 0 && !listed(name, bodies)) {
        args_begin(r, indent, version_words(name), args);
    }
}

static bool next_is_blank(struct core_str rest)
{
    struct core_str line;
    return !core_str_split(&rest, '\n', &line) || core_str_trim(line).len == 0;
}

/* What begins with "..": a directive, a footnote, or what no reader sees. */
static void explicit_begin(struct rst *r, const struct line *line)
{
    struct core_str s = core_str_trim(core_strn(line->text.ptr + 2, line->text.len - 2));
    flush(r);
    ssize_t end = core_str_find(s, CORE_STR("::"));
    bool word = end > 0;
    for (ssize_t i = 0; i < end; i++)
        word = word && (unsigned char)s.ptr[i] > ' ' && !strchr("[|`", s.ptr[i]);
    if (s.len > 0 && s.ptr[0] == '_')
        word = false;
    ssize_t bracket = s.len > 0 && s.ptr[0] == '[' ? core_str_find_byte(s, ']') : -1;
    if (word) {
        size_t after = (size_t)end + 2;
        directive_begin(r, line->indent, core_strn(s.ptr, (size_t)end),
                        core_str_trim(core_strn(s.ptr + after, s.len - after)));
    } else if (bracket > 1) {
        args_begin(r, line->indent, "", s);
    } else if (s.len > 0 || !next_is_blank(r->rest)) {
        r->dropped = (int)line->indent;
    }
}

/* --- Files ---------------------------------------------------------------------------------- */

/* Is the line a part of what an earlier one began and indentation holds together? */
static bool held(struct rst *r, const struct line *line)
{
    int indent = (int)line->indent;
    if (r->dropped != NONE && indent > r->dropped)
        return true;
    r->dropped = NONE;
    if (r->options != NONE && indent > r->options && field_of(line->text))
        return true;
    if (indent <= r->options)
        r->options = NONE;
    if (r->code != NONE && indent > r->code) {
        code_put(r, line);
        return true;
    }
    if (r->code != NONE)
        ai_doc_gap(r->doc);
    r->code = NONE;
    return false;
}

static bool continues(const struct rst *r, const struct line *line)
{
    if (r->para.len == 0)
        return false;
    return r->hanging ? line->indent > r->indent : line->indent >= r->indent;
}

static void block_begin(struct rst *r, const struct line *line)
{
    struct core_str s = line->text;
    size_t bullet = bullet_of(s), value = field_of(s);
    if (core_str_eq_c(s, "..") || core_str_starts(s, CORE_STR(".. "))) {
        explicit_begin(r, line);
    } else if (core_str_starts(s, CORE_STR("__ ")) || core_str_starts(s, CORE_STR(":orphan:"))) {
        flush(r);
    } else if (core_str_starts(s, CORE_STR(">>> "))) {
        flush(r);
        code_begin(r, (int)line->indent - 1);
        r->code_short = true;
        code_put(r, line);
    } else if (rule_of(line) && s.len >= TRANSITION_MIN) {
        flush(r);
        ai_doc_gap(r->doc);
    } else if (bullet > 0) {
        item_begin(r, line, bullet);
    } else if (value > 0) {
        para_begin(r, FIELD, line->indent, core_strn(s.ptr + 1, value - 2));
        core_buf_add_c(&r->para, ":");
        core_buf_add_str(&r->para, core_strn(s.ptr + value, s.len - value));
    } else if (core_str_starts(s, CORE_STR("| "))) {
        para_begin(r, FIELD, line->indent, core_strn(s.ptr + 2, s.len - 2)); /* a verse */
    } else if (!option_begin(r, line)) {
        para_begin(r, TEXT, line->indent, s);
    }
}

static bool table_at(struct rst *r, const struct line *line)
{
    const char *end = r->rest.ptr + r->rest.len;
    struct core_str here = core_strn(line->raw.ptr, (size_t)(end - line->raw.ptr));
    size_t size = ai_rst_table(r->doc, r->names, here);
    if (size > 0) {
        r->rest = core_strn(here.ptr + size, here.len - size);
        r->before = TEXT;
    }
    return size > 0;
}

static void line_put(struct rst *r, const struct line *line)
{
    if (line->text.len == 0) {
        flush(r);
        r->options = NONE;
        r->code = r->code_short ? NONE : r->code;
        r->code_short = false;
        if (r->code != NONE)
            ai_doc_gap(r->doc);
        return;
    }
    if (held(r, line))
        return;
    if (continues(r, line) && !(r->kind == ITEM && bullet_of(line->text) > 0)) {
        if (r->hanging || line->indent == r->indent || r->lines > 1) {
            core_buf_add_byte(&r->para, ' ');
            core_buf_add_str(&r->para, line->text);
            r->lines++;
            return;
        }
        unsigned indent = r->indent;
        flush(r);
        term_end(r, indent);
    }
    flush(r);
    if ((int)line->indent <= r->below)
        r->below = NONE;
    if (!heading_at(r, line) && !table_at(r, line))
        block_begin(r, line);
}

void ai_rst_extract(struct ai_doc *doc, struct core_str text)
{
    struct rst r = {.doc = doc,
                    .rest = text,
                    .names = ai_rst_names_new(text),
                    .dropped = NONE,
                    .code = NONE,
                    .options = NONE,
                    .below = NONE};
    struct core_str raw;
    core_buf_init(&r.para, AI_LIMIT_DOCUMENT_TEXT);
    doc->kind = AI_DOC_RST;
    while (core_str_split(&r.rest, '\n', &raw)) {
        struct line line = line_of(raw);
        line_put(&r, &line);
    }
    flush(&r);
    core_buf_done(&r.para);
    ai_rst_names_free(r.names);
    if (doc->text.len > 0) {
        struct core_str first = core_buf_str(&doc->text);
        ssize_t end = core_str_find_byte(first, '\n');
        ai_doc_title(doc, core_strn(first.ptr,
                                    core_utf8_cut(first, end >= 0 && end < 80 ? (size_t)end : 80)));
    }
}
