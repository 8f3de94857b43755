/*
 * fuzz_text.c: words, sentences and chunks of any bytes: they ascend, are not empty, keep their
 * caps, and leave nothing out but white space. The first byte says how many headings are strewn in.
 */
#include "ai/chunk.h"
#include "ai/extract/pdf.h"
#include "ai/lang.h"
#include "ai/text.h"
#include "core/limits.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(struct core_str text)
{
    struct ai_words it;
    struct ai_word word;
    size_t at = 0;
    ai_words_init(&it, text);
    while (ai_words_next(&it, &word)) {
        assert(word.start >= at && word.end > word.start && word.end <= text.len);
        assert(word.folded.len <= AI_WORD_MAX);
        ai_stop_langs(word.folded);
        at = word.end;
    }
}

static void check_sentences(struct core_str text)
{
    struct ai_sentences it;
    struct ai_sentence s;
    size_t at = 0;
    ai_sentences_init(&it, text);
    while (ai_sentences_next(&it, &s)) {
        assert(s.start >= at && s.end > s.start && s.end <= text.len);
        assert(s.words >= 1 && s.words <= AI_LIMIT_SENTENCE_WORDS);
        assert(s.tokens <= AI_LIMIT_SENTENCE_TOKENS);
        assert(ai_text_words(core_strn(text.ptr + at, s.start - at)) == 0);
        at = s.end;
    }
    assert(ai_text_words(core_strn(text.ptr + at, text.len - at)) == 0);
}

static void check_chunks(const struct ai_doc *doc)
{
    struct ai_chunks chunks;
    size_t at = 0;
    if (ai_chunks_make(doc, &chunks) != 0)
        return;
    for (size_t i = 0; i < chunks.count; i++) {
        assert(chunks.items[i].start >= at && chunks.items[i].end > chunks.items[i].start);
        assert(core_utf8_valid(ai_chunk_heading(&chunks, i)));
        at = chunks.items[i].end;
    }
    assert(at <= doc->text.len && (chunks.count > 0) == (doc->text.len > 0));
    ai_chunks_done(&chunks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str text = core_strn(data, size);
    struct ai_doc doc;
    struct core_str line;
    unsigned lines = 0;
    if (size == 0)
        return 0;
    check_words(text);
    check_sentences(text);
    ai_lang_guess(text);
    ai_doc_init(&doc);
    while (core_str_split(&text, '\n', &line)) {
        if (data[0] % 8 && ++lines % (data[0] % 8) == 0)
            ai_doc_heading(&doc, lines % 7, line);
        else
            ai_doc_code(&doc, lines % 5, line);
    }
    check_chunks(&doc);
    ai_doc_clear(&doc);
    if (core_utf8_valid(core_strn(data, size))) {
        ai_pdf_text(&doc, core_strn(data, size));
        check_chunks(&doc);
    }
    ai_doc_done(&doc);
    return 0;
}
