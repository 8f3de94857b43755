/*
 * fuzz_text.c: words and sentences of any bytes: they ascend, are not empty, keep their caps, and
 * leave nothing out but white space. What was folded is folded.
 */
#include "ai/text/lang.h"
#include "ai/text/text.h"
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

static void check_fold(struct core_str text)
{
    char once[256], twice[256];
    size_t len = ai_text_fold(text, once, sizeof once);
    assert(len <= sizeof once);
    if (core_utf8_valid(text))
        assert(core_utf8_valid(core_strn(once, len)));
    size_t again = ai_text_fold(core_strn(once, len), twice, sizeof twice);
    assert(again == len && !memcmp(once, twice, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str text = core_strn(data, size);
    check_words(text);
    check_sentences(text);
    check_fold(text);
    ai_lang_guess(text);
    return 0;
}
