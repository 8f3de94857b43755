/*
 * html.c: walks the tree in reading order without recursion. Inline text collects in one line;
 * the edges of block elements flush it in the shape of where we are (list, definition, table row,
 * heading). Counters that rise on enter and fall on leave say where that is.
 */
#include "ai/extract/html.h"

#include "ai/extract/html_tree.h"
#include "ai/extract/txt.h"
#include "core/err.h"
#include "core/limits.h"

#include <stdio.h>

#define LIST_DEPTH 16
#define TABLE_DEPTH 32
#define LIST_INDENTS 4
/* A line break after fewer bytes than this was meant. */
#define BREAK_BYTES 60
/* Preformatted text longer than this may be a whole page in typewriter style. */
#define PAGE_PRE_BYTES 1500

struct list {
    bool ordered;
    int64_t number;
};
/* A column of the table in which a cell goes on in the rows below. */
struct span {
    unsigned rows; /* that are still to come */
    bool head;
    size_t len; /* 0 when it is too long to be written again */
    char text[AI_LIMIT_SPANNED_CELL];
};
struct walk {
    struct ai_doc *doc;
    struct core_buf line;
    bool space;
    struct core_buf pre_text;
    unsigned pre, heading, row, cells, dd, dt;
    struct list lists[LIST_DEPTH];
    unsigned list_depth;
    bool layouts[TABLE_DEPTH]; /* is the table at this depth one that only arranges boxes? */
    unsigned table_depth;
    unsigned heads;  /* cells of the row that hold text and are <th> … */
    unsigned values; /* … and those that are not */
    bool filled;     /* a cell of its own holds text */
    bool plain;      /* a cell is no <th> */
    size_t cell_at;  /* where the cell begins in the line */
    struct span spans[AI_LIMIT_TABLE_COLUMNS];
    char prefix[24];   /* bullet that waits for its line */
    bool term;         /* the line is a term that waits for its definition or another term */
    bool joined_cells; /* of this table: by a space */
};

static struct core_str line_take(struct walk *w)
{
    struct core_str s = core_buf_str(&w->line);
    w->space = false;
    return s;
}

/* Ends the line that is being collected. */
static void flush(struct walk *w)
{
    if (w->row > 0) { /* inside a row everything is one line */
        w->space = true;
        return;
    }
    struct core_str s = line_take(w);
    if (s.len > 0) {
        if (w->prefix[0]) {
            unsigned depth = w->list_depth < LIST_INDENTS ? w->list_depth : LIST_INDENTS;
            ai_doc_line(w->doc, depth > 1 ? (depth - 1) * 2 : 0, w->prefix, s);
            w->prefix[0] = 0;
        } else {
            bool below = (w->dd > 0 || w->list_depth > 0) && w->dt == 0 && !w->term;
            ai_doc_line(w->doc, below ? AI_DOC_INDENT_TEXT : 0, "", s);
        }
    }
    core_buf_clear(&w->line);
    w->term = false;
}

/* The edge of a block element. */
static void edge(struct walk *w)
{
    flush(w);
    if (w->list_depth == 0 && w->dd == 0 && w->dt == 0 && w->row == 0)
        ai_doc_gap(w->doc);
}

static void put_text(struct walk *w, const char *text)
{
    if (w->pre > 0 && w->row == 0)
        core_buf_add_c(&w->pre_text, text);
    else
        ai_doc_collapse(&w->line, core_str(text), &w->space);
}

static void put_break(struct walk *w)
{
    if (w->pre > 0 && w->row == 0) {
        core_buf_add_byte(&w->pre_text, '\n');
        return;
    }
    char last = w->line.len ? w->line.ptr[w->line.len - 1] : '.';
    if (w->row == 0 && w->heading == 0 && w->dt == 0 &&
        (w->line.len < BREAK_BYTES || strchr(".:;!?", last)))
        flush(w);
    else
        w->space = true;
}

/* --- Lists ---------------------------------------------------------------------------------- */

static void list_enter(struct walk *w, const GumboNode *node)
{
    edge(w);
    if (w->list_depth < LIST_DEPTH) {
        int64_t start = 1;
        core_str_to_i64(ai_html_attribute(node, "start"), 0, 1000000, &start);
        w->lists[w->list_depth] = (struct list){ai_html_is(node, GUMBO_TAG_OL), start};
    }
    w->list_depth++;
}

static void item_enter(struct walk *w)
{
    flush(w);
    if (w->row > 0)
        return;
    unsigned depth = w->list_depth < LIST_DEPTH ? w->list_depth : LIST_DEPTH;
    struct list *list = depth > 0 ? &w->lists[depth - 1] : NULL;
    if (list && list->ordered)
        snprintf(w->prefix, sizeof w->prefix, "%lld. ", (long long)list->number++);
    else
        snprintf(w->prefix, sizeof w->prefix, "- ");
}

/* --- Preformatted --------------------------------------------------------------------------- */

static void put_pre(struct walk *w)
{
    struct core_str text = core_buf_str(&w->pre_text);
    struct core_str raw;
    if (w->list_depth == 0 && w->dd == 0)
        ai_doc_gap(w->doc);
    if (text.len > PAGE_PRE_BYTES && ai_txt_is_prose(text)) {
        ai_txt_extract(w->doc, text, AI_TXT_NO_TITLE);
    } else {
        while (core_str_split(&text, '\n', &raw))
            ai_doc_code(w->doc, AI_DOC_INDENT_CODE, raw);
    }
    if (w->list_depth == 0 && w->dd == 0)
        ai_doc_gap(w->doc);
    core_buf_clear(&w->pre_text);
}

/* --- Tables --------------------------------------------------------------------------------- */

/* Begins the next column, which may stay empty. */
static void column_begin(struct walk *w)
{
    bool joined = w->joined_cells || w->cells >= AI_LIMIT_TABLE_COLUMNS;
    if (w->cells > 0 && (!joined || w->line.len > 0)) {
        core_buf_add_c(&w->line, joined ? " " : " | ");
        w->space = false;
    }
    w->cells++;
}

/* No cell reaches out of its head, body or foot of a table. */
static void spans_clear(struct walk *w)
{
    for (unsigned i = 0; i < AI_LIMIT_TABLE_COLUMNS && w->row == 0; i++)
        w->spans[i].rows = 0;
}

/* Writes the columns from here on that are a part of cells in rows above. */
static void spans_put(struct walk *w)
{
    while (w->cells < AI_LIMIT_TABLE_COLUMNS && w->spans[w->cells].rows > 0) {
        struct span *span = &w->spans[w->cells];
        column_begin(w);
        core_buf_add(&w->line, span->text, span->len);
        w->heads += span->len > 0 && span->head;
        w->values += span->len > 0 && !span->head;
        span->rows--;
    }
}

/* The same for those behind the last cell. */
static void spans_end(struct walk *w)
{
    size_t end = AI_LIMIT_TABLE_COLUMNS;
    while (end > w->cells && w->spans[end - 1].rows == 0)
        end--;
    for (spans_put(w); w->cells < end; spans_put(w))
        column_begin(w);
}

static void cell_enter(struct walk *w)
{
    if (w->row == 0) {
        edge(w);
        return;
    }
    if (w->row == 1)
        spans_put(w);
    column_begin(w);
    if (w->row == 1)
        w->cell_at = w->line.len;
}

static unsigned span_of(const GumboNode *cell, const char *name)
{
    int64_t n = 1;
    core_str_to_i64(ai_html_attribute(cell, name), 1, AI_LIMIT_HTML_SPAN, &n);
    return (unsigned)n;
}

/* The cell goes on in further columns, which stay empty, and in rows below. */
static void cell_spread(struct walk *w, const GumboNode *cell, bool head)
{
    unsigned columns = span_of(cell, "colspan"), rows = span_of(cell, "rowspan") - 1;
    struct core_str text = core_str_trim(core_buf_since(&w->line, w->cell_at));
    struct span span = {.rows = rows, .head = head};
    if (text.len <= sizeof span.text) {
        memcpy(span.text, text.ptr, text.len);
        span.len = text.len;
    }
    for (unsigned i = 0; i < columns && w->cells + (i > 0) <= AI_LIMIT_TABLE_COLUMNS; i++) {
        if (i > 0)
            column_begin(w);
        w->spans[w->cells - 1] = span;
        span.len = 0;
    }
}

static void cell_leave(struct walk *w, const GumboNode *cell)
{
    bool head = ai_html_is(cell, GUMBO_TAG_TH);
    if (w->row == 0)
        edge(w);
    if (w->row != 1)
        return;
    bool holds = w->line.len > w->cell_at;
    w->heads += holds && head;
    w->values += holds && !head;
    w->filled |= holds;
    w->plain |= !head;
    if (!w->joined_cells)
        cell_spread(w, cell, head);
}

static void row_leave(struct walk *w)
{
    if (--w->row > 0)
        return;
    spans_end(w);
    struct core_str s = line_take(w);
    while (s.len >= 2 && (s.ptr[s.len - 1] == '|' || s.ptr[s.len - 1] == ' '))
        s.len--; /* empty cells at the end */
    /* A box beside a picture. */
    bool alone = w->heads + w->values == 1 && w->plain && !ai_doc_in_table(w->doc);
    while (alone && s.len > 0 && (s.ptr[0] == '|' || s.ptr[0] == ' '))
        s = core_strn(s.ptr + 1, s.len - 1);
    if (w->filled)
        ai_doc_line(w->doc, 0, "", s);
    if (w->filled && w->heads > 1 && w->values == 0)
        ai_doc_table(w->doc);
    core_buf_clear(&w->line);
    w->cells = w->heads = w->values = 0;
    w->filled = w->plain = false;
}

/* --- Headings ------------------------------------------------------------------------------- */

static void heading_leave(struct walk *w, unsigned level)
{
    w->heading--;
    if (w->row > 0)
        return;
    struct core_str s = line_take(w);
    static const char *const signs[] = {"¶", "#", "§"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (core_str_ends(s, core_str(signs[i])))
            s = core_str_trim(core_strn(s.ptr, s.len - strlen(signs[i])));
    }
    ai_doc_heading(w->doc, level, s);
    core_buf_clear(&w->line);
}

/* --- Elements ------------------------------------------------------------------------------- */

static bool is_block(GumboTag tag)
{
    switch (tag) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_BODY:
    case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_FIGURE:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_CENTER:
    case GUMBO_TAG_HR:
    case GUMBO_TAG_ADDRESS:
    case GUMBO_TAG_ASIDE:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_DETAILS:
    case GUMBO_TAG_SUMMARY:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_FIELDSET:
    case GUMBO_TAG_HGROUP:
    case GUMBO_TAG_DL:
    case GUMBO_TAG_TABLE:
    case GUMBO_TAG_LEGEND:
        return true;
    default:
        return false;
    }
}

/* Text that a manual page moves to the right explains the short line above it. */
static bool is_indented(const GumboNode *node)
{
    return ai_html_is(node, GUMBO_TAG_DIV) && ai_html_has_class(node, "bd-indent");
}

static void dt_enter(struct walk *w)
{
    /* Terms that share a definition share a line. */
    if (w->row == 0 && w->term && w->line.len > 0) {
        core_buf_add_c(&w->line, ", ");
        w->space = false;
    } else {
        flush(w);
        if (w->row == 0)
            ai_doc_gap(w->doc);
    }
    w->dt++;
}

static void dt_leave(struct walk *w)
{
    w->dt--;
    w->term = w->row == 0 && w->line.len > 0;
}

/* Does the innermost table only arrange boxes? */
static bool in_layout(const struct walk *w)
{
    return w->table_depth == 0 || w->table_depth > TABLE_DEPTH || w->layouts[w->table_depth - 1];
}

static void table_enter(struct walk *w, const GumboNode *node)
{
    edge(w);
    if (w->table_depth < TABLE_DEPTH)
        w->layouts[w->table_depth] = ai_html_is_layout(node);
    w->table_depth++;
    w->joined_cells = ai_html_has_class(node, "nm");
}

static void element_enter(struct walk *w, const GumboNode *node)
{
    GumboTag tag = node->v.element.tag;
    if (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6) {
        flush(w);
        w->heading++;
    } else if (tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL) {
        list_enter(w, node);
    } else if (tag == GUMBO_TAG_LI) {
        item_enter(w);
    } else if (tag == GUMBO_TAG_DT) {
        dt_enter(w);
    } else if (tag == GUMBO_TAG_DD) {
        flush(w);
        w->dd++;
    } else if (tag == GUMBO_TAG_PRE) {
        flush(w);
        w->pre++;
    } else if (tag == GUMBO_TAG_BR) {
        put_break(w);
    } else if (tag == GUMBO_TAG_TR) {
        flush(w);
        w->row += !in_layout(w);
    } else if (tag == GUMBO_TAG_THEAD || tag == GUMBO_TAG_TBODY || tag == GUMBO_TAG_TFOOT) {
        spans_clear(w);
    } else if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) {
        cell_enter(w);
    } else if (tag == GUMBO_TAG_TABLE) {
        table_enter(w, node);
    } else if (is_block(tag)) {
        edge(w);
        if (is_indented(node)) {
            ai_doc_term(w->doc);
            w->dd++;
        }
    }
}

static void element_leave(struct walk *w, const GumboNode *node)
{
    GumboTag tag = node->v.element.tag;
    if (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6) {
        heading_leave(w, (unsigned)(tag - GUMBO_TAG_H1) + 1);
    } else if (tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL) {
        flush(w);
        w->prefix[0] = 0;
        w->list_depth--;
        edge(w);
    } else if (tag == GUMBO_TAG_LI) {
        flush(w);
        w->prefix[0] = 0;
    } else if (tag == GUMBO_TAG_DT) {
        dt_leave(w);
    } else if (tag == GUMBO_TAG_DD) {
        flush(w);
        w->dd--;
    } else if (tag == GUMBO_TAG_PRE) {
        if (--w->pre == 0 && w->row == 0)
            put_pre(w);
    } else if (tag == GUMBO_TAG_TR) {
        if (!in_layout(w))
            row_leave(w);
    } else if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) {
        cell_leave(w, node);
    } else if (is_block(tag)) {
        flush(w);
        w->dd -= is_indented(node);
        edge(w);
        if (tag == GUMBO_TAG_TABLE) {
            w->table_depth--;
            ai_doc_table_end(w->doc);
        }
    }
}

static void walk_tree(struct walk *w, const GumboNode *top)
{
    const GumboNode *node = top;
    for (;;) {
        bool element = node->type == GUMBO_NODE_ELEMENT && !ai_html_is_dropped(node);
        if (element) {
            element_enter(w, node);
            if (node->v.element.children.length > 0) {
                node = node->v.element.children.data[0];
                continue;
            }
            element_leave(w, node);
        } else if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
                   node->type == GUMBO_NODE_CDATA) {
            put_text(w, node->v.text.text);
        }
        /* Up past the parents that this node was the last child of. */
        while (node != top) {
            const GumboNode *parent = node->parent;
            if (node->index_within_parent + 1 < parent->v.element.children.length) {
                node = parent->v.element.children.data[node->index_within_parent + 1];
                break;
            }
            node = parent;
            element_leave(w, node);
        }
        if (node == top)
            return;
    }
}

static void put_title(struct ai_doc *doc, const GumboNode *root)
{
    const GumboNode *title = ai_html_find(root, GUMBO_TAG_TITLE);
    if (title && title->v.element.children.length > 0) {
        const GumboNode *text = title->v.element.children.data[0];
        if (text->type == GUMBO_NODE_TEXT)
            ai_doc_title(doc, core_str(text->v.text.text));
    }
}

int ai_html_extract(struct ai_doc *doc, struct core_str text)
{
    struct ai_html_tree *tree;
    int status = ai_html_tree_new(text, &tree);
    if (status != 0)
        return ai_doc_fail(doc, status, "the page is too large");
    struct walk w = {.doc = doc};
    core_buf_init(&w.line, AI_LIMIT_DOCUMENT_TEXT);
    core_buf_init(&w.pre_text, AI_LIMIT_DOCUMENT_TEXT);
    doc->kind = AI_DOC_HTML;
    const GumboNode *root = ai_html_tree_root(tree);
    put_title(doc, root);
    const GumboNode *body = ai_html_find(root, GUMBO_TAG_BODY);
    if (body) {
        const GumboNode *main_part = ai_html_main(body);
        walk_tree(&w, main_part ? main_part : body);
    }
    flush(&w);
    if (doc->heading_count > 0)
        ai_doc_title(doc, ai_doc_heading_text(doc, 0));
    status = core_buf_error(&w.line) ? core_buf_error(&w.line) : core_buf_error(&w.pre_text);
    core_buf_done(&w.line);
    core_buf_done(&w.pre_text);
    ai_html_tree_free(tree);
    return status ? ai_doc_fail(doc, status, "the page is too large") : ai_doc_error(doc);
}
