/* wrap.c: see wrap.h. */
#include "shell/wrap.h"

#include "core/limits.h"
#include "shell/term.h"

#include <stdarg.h>
#include <wchar.h>

enum { TAB = 8 };

void shell_wrap_init(struct shell_wrap *wrap, FILE *file)
{
    unsigned columns = shell_term_is(file) ? shell_term_columns() : 0;
    *wrap = (struct shell_wrap){.file = file,
                                .columns = columns > SHELL_LIMIT_LINE ? SHELL_LIMIT_LINE : columns};
    core_buf_init(&wrap->word, SHELL_LIMIT_WORD);
}

static unsigned width_of(uint32_t code)
{
    int width = wcwidth((wchar_t)code);
    return width < 0 ? 1 : (unsigned)width;
}

static void newline(struct shell_wrap *wrap, unsigned indent)
{
    fprintf(wrap->file, "\n%*s", (int)indent, "");
    wrap->at = indent;
    wrap->spaces = 0;
}

static void word_put(struct shell_wrap *wrap)
{
    if (wrap->width) {
        bool begun = wrap->at > wrap->indent;
        if (begun && wrap->spaces && wrap->at + wrap->spaces + wrap->width > wrap->columns) {
            newline(wrap, wrap->indent);
        }
        fprintf(wrap->file, "%*s", (int)wrap->spaces, "");
        wrap->at += wrap->spaces + wrap->width;
        wrap->spaces = wrap->width = 0;
        /* Where the terminal broke the word itself. */
        wrap->at = wrap->at > wrap->columns ? wrap->at % wrap->columns : wrap->at;
    }
    if (wrap->word.len) {
        fwrite(wrap->word.ptr, 1, wrap->word.len, wrap->file);
    }
    core_buf_clear(&wrap->word);
}

static void character_put(struct shell_wrap *wrap, uint32_t code)
{
    char bytes[4];
    if (code == '\n') {
        word_put(wrap);
        newline(wrap, 0);
    } else if (code == '\t') {
        word_put(wrap);
        wrap->spaces += TAB - (wrap->at + wrap->spaces) % TAB;
    } else if (code == ' ') {
        word_put(wrap);
        wrap->spaces++;
    } else {
        if (wrap->word.len + sizeof bytes > SHELL_LIMIT_WORD) {
            word_put(wrap);
        }
        code = shell_term_safe(code);
        core_buf_add(&wrap->word, bytes, core_utf8_put(code, bytes));
        wrap->width += width_of(code);
    }
}

void shell_wrap_put(struct shell_wrap *wrap, struct core_str text)
{
    if (!wrap->columns) {
        shell_term_put(wrap->file, text);
        return;
    }
    for (size_t at = 0; at < text.len;) {
        uint32_t code;
        at += core_utf8_next(text, at, &code);
        character_put(wrap, code);
    }
}

void shell_wrap_put_line(struct shell_wrap *wrap, struct core_str text)
{
    if (!wrap->columns) {
        shell_term_put_line(wrap->file, text);
        return;
    }
    for (size_t at = 0; at < text.len;) {
        uint32_t code;
        at += core_utf8_next(text, at, &code);
        character_put(wrap, code == '\n' || code == '\t' ? '?' : code);
    }
}

void shell_wrap_c(struct shell_wrap *wrap, const char *text)
{
    shell_wrap_put(wrap, core_str(text));
}

__attribute__((format(printf, 2, 0))) static void formatted_put(struct shell_wrap *wrap,
                                                                const char *format, va_list args)
{
    char text[1024];
    vsnprintf(text, sizeof text, format, args);
    shell_wrap_c(wrap, text);
}

void shell_wrap_f(struct shell_wrap *wrap, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    formatted_put(wrap, format, args);
    va_end(args);
}

void shell_wrap_style(struct shell_wrap *wrap, const char *code)
{
    const char *style = shell_term_style(wrap->file, code);
    if (wrap->columns) {
        core_buf_add_c(&wrap->word, style);
    } else {
        fputs(style, wrap->file);
    }
}

static unsigned width_of_text(struct core_str text)
{
    unsigned width = 0;
    uint32_t code;
    for (size_t at = 0; at < text.len;) {
        at += core_utf8_next(text, at, &code);
        width += width_of(code);
    }
    return width;
}

void shell_wrap_path(struct shell_wrap *wrap, struct core_str path)
{
    unsigned used;
    word_put(wrap);
    used = wrap->at + wrap->spaces;
    struct core_str tail = path;
    if (wrap->columns && used + width_of_text(path) > wrap->columns) {
        ssize_t slash;
        while (used + 1 + width_of_text(tail) > wrap->columns && tail.len > 1 &&
               (slash = core_str_find_byte(core_strn(tail.ptr + 1, tail.len - 1), '/')) >= 0) {
            tail = core_strn(tail.ptr + 1 + slash, tail.len - 1 - (size_t)slash);
        }
        shell_wrap_c(wrap, tail.ptr == path.ptr ? "" : "…");
    }
    shell_wrap_put_line(wrap, tail);
}

void shell_wrap_done(struct shell_wrap *wrap)
{
    word_put(wrap);
    core_buf_done(&wrap->word);
}

void shell_wrap_say(FILE *file, const char *format, ...)
{
    struct shell_wrap wrap;
    va_list args;
    shell_wrap_init(&wrap, file);
    va_start(args, format);
    formatted_put(&wrap, format, args);
    va_end(args);
    shell_wrap_c(&wrap, "\n");
    shell_wrap_done(&wrap);
}
