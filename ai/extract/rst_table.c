/*
 * rst_table.c: both kinds of drawn tables, and those of separated fields, as rows with their cells
 * on one line.
 *
 *     +------+-------+        ====  =====
 *     | Part | Price |        Part  Price
 *     +======+=======+        ====  =====
 *     | pump | 64    |        pump  64
 *     +------+-------+        ====  =====
 */
#include "ai/extract/csv.h"
#include "ai/extract/rst.h"

#include "core/limits.h"

/* Lines in which a table of the second kind has to end, else it is none. */
#define TABLE_LINES 2000

struct table {
    struct ai_doc *doc;
    const struct ai_rst_names *names;
    struct core_buf cells[AI_LIMIT_TABLE_COLUMNS];
    bool kept[AI_LIMIT_TABLE_COLUMNS];     /* the cell goes on below the row */
    size_t starts[AI_LIMIT_TABLE_COLUMNS]; /* of the columns, in characters */
    size_t columns;
    size_t width; /* of one with all borders */
    bool filled;  /* the row holds something */
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
        ai_rst_inline(t->names, core_buf_str(&t->cells[i]), &row);
        end = t->cells[i].len > 0 ? row.len : end;
    }
    for (size_t i = 0; i < t->columns; i++) {
        if (!t->kept[i] || t->cells[i].len > AI_LIMIT_SPANNED_CELL)
            core_buf_clear(&t->cells[i]);
        t->kept[i] = false;
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

/* --- With all borders ----------------------------------------------------------------------- */

/* A column begins behind a '+' of any border. */
static void starts_add(struct table *t, struct core_str border)
{
    for (size_t at = 0; at + 1 < border.len; at++) {
        size_t i = t->columns;
        if (border.ptr[at] != '+')
            continue;
        while (i > 0 && t->starts[i - 1] > at)
            i--;
        if ((i > 0 && t->starts[i - 1] == at) || t->columns == AI_LIMIT_TABLE_COLUMNS)
            continue;
        memmove(&t->starts[i + 1], &t->starts[i], (t->columns - i) * sizeof *t->starts);
        t->starts[i] = at;
        t->columns++;
    }
}

/* Bytes of the table, 0 when text begins with none; fills t->starts. */
static size_t grid_size(struct table *t, struct core_str text)
{
    struct core_str rest = text, line = {"", 0};
    core_str_split(&rest, '\n', &line);
    struct core_str s = core_str_trim(line);
    if (s.len < 3 || s.ptr[0] != '+' || s.ptr[s.len - 1] != '+' || !is_drawn(s, "+-", "--"))
        return 0;
    t->width = s.len;
    starts_add(t, s);
    while (core_str_split(&rest, '\n', &line)) {
        s = core_str_trim(line);
        if (s.len == 0 || (s.ptr[0] != '+' && s.ptr[0] != '|'))
            return (size_t)(line.ptr - text.ptr);
        if (s.len == t->width && is_drawn(s, "+-=| ", "-"))
            starts_add(t, s);
    }
    return text.len;
}

static size_t characters(struct core_str s)
{
    size_t count = 0;
    uint32_t c;
    for (size_t at = 0; at < s.len; count++)
        at += core_utf8_next(s, at, &c);
    return count;
}

static bool is_bar(struct core_str s, size_t at)
{
    struct core_str c = slice(s, at, at + 1);
    return core_str_eq_c(c, "|") || core_str_eq_c(c, "+");
}

/* Adds what the line holds to the cells of the row; true when a border below some of them ends it.
 * The others reach into the next row, and are kept. */
static bool grid_line(struct table *t, struct core_str s)
{
    bool ends = false;
    for (size_t i = 0, next; i < t->columns; i = next) {
        next = i + 1;
        while (next < t->columns && !is_bar(s, t->starts[next]))
            next++;
        size_t end = next < t->columns ? t->starts[next] : t->width - 1;
        struct core_str part = slice(s, t->starts[i] + 1, end);
        bool border = part.len > 0 && (is_drawn(part, "+-", "-") || is_drawn(part, "+=", "="));
        border = border && core_str_trim(part).len == part.len;
        for (size_t k = i; k < next; k++)
            t->kept[k] = !border;
        if (!border)
            cell_add(t, i, part);
        ends = ends || border;
    }
    return ends;
}

static void grid_put(struct table *t, struct core_str text)
{
    struct core_str line, cell;
    bool named = false;
    while (core_str_split(&text, '\n', &line)) {
        size_t column = 0;
        struct core_str s = core_str_trim(line);
        bool drawn = s.ptr[0] == '+' && (is_drawn(s, "+-=| ", "--") || is_drawn(s, "+-=| ", "=="));
        /* Wide letters move the bars that stand behind them. */
        bool even = characters(s) == t->width;
        if (!even)
            memset(t->kept, 0, sizeof t->kept);
        if (even ? grid_line(t, s) : drawn) {
            if (row_put(t) && !named && is_drawn(s, "+=", "==")) {
                ai_doc_table(t->doc);
                named = true;
            }
        } else if (!even) {
            s = core_strn(s.ptr + 1, s.len - 1);
            while (core_str_split(&s, '|', &cell))
                cell_add(t, column++, cell);
        }
    }
    memset(t->kept, 0, sizeof t->kept);
    row_put(t);
}

/* --- With horizontal borders ---------------------------------------------------------------- */

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

static void table_begin(struct table *t)
{
    for (size_t i = 0; i < t->columns; i++)
        core_buf_init(&t->cells[i], AI_LIMIT_DOCUMENT_TEXT);
    ai_doc_gap(t->doc);
}

static void table_end(struct table *t)
{
    ai_doc_table_end(t->doc);
    ai_doc_gap(t->doc);
    for (size_t i = 0; i < t->columns; i++)
        core_buf_done(&t->cells[i]);
}

size_t ai_rst_table(struct ai_doc *doc, const struct ai_rst_names *names, struct core_str text)
{
    struct table t = {.doc = doc, .names = names};
    struct core_str rest = text, line = {"", 0};
    core_str_split(&rest, '\n', &line);
    size_t size = grid_size(&t, text);
    bool grid = size > 0;
    if (!grid && simple_columns(&t, line))
        size = simple_size(text);
    if (size == 0)
        return 0;
    table_begin(&t);
    if (grid)
        grid_put(&t, core_strn(text.ptr, size));
    else
        simple_put(&t, core_strn(text.ptr, size));
    table_end(&t);
    return size;
}

/* --- Of separated fields -------------------------------------------------------------------- */

struct csv {
    struct core_str header;
    int64_t header_rows;
    char sign;
};

/* Takes ":name: value" off the front of *text. */
static bool option_take(struct csv *csv, struct core_str *text)
{
    struct core_str rest = *text, line, name;
    if (!core_str_split(&rest, '\n', &line))
        return false;
    line = core_str_trim(line);
    if (line.len < 2 || line.ptr[0] != ':')
        return false;
    line = core_strn(line.ptr + 1, line.len - 1);
    core_str_split(&line, ':', &name);
    line = core_str_trim(line);
    if (core_str_eq_c(name, "header"))
        csv->header = line;
    else if (core_str_eq_c(name, "header-rows"))
        core_str_to_i64(line, 0, 100, &csv->header_rows);
    else if (core_str_eq_c(name, "delim") && line.len > 0)
        csv->sign = core_str_eq_c(line, "tab")     ? '\t'
                    : core_str_eq_c(line, "space") ? ' '
                                                   : line.ptr[0];
    *text = rest;
    return true;
}

/* Writes the record that *text begins with and takes it off. */
static void record_put(struct table *t, char sign, struct core_str *text)
{
    struct core_buf field;
    bool last = false;
    core_buf_init(&field, AI_LIMIT_DOCUMENT_TEXT);
    for (size_t column = 0; !last; column++) {
        while (text->len > 0 && text->ptr[0] == ' ' && sign != ' ')
            *text = core_strn(text->ptr + 1, text->len - 1);
        core_buf_clear(&field);
        last = ai_csv_field(text, sign, &field);
        cell_add(t, column, core_buf_str(&field));
    }
    core_buf_done(&field);
    row_put(t);
}

void ai_rst_csv(struct ai_doc *doc, const struct ai_rst_names *names, struct core_str text)
{
    struct table t = {.doc = doc, .names = names, .columns = AI_LIMIT_TABLE_COLUMNS};
    struct csv csv = {.sign = ','};
    while (option_take(&csv, &text))
        continue;
    table_begin(&t);
    if (csv.header.len > 0) {
        record_put(&t, csv.sign, &csv.header);
        ai_doc_table(doc);
    }
    for (int64_t row = 1; text.len > 0; row++) {
        size_t before = doc->text.len;
        record_put(&t, csv.sign, &text);
        if (doc->text.len == before)
            row--; /* a blank line */
        else if (row == csv.header_rows && csv.header.len == 0)
            ai_doc_table(doc);
    }
    table_end(&t);
}
