/*
 * rst_replace.c: ".. |name| replace:: text", wherever it stands, for the uses of |name| before it
 * and behind it. In the text, marks are taken off and other names stay names.
 */
#include "ai/extract/rst.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdlib.h>

struct replacement {
    struct core_str name;
    size_t at, len; /* in texts */
};
struct ai_rst_names {
    struct replacement *all;
    size_t count, cap;
    struct core_buf texts;
};

static unsigned indent_of(struct core_str line)
{
    unsigned n = 0;
    while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
        n++;
    return n;
}

/* Is the line (without its indentation) a definition? */
static bool is_definition(struct core_str line, struct core_str *ret_name,
                          struct core_str *ret_text)
{
    static const char kind[] = "replace::";
    if (!core_str_starts(line, CORE_STR(".. |")))
        return false;
    struct core_str rest = core_strn(line.ptr + 4, line.len - 4), name = {"", 0};
    core_str_split(&rest, '|', &name);
    rest = core_str_trim(rest);
    if (name.len == 0 || !core_str_starts(rest, core_str(kind)))
        return false;
    *ret_name = name;
    *ret_text = core_strn(rest.ptr + sizeof kind - 1, rest.len - (sizeof kind - 1));
    return true;
}

static void put(struct ai_rst_names *names, struct core_str name, struct core_str text)
{
    void *array = names->all;
    struct core_str known;
    if (ai_rst_name(names, name, &known))
        return;
    int status = core_grow(&array, &names->cap, names->count, sizeof *names->all,
                           AI_LIMIT_RST_NAMES);
    names->all = array;
    if (status != 0)
        return; /* its uses stay names */
    size_t at = names->texts.len;
    ai_rst_inline(NULL, core_strn(text.ptr, core_utf8_cut(text, AI_LIMIT_HEADING_BYTES)),
                  &names->texts);
    names->all[names->count++] = (struct replacement){name, at, names->texts.len - at};
}

struct ai_rst_names *ai_rst_names_new(struct core_str text)
{
    struct ai_rst_names *names = core_alloc(sizeof *names);
    struct core_str line, name, first;
    struct core_buf whole;
    *names = (struct ai_rst_names){0};
    core_buf_init(&names->texts, AI_LIMIT_RST_NAMES * AI_LIMIT_HEADING_BYTES);
    core_buf_init(&whole, AI_LIMIT_DOCUMENT_TEXT);
    while (core_str_split(&text, '\n', &line)) {
        unsigned indent = indent_of(line);
        if (!is_definition(core_str_trim(line), &name, &first))
            continue;
        core_buf_clear(&whole);
        core_buf_add_str(&whole, first);
        /* What is indented below it goes on with it. */
        for (struct core_str rest = text; core_str_split(&rest, '\n', &line); text = rest) {
            if (indent_of(line) <= indent || core_str_trim(line).len == 0)
                break;
            core_buf_add_byte(&whole, ' ');
            core_buf_add_str(&whole, core_str_trim(line));
        }
        put(names, name, core_str_trim(core_buf_str(&whole)));
    }
    core_buf_done(&whole);
    return names;
}

void ai_rst_names_free(struct ai_rst_names *names)
{
    if (!names)
        return;
    core_buf_done(&names->texts);
    free(names->all);
    free(names);
}

bool ai_rst_name(const struct ai_rst_names *names, struct core_str name, struct core_str *ret_text)
{
    for (size_t i = 0; names && i < names->count; i++) {
        const struct replacement *r = &names->all[i];
        if (core_str_eq(r->name, name)) {
            *ret_text = core_strn(core_buf_str(&names->texts).ptr + r->at, r->len);
            return true;
        }
    }
    return false;
}
