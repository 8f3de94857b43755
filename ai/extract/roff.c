/*
 * roff.c: what is roff, and manual pages by way of mandoc's HTML.
 *
 * Requests that read other files (.so) are taken out first: a document must not pull in what it is
 * not, whatever the converter thinks of it.
 */
#include "ai/extract/roff.h"

#include "ai/extract/html.h"
#include "ai/extract/tool.h"
#include "core/err.h"
#include "core/limits.h"

#define LOOK_LINES 200
#define ALIAS_BYTES 1024
#define TITLE_BYTES 160

static bool starts_request(struct core_str line, const char *name)
{
    size_t len = strlen(name);
    if (line.len < len + 1 || (line.ptr[0] != '.' && line.ptr[0] != '\''))
        return false;
    size_t at = 1;
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
        at++;
    if (line.len - at < len || memcmp(line.ptr + at, name, len) != 0)
        return false;
    at += len;
    return at == line.len || line.ptr[at] == ' ' || line.ptr[at] == '\t' || line.ptr[at] == '\r';
}

static bool is_comment(struct core_str line)
{
    return core_str_starts(line, CORE_STR(".\\\"")) || core_str_starts(line, CORE_STR("'\\\"")) ||
           core_str_starts(line, CORE_STR(".\\#"));
}

bool ai_roff_looks(struct core_str text, bool likely)
{
    static const char *const telling[] = {"TH", "Dd", "SH", "Sh", "NH", "TL", "PP", "LP", "so"};
    struct core_str line;
    unsigned lines = 0;
    unsigned requests = 0;
    bool told = false;
    while (lines < LOOK_LINES && core_str_split(&text, '\n', &line)) {
        bool dot = line.len > 1 && (line.ptr[0] == '.' || line.ptr[0] == '\'') &&
                   (((line.ptr[1] | 0x20) >= 'a' && (line.ptr[1] | 0x20) <= 'z') ||
                    line.ptr[1] == '\\');
        lines += line.len > 0;
        requests += dot;
        for (size_t i = 0; dot && i < sizeof telling / sizeof *telling; i++)
            told = told || starts_request(line, telling[i]);
        if (lines == 1 && is_comment(line))
            likely = true;
    }
    return told && (likely || requests * 5 >= lines);
}

struct core_str ai_roff_alias(struct core_str text)
{
    struct core_str alias = {"", 0};
    struct core_str line;
    if (text.len > ALIAS_BYTES)
        return alias;
    while (core_str_split(&text, '\n', &line)) {
        line = core_str_trim(line);
        if (line.len == 0 || is_comment(line))
            continue;
        if (alias.len > 0 || !starts_request(line, "so"))
            return core_str("");
        alias = core_str_trim(core_strn(line.ptr + 3, line.len - 3));
    }
    return alias;
}

/* The line below the first heading ("ls - list directory contents") says more than "LS(1)". */
static void title_from_name(struct ai_doc *doc)
{
    struct core_str text = core_buf_str(&doc->text);
    struct core_str line;
    if (doc->heading_count == 0 || doc->headings[0].start != 0)
        return;
    core_str_split(&text, '\n', &line);
    core_str_split(&text, '\n', &line);
    if (!core_str_split(&text, '\n', &line))
        return;
    line = core_str_trim(line);
    if (line.len < 4 || line.len > TITLE_BYTES ||
        (core_str_find(line, CORE_STR(" - ")) < 0 &&
         core_str_find(line, CORE_STR(" \u2013 ")) < 0 &&
         core_str_find(line, CORE_STR(" \u2014 ")) < 0))
        return;
    core_buf_clear(&doc->title);
    ai_doc_title(doc, line);
}

static bool is_manual(struct core_str text)
{
    struct core_str line;
    while (core_str_split(&text, '\n', &line)) {
        if (starts_request(line, "TH") || starts_request(line, "Dd"))
            return true;
    }
    return false;
}

static int manual_extract(struct ai_doc *doc, struct core_str text)
{
    struct core_buf clean;
    struct core_buf html;
    struct core_str line;
    int code = 0;
    core_buf_init(&clean, AI_LIMIT_DOCUMENT_BYTES + 1);
    core_buf_init(&html, AI_LIMIT_TOOL_OUTPUT);
    while (core_str_split(&text, '\n', &line)) {
        if (!starts_request(line, "so") && !starts_request(line, "mso")) {
            core_buf_add_str(&clean, line);
            core_buf_add_byte(&clean, '\n');
        }
    }
    int status = ai_tool_run(AI_TOOL_MANUAL, core_buf_str(&clean), &html, &code);
    /* Exit codes tell of warnings too: what came out counts. */
    if (status == 0 && html.len > 0)
        status = ai_html_extract(doc, core_buf_str(&html));
    core_buf_done(&clean);
    core_buf_done(&html);
    return status;
}

int ai_roff_extract(struct ai_doc *doc, struct core_str text)
{
    if (is_manual(text)) {
        int status = manual_extract(doc, text);
        if (status == CORE_ETIMEOUT || status == CORE_ETOOBIG)
            return ai_doc_fail(doc, status, "the manual page takes too long or grows too large");
        if (status == 0 && doc->text.len > 0) {
            doc->kind = AI_DOC_ROFF;
            title_from_name(doc);
            return ai_doc_error(doc);
        }
        ai_doc_clear(doc);
    }
    ai_roff_plain(doc, text);
    doc->kind = AI_DOC_ROFF;
    return ai_doc_error(doc);
}
