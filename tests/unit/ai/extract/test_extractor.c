/*
 * test_extractor.c: the child process: it answers, it is replaced when it dies or lies, it stops
 * when asked. This program is the child too, and several bad children.
 */
#include "ai/ai.h"
#include "ai/extract/extract.h"
#include "core/err.h"
#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char program[PATH_MAX];

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static bool few_times(void *arg)
{
    return (*(int *)arg)-- > 0;
}

static int run(struct ai_extractor *e, const char *name, const char *bytes, struct ai_doc *doc)
{
    ai_doc_init(doc);
    return ai_extractor_run(e, core_str(name), core_str(bytes), always, NULL, doc);
}

static void answers(void **state)
{
    struct ai_extractor *e = ai_extractor_new(core_env_real(), program);
    struct ai_doc doc;
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(run(e, "x.md", "# Head\n\nText.\n\n## More\n\nEnd.\n", &doc), 0);
        assert_string_equal(doc.text.ptr, "Head\n\nText.\n\nMore\n\nEnd.");
        assert_string_equal(doc.title.ptr, "Head");
        assert_int_equal(doc.heading_count, 2);
        assert_true(core_str_eq_c(ai_doc_heading_text(&doc, 1), "More"));
        assert_int_equal(doc.headings[1].start, 13);
        assert_string_equal(ai_doc_mime(doc.kind), "text/markdown");
        ai_doc_done(&doc);
        assert_int_equal(run(e, "x.csv", "part,price\npump,64\n", &doc), 0);
        assert_int_equal(doc.table_count, 1);
        assert_int_equal(doc.tables[0].start, 0);
        assert_int_equal(doc.tables[0].end, doc.text.len);
        ai_doc_done(&doc);
        assert_int_equal(run(e, "x", "", &doc), CORE_EUNSUPPORTED);
        assert_string_equal(doc.why, "it is empty");
        ai_doc_done(&doc);
        if (i == 1)
            ai_extractor_rest(e);
    }
    ai_extractor_free(e);
}

static void large_documents_pass(void **state)
{
    struct ai_extractor *e = ai_extractor_new(core_env_real(), program);
    struct ai_doc doc;
    struct core_buf text;
    (void)state;
    core_buf_init(&text, 8 << 20);
    while (text.len < 3 << 20)
        core_buf_addf(&text, "This is sentence number %zu of many.\n\n", text.len);
    ai_doc_init(&doc);
    assert_int_equal(
        ai_extractor_run(e, CORE_STR("big.txt"), core_buf_str(&text), always, NULL, &doc), 0);
    assert_true(doc.text.len > 2 << 20);
    ai_doc_done(&doc);
    core_buf_done(&text);
    ai_extractor_free(e);
}

/* A child that behaves badly by the name of the program that it was started as. */
static int bad_child(const char *how)
{
    struct ai_extract_answer a = {.magic = AI_EXTRACT_MAGIC, .text_bytes = 4};
    struct ai_extract_request r;
    if (read(0, &r, sizeof r) < 0)
        return 1;
    if (strcmp(how, "dies") == 0)
        raise(SIGKILL);
    if (strcmp(how, "hangs") == 0)
        for (;;)
            pause();
    if (strcmp(how, "magic") == 0)
        a.magic++;
    if (strcmp(how, "size") == 0)
        a.text_bytes = UINT64_MAX;
    if (strcmp(how, "kind") == 0)
        a.kind = AI_DOC_KINDS;
    if (strcmp(how, "headings") == 0)
        a.headings = UINT32_MAX;
    struct ai_extract_heading h = {.start = 100, .level = 1, .bytes = 1};
    struct ai_extract_table t = {.end = 4};
    if (strcmp(how, "beyond") == 0)
        t.end = 5; /* than the text */
    if (strcmp(how, "rowless") == 0)
        t.end = 0;
    if (strcmp(how, "inside") == 0)
        t.start = 1; /* of a character */
    a.tables = strcmp(how, "tables") == 0 ? UINT32_MAX : t.end != 4 || t.start != 0;
    if (strcmp(how, "within") == 0)
        h.start = 1; /* of a character */
    if (strcmp(how, "nameless") == 0)
        h = (struct ai_extract_heading){.level = 1};
    a.headings += strcmp(how, "outside") == 0 || strcmp(how, "within") == 0 ||
                  strcmp(how, "nameless") == 0;
    if (a.headings == 1)
        a.heading_text_bytes = h.bytes;
    ssize_t n = write(1, &a, sizeof a);
    if (a.headings == 1)
        n += write(1, &h, sizeof h);
    if (a.tables == 1)
        n += write(1, &t, sizeof t);
    if (a.headings == 1)
        n += write(1, "h", h.bytes);
    n += write(1,
               strcmp(how, "utf8") == 0     ? "\xff\xfe\xfd\xfc"
               : strcmp(how, "nul") == 0    ? "te\0t"
               : strcmp(how, "return") == 0 ? "te\rt"
                                            : "\xc3\xa9xt",
               4);
    return n < 0;
}

static void bad_children_cost_one_document(void **state)
{
    static const char *const how[] = {"dies",     "magic",  "size",   "headings", "outside",
                                      "within",   "tables", "beyond", "rowless",  "inside",
                                      "nameless", "kind",   "utf8",   "nul",      "return"};
    struct ai_doc doc;
    (void)state;
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        char link[64];
        char here[PATH_MAX];
        char full[PATH_MAX + 80];
        snprintf(link, sizeof link, "sky-bad-%d-%s", (int)getpid(), how[i]);
        assert_int_equal(symlink(program, link), 0);
        assert_non_null(getcwd(here, sizeof here));
        snprintf(full, sizeof full, "%s/%s", here, link);
        struct ai_extractor *e = ai_extractor_new(core_env_real(), full);
        for (unsigned again = 0; again < 2; again++) {
            int status = run(e, "x.txt", "text", &doc);
            assert_int_equal(status, CORE_ECORRUPT);
            assert_int_equal(doc.text.len, 0);
            ai_doc_done(&doc);
        }
        ai_extractor_free(e);
        unlink(link);
    }
}

static void waiting_can_be_ended(void **state)
{
    struct ai_doc doc;
    char link[64];
    char here[PATH_MAX];
    char full[PATH_MAX + 80];
    int times = 3;
    (void)state;
    snprintf(link, sizeof link, "sky-bad-%d-hangs", (int)getpid());
    assert_int_equal(symlink(program, link), 0);
    assert_non_null(getcwd(here, sizeof here));
    snprintf(full, sizeof full, "%s/%s", here, link);
    struct ai_extractor *e = ai_extractor_new(core_env_real(), full);
    ai_doc_init(&doc);
    assert_int_equal(ai_extractor_run(e, CORE_STR("x"), CORE_STR("y"), few_times, &times, &doc),
                     CORE_ECANCELLED);
    ai_doc_done(&doc);
    ai_extractor_free(e);
    unlink(link);
}

static void no_program(void **state)
{
    struct ai_extractor *e = ai_extractor_new(core_env_real(), "/no/such/program");
    struct ai_doc doc;
    (void)state;
    assert_int_equal(run(e, "x", "y", &doc), CORE_EIO);
    assert_string_equal(doc.why, "the extraction process does not start: /no/such/program");
    ai_doc_done(&doc);
    ai_extractor_free(e);
}

#define LIMIT_NS (AI_LIMIT_EXTRACT_MS * UINT64_C(1000000))

static uint64_t late_ns(void *ctx)
{
    return *(uint64_t *)ctx += LIMIT_NS / 40; /* at each look at the clock */
}

static void time_ends(void **state)
{
    struct ai_doc doc;
    char link[64], here[PATH_MAX], full[PATH_MAX + 80], why[AI_LIMIT_WHY];
    uint64_t now_ns = 0;
    struct core_env env = *core_env_real();
    (void)state;
    env.ctx = &now_ns;
    env.mono_ns = late_ns;
    snprintf(link, sizeof link, "sky-bad-%d-hangs", (int)getpid());
    assert_int_equal(symlink(program, link), 0);
    assert_non_null(getcwd(here, sizeof here));
    snprintf(full, sizeof full, "%s/%s", here, link);
    struct ai_extractor *e = ai_extractor_new(&env, full);
    assert_int_equal(run(e, "x", "y", &doc), CORE_ETIMEOUT);
    snprintf(why, sizeof why, "reading it took longer than %d s", AI_LIMIT_EXTRACT_MS / 1000);
    assert_string_equal(doc.why, why);
    assert_true(now_ns >= LIMIT_NS && now_ns < LIMIT_NS / 4 * 5);
    ai_doc_done(&doc);
    ai_extractor_free(e);
    unlink(link);
}

int main(int argc, char **argv)
{
    const char *bad = strstr(argv[0], "sky-bad-");
    if (bad && strrchr(bad, '-'))
        return bad_child(strrchr(bad, '-') + 1);
    if (argc > 1 && strcmp(argv[1], "extract-worker") == 0)
        return ai_extract_worker();
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(large_documents_pass),
        cmocka_unit_test(bad_children_cost_one_document),
        cmocka_unit_test(waiting_can_be_ended),
        cmocka_unit_test(no_program),
        cmocka_unit_test(time_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
