/* test_graph.c: walks against comparing with all; leaving nodes; copies; files damaged
 * everywhere. */
#include "ai/index/graph.h"

#include "core/err.h"
#include "core/limits.h"
#include "tests/unit/ai/index/latent.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIM = 96, NODES = 6000, QUERIES = 200, K = 10 };

static char folder[64], path[96];
static float *rows, *queries;

static int begin(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/sky-graph-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/a.graph", folder);
    rows = malloc(NODES * DIM * sizeof *rows);
    queries = malloc(QUERIES * DIM * sizeof *queries);
    latent_fill(rows, NODES, DIM, 5);
    latent_fill(queries, QUERIES, DIM, 6);
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(rows);
    free(queries);
    unlink(path);
    return rmdir(folder);
}

static void grow(struct ai_graph *g, const float *from, size_t nodes)
{
    struct ai_graph_walk walk = {0};
    struct ai_graph_plan plan;
    unsigned char row[AI_LIMIT_VECTOR_DIMENSIONS];
    for (size_t i = g->count; i < nodes; i++) {
        ai_graph_pack(g, from + i * g->dimensions, row);
        assert_int_equal(ai_graph_reserve(g, i + 1), 0);
        assert_int_equal(ai_graph_plan_add(g, &walk, row, &plan), 0);
        ai_graph_apply(g, &plan);
    }
    assert_int_equal(g->count, nodes);
    ai_graph_walk_done(&walk);
}

static int greater(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* How many of the K best live nodes by bytes a walk finds, of all. */
static double recall(const struct ai_graph *g, size_t breadth, const uint64_t *gone)
{
    struct ai_graph_walk walk = {0};
    uint64_t *all = malloc(g->count * sizeof *all);
    size_t hits = 0;
    for (size_t q = 0; q < QUERIES; q++) {
        unsigned char query[AI_LIMIT_VECTOR_DIMENSIONS];
        size_t n = 0;
        ai_graph_pack(g, queries + q * DIM, query);
        for (uint32_t i = 0; i < g->count; i++) {
            int32_t score;
            g->dots(&g->rows, query, &i, 1, &score);
            if (!gone || !ai_graph_bit(gone, i))
                all[n++] = ai_graph_found(score, i);
        }
        qsort(all, n, sizeof *all, greater);
        assert_int_equal(ai_graph_walk(g, &walk, query, breadth), 0);
        assert_true(walk.count <= breadth);
        for (size_t i = 0; i < walk.count; i++) {
            assert_true(i == 0 || walk.found[i] < walk.found[i - 1]);
            for (size_t k = 0; k < K; k++)
                hits += ai_graph_found_node(walk.found[i]) == ai_graph_found_node(all[k]);
        }
    }
    free(all);
    ai_graph_walk_done(&walk);
    return (double)hits / (QUERIES * K);
}

static void finds_nearly_all(void **state)
{
    (void)state;
    struct ai_graph *g = ai_graph_new(DIM, 0.5f), *again = ai_graph_new(DIM, 0.5f);
    struct ai_graph_walk walk = {0};
    unsigned char query[DIM + AI_I8_LANES];
    ai_graph_pack(g, queries, query);
    assert_int_equal(ai_graph_walk(g, &walk, query, 10), 0); /* an empty graph */
    assert_int_equal(walk.count, 0);
    grow(g, rows, 1);
    assert_int_equal(ai_graph_walk(g, &walk, query, 10), 0);
    assert_int_equal(walk.count, 1);
    assert_int_equal(ai_graph_walk(g, &walk, query, 0), 0);
    assert_int_equal(walk.count, 0);
    ai_graph_walk_done(&walk);
    grow(g, rows, NODES);
    double narrow = recall(g, 16, NULL), middle = recall(g, 48, NULL), broad = recall(g, 128, NULL);
    print_message("# recall@10 at breadth 16, 48, 128: %.3f %.3f %.3f\n", narrow, middle, broad);
    assert_true(narrow > 0.80 && middle > 0.96 && broad > 0.99);
    /* The same rows make the same graph. */
    grow(again, rows, NODES);
    assert_memory_equal(g->nodes, again->nodes, NODES * g->rows.stride);
    ai_graph_free(g);
    ai_graph_free(again);
}

static void a_cap(void **state)
{
    (void)state;
    struct ai_graph *g = ai_graph_new(AI_LIMIT_VECTOR_DIMENSIONS, 0);
    assert_int_equal(g->nodes_max, AI_LIMIT_GRAPH_BYTES / (AI_LIMIT_VECTOR_DIMENSIONS + 128));
    assert_int_equal(ai_graph_reserve(g, g->nodes_max + 1), CORE_ETOOBIG);
    assert_int_equal(ai_graph_reserve(g, 5), 0);
    assert_true(g->room >= 5 && g->room < 1000);
    ai_graph_free(g);
    ai_graph_free(NULL);
}

/* Three of four leave, near ones together, so that whole neighbourhoods are gone. */
static void leaving_keeps_the_rest_in_reach(void **state)
{
    (void)state;
    struct ai_graph *g = ai_graph_new(DIM, 0.5f);
    struct ai_graph_walk walk = {0};
    struct ai_graph_plan plan;
    uint64_t gone[NODES / 64 + 1] = {0};
    size_t left = 0;
    grow(g, rows, NODES);
    for (uint32_t i = 0; i < NODES; i++)
        if (rows[i * DIM] + rows[i * DIM + 1] > -0.05f)
            gone[i / 64] |= 1ull << i % 64;
        else
            left++;
    assert_true(left > NODES / 8 && left < NODES / 2);
    double before = recall(g, 128, gone);
    for (uint32_t i = 0; i < NODES; i++)
        if (!ai_graph_bit(gone, i)) {
            assert_int_equal(ai_graph_plan_without(g, &walk, i, gone, &plan), 0);
            ai_graph_apply(g, &plan);
            const uint32_t *links = ai_graph_links(g, i);
            assert_true(ai_graph_degree(links) > 0);
            for (size_t k = 0; k < ai_graph_degree(links); k++)
                assert_true(links[k] != i && !ai_graph_bit(gone, links[k]));
        }
    struct ai_graph *rest = ai_graph_without(g, gone);
    assert_int_equal(rest->count, left);
    double after = recall(rest, 64, NULL);
    print_message("# %zu of %d left, recall@10 %.3f before, %.3f after\n", left, NODES, before,
                  after);
    assert_true(before > 0.9 && after > 0.97);
    for (size_t i = 0, n = 0; i < NODES; i++)
        if (!ai_graph_bit(gone, i))
            assert_memory_equal(ai_graph_row(rest, n++), ai_graph_row(g, i), g->rows.lanes);
    ai_graph_walk_done(&walk);
    ai_graph_free(g);
    ai_graph_free(rest);
}

/* Half of the rows are one and the same, among them all with which a walk may begin: the others are
 * found all the same. */
static void copies_hide_nobody(void **state)
{
    (void)state;
    float *mixed = malloc(NODES * DIM * sizeof *mixed);
    struct ai_graph *g = ai_graph_new(DIM, 0.5f);
    struct ai_graph_walk walk = {0};
    for (size_t i = 0; i < NODES; i++)
        memcpy(mixed + i * DIM, rows + (i % 2 ? i : 7) * DIM, DIM * sizeof *mixed);
    grow(g, mixed, NODES);
    size_t found = 0;
    for (size_t i = 1; i < NODES; i += 2) {
        assert_int_equal(ai_graph_walk(g, &walk, ai_graph_row(g, i), 24), 0);
        found += ai_graph_found_node(walk.found[0]) == i;
    }
    print_message("# %zu of %d others found among copies\n", found, NODES / 2);
    assert_true(found > NODES / 2 * 0.97);
    assert_int_equal(ai_graph_walk(g, &walk, ai_graph_row(g, 0), 24), 0);
    for (size_t i = 0; i < 24; i++)
        assert_int_equal(ai_graph_found_node(walk.found[i]) % 2, 0);
    ai_graph_walk_done(&walk);
    ai_graph_free(g);
    free(mixed);
}

/* --- The file --------------------------------------------------------------------------------- */

static void files_come_back(void **state)
{
    (void)state;
    struct ai_graph *g = ai_graph_new(DIM, 0.5f), *back;
    struct stat st;
    assert_int_equal(ai_graph_load(path, DIM, &back), CORE_ENOTFOUND);
    assert_int_equal(ai_graph_save(g, path), 0); /* an empty one, too */
    assert_int_equal(ai_graph_load(path, DIM, &back), 0);
    assert_int_equal(back->count, 0);
    ai_graph_free(back);
    grow(g, rows, 3000);
    assert_int_equal(ai_graph_save(g, path), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(ai_graph_load(path, DIM, &back), 0);
    assert_true(back->count == g->count && back->scale == g->scale);
    assert_memory_equal(back->nodes, g->nodes, g->count * g->rows.stride);
    /* It grows on as if nothing had happened, and its file stays as it is. */
    grow(g, rows, NODES);
    grow(back, rows, NODES);
    assert_memory_equal(back->nodes, g->nodes, g->count * g->rows.stride);
    ai_graph_free(back);
    assert_int_equal(ai_graph_load(path, DIM, &back), 0);
    assert_int_equal(back->count, 3000);
    ai_graph_free(back);
    assert_int_equal(ai_graph_load(path, DIM + 1, &back), CORE_ECORRUPT);
    assert_int_equal(ai_graph_load(folder, DIM, &back), CORE_ECORRUPT);
    assert_int_equal(ai_graph_save(g, "/nonexistent/a.graph"), CORE_ENOTFOUND);
    ai_graph_free(g);
}

static void damage_is_noticed(void **state)
{
    (void)state;
    struct ai_graph *g = ai_graph_new(DIM, 0.5f), *back;
    size_t regions[] = {sizeof(struct ai_graph_header), AI_GRAPH_HEADER_BYTES};
    struct stat st;
    grow(g, rows, 300);
    assert_int_equal(ai_graph_save(g, path), 0);
    assert_int_equal(stat(path, &st), 0);
    int fd = open(path, O_RDWR);
    srand(8);
    for (size_t i = 0; i < 400; i++) {
        /* Every byte of the header, then anywhere in the nodes. */
        off_t at = i < regions[0] ? (off_t)i
                                  : (off_t)regions[1] + rand() % (st.st_size - (off_t)regions[1]);
        unsigned char byte, bad;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        bad = byte ^ (unsigned char)(1 << rand() % 8);
        assert_int_equal(pwrite(fd, &bad, 1, at), 1);
        assert_int_equal(ai_graph_load(path, DIM, &back), CORE_ECORRUPT);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_int_equal(ai_graph_load(path, DIM, &back), 0);
    ai_graph_free(back);
    assert_int_equal(ftruncate(fd, st.st_size + 1), 0);
    assert_int_equal(ai_graph_load(path, DIM, &back), CORE_ECORRUPT);
    for (off_t size = st.st_size - 1; size >= 0; size -= 1 + st.st_size / 40) {
        assert_int_equal(ftruncate(fd, size), 0);
        assert_int_equal(ai_graph_load(path, DIM, &back), CORE_ECORRUPT);
    }
    close(fd);
    ai_graph_free(g);
}

/* A file whose sums are right, and whose links are
 * not: whoever wrote it, no walk leaves the nodes. */
static void links_out_of_bounds_are_refused(void **state)
{
    (void)state;
    static const uint32_t odd[] = {300, 301, 1u << 31, AI_GRAPH_NONE - 1, 0};
    struct ai_graph *g = ai_graph_new(DIM, 0.5f), *back;
    grow(g, rows, 300);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        uint32_t *links = ai_graph_links(g, 299 - i);
        size_t at = ai_graph_degree(links);
        /* A wild one among the links, and a good one behind their end. */
        at = odd[i] ? at / 2 : AI_GRAPH_LINKS - 1;
        uint32_t was = links[at], before = links[at - 1];
        links[at] = odd[i];
        if (!odd[i])
            links[at - 1] = AI_GRAPH_NONE;
        assert_int_equal(ai_graph_save(g, path), 0);
        assert_int_equal(ai_graph_load(path, DIM, &back), CORE_ECORRUPT);
        links[at] = was;
        links[at - 1] = before;
    }
    assert_int_equal(ai_graph_save(g, path), 0);
    assert_int_equal(ai_graph_load(path, DIM, &back), 0);
    ai_graph_free(back);
    ai_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_nearly_all),
        cmocka_unit_test(a_cap),
        cmocka_unit_test(leaving_keeps_the_rest_in_reach),
        cmocka_unit_test(copies_hide_nobody),
        cmocka_unit_test(files_come_back),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(links_out_of_bounds_are_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
