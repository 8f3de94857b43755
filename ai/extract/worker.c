/*
 * worker.c: the child's end of extraction: reads requests on its standard input, writes answers on
 * its standard output, until the input closes.
 * First it gives up what it does not need (confine.h).
 */
#include "ai/ai.h"
#include "ai/extract/charset.h"
#include "ai/extract/confine.h"
#include "ai/extract/extract.h"
#include "ai/extract/tool.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool read_all(void *to, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = read(STDIN_FILENO, (char *)to + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool write_all(const void *from, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = write(STDOUT_FILENO, (const char *)from + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool answer(const struct ai_doc *doc, int status)
{
    bool good = status == 0;
    struct ai_extract_answer a = {
        .magic = AI_EXTRACT_MAGIC,
        .status = status,
        .title_bytes = good ? (uint32_t)doc->title.len : 0,
        .kind = (uint32_t)doc->kind,
        .why_bytes = (uint32_t)strlen(doc->why),
        .heading_text_bytes = 0,
        .headings = good ? (uint32_t)doc->heading_count : 0,
        .tables = good ? (uint32_t)doc->table_count : 0,
        .text_bytes = good ? doc->text.len : 0,
    };
    for (size_t i = 0; i < a.headings; i++)
        a.heading_text_bytes += (uint32_t)doc->headings[i].text_len;
    if (!write_all(&a, sizeof a))
        return false;
    for (size_t i = 0; i < a.headings; i++) {
        struct ai_extract_heading h = {doc->headings[i].start, doc->headings[i].level,
                                       (uint32_t)doc->headings[i].text_len};
        if (!write_all(&h, sizeof h))
            return false;
    }
    for (size_t i = 0; i < a.tables; i++) {
        struct ai_extract_table t = {doc->tables[i].start, doc->tables[i].end};
        if (!write_all(&t, sizeof t))
            return false;
    }
    if (!write_all(doc->title.ptr, a.title_bytes) || !write_all(doc->why, a.why_bytes))
        return false;
    for (size_t i = 0; i < a.headings; i++) {
        struct core_str s = ai_doc_heading_text(doc, i);
        if (!write_all(s.ptr, s.len))
            return false;
    }
    return write_all(doc->text.ptr, (size_t)a.text_bytes);
}

/* One request; false when there is no more. */
static bool serve(void)
{
    struct ai_extract_request r;
    struct ai_doc doc;
    bool more = false;
    char *bytes = NULL;
    if (!read_all(&r, sizeof r) || r.magic != AI_EXTRACT_MAGIC || r.name_bytes > AI_LIMIT_NAME ||
        r.bytes > AI_LIMIT_DOCUMENT_BYTES)
        return false;
    bytes = core_try_alloc((size_t)r.bytes + r.name_bytes + 1);
    if (!bytes || !read_all(bytes, (size_t)r.bytes + r.name_bytes))
        goto out;
    ai_confine_next();
    ai_doc_init(&doc);
    int status = ai_extract_bytes(&doc, core_strn(bytes, r.name_bytes),
                                  core_strn(bytes + r.name_bytes, (size_t)r.bytes));
    more = answer(&doc, status);
    ai_doc_done(&doc);
out:
    free(bytes);
    return more;
}

int ai_extract_worker(void)
{
    ai_confine();
    (void)ai_tools_start(); /* without it PDF and manual pages are refused */
    ai_charset_load();
    ai_confine_parser();
    while (serve())
        ;
    return 0;
}
