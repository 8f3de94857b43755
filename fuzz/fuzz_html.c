/*
 * fuzz_html.c: any valid text read as HTML is a document that keeps its promises, or is refused for
 * the size of its tree. Text without markup is its own document: the tree adds nothing.
 */
#include "ai/extract/html.h"
#include "core/err.h"
#include "fuzz/doc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str text = core_strn(data, size);
    struct ai_doc doc;
    if (!doc_is_text(text))
        return 0;
    ai_doc_init(&doc);
    int status = ai_html_extract(&doc, text);
    assert(status == 0 || status == CORE_ETOOBIG);
    if (status == 0) {
        doc_check_read(&doc);
        if (core_str_find_byte(text, '<') < 0 && core_str_find_byte(text, '&') < 0)
            doc_check_nothing_new(core_buf_str(&doc.text), text);
    }
    ai_doc_done(&doc);
    return 0;
}
