/* test_term.c: the terms are those of SQLite's FTS5, word by word, over the words of real documents
 * and over endings put together. */
#include "ai/index/term.h"

#include <dirent.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    sqlite3 *db;
    sqlite3_stmt *put, *terms, *clear;
    size_t looked;
};

static void run(sqlite3_stmt *statement, int wanted)
{
    assert_int_equal(sqlite3_step(statement), wanted);
    sqlite3_reset(statement);
}

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_int_equal(sqlite3_open(":memory:", &f->db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            f->db,
            "CREATE VIRTUAL TABLE t USING fts5(w, tokenize='porter unicode61 remove_diacritics 2');"
            "CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_prepare_v2(f->db, "INSERT INTO t (rowid, w) VALUES (1, ?)", -1, &f->put, NULL);
    sqlite3_prepare_v2(f->db, "SELECT term FROM v ORDER BY offset", -1, &f->terms, NULL);
    sqlite3_prepare_v2(f->db, "DELETE FROM t", -1, &f->clear, NULL);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    sqlite3_finalize(f->put);
    sqlite3_finalize(f->terms);
    sqlite3_finalize(f->clear);
    sqlite3_close(f->db);
    free(f);
    return 0;
}

/* All terms of a text, by both. */
static void compare(struct fixture *f, struct core_str text)
{
    char word[AI_LIMIT_QUERY_WORD], seen[AI_LIMIT_QUERY_WORD + 1];
    size_t at = 0, len;
    run(f->clear, SQLITE_DONE);
    sqlite3_bind_text(f->put, 1, text.ptr, (int)text.len, SQLITE_STATIC);
    run(f->put, SQLITE_DONE);
    while ((len = ai_term_word(text, &at, word)) > 0) {
        memcpy(seen, word, len);
        seen[len] = 0;
        len = ai_term_make(word, len);
        assert_int_equal(sqlite3_step(f->terms), SQLITE_ROW);
        struct core_str term = core_strn((const char *)sqlite3_column_text(f->terms, 0),
                                         (size_t)sqlite3_column_bytes(f->terms, 0));
        if (!core_str_eq(term, core_strn(word, len)))
            fail_msg("'%s' became '%.*s', of FTS5 '%.*s'", seen, (int)len, word,
                     CORE_STR_ARG(term));
        f->looked++;
    }
    assert_int_equal(sqlite3_step(f->terms), SQLITE_DONE);
    sqlite3_reset(f->terms);
}

static void words_of_documents(void **state)
{
    struct fixture *f = *state;
    static char text[1 << 20];
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/data/docs", getenv("SKY_SOURCE"));
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        size_t n = strlen(path);
        snprintf(path + n, sizeof path - n, "/%s", e->d_name);
        FILE *file = fopen(path, "rb");
        size_t len = file ? fread(text, 1, sizeof text, file) : 0;
        if (file)
            fclose(file);
        path[n] = 0;
        if (core_utf8_valid(core_strn(text, len)))
            compare(f, core_strn(text, len));
    }
    closedir(folder);
    assert_true(f->looked > 500);
}

/* Beginnings that measure 0, 1, 2 and 3, with every
 * ending that the algorithm knows, one or two of them. */
static void endings_put_together(void **state)
{
    struct fixture *f = *state;
    static const char *const starts[] = {
        "",      "t",   "tr",    "ho",     "hop",   "fal",    "fall",  "hiss",   "fizz", "sky",
        "syzyg", "toy", "relat", "condit", "radic", "electr", "adopt", "oscill", "xyz",  "rev"};
    static const char *const endings[] = {
        "",        "s",     "sses",  "ies",   "ss",      "eed",     "ed",      "ing",    "y",
        "e",       "l",     "ll",    "at",    "bl",      "iz",      "ational", "tional", "enci",
        "anci",    "izer",  "logi",  "bli",   "abli",    "alli",    "entli",   "eli",    "ousli",
        "ization", "ation", "ator",  "alism", "iveness", "fulness", "ousness", "aliti",  "iviti",
        "biliti",  "icate", "ative", "alize", "iciti",   "ical",    "ful",     "ness",   "al",
        "ance",    "ence",  "er",    "ic",    "able",    "ible",    "ant",     "ement",  "ment",
        "ent",     "ion",   "sion",  "tion",  "ou",      "ism",     "ate",     "iti",    "ous",
        "ive",     "ize"};
    enum { STARTS = sizeof starts / sizeof *starts, ENDINGS = sizeof endings / sizeof *endings };
    for (size_t i = 0; i < STARTS; i++) {
        for (size_t j = 0; j < ENDINGS; j++) {
            char text[ENDINGS * 40];
            size_t len = 0;
            for (size_t k = 0; k < ENDINGS; k++)
                len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%s ", starts[i],
                                        endings[j], endings[k]);
            compare(f, core_strn(text, len));
        }
    }
}

static void marks_go(void **state)
{
    struct fixture *f = *state;
    compare(f,
            CORE_STR("Žluťoučký kůň Über naïve Ångström e\xcc\x81tude ộng İstanbul straße Ελλάδα "
                     "ЁЛКА 2004 x86_64 don't caf\xc3\xa9s"));
    /* FTS5 keeps the marks of other scripts for ends of words; they are parts of ours. */
    char word[AI_LIMIT_QUERY_WORD] = "e\xcc\x81t\xc3\xa9s";
    assert_int_equal(ai_term_make(word, strlen(word)), 2);
    assert_memory_equal(word, "et", 2);
    char mark[AI_LIMIT_QUERY_WORD] = "\xcc\x81";
    assert_int_equal(ai_term_make(mark, 2), 0);
}

static void overlong_words_are_skipped(void **state)
{
    (void)state;
    char text[4 * AI_LIMIT_QUERY_WORD], word[AI_LIMIT_QUERY_WORD];
    size_t at = 0;
    memset(text, 'a', sizeof text);
    text[sizeof text - 4] = ' ';
    assert_int_equal(ai_term_word(core_strn(text, sizeof text), &at, word), 3);
    assert_int_equal(ai_term_word(core_strn(text, sizeof text), &at, word), 0);
    at = 0;
    assert_int_equal(ai_term_word(core_strn(text, 2 * AI_LIMIT_QUERY_WORD), &at, word), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_documents),
        cmocka_unit_test(endings_put_together),
        cmocka_unit_test(marks_go),
        cmocka_unit_test(overlong_words_are_skipped),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
