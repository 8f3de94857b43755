/*
 * sentence.c: stored text into sentences, line by line.
 *
 * In stored text a line break is never inside a sentence, and indentation says what a line is:
 *
 *     prose, heading, row | of | table
 *     term
 *       definition          2 or 3 spaces
 *     - item                a bullet at any depth; "1." and "a)" too
 *         code              4 spaces or more
 *
 * Within prose a sentence ends at . ! ? … (and closing quotes) before white space, unless the stop
 * belongs to an abbreviation, an initial or an ordinal, or a lower-case letter follows.
 */
#include "ai/text/text.h"

#include "ai/text/char.h"
#include "core/limits.h"

#define INDENT_DEFINITION 2
#define INDENT_CODE 4
#define INDENT_ITEM_MAX 8
#define TITLE_WORDS_MAX 14

/* Without the last dot; folded. Those that often end a sentence ("etc", "atd", "usw") are missing
 * on purpose: a capital letter after them begins a new one. English, Czech, German, Spanish. */
static const char *const abbreviations[] = {
    "approx", "bzw",  "cf",   "ch",   "cp",    "dr",   "e.g",  "ed",   "eds",  "eq",   "esp",
    "est",    "fig",  "figs", "gen",  "i.e",   "incl", "jr",   "misc", "mr",   "mrs",  "ms",
    "mt",     "nb",   "no",   "nos",  "op",    "p",    "pp",   "prof", "ref",  "resp", "sec",
    "sect",   "sr",   "st",   "vol",  "vs",    "viz",  "apod", "ap",   "cca",  "c",    "cis",
    "ing",    "kap",  "mgr",  "mj",   "mudr",  "napr", "nar",  "obr",  "odst", "pozn", "prip",
    "pr",     "resp", "s",    "srov", "str",   "sv",   "tab",  "tel",  "tj",   "tr",   "tzn",
    "tzv",    "ul",   "viz",  "abb",  "abs",   "allg", "art",  "bd",   "bspw", "ca",   "d.h",
    "evtl",   "ggf",  "hr",   "hrsg", "inkl",  "kap",  "max",  "min",  "mind", "nr",   "o.a",
    "s.o",    "s.u",  "sog",  "u.a",  "urspr", "usf",  "vgl",  "z.b",  "z.t",  "zzgl", "ej",
    "p.ej",   "pag",  "ud",   "uds",  "sra",   "dra"};

/* After "3." these make a date, not a new sentence. */
static const char *const months[] = {"januar",   "janner",   "februar",     "feber",
                                     "marz",     "april",    "mai",         "juni",
                                     "juli",     "august",   "september",   "oktober",
                                     "november", "dezember", "jahrhundert", "jahrhunderts"};

static bool listed(struct core_str folded, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (core_str_eq_c(folded, words[i]))
            return true;
    }
    return false;
}

static bool is_opener(uint32_t c)
{
    return c == '"' || c == '\'' || c == '(' || c == '[' || c == '`' || c == '*' || c == 0xAB ||
           c == 0xBB || (c >= 0x2018 && c <= 0x201F) || c == 0xBF || c == 0xA1;
}

bool ai_text_is_closer(uint32_t c)
{
    return c == '"' || c == '\'' || c == ')' || c == ']' || c == '`' || c == '*' || c == 0xAB ||
           c == 0xBB || (c >= 0x2018 && c <= 0x201F);
}

/* --- Lines ---------------------------------------------------------------------------------- */

static size_t line_end_at(struct core_str text, size_t at)
{
    const char *end = memchr(text.ptr + at, '\n', text.len - at);
    return end ? (size_t)(end - text.ptr) : text.len;
}

static size_t skip_spaces(struct core_str text, size_t at, size_t end)
{
    while (at < end) {
        uint32_t c;
        size_t n = core_utf8_next(text, at, &c);
        if (!ai__char_is_space(c))
            break;
        at += n;
    }
    return at < end ? at : end;
}

/* Length of "- ", "• ", "12. ", "a) " at `at`, without the space; 0 for none. */
static size_t bullet_at(struct core_str text, size_t at, size_t end)
{
    size_t n = 0;
    if (at >= end)
        return 0;
    unsigned char first = (unsigned char)text.ptr[at];
    if (first == '-' || first == '*' || first == '+') {
        n = 1;
    } else if (first >= 0x80) {
        uint32_t c;
        n = core_utf8_next(text, at, &c);
        if (c != 0x2022 && c != 0x2013 && c != 0x25E6 && c != 0x25AA && c != 0xB7)
            return 0;
    } else {
        while (at + n < end && n < 3 && text.ptr[at + n] >= '0' && text.ptr[at + n] <= '9')
            n++;
        bool letter = n == 0 && (first | 0x20) >= 'a' && (first | 0x20) <= 'z';
        n += letter;
        if (n == 0 || at + n >= end ||
            (text.ptr[at + n] != ')' && (letter || text.ptr[at + n] != '.')))
            return 0;
        n++;
    }
    return at + n < end && text.ptr[at + n] == ' ' ? n : 0;
}

/* A few words that make no sentence. */
static bool reads_as_title(struct core_str line)
{
    line = core_str_trim(line);
    char last = line.len ? line.ptr[line.len - 1] : '.';
    bool stops = core_str_find(line, CORE_STR(". ")) >= 0 ||
                 core_str_find(line, CORE_STR("? ")) >= 0 ||
                 core_str_find(line, CORE_STR("! ")) >= 0;
    return !stops && !strchr(".!?:;,", last) && ai_text_words(line) <= TITLE_WORDS_MAX;
}

/* Is the last line before `start`, or the first behind `end`, that is not blank an item too? */
static bool item_before(struct core_str text, size_t start)
{
    while (start > 0) {
        size_t end = start - 1;
        const char *stop = memrchr(text.ptr, '\n', end);
        start = stop ? (size_t)(stop - text.ptr) + 1 : 0;
        size_t content = skip_spaces(text, start, end);
        if (content < end)
            return bullet_at(text, content, end) > 0;
    }
    return false;
}
static bool item_behind(struct core_str text, size_t end)
{
    while (end < text.len) {
        size_t start = end + 1;
        end = line_end_at(text, start);
        size_t content = skip_spaces(text, start, end);
        if (content < end)
            return bullet_at(text, content, end) > 0;
    }
    return false;
}

/* Is there an item behind `end`, before a blank line? */
static bool item_in_block(struct core_str text, size_t end)
{
    for (;;) {
        size_t start = end < text.len ? end + 1 : end;
        end = line_end_at(text, start);
        size_t content = skip_spaces(text, start, end);
        if (content >= end || bullet_at(text, content, end))
            return content < end;
    }
}

/* "3. Rent and deposit", alone between blank lines or above a paragraph: the items of a list come one
 * after another. */
static bool is_numbered_title(struct core_str text, size_t start, size_t bullet, size_t end,
                              bool next_blank)
{
    size_t from = start + bullet + 1;
    bool number = text.ptr[start] >= '0' && text.ptr[start] <= '9';
    bool date = from < end && text.ptr[from] >= '0' && text.ptr[from] <= '9';
    return number && !date && reads_as_title(core_strn(text.ptr + from, end - from)) &&
           (next_blank ? !item_before(text, start) && !item_behind(text, end)
                       : !item_in_block(text, end));
}

/* What stands above nothing is no title: "J. Hill, head teacher". */
static bool anything_behind(struct core_str text, size_t end)
{
    return skip_spaces(text, end, text.len) < text.len;
}

static enum ai_sentence_kind line_kind(struct core_str text, size_t start, size_t end,
                                       bool block_first)
{
    size_t content = skip_spaces(text, start, end);
    size_t indent = content - start;
    size_t bullet = bullet_at(text, content, end);
    size_t next = end < text.len ? end + 1 : end;
    size_t next_end = line_end_at(text, next);
    size_t next_content = skip_spaces(text, next, next_end);
    bool next_blank = next_content >= next_end;
    if (bullet && !indent && block_first && (next_blank || next_content == next) &&
        is_numbered_title(text, start, bullet, end, next_blank))
        return AI_SENTENCE_TITLE;
    if (indent <= INDENT_ITEM_MAX && bullet)
        return AI_SENTENCE_ITEM;
    if (indent >= INDENT_CODE)
        return AI_SENTENCE_CODE;
    struct core_str line = core_strn(text.ptr + content, end - content);
    if (core_str_find(line, CORE_STR(" | ")) >= 0)
        return AI_SENTENCE_ROW;
    if (indent >= INDENT_DEFINITION)
        return AI_SENTENCE_DEFINITION;
    size_t next_indent = next_content - next;
    if (!next_blank && next_indent >= INDENT_DEFINITION && next_indent < INDENT_CODE &&
        !bullet_at(text, next_content, next_end))
        return AI_SENTENCE_TERM;
    bool title = block_first && next_blank && reads_as_title(line);
    return title && anything_behind(text, end) ? AI_SENTENCE_TITLE : AI_SENTENCE_PROSE;
}

void ai_sentences_init(struct ai_sentences *it, struct core_str text)
{
    *it = (struct ai_sentences){.text = text, .block_fresh = true};
}

/* Moves to the next line that is not blank. */
static bool next_line(struct ai_sentences *it)
{
    struct core_str text = it->text;
    size_t start = it->at;
    bool first = start == 0;
    it->block_fresh = first;
    if (!first)
        start = it->line_end < text.len ? it->line_end + 1 : text.len;
    while (start < text.len) {
        size_t end = line_end_at(text, start);
        size_t content = skip_spaces(text, start, end);
        if (content < end) {
            it->line_start = start;
            it->line_end = end;
            it->at = content;
            it->line_fresh = true;
            it->kind = line_kind(text, start, end, it->block_fresh);
            return true;
        }
        it->block_fresh = true;
        start = end + 1;
    }
    it->at = it->line_end = text.len;
    return false;
}

/* --- Sentence ends -------------------------------------------------------------------------- */

/* The word [start, end) without opening signs in front and the stop and closing signs behind. */
static struct core_str bare_word(struct core_str text, size_t start, size_t end)
{
    while (start < end) {
        uint32_t c;
        size_t n = core_utf8_next(text, start, &c);
        if (!is_opener(c))
            break;
        start += n;
    }
    while (end > start && (strchr(".!?\"')]`*", text.ptr[end - 1]) != NULL))
        end--;
    return core_strn(text.ptr + start, end - start);
}

/* "4. 2026" or "2026" behind "23." */
static bool goes_on_as_date(struct core_str rest)
{
    size_t digits = 0;
    while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
        digits++;
    bool month = digits >= 1 && digits <= 2 && digits < rest.len && rest.ptr[digits] == '.';
    return month || digits == 4;
}

static bool is_abbreviation(struct core_str text, size_t start, size_t end, size_t next,
                            size_t line_end)
{
    struct core_str word = bare_word(text, start, end);
    char folded[AI_WORD_MAX];
    uint32_t c;
    if (word.len == 0 || word.len > 16)
        return false;
    if (core_utf8_next(word, 0, &c) == word.len && !(c >= '0' && c <= '9'))
        return true; /* an initial, or one letter of "z. B." */
    struct core_str key = core_strn(folded, ai_text_fold(word, folded, sizeof folded));
    if (listed(key, abbreviations, sizeof abbreviations / sizeof *abbreviations))
        return true;
    int64_t number;
    if (core_str_to_i64(word, 0, 99, &number) != 0)
        return false;
    struct core_str rest = core_strn(text.ptr + next, line_end - next);
    if (number >= 1 && number <= 31 && goes_on_as_date(rest))
        return true;
    struct ai_words after;
    struct ai_word month;
    ai_words_init(&after, rest);
    return ai_words_next(&after, &month) &&
           listed(month.folded, months, sizeof months / sizeof *months);
}

/* Does a sentence end with the word [start, end), when `next` is where the following word
 * begins? */
static bool ends_here(struct core_str text, size_t start, size_t end, size_t next, size_t line_end)
{
    size_t at = start;
    uint32_t c = 0;
    uint32_t stop = 0;
    while (at < end) { /* the last sign that is no closer */
        at += core_utf8_next(text, at, &c);
        if (!ai_text_is_closer(c))
            stop = c;
    }
    if (stop != '.' && stop != '!' && stop != '?' && stop != 0x2026)
        return false;
    if (next >= line_end)
        return true;
    bool opened = false;
    for (at = next; at < line_end; opened = true) {
        size_t n = core_utf8_next(text, at, &c);
        if (!is_opener(c))
            break;
        at += n;
    }
    bool lower = core_utf8_is_word(c) && !ai__char_is_upper(c) && !(c >= '0' && c <= '9') &&
                 !ai__char_is_ideograph(c);
    if (lower && !opened)
        return false;
    return stop != '.' || !is_abbreviation(text, start, end, next, line_end);
}

/* --- Pieces --------------------------------------------------------------------------------- */

static bool is_wide_stop(uint32_t c)
{
    return c == 0x3002 || c == 0xFF01 || c == 0xFF1F;
}

/* End of the word at `at`: white space, or one ideograph with the wide stop after it. */
static size_t word_end(struct core_str text, size_t at, size_t end, bool *ret_stop)
{
    uint32_t c;
    size_t start = at;
    *ret_stop = false;
    while (at < end) {
        size_t n = core_utf8_next(text, at, &c);
        if (ai__char_is_space(c) || (ai__char_is_ideograph(c) && at > start))
            break;
        at += n;
        if (is_wide_stop(c)) {
            *ret_stop = true;
            break;
        }
        if (ai__char_is_ideograph(c)) {
            if (at < end && (n = core_utf8_next(text, at, &c), is_wide_stop(c))) {
                at += n;
                *ret_stop = true;
            }
            break;
        }
    }
    return at < end ? at : end;
}

/* Where to stop looking for the end of the word at `at`: a longer one is cut anyway. */
static size_t word_look(const struct ai_sentences *it, size_t at)
{
    struct core_str rest = core_strn(it->text.ptr + at, it->line_end - at);
    return at +
           (rest.len > AI_LIMIT_WORD_BYTES ? core_utf8_cut(rest, AI_LIMIT_WORD_BYTES) : rest.len);
}

/* The longest piece of an overlong word that stays within the token cap. */
static size_t word_cut(struct core_str text, size_t start, size_t end)
{
    size_t len = end - start;
    while (len > 4 && ai_text_tokens(core_strn(text.ptr + start, len)) > AI_LIMIT_SENTENCE_TOKENS)
        len = core_utf8_cut(core_strn(text.ptr + start, end - start), len / 2);
    return len > 0 ? start + len : end;
}

struct piece {
    size_t end;
    unsigned words, tokens;
};

/* The sentence that begins at it->at, within its line. */
static struct piece next_piece(const struct ai_sentences *it)
{
    struct core_str text = it->text;
    struct piece piece = {.end = it->at};
    struct piece cut = {0}; /* where to cut when it grows too long */
    bool splits = it->kind == AI_SENTENCE_PROSE || it->kind == AI_SENTENCE_ITEM ||
                  it->kind == AI_SENTENCE_DEFINITION;
    bool bullet = it->line_fresh && it->kind == AI_SENTENCE_ITEM;
    size_t at = it->at;
    while (at < it->line_end) {
        bool stop;
        size_t end = word_end(text, at, word_look(it, at), &stop);
        unsigned tokens = ai_text_tokens(core_strn(text.ptr + at, end - at));
        if (piece.words > 0 && piece.tokens + tokens > AI_LIMIT_SENTENCE_TOKENS)
            return piece;
        if (tokens > AI_LIMIT_SENTENCE_TOKENS) {
            end = word_cut(text, at, end);
            return (struct piece){end, 1, ai_text_tokens(core_strn(text.ptr + at, end - at))};
        }
        piece.words++;
        piece.tokens += tokens;
        piece.end = end;
        if (piece.words > AI_LIMIT_SENTENCE_WORDS)
            return cut;
        size_t next = skip_spaces(text, end, it->line_end);
        bool first_bullet = bullet && piece.words == 1;
        if (stop || (splits && !first_bullet && ends_here(text, at, end, next, it->line_end)))
            return piece;
        if (piece.words == AI_LIMIT_SENTENCE_CUT)
            cut = piece;
        at = next;
    }
    return piece;
}

bool ai_sentences_next(struct ai_sentences *it, struct ai_sentence *ret)
{
    it->at = skip_spaces(it->text, it->at, it->line_end);
    if (it->at >= it->line_end && !next_line(it))
        return false;
    struct piece piece = next_piece(it);
    *ret = (struct ai_sentence){
        .start = it->at,
        .end = piece.end,
        .words = piece.words,
        .tokens = ai_text_tokens(core_strn(it->text.ptr + it->at, piece.end - it->at)),
        .kind = it->kind,
        .line_first = it->line_fresh,
        .block_first = it->line_fresh && it->block_fresh};
    it->at = piece.end;
    it->line_fresh = false;
    return true;
}
