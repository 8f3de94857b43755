/* fuzz_pdf.c: what a converter of PDF may print (any valid text, with form feeds between pages) is
 * a document that keeps its promises and holds no letter that was not printed. A vertical tab parts
 * what is printed in the order of reading from what is printed as it looks; of both together no
 * letter of the former is lost or comes twice. */
#include "ai/extract/pdf.h"
#include "fuzz/doc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str layout = core_strn(data, size), read;
    struct core_buf text;
    struct ai_doc doc;
    if (!core_utf8_valid(layout) || !core_str_split(&layout, '\v', &read))
        return 0;
    core_buf_init(&text, AI_LIMIT_TOOL_OUTPUT);
    ai_doc_init(&doc);
    ai_pdf_join(read, layout, &text);
    doc_check_nothing_new(core_buf_str(&text), read);
    doc_check_nothing_new(read, core_buf_str(&text));
    ai_pdf_text(&doc, core_buf_str(&text));
    if (ai_doc_error(&doc) == 0) {
        doc_check_read(&doc);
        doc_check_nothing_new(core_buf_str(&doc.text), read);
    }
    ai_doc_done(&doc);
    core_buf_done(&text);
    return 0;
}
