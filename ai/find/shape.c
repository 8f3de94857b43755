/* shape.c: paths, dates, phone numbers and the like by their signs and digits. */
#include "ai/find/shape.h"

#include "core/limits_ai.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool opens(struct core_str s, size_t i)
{
    return !i || strchr(" \n\t([|,\"'`", s.ptr[i - 1]);
}

bool ai_shape_path(struct core_str s)
{
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.ptr[i] == '/' && is_alpha(s.ptr[i + 1]) && (opens(s, i) || s.ptr[i - 1] == '~'))
            return true;
        if (s.ptr[i] == '.' && i && is_alpha(s.ptr[i - 1]) && is_alpha(s.ptr[i + 1]))
            return true;
    }
    return false;
}

bool ai_shape_page(struct core_str s)
{
    for (size_t i = 1; i + 2 < s.len; i++)
        if (s.ptr[i] == '(' && is_digit(s.ptr[i + 1]) && is_alpha(s.ptr[i - 1]))
            return true;
    return false;
}

/* --- Numbers -------------------------------------------------------------------------------- */

struct core_str ai_shape_behind_number(struct core_str word)
{
    while (word.len && strchr("0123456789.,:", *word.ptr))
        word = core_strn(word.ptr + 1, word.len - 1);
    return word;
}

bool ai_shape_cents(struct core_str text)
{
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &w)) {
        size_t n = w.folded.len;
        if (w.flags & AI_WORD_NUMBER && n > 3 && strchr(".,", w.folded.ptr[n - 3]))
            return true;
    }
    return false;
}

bool ai_shape_sign(struct core_str text, struct core_str sign)
{
    for (ssize_t at; (at = core_str_find(text, sign)) >= 0;) {
        size_t before = (size_t)at, behind = before + sign.len;
        before -= before > 0 && text.ptr[before - 1] == ' ';
        if ((before > 0 && is_digit(text.ptr[before - 1])) ||
            (behind < text.len && is_digit(text.ptr[behind])))
            return true;
        text = core_strn(text.ptr + behind, text.len - behind);
    }
    return false;
}

/* --- Times ---------------------------------------------------------------------------------- */

bool ai_shape_clock(struct core_str text)
{
    for (size_t i = 1; i + 2 < text.len; i++)
        if (text.ptr[i] == ':' && is_digit(text.ptr[i - 1]) && text.ptr[i + 1] >= '0' &&
            text.ptr[i + 1] <= '5' && is_digit(text.ptr[i + 2]))
            return true;
    return false;
}

bool ai_shape_time(struct core_str word)
{
    static const char *const behind[] = {"st", "nd", "rd", "th", "am", "pm", "h"};
    struct core_str rest = ai_shape_behind_number(word);
    size_t digits = word.len - rest.len;
    for (size_t i = 0; digits > 0 && digits <= 2 && i < sizeof behind / sizeof *behind; i++)
        if (core_str_eq_c(rest, behind[i]))
            return true;
    return false;
}

/* A number of a date at *at, which moves behind it; how many digits it has, 0: none. */
static unsigned take_number(struct core_str s, size_t *at, unsigned *ret)
{
    unsigned digits = 0, value = 0;
    while (*at < s.len && is_digit(s.ptr[*at]) && digits < 5) {
        value = value * 10 + (unsigned)(s.ptr[(*at)++] - '0');
        digits++;
    }
    *ret = value;
    return digits;
}

static bool take(struct core_str s, size_t *at, char c)
{
    bool there = *at < s.len && s.ptr[*at] == c;
    *at += there;
    return there;
}

static bool is_year(unsigned digits, unsigned value)
{
    return digits == 4 && value >= 1000 && value < 3000;
}

static bool is_day(unsigned digits, unsigned value)
{
    return digits > 0 && digits <= 2 && value >= 1 && value <= 31;
}

static bool is_month(unsigned digits, unsigned value)
{
    return is_day(digits, value) && value <= 12;
}

/* "2026-03-12" */
static bool year_first(struct core_str s, size_t at)
{
    unsigned year, month, day, n = take_number(s, &at, &year);
    if (!is_year(n, year) || !take(s, &at, '-'))
        return false;
    n = take_number(s, &at, &month);
    if (!is_month(n, month) || !take(s, &at, '-'))
        return false;
    n = take_number(s, &at, &day);
    return is_day(n, day);
}

/* "12.3.2026", "12. 3.", "3/12/2026"; "3.1." at the beginning is the number of a paragraph. */
static bool day_first(struct core_str s, size_t at, bool *ret_year)
{
    unsigned first, second, year;
    size_t start = at;
    unsigned n = take_number(s, &at, &first);
    bool slash = at < s.len && s.ptr[at] == '/';
    char sign = slash ? '/' : '.';
    if (!is_day(n, first) || !take(s, &at, sign))
        return false;
    bool spaced = !slash && take(s, &at, ' ');
    n = take_number(s, &at, &second);
    if (!(slash ? is_day(n, second) : is_month(n, second)) || !take(s, &at, sign))
        return false;
    size_t end = at;
    at += spaced && at < s.len && s.ptr[at] == ' ';
    n = take_number(s, &at, &year);
    if (is_year(n, year)) {
        *ret_year = true;
        return true;
    }
    return !slash && start > 0 && (end >= s.len || !is_digit(s.ptr[end]));
}

bool ai_shape_date(struct core_str text, bool *ret_year)
{
    bool year = false, found = false;
    for (size_t i = 0; i < text.len && !year; i++) {
        if (!is_digit(text.ptr[i]) ||
            (i && (is_digit(text.ptr[i - 1]) || text.ptr[i - 1] == '.' || text.ptr[i - 1] == '-')))
            continue;
        year = year_first(text, i);
        found = found || year || day_first(text, i, &year);
    }
    *ret_year = year;
    return found;
}

/* --- Ways to reach somebody ------------------------------------------------------------------ */

bool ai_shape_phone(struct core_str text)
{
    for (size_t i = 0; i < text.len;) {
        if (!is_digit(text.ptr[i]) && text.ptr[i] != '+') {
            i++;
            continue;
        }
        unsigned digits = 0;
        size_t from = i;
        /* Between its groups stands at most one sign, and brackets. */
        for (; i < text.len && (is_digit(text.ptr[i]) || strchr(" +-/()", text.ptr[i])); i++) {
            digits += is_digit(text.ptr[i]);
            if (text.ptr[i] == ' ' && i + 1 < text.len && text.ptr[i + 1] == ' ')
                break;
        }
        bool year, inside = i < text.len && is_alpha(text.ptr[i]);
        inside |= i + 1 < text.len && text.ptr[i] == '.' && is_digit(text.ptr[i + 1]);
        struct core_str run = core_strn(text.ptr + from, i - from);
        if (digits >= AI_PHONE_DIGITS && digits <= AI_PHONE_DIGITS_MOST && !inside &&
            !ai_shape_date(run, &year))
            return true;
    }
    return false;
}

bool ai_shape_mail(struct core_str text)
{
    for (size_t i = 1; i + 1 < text.len; i++)
        if (text.ptr[i] == '@' && (is_alpha(text.ptr[i - 1]) || is_digit(text.ptr[i - 1])) &&
            is_alpha(text.ptr[i + 1]))
            return true;
    return false;
}
