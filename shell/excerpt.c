/*
 * excerpt.c: see excerpt.h. web/src/excerpt.ts is the same for the page.
 *
 *     … Monats zu zahlen.
 *     § 2 Kaution                  what goes before the first word is cut at the beginning of a
 *     ^   ^                        line, or of a word
 *     |   first word
 *     begin
 */
#include "shell/excerpt.h"

enum { LEAD = 60, HITS_MAX = 256, WORDS_MAX = 32, LETTERS_MIN = 3, ENDING_MAX = 3 };

enum likeness { APART, SIMILAR, SAME };

struct hit {
    size_t at;
    unsigned word;   /* of those asked for */
    unsigned weight; /* its letters; twice where it is that very word */
};

size_t shell_excerpt_run(struct core_str text, size_t at, bool *ret_word)
{
    uint32_t code;
    core_utf8_next(text, at, &code);
    *ret_word = core_utf8_is_word(code);
    while (at < text.len) {
        size_t len = core_utf8_next(text, at, &code);
        if (core_utf8_is_word(code) != *ret_word) {
            break;
        }
        at += len;
    }
    return at;
}

/* The next word from *at on; false at the end. */
static bool word_next(struct core_str text, size_t *at, struct core_str *ret)
{
    while (*at < text.len) {
        bool is_word;
        size_t start = *at;
        *at = shell_excerpt_run(text, start, &is_word);
        if (is_word) {
            *ret = core_strn(text.ptr + start, *at - start);
            return true;
        }
    }
    return false;
}

/* The next letter, small and without marks; 0 at the end. */
static uint32_t letter_next(struct core_str word, size_t *at)
{
    uint32_t code = 0;
    while (*at < word.len && code == 0) {
        *at += core_utf8_next(word, *at, &code);
        code = core_utf8_plain(core_utf8_lower(code));
    }
    return code;
}

/* Forms as the server tells them apart (ai_word_alike), and beginnings. A number has neither. */
static enum likeness likeness(struct core_str word, struct core_str asked, unsigned *ret_letters)
{
    size_t same = 0, long_word = 0, long_asked = 0, at = 0, asked_at = 0;
    bool apart = false, number = false;
    for (;;) {
        uint32_t a = letter_next(word, &at), b = letter_next(asked, &asked_at);
        if (!a && !b) {
            break;
        }
        apart |= a != b;
        number |= b >= '0' && b <= '9';
        same += !apart;
        long_word += a != 0;
        long_asked += b != 0;
    }
    size_t shorter = long_word < long_asked ? long_word : long_asked;
    size_t longer = long_word + long_asked - shorter;
    *ret_letters = (unsigned)long_asked;
    if (!apart) {
        return SAME;
    }
    if (number || same < LETTERS_MIN) {
        return APART;
    }
    bool form = (same > LETTERS_MIN || same == shorter) && longer - same <= ENDING_MAX &&
                same * 10 >= longer * 6;
    return form || same == long_asked ? SIMILAR : APART;
}

static bool hit_find(struct core_str word, struct core_str words, struct hit *ret)
{
    struct core_str asked;
    ret->weight = 0;
    size_t at = 0;
    for (unsigned i = 0; i < WORDS_MAX && word_next(words, &at, &asked); i++) {
        unsigned letters;
        unsigned weight = likeness(word, asked, &letters) * letters;
        if (weight > ret->weight) {
            ret->word = i;
            ret->weight = weight;
        }
    }
    return ret->weight > 0;
}

bool shell_excerpt_hit(struct core_str word, struct core_str words)
{
    struct hit hit;
    return hit_find(word, words, &hit);
}

bool shell_excerpt_holds(struct core_str text, struct core_str words)
{
    struct core_str word;
    size_t at = 0;
    while (word_next(text, &at, &word)) {
        if (shell_excerpt_hit(word, words)) {
            return true;
        }
    }
    return false;
}

/* Of the words in `bytes` bytes from the first hit on, each counted once. */
static unsigned weight_of(const struct hit *hits, size_t count, size_t bytes)
{
    unsigned best[WORDS_MAX] = {0}, sum = 0;
    for (size_t i = 0; i < count && hits[i].at - hits[0].at < bytes; i++) {
        unsigned *kept = &best[hits[i].word];
        if (hits[i].weight > *kept) {
            sum += hits[i].weight - *kept;
            *kept = hits[i].weight;
        }
    }
    return sum;
}

/* A little before the hit. */
static size_t lead_begin(struct core_str text, size_t hit)
{
    size_t line = 0, first = hit, at = 0;
    struct core_str word;
    if (hit <= LEAD) {
        return 0;
    }
    for (size_t i = hit - LEAD; i < hit; i++) {
        line = text.ptr[i] == '\n' ? i + 1 : line;
    }
    while (!line && first == hit && word_next(text, &at, &word)) {
        size_t start = (size_t)(word.ptr - text.ptr);
        first = start >= hit - LEAD ? start : hit;
    }
    return line ? line : first;
}

size_t shell_excerpt_begin(struct core_str text, struct core_str words, size_t bytes)
{
    struct hit hits[HITS_MAX];
    size_t count = 0, at = 0, begin = 0;
    struct core_str word;
    unsigned most = 0;
    while (count < HITS_MAX && word_next(text, &at, &word)) {
        hits[count].at = (size_t)(word.ptr - text.ptr);
        count += hit_find(word, words, &hits[count]);
    }
    size_t span = bytes > LEAD ? bytes - LEAD : 1;
    for (size_t i = 0; i < count; i++) {
        unsigned weight = weight_of(hits + i, count - i, span);
        if (weight > most) {
            most = weight;
            begin = hits[i].at;
        }
    }
    return most ? lead_begin(text, begin) : 0;
}
