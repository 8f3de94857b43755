/*
 * pieces.c: cutting a text into tokens, and bytes that no token stands for.
 *
 * How a text is cut is the encoder's choice (docs/genom.md fixes only what pieces mean), so this file may
 * change; but the same version cuts the same everywhere. One space between pieces is a mark of the piece
 * behind it, other white space is pieces of its own. A word that is not in the dictionary in one of its
 * three casings is spelled.
 */
#include "genom/inside.h"
#include "genom/scan.h"

/* A form longer than this is no token. */
#define FORM_MAX 96
/* Bytes of the longest emoji, and of the longest word of a script without spaces. */
#define LOOK_MAX 40

struct cutter {
    const struct genom_dict *dict;
    const char *text;
    size_t len, at;
    struct genom_piece *out;
    size_t count;
    uint8_t space; /* one stands before what comes */
};

static bool is_ascii_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void put(struct cutter *c, uint32_t id, unsigned cls, unsigned casing, size_t len)
{
    c->out[c->count++] = (struct genom_piece){.id = id,
                                              .at = (uint32_t)c->at,
                                              .len = (uint32_t)len,
                                              .cls = (uint8_t)cls,
                                              .casing = (uint8_t)casing,
                                              .space = c->space};
    c->space = 0;
    c->at += len;
}

static void put_token(struct cutter *c, uint32_t id, unsigned casing, size_t len)
{
    put(c, id, genom__class(c->dict, id), casing, len);
}

/* At most SPELL_MAX bytes in a piece: what is left of a longer word begins the next. */
static void put_spelled(struct cutter *c, size_t len)
{
    put(c, GENOM_NONE, GENOM_WORD, 0, len < SPELL_MAX ? len : SPELL_MAX);
}

/* --- Words of ASCII ------------------------------------------------------------------------- */

/* Lower case of a word, and which of the three casings it has; 3: another one. */
static unsigned lower_ascii(const char *word, size_t len, char *ret)
{
    size_t letters = 0, capitals = 0;
    for (size_t i = 0; i < len; i++) {
        bool capital = word[i] >= 'A' && word[i] <= 'Z';
        capitals += capital;
        letters += is_ascii_letter(word[i]);
        ret[i] = (char)(capital ? word[i] + 32 : word[i]);
    }
    bool first = word[0] >= 'A' && word[0] <= 'Z';
    return capitals == 0 ? 0 : capitals == 1 && first ? 1 : capitals == letters ? 2 : 3;
}

static uint32_t find_ascii(const struct cutter *c, size_t len, unsigned *ret_casing)
{
    char lower[FORM_MAX];
    if (len > FORM_MAX)
        return GENOM_NONE;
    *ret_casing = lower_ascii(c->text + c->at, len, lower);
    return *ret_casing < 3 ? genom_lookup(c->dict, lower, len) : GENOM_NONE;
}

/* --- Other words ---------------------------------------------------------------------------- */

static size_t put_lower(char *out, const char *text, size_t len)
{
    size_t put = 0;
    for (size_t at = 0, n; at < len; at += n) {
        uint32_t code;
        n = genom__utf8(text + at, len - at, &code);
        put += genom__utf8_put(genom__lower(code), out + put);
    }
    return put;
}

static uint32_t find_word(const struct cutter *c, size_t len, unsigned *ret_casing)
{
    char lower[2 * FORM_MAX], again[2 * FORM_MAX];
    const char *word = c->text + c->at;
    size_t lower_len, again_len;
    if (len > FORM_MAX)
        return GENOM_NONE;
    lower_len = put_lower(lower, word, len);
    uint32_t id = genom_lookup(c->dict, lower, lower_len);
    if (id == GENOM_NONE)
        return id;
    struct genom_str form = {lower, lower_len};
    for (unsigned casing = 0; casing < 3; casing++) {
        if (!genom__put_cased(form, casing, again, sizeof again, &again_len) && again_len == len &&
            !memcmp(again, word, len)) {
            *ret_casing = casing;
            return id;
        }
    }
    return GENOM_NONE;
}

/* The longest token that stands at the cursor, of whole code points. */
static uint32_t find_longest(const struct cutter *c, size_t *ret_len)
{
    size_t ends[LOOK_MAX], count = 0, len = 0, left = c->len - c->at;
    uint32_t code;
    while (len < left && len < LOOK_MAX) {
        size_t n = genom__utf8(c->text + c->at + len, left - len, &code);
        if (n == 0 || code < 0x80)
            break;
        ends[count++] = len += n;
    }
    while (count-- > 0) {
        uint32_t id = genom_lookup(c->dict, c->text + c->at, ends[count]);
        if (id != GENOM_NONE) {
            *ret_len = ends[count];
            return id;
        }
    }
    return GENOM_NONE;
}

/* How far a word of letters (an apostrophe between two of them included) goes. */
static size_t word_end(const struct cutter *c, bool *ret_ascii)
{
    size_t at = c->at;
    *ret_ascii = true;
    while (at < c->len) {
        uint32_t code;
        size_t n = 1;
        if (is_ascii_letter(c->text[at])) {
            at++;
            continue;
        }
        if (c->text[at] == '\'') {
            if (at == c->at || at + 1 == c->len)
                break;
            n = genom__utf8(c->text + at + 1, c->len - at - 1, &code);
            if (n == 0 || genom__letter(code) != LETTER_YES)
                break;
            at += 1;
            continue;
        }
        n = genom__utf8(c->text + at, c->len - at, &code);
        if (n == 0 || genom__letter(code) != LETTER_YES)
            break;
        *ret_ascii = false;
        at += n;
    }
    return at - c->at;
}

/* --- Pieces --------------------------------------------------------------------------------- */

/* Does a word go on with letters that are not ASCII? */
static bool goes_on(const char *next, size_t avail)
{
    return avail > 0 && (next[0] & 0x80 || (next[0] == '\'' && avail > 1 && next[1] & 0x80));
}

/* A word of a few ASCII letters that the dictionary has: nearly all words are. */
static bool cut_short(struct cutter *c)
{
    struct genom__short s;
    size_t avail = c->len - c->at;
    genom__scan(c->text + c->at, avail, &s);
    if (s.len + 2 > GENOM__SCAN || s.casing == 3 || goes_on(c->text + c->at + s.len, avail - s.len))
        return false;
    uint64_t hash = genom__hash_short(s.a, s.b, s.len);
    const struct hot *hot = genom__hot(c->dict, hash, s.a, s.b, s.len);
    if (hot) {
        put(c, hot->id, hot->cls, s.casing, s.len);
        return true;
    }
    uint32_t id = genom__lookup_short(c->dict, hash, s.a, s.b, s.len);
    if (id == GENOM_NONE)
        return false;
    put_token(c, id, s.casing, s.len);
    return true;
}

static void cut_word(struct cutter *c)
{
    bool ascii;
    size_t len = word_end(c, &ascii);
    unsigned casing = 0;
    uint32_t id = ascii ? find_ascii(c, len, &casing) : find_word(c, len, &casing);
    if (id == GENOM_NONE && memchr(c->text + c->at, '\'', len)) {
        /* What stands before the apostrophe; it and the rest are pieces of their own. */
        len = (size_t)((const char *)memchr(c->text + c->at, '\'', len) - (c->text + c->at));
        id = ascii ? find_ascii(c, len, &casing) : find_word(c, len, &casing);
    }
    if (id == GENOM_NONE)
        put_spelled(c, len);
    else
        put_token(c, id, casing, len);
}

static void cut_number(struct cutter *c)
{
    size_t len = 1;
    while (len < 4 && c->at + len < c->len && is_digit(c->text[c->at + len]))
        len++;
    uint64_t digits = 0;
    memcpy(&digits, c->text + c->at, len);
    digits = load64((const uint8_t *)&digits);
    uint64_t hash = genom__hash_short(digits, 0, (unsigned)len);
    uint32_t id = genom__lookup_short(c->dict, hash, digits, 0, (unsigned)len);
    if (id == GENOM_NONE)
        put_spelled(c, len);
    else
        put_token(c, id, 0, len);
}

static void cut_byte(struct cutter *c)
{
    uint32_t id = c->dict->byte_ids[(uint8_t)c->text[c->at]];
    if (id == GENOM_NONE)
        put_spelled(c, 1);
    else
        put_token(c, id, 0, 1);
}

static bool may_begin_run(const struct genom_dict *dict, uint8_t first, uint8_t second)
{
    return second < 128 && dict->pairs[first][second / 64] >> (second % 64) & 1;
}

/* Runs such as "..." and "://" are tokens; a blank that stands before another begins one. */
static void cut_other(struct cutter *c)
{
    const char *text = c->text + c->at;
    size_t left = c->len - c->at, most = 1;
    if (left < 2 || !may_begin_run(c->dict, (uint8_t)text[0], (uint8_t)text[1])) {
        cut_byte(c);
        return;
    }
    while (most < 4 && most < left && (text[most] & 0x80) == 0 && !is_ascii_letter(text[most]) &&
           !is_digit(text[most]) && (text[most] != ' ' || text[0] == ' '))
        most++;
    if (text[0] == ' ' && most < left && most > 1 && !is_white(text[most]) && text[most - 1] == ' ')
        most--; /* the last space is a mark of what follows */
    for (; most > 1; most--) {
        uint32_t id = genom_lookup(c->dict, text, most);
        if (id != GENOM_NONE) {
            put_token(c, id, 0, most);
            return;
        }
    }
    cut_byte(c);
}

static void cut_beyond_ascii(struct cutter *c)
{
    uint32_t code;
    size_t n = genom__utf8(c->text + c->at, c->len - c->at, &code), len;
    if (n == 0) {
        cut_byte(c);
        return;
    }
    if (genom__letter(code) == LETTER_YES) {
        cut_word(c);
        return;
    }
    uint32_t id = find_longest(c, &len);
    if (id != GENOM_NONE)
        put_token(c, id, 0, len);
    else
        put_spelled(c, n);
}

size_t genom_pieces(const struct genom_dict *dict, const char *text, size_t len, size_t *at,
                    struct genom_piece *ret_pieces, size_t max)
{
    struct cutter c = {.dict = dict, .text = text, .len = len, .at = *at, .out = ret_pieces};
    while (c.at < len && c.count < max) {
        if (text[c.at] == ' ' && c.at > 0 && c.at + 1 < len && !is_white(text[c.at + 1])) {
            c.space = 1;
            c.at++;
        }
        char first = text[c.at];
        if (is_ascii_letter(first)) {
            if (!cut_short(&c))
                cut_word(&c);
        } else if (is_digit(first))
            cut_number(&c);
        else if (first & 0x80)
            cut_beyond_ascii(&c);
        else
            cut_other(&c);
    }
    *at = c.at;
    return c.count;
}

uint32_t genom_find(const struct genom_dict *dict, const char *word, size_t len)
{
    struct genom_piece piece;
    size_t at = 0;
    uint32_t id = genom_lookup(dict, word, len);
    if (id == GENOM_NONE && genom_pieces(dict, word, len, &at, &piece, 1) == 1 && at == len)
        id = piece.id;
    return id;
}
