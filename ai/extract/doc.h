/*
 * doc.h: the document that an extractor writes: one
 * UTF-8 text of lines and blocks, headings, tables, title.
 *
 * Layout of stored text (ai/text/text.h reads it): blocks are separated by one blank line; a line is a
 * paragraph, a list item, a table row, a term, or a line of code; indentation says which:
 *
 *     Heading
 *
 *     A paragraph, however long, on one line.
 *
 *     term
 *       its definition, 2 spaces
 *
 *     - item
 *       - item below it
 *         code, 4 spaces more than nothing
 *     name | second cell | third cell
 *
 * Errors stick (ai_doc_error), so a writer may check once at the end. Not thread-safe.
 */
#ifndef AI_EXTRACT_DOC_H
#define AI_EXTRACT_DOC_H

#include "core/buf.h"
#include "core/limits.h"

#define AI_DOC_INDENT_TEXT 2
#define AI_DOC_INDENT_CODE 4

struct ai_doc_heading {
    size_t start; /* where in the text what it names begins */
    unsigned level;
    size_t text_at, text_len; /* in heading_text */
};
/* A table that says what its columns are. */
struct ai_doc_table {
    size_t start; /* the line that names the columns */
    size_t end;   /* of the last row; 0: still open */
};
enum ai_doc_kind {
    AI_DOC_TEXT,
    AI_DOC_CSV,
    AI_DOC_DOCX,
    AI_DOC_HTML,
    AI_DOC_MAIL,
    AI_DOC_MAILBOX,
    AI_DOC_MARKDOWN,
    AI_DOC_PDF,
    AI_DOC_ROFF,
    AI_DOC_ROFF_ALIAS, /* only points to another page (".so man1/x.1"): its text is that name */
    AI_DOC_RST,
    AI_DOC_SRT,
    AI_DOC_VTT,
    AI_DOC_KINDS
};
struct ai_doc {
    struct core_buf text;
    struct core_buf heading_text;
    struct ai_doc_heading *headings;
    size_t heading_count, heading_cap;
    struct ai_doc_table *tables; /* in order, one after the other */
    size_t table_count, table_cap;
    struct core_buf title;
    enum ai_doc_kind kind;
    bool gap;       /* the next line begins a block */
    bool item;      /* the last line is one of a list */
    bool headed;    /* the last line is a heading */
    size_t line_at; /* where the last line begins */
    int error;
    char why[AI_LIMIT_WHY]; /* for people, when the extraction failed */
};

void ai_doc_init(struct ai_doc *doc);
void ai_doc_done(struct ai_doc *doc);
/* Empty again, as after init; keeps nothing. */
void ai_doc_clear(struct ai_doc *doc);
int ai_doc_error(const struct ai_doc *doc);
/* The mime type of a kind; static. */
const char *ai_doc_mime(enum ai_doc_kind kind);
/* Sets why and returns code. */
int ai_doc_fail(struct ai_doc *doc, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull(3)));

/* The next line begins a new block. */
void ai_doc_gap(struct ai_doc *doc);
/* Takes the gap back when the last line reads like the term that the next line explains. */
void ai_doc_term(struct ai_doc *doc);
/* White space of `text` collapses to single spaces, control characters go; nothing is written when
 * nothing is left. `prefix` (a bullet, "") stands between the indentation and the text; a text that
 * brings its own bullet sign is made an item. */
void ai_doc_line(struct ai_doc *doc, unsigned indent, const char *prefix, struct core_str text);
/* As it is (tabs to columns of eight), `indent` spaces in front; an empty line makes a gap. */
void ai_doc_code(struct ai_doc *doc, unsigned indent, struct core_str text);
/* A block of its own, and an entry in the list of headings. Level 1 … 6. */
void ai_doc_heading(struct ai_doc *doc, unsigned level, struct core_str text);
/* Only an entry in the list (a page number): names what follows. */
void ai_doc_mark(struct ai_doc *doc, unsigned level, struct core_str text);
/* The last line names the columns of a table, which lasts until ai_doc_table_end() or the next
 * call. Those beyond AI_LIMIT_TABLES are tables of which nothing is known. */
void ai_doc_table(struct ai_doc *doc);
void ai_doc_table_end(struct ai_doc *doc);
/* Does a table that names its columns go on? */
bool ai_doc_in_table(const struct ai_doc *doc);
/* Where nothing tells: could the last line name columns? Several cells, and none of them begins
 * with a number, as values do (a year may be a column). */
bool ai_doc_names_columns(const struct ai_doc *doc);
/* The first call with anything in it counts. */
void ai_doc_title(struct ai_doc *doc, struct core_str text);
/* What one without a title is called: the last part of its name ("upload:" is none), without
 * ".gz"; points into it. */
struct core_str ai_doc_file(struct core_str name);
struct core_str ai_doc_heading_text(const struct ai_doc *doc, size_t index);
/* The line that names its columns. */
struct core_str ai_doc_table_columns(const struct ai_doc *doc, size_t index);

/* Appends `text` with white space collapsed and control characters dropped; true when something was
 * written. `space` says whether a space is due before it; updated. */
bool ai_doc_collapse(struct core_buf *out, struct core_str text, bool *space);

/* Stands inside of words: letters and digits of ASCII, and all bytes above. */
bool ai_doc_word_byte(char c);
/* The line ends in a word that is broken there ("pres-") and goes on where `next` begins. */
bool ai_doc_breaks_word(struct core_str line, struct core_str next);

#endif
