/*
 * pieces.c: cutting a text into tokens, and bytes that no token stands for: one space between
 * pieces is a mark of the piece behind it, other white space is pieces of its own. A word that is
 * not in the dictionary in one of its three casings is spelled.
 */
#include "genom/cut.h"

/* A form longer than this is no token. */
#define FORM_MAX 96
/* Bytes of the longest emoji, and of the longest word of a script without spaces. */
#define LOOK_MAX 40

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

/* A space that belongs to the piece behind it. */
static bool is_mark(const struct cutter *c, size_t at)
{
    return c->text[at] == ' ' && at > 0 && at + 1 < c->len && !is_white(c->text[at + 1]);
}

static void put(struct cutter *c, uint32_t id, unsigned cls, unsigned casing, size_t len)
{
    c->out[c->count++] = (struct genom_piece){.id = id,
                                              .at = (uint32_t)c->at,
                                              .len = (uint8_t)len,
                                              .cls = (uint8_t)cls,
                                              .casing = (uint8_t)casing,
                                              .space = c->space};
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

/* May a token that no letter begins have these two code points side by side, the first of them
 * being its own first? Sequences of emoji do, and two of the same sign. */
static bool joined(uint32_t before, uint32_t code, bool first)
{
    enum { JOINER = 0x200d, KEYCAP = 0x20e3, EMOJI_STYLE = 0xfe0f };
    bool tag = code >= 0xe0020 && code <= 0xe007f, skin = code >= 0x1f3fb && code <= 0x1f3ff;
    bool flag = before >= 0x1f1e6 && before <= 0x1f1ff && code >= 0x1f1e6 && code <= 0x1f1ff;
    return before == JOINER || code == JOINER || code == EMOJI_STYLE || code == KEYCAP || tag ||
           skin || flag || (first && before == code);
}

/* The longest token that stands at the cursor, of whole code points. */
static uint32_t find_longest(const struct cutter *c, bool ideo, size_t *ret_len)
{
    size_t ends[LOOK_MAX], count = 0, len = 0, left = c->len - c->at;
    uint32_t code, before = 0;
    while (len < left && len < LOOK_MAX) {
        size_t n = genom__utf8(c->text + c->at + len, left - len, &code);
        if (n == 0 || code < 0x80 || (count > 0 && !ideo && !joined(before, code, count == 1)))
            break;
        ends[count++] = len += n;
        before = code;
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

/* How far a word of letters (an apostrophe between two of them included) goes; more than FORM_MAX
 * says only that it is longer. Every piece of a long word asks, and none is longer: looking on to
 * its end would take time in the square of its length. */
static size_t word_end(const struct cutter *c, bool *ret_ascii)
{
    size_t at = c->at;
    *ret_ascii = true;
    while (at < c->len && at - c->at <= FORM_MAX) {
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
    uint32_t id = genom_lookup(c->dict, c->text + c->at, len);
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

static bool is_sign(char c)
{
    return c > 0 && !is_ascii_letter(c) && !is_digit(c);
}

/* Runs such as "..." and "://" are tokens; spaces are in those that a space or a line begins. */
static void cut_other(struct cutter *c)
{
    const char *text = c->text + c->at;
    size_t left = c->len - c->at;
    unsigned most = 1, len = 1;
    char signs[RUN_MAX] = {0};
    bool spaces = text[0] == ' ' || text[0] == '\n';
    while (most < RUN_MAX && most < left && is_sign(text[most]) &&
           (text[most] != ' ' || (spaces && !is_mark(c, c->at + most))))
        most++;
    memcpy(signs, text, most);
    if (is_sign(text[0]) && most > 1)
        len = genom__run(&c->dict->runs, signs, genom__run_lens(&c->dict->runs, signs), most);
    if (len > 1)
        put_token(c, genom_lookup(c->dict, text, len), 0, len);
    else
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
    unsigned letter = genom__letter(code);
    if (letter == LETTER_YES) {
        cut_word(c);
        return;
    }
    uint32_t id = find_longest(c, letter == LETTER_IDEO, &len);
    if (id != GENOM_NONE)
        put_token(c, id, 0, len);
    else
        put_spelled(c, n);
}

void genom__cut_one(struct cutter *c)
{
    const char *text = c->text;
    c->space = is_mark(c, c->at);
    c->at += c->space;
    if (is_ascii_letter(text[c->at]))
        cut_word(c);
    else if (is_digit(text[c->at]))
        cut_number(c);
    else if (text[c->at] & 0x80)
        cut_beyond_ascii(c);
    else
        cut_other(c);
}

size_t genom_pieces(const struct genom_dict *dict, const char *text, size_t len, size_t *at,
                    struct genom_piece *ret_pieces, size_t max)
{
    struct cutter c = {
        .dict = dict, .text = text, .len = len, .at = *at, .out = ret_pieces, .max = max};
    dict->cut(&c);
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
