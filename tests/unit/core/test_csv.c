/* test_csv.c: CSV field by field. */
#include "core/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* "a|b/" for each record, or "!line" where it is wrong. */
static const char *read_all(struct core_str text)
{
    static char out[400];
    struct core_csv csv;
    struct core_buf field;
    size_t len = 0;
    bool last;
    int got;
    core_buf_init(&field, 20);
    core_csv_init(&csv, text);
    *out = '\0';
    while ((got = core_csv_next(&csv, &field, &last)) > 0)
        len += (size_t)snprintf(out + len, sizeof out - len, "%.*s%c", (int)field.len,
                                field.ptr ? field.ptr : "", last ? '/' : '|');
    if (got < 0) {
        snprintf(out + len, sizeof out - len, "!%u", csv.line);
        assert_int_equal(core_csv_next(&csv, &field, &last), 0);
    }
    core_buf_done(&field);
    return out;
}

static void records(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"a,b\nc,d\n", "a|b/c|d/"},
        {"a,b\r\nc,d", "a|b/c|d/"},
        {"\xef\xbb\xbf"
         "a",
         "a/"},
        {"a,\n,b,,\n", "a|/|b||/"},
        {"a,", "a|/"},
        {"\n\n", "//"},
        {"\"a,b\",\"c\"\"d\"\"\",\"\"\r\n", "a,b|c\"d\"|/"},
        {"\"a\nb\r\nc\",d\n", "a\nb\r\nc|d/"},
        {"a\xc5\x99 , b\n", "a\xc5\x99 | b/"},
        {"x\na\"b\n", "x/!2"},
        {"x\ny\n\"a\"b\n", "x/y/!3"},
        {"\"a\n\n\n", "!1"},
        {"\"a\n\"\n\"b", "a\n/!3"},
        {"a\rb\n", "!1"},
        {"a\r", "!1"},
        {"12345678901234567890\n", "12345678901234567890/"},
        {"123456789012345678901\n", "!1"},
        {"\"12345678901234567890\"\"\"\n", "!1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(read_all(core_str(cases[i][0])), cases[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
