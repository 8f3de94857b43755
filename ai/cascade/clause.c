/*
 * clause.c: parts of a sentence that each have a number speak of different things. A number of the
 * answer is out of place when a part with another one, which the answer does not name, has a word
 * of the answer that stands nowhere beside it.
 */
#include "ai/cascade/clause.h"

#include "ai/find/passage_type.h"
#include "ai/find/retrieve.h"
#include "ai/text/text.h"

/* Takes the next part off a text: up to a mark that white space follows, or the end. */
static bool next_part(struct core_str *text, const char *marks, struct core_str *ret)
{
    size_t end = 0;
    if (!text->len)
        return false;
    while (end < text->len && !(strchr(marks, text->ptr[end]) && text->ptr[end] &&
                                (text->ptr[end] == '\n' || end + 1 == text->len ||
                                 (unsigned char)text->ptr[end + 1] <= ' ')))
        end++;
    *ret = core_strn(text->ptr, end);
    end += end < text->len;
    *text = core_strn(text->ptr + end, text->len - end);
    return true;
}

/* What stands before the first number of a text speaks of all of its numbers. */
static struct core_str head_of(struct core_str text)
{
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &w))
        if (w.flags & AI_WORD_DIGIT)
            return core_strn(text.ptr, w.start);
    return text;
}

/* Has the part a number, none of which the answer names, and a word of the answer that neither
 * `beside` nor `head` has? */
static bool is_rival(struct core_str part, struct core_str beside, struct core_str head,
                     struct core_str answer)
{
    struct ai_words words;
    struct ai_word w;
    bool number = false, word = false;
    ai_words_init(&words, part);
    while (ai_words_next(&words, &w)) {
        if (w.flags & AI_WORD_DIGIT) {
            if (ai_word_stands(answer, w.folded, true))
                return false;
            number = true;
        } else if (!ai_stop_langs(w.folded) && !ai_answer_common_word(w.folded)) {
            word |= ai_word_stands(answer, w.folded, false) &&
                    !ai_word_stands(beside, w.folded, false) &&
                    !ai_word_stands(head, w.folded, false);
        }
    }
    return number && word;
}

/* Of one sentence of the evidence: *ret_there, the number stands in it; *ret_fits, and in a part
 * that has no rival. */
static void place(struct core_str line, struct core_str number, struct core_str answer,
                  bool *ret_there, bool *ret_fits)
{
    struct core_str head = head_of(line), all = line, mine, other;
    while (!*ret_fits && next_part(&all, ";,", &mine)) {
        if (!ai_word_stands(mine, number, true))
            continue;
        struct core_str rest = line;
        bool rival = false;
        while (!rival && next_part(&rest, ";,", &other))
            rival = other.ptr != mine.ptr && is_rival(other, mine, head, answer);
        *ret_there = true;
        *ret_fits = !rival;
    }
}

bool ai_clause_supported(struct core_str sentence, struct core_str evidence)
{
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, sentence);
    while (ai_words_next(&words, &w)) {
        struct core_str rest = evidence, line;
        bool there = false, fits = false;
        if (!(w.flags & AI_WORD_NUMBER))
            continue;
        while (!fits && next_part(&rest, ".!?\n", &line))
            place(line, w.folded, sentence, &there, &fits);
        if (there && !fits)
            return false;
    }
    return true;
}
