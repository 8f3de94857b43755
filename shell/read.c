/* read.c: see read.h. */
#include "shell/read.h"

#include "core/limits.h"

#include <stdio.h>

struct core_str shell_read_str(core_json object, const char *name)
{
    struct core_str text = CORE_STR("");
    core_json_str(core_json_get(object, name), &text);
    return text;
}

int64_t shell_read_i64(core_json object, const char *name)
{
    int64_t n = 0;
    core_json_i64(core_json_get(object, name), &n);
    return n;
}

void shell_read_print(const struct core_json_doc *doc)
{
    struct core_buf text;
    core_buf_init(&text, SHELL_LIMIT_ANSWER);
    core_json_print(core_json_root(doc), &text);
    fwrite(text.ptr, 1, text.len, stdout);
    putchar('\n');
    core_buf_done(&text);
}
