/*
 * test_vectors.c: the vectors of what was learned: they follow, leave, come in an order that
 * blocks nobody, and stay when a document is read again.
 */
#include "tests/unit/ai/learn_fixture.h"

static void vectors_follow(void **state)
{
    struct fixture *f = *state;
    struct ai_knowledge k;
    if (access(embed_path, R_OK) != 0)
        skip();
    put_some(f);
    learn(f, f->docs);
    ai_knowledge_now(f->ai, &k);
    assert_int_equal(k.vectors_pending, 0); /* without a model nothing waits */
    close_all(f);
    open_all(f, embed_path);
    ai_knowledge_now(f->ai, &k);
    assert_int_equal(k.vectors, 0);
    wait_vectors(f);
    ai_knowledge_now(f->ai, &k);
    assert_int_equal(k.vectors, k.chunks);
    assert_int_equal(number(f, "SELECT COUNT(DISTINCT chunk_id) FROM vector"), k.chunks);
    /* Sentences come with the windows, a row each. */
    assert_int_equal(number(f, "SELECT COUNT(DISTINCT chunk_id) FROM sentence"), k.chunks);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM sentence WHERE LENGTH(data) % 384 <> 0"
                               " OR LENGTH(data) = 0"),
                     0);
    put(f, "e.txt", "Epsilon: the fifth letter. Its bicycle is green.\n");
    learn(f, f->docs);
    wait_vectors(f);
    assert_int_equal(number(f, "SELECT COUNT(DISTINCT chunk_id) FROM vector"), k.chunks + 1);
    assert_int_equal(ai_index_count(f->ai->index, "minilm"), k.chunks + 1);
    struct id_of want = find(f, "/e.txt");
    assert_int_equal(ai_document_remove(f->ai, core_str(want.id)), 0);
    assert_int_equal(ai_index_count(f->ai->index, "minilm"), k.chunks);
    char why[256] = "";
    if (ai_index_check(f->ai->index, why, sizeof why) != 0)
        fail_msg("%s", why);
}

/* A note that comes after a book does not wait until the book is whole. */
static void a_book_blocks_nobody(void **state)
{
    struct fixture *f = *state;
    struct core_buf book;
    struct ai_knowledge k;
    if (access(embed_path, R_OK) != 0)
        skip();
    core_buf_init(&book, 1u << 20);
    for (unsigned i = 0; i < 6000; i++)
        core_buf_addf(&book, "Sentence %u of the long book tells how the tide of day %u came.%s", i,
                      i * 7 % 365, i % 8 ? " " : "\n\n");
    put_bytes(f, "book.txt", book.ptr, book.len);
    core_buf_done(&book);
    learn(f, f->docs);
    put(f, "note.txt", "The note says that the shed is locked.\n");
    learn(f, f->docs);
    close_all(f);
    open_all(f, embed_path);
    while (number(f, "SELECT COUNT(*) FROM vector JOIN chunk ON chunk.id = vector.chunk_id"
                     " WHERE chunk.text LIKE '%shed is locked%'") == 0) {
        core_loop_turn(f->loop);
        usleep(1000);
    }
    ai_knowledge_now(f->ai, &k);
    assert_in_range(k.chunks, 300, 1000);
    assert_in_range(k.vectors_pending, k.chunks / 2, k.chunks);
}

/* --- Read again ----------------------------------------------------------------------------- */

enum { PARTS = 12, CHANGED = 5 };

/* A guide of some parts, of which one may have a word changed. */
static void put_guide(struct fixture *f, const char *title, const char *word)
{
    struct core_buf text;
    core_buf_init(&text, 1u << 20);
    core_buf_addf(&text, "# %s\n\n", title);
    for (unsigned part = 0; part < PARTS; part++) {
        core_buf_addf(&text, "## Part %u\n\n", part);
        for (unsigned i = 0; i < 12; i++)
            core_buf_addf(&text, "In part %u the keeper writes line %u about the %s lamp. ", part,
                          i, part == CHANGED && i == 6 ? word : "green");
        core_buf_add_c(&text, "\n\n");
    }
    put_bytes(f, "guide.md", text.ptr, text.len);
    core_buf_done(&text);
}

static void write_sql(struct fixture *f, const char *sql)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_batch_add(batch, STORE_ROWS_ANY, sql, NULL, 0);
    assert_int_equal(store_write_wait(f->store, batch), 0);
}

static int on_vector(void *arg, const struct store_row *row)
{
    for (unsigned column = 0; column < 3; column++)
        core_sha256_add(arg, store_row_str(row, column));
    return 0;
}

/* Of all texts, the models that have seen them, and what these made of them. */
static void digest(struct fixture *f, unsigned char ret[static CORE_SHA256_SIZE])
{
    struct core_sha256 *hash = core_sha256_new();
    assert_int_equal(store_read(f->store,
                                "SELECT chunk.text, vector.model, vector.data FROM vector"
                                " JOIN chunk ON chunk.id = vector.chunk_id"
                                " ORDER BY chunk.text, chunk.name, vector.model, vector.ordinal",
                                NULL, 0, on_vector, hash),
                     0);
    assert_int_equal(store_read(f->store,
                                "SELECT chunk.text, sentence.model, sentence.data FROM sentence"
                                " JOIN chunk ON chunk.id = sentence.chunk_id"
                                " ORDER BY chunk.text, chunk.name, sentence.model",
                                NULL, 0, on_vector, hash),
                     0);
    core_sha256_end(hash, ret);
}

#define BARE                                                                                       \
    "SELECT COUNT(*) FROM chunk WHERE NOT EXISTS (SELECT 1 FROM vector"                            \
    " WHERE vector.chunk_id = chunk.id AND vector.model = 'minilm')"

static void check_index(struct fixture *f, int64_t chunks)
{
    char why[256] = "";
    assert_int_equal(ai_index_count(f->ai->index, "minilm"), chunks);
    if (ai_index_check(f->ai->index, why, sizeof why) != 0)
        fail_msg("%s", why);
}

/* Learned by an older extractor, with the vectors of two models, and some text thrice. */
static int64_t put_old(struct fixture *f)
{
    put_guide(f, "Guide", "green");
    put(f, "same.txt", "The same line stands in two files.\n");
    put(f, "again.txt", "The same line stands in two files.\n");
    learn(f, f->docs);
    close_all(f);
    open_all(f, embed_path);
    wait_vectors(f);
    write_sql(f, "INSERT INTO vector (chunk_id, model, ordinal, start_at, end_at, data)"
                 " SELECT chunk_id, 'e5', ordinal, start_at, end_at, data FROM vector"
                 " WHERE chunk_id % 2 = 0");
    write_sql(f, "UPDATE content SET extractor = extractor - 1");
    assert_int_equal(number(f, BARE), 0);
    return number(f, "SELECT COUNT(*) FROM chunk");
}

/* Without an embedder nothing can get vectors but by keeping them. */
static void what_is_unchanged_keeps_its_vectors(void **state)
{
    struct fixture *f = *state;
    unsigned char before[CORE_SHA256_SIZE];
    unsigned char after[CORE_SHA256_SIZE];
    if (access(embed_path, R_OK) != 0)
        skip();
    int64_t chunks = put_old(f);
    int64_t newest = number(f, "SELECT MAX(id) FROM chunk");
    assert_true(chunks > PARTS / 2);
    digest(f, before);
    close_all(f);
    open_all(f, "");
    const struct ai_job *job = learn(f, f->docs);
    assert_int_equal(job->updated, 3);
    assert_true(number(f, "SELECT MIN(id) FROM chunk") > newest);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM chunk"), chunks);
    assert_int_equal(number(f, BARE), 0);
    digest(f, after);
    assert_memory_equal(after, before, sizeof before);
    /* With one, they are found at once. */
    close_all(f);
    open_all(f, embed_path);
    write_sql(f, "UPDATE content SET extractor = extractor - 1");
    assert_int_equal(learn(f, f->docs)->updated, 3);
    assert_int_equal(number(f, BARE), 0);
    check_index(f, chunks);
    digest(f, after);
    assert_memory_equal(after, before, sizeof before);
}

static void what_changed_is_embedded(void **state)
{
    struct fixture *f = *state;
    if (access(embed_path, R_OK) != 0)
        skip();
    int64_t chunks = put_old(f);
    write_sql(f, "UPDATE content SET extractor = extractor + 1");
    close_all(f);
    open_all(f, "");
    put_guide(f, "Guide", "large");
    assert_int_equal(learn(f, f->docs)->updated, 1);
    assert_int_equal(number(f, BARE), 1);
    assert_int_equal(number(f, "SELECT COUNT(*) FROM chunk WHERE text LIKE '%large lamp%' AND"
                               " NOT EXISTS (SELECT 1 FROM vector WHERE chunk_id = chunk.id)"),
                     1);
    /* The title stands before what is embedded of every chunk. */
    put_guide(f, "Handbook", "large");
    assert_int_equal(learn(f, f->docs)->updated, 1);
    assert_int_equal(number(f, BARE), chunks - 1);
    close_all(f);
    open_all(f, embed_path);
    wait_vectors(f);
    assert_int_equal(number(f, BARE), 0);
    check_index(f, chunks);
}

int main(int argc, char **argv)
{
    int end;
    if (!learn_begin(argc, argv, &end))
        return end;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vectors_follow, setup, teardown),
        cmocka_unit_test_setup_teardown(a_book_blocks_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_unchanged_keeps_its_vectors, setup, teardown),
        cmocka_unit_test_setup_teardown(what_changed_is_embedded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
