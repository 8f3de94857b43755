/*
 * followup.c: a question leans on the one before when it begins like a continuation, or points at
 * something it does not name, or holds no content word at all. English, Czech, German.
 */
#include "ai/question/followup.h"

#include "ai/text/lang.h"
#include "ai/text/text.h"

/* Folded words between spaces. */
static const char *const begins[] = {" and or but also then otherwise ", " a ale nebo anebo takze ",
                                     " und oder aber sonst "};
static const char *const about[] = {"what about", "how about",   "what if",        "a co",
                                    "co kdyz",    "was ist mit", "wie ist es mit", "was wenn"};
static const char *const points[] = {
    " it its that this they them those these there one he she his her ",
    " ho ji jej jeho jejich toho tomu tim tam nej nem ni ",
    " es ihn ihm ihr deren dessen dort damit dafur davon ",
};
static const char *const prepositions[] = {" for with without in on at from to of under ",
                                           " pro s se bez v ve na z ze do od pod ",
                                           " fur mit ohne in im auf bei von zu unter "};

/* Words that may point back, besides those that surely do. */
static const char refers[] =
    " he him his she her hers their theirs same other another else such above former latter "
    " on ona ono oni jej ji mu jim jich nimi ten ta tento tato tahle tuhle toto takovy stejny jiny "
    " er sie ihre ihren ihrem ihrer ihnen sein seine seinen seinem seiner dies diese diesen diesem "
    "dieser dieses jene jener solche andere anderen derselbe dieselbe dasselbe hier da dazu daran ";

/* … with whole words. */
static bool begins_with(struct core_str line, struct core_str words)
{
    return core_str_starts(line, words) && (line.len == words.len || line.ptr[words.len] == ' ');
}

bool ai_followup(struct core_str question)
{
    enum ai_lang lang = ai_lang_guess(question);
    bool known = lang <= AI_LANG_DE;
    unsigned row = known ? (unsigned)lang : 0, count = 0, content = 0;
    _Static_assert(AI_LANG_EN == 0 && AI_LANG_CS == 1 && AI_LANG_DE == 2, "rows of the lists");
    bool begin = false, preposition = false, pointing = false;
    char line[64];
    size_t n = 0;
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, question);
    while (ai_words_next(&words, &w)) {
        if (!w.folded.len)
            continue;
        if (!count) {
            begin = ai_word_in(begins[row], w.folded);
            preposition = ai_word_in(prepositions[row], w.folded);
        }
        if (n + w.folded.len + 1 < sizeof line) {
            if (n)
                line[n++] = ' ';
            memcpy(line + n, w.folded.ptr, w.folded.len);
            n += w.folded.len;
        }
        pointing |= count > 0 && ai_word_in(points[row], w.folded);
        content += !ai_stop(w.folded, lang);
        count++;
    }
    for (size_t i = 0; i < sizeof about / sizeof *about; i++)
        begin |= begins_with(core_strn(line, n), core_str(about[i]));
    if (!count || !known)
        return count > 0 && content == 0;
    return content == 0 || (begin && content <= 4) || (preposition && count <= 4) ||
           (pointing && content <= 3);
}

bool ai_followup_refers(struct core_str question)
{
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, question);
    while (ai_words_next(&words, &w)) {
        bool points_back = ai_word_in(refers, w.folded);
        for (size_t i = 0; i < sizeof points / sizeof *points; i++)
            points_back |= ai_word_in(points[i], w.folded);
        if (points_back)
            return true;
    }
    return ai_followup(question);
}

struct code {
    struct core_str text, before, behind; /* it and the words beside it, if any */
    bool number;                          /* of digits alone */
};

/* The one word with digits; false when there is none, or several. */
static bool only_code(struct core_str text, struct code *ret)
{
    struct ai_words words;
    struct ai_word w;
    struct core_str last = CORE_STR("");
    unsigned count = 0;
    bool beside = false;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &w)) {
        struct core_str word = core_strn(text.ptr + w.start, w.end - w.start);
        if (w.flags & AI_WORD_DIGIT) {
            *ret = (struct code){word, last, CORE_STR(""), w.flags & AI_WORD_NUMBER};
            count++;
        } else if (beside) {
            ret->behind = word;
        }
        beside = w.flags & AI_WORD_DIGIT;
        last = word;
    }
    return count == 1;
}

static bool same(struct core_str a, struct core_str b)
{
    return a.len > 0 && core_str_ieq(a, b);
}

bool ai_followup_swaps(struct core_str before, struct core_str question, struct core_str *ret_old,
                       struct core_str *ret_new)
{
    struct code old, new;
    if (!only_code(before, &old) || !only_code(question, &new) ||
        core_str_ieq(old.text, new.text) || !ai_text_same_kind(old.text, new.text))
        return false;
    /* "For 6 people?" asks nothing of another house than the third. */
    if (new.number &&new.behind.len > 0 && !same(old.before, new.before) &&
        !same(old.behind, new.behind))
        return false;
    *ret_old = old.text;
    *ret_new = new.text;
    return true;
}
