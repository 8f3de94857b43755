/*
 * fuzz_extract.c: any bytes under any kind of name become a document that keeps its promises, or are
 * refused. The first byte picks the name. Converters are out of reach (PATH is empty), so manual
 * pages take the rules of our own and PDF is refused; what pdftotext prints is fuzz_text.c's.
 */
#include "ai/extract/extract.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return setenv("PATH", "/nowhere", 1);
}

static void check(const struct ai_doc *doc)
{
    size_t before = 0;
    assert(doc->text.len > 0 && doc->title.len <= AI_LIMIT_HEADING_BYTES && doc->mime);
    assert(core_utf8_valid(core_buf_str(&doc->text)) && core_utf8_valid(core_buf_str(&doc->title)));
    assert(!memchr(doc->text.ptr, 0, doc->text.len) && !memchr(doc->text.ptr, '\r', doc->text.len));
    for (size_t i = 0; i < doc->heading_count; i++) {
        const struct ai_doc_heading *h = &doc->headings[i];
        assert(h->start >= before && h->start < doc->text.len && h->level >= 1 && h->level <= 6);
        assert(h->text_len > 0 && core_utf8_valid(ai_doc_heading_text(doc, i)));
        before = h->start;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a.txt", "a.html", "a.md", "a.1",
                                        "a.ms",  "a",      "a.gz", "a.docx"};
    struct ai_doc doc;
    if (size == 0)
        return 0;
    ai_doc_init(&doc);
    const char *name = names[data[0] % (sizeof names / sizeof *names)];
    if (ai_extract_bytes(&doc, core_str(name), core_strn(data + 1, size - 1)) == 0)
        check(&doc);
    ai_doc_done(&doc);
    return 0;
}
