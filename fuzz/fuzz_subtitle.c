/* fuzz_subtitle.c: any valid text read as subtitles is a document that keeps its promises, or was
 * left alone. */
#include "ai/extract/subtitle.h"
#include "fuzz/doc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str text = core_strn(data, size);
    struct ai_doc doc;
    if (!doc_is_text(text))
        return 0;
    ai_doc_init(&doc);
    bool read = ai_subtitle_extract(&doc, text);
    assert(read || doc.text.len == 0);
    if (ai_doc_error(&doc) == 0) {
        doc_check_read(&doc);
    }
    ai_doc_done(&doc);
    return 0;
}
