/*
 * fuzz_question.c: everything that reads a question. Two questions agree whichever comes first;
 * space and closing marks do not change the form under which equal ones are found. Input: a
 * question, a line feed, another text (a second question, evidence, an answer).
 */
#include "ai/cascade/ground.h"
#include "ai/find/passage_type.h"
#include "ai/find/passage_unit.h"
#include "ai/guard/guard.h"
#include "ai/question/followup.h"
#include "ai/question/talk.h"
#include "ai/text/forms.h"
#include "core/err.h"
#include "core/limits.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More space between words and a closing mark change nothing. */
static void normal_form(struct core_str question)
{
    struct core_buf form, other, same;
    struct core_str bare = core_str_trim(question);
    core_buf_init(&form, 4 * question.len + 64);
    core_buf_init(&other, 4 * question.len + 64);
    core_buf_init(&same, 8 * question.len + 64);
    int err = ai_guard_normalise(question, &form);
    assert(!err && (!core_utf8_valid(question) || core_utf8_valid(core_buf_str(&form))));
    for (size_t i = 0; i < bare.len; i++) {
        core_buf_add_byte(&other, bare.ptr[i]);
        if (bare.ptr[i] == ' ')
            core_buf_add_byte(&other, ' ');
    }
    if (bare.len > 0 && bare.ptr[bare.len - 1] != '\0')
        core_buf_add_byte(&other, '?');
    err = ai_guard_normalise(core_buf_str(&other), &same);
    assert(!err && core_str_eq(core_buf_str(&form), core_buf_str(&same)));
    core_buf_done(&form);
    core_buf_done(&other);
    core_buf_done(&same);
}

static void forms(struct core_str word)
{
    for (unsigned lang = 0; lang <= AI_LANG_OTHER; lang++) {
        struct core_pool *pool = core_pool_new(1 << 12);
        struct core_str found[AI_WORD_FORMS];
        size_t count = ai_word_forms(pool, word, (enum ai_lang)lang, found);
        for (size_t i = 0; i < count; i++)
            assert(found[i].len > 0 && found[i].len <= AI_WORD_MAX && !core_str_eq(found[i], word));
        core_pool_free(pool);
    }
}

static void kinds(struct core_str question, struct core_str sentence)
{
    ai_answer_unit(question);
    for (int unit = AI_UNIT_ANY; unit <= AI_UNIT_MAIL; unit++) {
        float match = ai_answer_unit_match((enum ai_answer_unit)unit, sentence);
        assert(match >= 0 && match <= 1);
    }
    enum ai_answer_type type = ai_answer_type(question);
    for (int kind = AI_SENTENCE_PROSE; kind <= AI_SENTENCE_CODE; kind++) {
        float match = ai_answer_match(type, sentence, (enum ai_sentence_kind)kind);
        assert(match >= 0 && match <= 1);
    }
    struct ai_words words;
    struct ai_word word;
    ai_words_init(&words, question);
    while (ai_words_next(&words, &word)) {
        ai_answer_type_word(type, word.folded);
        ai_answer_common_word(word.folded);
        forms(word.folded);
    }
    enum ai_lang lang = AI_LANG_OTHER;
    enum ai_talk talk = ai_talk_recognise(question, &lang);
    if (talk != AI_TALK_NONE)
        assert(ai_talk_text(talk, lang).len > 0);
    assert(ai_lang_parse(core_str(ai_lang_code(ai_lang_guess(question)))) ==
           ai_lang_guess(question));
    ai_followup(question);
}

static void grounds(struct core_str question, struct core_str text)
{
    size_t first = ai_ground_sentence(text, true), open = ai_ground_sentence(text, false);
    assert(first <= text.len && open <= first);
    assert(ai_ground_tokens(question) > 0);
    /* What is supported stays so when more evidence comes. */
    struct core_buf more;
    core_buf_init(&more, question.len + text.len + 2);
    core_buf_add_str(&more, text);
    core_buf_add_byte(&more, '\n');
    core_buf_add_str(&more, question);
    struct core_str sentence = core_strn(text.ptr, first);
    for (int small = 0; small < 2; small++)
        if (ai_ground_supported(sentence, text, CORE_STR(""), small))
            assert(ai_ground_supported(sentence, core_buf_str(&more), CORE_STR(""), small));
    if (ai_ground_supported(sentence, text, question, true))
        assert(ai_ground_supported(sentence, text, question, false));
    core_buf_done(&more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    struct core_str b = core_strn(data, size), a;
    core_str_split(&b, '\n', &a);
    bool agree = ai_guard_agree(a, b);
    assert(ai_guard_agree(b, a) == agree);
    normal_form(a);
    normal_form(b);
    kinds(a, b);
    grounds(a, b);
    return 0;
}
