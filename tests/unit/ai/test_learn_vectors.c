/*
 * test_learn_vectors.c: the vectors of what was learned: they follow, leave, and come in an order
 * that blocks nobody.
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

int main(int argc, char **argv)
{
    int end;
    if (!learn_begin(argc, argv, &end))
        return end;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vectors_follow, setup, teardown),
        cmocka_unit_test_setup_teardown(a_book_blocks_nobody, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
