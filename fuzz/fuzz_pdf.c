/* fuzz_pdf.c: what a converter of PDF may print (any valid text, with form feeds between pages) is
 * a document that keeps its promises and holds no letter that was not printed. */
#include "ai/extract/pdf.h"
#include "fuzz/doc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str text = core_strn(data, size);
    struct ai_doc doc;
    if (!core_utf8_valid(text))
        return 0;
    ai_doc_init(&doc);
    ai_pdf_text(&doc, text);
    if (ai_doc_error(&doc) == 0) {
        doc_check(&doc, false);
        doc_check_chunks(&doc);
        doc_check_nothing_new(core_buf_str(&doc.text), text);
    }
    ai_doc_done(&doc);
    return 0;
}
