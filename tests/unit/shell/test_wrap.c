/* test_wrap.c: words stay whole, whatever pieces they come in and however wide they are. */
#include "shell/wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <locale.h>

#include <cmocka.h>

static char *text;
static size_t len;
static struct shell_wrap wrap;

static void begin(unsigned columns, unsigned indent)
{
    FILE *file = open_memstream(&text, &len);
    assert_non_null(file);
    shell_wrap_init(&wrap, file);
    assert_int_equal(wrap.columns, 0); /* no terminal */
    wrap.columns = columns;
    wrap.indent = indent;
}

static void ends_as(const char *expected)
{
    FILE *file = wrap.file;
    shell_wrap_done(&wrap);
    fclose(file);
    assert_string_equal(text, expected);
    free(text);
}

static void words_stay_whole_in_any_pieces(void **state)
{
    (void)state;
    const char *all = "The service listens on port 7411.\nIt is quiet.";
    for (size_t cut = 0; cut <= strlen(all); cut++) {
        begin(12, 2);
        shell_wrap_put(&wrap, core_strn(all, cut));
        shell_wrap_put(&wrap, core_str(all + cut));
        ends_as("The service\n  listens on\n  port 7411.\nIt is quiet.");
    }
}

static void what_fits_exactly_is_not_broken(void **state)
{
    (void)state;
    begin(7, 0);
    shell_wrap_c(&wrap, "abc def ghi");
    ends_as("abc def\nghi");
}

static void a_long_word_is_left_to_the_terminal(void **state)
{
    (void)state;
    begin(10, 2);
    shell_wrap_c(&wrap, "see https://example.org/a/b/c now");
    ends_as("see\n  https://example.org/a/b/c\n  now");
    begin(10, 3);
    for (int i = 0; i < 500; i++) {
        shell_wrap_c(&wrap, "abcdefgh");
    }
    FILE *file = wrap.file;
    shell_wrap_done(&wrap);
    fclose(file);
    assert_int_equal(len, 4000);
    assert_null(strchr(text, '\n'));
    free(text);
}

static void wide_letters_and_controls(void **state)
{
    (void)state;
    begin(8, 0);
    shell_wrap_c(&wrap, "港の灯台 青い 船");
    ends_as("港の灯台\n青い 船");
    begin(20, 0);
    shell_wrap_c(&wrap, "a\x1b[2Jb \r c");
    ends_as("a?[2Jb ? c");
    begin(20, 0);
    shell_wrap_put_line(&wrap, CORE_STR("one\ntwo\tthree"));
    ends_as("one?two?three");
}

static void spaces_and_tabs_of_code_are_kept(void **state)
{
    (void)state;
    begin(20, 0);
    shell_wrap_c(&wrap, "if x:\n    go  on\n\tend");
    ends_as("if x:\n    go  on\n        end");
}

static void paths_lose_their_beginning(void **state)
{
    (void)state;
    begin(20, 5);
    shell_wrap_c(&wrap, "  1. ");
    shell_wrap_path(&wrap, CORE_STR("/srv/someone/papers/a.md"));
    shell_wrap_c(&wrap, " · Part");
    ends_as("  1. …/papers/a.md ·\n     Part");
    begin(40, 5);
    shell_wrap_path(&wrap, CORE_STR("/srv/someone/papers/a.md"));
    ends_as("/srv/someone/papers/a.md");
    begin(0, 5);
    shell_wrap_path(&wrap, CORE_STR("/srv/someone/papers/a.md"));
    ends_as("/srv/someone/papers/a.md");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_stay_whole_in_any_pieces),
        cmocka_unit_test(what_fits_exactly_is_not_broken),
        cmocka_unit_test(a_long_word_is_left_to_the_terminal),
        cmocka_unit_test(wide_letters_and_controls),
        cmocka_unit_test(spaces_and_tabs_of_code_are_kept),
        cmocka_unit_test(paths_lose_their_beginning),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
