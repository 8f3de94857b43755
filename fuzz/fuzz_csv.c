/*
 * fuzz_csv.c: CSV and files of costs. Fields that were read are written
 * again, quoted, and read as the same; a file of costs gives only rows that
 * the store takes, and otherwise a reason with its line.
 */
#include "account/room.h"
#include "core/csv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_quoted(struct core_buf *out, struct core_str field, bool last)
{
    core_buf_add_byte(out, '"');
    for (size_t i = 0; i < field.len; i++)
        core_buf_add(out, field.ptr[i] == '"' ? "\"\"" : field.ptr + i,
                     field.ptr[i] == '"' ? 2 : 1);
    core_buf_add_c(out, last ? "\"\r\n" : "\",");
}

/* All fields of the text, quoted; an error ends it. */
static int rewrite(struct core_str text, struct core_buf *out)
{
    struct core_csv csv;
    struct core_buf field;
    bool last = true;
    int got;
    core_buf_init(&field, 4096);
    core_csv_init(&csv, text);
    while ((got = core_csv_next(&csv, &field, &last)) == 1)
        add_quoted(out, core_buf_str(&field), last);
    assert(got == 0 || got == CORE_EINVAL || got == CORE_ETOOBIG);
    assert(got < 0 || last);
    core_buf_done(&field);
    return got;
}

static int on_row(void *arg, const struct account_cost_row *row)
{
    size_t *rows = arg;
    assert(account__date_valid(row->day) && account__currency_valid(row->currency));
    assert(row->service.len > 0 && row->service.len <= ACCOUNT_LIMIT_COST_FIELD);
    assert(core_utf8_valid(row->service) && !memchr(row->service.ptr, 0, row->service.len));
    assert(row->micro >= -100000000000000 && row->micro <= 100000000000000);
    assert(++*rows <= ACCOUNT_LIMIT_COST_ROWS);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct core_str text = core_strn(data, size);
    struct core_buf once, twice;
    struct account_cost_why why = {""};
    size_t rows = 0;
    core_buf_init(&once, 1 << 22);
    core_buf_init(&twice, 1 << 22);
    if (rewrite(text, &once) == 0) {
        int again = rewrite(core_buf_str(&once), &twice);
        assert(again == 0 && core_str_eq(core_buf_str(&once), core_buf_str(&twice)));
    }
    core_buf_done(&once);
    core_buf_done(&twice);
    int err = account__cost_csv(text, on_row, &rows, &why);
    assert(err == 0 ? rows > 0 : strncmp(why.text, "line ", 5) == 0);
    return 0;
}
