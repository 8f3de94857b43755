/*
 * test_learn.c: folders, uploads, changes and removals through the whole room: real store, real
 * extraction child (this program again).
 */
#include "tests/unit/ai/learn_fixture.h"

#include <fcntl.h>

/* --- Tests ---------------------------------------------------------------------------------- */

static int on_slice(void *arg, const struct store_row *row)
{
    unsigned *n = arg;
    struct core_str text = store_row_str(row, 0);
    size_t start = (size_t)store_row_i64(row, 1);
    size_t end = (size_t)store_row_i64(row, 2);
    assert_true(start < end && end <= text.len);
    assert_true(core_str_eq(core_strn(text.ptr + start, end - start), store_row_str(row, 3)));
    (*n)++;
    return 0;
}

static void folder_is_learned(void **state)
{
    struct fixture *f = *state;
    unsigned slices = 0;
    put_some(f);
    put(f, "copy of a.md",
        "# Alpha\n\nThe alpha engine needs **four** litres of oil.\n\n- one\n- two\n");
    assert_int_equal(mkdir(path_of(f, "sub"), 0700), 0);
    put(f, "sub/d.txt", "Delta is below.\n");
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->state, AI_JOB_DONE);
    assert_int_equal(job->files_total, 6);
    assert_int_equal(job->files_done, 6);
    assert_int_equal(job->added, 6);
    assert_int_equal(job->duplicates, 1);
    assert_int_equal(job->failed, 0);
    struct ai_knowledge k;
    ai_knowledge_now(f->ai, &k);
    assert_int_equal(k.documents, 6);
    assert_int_equal(k.chunks, number(f, "SELECT COUNT(*) FROM chunk"));
    assert_int_equal(number(f, "SELECT COUNT(*) FROM content"), 5);
    assert_int_equal(store_read(f->store,
                                "SELECT content.text, start_at, end_at, chunk.text FROM chunk"
                                " JOIN content ON content.id = chunk.content_id",
                                NULL, 0, on_slice, &slices),
                     0);
    assert_int_equal(slices, k.chunks);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM content WHERE title = 'thing - does a thing'"
                               " AND mime = 'text/troff'"),
                     1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM content WHERE text LIKE '%menu%'"), 0);
    /* Again: nothing to do. */
    job = learn(f, f->docs);
    assert_int_equal(job->unchanged, 6);
    assert_int_equal(job->added + job->updated + job->removed, 0);
}

static void strange_files_stop_nothing(void **state)
{
    struct fixture *f = *state;
    put_some(f);
    put_bytes(f, "broken.pdf", "%PDF-1.4\nnothing follows", 24);
    put_bytes(f, "picture.png", "\x89PNG\r\n\x1a\n\0\0\0\0", 12);
    put_bytes(f, "zeros.txt", "abc\0\0\0def", 9);
    put_bytes(f, "cut.gz", "\x1f\x8b\x08\0\0\0\0\0\0\3garbage", 17);
    put_bytes(f, "fake.docx", "PK\3\4 not an archive", 19);
    put(f, "empty.txt", "");
    put(f, ".hidden.txt", "Secret words.");
    assert_int_equal(mkdir(path_of(f, ".git"), 0700), 0);
    put(f, ".git/x.txt", "Objects.");
    assert_int_equal(mkfifo(path_of(f, "pipe.txt"), 0600), 0);
    assert_int_equal(symlink(f->docs, path_of(f, "loop")), 0);
    assert_int_equal(symlink("/etc/hostname", path_of(f, "outside.txt")), 0);
    char target[PATH_MAX];
    snprintf(target, sizeof target, "a.md");
    assert_int_equal(symlink(target, path_of(f, "inside.md")), 0);
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->state, AI_JOB_DONE);
    assert_int_equal(job->added, 5); /* four, and the link inside */
    assert_int_equal(job->duplicates, 1);
    assert_int_equal(job->failed, 5);
    assert_int_equal(job->files_total, 10);
    assert_int_equal(job->skipped, 1); /* the empty one, which by its name alone is an error */
    assert_string_equal(error_of(learn(f, path_of(f, "empty.txt")), "empty.txt"), "it is empty");
    job = learn(f, f->docs);
    assert_int_equal(job->failed, 5);
    assert_string_equal(error_of(job, "picture.png"), "it is not text but a picture");
    assert_string_equal(error_of(job, "zeros.txt"), "it is not text");
    assert_string_equal(error_of(job, "cut.gz"), "the compressed file is damaged");
    assert_string_equal(error_of(job, "fake.docx"), "the .docx is damaged");
    assert_string_equal(error_of(job, "broken.pdf"), "the PDF is damaged");
}

static void changes_are_followed(void **state)
{
    struct fixture *f = *state;
    put_some(f);
    put(f, "c2.txt", "Gamma\n=====\n\nGamma rays are hard to stop.\n");
    learn(f, f->docs);
    int64_t chunks = number(f, "SELECT COUNT(*) FROM chunk");
    struct id_of before = find(f, "/a.md");
    put(f, "a.md", "# Alpha\n\nThe alpha engine needs **nine** litres of oil.\n\n- one\n- two\n");
    age(f, "a.md", 100);
    age(f, "b.html", 100); /* only touched */
    assert_int_equal(unlink(path_of(f, "c.txt")), 0);
    assert_int_equal(unlink(path_of(f, "thing.1.gz")), 0);
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->updated, 1);
    assert_int_equal(job->unchanged, 2);
    assert_int_equal(job->removed, 2);
    assert_int_equal(job->added, 0);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM document"), 3);
    /* The copy keeps the content; the manual page's is gone. */
    assert_int_equal(number(f, "SELECT COUNT(*) FROM content"), 3);
    assert_true(number(f, "SELECT COUNT(*) FROM chunk") < chunks);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM chunk WHERE text LIKE '%four litres%'"), 0);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM chunk WHERE text LIKE '%nine litres%'"), 1);
    assert_int_equal(
        number(f, test_store_is_pg()
                      ? "SELECT COUNT(*) FROM keyword WHERE term = 'thorough'"
                      : "SELECT COUNT(*) FROM chunk_fts WHERE chunk_fts MATCH 'thorough'"),
        0);
    assert_string_equal(find(f, "/a.md").id, before.id);
    job = learn(f, f->docs);
    assert_int_equal(job->unchanged, 3);
    /* What cannot be read any more leaves too, and is told. */
    put_bytes(f, "a.md", "\x89PNG\r\n\x1a\n", 8);
    job = learn(f, f->docs);
    assert_int_equal(job->failed, 1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM chunk WHERE text LIKE '%nine litres%'"), 0);
}

static void what_cannot_be_read_now_stays(void **state)
{
    struct fixture *f = *state;
    put_some(f);
    learn(f, f->docs);
    close_all(f);
    const size_t len = strlen(program);
    memcpy(program + len, "-gone", sizeof "-gone");
    open_all(f, "");
    put(f, "c.txt", "Gamma\n=====\n\nGamma rays are stopped by lead.\n");
    const struct ai_job *job = learn(f, f->docs);
    program[len] = 0;
    assert_int_equal(job->state, AI_JOB_DONE);
    assert_int_equal(job->failed, 1);
    assert_non_null(strstr(error_of(job, "/c.txt"), "does not start"));
    assert_int_equal(find(f, "/c.txt").count, 4);
    close_all(f);
    open_all(f, "");
    job = learn(f, f->docs);
    assert_int_equal(job->failed, 0);
    assert_int_equal(job->updated, 1);
}

static void roots_are_checked(void **state)
{
    struct fixture *f = *state;
    char id[CORE_ID_SIZE];
    put_some(f);
    learn(f, f->docs);
    static const struct core_str bad[] = {CORE_STR("relative"), CORE_STR(""), CORE_STR("/a/../b"),
                                          CORE_STR("/a\0b"), CORE_STR("/a\xff")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(ai_learn_paths(f->ai, &bad[i], 1, id) < 0);
    assert_int_equal(ai_learn_paths(f->ai, bad, 0, id), CORE_EINVAL);
    const struct ai_job *job = learn(f, "/nowhere/at/all");
    assert_int_equal(job->failed, 1);
    assert_string_equal(job->errors[0].error, "there is no such file or folder");
    /* A folder that vanished whole (a disk that is not mounted) takes nothing with it. */
    char moved[PATH_MAX + 32];
    snprintf(moved, sizeof moved, "%s.away", f->docs);
    assert_int_equal(rename(f->docs, moved), 0);
    job = learn(f, f->docs);
    assert_int_equal(job->failed, 1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM document"), 4);
    assert_int_equal(rename(moved, f->docs), 0);
    /* One file by name, written clumsily. */
    char clumsy[PATH_MAX + 64];
    snprintf(clumsy, sizeof clumsy, "%s//./a.md/", f->docs);
    job = learn(f, clumsy);
    assert_int_equal(job->unchanged, 1);
    assert_int_equal(ai_job_get(f->ai, CORE_STR("none"), &job), CORE_ENOTFOUND);
    assert_int_equal(ai_job_cancel(f->ai, CORE_STR("none")), CORE_ENOTFOUND);
}

static void aliases_are_followed(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir(path_of(f, "man1"), 0700), 0);
    put_gz(f, "man1/thing.1.gz", page);
    put(f, "man1/other.1", ".so man1/thing.1\n");
    put(f, "man1/same.1", ".so thing.1\n");
    put(f, "man1/lost.1", ".so man1/nothing.1\n");
    put(f, "man1/evil.1", ".so ../../../../etc/passwd\n");
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->added, 3);
    assert_int_equal(job->failed, 2);
    for (unsigned i = 0; i < job->error_count; i++) /* whether it is there is nobody's to hear */
        assert_non_null(strstr(job->errors[i].error, "which is no page beside it"));
    assert_int_equal(number(f, "SELECT COUNT(DISTINCT content_id) FROM document"), 1);
}

static void put_secret(struct fixture *f, const char *name)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", f->data, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("The word is quicksilver.\n", file);
    fclose(file);
}

/* Neither by a page of one's own nor by one that somebody sent. */
static void aliases_stay_among_pages(void **state)
{
    struct fixture *f = *state;
    char id[CORE_ID_SIZE];
    char alias[PATH_MAX + 80];
    put(f, ".hidden", "The word is quicksilver.\n");
    put(f, "hidden.1", ".so .hidden\n");
    /* The page lies beside the data folder. */
    put_secret(f, "secret");
    put(f, "beside.1", ".so data/secret\n");
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->failed, 2);
    assert_int_equal(job->added, 0);
    /* From the root of the file system. */
    put(f, "plain.txt", "The word is quicksilver.\n");
    snprintf(alias, sizeof alias, ".so %s\n", path_of(f, "plain.txt") + 1);
    assert_int_equal(ai_learn_bytes(f->ai, CORE_STR("sent.1"), core_str(alias), id), 0);
    job = wait_job(f, id);
    assert_int_equal(job->failed, 1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM chunk WHERE text LIKE '%quicksilver%'"), 0);
}

/* The document stands for one that was learned before its file was known to be private. */
static void pretend_known(struct fixture *f, const char *name)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", f->data, name);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "UPDATE document SET name = $1 WHERE name LIKE '%/a.md'", STORE_C(path));
    assert_int_equal(store_write_wait(f->store, batch), 0);
}

static void own_files_are_not_learned(void **state)
{
    static const char why[] = "it belongs to the server's data folder, whose keys and database are "
                              "not to be learned";
    static const char *const links[] = {"link", "hard"};
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/keys", f->data);
    assert_int_equal(mkdir(path, 0700), 0);
    put_secret(f, "owner.token");
    put_secret(f, "keys/node.key");
    put_secret(f, "keys/.old.key");
    put(f, "a.md", "The alpha engine needs four litres of oil.\n");
    /* Everything that leads there: to a file, to a folder, by another name of the same file. */
    snprintf(path, sizeof path, "%s/owner.token", f->data);
    assert_int_equal(symlink(path, path_of(f, "link")), 0);
    assert_int_equal(link(path, path_of(f, "hard")), 0);
    snprintf(path, sizeof path, "%s/keys/.old.key", f->data);
    assert_int_equal(link(path, path_of(f, "hidden-hard")), 0);
    assert_int_equal(symlink(f->data, path_of(f, "folder")), 0);
    /* A tree that holds it learns the rest, says nothing, and forgets what was learned of it. */
    assert_int_equal(learn(f, f->docs)->added, 1);
    pretend_known(f, "owner.token");
    const struct ai_job *job = learn(f, f->dir);
    assert_int_equal(job->files_total, 1);
    assert_int_equal(job->added, 1);
    assert_int_equal(job->removed, 1);
    assert_int_equal(job->failed, 0);
    /* Asked for by name: the folder, what is in it, and links to both. */
    static const char *const inside[] = {"", "/owner.token", "/keys", "/keys/node.key", "/sky.db"};
    const size_t count = sizeof inside / sizeof *inside - (test_store_is_pg() ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s%s", f->data, inside[i]);
        job = learn(f, path);
        assert_int_equal(job->state, AI_JOB_DONE);
        assert_int_equal(job->files_total, 0);
        assert_int_equal(job->failed, 1);
        assert_string_equal(job->errors[0].document, path);
        assert_string_equal(job->errors[0].error, why);
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        assert_string_equal(error_of(learn(f, path_of(f, links[i])), links[i]), why);
    assert_string_equal(error_of(learn(f, path_of(f, "folder")), "folder"), why);
    assert_string_equal(error_of(learn(f, path_of(f, "folder/keys")), "keys"), why);
    pretend_known(f, "owner.token");
    assert_int_equal(learn(f, f->data)->removed, 1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM document"), 0);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM chunk"), 0);
}

static void uploads_are_documents(void **state)
{
    struct fixture *f = *state;
    char id[CORE_ID_SIZE];
    assert_int_equal(ai_learn_bytes(f->ai, CORE_STR("C:\\notes\\my note.txt"),
                                    CORE_STR("The code of the shed is 4711.\n"), id),
                     0);
    const struct ai_job *job = wait_job(f, id);
    assert_int_equal(job->added, 1);
    struct id_of note = find(f, "upload:my note.txt");
    assert_true(note.id[0]);
    assert_int_equal(
        ai_learn_bytes(f->ai, CORE_STR("my note.txt"), CORE_STR("It is 4712 now.\n"), id), 0);
    assert_int_equal(wait_job(f, id)->updated, 1);
    assert_int_equal(
        ai_learn_bytes(f->ai, CORE_STR("my note.txt"), CORE_STR("It is 4712 now.\n"), id), 0);
    assert_int_equal(wait_job(f, id)->unchanged, 1);
    assert_int_equal(ai_learn_bytes(f->ai, CORE_STR("x.bin"), CORE_STR("\0\1\2"), id), 0);
    job = wait_job(f, id);
    assert_int_equal(job->failed, 1);
    assert_string_equal(job->errors[0].document, "upload:x.bin");
    assert_int_equal(ai_learn_bytes(f->ai, CORE_STR("a/"), CORE_STR("x"), id), CORE_EINVAL);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM content"), 1);
    /* Learning a folder does not touch uploads. */
    put_some(f);
    learn(f, f->docs);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM document"), 5);
}

static void on_text(void *arg, const struct ai_document *d, struct core_str text,
                    struct core_str headings)
{
    bool *seen = arg;
    assert_true(core_str_ends(d->name, CORE_STR("/a.md")));
    assert_int_equal(core_str_find(text, CORE_STR("Alpha")), 0);
    assert_true(core_str_eq_c(headings, "[{\"start\":0,\"level\":1,\"text\":\"Alpha\"}]"));
    *seen = true;
}

static void documents_are_listed_and_removed(void **state)
{
    struct fixture *f = *state;
    bool seen = false;
    put_some(f);
    put(f, "d%_.txt", "Odd name.");
    learn(f, f->docs);
    struct id_of want = {.suffix = "/a.md"};
    assert_int_equal(ai_documents(f->ai, CORE_STR("BETA"), CORE_STR(""), 10, on_document, &want),
                     0);
    assert_int_equal(want.count, 1); /* by its title */
    want.count = 0;
    assert_int_equal(ai_documents(f->ai, CORE_STR("%_"), CORE_STR(""), 10, on_document, &want), 0);
    assert_int_equal(want.count, 1);
    want.count = 0;
    assert_int_equal(
        ai_documents(f->ai, CORE_STR(""), core_str(path_of(f, "a.md")), 2, on_document, &want), 0);
    assert_int_equal(want.count, 2);
    want = find(f, "/a.md");
    assert_int_equal(want.count, 5);
    assert_int_equal(want.chunks, 1);
    assert_int_equal(ai_document_get(f->ai, core_str(want.id), on_text, &seen), 0);
    assert_true(seen);
    assert_int_equal(ai_document_remove(f->ai, core_str(want.id)), 0);
    assert_int_equal(ai_document_remove(f->ai, core_str(want.id)), CORE_ENOTFOUND);
    assert_int_equal(ai_document_get(f->ai, core_str(want.id), on_text, &seen), CORE_ENOTFOUND);
    assert_int_equal(ai_document_get(f->ai, CORE_STR("' OR 1"), on_text, &seen), CORE_ENOTFOUND);
    struct ai_knowledge k;
    ai_knowledge_now(f->ai, &k);
    assert_int_equal(k.documents, 4);
    assert_int_equal(k.chunks, number(f, "SELECT COUNT(*) FROM chunk"));
    /* It comes back when its folder is learned again. */
    assert_int_equal(learn(f, f->docs)->added, 1);
}

static void jobs_queue_and_cancel(void **state)
{
    struct fixture *f = *state;
    char ids[3][CORE_ID_SIZE];
    const struct ai_job *job;
    char name[32];
    for (unsigned i = 0; i < 300; i++) {
        char text[64];
        snprintf(name, sizeof name, "n%03u.txt", i);
        snprintf(text, sizeof text, "Note number %u says nothing.\n", i);
        put(f, name, text);
    }
    struct core_str root = core_str(f->docs);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ai_learn_paths(f->ai, &root, 1, ids[i]), 0);
    struct ai_knowledge k;
    ai_knowledge_now(f->ai, &k);
    assert_true(k.learning);
    assert_int_equal(ai_job_get(f->ai, core_str(ids[2]), &job), 0);
    assert_string_equal(job->phase, "waiting");
    assert_int_equal(ai_job_cancel(f->ai, core_str(ids[0])), 0);
    assert_int_equal(ai_job_cancel(f->ai, core_str(ids[2])), 0);
    assert_int_equal(wait_job(f, ids[0])->state, AI_JOB_CANCELLED);
    job = wait_job(f, ids[1]);
    assert_int_equal(job->state, AI_JOB_DONE);
    assert_int_equal(job->added + job->unchanged, 300);
    assert_int_equal(wait_job(f, ids[2])->state, AI_JOB_CANCELLED);
    assert_int_equal(ai_job_cancel(f->ai, core_str(ids[1])), 0); /* too late, harmless */
    /* The room may be closed in the middle of it. */
    assert_int_equal(ai_learn_paths(f->ai, &root, 1, ids[0]), 0);
    core_loop_turn(f->loop);
    close_all(f);
    open_all(f, "");
    ai_knowledge_now(f->ai, &k);
    assert_int_equal(k.documents, 300);
}

/* As a server that was killed leaves them: begun, so often. */
static void leave_job(struct fixture *f, const char *id, int64_t kind, const char *what,
                      int64_t starts)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "INSERT INTO job VALUES ($1, 0, $2, $3, 1000, $4)", STORE_C(id),
              STORE_I(kind), STORE_C(what), STORE_I(starts));
    assert_int_equal(store_write_wait(f->store, batch), 0);
}

static void jobs_outlive_the_server(void **state)
{
    static const char *const left[] = {"01JDAAAAAAAAAAAAAAAAAAAAA0", "01JDAAAAAAAAAAAAAAAAAAAAA1",
                                       "01JDAAAAAAAAAAAAAAAAAAAAA2"};
    struct fixture *f = *state;
    char ids[3][CORE_ID_SIZE];
    const struct ai_job *job;
    struct core_str root = core_str(f->docs);
    put(f, "a.txt", "The first note tells of otters.\n");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ai_learn_paths(f->ai, &root, 1, ids[i]), 0);
    assert_int_equal(ai_job_cancel(f->ai, core_str(ids[1])), 0);
    close_all(f); /* none was turned to yet */
    open_all(f, "");
    assert_int_equal(ai_job_get(f->ai, core_str(ids[1]), &job), CORE_ENOTFOUND);
    assert_int_equal(wait_job(f, ids[0])->added + wait_job(f, ids[2])->added, 1);
    assert_int_equal(wait_job(f, ids[2])->state, AI_JOB_DONE);
    assert_string_equal(wait_job(f, ids[2])->what, f->docs);

    put(f, "b.txt", "The second note tells of beavers.\n");
    leave_job(f, left[0], 0, f->docs, AI_LIMIT_JOB_STARTS - 1);
    leave_job(f, left[1], 0, f->docs, AI_LIMIT_JOB_STARTS);
    leave_job(f, left[2], 2, "upload:c.txt", 0);
    close_all(f);
    open_all(f, "");
    job = wait_job(f, left[0]);
    assert_true(job->state == AI_JOB_DONE && job->added == 1 && job->begun_ms == 1000);
    job = wait_job(f, left[1]);
    assert_true(job->state == AI_JOB_FAILED && job->failed == 1);
    assert_non_null(strstr(error_of(job, "docs"), "ended each time"));
    job = wait_job(f, left[2]);
    assert_true(job->state == AI_JOB_FAILED);
    assert_non_null(strstr(error_of(job, "upload:c.txt"), "upload it again"));
    close_all(f);
    open_all(f, "");
    assert_int_equal(number(f, "SELECT COUNT(*) FROM job"), 0);

    /* Ends in order are not counted. */
    for (unsigned i = 0; i < 300; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%03u.txt", i);
        put(f, name, name);
    }
    leave_job(f, left[0], 0, f->docs, AI_LIMIT_JOB_STARTS - 1);
    for (unsigned i = 0; i < 3; i++) {
        close_all(f);
        open_all(f, "");
    }
    if (ai_job_get(f->ai, core_str(left[0]), &job) == 0) /* not done within the three */
        assert_int_equal(wait_job(f, left[0])->state, AI_JOB_DONE);

    /* What is forgotten stays forgotten. */
    leave_job(f, left[0], 1, f->docs, 0);
    close_all(f);
    open_all(f, "");
    job = wait_job(f, left[0]);
    assert_true(job->forgets && job->removed == 302);
}

/* --- Sources ---------------------------------------------------------------------------------- */

struct sources {
    struct {
        char id[AI_SOURCE_ID_SIZE], root[256];
        int64_t documents;
        bool upload;
    } items[8];
    size_t count;
};

static int on_source(void *arg, const struct ai_source_info *source)
{
    struct sources *s = arg;
    snprintf(s->items[s->count].root, 256, "%.*s", CORE_STR_ARG(source->root));
    memcpy(s->items[s->count].id, source->id, sizeof source->id);
    s->items[s->count].documents = source->documents;
    s->items[s->count++].upload = source->upload;
    return 0;
}

static struct sources sources(struct fixture *f, const char *after, unsigned limit)
{
    struct sources s = {.count = 0};
    assert_int_equal(ai_sources(f->ai, core_str(after), limit, on_source, &s), 0);
    return s;
}

static void on_job(void *arg, const struct ai_job *job)
{
    const struct ai_job **first = arg;
    if (!*first)
        *first = job;
}

static void sources_are_listed_and_forgotten(void **state)
{
    struct fixture *f = *state;
    char id[CORE_ID_SIZE], root[256] = "";
    const struct ai_job *newest = NULL;
    struct core_buf found;
    ai_jobs(f->ai, on_job, &newest);
    assert_null(newest);
    put(f, "a.txt", "The first note tells of otters.\n");
    put(f, "b.txt", "The second note tells of beavers.\n");
    learn(f, f->docs);
    /* The same bytes came from elsewhere too: they stay when the folder goes. */
    assert_int_equal(
        ai_learn_bytes(f->ai, CORE_STR("c.txt"), CORE_STR("The first note tells of otters.\n"), id),
        0);
    wait_job(f, id);
    struct sources s = sources(f, "", 8);
    assert_int_equal(s.count, 2);
    assert_true(s.items[0].documents == 2 && !s.items[0].upload);
    assert_true(s.items[1].documents == 1 && s.items[1].upload);
    assert_string_equal(s.items[1].root, "upload:");
    snprintf(root, sizeof root, "%s", s.items[0].root);
    assert_int_equal(sources(f, root, 8).count, 1);
    assert_int_equal(sources(f, "", 1).count, 1);
    core_buf_init(&found, 4096);
    assert_int_equal(ai_source_find(f->ai, core_str(s.items[0].id), &found), 0);
    assert_true(core_str_eq_c(core_buf_str(&found), root));
    core_buf_done(&found);
    assert_int_equal(ai_source_find(f->ai, CORE_STR("nothing"), &found), CORE_ENOTFOUND);
    assert_int_equal(ai_source_find(f->ai, CORE_STR("0123456789abcdef0123456789abcdef"), &found),
                     CORE_ENOTFOUND);
    assert_int_equal(ai_forget_source(f->ai, core_str(root), id), 0);
    const struct ai_job *job = wait_job(f, id);
    assert_true(job->state == AI_JOB_DONE && job->forgets && job->removed == 2);
    assert_true(job->files_total == 2 && job->files_done == 2);
    assert_string_equal(job->what, root);
    newest = NULL;
    ai_jobs(f->ai, on_job, &newest);
    assert_string_equal(newest->id, id);
    s = sources(f, "", 8);
    assert_true(s.count == 1 && s.items[0].upload);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM document"), 1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM content"), 1);
    assert_int_equal(learn(f, f->docs)->added, 2); /* the files are where they were */
}

int main(int argc, char **argv)
{
    int end;
    if (!learn_begin(argc, argv, &end))
        return end;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folder_is_learned, setup, teardown),
        cmocka_unit_test_setup_teardown(strange_files_stop_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(changes_are_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_now_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(roots_are_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(aliases_are_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(aliases_stay_among_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(own_files_are_not_learned, setup, teardown),
        cmocka_unit_test_setup_teardown(uploads_are_documents, setup, teardown),
        cmocka_unit_test_setup_teardown(documents_are_listed_and_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(jobs_queue_and_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(jobs_outlive_the_server, setup, teardown),
        cmocka_unit_test_setup_teardown(sources_are_listed_and_forgotten, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
