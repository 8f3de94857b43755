/*
 * rst_table.c: both kinds of tables, as rows with their cells on one line.
 *
 *     +------+-------+        ====  =====
 *     | Part | Price |        Part  Price
 *     +======+=======+        ====  =====
 *     | pump | 64    |        pump  64
 *     +------+-------+        ====  =====
 */
#include "ai/extract/rst.h"

#include "core/limits.h"

/* Lines in which a table of the second kind has to end, else it is none. */
#define TABLE_LINES 2000

struct table {
    struct ai_doc *doc;
    struct core_buf cells[AI_LIMIT_TABLE_COLUMNS];
    size_t starts[AI_LIMIT_TABLE_COLUMNS]; /* of the columns, in characters */
    size_t columns;
    bool filled; /* the row holds something */
};

static void cell_add(struct table *t, size_t column, struct core_str text)
{
    struct core_buf *cell = &t->cells[column < t->columns ? column : t->columns - 1];
    text = core_str_trim(text);
    if (text.len == 0)
        return;
    if (cell->len > 0)
        core_buf_add_byte(cell, ' ');
    core_buf_add_str(cell, text);
    t->filled = true;
}

/* True when it wrote a row. */
static bool row_put(struct table *t)
{
    struct core_buf row;
    size_t end = 0, before = t->doc->text.len;
    core_buf_init(&row, AI_LIMIT_DOCUMENT_TEXT);
    for (size_t i = 0; i < t->columns && t->filled; i++) {
        if (i > 0)
            core_buf_add_c(&row, " | ");
        ai_rst_inline(core_buf_str(&t->cells[i]), &row);
        end = t->cells[i].len > 0 ? row.len : end;
        core_buf_clear(&t->cells[i]);
    }
    ai_doc_line(t->doc, 0, "", core_strn(row.ptr, end));
    core_buf_done(&row);
    t->filled = false;
    return t->doc->text.len > before;
}

/* Nothing but signs of the list, two equal ones of `drawn` among them? */
static bool is_drawn(struct core_str line, const char *signs, const char *drawn)
{
    line = core_str_trim(line);
    for (size_t i = 0; i < line.len; i++) {
        if (!line.ptr[i] || !strchr(signs, line.ptr[i]))
            return false;
    }
    return core_str_find(line, core_str(drawn)) >= 0;
}

/* --- With all borders ----------------------------------------------------------------------- */

static size_t grid_put(struct table *t, struct core_str text)
{
    struct core_str rest = text, line, cell;
    bool named = false;
    while (core_str_split(&rest, '\n', &line)) {
        size_t column = 0;
        struct core_str s = core_str_trim(line);
        if (s.len == 0 || (s.ptr[0] != '+' && s.ptr[0] != '|')) {
            row_put(t);
            return (size_t)(line.ptr - text.ptr);
        }
        if (s.ptr[0] == '+' && (is_drawn(s, "+-=| ", "--") || is_drawn(s, "+-=| ", "=="))) {
            if (row_put(t) && !named && is_drawn(s, "+=", "==")) {
                ai_doc_table(t->doc);
                named = true;
            }
            continue;
        }
        s = core_strn(s.ptr + 1, s.len - 1);
        while (core_str_split(&s, '|', &cell))
            cell_add(t, column++, cell);
    }
    row_put(t);
    return text.len;
}

static size_t grid_columns(struct core_str line)
{
    size_t columns = 0;
    line = core_str_trim(line);
    if (line.len < 3 || line.ptr[0] != '+' || line.ptr[line.len - 1] != '+' ||
        !is_drawn(line, "+-", "--"))
        return 0;
    for (size_t i = 1; i < line.len; i++)
        columns += line.ptr[i] == '+';
    return columns < AI_LIMIT_TABLE_COLUMNS ? columns : AI_LIMIT_TABLE_COLUMNS;
}

/* --- With horizontal borders ---------------------------------------------------------------- */

/* The characters [from, to) of the line. */
static struct core_str slice(struct core_str line, size_t from, size_t to)
{
    size_t at = 0, start = line.len, end = line.len;
    for (size_t i = 0; at < line.len; i++) {
        uint32_t c;
        if (i == from)
            start = at;
        if (i == to) {
            end = at;
            break;
        }
        at += core_utf8_next(line, at, &c);
    }
    return core_strn(line.ptr + start, start < end ? end - start : 0);
}

static bool is_border(struct core_str line)
{
    return is_drawn(line, "= ", "==");
}

static bool next_is_blank(struct core_str rest)
{
    struct core_str line;
    return !core_str_split(&rest, '\n', &line) || core_str_trim(line).len == 0;
}

/* Fills t->starts from the first border. */
static bool simple_columns(struct table *t, struct core_str line)
{
    t->columns = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '=' && (i == 0 || line.ptr[i - 1] == ' ') &&
            t->columns < AI_LIMIT_TABLE_COLUMNS)
            t->starts[t->columns++] = i;
    }
    return is_border(line) && t->columns > 1;
}

/* Bytes up to the end of its last border; 0: it has none. */
static size_t simple_size(struct core_str text)
{
    struct core_str rest = text, line;
    core_str_split(&rest, '\n', &line);
    for (unsigned i = 0; i < TABLE_LINES && core_str_split(&rest, '\n', &line); i++) {
        if (is_border(line) && next_is_blank(rest))
            return (size_t)(line.ptr + line.len - text.ptr);
    }
    return 0;
}

static void simple_put(struct table *t, struct core_str text)
{
    struct core_str line;
    bool named = false;
    core_str_split(&text, '\n', &line);
    while (core_str_split(&text, '\n', &line)) {
        if (is_border(line)) {
            if (row_put(t) && !named && text.len > 0)
                ai_doc_table(t->doc);
            named = true;
            continue;
        }
        if (is_drawn(line, "- ", "--"))
            continue; /* it joins columns of the row above */
        /* An empty first cell goes on with the row before. */
        if (core_str_trim(slice(line, t->starts[0], t->starts[1])).len > 0)
            row_put(t);
        for (size_t i = 0; i < t->columns; i++)
            cell_add(t, i,
                     slice(line, t->starts[i], i + 1 < t->columns ? t->starts[i + 1] : SIZE_MAX));
    }
    row_put(t);
}

size_t ai_rst_table(struct ai_doc *doc, struct core_str text)
{
    struct table t = {.doc = doc};
    struct core_str rest = text, line = {"", 0};
    core_str_split(&rest, '\n', &line);
    t.columns = grid_columns(line);
    bool grid = t.columns > 0;
    size_t size = !grid && simple_columns(&t, line) ? simple_size(text) : 0;
    if (!grid && size == 0)
        return 0;
    for (size_t i = 0; i < t.columns; i++)
        core_buf_init(&t.cells[i], AI_LIMIT_DOCUMENT_TEXT);
    ai_doc_gap(doc);
    if (grid)
        size = grid_put(&t, text);
    else
        simple_put(&t, core_strn(text.ptr, size));
    ai_doc_table_end(doc);
    ai_doc_gap(doc);
    for (size_t i = 0; i < t.columns; i++)
        core_buf_done(&t.cells[i]);
    return size;
}
