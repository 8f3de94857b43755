/*
 * windows.c: cutting a text into windows (see windows.h). One pass: words are added to a window
 * until the next does not fit; then the window ends there, or at the last sentence's end that
 * leaves it at least half full, and the next begins right after. Words taken back are counted
 * again, at most half a window each time.
 */
#include "ai/model/windows.h"

#include <assert.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t skip_space(struct core_str text, size_t at)
{
    while (at < text.len && is_space(text.ptr[at]))
        at++;
    return at;
}

static size_t skip_word(struct core_str text, size_t at)
{
    while (at < text.len && !is_space(text.ptr[at]))
        at++;
    return at;
}

/* After the word that ends at `end`: a sentence's mark
 * (perhaps in a closing quote or bracket), or a blank line. */
static bool sentence_ends(struct core_str text, size_t end)
{
    size_t i = end;
    while (i > 0 && (text.ptr[i - 1] == '"' || text.ptr[i - 1] == '\'' || text.ptr[i - 1] == ')'))
        i--;
    if (i > 0 && (text.ptr[i - 1] == '.' || text.ptr[i - 1] == '!' || text.ptr[i - 1] == '?'))
        return true;
    unsigned lines = 0;
    for (i = end; i < text.len && is_space(text.ptr[i]); i++)
        lines += text.ptr[i] == '\n';
    return lines > 1;
}

/* The longest prefix of an overlong word that fits, at a code point; at least one code point. */
static size_t prefix_that_fits(struct core_str word, size_t tokens, ai_token_counter count,
                               void *arg)
{
    size_t len = word.len;
    while (len > 1 && count(arg, core_strn(word.ptr, len)) > tokens) {
        size_t half = core_utf8_cut(word, len / 2);
        if (half == 0)
            break;
        len = half;
    }
    uint32_t code;
    size_t first = core_utf8_next(word, 0, &code);
    return len < first ? first : len;
}

/* The end of the window that begins at `start`, which is a word. */
static size_t window_end(struct core_str text, size_t start, size_t tokens, ai_token_counter count,
                         void *arg)
{
    size_t used = 0, end = start, sentence = 0;
    for (size_t at = start; at < text.len; at = skip_space(text, end)) {
        size_t word_end = skip_word(text, at);
        struct core_str word = core_strn(text.ptr + at, word_end - at);
        size_t n = count(arg, word);
        if (used + n > tokens) {
            if (used == 0)
                return at + prefix_that_fits(word, tokens, count, arg);
            return sentence ? sentence : end;
        }
        used += n;
        end = word_end;
        if (used * 2 >= tokens && sentence_ends(text, end))
            sentence = end;
    }
    return end;
}

size_t ai_windows_cut(struct core_str text, size_t tokens, ai_token_counter count, void *arg,
                      size_t (*ret_windows)[2], size_t cap)
{
    assert(tokens > 0);
    size_t windows = 0;
    for (size_t at = skip_space(text, 0); at < text.len && windows < cap; windows++) {
        size_t end = window_end(text, at, tokens, count, arg);
        ret_windows[windows][0] = at;
        ret_windows[windows][1] = end;
        at = skip_space(text, end);
    }
    return windows;
}
