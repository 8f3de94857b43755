/*
 * test_run.c: what a run makes of files that moved, changed their names or name each other, beside
 * what was known before.
 */
#include "tests/unit/ai/learn_fixture.h"

static int64_t documents(struct fixture *f, const char *like)
{
    const struct store_value params[] = {STORE_C(like)};
    int64_t n = 0;
    assert_int_equal(store_read_i64(f->store,
                                    "SELECT COUNT(*) FROM document JOIN chunk ON chunk.content_id ="
                                    " document.content_id WHERE chunk.text LIKE $1",
                                    params, 1, &n),
                     0);
    return n;
}

/* One that cannot be a document's says nothing about the documents beside it. */
static void strange_names_keep_nothing(void **state)
{
    struct fixture *f = *state;
    put(f, "a.txt", "Alpha burns kerosene.\n");
    put(f, "b.txt", "Beta is green.\n");
    learn(f, f->docs);
    assert_int_equal(unlink(path_of(f, "a.txt")), 0);
    put(f, "caf\xe9.txt", "Latin.\n");
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->failed, 1);
    assert_int_equal(job->removed, 1);
    assert_int_equal(documents(f, "%kerosene%"), 0);
}

/* The same bytes say something else to another reader. */
static void names_choose_the_reader(void **state)
{
    struct fixture *f = *state;
    static const char text[] = "Part,Price\n\"pump, big\",64\n";
    put(f, "a.log", text);
    put(f, "b.csv", text);
    put(f, "c.csv", text);
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->added, 3);
    assert_int_equal(job->duplicates, 1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM content WHERE mime = 'text/csv'"), 1);
    assert_int_equal(documents(f, "%pump, big | 64%"), 2);
    assert_int_equal(learn(f, f->docs)->unchanged, 3);
}

static int on_title(void *arg, const struct ai_document *document)
{
    char *titles = arg;
    size_t len = strlen(titles);
    snprintf(titles + len, 200 - len, "%.*s;", CORE_STR_ARG(document->title));
    return 0;
}

static void names_stand_for_titles(void **state)
{
    struct fixture *f = *state;
    char titles[200] = "", id[CORE_ID_SIZE];
    put(f, "Budget 2023.csv", "Part,Price\npump,64\n");
    put(f, "named.md", "# Plan\n\nText of the plan.\n");
    learn(f, f->docs);
    char to[PATH_MAX + 64];
    snprintf(to, sizeof to, "%s", path_of(f, "Accounts 2024.csv"));
    assert_int_equal(rename(path_of(f, "Budget 2023.csv"), to), 0);
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->added, 1);
    assert_int_equal(job->duplicates, 1);
    assert_int_equal(job->removed, 1);
    assert_int_equal(
        ai_learn_bytes(f->ai, CORE_STR("sent.csv"), CORE_STR("Part,Price\nhose,12\n"), id), 0);
    wait_job(f, id);
    assert_int_equal(ai_documents(f->ai, CORE_STR(""), CORE_STR(""), 10, on_title, titles), 0);
    assert_string_equal(titles, "Accounts 2024.csv;Plan;sent.csv;");
}

/* What was moved is the same content: found before what has its old name is forgotten. */
static void moves_keep_the_content(void **state)
{
    struct fixture *f = *state;
    char from[PATH_MAX + 64];
    assert_int_equal(mkdir(path_of(f, "aaa"), 0700), 0);
    put(f, "aaa/one.txt", "Pump one was mended.\n");
    put(f, "aaa/two.txt", "Pump two was mended.\n");
    learn(f, f->docs);
    int64_t chunks = number(f, "SELECT SUM(id) FROM chunk");
    snprintf(from, sizeof from, "%s", path_of(f, "aaa"));
    assert_int_equal(rename(from, path_of(f, "zzz")), 0);
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->duplicates, 2);
    assert_int_equal(job->removed, 2);
    assert_int_equal(number(f, "SELECT SUM(id) FROM chunk"), chunks);
    assert_int_equal(documents(f, "%mended%"), 2);
}

static void folder_becomes_file(void **state)
{
    struct fixture *f = *state;
    char root[PATH_MAX + 64];
    snprintf(root, sizeof root, "%s", path_of(f, "x"));
    assert_int_equal(mkdir(root, 0700), 0);
    put(f, "x/inner.txt", "Marmalade inside.\n");
    learn(f, root);
    assert_int_equal(unlink(path_of(f, "x/inner.txt")), 0);
    assert_int_equal(rmdir(root), 0);
    put(f, "x", "Only a file now.\n");
    const struct ai_job *job = learn(f, root);
    assert_int_equal(job->added, 1);
    assert_int_equal(job->removed, 1);
    assert_int_equal(documents(f, "%Marmalade%"), 0);
}

/* --- Aliases -------------------------------------------------------------------------------- */

#define PAGE(files)                                                                                \
    ".TH FOO 1\n.SH NAME\nfoo \\- count files\n.SH LIMITS\nThe limit is " files " files.\n"

static void aliases_follow_their_page(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir(path_of(f, "man1"), 0700), 0);
    put(f, "man1/foo.1", PAGE("nine"));
    put(f, "man1/bar.1", ".so man1/foo.1\n");
    learn(f, f->docs);
    assert_int_equal(learn(f, f->docs)->unchanged, 2);
    put(f, "man1/foo.1", PAGE("twelve"));
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->updated, 2);
    assert_int_equal(documents(f, "%nine files%"), 0);
    assert_int_equal(documents(f, "%twelve files%"), 2);
    assert_int_equal(unlink(path_of(f, "man1/foo.1")), 0);
    job = learn(f, f->docs);
    assert_int_equal(job->failed, 1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM document"), 0);
}

static void aliases_stay_below_the_root(void **state)
{
    struct fixture *f = *state;
    char outside[PATH_MAX + 64], one[PATH_MAX + 64];
    snprintf(outside, sizeof outside, "%s/shadow", f->dir);
    FILE *file = fopen(outside, "w");
    assert_non_null(file);
    fputs("The word is quicksilver.\n", file);
    fclose(file);
    assert_int_equal(symlink("../shadow", path_of(f, "leak")), 0);
    assert_int_equal(symlink("..", path_of(f, "man9")), 0);
    put(f, "leak.1", ".so leak\n");
    put(f, "dir.1", ".so man9/shadow\n");
    assert_int_equal(learn(f, f->docs)->failed, 2);
    snprintf(one, sizeof one, "%s", path_of(f, "dir.1"));
    assert_int_equal(learn(f, one)->failed, 1); /* its folder is as far as it goes */
    assert_int_equal(documents(f, "%quicksilver%"), 0);
}

int main(int argc, char **argv)
{
    int end;
    if (!learn_begin(argc, argv, &end))
        return end;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strange_names_keep_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(names_choose_the_reader, setup, teardown),
        cmocka_unit_test_setup_teardown(names_stand_for_titles, setup, teardown),
        cmocka_unit_test_setup_teardown(moves_keep_the_content, setup, teardown),
        cmocka_unit_test_setup_teardown(folder_becomes_file, setup, teardown),
        cmocka_unit_test_setup_teardown(aliases_follow_their_page, setup, teardown),
        cmocka_unit_test_setup_teardown(aliases_stay_below_the_root, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
