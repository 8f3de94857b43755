/*
 * bench_vectors.c: our vector search, as bench/vectors asks for it: bench-vectors FOLDER ROWS
 * QUERIES DIMENSIONS. FOLDER/data.f32 holds the rows, then the queries. Each line from stdin is
 * answered by a line of numbers; times are processor seconds of all threads, since the wall clock
 * of a busy machine says little.
 *
 *     build                → seconds to build the index, rows and graph; bytes of its files
 *     search K BREADTH OUT → seconds for all queries; OUT gets K row numbers (int32) a query
 *     load                 → seconds to open the index again, to the first search and to the graph
 */
#include "ai/index/f16.h"
#include "ai/index/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct bench {
    size_t rows, queries;
    unsigned dimensions;
    float *data;
    struct ai_vectors *vectors;
    char path[4000], graph[4096];
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench-vectors: %s\n", what);
    exit(1);
}

static size_t number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*end || n == 0 || n > 1u << 24)
        fail("the numbers make no sense");
    return n;
}

static void read_data(struct bench *b, const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/data.f32", folder);
    FILE *f = fopen(path, "rb");
    size_t count = (b->rows + b->queries) * b->dimensions;
    b->data = malloc(count * sizeof *b->data);
    if (!f || !b->data || fread(b->data, sizeof *b->data, count, f) != count)
        fail("data.f32 cannot be read");
    fclose(f);
}

static long bytes_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (long)st.st_size : 0;
}

static void build(struct bench *b)
{
    int64_t generation;
    uint16_t *halves = malloc(b->dimensions * sizeof *halves);
    ai_vectors_free(b->vectors);
    unlink(b->path);
    unlink(b->graph);
    double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (!halves || ai_vectors_open(b->path, b->dimensions, &b->vectors, &generation) != 0)
        fail("the index cannot be opened");
    ai_vectors_settle(b->vectors);
    for (size_t i = 0; i < b->rows; i++) {
        ai_f16_pack(b->data + i * b->dimensions, b->dimensions, halves);
        if (ai_vectors_add(b->vectors, (int64_t)i, halves, 1) != 0)
            fail("a row cannot be added");
    }
    ai_vectors_tend(b->vectors, NULL);
    ai_vectors_save(b->vectors);
    ai_vectors_flush(b->vectors, 1);
    printf("%.6f %ld\n", seconds(CLOCK_PROCESS_CPUTIME_ID) - start,
           bytes_of(b->path) + bytes_of(b->graph));
    free(halves);
}

static void search(struct bench *b, size_t k, size_t breadth, const char *out)
{
    struct ai_hit *hits = malloc(k * sizeof *hits);
    int32_t *found = calloc(b->queries * k, sizeof *found);
    const float *queries = b->data + b->rows * b->dimensions;
    if (!hits || !found || !b->vectors)
        fail("nothing can be searched");
    double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t q = 0; q < b->queries; q++) {
        size_t count;
        ai_vectors_search_broad(b->vectors, queries + q * b->dimensions, k, breadth, hits, &count);
        for (size_t i = 0; i < count; i++)
            found[q * k + i] = (int32_t)hits[i].chunk_id;
    }
    double took = seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
    FILE *f = fopen(out, "wb");
    if (!f || fwrite(found, sizeof *found, b->queries * k, f) != b->queries * k || fclose(f) != 0)
        fail("the results cannot be written");
    printf("%.6f\n", took);
    free(hits);
    free(found);
}

static void load(struct bench *b)
{
    int64_t generation;
    struct ai_hit hit;
    size_t count;
    ai_vectors_free(b->vectors);
    double start = seconds(CLOCK_MONOTONIC);
    if (ai_vectors_open(b->path, b->dimensions, &b->vectors, &generation) != 0 || generation != 1)
        fail("the index cannot be opened again");
    ai_vectors_search(b->vectors, b->data, 1, &hit, &count);
    double first = seconds(CLOCK_MONOTONIC) - start;
    ai_vectors_tend(b->vectors, NULL);
    if (count != 1 || ai_vectors_graph_rows(b->vectors) != b->rows)
        fail("the graph did not come back");
    printf("%.6f %.6f\n", first, seconds(CLOCK_MONOTONIC) - start);
}

int main(int argc, char **argv)
{
    static struct bench b;
    char line[4200], out[4096];
    unsigned k, breadth;
    if (argc != 5)
        fail("usage: bench-vectors FOLDER ROWS QUERIES DIMENSIONS, commands on stdin");
    b.rows = number(argv[2]);
    b.queries = number(argv[3]);
    b.dimensions = (unsigned)number(argv[4]);
    snprintf(b.path, sizeof b.path, "%s/ours.vec", argv[1]);
    snprintf(b.graph, sizeof b.graph, "%s.graph", b.path);
    read_data(&b, argv[1]);
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "search %u %u %4095s", &k, &breadth, out) == 3 && k > 0)
            search(&b, k, breadth, out);
        else if (line[0] == 'b')
            build(&b);
        else if (line[0] == 'l' && b.vectors)
            load(&b);
        else
            fail("unknown command");
        fflush(stdout);
    }
    ai_vectors_free(b.vectors);
    free(b.data);
    return 0;
}
