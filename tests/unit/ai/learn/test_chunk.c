/* test_chunk.c: chunks are slices, named by their headings, within the caps; real documents stay
 * below 500 tokens of the real model. */
#include "ai/learn/chunk.h"

#include "ai/extract/extract.h"
#include "ai/text/text.h"
#include "core/env.h"
#include "core/err.h"
#include "core/limits.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <llama.h>

static struct ai_chunks make(struct ai_doc *doc)
{
    struct ai_chunks chunks;
    assert_int_equal(ai_chunks_make(doc, &chunks), 0);
    size_t at = 0;
    for (size_t i = 0; i < chunks.count; i++) {
        const struct ai_chunk *c = &chunks.items[i];
        struct core_str text = core_strn(doc->text.ptr + c->start, c->end - c->start);
        assert_true(c->start >= at && c->end > c->start && c->end <= doc->text.len);
        assert_true(core_utf8_valid(text));
        assert_true(ai_text_tokens(text) <= AI_LIMIT_CHUNK_TOKENS);
        at = c->end;
    }
    return chunks;
}

static void put_words(struct ai_doc *doc, unsigned sentences)
{
    struct core_buf line;
    core_buf_init(&line, 1 << 20);
    for (unsigned i = 0; i < sentences; i++)
        core_buf_addf(&line, "Sentence %u has exactly these nine words in it. ", i);
    ai_doc_line(doc, 0, "", core_buf_str(&line));
    core_buf_done(&line);
}

static void headings_name_chunks(void **state)
{
    struct ai_doc doc;
    (void)state;
    ai_doc_init(&doc);
    ai_doc_title(&doc, CORE_STR("Book"));
    ai_doc_heading(&doc, 1, CORE_STR("Book"));
    ai_doc_heading(&doc, 2, CORE_STR("First"));
    put_words(&doc, 12); /* 108 words: half full */
    ai_doc_heading(&doc, 2, CORE_STR("Second"));
    put_words(&doc, 3);
    ai_doc_heading(&doc, 3, CORE_STR("Small"));
    put_words(&doc, 3);
    ai_doc_gap(&doc);
    put_words(&doc, 30);
    struct ai_chunks c = make(&doc);
    assert_int_equal(c.count, 3);
    assert_true(core_str_eq_c(ai_chunk_heading(&c, 0), "First"));
    assert_true(core_str_eq_c(ai_chunk_heading(&c, 1), "Second"));
    assert_true(core_str_eq_c(ai_chunk_heading(&c, 2), "Second > Small"));
    struct core_str second = core_strn(doc.text.ptr + c.items[1].start,
                                       c.items[1].end - c.items[1].start);
    assert_true(core_str_starts(second, CORE_STR("Sentence 0")));
    assert_true(core_str_find(second, CORE_STR("\n\nSmall\n\n")) > 0);
    ai_chunks_done(&c);
    ai_doc_done(&doc);
}

/* What goes on with a table names its columns; what begins with them, and what comes behind it,
 * does not. */
static void rows_know_their_columns(void **state)
{
    struct ai_doc doc;
    char row[64];
    (void)state;
    ai_doc_init(&doc);
    ai_doc_heading(&doc, 2, CORE_STR("Prices"));
    ai_doc_line(&doc, 0, "", CORE_STR("Part | In stock | Price"));
    ai_doc_table(&doc);
    for (unsigned i = 0; i < 100; i++) {
        snprintf(row, sizeof row, "pump %u | %u | %u", i, 100 + i, 200 + i);
        ai_doc_line(&doc, 0, "", core_str(row));
    }
    ai_doc_table_end(&doc);
    ai_doc_gap(&doc);
    put_words(&doc, 30);
    struct ai_chunks c = make(&doc);
    assert_true(c.count >= 5);
    assert_true(core_str_eq_c(ai_chunk_heading(&c, 0), "Prices"));
    for (size_t i = 1; i < c.count; i++) {
        const struct ai_chunk *chunk = &c.items[i];
        bool rows = memcmp(doc.text.ptr + chunk->start, "pump ", 5) == 0;
        assert_true(rows == (chunk->start < doc.tables[0].end));
        assert_true(core_str_eq_c(ai_chunk_heading(&c, i),
                                  rows ? "Prices > Part | In stock | Price" : "Prices"));
    }
    assert_true(c.items[2].start < doc.tables[0].end);
    ai_chunks_done(&c);
    ai_doc_done(&doc);
}

/* A line that begins like the mark of its page says more than the mark: it is text. */
static void marks_hide_no_text(void **state)
{
    struct ai_doc doc;
    (void)state;
    ai_doc_init(&doc);
    ai_doc_mark(&doc, 6, CORE_STR("page 3"));
    ai_doc_line(&doc, 0, "", CORE_STR("page 3 of the manual lists the spare parts."));
    ai_doc_gap(&doc);
    put_words(&doc, 2);
    struct ai_chunks c = make(&doc);
    assert_int_equal(c.count, 1);
    assert_int_equal(c.items[0].start, 0);
    assert_true(core_str_eq_c(ai_chunk_heading(&c, 0), "page 3"));
    ai_chunks_done(&c);
    ai_doc_done(&doc);
}

/* One word that is longer than a chunk, and many short lines: their chunks keep to the cap too. */
static void long_words_and_many_lines_keep_the_cap(void **state)
{
    struct ai_doc doc;
    struct core_buf word;
    (void)state;
    core_buf_init(&word, 1 << 20);
    for (unsigned i = 0; i < 6000; i++)
        core_buf_add_byte(&word, 'x');
    ai_doc_init(&doc);
    ai_doc_line(&doc, 0, "", core_buf_str(&word));
    for (unsigned i = 0; i < 600; i++) {
        ai_doc_code(&doc, 0, CORE_STR("x"));
        ai_doc_gap(&doc);
    }
    struct ai_chunks c = make(&doc);
    assert_true(c.count > 3);
    ai_chunks_done(&c);
    ai_doc_done(&doc);
    core_buf_done(&word);
}

static void terms_stay_with_definitions(void **state)
{
    struct ai_doc doc;
    (void)state;
    ai_doc_init(&doc);
    put_words(&doc, 16);
    ai_doc_gap(&doc);
    ai_doc_line(&doc, 0, "", CORE_STR("--term"));
    ai_doc_line(&doc, AI_DOC_INDENT_TEXT, "",
                CORE_STR("explained in rather many words here, which go on."));
    put_words(&doc, 3);
    struct ai_chunks c = make(&doc);
    assert_int_equal(c.count, 2);
    assert_memory_equal(doc.text.ptr + c.items[1].start, "--term\n  explained", 18);
    ai_chunks_done(&c);
    ai_doc_done(&doc);
}

static void odd_documents(void **state)
{
    struct ai_doc doc;
    (void)state;
    ai_doc_init(&doc);
    struct ai_chunks c = make(&doc);
    assert_int_equal(c.count, 0);
    ai_chunks_done(&c);
    ai_doc_heading(&doc, 1, CORE_STR("Only a heading"));
    c = make(&doc);
    assert_int_equal(c.count, 1);
    ai_chunks_done(&c);
    ai_doc_clear(&doc);
    struct core_buf junk;
    core_buf_init(&junk, 1 << 20);
    while (junk.len < 100000)
        core_buf_add_c(&junk, "x=9;");
    ai_doc_line(&doc, 0, "", core_buf_str(&junk));
    c = make(&doc);
    assert_true(c.count > 50);
    ai_chunks_done(&c);
    core_buf_done(&junk);
    ai_doc_done(&doc);
}

static void names(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"/usr/share/man/man5/apt.conf.5.gz", "apt.conf.5"},
                                           {"/a/README.md", "README"},
                                           {"/x/uptodate.en.html", "uptodate"},
                                           {"upload:my note.txt.gz", "my note"},
                                           {"/a/.md", ".md"},
                                           {"/a/b/", ""}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(core_str_eq_c(ai_chunk_name(core_str(names[i][0])), names[i][1]));
}

static const struct llama_vocab *vocab;
static unsigned real_chunks;

static void check_file(const char *path)
{
    const struct core_env *env = core_env_real();
    struct core_buf bytes;
    struct ai_doc doc;
    core_buf_init(&bytes, AI_LIMIT_DOCUMENT_BYTES);
    ai_doc_init(&doc);
    if (env->fs->read(env->ctx, path, &bytes) == 0 &&
        ai_extract_bytes(&doc, core_str(path), core_buf_str(&bytes)) == 0) {
        struct ai_chunks c = make(&doc);
        for (size_t i = 0; i < c.count; i++, real_chunks++) {
            const char *text = doc.text.ptr + c.items[i].start;
            llama_token tokens[2048];
            int n = llama_tokenize(vocab, text, (int)(c.items[i].end - c.items[i].start), tokens,
                                   2048, false, false);
            if (n < 0 || n > 500)
                fail_msg("%s: chunk %zu has %d tokens", path, i, n);
        }
        ai_chunks_done(&c);
    }
    ai_doc_done(&doc);
    core_buf_done(&bytes);
}

static int on_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    if (flag == FTW_F)
        check_file(path);
    return 0;
}

static void quiet(enum ggml_log_level level, const char *text, void *arg)
{
    (void)level;
    (void)text;
    (void)arg;
}

static void real_documents_stay_below_500_tokens(void **state)
{
    const char *deps = getenv("SKY_DEPS");
    char model_path[4096];
    char docs[4096];
    (void)state;
    snprintf(model_path, sizeof model_path, "%s/models/smollm2.gguf", deps ? deps : "build/deps");
    snprintf(docs, sizeof docs, "%s/docs-test/", deps ? deps : "build/deps");
    if (access(model_path, R_OK) != 0 || access(docs, R_OK) != 0)
        skip();
    struct llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    llama_log_set(quiet, NULL);
    struct llama_model *model = llama_model_load_from_file(model_path, params);
    assert_non_null(model);
    vocab = llama_model_get_vocab(model);
    nftw(docs, on_file, 16, 0);
    llama_model_free(model);
    assert_true(real_chunks > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headings_name_chunks),
        cmocka_unit_test(rows_know_their_columns),
        cmocka_unit_test(marks_hide_no_text),
        cmocka_unit_test(long_words_and_many_lines_keep_the_cap),
        cmocka_unit_test(terms_stay_with_definitions),
        cmocka_unit_test(odd_documents),
        cmocka_unit_test(names),
        cmocka_unit_test(real_documents_stay_below_500_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
