/*
 * config_ini.c: one pass over INI text. Knows lines, not keys: what a key means is config.c's.
 */
#include "core/config_ini.h"

#include "core/err.h"

static struct core_str unquoted(struct core_str value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        return core_strn(value.ptr + 1, value.len - 2);
    return value;
}

/* One line without surrounding space. On success *ret_found says whether it holds a pair. */
static int read_line(struct core_str line, struct core_ini_pair *pair, bool *ret_found,
                     const char **ret_why)
{
    *ret_found = false;
    if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
        return 0;
    if (core_str_find_byte(line, '\0') >= 0) {
        *ret_why = "a NUL byte; this is no text file";
        return CORE_EINVAL;
    }
    if (line.ptr[0] == '[') {
        if (line.ptr[line.len - 1] != ']') {
            *ret_why = "a section needs a closing ]";
            return CORE_EINVAL;
        }
        pair->section = core_str_trim(core_strn(line.ptr + 1, line.len - 2));
        return 0;
    }
    ssize_t equals = core_str_find_byte(line, '=');
    if (equals < 0) {
        *ret_why = "neither \"key = value\" nor \"[section]\"";
        return CORE_EINVAL;
    }
    pair->key = core_str_trim(core_strn(line.ptr, (size_t)equals));
    pair->value = unquoted(
        core_str_trim(core_strn(line.ptr + equals + 1, line.len - (size_t)equals - 1)));
    if (pair->key.len == 0) {
        *ret_why = "there is no key before the =";
        return CORE_EINVAL;
    }
    *ret_found = true;
    return 0;
}

int core_ini_read(struct core_str text, int (*on_pair)(void *arg, const struct core_ini_pair *pair),
                  void *arg, unsigned *ret_line, const char **ret_why)
{
    struct core_ini_pair pair = {.section = CORE_STR("")};
    struct core_str line;
    if (core_str_starts(text, CORE_STR("\xef\xbb\xbf"))) { /* some editors mark UTF-8 so */
        text.ptr += 3;
        text.len -= 3;
    }
    while (core_str_split(&text, '\n', &line)) {
        pair.line++;
        bool found;
        int err = read_line(core_str_trim(line), &pair, &found, ret_why);
        if (err) {
            *ret_line = pair.line;
            return err;
        }
        err = found ? on_pair(arg, &pair) : 0;
        if (err)
            return err;
    }
    return 0;
}
