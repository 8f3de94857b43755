/* fuzz_docx.c: the input is word/document.xml of an otherwise good archive, or, behind a line of
 * dashes, its word/styles.xml. */
#include "ai/extract/docx.h"
#include "core/err.h"
#include "fuzz/doc_check.h"
#include "tests/unit/ai/extract/zip_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str document = core_strn(data, size);
    struct core_str styles = core_strn(data, 0);
    ssize_t cut = core_str_find(document, CORE_STR("\n---\n"));
    if (cut >= 0) {
        styles = core_strn(document.ptr + cut + 5, document.len - (size_t)cut - 5);
        document.len = (size_t)cut;
    }
    const struct zip_file files[] = {{"word/document.xml", document}, {"word/styles.xml", styles}};
    struct core_buf bytes;
    struct ai_zip zip;
    struct ai_doc doc;
    core_buf_init(&bytes, 2 * size + 4096);
    zip_build(&bytes, files, 2);
    ai_doc_init(&doc);
    int status = ai_zip_open(core_buf_str(&bytes), &zip);
    assert(status == 0 && ai_docx_looks(&zip));
    if (ai_docx_extract(&doc, &zip) == 0)
        doc_check(&doc, false);
    ai_doc_done(&doc);
    core_buf_done(&bytes);
    return 0;
}
