/*
 * text.c: words, folding, token estimate. Sentences are in sentence.c, stop words in
 * stop.c.
 */
#include "ai/text/text.h"

#include "ai/text/char.h"

bool ai__char_is_ideograph(uint32_t c)
{
    return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
           (c >= 0xAC00 && c <= 0xD7AF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x3FFFF);
}

bool ai__char_is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool ai__char_is_upper(uint32_t c)
{
    return core_utf8_lower(c) != c;
}

/* --- Folding -------------------------------------------------------------------------------- */

/* The base letter of U+00E0 … U+00FF; 0 = no single letter. */
static const char base_latin1[] = "aaaaaa\0ceeeeiiiidnooooo\0ouuuuy\0y";
/* The base letter of U+0100 … U+017F. */
static const char base_extended[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkk"
                                    "llllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuu"
                                    "wwyyyzzzzzzs";
_Static_assert(sizeof base_latin1 == 0x20 + 1, "one letter a code point");
_Static_assert(sizeof base_extended == 0x80 + 1, "one letter a code point");

/* Folds one code point: 0 … 4 bytes. */
static size_t fold_char(uint32_t c, char out[static 4])
{
    c = core_utf8_lower(c);
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c >= 0x300 && c <= 0x36F) /* combining accent */
        return 0;
    if (c >= 0xE0 && c <= 0xFF && base_latin1[c - 0xE0]) {
        out[0] = base_latin1[c - 0xE0];
        return 1;
    }
    if (c >= 0x100 && c <= 0x17F) {
        out[0] = base_extended[c - 0x100];
        return 1;
    }
    const char *pair = c == 0xDF ? "ss" : c == 0xE6 ? "ae" : c == 0xFE ? "th" : NULL;
    if (pair) {
        memcpy(out, pair, 2);
        return 2;
    }
    if (c == 0x2019) {
        out[0] = '\'';
        return 1;
    }
    return core_utf8_put(c, out);
}

size_t ai_text_fold(struct core_str text, char *out, size_t cap)
{
    size_t len = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        char bytes[4];
        at += core_utf8_next(text, at, &c);
        size_t n = fold_char(c, bytes);
        if (len + n > cap)
            break;
        memcpy(out + len, bytes, n);
        len += n;
    }
    return len;
}

/* --- Words ---------------------------------------------------------------------------------- */

void ai_words_init(struct ai_words *words, struct core_str text)
{
    words->text = text;
    words->at = 0;
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* May `c`, between `before` and what is at `next`, stand inside a word: an apostrophe between
 * letters, a point between digits? */
static bool joins(struct core_str text, size_t next, uint32_t before, uint32_t c)
{
    bool apostrophe = c == '\'' || c == 0x2019;
    bool point = c == '.' || c == ',' || c == ':';
    if ((!apostrophe && !point) || next >= text.len)
        return false;
    uint32_t after;
    core_utf8_next(text, next, &after);
    if (point)
        return is_digit(before) && is_digit(after);
    return !is_digit(before) && !is_digit(after) && core_utf8_is_word(after) &&
           !ai__char_is_ideograph(after);
}

bool ai_words_next(struct ai_words *words, struct ai_word *ret)
{
    struct core_str text = words->text;
    size_t at = words->at;
    size_t len = 0;
    uint32_t c = 0;
    while (at < text.len && (len = core_utf8_next(text, at, &c), !core_utf8_is_word(c)))
        at += len;
    if (at >= text.len) {
        words->at = text.len;
        return false;
    }
    struct ai_word word = {.start = at};
    unsigned letters = 0;
    unsigned uppers = 0;
    unsigned digits = 0;
    size_t folded = 0;
    bool room = true;
    bool ideograph = ai__char_is_ideograph(c);
    uint32_t before = c;
    if (ai__char_is_upper(c))
        word.flags |= AI_WORD_CAPITAL;
    for (;;) {
        char bytes[4];
        size_t n = fold_char(c, bytes);
        room = room && folded + n <= AI_WORD_MAX - 4;
        if (room) {
            memcpy(words->folded + folded, bytes, n);
            folded += n;
        }
        if (core_utf8_is_word(c)) {
            digits += is_digit(c);
            letters += !is_digit(c);
            uppers += ai__char_is_upper(c);
        }
        before = c;
        at += len;
        if (ideograph || at >= text.len)
            break;
        len = core_utf8_next(text, at, &c);
        if (ai__char_is_ideograph(c) ||
            (!core_utf8_is_word(c) && !joins(text, at + len, before, c)))
            break;
    }
    word.end = at;
    word.folded = core_strn(words->folded, folded);
    word.flags |= letters >= 2 && uppers == letters ? AI_WORD_UPPER : 0;
    word.flags |= digits ? AI_WORD_DIGIT : 0;
    word.flags |= digits && !letters ? AI_WORD_NUMBER : 0;
    words->at = at;
    *ret = word;
    return true;
}

unsigned ai_text_words(struct core_str text)
{
    unsigned words = 0;
    bool inside = false;
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        at += core_utf8_next(text, at, &c);
        bool ideograph = ai__char_is_ideograph(c);
        bool space = ai__char_is_space(c);
        words += ideograph || (!space && !inside);
        inside = !space && !ideograph;
    }
    return words;
}

bool ai_word_in(const char *list, struct core_str folded)
{
    size_t all = strlen(list);
    /* A word of marks alone folds to nothing. */
    for (const char *at = list; folded.len > 0; at++) {
        at = memmem(at, all - (size_t)(at - list), folded.ptr, folded.len);
        if (!at)
            return false;
        if (at > list && at[-1] == ' ' && at[folded.len] == ' ')
            return true;
    }
    return false;
}

/* --- Tokens --------------------------------------------------------------------------------- */

/*
 * Costs in hundredths of a token, fitted to ten thousand real passages and a
 * byte-pair vocabulary of 49 thousand so that 98 of 100 estimates are too high rather
 * than too low, by a seventh on average. Frequent English words are whole; long ones,
 * capitals inside words, signs and digits are spelt; a word with a letter beyond
 * ASCII is of another language and spelt nearly letter by letter.
 */
enum {
    COST_WORD = 81,
    COST_MIDDLE = 18,   /* each of the letters 4 to 9 */
    COST_LONG = 110,    /* each letter from the 10th */
    COST_CAPITAL = 42,  /* inside a word */
    COST_ACCENTED = 41, /* a letter beyond ASCII */
    COST_FOREIGN = 229, /* an ASCII letter after such a one in the same word */
    COST_DIGIT = 157,
    COST_SIGN = 115,
    COST_SIGN_AGAIN = 49, /* the same as before it */
    COST_LINE = 96,
    COST_WIDE_SIGN = 120, /* typographic quotes, dashes */
    COST_OTHER = 250      /* letters of other scripts */
};

static bool is_latin(uint32_t c)
{
    return (c < 0x80 && (c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= 0xC0 && c < 0x250);
}

/* run: letters of this word so far. */
static unsigned letter_cost(uint32_t c, unsigned run, bool foreign)
{
    unsigned first = run == 0 ? COST_WORD : 0;
    if (c >= 0x80)
        return first + COST_ACCENTED;
    if (run == 0)
        return first;
    if (c >= 'A' && c <= 'Z')
        return COST_CAPITAL;
    if (foreign)
        return COST_FOREIGN;
    return run >= 9 ? COST_LONG : run >= 3 ? COST_MIDDLE : 0;
}

unsigned ai_text_tokens(struct core_str text)
{
    uint64_t cost = 0;
    unsigned run = 0;
    bool foreign = false;
    uint32_t before = ' ';
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        at += core_utf8_next(text, at, &c);
        if (is_latin(c)) {
            foreign = (run > 0 && foreign) || c >= 0x80;
            cost += letter_cost(c, run, foreign);
            run++;
        } else {
            run = 0;
            if (is_digit(c))
                cost += COST_DIGIT;
            else if (c == '\n')
                cost += COST_LINE;
            else if (ai__char_is_space(c))
                cost += 0; /* belongs to the token behind it */
            else if (c < 0x80)
                cost += c == before ? COST_SIGN_AGAIN : COST_SIGN;
            else
                cost += c >= 0x2000 && c < 0x2070 ? COST_WIDE_SIGN : COST_OTHER;
        }
        before = c;
    }
    cost = (cost + 99) / 100;
    return cost > UINT32_MAX ? UINT32_MAX : (unsigned)cost;
}

/* --- Codes ------------------------------------------------------------------------------------ */

bool ai_text_is_code(struct core_str folded, unsigned flags)
{
    return flags & AI_WORD_DIGIT && !is_digit((unsigned char)folded.ptr[0]);
}

bool ai_text_same_kind(struct core_str a, struct core_str b)
{
    size_t i = 0, j = 0, letters = 0;
    while (i < a.len && j < b.len &&
           is_digit((unsigned char)a.ptr[i]) == is_digit((unsigned char)b.ptr[j])) {
        if (is_digit((unsigned char)a.ptr[i])) {
            while (i < a.len && is_digit((unsigned char)a.ptr[i]))
                i++;
            while (j < b.len && is_digit((unsigned char)b.ptr[j]))
                j++;
        } else {
            letters++;
            i++;
            j++;
        }
    }
    return i == a.len && j == b.len && (letters > 0 || a.len == b.len);
}
