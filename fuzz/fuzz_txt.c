/*
 * fuzz_txt.c: bytes in any encoding become valid text or are refused; what was valid stays as it
 * is, and the document made of it holds no letter that was not there. The first byte picks the
 * encoding that the document declares.
 */
#include "ai/extract/charset.h"
#include "ai/extract/txt.h"
#include "core/err.h"
#include "fuzz/doc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_mark(struct core_str s)
{
    return core_str_starts(s, CORE_STR("\xef\xbb\xbf")) ||
           core_str_starts(s, CORE_STR("\xff\xfe")) || core_str_starts(s, CORE_STR("\xfe\xff"));
}

static bool inside(struct core_str part, struct core_str whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const declared[] = {"",           "utf-8",      "latin1",   "windows-1250",
                                           "iso-8859-2", "utf-16",     "utf-16be", "koi8-r",
                                           "nonsense",   "iso-8859-15"};
    if (size == 0)
        return 0;
    struct core_str bytes = core_strn(data + 1, size - 1);
    struct core_buf text;
    struct ai_doc doc;
    core_buf_init(&text, 2 * (size_t)AI_LIMIT_DOCUMENT_BYTES);
    ai_doc_init(&doc);
    assert(inside(ai_charset_of_markup(bytes), bytes) && inside(ai_charset_of_roff(bytes), bytes));
    const char *name = declared[data[0] / 2 % (sizeof declared / sizeof *declared)];
    int status = ai_charset_decode(bytes, core_str(name), &text);
    assert(status == 0 || status == CORE_EUNSUPPORTED);
    if (status == 0) {
        struct core_str decoded = core_buf_str(&text);
        assert(core_utf8_valid(decoded));
        if (core_utf8_valid(bytes) && !has_mark(bytes) && core_str_find_byte(bytes, 0) < 0)
            assert(core_str_eq(decoded, bytes));
        for (size_t i = 0; i < text.len; i++) /* extract.c does the same before */
            if (text.ptr[i] == '\r')
                text.ptr[i] = '\n';
        ai_txt_extract(&doc, decoded, data[0] & 1 ? AI_TXT_PAGES : 0);
        if (ai_doc_error(&doc) == 0) {
            doc_check_read(&doc);
            doc_check_nothing_new(core_buf_str(&doc.text), decoded);
        }
        ai_txt_is_prose(decoded);
    }
    ai_doc_done(&doc);
    core_buf_done(&text);
    return 0;
}
