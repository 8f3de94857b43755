/*
 * columns.h: tables that are drawn with spaces, as in plain text and in what pdftotext prints of a
 * page as it looks:
 *
 *     Pos   Description                  Qty      Amount
 *     1     Library shelving, oak,        24   24,960.00
 *           with two brackets
 *                                  Net total   24,960.00
 *
 * Cells are what two spaces or more separate; cells below each other are a column. It is rules of
 * thumb: what may as well be running text in two columns, code or a list is no table. Lines are
 * valid UTF-8. Any thread.
 */
#ifndef AI_EXTRACT_COLUMNS_H
#define AI_EXTRACT_COLUMNS_H

#include "ai/extract/doc.h"

#define AI_COLUMNS_MAX 24
/* A tab goes on to the next column that is a multiple of this. */
#define AI_COLUMNS_TAB 8

struct ai_columns_line {
    struct core_str text; /* without white space around it, not empty */
    unsigned indent;      /* the column in which it begins */
    unsigned apart;       /* blank lines above it */
};
enum ai_columns_kind {
    AI_COLUMNS_NONE,
    AI_COLUMNS_TABLE,
    AI_COLUMNS_PROSE /* running text in columns, each of which is to be read by itself */
};
struct ai_columns_span {
    unsigned from, to;
};
struct ai_columns {
    enum ai_columns_kind kind;
    size_t from, to;  /* lines */
    size_t rows;      /* of these, with several cells */
    size_t wide;      /* … with more than two */
    unsigned running; /* columns that hold running text */
    bool headed;      /* the first line names columns, but less apart than two spaces */
    unsigned count;
    struct ai_columns_span spans[AI_COLUMNS_MAX]; /* from left to right, apart from each other */
};

/* The first of tables and running text in columns at `from` or below. False: no more. */
bool ai_columns_find(const struct ai_columns_line *lines, size_t count, size_t from,
                     struct ai_columns *ret);
/* Writes a table as a block: a line for each row, "cell | cell", or "label: value"; what goes on in
 * the next line joins its cell. Says so when the first row names columns. */
void ai_columns_put(struct ai_doc *doc, const struct ai_columns_line *lines,
                    const struct ai_columns *table);
/* The line of which `raw` is all. Its text is empty when there is nothing but white space. */
struct ai_columns_line ai_columns_line(struct core_str raw);

struct ai_columns_cell {
    struct core_str text;
    struct ai_columns_span span;
};
/* What two spaces or more, or a tab, separate in the line; the last one holds the rest. */
size_t ai_columns_cells(const struct ai_columns_line *line,
                        struct ai_columns_cell ret[static AI_COLUMNS_MAX]);
/* A number, an amount, a date, a time rather than words. */
bool ai_columns_is_value(struct core_str cell);
/* "Title ........ 12", as in a table of contents: no row. */
bool ai_columns_is_dotted(struct core_str s);
/* Drawn between rows: "-----  ----". */
bool ai_columns_is_rule(struct core_str s);
/* Goes on with something: begins with a small letter. */
bool ai_columns_goes_on(struct core_str cell);

#endif
