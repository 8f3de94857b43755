/*
 * fuzz_chunk.c: the chunks of any document. The first byte says how often a line is a heading, code,
 * an item or names the columns of a table; the others are its lines.
 */
#include "fuzz/doc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned every = data[0] % 8 + 1u, lines = 0;
    struct core_str text = core_strn(data + 1, size - 1), line;
    struct ai_doc doc;
    if (!core_utf8_valid(text))
        return 0;
    ai_doc_init(&doc);
    while (core_str_split(&text, '\n', &line)) {
        unsigned kind = ++lines % every;
        if (kind == 0 && data[0] & 8)
            ai_doc_heading(&doc, 1 + lines % 6, line);
        else if (kind == 1 && data[0] & 16)
            ai_doc_line(&doc, AI_DOC_INDENT_TEXT, "• ", line);
        else if (kind == 2 && data[0] & 32)
            ai_doc_mark(&doc, 6, line);
        else if (kind == 3 && data[0] & 64)
            ai_doc_line(&doc, 0, "", line);
        else
            ai_doc_code(&doc, lines % 5, line);
        if (kind == 4)
            ai_doc_table(&doc);
        if (data[0] & 128 && line.len == 0) {
            ai_doc_table_end(&doc);
            ai_doc_gap(&doc);
        }
    }
    ai_doc_table_end(&doc);
    if (ai_doc_error(&doc) == 0) {
        doc_check_read(&doc);
    }
    ai_doc_done(&doc);
    return 0;
}
