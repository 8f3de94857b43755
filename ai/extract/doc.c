/*
 * doc.c: writing extracted text in the layout of doc.h. All input is valid UTF-8 or is made so.
 */
#include "ai/extract/doc.h"

#include "ai/text/char.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define TAB_COLUMNS 8
/* A term is no longer than this. */
#define TERM_BYTES 120

void ai_doc_init(struct ai_doc *doc)
{
    *doc = (struct ai_doc){0};
    core_buf_init(&doc->text, AI_LIMIT_DOCUMENT_TEXT);
    core_buf_init(&doc->heading_text, AI_LIMIT_HEADINGS * AI_LIMIT_HEADING_BYTES);
    core_buf_init(&doc->title, AI_LIMIT_HEADING_BYTES + 8);
}

void ai_doc_done(struct ai_doc *doc)
{
    core_buf_done(&doc->text);
    core_buf_done(&doc->heading_text);
    core_buf_done(&doc->title);
    free(doc->headings);
    free(doc->tables);
    doc->headings = NULL;
    doc->tables = NULL;
    doc->heading_count = doc->heading_cap = 0;
    doc->table_count = doc->table_cap = 0;
}

const char *ai_doc_mime(enum ai_doc_kind kind)
{
    static const char *const mimes[AI_DOC_KINDS] = {
        [AI_DOC_TEXT] = "text/plain",
        [AI_DOC_CSV] = "text/csv",
        [AI_DOC_DOCX] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        [AI_DOC_HTML] = "text/html",
        [AI_DOC_MAIL] = "message/rfc822",
        [AI_DOC_MAILBOX] = "application/mbox",
        [AI_DOC_MARKDOWN] = "text/markdown",
        [AI_DOC_PDF] = "application/pdf",
        [AI_DOC_ROFF] = "text/troff",
        [AI_DOC_ROFF_ALIAS] = "text/troff-alias",
        [AI_DOC_RST] = "text/x-rst",
        [AI_DOC_SRT] = "application/x-subrip",
        [AI_DOC_VTT] = "text/vtt",
    };
    assert(kind < AI_DOC_KINDS && mimes[kind]);
    return mimes[kind];
}

void ai_doc_clear(struct ai_doc *doc)
{
    ai_doc_done(doc);
    ai_doc_init(doc);
}

int ai_doc_error(const struct ai_doc *doc)
{
    return doc->error ? doc->error : core_buf_error(&doc->text);
}

int ai_doc_fail(struct ai_doc *doc, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(doc->why, sizeof doc->why, format, args);
    va_end(args);
    /* A cut in the middle of a character would make the message invalid UTF-8. */
    doc->why[core_utf8_cut(core_str(doc->why), sizeof doc->why - 1)] = 0;
    return code;
}

/* --- Characters ----------------------------------------------------------------------------- */

/* Neither visible nor white space: control characters, soft hyphen, direction marks, joiners that
 * only matter to a renderer. */
static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0 && c != 0x85) || c == 0xAD ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xE0000 && c <= 0x10FFFF) ||
           (c & 0xFFFE) == 0xFFFE;
}

bool ai_doc_collapse(struct core_buf *out, struct core_str text, bool *space)
{
    bool wrote = false;
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        size_t start = at;
        at += core_utf8_next(text, at, &c);
        if (c == 0x200B || c == 0xFEFF)
            continue;
        if (ai__char_is_space(c)) {
            *space = true;
            continue;
        }
        if (is_invisible(c))
            continue;
        if (*space && out->len > 0)
            core_buf_add_byte(out, ' ');
        *space = false;
        wrote = true;
        if (c == 0xFFFD && at - start == 1)
            core_buf_add(out, "\xEF\xBF\xBD", 3);
        else
            core_buf_add(out, text.ptr + start, at - start);
    }
    return wrote;
}

/* --- Lines ---------------------------------------------------------------------------------- */

void ai_doc_gap(struct ai_doc *doc)
{
    doc->gap = true;
}

static void line_begin(struct ai_doc *doc, unsigned indent)
{
    if (doc->text.len > 0)
        core_buf_add_c(&doc->text, doc->gap ? "\n\n" : "\n");
    doc->gap = doc->item = doc->headed = false;
    doc->line_at = doc->text.len;
    for (unsigned i = 0; i < indent; i++)
        core_buf_add_byte(&doc->text, ' ');
}

void ai_doc_term(struct ai_doc *doc)
{
    size_t len = doc->text.len - doc->line_at;
    char last = len > 0 ? doc->text.ptr[doc->text.len - 1] : '.';
    if (len > 0 && len <= TERM_BYTES && !doc->headed && !doc->item && !strchr(".:;?!", last) &&
        doc->text.ptr[doc->line_at] != ' ')
        doc->gap = false;
}

/* Bytes of a bullet sign and the white space after it; 0 = none. */
static size_t bullet_at(struct core_str text)
{
    static const char *const signs[] = {"\u2022", "\u25E6", "\u25AA", "\u2023"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i]);
        if (!core_str_starts(text, core_str(signs[i])))
            continue;
        while (n < text.len && (text.ptr[n] == ' ' || text.ptr[n] == '\t'))
            n++;
        return n < text.len ? n : 0;
    }
    return 0;
}

static bool has_content(struct core_str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        at += core_utf8_next(text, at, &c);
        if (!ai__char_is_space(c) && !is_invisible(c))
            return true;
    }
    return false;
}

void ai_doc_line(struct ai_doc *doc, unsigned indent, const char *prefix, struct core_str text)
{
    if (!has_content(text))
        return;
    bool space = false;
    bool item = prefix[0] != 0;
    /* Leading white space must not become a space: the line's own indentation says what it is. */
    while (text.len > 0) {
        uint32_t c;
        size_t n = core_utf8_next(text, 0, &c);
        if (!ai__char_is_space(c) && !is_invisible(c))
            break;
        text.ptr += n;
        text.len -= n;
    }
    size_t bullet = item ? 0 : bullet_at(text);
    if (bullet > 0) {
        /* Lists of paragraphs with a sign in front: one block, as other lists. */
        doc->gap = doc->gap && !doc->item;
        prefix = "- ";
        item = true;
        text.ptr += bullet;
        text.len -= bullet;
    }
    line_begin(doc, indent);
    core_buf_add_c(&doc->text, prefix);
    ai_doc_collapse(&doc->text, text, &space);
    doc->item = item;
}

void ai_doc_code(struct ai_doc *doc, unsigned indent, struct core_str text)
{
    if (!has_content(text)) {
        ai_doc_gap(doc);
        return;
    }
    line_begin(doc, indent);
    unsigned column = 0;
    size_t end = doc->text.len; /* without trailing white space */
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        size_t start = at;
        at += core_utf8_next(text, at, &c);
        unsigned spaces = c == '\t' ? TAB_COLUMNS - column % TAB_COLUMNS
                                    : c != 0x200B && c != 0xFEFF && ai__char_is_space(c);
        column += spaces;
        for (; spaces > 0; spaces--)
            core_buf_add_byte(&doc->text, ' ');
        if (ai__char_is_space(c) || is_invisible(c))
            continue;
        if (c == 0xFFFD && at - start == 1)
            core_buf_add(&doc->text, "\xEF\xBF\xBD", 3);
        else
            core_buf_add(&doc->text, text.ptr + start, at - start);
        column++;
        end = doc->text.len;
    }
    core_buf_truncate(&doc->text, end);
}

/* --- Headings ------------------------------------------------------------------------------- */

void ai_doc_mark(struct ai_doc *doc, unsigned level, struct core_str text)
{
    if (doc->heading_count >= AI_LIMIT_HEADINGS)
        return;
    void *array = doc->headings;
    int status = core_grow(&array, &doc->heading_cap, doc->heading_count, sizeof *doc->headings,
                           AI_LIMIT_HEADINGS);
    doc->headings = array;
    if (status != 0) {
        doc->error = status;
        return;
    }
    bool space = false;
    size_t at = doc->heading_text.len;
    struct core_buf one;
    core_buf_init(&one, AI_LIMIT_DOCUMENT_TEXT);
    if (ai_doc_collapse(&one, text, &space) && core_buf_error(&one) == 0) {
        size_t len = core_utf8_cut(core_buf_str(&one), AI_LIMIT_HEADING_BYTES);
        core_buf_add(&doc->heading_text, one.ptr, len);
        /* What follows will stand after the line break and the gap. */
        size_t start = doc->text.len ? doc->text.len + 2 : 0;
        doc->headings[doc->heading_count++] = (struct ai_doc_heading){start,
                                                                      level < 1   ? 1
                                                                      : level > 6 ? 6
                                                                                  : level,
                                                                      at,
                                                                      doc->heading_text.len - at};
        ai_doc_gap(doc);
    }
    core_buf_done(&one);
}

void ai_doc_heading(struct ai_doc *doc, unsigned level, struct core_str text)
{
    if (!has_content(text))
        return;
    ai_doc_gap(doc);
    ai_doc_mark(doc, level, text);
    ai_doc_line(doc, 0, "", text);
    doc->headed = true;
    ai_doc_gap(doc);
}

struct core_str ai_doc_heading_text(const struct ai_doc *doc, size_t index)
{
    const struct ai_doc_heading *h = &doc->headings[index];
    return core_strn(core_buf_str(&doc->heading_text).ptr + h->text_at, h->text_len);
}

/* --- Tables --------------------------------------------------------------------------------- */

bool ai_doc_in_table(const struct ai_doc *doc)
{
    return doc->table_count > 0 && doc->tables[doc->table_count - 1].end == 0;
}

void ai_doc_table_end(struct ai_doc *doc)
{
    if (ai_doc_in_table(doc))
        doc->tables[doc->table_count - 1].end = doc->text.len;
}

void ai_doc_table(struct ai_doc *doc)
{
    struct ai_doc_table *last = doc->table_count > 0 ? &doc->tables[doc->table_count - 1] : NULL;
    if (doc->text.len == doc->line_at || (last && last->start >= doc->line_at))
        return;
    if (last && (last->end == 0 || last->end > doc->line_at))
        last->end = doc->line_at;
    if (doc->table_count >= AI_LIMIT_TABLES)
        return;
    void *array = doc->tables;
    int status = core_grow(&array, &doc->table_cap, doc->table_count, sizeof *doc->tables,
                           AI_LIMIT_TABLES);
    doc->tables = array;
    if (status != 0)
        doc->error = status;
    else
        doc->tables[doc->table_count++] = (struct ai_doc_table){.start = doc->line_at};
}

static bool is_value(struct core_str cell)
{
    int64_t year;
    uint32_t c = 0;
    /* Signs of numbers and of currencies, and brackets. */
    for (size_t at = 0; at < cell.len && !core_utf8_is_word(c);)
        at += core_utf8_next(cell, at, &c);
    return c >= '0' && c <= '9' && (cell.len != 4 || core_str_to_i64(cell, 1000, 2999, &year) != 0);
}

bool ai_doc_names_columns(const struct ai_doc *doc)
{
    struct core_str line = core_buf_since(&doc->text, doc->line_at);
    struct core_str cell;
    unsigned cells = 0;
    for (; core_str_split(&line, '|', &cell); cells++) {
        if (is_value(core_str_trim(cell)))
            return false;
    }
    return cells > 1;
}

struct core_str ai_doc_table_columns(const struct ai_doc *doc, size_t index)
{
    struct core_str text = core_buf_since(&doc->text, doc->tables[index].start), line = {"", 0};
    core_str_split(&text, '\n', &line);
    return core_strn(line.ptr, core_utf8_cut(line, AI_LIMIT_HEADING_BYTES));
}

struct core_str ai_doc_file(struct core_str name)
{
    const struct core_str sent = CORE_STR("upload:");
    size_t at = name.len, from = core_str_starts(name, sent) ? sent.len : 0;
    while (at > from && name.ptr[at - 1] != '/')
        at--;
    struct core_str file = core_strn(name.ptr + at, name.len - at);
    if (core_str_ends(file, CORE_STR(".gz")) && file.len > 3)
        file.len -= 3;
    return file;
}

void ai_doc_title(struct ai_doc *doc, struct core_str text)
{
    if (doc->title.len > 0)
        return;
    bool space = false;
    struct core_buf one;
    core_buf_init(&one, AI_LIMIT_DOCUMENT_TEXT);
    if (ai_doc_collapse(&one, text, &space)) {
        size_t len = core_utf8_cut(core_buf_str(&one), AI_LIMIT_HEADING_BYTES);
        core_buf_add(&doc->title, one.ptr, len);
    }
    core_buf_done(&one);
}

bool ai_doc_word_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80);
}

bool ai_doc_breaks_word(struct core_str line, struct core_str next)
{
    if (line.len < 2 || line.ptr[line.len - 1] != '-' || next.len == 0)
        return false;
    char before = line.ptr[line.len - 2];
    return ai_doc_word_byte(before) && !(before >= '0' && before <= '9') && next.ptr[0] >= 'a' &&
           next.ptr[0] <= 'z';
}
