/*
 * fuzz_roff.c: any valid text read as roff, by the rules of our own and by way of the converter
 * (which PATH hides here, so that both must say the same), is a document that keeps its promises.
 */
#include "ai/extract/roff.h"
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
    struct core_str text = core_strn(data, size);
    struct ai_doc plain, converted;
    if (!doc_is_text(text))
        return 0;
    ai_doc_init(&plain);
    ai_doc_init(&converted);
    struct core_str alias = ai_roff_alias(text);
    assert(alias.len == 0 ||
           (alias.ptr >= text.ptr && alias.ptr + alias.len <= text.ptr + text.len));
    assert(!ai_roff_looks(text, false) || ai_roff_looks(text, true));
    ai_roff_plain(&plain, text);
    int status = ai_roff_extract(&converted, text);
    assert(status == ai_doc_error(&plain));
    if (status == 0) {
        assert(core_str_eq(core_buf_str(&plain.text), core_buf_str(&converted.text)));
        doc_check_read(&plain);
    }
    ai_doc_done(&converted);
    ai_doc_done(&plain);
    return 0;
}
