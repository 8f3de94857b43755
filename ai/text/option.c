/* option.c: "-x" and "--long" in a text, told from dashes inside and between words. */
#include "ai/text/option.h"

#include "core/limits.h"

#include <string.h>

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char byte_at(struct core_str s, size_t i)
{
    return i < s.len ? s.ptr[i] : ' ';
}

/* White space, a bracket, a quote however it is typed, or nothing. */
static bool may_stand_before(struct core_str s, size_t at)
{
    if (!at || strchr(" \n\t([{|,/\"'`", s.ptr[at - 1]))
        return true;
    static const char *const quotes[] = {"„", "“", "‘", "‚", "»", "«"};
    struct core_str before = core_strn(s.ptr, at);
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++)
        if (core_str_ends(before, core_str(quotes[i])))
            return true;
    return false;
}

/* The next option from *at on, which moves behind it. "-5" is one, "--5" and the dashes inside and
 * between words are not. */
static bool next(struct core_str s, size_t *at, struct core_str *ret)
{
    for (size_t i = *at; i + 1 < s.len; i++) {
        if (s.ptr[i] != '-' || !may_stand_before(s, i))
            continue;
        size_t from = s.ptr[i + 1] == '-' ? i + 2 : i + 1, end = from;
        char first = byte_at(s, from);
        if (!is_alpha(first) && !(from == i + 1 && is_digit(first)))
            continue;
        while (end < s.len && (is_alpha(s.ptr[end]) || is_digit(s.ptr[end]) ||
                               ((s.ptr[end] == '-' || s.ptr[end] == '_') &&
                                (is_alpha(byte_at(s, end + 1)) || is_digit(byte_at(s, end + 1))))))
            end++;
        *ret = core_strn(s.ptr + i, end - i);
        *at = end;
        return true;
    }
    return false;
}

size_t ai_options_find(struct core_str text, struct core_str *ret, size_t cap)
{
    struct core_str option;
    size_t count = 0;
    for (size_t at = 0; count < cap && next(text, &at, &option);) {
        size_t i = 0;
        while (i < count && !core_str_eq(ret[i], option))
            i++;
        if (i == count)
            ret[count++] = option;
    }
    return count;
}

bool ai_option_named(struct core_str text, struct core_str option)
{
    struct core_str found;
    for (size_t at = 0; next(text, &at, &found);)
        if (core_str_eq(found, option))
            return true;
    return false;
}

bool ai_option_subject(struct core_str line, struct core_str option)
{
    struct core_str found;
    line = core_str_trim(line);
    bool defines = line.len && line.ptr[0] == '-';
    for (size_t at = 0; next(line, &at, &found);)
        if (core_str_eq(found, option))
            return defines || (size_t)(found.ptr - line.ptr) <= AI_OPTION_HEAD;
    return false;
}
