/* checks.h: what the tests of extractors share. */
#ifndef TESTS_UNIT_AI_EXTRACT_CHECKS_H
#define TESTS_UNIT_AI_EXTRACT_CHECKS_H

#include "ai/extract/extract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Extracts; the document is valid until the next call. */
static inline const struct ai_doc *extract(const char *name, struct core_str bytes, int want)
{
    static struct ai_doc doc;
    static bool used;
    if (used)
        ai_doc_done(&doc);
    used = true;
    ai_doc_init(&doc);
    int status = ai_extract_bytes(&doc, core_str(name), bytes);
    if (status != want)
        fail_msg("%s: %s (%s)", name, core_err_name(status), doc.why);
    return &doc;
}

static inline void check(const char *name, const char *bytes, const char *text)
{
    const struct ai_doc *doc = extract(name, core_str(bytes), 0);
    assert_string_equal(doc->text.ptr, text);
}

static inline void check_heading(const struct ai_doc *doc, size_t i, unsigned level,
                                 const char *text)
{
    assert_true(i < doc->heading_count);
    assert_int_equal(doc->headings[i].level, level);
    assert_true(core_str_eq_c(ai_doc_heading_text(doc, i), text));
    assert_true(core_str_starts(
        core_strn(doc->text.ptr + doc->headings[i].start, doc->text.len - doc->headings[i].start),
        core_str(text)));
}

#endif
