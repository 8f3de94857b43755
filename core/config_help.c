/*
 * config_help.c: the list of options for people, from the same table that reads them.
 *
 *     --model-slots N          requests generated side by side (1 to 64; default
 *                              4; SKY_MODEL_SLOTS; model.slots)
 *
 * On narrow terminals the description starts on a line of its own.
 */
#include "core/config_impl.h"

#include "core/err.h"

#include <stdio.h>

/* Where the description starts, and the width below which it goes under the option. */
#define HELP_INDENT 28
#define HELP_WIDE 64
#define HELP_NARROW_INDENT 6

static const char *placeholder(enum core_config_type type)
{
    switch (type) {
    case CORE_CONFIG_PATH:
        return "PATH";
    case CORE_CONFIG_PATHS:
        return "PATH:PATH…";
    case CORE_CONFIG_ADDR:
        return "HOST:PORT";
    case CORE_CONFIG_INT:
        return "N";
    case CORE_CONFIG_CHOICE:
        return "WORD";
    case CORE_CONFIG_STR:
        return "TEXT";
    case CORE_CONFIG_BOOL:
        break;
    }
    return "";
}

void core_config_option(enum core_config_key key, struct core_config_option *ret)
{
    const struct core_config_spec *spec = &core_config_specs[key];
    ret->type = spec->type;
    ret->value = placeholder(spec->type);
    ret->choices = spec->choices;
    core_config_flag_name(key, ret->flag);
    core_config_env_name(key, ret->variable);
}

static size_t width_of(struct core_str s)
{
    size_t width = 0;
    uint32_t code;
    for (size_t at = 0; at < s.len; width++)
        at += core_utf8_next(s, at, &code);
    return width;
}

/* Appends the words of s, breaking lines before `columns`; the first starts at column `at`. */
static void add_wrapped(struct core_buf *out, struct core_str s, size_t at, size_t indent,
                        size_t columns)
{
    struct core_str word;
    bool first = true;
    while (core_str_split(&s, ' ', &word)) {
        size_t width = width_of(word);
        if (!first && at + 1 + width > columns) {
            core_buf_addf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            core_buf_add_byte(out, ' ');
            at++;
        }
        core_buf_add_str(out, word);
        at += width;
        first = false;
    }
    core_buf_add_byte(out, '\n');
}

/* Help, then in brackets what is allowed, the default, the variable and the key of the file. */
static void describe(enum core_config_key key, struct core_buf *out)
{
    const struct core_config_spec *spec = &core_config_specs[key];
    char name[CORE_CONFIG_NAME];
    core_config_env_name(key, name);
    core_buf_addf(out, "%s (", spec->help);
    if (spec->type == CORE_CONFIG_INT)
        core_buf_addf(out, "%lld to %lld; ", (long long)spec->min, (long long)spec->max);
    if (spec->type == CORE_CONFIG_CHOICE) {
        core_config_describe(key, out);
        core_buf_add_c(out, "; ");
    }
    if (spec->fallback[0] != '\0')
        core_buf_addf(out, "default %s; ", spec->fallback);
    core_buf_add_c(out, name);
    if (key != CORE_CONFIG_CONFIG)
        core_buf_addf(out, "; %s", spec->key);
    core_buf_add_c(out, ")");
}

int core_config_help(struct core_buf *out, unsigned columns)
{
    if (columns == 0)
        columns = 80;
    bool wide = columns >= HELP_WIDE;
    size_t indent = wide ? HELP_INDENT : HELP_NARROW_INDENT;
    struct core_buf text;
    core_buf_init(&text, 4096);
    for (int i = 0; i < CORE_CONFIG_KEY_COUNT; i++) {
        enum core_config_key key = (enum core_config_key)i;
        struct core_config_option option;
        core_config_option(key, &option);
        core_buf_clear(&text);
        if (option.type == CORE_CONFIG_BOOL)
            core_buf_addf(&text, "  --[no-]%s", option.flag + 2);
        else
            core_buf_addf(&text, "  %s %s", option.flag, option.value);
        core_buf_add_str(out, core_buf_str(&text));
        size_t width = width_of(core_buf_str(&text));
        if (wide && width + 2 <= indent)
            core_buf_addf(out, "%*s", (int)(indent - width), "");
        else
            core_buf_addf(out, "\n%*s", (int)indent, "");
        core_buf_clear(&text);
        describe(key, &text);
        add_wrapped(out, core_buf_str(&text), indent, indent, columns);
    }
    int err = core_buf_error(&text);
    core_buf_done(&text);
    return err ? err : core_buf_error(out);
}
