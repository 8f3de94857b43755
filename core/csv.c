/* csv.c: see csv.h */
#include "core/csv.h"

void core_csv_init(struct core_csv *csv, struct core_str text)
{
    struct core_str mark = CORE_STR("\xef\xbb\xbf");
    if (core_str_starts(text, mark)) {
        text = core_strn(text.ptr + mark.len, text.len - mark.len);
    }
    *csv = (struct core_csv){.left = text, .line = 1};
}

static void skip(struct core_csv *csv, size_t len)
{
    csv->left = core_strn(csv->left.ptr + len, csv->left.len - len);
}

/* Behind the opening mark. */
static int read_quoted(struct core_csv *csv, struct core_buf *field)
{
    for (;;) {
        ssize_t at = core_str_find_byte(csv->left, '"');
        if (at < 0) {
            return CORE_EINVAL;
        }
        struct core_str part = core_strn(csv->left.ptr, (size_t)at);
        for (size_t i = 0; i < part.len; i++) {
            csv->line += part.ptr[i] == '\n';
        }
        core_buf_add_str(field, part);
        skip(csv, part.len + 1);
        if (csv->left.len == 0 || csv->left.ptr[0] != '"') {
            return core_buf_error(field);
        }
        core_buf_add_byte(field, '"');
        skip(csv, 1);
    }
}

static int read_bare(struct core_csv *csv, struct core_buf *field)
{
    size_t len = 0;
    while (len < csv->left.len && !memchr(",\r\n\"", csv->left.ptr[len], 4)) {
        len++;
    }
    int err = core_buf_add(field, csv->left.ptr, len);
    skip(csv, len);
    return err;
}

/* What stands behind a field. */
static int read_end(struct core_csv *csv, bool *ret_last)
{
    if (csv->left.len == 0) {
        *ret_last = true;
        return 1;
    }
    if (csv->left.ptr[0] == ',') {
        skip(csv, 1);
        csv->open = true;
        *ret_last = false;
        return 1;
    }
    if (core_str_starts(csv->left, CORE_STR("\r\n"))) {
        skip(csv, 1);
    }
    if (csv->left.ptr[0] != '\n') {
        return CORE_EINVAL;
    }
    skip(csv, 1);
    csv->line++;
    *ret_last = true;
    return 1;
}

int core_csv_next(struct core_csv *csv, struct core_buf *field, bool *ret_last)
{
    core_buf_clear(field);
    if (csv->left.len == 0 && !csv->open) {
        return 0;
    }
    csv->open = false;
    int err;
    if (csv->left.len > 0 && csv->left.ptr[0] == '"') {
        skip(csv, 1);
        err = read_quoted(csv, field);
    } else {
        err = read_bare(csv, field);
    }
    err = err ? err : read_end(csv, ret_last);
    if (err < 0) {
        csv->left.len = 0;
        csv->open = false;
    }
    return err;
}
