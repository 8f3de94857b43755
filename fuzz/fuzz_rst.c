/* fuzz_rst.c: any valid text read as reStructuredText is a document that keeps its promises. */
#include "ai/extract/rst.h"
#include "fuzz/doc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str text = core_strn(data, size);
    struct ai_doc doc;
    if (!doc_is_text(text))
        return 0;
    ai_doc_init(&doc);
    ai_rst_extract(&doc, text);
    if (ai_doc_error(&doc) == 0) {
        doc_check_read(&doc);
    }
    ai_doc_done(&doc);
    return 0;
}
