/*
 * fuzz_extract.c: any bytes under any kind of name become a document that keeps its promises, or
 * are refused. The first byte picks the name. Converters are out of reach (PATH is empty), so
 * manual pages take the rules of our own and PDF is refused; what pdftotext prints is fuzz_pdf.c's.
 */
#include "ai/extract/extract.h"
#include "fuzz/doc_check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return setenv("PATH", "/nowhere", 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a.txt", "a.html", "a.md",  "a.1",   "a.ms",  "a",
                                        "a.gz",  "a.docx", "a.eml", "a.csv", "a.srt", "a.rst"};
    struct ai_doc doc;
    if (size == 0)
        return 0;
    ai_doc_init(&doc);
    const char *name = names[data[0] % (sizeof names / sizeof *names)];
    if (ai_extract_bytes(&doc, core_str(name), core_strn(data + 1, size - 1)) == 0) {
        assert(doc.text.len > 0 && ai_doc_mime(doc.kind));
        doc_check(&doc, true);
        doc_check_chunks(&doc);
    }
    ai_doc_done(&doc);
    return 0;
}
