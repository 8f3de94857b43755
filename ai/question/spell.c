/*
 * spell.c: the slips that can have made a word, and which of them makes sense.
 */
#include "ai/question/spell.h"

#include "ai/index/term.h"
#include "ai/question/joined.h"
#include "ai/text/text.h"
#include "core/buf.h"
#include "core/limits.h"
#include "genom/genom.h"

#include <stdlib.h>

/* Shorter words are near to too many others; of three letters in the wrong order a function word may
 * become ("hwo"). */
enum { SHORTEST = 4, SHORTEST_SWAPPED = 3 };
/* A capital begins a noun in German, and elsewhere a name; so does it in German in a short word. */
enum { GERMAN_NOUN = 7 };
/* How a slip is explained: by fingers that were too fast or stuck; by fingers or ears; by nothing,
 * which needs letters enough that are left. */
enum { LIKELY, POSSIBLE, ODD, ODD_FROM = 8 };
/* A word that no dictionary vouches for must have so many letters, or stand in many places. */
enum { LONG = 6 };
/* Where words are inflected, other letters here are another form of the word, and no slip. */
enum { ENDING = 2 };

/* --- Slips ---------------------------------------------------------------------------------- */

/* Do they sound alike? */
static bool are_alike(char a, char b)
{
    static const char *const pairs[] = {"ae", "ei", "iy", "ou", "sz", "sc", "ck", "vw", "dt"};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if ((a == pairs[i][0] && b == pairs[i][1]) || (a == pairs[i][1] && b == pairs[i][0]))
            return true;
    return false;
}

/* Do the keys touch? Of QWERTY and QWERTZ. */
static bool are_neighbours(char a, char b)
{
    static const char *const around[26] = {
        "qwsxzy",  "vghn",  "xdfv",  "serfcx", "wsdr", "drtgvc", "ftyhbvz", "gyujnbz", "ujko",
        "huikmn",  "jiolm", "kop",   "njk",    "bhjm", "iklp",   "ol",      "wa",      "edft",
        "awedxzy", "rfgyz", "yhjiz", "cfgb",   "qase", "zsdcy",  "tghuasx", "asxtghu"};
    return strchr(around[a - 'a'], b) != NULL;
}

static struct core_str after(struct core_str s, size_t n)
{
    return core_strn(s.ptr + n, s.len - n);
}

/* `cost` grows with how seldom people do it. */
static void slip(struct ai_slip *ret, size_t *count, unsigned cost, const char *head,
                 size_t head_len, const char *middle, size_t middle_len, struct core_str tail)
{
    struct ai_slip *s = &ret[(*count)++];
    memcpy(s->word, head, head_len);
    memcpy(s->word + head_len, middle, middle_len);
    memcpy(s->word + head_len + middle_len, tail.ptr, tail.len);
    s->len = (uint8_t)(head_len + middle_len + tail.len);
    s->at = (uint8_t)head_len;
    s->cost = (uint8_t)cost;
}

size_t ai_slips_of(struct core_str word, struct ai_slip ret[static AI_SLIPS_MAX])
{
    size_t count = 0;
    if (word.len < SHORTEST_SWAPPED || word.len > AI_SLIP_WORD)
        return 0;
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] < 'a' || word.ptr[i] > 'z')
            return 0;
    const char *p = word.ptr;
    for (size_t i = 0; i + 1 < word.len; i++) /* two in the wrong order */
        if (p[i] != p[i + 1])
            slip(ret, &count, i > 0 ? LIKELY : POSSIBLE, p, i, (char[]){p[i + 1], p[i]}, 2,
                 after(word, i + 2));
    if (word.len < SHORTEST)
        return count;
    for (size_t i = 1; i < word.len; i++) { /* one too many */
        bool twice = p[i] == p[i - 1];
        slip(ret, &count, twice ? LIKELY : POSSIBLE, p, i, "", 0, after(word, i + 1));
    }
    for (char c = 'a'; c <= 'z'; c++)
        for (size_t i = 1; i <= word.len; i++) { /* one is missing, or a wrong one */
            bool twice = c == p[i - 1];
            if (word.len < AI_SLIP_WORD)
                slip(ret, &count, twice ? LIKELY : POSSIBLE, p, i, &c, 1, after(word, i));
            if (i == word.len || c == p[i])
                continue;
            bool explained = are_neighbours(p[i], c) || are_alike(p[i], c);
            if (explained || word.len >= ODD_FROM)
                slip(ret, &count, explained ? POSSIBLE : ODD, p, i, &c, 1, after(word, i + 1));
        }
    return count;
}

/* --- Words ---------------------------------------------------------------------------------- */

/* How far out it stands in the dictionary: the rarer, the farther; NOWHERE: it is not there. */
#define NOWHERE 2.0
static double radius(const struct genom_dict *dict, struct core_str word)
{
    struct genom_token token;
    return genom_token(dict, genom_find(dict, word.ptr, word.len), &token) ? token.r : NOWHERE;
}

/* "exFAT": whoever writes so knows how it is written. */
static bool has_capital_inside(struct core_str typed)
{
    for (size_t i = 1; i < typed.len; i++)
        if (typed.ptr[i] >= 'A' && typed.ptr[i] <= 'Z')
            return true;
    return false;
}

/* May this word be a slip? `typed` is as it stands in the question. */
static bool is_doubtful(struct ai *ai, const struct ai_word *w, struct core_str typed,
                        enum ai_lang lang)
{
    int64_t chunks;
    bool begins = w->start == 0;
    bool noun = lang == AI_LANG_DE && w->folded.len >= GERMAN_NOUN;
    if (w->folded.len < SHORTEST_SWAPPED || w->flags & AI_WORD_DIGIT || has_capital_inside(typed))
        return false;
    if (w->flags & AI_WORD_CAPITAL && !begins && !noun)
        return false;
    return !ai_stop(w->folded, lang) && radius(ai->options.genom, typed) > AI_SPELL_KNOWN_R &&
           ai_index_word_count(ai->index, w->folded, &chunks) == 0 && chunks == 0;
}

/* The index knows stems: it finds "runninge" where "running" stands. So a slip behind the stem tells
 * nothing, and of what follows a stem a plural or an e is believed. */
static bool is_in_stem(const struct ai_slip *s)
{
    char stem[AI_LIMIT_QUERY_WORD];
    memcpy(stem, s->word, s->len);
    size_t len = ai_term_make(stem, s->len);
    bool plain = true;
    for (size_t i = len; i < s->len; i++)
        plain = plain && (s->word[i] == 'e' || s->word[i] == 's');
    return plain && s->at < len;
}

struct typed {
    struct core_str folded;
    double r;
    enum ai_lang lang;
};

/* May a word of this radius, in so many chunks, stand for what was typed? */
static bool is_better(const struct ai_slip *s, double r, int64_t chunks, const struct typed *typed)
{
    struct core_str word = core_strn(s->word, s->len);
    if (s->len < SHORTEST && !ai_stop(word, typed->lang))
        return false;
    if (typed->lang != AI_LANG_EN && s->cost != LIKELY &&
        (size_t)s->at + ENDING >= typed->folded.len)
        return false;
    if (ai_stop(word, typed->lang))
        return s->cost == LIKELY || typed->lang == AI_LANG_EN;
    if (typed->r < NOWHERE)
        return r < typed->r - AI_SPELL_BETTER_R;
    return r < AI_SPELL_KNOWN_R || ((s->len >= LONG || chunks >= AI_SPELL_CHUNKS) && is_in_stem(s));
}

/* Of the slips that make sense the likeliest; among such the word that is more usual: in
 * general, then in the documents. */
static const struct ai_slip *best_slip(const struct genom_dict *dict, const struct typed *typed,
                                       const struct ai_slip *slips, const int64_t *chunks,
                                       size_t count)
{
    const struct ai_slip *best = NULL;
    int64_t best_chunks = 0;
    double best_r = NOWHERE;
    for (size_t i = 0; i < count; i++) {
        const struct ai_slip *s = &slips[i];
        struct core_str word = core_strn(s->word, s->len);
        int64_t in = ai_stop(word, typed->lang) ? INT64_MAX : chunks[i];
        if (in == 0 || (best && s->cost > best->cost))
            continue;
        double r = radius(dict, word);
        if (!is_better(s, r, in, typed))
            continue;
        bool known = r < AI_SPELL_KNOWN_R, best_known = best_r < AI_SPELL_KNOWN_R;
        if (!best || s->cost < best->cost || known > best_known ||
            (known == best_known && in > best_chunks)) {
            best = s;
            best_chunks = in;
            best_r = r;
        }
    }
    return best;
}

/* What was meant; false: nothing that is known. */
static bool correct(struct ai *ai, const struct typed *typed, struct ai_slip *ret)
{
    struct ai_slip *slips = core_alloc_array(AI_SLIPS_MAX, sizeof *slips);
    struct core_str *words = core_alloc_array(AI_SLIPS_MAX, sizeof *words);
    int64_t *chunks = core_alloc_array(AI_SLIPS_MAX, sizeof *chunks);
    const struct ai_slip *best = NULL;
    size_t count = ai_slips_of(typed->folded, slips);
    for (size_t i = 0; i < count; i++)
        words[i] = core_strn(slips[i].word, slips[i].len);
    if (ai_index_word_counts(ai->index, words, count, chunks) == 0)
        best = best_slip(ai->options.genom, typed, slips, chunks, count);
    if (best)
        *ret = *best;
    free(slips);
    free(words);
    free(chunks);
    return best != NULL;
}

/* The words that were mistyped, or that the documents write in other pieces, from left to right;
 * their `typed` points into the question. */
static size_t find_slips(struct ai *ai, struct core_pool *pool, struct core_str question,
                         enum ai_lang lang, struct ai_read_as *ret)
{
    struct ai_words words;
    struct ai_word w, before;
    struct ai_slip meant;
    size_t count = 0;
    unsigned left = AI_LIMIT_JOINED_WORDS;
    bool second = false; /* `before` is as it was typed */
    ai_words_init(&words, question);
    for (unsigned tried = 0; tried < AI_LIMIT_SPELL_WORDS && ai_words_next(&words, &w);) {
        struct core_str text = core_strn(question.ptr + w.start, w.end - w.start);
        bool joined = ai_joined_read(ai, pool, question, lang, second ? &before : NULL, &w, &left,
                                     &ret[count]);
        before = w;
        second = !joined;
        if (joined) {
            count++;
            tried++;
            continue;
        }
        if (!is_doubtful(ai, &w, text, lang))
            continue;
        const struct typed typed = {w.folded, radius(ai->options.genom, text), lang};
        tried++;
        if (!correct(ai, &typed, &meant))
            continue;
        ret[count] = (struct ai_read_as){text,
                                         core_pool_str(pool, core_strn(meant.word, meant.len))};
        second = ret[count].as.ptr == NULL;
        count += !second;
    }
    return count;
}

struct core_str ai_spell_question(struct ai *ai, struct core_pool *pool, struct core_str question,
                                  enum ai_lang lang,
                                  struct ai_read_as ret_words[static AI_LIMIT_SPELL_WORDS],
                                  size_t *ret_count)
{
    struct core_buf out;
    const char *from = question.ptr;
    size_t count = ai->options.genom ? find_slips(ai, pool, question, lang, ret_words) : 0;
    *ret_count = 0;
    if (count == 0)
        return question;
    size_t cap = question.len;
    for (size_t i = 0; i < count; i++)
        cap += ret_words[i].as.len;
    core_buf_init(&out, cap);
    for (size_t i = 0; i < count; i++) {
        core_buf_add(&out, from, (size_t)(ret_words[i].typed.ptr - from));
        core_buf_add_str(&out, ret_words[i].as);
        from = ret_words[i].typed.ptr + ret_words[i].typed.len;
    }
    core_buf_add(&out, from, (size_t)(question.ptr + question.len - from));
    struct core_str copy = core_pool_str(pool, core_buf_str(&out));
    if (!core_buf_error(&out) && copy.ptr) {
        question = copy;
        *ret_count = count;
    }
    core_buf_done(&out);
    return question;
}
