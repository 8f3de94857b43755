/* fuzz_mail.c: any bytes read as a message are a document that keeps its promises. */
#include "ai/extract/mail.h"
#include "fuzz/doc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str bytes = core_strn(data, size);
    struct ai_doc doc;
    ai_doc_init(&doc);
    ai_mail_looks(bytes);
    if (ai_mail_extract(&doc, bytes) == 0) {
        doc_check_read(&doc);
    }
    ai_doc_done(&doc);
    return 0;
}
