/* test_shell.c: the pieces of the command line that need no server. */
#include "shell/client.h"
#include "shell/command.h"
#include "shell/server.h"
#include "shell/term.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void slips_find_their_command(void **state)
{
    (void)state;
    assert_string_equal(shell_command_nearest("aks"), "ask");
    assert_string_equal(shell_command_nearest("lern"), "learn");
    assert_string_equal(shell_command_nearest("serch"), "search");
    assert_null(shell_command_nearest("photosynthesis"));
    assert_null(shell_command_nearest("0123456789012345678901234567890123456789"));
}

static void every_command_explains_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < shell_command_count; i++) {
        const struct shell_command *c = &shell_commands[i];
        assert_non_null(c->summary);
        assert_non_null(c->help);
        assert_non_null(c->run);
        assert_true(strncmp(c->usage, c->name, strlen(c->name)) == 0);
        assert_ptr_equal(shell_command_find(c->name), c);
    }
}

static void bars_show_the_share(void **state)
{
    (void)state;
    char bar[16];
    shell_bar(0, 6, bar);
    assert_string_equal(bar, "[----]");
    shell_bar(0.5, 6, bar);
    assert_string_equal(bar, "[##--]");
    shell_bar(1, 6, bar);
    assert_string_equal(bar, "[####]");
    shell_bar(7, 3, bar);
    assert_string_equal(bar, "[#]");
    shell_bar(-1, 3, bar);
    assert_string_equal(bar, "[-]");
}

static void printed_by_put(const char *text, size_t len, const char *expected)
{
    char *out = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&out, &size);
    shell_term_put(file, core_strn(text, len));
    fclose(file);
    assert_string_equal(out, expected);
    free(out);
}

static void text_cannot_drive_the_terminal(void **state)
{
    (void)state;
    printed_by_put("a\033[31mb\a\r\nc\td", 13, "a?[31mb??\nc\td");
    printed_by_put("\xc2\x9b"
                   "31m",
                   5, "?31m");
    printed_by_put("\xff\xfe", 2, "\xef\xbf\xbd\xef\xbf\xbd");
    printed_by_put("p\305\231\303\255stav", 9, "p\305\231\303\255stav");
}

static void names_stay_on_their_line(void **state)
{
    (void)state;
    char *out = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&out, &size);
    shell_term_put_line(file, CORE_STR("a\n1. b\tc\033d"));
    fclose(file);
    assert_string_equal(out, "a?1. b?c?d");
    free(out);
}

static void widths_are_bounded(void **state)
{
    (void)state;
    setenv("COLUMNS", "40", 1);
    assert_int_equal(shell_term_columns(), 40);
    setenv("COLUMNS", "3", 1);
    assert_true(shell_term_columns() >= 20);
    setenv("COLUMNS", "nonsense", 1);
    assert_true(shell_term_columns() >= 20);
    unsetenv("COLUMNS");
}

static void queries_are_encoded(void **state)
{
    (void)state;
    struct core_buf out;
    core_buf_init(&out, 256);
    shell_url_encode(&out, CORE_STR("a b&c=\xc3\xa9%?/+~"));
    assert_string_equal(out.ptr, "a%20b%26c%3D%C3%A9%25%3F%2F%2B~");
    core_buf_done(&out);
}

static void only_addresses_are_believed(void **state)
{
    char url[32] = "";
    pid_t pid;
    (void)state;
    assert_int_equal(
        shell_server_url(
            CORE_STR("{\"http\":\"http://h:1\",\"https\":\"https://h:2\",\"pid\":4294967297}"), url,
            sizeof url, &pid),
        0);
    assert_string_equal(url, "http://h:1");
    assert_int_equal(pid, 0);
    assert_int_equal(
        shell_server_url(CORE_STR("{\"http\":null,\"https\":\"https://h:2\",\"pid\":7}"), url,
                         sizeof url, &pid),
        0);
    assert_string_equal(url, "https://h:2");
    assert_int_equal(pid, 7);
    static const char *const bad[] = {"",
                                      "{}",
                                      "[]",
                                      "{\"http\":1}",
                                      "{\"http\":\"file:///x\"}",
                                      "{\"http\":\"http://h\\u0000x\"}",
                                      "{\"http\":\"http://h\\n\"}",
                                      "{\"http\":\"http://abcdefghijklmnopqrstuvwxy\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(shell_server_url(core_str(bad[i]), url, sizeof url, &pid), CORE_ENOTFOUND);
    assert_string_equal(url, "https://h:2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips_find_their_command),
        cmocka_unit_test(every_command_explains_itself),
        cmocka_unit_test(bars_show_the_share),
        cmocka_unit_test(text_cannot_drive_the_terminal),
        cmocka_unit_test(names_stay_on_their_line),
        cmocka_unit_test(widths_are_bounded),
        cmocka_unit_test(queries_are_encoded),
        cmocka_unit_test(only_addresses_are_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
