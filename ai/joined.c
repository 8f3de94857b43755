/*
 * joined.c: see joined.h. Of one word pieces are made where letters meet digits, before thousands,
 * and, of letters alone, anywhere; in the documents they must follow each other, with one sign
 * between them. Letters alone need a hyphen there: "note book" is not "notebook".
 */
#include "ai/joined.h"

#include "ai/ids.h"
#include "core/err.h"
#include "core/limits.h"

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
    size_t n = 0, from = 0, hit_count = 0;
    struct ai_hit hits[AI_LIMIT_JOINED_HITS];
    int64_t ids[AI_LIMIT_JOINED_HITS], chunks, all = 0;
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
    if (ai_index_keywords(ai->index, core_strn(query, n), AI_LIMIT_JOINED_HITS, hits, &hit_count) !=
        0)
        return false;
    for (size_t i = 0; i < hit_count; i++)
        ids[i] = hits[i].chunk_id;
    p->found = CORE_STR("");
    ai_ids_read(ai->store, "SELECT text FROM chunk WHERE id IN (" AI_IDS ")", ids, hit_count, NULL,
                on_text, p);
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
        if (!find_split(ai, &p, word->flags))
            return false;
    }
    *ret = (struct ai_read_as){core_strn(question.ptr + start, word->end - start), p.found};
    return p.found.ptr != NULL;
}
