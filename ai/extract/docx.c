/*
 * docx.c: word/document.xml by libxml2 (no network, no entities, its own depth limit of 256), with
 * word/styles.xml for what the paragraph styles mean and docProps/core.xml for the title.
 */
#include "ai/extract/docx.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <libxml/parser.h>
#include <stdlib.h>

#define STYLES_MAX 4096
#define STYLE_ID_BYTES 64
#define LONG_CELL 600
#define LEVEL_TITLE 100
/* Of the bits of w:tblLook. */
#define LOOK_FIRST_ROW 0x20

struct style {
    char id[STYLE_ID_BYTES];
    char based_on[STYLE_ID_BYTES];
    unsigned level; /* 1 … 6, LEVEL_TITLE, 0 = none */
    int list;       /* 1, −1 = surely none, 0 = not said */
    bool code;
};
struct docx {
    struct ai_doc *doc;
    struct style *styles;
    size_t style_count, style_cap;
};

/* --- XML ------------------------------------------------------------------------------------ */

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
    for (const xmlNode *n = node ? node->children : NULL; n; n = n->next) {
        if (is(n, name))
            return n;
    }
    return NULL;
}

/* Copies the attribute's value, cut to cap − 1 bytes; "" when absent. */
static void attribute(const xmlNode *node, const char *name, char *out, size_t cap)
{
    out[0] = 0;
    for (const xmlAttr *a = node ? node->properties : NULL; a; a = a->next) {
        if (strcmp((const char *)a->name, name) != 0 || !a->children || !a->children->content)
            continue;
        struct core_str value = core_str((const char *)a->children->content);
        value.len = core_utf8_cut(value, cap - 1);
        memcpy(out, value.ptr, value.len);
        out[value.len] = 0;
    }
}

static void value_of(const xmlNode *node, const char *name, char *out, size_t cap)
{
    attribute(child(node, name), "val", out, cap);
}

static bool is_off(const char *value)
{
    return strcmp(value, "0") == 0 || strcmp(value, "false") == 0 || strcmp(value, "off") == 0;
}

/* Is the property given, and not only to say that it is off? */
static bool is_on(const xmlNode *properties, const char *name)
{
    char value[8];
    value_of(properties, name, value, sizeof value);
    return child(properties, name) && !is_off(value);
}

/* What Word puts around paragraphs, rows and cells: content controls, tracked changes … */
static bool is_wrapper(const xmlNode *node)
{
    return is(node, "sdt") || is(node, "sdtContent") || is(node, "customXml") ||
           is(node, "smartTag") || is(node, "ins") || is(node, "moveTo");
}

/* The row of a table, or the cell of a row, that follows `at` (NULL: the first one), wrapped or
 * not. */
static const xmlNode *next_in(const xmlNode *top, const xmlNode *at, const char *name)
{
    const xmlNode *n = at ? at : top;
    bool inside = !at;
    do {
        if (inside && n->children) {
            n = n->children;
        } else {
            while (n != top && !n->next)
                n = n->parent;
            if (n == top)
                return NULL;
            n = n->next;
        }
        inside = is_wrapper(n);
    } while (!is(n, name));
    return n;
}

static int parse(const struct ai_zip *zip, const char *name, xmlDoc **ret)
{
    struct core_buf xml;
    core_buf_init(&xml, AI_LIMIT_DOCUMENT_BYTES);
    int status = ai_zip_read(zip, core_str(name), &xml);
    if (status == 0) {
        *ret = xmlReadMemory(xml.ptr, (int)xml.len, NULL, NULL,
                             XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                 XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
        status = *ret ? 0 : CORE_ECORRUPT;
    }
    core_buf_done(&xml);
    return status;
}

/* --- Styles --------------------------------------------------------------------------------- */

static void style_read(struct docx *d, const xmlNode *node)
{
    char name[STYLE_ID_BYTES];
    char outline[8], number[12];
    void *array = d->styles;
    int status = core_grow(&array, &d->style_cap, d->style_count, sizeof *d->styles, STYLES_MAX);
    d->styles = array;
    if (status != 0)
        return;
    struct style *s = &d->styles[d->style_count];
    *s = (struct style){.level = 0};
    attribute(node, "styleId", s->id, sizeof s->id);
    value_of(node, "basedOn", s->based_on, sizeof s->based_on);
    value_of(node, "name", name, sizeof name);
    struct core_str n = core_str(name);
    const xmlNode *properties = child(node, "pPr");
    value_of(properties, "outlineLvl", outline, sizeof outline);
    if (n.len == 9 && core_str_ieq(core_strn(n.ptr, 8), CORE_STR("heading ")))
        s->level = (unsigned)(n.ptr[8] - '0');
    else if (core_str_ieq(n, CORE_STR("title")))
        s->level = LEVEL_TITLE;
    else if (outline[0] >= '0' && outline[0] <= '5')
        s->level = (unsigned)(outline[0] - '0') + 1;
    if (s->level != LEVEL_TITLE && s->level > 6)
        s->level = s->level <= 9 ? 6 : 0;
    value_of(child(properties, "numPr"), "numId", number, sizeof number);
    if (child(properties, "numPr"))
        s->list = strcmp(number, "0") == 0 ? -1 : 1;
    s->code = core_str_ieq(n, CORE_STR("html preformatted")) || core_str_ieq(n, CORE_STR("code")) ||
              core_str_ieq(n, CORE_STR("source code"));
    d->style_count++;
}

static void styles_read(struct docx *d, const struct ai_zip *zip)
{
    xmlDoc *xml;
    if (parse(zip, "word/styles.xml", &xml) != 0)
        return; /* without them everything is a paragraph */
    const xmlNode *root = xmlDocGetRootElement(xml);
    for (const xmlNode *n = root ? root->children : NULL; n; n = n->next) {
        if (is(n, "style"))
            style_read(d, n);
    }
    xmlFreeDoc(xml);
}

/* What the style says, itself or by the styles that it is based on. */
static struct style style_of(const struct docx *d, const char *id)
{
    struct style found = {.level = 0};
    char want[STYLE_ID_BYTES];
    memcpy(want, id, STYLE_ID_BYTES);
    for (unsigned hop = 0; hop < 10 && want[0]; hop++) {
        const struct style *s = NULL;
        for (size_t i = 0; i < d->style_count && !s; i++)
            s = strcmp(d->styles[i].id, want) == 0 ? &d->styles[i] : NULL;
        if (!s)
            break;
        found.level = found.level ? found.level : s->level;
        found.list = found.list ? found.list : s->list;
        found.code = found.code || s->code;
        memcpy(want, s->based_on, sizeof want);
    }
    return found;
}

/* --- Text ----------------------------------------------------------------------------------- */

/* Text of runs below node; paragraphs below it (cells, text boxes) are set apart by a space. */
static void collect(const xmlNode *node, struct core_buf *out)
{
    for (const xmlNode *n = node->children; n; n = n->next) {
        if (is(n, "del") || is(n, "moveFrom") || is(n, "Fallback") || is(n, "pPr"))
            continue;
        if (is(n, "r") && is_on(child(n, "rPr"), "vanish"))
            continue; /* hidden */
        if (is(n, "t")) {
            for (const xmlNode *t = n->children; t; t = t->next)
                core_buf_add_c(out, (const char *)t->content);
        } else if (is(n, "tab")) {
            core_buf_add_byte(out, '\t');
        } else if (is(n, "br") || is(n, "cr")) {
            core_buf_add_byte(out, '\n');
        } else if (is(n, "noBreakHyphen")) {
            core_buf_add_byte(out, '-');
        } else if (n->type == XML_ELEMENT_NODE) {
            collect(n, out);
            if (is(n, "p"))
                core_buf_add_byte(out, ' ');
        }
    }
}

static void paragraph(struct docx *d, const xmlNode *node, bool *in_list)
{
    char id[STYLE_ID_BYTES] = {0};
    char depth[8];
    char number[12];
    struct core_buf text;
    core_buf_init(&text, AI_LIMIT_DOCUMENT_TEXT);
    collect(node, &text);
    const xmlNode *properties = child(node, "pPr");
    const xmlNode *numbering = child(properties, "numPr");
    value_of(properties, "pStyle", id, sizeof id);
    value_of(numbering, "ilvl", depth, sizeof depth);
    value_of(numbering, "numId", number, sizeof number);
    struct style style = style_of(d, id);
    bool list = (numbering || style.list > 0) && strcmp(number, "0") != 0;
    struct core_str s = core_buf_str(&text);
    if (core_str_trim(s).len > 0) {
        if (!list || !*in_list)
            ai_doc_gap(d->doc);
        *in_list = list && !style.level;
        if (style.level == LEVEL_TITLE) {
            ai_doc_title(d->doc, s);
            ai_doc_heading(d->doc, 1, s);
        } else if (style.level) {
            ai_doc_heading(d->doc, style.level, s);
        } else if (list) {
            unsigned level = depth[0] >= '0' && depth[0] <= '4' ? (unsigned)(depth[0] - '0') : 0;
            ai_doc_line(d->doc, level * 2, "- ", s);
        } else if (style.code) {
            ai_doc_code(d->doc, AI_DOC_INDENT_CODE, s);
        } else {
            ai_doc_line(d->doc, 0, "", s);
        }
    }
    core_buf_done(&text);
}

static void blocks(struct docx *d, const xmlNode *node);

/* Does the table say that its first row is unlike the others? */
static bool first_row_differs(const xmlNode *table)
{
    char first[8], bits[8];
    const xmlNode *look = child(child(table, "tblPr"), "tblLook");
    attribute(look, "firstRow", first, sizeof first);
    attribute(look, "val", bits, sizeof bits);
    return (first[0] && !is_off(first)) || (strtoul(bits, NULL, 16) & LOOK_FIRST_ROW);
}

/* Does the row that was just written name the columns? Surely when it is repeated on each page.
 * That the first row looks unlike the others is said of most tables, so it must read like names
 * too, and of two columns the first one rather holds the names of what stands in the second. */
static bool names_columns(const struct docx *d, const xmlNode *node, unsigned columns, bool differs)
{
    if (is_on(child(node, "trPr"), "tblHeader"))
        return columns > 1;
    return differs && columns > 2 && ai_doc_names_columns(d->doc);
}

/* How many columns of the table the cell takes. */
static unsigned span_of(const xmlNode *cell)
{
    char text[8];
    int64_t span = 1;
    value_of(child(cell, "tcPr"), "gridSpan", text, sizeof text);
    core_str_to_i64(core_str(text), 1, AI_LIMIT_TABLE_COLUMNS, &span);
    return (unsigned)span;
}

static void row(struct docx *d, const xmlNode *node, bool differs)
{
    struct core_buf line;
    size_t longest = 0;
    unsigned cells = 0, columns = 0, span = 0;
    core_buf_init(&line, AI_LIMIT_DOCUMENT_TEXT);
    for (const xmlNode *cell = NULL; (cell = next_in(node, cell, "tc")); cells++) {
        for (; span > 0; span--, columns++)
            core_buf_add_c(&line, columns < AI_LIMIT_TABLE_COLUMNS - 1 ? " | " : " ");
        size_t before = line.len;
        collect(cell, &line);
        longest = line.len - before > longest ? line.len - before : longest;
        span = span_of(cell);
    }
    columns += span;
    if (longest > LONG_CELL || cells == 1) { /* boxes, not a table */
        for (const xmlNode *cell = NULL; (cell = next_in(node, cell, "tc"));)
            blocks(d, cell);
    } else {
        size_t before = d->doc->text.len;
        ai_doc_line(d->doc, 0, "", core_buf_str(&line));
        if (d->doc->text.len > before && names_columns(d, node, columns, differs))
            ai_doc_table(d->doc);
    }
    core_buf_done(&line);
}

static void table(struct docx *d, const xmlNode *node)
{
    bool differs = first_row_differs(node);
    ai_doc_gap(d->doc);
    for (const xmlNode *r = NULL; (r = next_in(node, r, "tr")); differs = false)
        row(d, r, differs);
    ai_doc_table_end(d->doc);
    ai_doc_gap(d->doc);
}

static void blocks(struct docx *d, const xmlNode *node)
{
    bool in_list = false;
    for (const xmlNode *n = node->children; n; n = n->next) {
        if (is(n, "p")) {
            paragraph(d, n, &in_list);
        } else if (is(n, "tbl")) {
            table(d, n);
        } else if (n->type == XML_ELEMENT_NODE && !is(n, "del") && !is(n, "Fallback")) {
            blocks(d, n); /* sdt, customXml, ins … */
        }
    }
}

static void title_read(struct ai_doc *doc, const struct ai_zip *zip)
{
    xmlDoc *xml;
    if (parse(zip, "docProps/core.xml", &xml) != 0)
        return;
    const xmlNode *root = xmlDocGetRootElement(xml);
    const xmlNode *title = child(root, "title");
    if (title && title->children && title->children->content)
        ai_doc_title(doc, core_str((const char *)title->children->content));
    xmlFreeDoc(xml);
}

bool ai_docx_looks(const struct ai_zip *zip)
{
    return ai_zip_has(zip, CORE_STR("word/document.xml"));
}

int ai_docx_extract(struct ai_doc *doc, const struct ai_zip *zip)
{
    struct docx d = {.doc = doc};
    xmlDoc *xml;
    doc->kind = AI_DOC_DOCX;
    int status = parse(zip, "word/document.xml", &xml);
    if (status != 0)
        return ai_doc_fail(doc, status, "the document inside the .docx is damaged: %s",
                           core_err_text(status));
    title_read(doc, zip);
    styles_read(&d, zip);
    const xmlNode *root = xmlDocGetRootElement(xml);
    if (root)
        blocks(&d, root);
    if (doc->heading_count > 0)
        ai_doc_title(doc, ai_doc_heading_text(doc, 0));
    xmlFreeDoc(xml);
    free(d.styles);
    return ai_doc_error(doc);
}
