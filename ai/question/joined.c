/*
 * joined.c: see joined.h. Of one word pieces are made where letters meet digits, before thousands,
 * and, of letters alone, anywhere; in the documents they must follow each other, with one sign
 * between them. Letters alone need a hyphen there: "note book" is not "notebook".
 */
#include "ai/question/joined.h"

#include "ai/find/ids.h"
#include "ai/find/retrieve.h"
#include "core/err.h"
#include "core/limits.h"

#include <stdio.h>

/* Shorter ones are too many others; of longer ones without digits, too many pieces are tried. */
enum { SHORTEST = 3, SHORTEST_LETTERS = 4, LONGEST_LETTERS = 10, LONGEST = 24, CUTS_MAX = 3 };
enum { THOUSAND_DIGITS = 3 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_plain(struct core_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_digit(word.ptr[i]) && (word.ptr[i] < 'a' || word.ptr[i] > 'z'))
            return false;
    return word.len >= SHORTEST && word.len <= LONGEST;
}

/* In how many chunks; 0 on errors. */
static int64_t chunks_of(struct ai *ai, struct core_str word)
{
    int64_t chunks = 0;
    return ai_index_word_count(ai->index, word, &chunks) == 0 ? chunks : 0;
}

static bool stands(struct ai *ai, struct core_str word)
{
    return chunks_of(ai, word) > 0;
}

/* Shows the texts of the chunks that suit the words best, until on_text() returns 1. */
static void read_best(struct ai *ai, struct core_str words,
                      int (*on_text)(void *arg, const struct store_row *row), void *arg)
{
    struct ai_hit hits[AI_LIMIT_JOINED_HITS];
    int64_t ids[AI_LIMIT_JOINED_HITS];
    size_t count = 0;
    if (ai_index_keywords(ai->index, words, AI_LIMIT_JOINED_HITS, hits, &count) != 0)
        return;
    for (size_t i = 0; i < count; i++)
        ids[i] = hits[i].chunk_id;
    ai_ids_read(ai->store, "SELECT text FROM chunk WHERE id IN (" AI_IDS ")", ids, count, NULL,
                on_text, arg);
}

/* --- One word, several in the documents --------------------------------------------------------- */

struct pieces {
    struct core_str word;
    const char *signs; /* that may stand between two of them */
    uint32_t cuts;     /* bit i: before byte i */
    struct core_pool *pool;
    struct core_str found;
};

/* Bytes of `text` that are the pieces with a sign between each two, from its beginning; 0: they are
 * not there. */
static size_t pieces_at(const struct pieces *p, struct core_str text)
{
    size_t at = 0;
    for (size_t i = 0; i < p->word.len; i++, at++) {
        if (p->cuts >> i & 1 &&
            (at >= text.len || !memchr(p->signs, text.ptr[at++], strlen(p->signs))))
            return 0;
        if (at >= text.len || lower(text.ptr[at]) != p->word.ptr[i])
            return 0;
    }
    uint32_t c = ' ';
    if (at < text.len)
        core_utf8_next(text, at, &c);
    return core_utf8_is_word(c) ? 0 : at;
}

static int on_text(void *arg, const struct store_row *row)
{
    struct pieces *p = arg;
    struct core_str text = store_row_str(row, 0);
    bool inside = false;
    for (size_t at = 0, n; at < text.len; at += n) {
        uint32_t c;
        n = core_utf8_next(text, at, &c);
        size_t len = inside ? 0 : pieces_at(p, core_strn(text.ptr + at, text.len - at));
        if (len) {
            p->found = core_pool_str(p->pool, core_strn(text.ptr + at, len));
            return 1;
        }
        inside = core_utf8_is_word(c);
    }
    return 0;
}

/* Do the documents have these pieces one after another? */
static bool find_pieces(struct ai *ai, struct pieces *p)
{
    char query[2 * LONGEST];
    size_t n = 0, from = 0;
    int64_t chunks, all = 0;
    for (size_t i = 0; i <= p->word.len; i++) {
        bool end = i == p->word.len;
        if (end || p->cuts >> i & 1) {
            chunks = chunks_of(ai, core_strn(query + from, n - from));
            all += chunks;
            if (!chunks || all > AI_LIMIT_JOINED_CHUNKS)
                return false;
            from = n + 1;
        }
        if (!end && p->cuts >> i & 1)
            query[n++] = ' ';
        if (!end)
            query[n++] = p->word.ptr[i];
    }
    p->found = CORE_STR("");
    read_best(ai, core_strn(query, n), on_text, p);
    return p->found.len > 0;
}

/* Where letters meet digits, in all combinations. */
static bool find_code(struct ai *ai, struct pieces *p)
{
    size_t at[CUTS_MAX], count = 0;
    for (size_t i = 1; i < p->word.len; i++) {
        if (is_digit(p->word.ptr[i]) == is_digit(p->word.ptr[i - 1]))
            continue;
        if (count == CUTS_MAX)
            return false;
        at[count++] = i;
    }
    for (unsigned some = 1; some < 1u << count; some++) {
        p->cuts = 0;
        for (size_t i = 0; i < count; i++)
            p->cuts |= some >> i & 1 ? 1u << at[i] : 0;
        if (find_pieces(ai, p))
            return true;
    }
    return false;
}

static bool find_split(struct ai *ai, struct pieces *p, unsigned flags)
{
    if (flags & AI_WORD_NUMBER) {
        p->signs = ",. ";
        for (size_t i = THOUSAND_DIGITS; i < p->word.len; i += THOUSAND_DIGITS)
            p->cuts |= 1u << (p->word.len - i);
        return p->cuts && find_pieces(ai, p);
    }
    if (flags & AI_WORD_DIGIT) {
        p->signs = ".- /";
        return find_code(ai, p);
    }
    p->signs = "-";
    if (p->word.len < SHORTEST_LETTERS || p->word.len > LONGEST_LETTERS)
        return false;
    for (size_t i = 1; i < p->word.len; i++) {
        p->cuts = 1u << i;
        if (find_pieces(ai, p))
            return true;
    }
    return false;
}

/* --- A compound of two words ----------------------------------------------------------------- */

/* As German makes them. What stands between the words is no part of either. */
enum { SHORTEST_FIRST = 3, SHORTEST_LAST = 4 };
static const struct core_str links[] = {{"s", 1}, {"es", 2}, {"n", 1}, {"en", 2},
                                        {"e", 1}, {"er", 2}, {"", 0}};

struct parts {
    const struct genom_dict *dict;
    struct core_str first, last;
    int64_t last_chunks;
    bool together;
};

static int on_both(void *arg, const struct store_row *row)
{
    struct parts *p = arg;
    struct core_str text = store_row_str(row, 0);
    struct ai_words words;
    struct ai_word w;
    bool first = false, last = false;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &w)) {
        first = first || ai_word_alike(w.folded, p->first);
        last = last || ai_word_alike(w.folded, p->last);
    }
    /* English has "start" and "menu" too. */
    p->together = first && last && ai_lang_of_words(p->dict, text) == AI_LANG_DE;
    return p->together;
}

/* Does a German passage speak of both? */
static bool stand_together(struct ai *ai, struct parts *p)
{
    char query[2 * LONGEST];
    int64_t chunks = chunks_of(ai, p->first);
    if (!chunks || chunks + p->last_chunks > AI_LIMIT_JOINED_CHUNKS)
        return false;
    int n = snprintf(query, sizeof query, "%.*s %.*s", CORE_STR_ARG(p->first),
                     CORE_STR_ARG(p->last));
    read_best(ai, core_strn(query, (size_t)n), on_both, p);
    return p->together;
}

static bool cut_compound(struct ai *ai, struct core_str word, struct parts *ret)
{
    for (size_t at = SHORTEST_FIRST; at + SHORTEST_LAST <= word.len; at++) {
        ret->last = core_strn(word.ptr + at, word.len - at);
        ret->last_chunks = ai_stop(ret->last, AI_LANG_DE) ? 0 : chunks_of(ai, ret->last);
        if (!ret->last_chunks)
            continue;
        for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
            ret->first = core_strn(word.ptr, at - links[i].len);
            if (at < SHORTEST_FIRST + links[i].len || ai_stop(ret->first, AI_LANG_DE) ||
                !core_str_ends(core_strn(word.ptr, at), links[i]))
                continue;
            if (stand_together(ai, ret))
                return true;
        }
    }
    return false;
}

/* The part as it was typed, where each letter is one of the folded ones. */
static struct core_str as_typed(struct core_str typed, struct core_str folded, struct core_str part)
{
    size_t from = 0, to = 0, letters = 0, at = (size_t)(part.ptr - folded.ptr);
    for (size_t i = 0; i < typed.len; letters++) {
        uint32_t c;
        from = letters == at ? i : from;
        i += core_utf8_next(typed, i, &c);
        to = letters + 1 == at + part.len ? i : to;
    }
    return letters == folded.len ? core_strn(typed.ptr + from, to - from) : part;
}

static bool find_compound(struct ai *ai, struct core_pool *pool, struct core_str typed,
                          struct core_str folded, struct core_str *ret)
{
    char both[4 * LONGEST + 2];
    struct parts parts = {.dict = ai->options.genom};
    if (folded.len < SHORTEST_FIRST + SHORTEST_LAST || !cut_compound(ai, folded, &parts))
        return false;
    int n = snprintf(both, sizeof both, "%.*s %.*s",
                     CORE_STR_ARG(as_typed(typed, folded, parts.first)),
                     CORE_STR_ARG(as_typed(typed, folded, parts.last)));
    *ret = core_pool_str(pool, core_strn(both, (size_t)n));
    return true;
}

/* --- Several words, one in the documents -------------------------------------------------------- */

/* One sign stands between them; a space is one between codes only. */
static bool find_joined(struct ai *ai, struct core_str question, const struct ai_word *before,
                        const struct ai_word *word, char joined[static LONGEST], size_t *ret_len)
{
    struct core_str first = core_strn(question.ptr + before->start, before->end - before->start);
    char folded[LONGEST];
    size_t n = first.len <= LONGEST ? ai_text_fold(first, folded, sizeof folded) : 0;
    bool code = (before->flags | word->flags) & AI_WORD_DIGIT;
    char sign = question.ptr[before->end];
    bool near = sign == '-' || (code && (sign == '.' || sign == '/' || sign == ' '));
    if (!n || !near || before->end + 1 != word->start || n + word->folded.len > LONGEST)
        return false;
    memcpy(joined, folded, n);
    memcpy(joined + n, word->folded.ptr, word->folded.len);
    *ret_len = n + word->folded.len;
    return (!stands(ai, core_strn(folded, n)) || !stands(ai, word->folded)) &&
           is_plain(core_strn(joined, *ret_len)) && stands(ai, core_strn(joined, *ret_len));
}

bool ai_joined_read(struct ai *ai, struct core_pool *pool, struct core_str question,
                    enum ai_lang lang, const struct ai_word *before, const struct ai_word *word,
                    unsigned *left, struct ai_read_as *ret)
{
    char joined[LONGEST];
    size_t len, start = word->start;
    struct pieces p = {.word = word->folded, .pool = pool};
    if (before && find_joined(ai, question, before, word, joined, &len)) {
        start = before->start;
        p.found = core_pool_str(pool, core_strn(joined, len));
    } else if (*left == 0 || !is_plain(word->folded) || ai_stop(word->folded, lang) ||
               stands(ai, word->folded)) {
        return false;
    } else {
        --*left;
        struct core_str typed = core_strn(question.ptr + start, word->end - start);
        bool letters = !(word->flags & AI_WORD_DIGIT);
        if (!find_split(ai, &p, word->flags) &&
            !(letters && lang == AI_LANG_DE && find_compound(ai, pool, typed, p.word, &p.found)))
            return false;
    }
    *ret = (struct ai_read_as){core_strn(question.ptr + start, word->end - start), p.found};
    return p.found.ptr != NULL;
}
