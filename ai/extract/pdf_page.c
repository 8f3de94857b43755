/*
 * pdf_page.c: tables are looked for in the page as it looks. Each line of the page as it is read is
 * then looked for in their lines. A table of which every letter is found takes the place of those
 * lines; another one stays as it was read, so nothing is lost and nothing comes twice.
 *
 *     layout   1   Shelf    24   1,040.00      squeezed   1Shelf241,040.00
 *     read     "1" "Shelf" "24" "1,040.00"     taken      ****************
 */
#include "ai/extract/pdf_page.h"

#include "ai/extract/columns.h"
#include "core/mem.h"

#include <stdlib.h>

/* A page with more is a drawing. */
#define LINES_MAX 600
#define LINE_BYTES_MAX 1000
#define READ_MAX 3000
#define TABLES_MAX 60
/* Lines read times lines of tables. */
#define COMPARED_MAX 150000
/* Blank lines between what never belongs together. */
#define FAR_APART 100
/* Lines of a cell between the parts of a broken word. */
#define BROKEN_WITHIN 3

enum { BEGINS = 1, ENDS = 2, TAKEN = 4 };
enum { NO_TABLE = -1 };

struct table {
    const struct ai_columns_line *lines;
    size_t count;
    size_t squeezed_at, squeezed_len; /* in page.squeezed */
    bool whole, put;
};
struct squeezed {
    size_t at, len; /* in page.squeezed */
    size_t left;    /* bytes that are not taken */
    int table;
    bool hyphen;
};
struct read_line {
    struct core_str text;
    int table;
    bool opens; /* holds the beginning of its table */
};
struct page {
    struct ai_columns_line lines[LINES_MAX];
    struct ai_columns_line parts[LINES_MAX * 2]; /* of lines, column by column */
    struct read_line read[READ_MAX];
    struct squeezed drawn[LINES_MAX * 3];
    struct table tables[TABLES_MAX];
    size_t line_count, part_count, read_count, drawn_count, table_count;
    struct core_buf squeezed, marks; /* a byte of marks for each of squeezed */
};

/* --- Tables of the layout ------------------------------------------------------------------- */

static bool take_lines(struct page *p, struct core_str layout)
{
    struct core_str raw;
    unsigned apart = 0;
    while (core_str_split(&layout, '\n', &raw)) {
        struct ai_columns_line line = ai_columns_line(raw);
        apart++;
        if (line.text.len == 0)
            continue;
        if (p->line_count == LINES_MAX || line.text.len > LINE_BYTES_MAX)
            return false;
        line.apart = apart - 1;
        p->lines[p->line_count++] = line;
        apart = 0;
    }
    return true;
}

static void add_table(struct page *p, const struct ai_columns_line *lines, size_t count)
{
    if (p->table_count < TABLES_MAX)
        p->tables[p->table_count++] = (struct table){.lines = lines, .count = count};
}

/* The cells of a line that stand in the part of the page between two gaps. */
static void add_part(struct page *p, const struct ai_columns_line *line, unsigned from, unsigned to,
                     unsigned *apart)
{
    struct ai_columns_cell cells[AI_COLUMNS_MAX];
    size_t n = ai_columns_cells(line, cells), first = 0, end = n;
    while (first < n && cells[first].span.from < from)
        first++;
    while (end > first && cells[end - 1].span.from >= to)
        end--;
    *apart += line->apart + 1;
    if (first == end || p->part_count == sizeof p->parts / sizeof *p->parts)
        return;
    const char *begin = cells[first].text.ptr;
    const struct core_str *last = &cells[end - 1].text;
    p->parts[p->part_count++] = (struct ai_columns_line){
        core_strn(begin, (size_t)(last->ptr + last->len - begin)), cells[first].span.from,
        *apart - 1};
    *apart = 0;
}

/* Tables inside the columns of running text. Those that reach over the columns are found already:
 * skip. */
static void find_inside(struct page *p, const struct ai_columns *prose, const bool *skip)
{
    struct ai_columns t;
    for (unsigned i = 0; i < prose->count; i++) {
        /* Cells begin at the column, or a little before it. */
        unsigned from = i > 0 ? (prose->spans[i - 1].to + prose->spans[i].from) / 2 : 0;
        unsigned to = i + 1 < prose->count ? (prose->spans[i].to + prose->spans[i + 1].from) / 2
                                           : ~0u;
        unsigned apart = FAR_APART;
        for (size_t k = 0; k < p->line_count; k++) {
            if (skip[k])
                apart = FAR_APART;
            else
                add_part(p, &p->lines[k], from, to, &apart);
        }
    }
    for (size_t from = 0; ai_columns_find(p->parts, p->part_count, from, &t); from = t.to) {
        if (t.kind == AI_COLUMNS_TABLE)
            add_table(p, p->parts + t.from, t.to - t.from);
    }
}

/* Where running text stands in columns, a table may as well be some lines of it beside a table. */
static void find_tables(struct page *p)
{
    bool skip[LINES_MAX] = {false};
    struct ai_columns t, prose = {.rows = 0};
    for (size_t from = 0; ai_columns_find(p->lines, p->line_count, from, &t); from = t.to) {
        if (t.kind == AI_COLUMNS_PROSE && t.rows > prose.rows)
            prose = t;
    }
    for (size_t from = 0; ai_columns_find(p->lines, p->line_count, from, &t); from = t.to) {
        if (t.kind != AI_COLUMNS_TABLE || (prose.rows > 0 && t.running > 0))
            continue;
        add_table(p, p->lines + t.from, t.to - t.from);
        for (size_t i = t.from; i < t.to; i++)
            skip[i] = true;
    }
    if (prose.rows > 0)
        find_inside(p, &prose, skip);
}

/* --- Where the lines of the page are in the tables ------------------------------------------ */

/* White space, and the marks of direction that depend on what stands beside. */
static bool is_nothing(uint32_t c)
{
    return c <= ' ' || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E);
}

static void squeeze(struct core_str text, struct core_buf *out, struct core_buf *marks)
{
    bool begins = true;
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        size_t start = at;
        at += core_utf8_next(text, at, &c);
        if (is_nothing(c)) {
            begins = begins || c <= ' ';
            continue;
        }
        if (marks && begins && marks->len > 0)
            marks->ptr[marks->len - 1] |= ENDS;
        for (size_t i = start; i < at; i++) {
            core_buf_add_byte(out, text.ptr[i]);
            if (marks)
                core_buf_add_byte(marks, i == start && begins ? BEGINS : 0);
        }
        begins = false;
    }
    if (marks && marks->len > 0)
        marks->ptr[marks->len - 1] |= ENDS;
}

static void squeeze_tables(struct page *p)
{
    for (size_t i = 0; i < p->table_count; i++) {
        struct table *t = &p->tables[i];
        t->squeezed_at = p->squeezed.len;
        for (size_t k = 0; k < t->count; k++) {
            size_t at = p->squeezed.len;
            squeeze(t->lines[k].text, &p->squeezed, &p->marks);
            size_t len = p->squeezed.len - at;
            p->drawn[p->drawn_count++] = (struct squeezed){
                at, len, len, (int)i,
                memchr(t->lines[k].text.ptr, '-', t->lines[k].text.len) != NULL};
        }
        t->squeezed_len = p->squeezed.len - t->squeezed_at;
    }
}

/* Is s at `at`, inside a line that ends at `end`, whole words of which nothing is taken? */
static bool is_at(const struct page *p, size_t at, size_t end, struct core_str s)
{
    const char *marks = p->marks.ptr + at;
    if (s.len > end - at || !(marks[0] & BEGINS) || !(marks[s.len - 1] & ENDS) ||
        memcmp(p->squeezed.ptr + at, s.ptr, s.len) != 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (marks[i] & TAKEN)
            return false;
    }
    return true;
}

static void take(struct page *p, size_t in, size_t at, size_t len)
{
    for (size_t i = at; i < at + len; i++)
        p->marks.ptr[i] |= TAKEN;
    p->drawn[in].left -= len;
}

static bool take_whole(struct page *p, size_t in, struct core_str s, size_t *ret_at)
{
    size_t end = p->drawn[in].at + p->drawn[in].len;
    for (size_t at = p->drawn[in].at; at < end && s.len <= p->drawn[in].left; at++) {
        if (p->squeezed.ptr[at] == s.ptr[0] && is_at(p, at, end, s)) {
            take(p, in, at, s.len);
            *ret_at = at;
            return true;
        }
    }
    return false;
}

/* A word that is broken in the line ("pres-", "sure" further down) is read in one ("pressure"). */
static bool take_broken(struct page *p, size_t in, struct core_str s, size_t *ret_at)
{
    size_t end = p->drawn[in].at + p->drawn[in].len;
    for (size_t at = p->drawn[in].at; at < end && p->drawn[in].hyphen; at++) {
        size_t n = 0, rest;
        while (n < s.len && at + n < end && p->squeezed.ptr[at + n] == s.ptr[n])
            n++;
        if (n == 0 || n == s.len || at + n >= end || p->squeezed.ptr[at + n] != '-' ||
            !is_at(p, at, end, core_strn(p->squeezed.ptr + at, n + 1)))
            continue;
        for (size_t k = in + 1; k < in + BROKEN_WITHIN && k < p->drawn_count; k++) {
            if (p->drawn[k].table == p->drawn[in].table &&
                take_whole(p, k, core_strn(s.ptr + n, s.len - n), &rest)) {
                take(p, in, at, n + 1);
                *ret_at = at;
                return true;
            }
        }
    }
    return false;
}

/* Lines that follow each other are mostly in the same line of a table or in the next one. */
static void place_read(struct page *p, struct core_str text)
{
    struct core_buf s;
    struct core_str raw;
    size_t last = 0;
    core_buf_init(&s, AI_LIMIT_TOOL_OUTPUT);
    while (core_str_split(&text, '\n', &raw)) {
        struct read_line *r = &p->read[p->read_count++];
        *r = (struct read_line){raw, NO_TABLE, false};
        core_buf_clear(&s);
        squeeze(raw, &s, NULL);
        for (size_t i = 0; i < p->drawn_count && s.len > 0; i++) {
            size_t at, in = (last + i) % p->drawn_count;
            if (take_whole(p, in, core_buf_str(&s), &at) ||
                take_broken(p, in, core_buf_str(&s), &at)) {
                r->table = p->drawn[in].table;
                r->opens = at == p->tables[r->table].squeezed_at;
                last = in;
                break;
            }
        }
    }
    core_buf_done(&s);
}

/* --- The page ------------------------------------------------------------------------------- */

static void put_table(const struct table *t, struct core_buf *out)
{
    core_buf_add_byte(out, '\n');
    for (size_t i = 0; i < t->count; i++) {
        for (unsigned n = 0; n <= t->lines[i].indent; n++)
            core_buf_add_byte(out, ' ');
        core_buf_add_str(out, t->lines[i].text);
        core_buf_add_byte(out, '\n');
    }
    core_buf_add_byte(out, '\n');
}

static void put_read(struct core_str line, struct core_buf *out)
{
    core_buf_add_str(out, core_str_trim(line));
    core_buf_add_byte(out, '\n');
}

static void put_page(struct page *p, struct core_buf *out)
{
    for (size_t i = 0; i < p->table_count; i++) {
        struct table *t = &p->tables[i];
        t->whole = true;
        for (size_t k = 0; k < t->squeezed_len && t->whole; k++)
            t->whole = p->marks.ptr[t->squeezed_at + k] & TAKEN;
    }
    for (size_t i = 0; i < p->read_count; i++) {
        const struct read_line *r = &p->read[i];
        struct table *t = r->table == NO_TABLE ? NULL : &p->tables[r->table];
        if (!t || !t->whole) {
            put_read(r->text, out);
        } else if (r->opens) {
            put_table(t, out);
        }
    }
}

static size_t count_lines(struct core_str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    return n;
}

void ai_pdf_page(struct core_str read, struct core_str layout, struct core_buf *out)
{
    struct page *p = core_alloc(sizeof *p);
    struct core_str line;
    p->line_count = p->part_count = p->read_count = p->drawn_count = p->table_count = 0;
    core_buf_init(&p->squeezed, AI_LIMIT_TOOL_OUTPUT);
    core_buf_init(&p->marks, AI_LIMIT_TOOL_OUTPUT);
    size_t count = count_lines(read);
    if (count <= READ_MAX && take_lines(p, layout))
        find_tables(p);
    if (p->table_count > 0)
        squeeze_tables(p);
    if (p->drawn_count > 0 && p->drawn_count * count <= COMPARED_MAX) {
        place_read(p, read);
        put_page(p, out);
    } else {
        while (core_str_split(&read, '\n', &line))
            put_read(line, out);
    }
    core_buf_done(&p->squeezed);
    core_buf_done(&p->marks);
    free(p);
}
