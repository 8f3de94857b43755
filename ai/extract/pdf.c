/*
 * pdf.c: pdftotext does the reading, once for the text and once for its tables (pdf_page.h); here
 * running titles (the same first or last line on most
 * pages, page numbers apart) and words broken at line ends are mended before the text is read as
 * plain text.
 */
#include "ai/extract/pdf.h"

#include "ai/extract/columns.h"
#include "ai/extract/pdf_page.h"
#include "ai/extract/tool.h"
#include "ai/extract/txt.h"
#include "core/err.h"
#include "core/limits.h"

/* Pages on which the running titles are looked for. */
#define SAMPLE_PAGES 64
#define RUNNING_BYTES 120
#define RUNNING_MIN_PAGES 4
/* A title that changes with the chapter still stands on several pages. */
#define RUNNING_MIN_TIMES 3
/* Lines from the top and from the bottom of a page that may be running titles. */
#define EDGE_LINES 2

/* The line without digits and spaces, so that page numbers do not make lines differ. */
struct running {
    char key[RUNNING_BYTES];
    size_t len;
    unsigned count;
};

static size_t running_key(struct core_str line, char out[static RUNNING_BYTES])
{
    size_t len = 0;
    for (size_t i = 0; i < line.len && len < RUNNING_BYTES; i++) {
        if ((line.ptr[i] < '0' || line.ptr[i] > '9') && line.ptr[i] != ' ')
            out[len++] = line.ptr[i];
    }
    return len;
}

struct titles {
    struct running seen[SAMPLE_PAGES * EDGE_LINES * 2];
    size_t count;
    unsigned pages;
};

static void titles_count(struct titles *t, struct core_str line)
{
    struct running one = {.count = 1};
    line = core_str_trim(line);
    if (line.len == 0 || line.len > RUNNING_BYTES)
        return;
    one.len = running_key(line, one.key);
    for (size_t i = 0; i < t->count; i++) {
        if (t->seen[i].len == one.len && memcmp(t->seen[i].key, one.key, one.len) == 0) {
            t->seen[i].count++;
            return;
        }
    }
    if (t->count < sizeof t->seen / sizeof *t->seen)
        t->seen[t->count++] = one;
}

static bool titles_has(const struct titles *t, struct core_str line)
{
    char key[RUNNING_BYTES];
    line = core_str_trim(line);
    if (line.len == 0 || line.len > RUNNING_BYTES || t->pages < RUNNING_MIN_PAGES)
        return false;
    size_t len = running_key(line, key);
    if (len == 0) /* the page number */
        return true;
    for (size_t i = 0; i < t->count; i++) {
        if (t->seen[i].len == len && memcmp(t->seen[i].key, key, len) == 0)
            return t->seen[i].count >= RUNNING_MIN_TIMES && t->seen[i].count * 5 > t->pages;
    }
    return false;
}

/* Offsets of the first and last EDGE_LINES lines with text: [0 … 1] from the top, [2 … 3] from the
 * bottom; on a short page a line can be both. */
static void page_edges(struct core_str page, struct core_str ret[static EDGE_LINES * 2])
{
    struct core_str rest = page;
    struct core_str line;
    size_t n = 0;
    for (size_t i = 0; i < EDGE_LINES * 2; i++)
        ret[i] = core_strn(page.ptr, 0);
    while (core_str_split(&rest, '\n', &line)) {
        if (core_str_trim(line).len == 0)
            continue;
        if (n < EDGE_LINES)
            ret[n] = line;
        ret[2] = ret[3];
        ret[3] = line;
        n++;
    }
}

static void titles_find(struct titles *t, struct core_str text)
{
    struct core_str page;
    while (t->pages < SAMPLE_PAGES && core_str_split(&text, '\f', &page)) {
        struct core_str edges[EDGE_LINES * 2];
        page_edges(page, edges);
        for (size_t i = 0; i < EDGE_LINES * 2; i++)
            titles_count(t, edges[i]);
        t->pages += core_str_trim(page).len > 0;
    }
}

/* A line of a table of contents: "Title ........ 12". */
static bool is_contents(struct core_str line)
{
    line = core_str_trim(line);
    return ai_columns_is_dotted(line) && line.ptr[line.len - 1] >= '0' &&
           line.ptr[line.len - 1] <= '9';
}

static void put_page(const struct titles *t, struct core_str page, struct core_buf *out)
{
    struct core_str edges[EDGE_LINES * 2];
    struct core_str line;
    page_edges(page, edges);
    while (core_str_split(&page, '\n', &line)) {
        bool edge = false;
        if (line.len > 0 && line.ptr[0] == ' ') { /* of a table: whatever it looks like */
            core_buf_add_str(out, line);
            core_buf_add_byte(out, '\n');
            continue;
        }
        for (size_t i = 0; i < EDGE_LINES * 2; i++)
            edge = edge || (edges[i].len > 0 && edges[i].ptr == line.ptr);
        if ((edge && titles_has(t, line)) || is_contents(line))
            continue;
        bool broken = line.len > 2 && ai_doc_breaks_word(line, page);
        core_buf_add(out, line.ptr, line.len - broken);
        if (!broken)
            core_buf_add_byte(out, '\n');
    }
}

void ai_pdf_text(struct ai_doc *doc, struct core_str text)
{
    struct titles titles = {.count = 0};
    struct core_buf clean;
    struct core_str page;
    core_buf_init(&clean, AI_LIMIT_TOOL_OUTPUT);
    titles_find(&titles, text);
    for (bool first = true; core_str_split(&text, '\f', &page); first = false) {
        if (!first)
            core_buf_add_byte(&clean, '\f');
        put_page(&titles, page, &clean);
    }
    ai_txt_extract(doc, core_buf_str(&clean), AI_TXT_PAGES);
    core_buf_done(&clean);
    doc->kind = AI_DOC_PDF;
}

/* Bad bytes from odd fonts must not get through. */
static int decode(const struct core_buf *raw, struct core_buf *out)
{
    struct core_str all = core_buf_str(raw);
    for (size_t at = 0; at < all.len;) {
        uint32_t c;
        char utf8[4];
        at += core_utf8_next(all, at, &c);
        core_buf_add(out, utf8, core_utf8_put(c, utf8));
    }
    return core_buf_error(out);
}

void ai_pdf_join(struct core_str read, struct core_str layout, struct core_buf *out)
{
    struct core_str page, drawn;
    for (bool first = true; core_str_split(&read, '\f', &page); first = false) {
        if (!first)
            core_buf_add_byte(out, '\f');
        if (!core_str_split(&layout, '\f', &drawn))
            drawn = core_strn("", 0);
        ai_pdf_page(page, drawn, out);
    }
}

/* The text with its tables, in `text`; without them when they cannot be had. */
static void read_tables(struct core_str bytes, struct core_buf *text)
{
    struct core_buf raw, layout, joined;
    int code = 0;
    core_buf_init(&raw, AI_LIMIT_TOOL_OUTPUT);
    core_buf_init(&layout, AI_LIMIT_TOOL_OUTPUT);
    core_buf_init(&joined, AI_LIMIT_TOOL_OUTPUT);
    bool good = ai_tool_run_again(AI_TOOL_PDF_LAYOUT, bytes, &raw, &code) == 0 && code == 0 &&
                decode(&raw, &layout) == 0;
    /* Without a layout the lines still lose the spaces that only tables may begin with. */
    ai_pdf_join(core_buf_str(text), good ? core_buf_str(&layout) : core_str(""), &joined);
    if (core_buf_error(&joined) == 0) {
        core_buf_done(text);
        *text = joined;
    } else {
        core_buf_done(&joined);
    }
    core_buf_done(&raw);
    core_buf_done(&layout);
}

int ai_pdf_extract(struct ai_doc *doc, struct core_str bytes)
{
    struct core_buf raw;
    struct core_buf text;
    int code = 0;
    core_buf_init(&raw, AI_LIMIT_TOOL_OUTPUT);
    core_buf_init(&text, AI_LIMIT_TOOL_OUTPUT);
    int status = ai_tool_run(AI_TOOL_PDF, bytes, &raw, &code);
    if (status == CORE_ENOTFOUND)
        status = ai_doc_fail(doc, status, "pdftotext (package poppler-utils) is not installed");
    else if (status != 0)
        status = ai_doc_fail(doc, status, "pdftotext failed: %s", core_err_text(status));
    else if (code != 0 && core_str_find(bytes, CORE_STR("/Encrypt")) >= 0)
        status = ai_doc_fail(doc, CORE_EDENIED, "the PDF is protected by a password");
    else if (code != 0)
        status = ai_doc_fail(doc, CORE_ECORRUPT, "the PDF is damaged");
    else if (core_str_trim(core_buf_str(&raw)).len == 0)
        status = ai_doc_fail(doc, CORE_EUNSUPPORTED, "the PDF holds no text (scanned pages?)");
    if (status == 0)
        status = decode(&raw, &text);
    if (status == 0) {
        read_tables(bytes, &text);
        ai_pdf_text(doc, core_buf_str(&text));
        status = ai_doc_error(doc);
    }
    core_buf_done(&raw);
    core_buf_done(&text);
    return status;
}
