/* columns_cell.c: lines that are laid out with spaces, and the cells in them. */
#include "ai/extract/columns.h"

/* Spaces between cells. */
#define GAP 2

struct ai_columns_line ai_columns_line(struct core_str raw)
{
    struct ai_columns_line line = {.indent = 0};
    size_t at = 0;
    while (at < raw.len && (raw.ptr[at] == ' ' || raw.ptr[at] == '\t' || raw.ptr[at] == '\f')) {
        line.indent += raw.ptr[at] == '\t' ? AI_COLUMNS_TAB - line.indent % AI_COLUMNS_TAB : 1;
        at++;
    }
    line.text = core_str_trim(core_strn(raw.ptr + at, raw.len - at));
    return line;
}

size_t ai_columns_cells(const struct ai_columns_line *line,
                        struct ai_columns_cell ret[static AI_COLUMNS_MAX])
{
    struct core_str s = line->text;
    size_t count = 0, end = 0;
    unsigned column = line->indent, end_column = column, spaces = GAP;
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        size_t start = at;
        at += core_utf8_next(s, at, &c);
        if (c == ' ' || c == '\t') {
            unsigned n = c == '\t' ? AI_COLUMNS_TAB - column % AI_COLUMNS_TAB : 1;
            spaces += c == '\t' ? GAP : 1;
            column += n;
            continue;
        }
        /* Two spaces after a full stop are an old habit. */
        bool habit = spaces == GAP && end > 0 && strchr(".!?", s.ptr[end - 1]) != NULL;
        if (spaces >= GAP && !habit && count < AI_COLUMNS_MAX) {
            if (count > 0) {
                ret[count - 1].span.to = end_column;
                ret[count - 1].text.len = (size_t)(s.ptr + end - ret[count - 1].text.ptr);
            }
            ret[count++] = (struct ai_columns_cell){{s.ptr + start, 0}, {column, column}};
        }
        spaces = 0;
        end = at;
        end_column = ++column;
    }
    if (count > 0) {
        ret[count - 1].span.to = end_column;
        ret[count - 1].text.len = (size_t)(s.ptr + end - ret[count - 1].text.ptr);
    }
    return count;
}

bool ai_columns_is_value(struct core_str cell)
{
    size_t digits = 0, words = 0;
    bool first = false;
    for (size_t at = 0; at < cell.len;) {
        uint32_t c;
        at += core_utf8_next(cell, at, &c);
        bool digit = c >= '0' && c <= '9';
        if (!core_utf8_is_word(c))
            continue;
        first = first || (words == 0 && digit);
        digits += digit;
        words++;
    }
    return words == 0 || first || digits * 2 >= words;
}

bool ai_columns_goes_on(struct core_str cell)
{
    uint32_t c = 0;
    core_utf8_next(cell, 0, &c);
    return core_utf8_is_word(c) && core_utf8_lower(c) == c && !(c >= '0' && c <= '9') &&
           core_utf8_plain(c) < 0x80;
}

bool ai_columns_is_rule(struct core_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!strchr("=-_+|~*#.: \t", s.ptr[i]) || s.ptr[i] == 0)
            return false;
    }
    return s.len > 2;
}

bool ai_columns_is_dotted(struct core_str s)
{
    size_t dots = 0, longest = 0;
    for (size_t i = 0; i < s.len; i++) {
        dots = s.ptr[i] == '.' ? dots + 1 : s.ptr[i] == ' ' ? dots : 0;
        longest = dots > longest ? dots : longest;
    }
    return longest >= 5;
}
