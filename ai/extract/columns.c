/*
 * columns.c: lines are added to a run as long as their cells fit the columns that the cells above
 * make; what the columns then hold says what the run is.
 */
#include "ai/extract/columns.h"

#include "ai/text/text.h"

/* Blank lines between rows of a table. */
#define APART_MAX 2
/* Lines of one cell in a row that may be the name of a part of the table. */
#define LONE_LINES 2
/* Rules in a row between rows. */
#define RULES_MAX 2
/* Rows of running text in columns: below that it is a table, or chance. */
#define PROSE_ROWS 4
/* Rows of what is no table, of which the first may be what spoils it. */
#define TRIED_ROWS 16
/* Words of a label, of the names of columns. */
#define LABEL_WORDS 4
/* Between labels and what belongs to them; blocks further apart (two addresses) rather stand side by
 * side for their own sake, unless there are many rows. */
#define LABEL_GAP 8
#define LABEL_ROWS 6

struct column {
    size_t filled, values, words, going_on, signs, marks, colons;
};

/* --- Runs ----------------------------------------------------------------------------------- */

/* The first column that the span touches; ret_count: how many. `count` when there is none. */
static unsigned touched(const struct ai_columns *run, struct ai_columns_span s, unsigned *ret_count)
{
    unsigned first = run->count;
    *ret_count = 0;
    for (unsigned i = run->count; i-- > 0;) {
        if (s.from < run->spans[i].to && s.to > run->spans[i].from) {
            first = i;
            ++*ret_count;
        }
    }
    return first;
}

static void widen(struct ai_columns *run, struct ai_columns_span s)
{
    unsigned n, at = touched(run, s, &n);
    if (n == 1) {
        struct ai_columns_span *to = &run->spans[at];
        to->from = s.from < to->from ? s.from : to->from;
        to->to = s.to > to->to ? s.to : to->to;
    } else if (n == 0) {
        for (at = run->count++; at > 0 && run->spans[at - 1].from > s.from; at--)
            run->spans[at] = run->spans[at - 1];
        run->spans[at] = s;
    }
}

/* May the row stand below the others? Each cell in its column, none beside it, new columns only
 * right below; a cell over several columns ("Paid on 3 May") only with an amount beside it. */
static bool row_fits(const struct ai_columns *run, const struct ai_columns_line *line,
                     const struct ai_columns_cell *cells, size_t count)
{
    unsigned last = AI_COLUMNS_MAX, fresh = 0, over = 0, fit = 0, amounts = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned n, at = touched(run, cells[i].span, &n);
        if (n > 0 && at == last)
            return false;
        last = n > 0 ? at + n - 1 : last;
        fresh += n == 0;
        over += n > 1;
        fit += n == 1;
        amounts += n == 1 && ai_columns_is_value(cells[i].text);
    }
    if (run->count + fresh > AI_COLUMNS_MAX || (over > 0 && (amounts == 0 || fresh > 0)))
        return false;
    return line->apart == 0 ? fit > 0 : fresh == 0 && fit + over > 1;
}

/* A line of one cell: 0 ends the run, 1 may belong to it, 2 goes on with the row above. */
static unsigned lone_fits(const struct ai_columns *run, const struct ai_columns_line *line,
                          const struct ai_columns_cell *cell)
{
    unsigned n, at = touched(run, cell->span, &n);
    if (line->apart > 0 || n != 1)
        return 0;
    return at > 0 || ai_columns_goes_on(cell->text) ? 2 : 1;
}

static void run_take(const struct ai_columns_line *lines, size_t count, size_t from,
                     struct ai_columns *run)
{
    struct ai_columns_cell cells[AI_COLUMNS_MAX];
    unsigned lone = 0, rules = 0;
    *run = (struct ai_columns){.from = from, .to = from};
    for (size_t i = from; i < count; i++) {
        size_t n = ai_columns_cells(&lines[i], cells);
        if (i > from && (lines[i].apart > APART_MAX || ai_columns_is_dotted(lines[i].text)))
            break;
        if (i > from && ai_columns_is_rule(lines[i].text)) {
            if (++rules > RULES_MAX)
                break;
            continue;
        }
        rules = 0;
        if (n > 1 && (i == from || row_fits(run, &lines[i], cells, n))) {
            lone = 0;
            run->rows++;
            run->wide += n > 2;
            for (size_t k = 0; k < n; k++)
                widen(run, cells[k].span);
        } else {
            unsigned fits = n == 1 ? lone_fits(run, &lines[i], &cells[0]) : 0;
            if (fits == 0 || (fits == 1 && ++lone > LONE_LINES))
                break;
            if (fits == 1)
                continue;
            widen(run, cells[0].span);
        }
        run->to = i + 1;
    }
}

/* Names of columns stand closer than the columns: "Programme Time   Water". */
static bool names_columns(const struct ai_columns *run, const struct ai_columns_line *line)
{
    struct ai_columns_cell cells[AI_COLUMNS_MAX];
    size_t n = ai_columns_cells(line, cells);
    if (n < 2 || ai_columns_is_dotted(line->text) || ai_columns_goes_on(line->text) ||
        ai_text_words(line->text) > LABEL_WORDS * (size_t)run->count / 2 + 2)
        return false;
    unsigned reach = LABEL_GAP / 2, last = run->spans[run->count - 1].to;
    for (size_t i = 0; i < n; i++) {
        if (ai_columns_is_value(cells[i].text))
            return false;
    }
    return cells[0].span.from + reach >= run->spans[0].from && cells[n - 1].span.to <= last + reach;
}

/* --- What a run is -------------------------------------------------------------------------- */

/* "1.", "(a)": what list items begin with. */
static bool is_mark(struct core_str cell)
{
    char last = cell.ptr[cell.len - 1];
    return cell.len <= 4 && (last == '.' || last == ')');
}

/* "-", "•", "//". */
static bool is_sign(struct core_str cell)
{
    for (size_t at = 0; at < cell.len;) {
        uint32_t c;
        at += core_utf8_next(cell, at, &c);
        if (core_utf8_is_word(c))
            return false;
    }
    return true;
}

static void measure(const struct ai_columns_line *lines, const struct ai_columns *run,
                    struct column columns[static AI_COLUMNS_MAX])
{
    struct ai_columns_cell cells[AI_COLUMNS_MAX];
    memset(columns, 0, AI_COLUMNS_MAX * sizeof *columns);
    for (size_t i = run->from; i < run->to; i++) {
        size_t n = ai_columns_cells(&lines[i], cells);
        for (size_t k = 0; k < n; k++) {
            struct core_str s = cells[k].text;
            unsigned over, at = touched(run, cells[k].span, &over);
            if (over != 1)
                continue;
            columns[at].filled++;
            columns[at].values += ai_columns_is_value(s);
            columns[at].words += ai_text_words(s);
            columns[at].going_on += ai_columns_goes_on(s);
            columns[at].signs += is_sign(s);
            columns[at].marks += is_mark(s) || is_sign(s);
            columns[at].colons += s.ptr[s.len - 1] == ':';
        }
    }
}

/* Many signs that sentences and tables of people do not have. */
static bool is_code(const struct ai_columns_line *lines, const struct ai_columns *run)
{
    size_t odd = 0, total = 0;
    for (size_t i = run->from; i < run->to; i++) {
        struct core_str s = lines[i].text;
        for (size_t at = 0; at < s.len; at++) {
            odd += strchr("{}=<>|\\$#@~^_;&*[]", s.ptr[at]) != NULL;
            total += s.ptr[at] != ' ';
        }
    }
    return odd * 25 > total;
}

/* Labels with what belongs to them. */
static bool is_pairs(const struct ai_columns *run, const struct column *left)
{
    unsigned gap = run->spans[1].from - run->spans[0].to;
    if (left->marks * 2 >= left->filled)
        return false;
    if (left->colons * 2 >= left->filled)
        return true;
    return run->rows > 2 && left->words <= LABEL_WORDS * left->filled &&
           (gap <= LABEL_GAP || run->rows >= LABEL_ROWS);
}

static enum ai_columns_kind kind_of(const struct ai_columns_line *lines, struct ai_columns *run)
{
    struct column columns[AI_COLUMNS_MAX];
    unsigned valued = 0; /* columns mostly of values */
    if (run->rows < 2 || run->count < 2)
        return AI_COLUMNS_NONE;
    measure(lines, run, columns);
    for (unsigned i = 0; i < run->count; i++) {
        const struct column *c = &columns[i];
        run->running += c->words >= c->filled * 3 && c->going_on * 5 >= c->filled * 2 &&
                        c->values * 2 < c->filled;
        valued += i > 0 && c->filled > 1 && c->values * 3 >= c->filled * 2;
    }
    if (run->running == run->count)
        return run->rows >= PROSE_ROWS ? AI_COLUMNS_PROSE : AI_COLUMNS_NONE;
    if (is_code(lines, run) || columns[0].signs * 2 >= columns[0].filled)
        return AI_COLUMNS_NONE;
    if (run->count == 2) {
        bool mark = columns[0].marks * 2 >= columns[0].filled;
        return (valued > 0 && !mark) || is_pairs(run, &columns[0]) ? AI_COLUMNS_TABLE
                                                                   : AI_COLUMNS_NONE;
    }
    return valued > 0 || (run->rows > 2 && run->wide * 2 >= run->rows) ? AI_COLUMNS_TABLE
                                                                       : AI_COLUMNS_NONE;
}

/* Names may also stand so close that two of them looked like one cell, which its column then holds
 * too: the rows below tell. */
static void head(const struct ai_columns_line *lines, size_t count, struct ai_columns *run)
{
    struct ai_columns_cell cells[AI_COLUMNS_MAX];
    struct ai_columns below;
    size_t first = run->from;
    run_take(lines, count, first + 1, &below);
    if (below.to != run->to || below.count < run->count || below.rows + 1 != run->rows ||
        ai_columns_cells(&lines[first], cells) >= below.count ||
        !names_columns(&below, &lines[first]))
        return;
    below.kind = run->kind;
    below.running = run->running;
    below.wide = run->wide;
    below.rows = run->rows;
    below.from = first;
    below.headed = true;
    *run = below;
}

bool ai_columns_find(const struct ai_columns_line *lines, size_t count, size_t from,
                     struct ai_columns *ret)
{
    for (size_t i = from; i < count; i++) {
        struct ai_columns_cell cells[AI_COLUMNS_MAX];
        struct ai_columns run;
        if (ai_columns_is_dotted(lines[i].text) || ai_columns_cells(&lines[i], cells) < 2)
            continue;
        run_take(lines, count, i, &run);
        run.kind = kind_of(lines, &run);
        if (run.kind == AI_COLUMNS_NONE) {
            /* So long a run is nothing else from its second line on, and the time is linear. */
            i = run.to - i > TRIED_ROWS ? run.to - 1 : i;
            continue;
        }
        if (run.kind == AI_COLUMNS_TABLE && i > from && lines[i].apart == 0 &&
            names_columns(&run, &lines[i - 1])) {
            run.from--;
            run.headed = true;
        } else if (run.kind == AI_COLUMNS_TABLE) {
            head(lines, count, &run);
        }
        *ret = run;
        return true;
    }
    return false;
}
