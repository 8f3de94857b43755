/*
 * columns_put.c: the lines of a table as its rows. A line is a row, unless its cells go on with
 * those above.
 */
#include "ai/extract/columns.h"

#include "ai/text/text.h"

/* A line that ends so near to the right edge is full. */
#define LABEL_SLACK 12
/* Wider than this, a label and an amount are a sum. */
#define SUM_COLUMNS 3

struct row {
    struct core_buf cells[AI_COLUMNS_MAX];
    unsigned last; /* column that was written last */
};
struct writer {
    struct ai_doc *doc;
    const struct ai_columns *table;
    struct core_str cells[AI_COLUMNS_MAX]; /* of the line */
    unsigned filled, first;                /* how many of them, the first one */
    struct row row;
    unsigned widest; /* the right edge */
    unsigned edge;   /* of the line above */
    size_t lines;    /* of the row */
    bool centre;     /* of a row in whose middle its cells are: the line with the first one was … */
    size_t below;    /* … and so many are still to come; before it: so many were above */
};

/* The column that a span is in, or nearest to. */
static unsigned column_of(const struct ai_columns *table, struct ai_columns_span s)
{
    unsigned best = 0, least = ~0u;
    for (unsigned i = 0; i < table->count; i++) {
        const struct ai_columns_span *c = &table->spans[i];
        unsigned away = s.to <= c->from   ? c->from - s.to + 1
                        : s.from >= c->to ? s.from - c->to + 1
                                          : 0;
        if (away < least) {
            best = i;
            least = away;
        }
    }
    return best;
}

static void set(struct writer *w, unsigned column, struct core_str text)
{
    struct core_str *cell = &w->cells[column];
    if (cell->len > 0)
        text = core_strn(cell->ptr, (size_t)(text.ptr + text.len - cell->ptr));
    else
        w->filled++;
    *cell = text;
    w->first = column < w->first ? column : w->first;
}

static unsigned count_tokens(struct core_str s)
{
    unsigned count = 0;
    bool inside = false;
    for (size_t i = 0; i < s.len; i++) {
        bool space = s.ptr[i] == ' ' || s.ptr[i] == '\t';
        count += !space && !inside;
        inside = !space;
    }
    return count;
}

/* Names that stand closer than their columns: word by word; as many words as columns are one each. */
static void split_words(struct writer *w, const struct ai_columns_line *line)
{
    struct core_str s = line->text;
    unsigned column = line->indent, word = 0;
    bool each = count_tokens(s) == w->table->count;
    for (size_t at = 0; at < s.len;) {
        struct ai_columns_span span = {column, column};
        size_t start = at;
        for (uint32_t c; at < s.len && s.ptr[at] != ' ' && s.ptr[at] != '\t'; span.to++)
            at += core_utf8_next(s, at, &c);
        if (at > start)
            set(w, each ? word++ : column_of(w->table, span), core_strn(s.ptr + start, at - start));
        bool tab = at < s.len && s.ptr[at] == '\t';
        column = tab ? (span.to / AI_COLUMNS_TAB + 1) * AI_COLUMNS_TAB : span.to + 1;
        at++;
    }
}

static void split(struct writer *w, const struct ai_columns_line *line, bool words)
{
    struct ai_columns_cell cells[AI_COLUMNS_MAX];
    size_t n = words ? 0 : ai_columns_cells(line, cells);
    memset(w->cells, 0, sizeof w->cells);
    w->filled = 0;
    w->first = AI_COLUMNS_MAX;
    if (words)
        split_words(w, line);
    for (size_t i = 0; i < n; i++)
        set(w, column_of(w->table, cells[i].span), cells[i].text);
}

/* --- Rows ----------------------------------------------------------------------------------- */

/* "label: value"; otherwise cells are apart by bars. What is added up below a table has its words
 * somewhere and the amount in its column: the empty cells say nothing. */
static void put_row(struct writer *w)
{
    struct core_buf line;
    unsigned from = w->table->count, to = 0, filled = 0;
    for (unsigned i = w->table->count; i-- > 0;) {
        if (w->row.cells[i].len == 0)
            continue;
        from = i;
        to = to == 0 ? i + 1 : to;
        filled++;
    }
    bool sum = filled == 2 && w->table->count > 2 && (from > 0 || to - from > SUM_COLUMNS) &&
               !ai_columns_is_value(core_buf_str(&w->row.cells[from])) &&
               ai_columns_is_value(core_buf_str(&w->row.cells[to - 1]));
    core_buf_init(&line, AI_LIMIT_DOCUMENT_TEXT);
    bool label = true;
    for (unsigned i = sum ? from : 0; i < to; i++) {
        const struct core_buf *cell = &w->row.cells[i];
        if (sum && cell->len == 0)
            continue;
        if (i > (sum ? from : 0))
            core_buf_add_c(&line, label && cell->len > 0 ? " " : " | ");
        core_buf_add_str(&line, core_buf_str(cell));
        label = cell->len > 0 && cell->ptr[cell->len - 1] == ':';
    }
    ai_doc_line(w->doc, 0, "", core_buf_str(&line));
    core_buf_done(&line);
    for (unsigned i = 0; i < w->table->count; i++)
        core_buf_clear(&w->row.cells[i]);
    w->lines = 0;
}

static void add(struct writer *w, unsigned column, struct core_str text)
{
    struct core_buf *cell = &w->row.cells[column];
    if (ai_doc_breaks_word(core_buf_str(cell), text))
        core_buf_truncate(cell, cell->len - 1);
    else if (cell->len > 0)
        core_buf_add_byte(cell, ' ');
    core_buf_add_str(cell, text);
    w->row.last = column;
}

/* Does the line go on with the row above? Cells with more of the text that they stand below. */
static bool goes_on(const struct writer *w)
{
    bool small = false;
    if (w->lines == 0 || (w->first == 0 && (w->filled > 1 || !ai_columns_goes_on(w->cells[0]))))
        return false;
    for (unsigned i = 0; i < w->table->count; i++) {
        if (w->cells[i].len == 0)
            continue;
        if (w->row.cells[i].len == 0 || ai_columns_is_value(w->cells[i]))
            return false;
        small = small || ai_columns_goes_on(w->cells[i]);
    }
    return small || w->filled == 1;
}

/* What a full line could not hold goes on at the margin, below the label. */
static unsigned target(const struct writer *w, unsigned column)
{
    const struct ai_columns_span *label = &w->table->spans[0];
    const struct core_buf *cell = &w->row.cells[0];
    bool full = cell->len * 10 >= (label->to - label->from) * 7 &&
                (cell->len == 0 || cell->ptr[cell->len - 1] != ':');
    return column == 0 && !full && w->edge + LABEL_SLACK >= w->widest ? w->row.last : column;
}

static void put_line(struct writer *w, const struct ai_columns_line *line, bool words)
{
    struct ai_columns_cell cells[AI_COLUMNS_MAX];
    split(w, line, words);
    bool more = goes_on(w);
    if (!more && w->lines > 0)
        put_row(w);
    for (unsigned i = 0; i < w->table->count; i++) {
        if (w->cells[i].len > 0)
            add(w, more ? target(w, i) : i, w->cells[i]);
    }
    w->lines++;
    w->edge = cells[ai_columns_cells(line, cells) - 1].span.to;
}

/*
 * Cells that stand in the middle of their rows: as many lines are above the one with the first cell
 * as below it.
 *
 *                    with two brackets
 *     1   24.00      for each of the
 *                    shelves
 */
static void put_centred(struct writer *w, const struct ai_columns_line *line)
{
    split(w, line, false);
    bool first = w->cells[0].len > 0;
    if (w->centre && (first || w->below == 0)) {
        put_row(w);
        w->centre = false;
        w->below = 0;
    }
    /* Nothing is above: what is added up below the rows. */
    bool sum = !first && !w->centre && w->below == 0;
    for (unsigned i = 0; i < w->table->count; i++) {
        if (w->cells[i].len > 0)
            add(w, i, w->cells[i]);
        sum = sum && (w->cells[i].len == 0 || i < 2 || ai_columns_is_value(w->cells[i]));
    }
    w->lines++;
    if (w->centre)
        w->below--;
    else
        w->below += !first;
    w->centre = w->centre || first || (sum && w->filled > 1);
    if (sum && w->filled > 1)
        w->below = 0;
}

/* The first row begins with lines without its first cell. */
static bool is_centred(struct writer *w, const struct ai_columns_line *lines, size_t from)
{
    while (from < w->table->to && ai_columns_is_rule(lines[from].text))
        from++;
    if (from + 1 >= w->table->to)
        return false;
    split(w, &lines[from], false);
    bool value = false;
    for (unsigned i = 0; i < w->table->count; i++)
        value = value || (w->cells[i].len > 0 && ai_columns_is_value(w->cells[i]));
    return w->cells[0].len == 0 && !value && w->filled * 2 <= w->table->count;
}

/* --- Tables --------------------------------------------------------------------------------- */

/* Does the first line name columns? It fills three or more, but perhaps the first one, or there are
 * values below a name. */
static bool has_names(struct writer *w, const struct ai_columns_line *lines)
{
    const struct ai_columns *t = w->table;
    struct core_str names[AI_COLUMNS_MAX];
    size_t values[AI_COLUMNS_MAX] = {0}, filled[AI_COLUMNS_MAX] = {0};
    split(w, &lines[t->from], t->headed);
    memcpy(names, w->cells, sizeof names);
    bool full = w->filled + (w->cells[0].len == 0) == t->count && t->count > 2;
    for (unsigned i = 0; i < t->count; i++) {
        if (names[i].len > 0 &&
            (names[i].ptr[names[i].len - 1] == ':' || ai_columns_is_value(names[i])))
            return false;
    }
    for (size_t i = t->from + 1; i < t->to; i++) {
        if (ai_columns_is_rule(lines[i].text))
            continue;
        split(w, &lines[i], false);
        for (unsigned k = 0; k < t->count; k++) {
            filled[k] += w->cells[k].len > 0;
            values[k] += w->cells[k].len > 0 && ai_columns_is_value(w->cells[k]);
        }
    }
    for (unsigned k = 1; k < t->count && !full; k++)
        full = names[k].len > 0 && filled[k] > 0 && values[k] * 2 > filled[k];
    return full;
}

void ai_columns_put(struct ai_doc *doc, const struct ai_columns_line *lines,
                    const struct ai_columns *table)
{
    struct writer w = {.doc = doc, .table = table};
    for (unsigned i = 0; i < table->count; i++)
        core_buf_init(&w.row.cells[i], AI_LIMIT_DOCUMENT_TEXT);
    for (size_t i = table->from; i < table->to; i++) {
        struct ai_columns_cell cells[AI_COLUMNS_MAX];
        size_t n = ai_columns_cells(&lines[i], cells);
        w.widest = n > 0 && cells[n - 1].span.to > w.widest ? cells[n - 1].span.to : w.widest;
    }
    bool names = has_names(&w, lines);
    size_t body = table->from + names;
    bool centred = is_centred(&w, lines, body);
    ai_doc_gap(doc);
    for (size_t i = table->from; i < table->to; i++) {
        if (ai_columns_is_rule(lines[i].text))
            continue;
        if (centred && i >= body)
            put_centred(&w, &lines[i]);
        else
            put_line(&w, &lines[i], i == table->from && table->headed);
        if (names && i == table->from) {
            put_row(&w);
            ai_doc_table(doc);
        }
    }
    if (w.lines > 0)
        put_row(&w);
    if (names)
        ai_doc_table_end(doc);
    ai_doc_gap(doc);
    for (unsigned i = 0; i < table->count; i++)
        core_buf_done(&w.row.cells[i]);
}
