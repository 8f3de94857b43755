/*
 * near_pg.c: vectors in PostgreSQL, by the extension vector (see near.h). The column `near` of the
 * table `vector`, its trigger and its indexes belong to the schema (core/store/schema_pg_search.c);
 * here are the questions.
 *
 * An index of the extension finds windows in the order of their inner product with the query,
 * nearly the nearest; the products are those of the stored halves, so nothing is left to rank
 * again. Several windows of a chunk may be among them: the best one counts. Where many hits are
 * wanted, or there is no index of the model, all rows are compared.
 */
#include "ai/index/near.h"

#include "core/buf.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct model {
    const char *name;
    const char *search; /* by its index; NULL: there is none */
    atomic_int_fast64_t chunks;
};
struct ai_near {
    struct store *store;
    unsigned dimensions;
    struct model models[AI_LIMIT_MODELS];
    size_t model_count;
};

/* The texts must be constants, for the planner to see which index it may
 * take and how few rows are wanted. set_config() is called once, before
 * the walk begins that it is for: it hands on the query. */
#define SEARCH(model)                                                                              \
    "WITH asked AS MATERIALIZED (SELECT CAST(CAST($1 AS TEXT) AS halfvec(384)) AS query,"          \
    " set_config('hnsw.ef_search', '" AI_NEAR_PG_BREADTH "', true) AS breadth)"                    \
    " SELECT found.chunk_id, found.product FROM asked CROSS JOIN LATERAL ("                        \
    "SELECT chunk_id, near <#> asked.query AS product FROM vector"                                 \
    " WHERE model = '" model "' AND asked.breadth <> ''"                                           \
    " ORDER BY near <#> asked.query LIMIT " AI_NEAR_PG_WINDOWS ") AS found"

static const struct {
    const char *model, *search;
} indexed[] = {{"minilm", SEARCH("minilm")}, {"e5", SEARCH("e5")}};

#define QUERY_MOST (AI_LIMIT_VECTOR_DIMENSIONS * (CORE_DOUBLE_SIZE + 1))

/* A vector as the extension reads it. */
static int put_query(struct core_buf *out, const float *query, unsigned dimensions)
{
    char number[CORE_DOUBLE_SIZE];
    core_buf_init(out, QUERY_MOST);
    core_buf_add_byte(out, '[');
    for (unsigned i = 0; i < dimensions; i++) {
        size_t len = core_str_from_double(query[i], 7, number);
        if (i)
            core_buf_add_byte(out, ',');
        core_buf_add(out, number, len);
    }
    return core_buf_add_byte(out, ']');
}

/* --- Opening ---------------------------------------------------------------------------------- */

static int count_chunks(struct ai_near *near, struct model *m)
{
    const struct store_value params[] = {STORE_C(m->name)};
    int64_t chunks = 0;
    int err = store_read_i64(near->store,
                             "SELECT COUNT(*) FROM vector WHERE model = $1 AND ordinal = 0", params,
                             1, &chunks);
    if (err == 0)
        atomic_store(&m->chunks, chunks);
    return err;
}

static void close_near(struct ai_near *near)
{
    free(near);
}

static int open_near(const struct ai_index_options *options, struct ai_near **ret, char *why,
                     size_t why_cap)
{
    struct ai_near *near = core_alloc(sizeof *near);
    int err = 0;
    near->store = options->store;
    near->dimensions = options->dimensions;
    if (options->dimensions != AI_NEAR_PG_DIMENSIONS) {
        snprintf(why, why_cap, "on PostgreSQL vectors must have %d dimensions, not %u",
                 AI_NEAR_PG_DIMENSIONS, options->dimensions);
        err = CORE_EINVAL;
    }
    for (size_t i = 0; err == 0 && options->models[i]; i++) {
        struct model *m = &near->models[near->model_count++];
        m->name = options->models[i];
        for (size_t j = 0; j < sizeof indexed / sizeof *indexed; j++)
            if (strcmp(indexed[j].model, m->name) == 0)
                m->search = indexed[j].search;
        err = count_chunks(near, m);
    }
    if (err) {
        close_near(near);
        return err;
    }
    *ret = near;
    return 0;
}

/* --- Searching -------------------------------------------------------------------------------- */

struct collect {
    struct ai_hit *hits;
    size_t count, cap;
};

/* Rows come best first: of a chunk that came before this is a worse window. */
static int on_window(void *arg, const struct store_row *row)
{
    struct collect *c = arg;
    int64_t id = store_row_i64(row, 0);
    for (size_t i = 0; i < c->count; i++)
        if (c->hits[i].chunk_id == id)
            return 0;
    c->hits[c->count++] = (struct ai_hit){id, (float)-store_row_real(row, 1)};
    return c->count == c->cap;
}

static int on_best(void *arg, const struct store_row *row)
{
    struct collect *c = arg;
    c->hits[c->count++] = (struct ai_hit){store_row_i64(row, 0), (float)-store_row_real(row, 1)};
    return 0;
}

static int search(struct ai_near *near, size_t model, const float *query, size_t k,
                  struct ai_hit *ret, size_t *ret_count)
{
    const struct model *m = &near->models[model];
    struct collect c = {.hits = ret, .cap = k};
    struct core_buf text;
    int err = put_query(&text, query, near->dimensions);
    if (err == 0 && k > 0 && m->search && k <= AI_NEAR_PG_HITS) {
        const struct store_value params[] = {STORE_T(core_buf_str(&text))};
        err = store_read(near->store, m->search, params, 1, on_window, &c);
    } else if (err == 0 && k > 0) {
        const struct store_value params[] = {STORE_T(core_buf_str(&text)), STORE_C(m->name),
                                             STORE_I((int64_t)k)};
        err = store_read(near->store,
                         "WITH asked AS MATERIALIZED"
                         " (SELECT CAST(CAST($1 AS TEXT) AS halfvec(384)) AS query)"
                         " SELECT vector.chunk_id, MIN(vector.near <#> asked.query)"
                         " FROM asked CROSS JOIN vector"
                         " WHERE vector.model = $2 AND vector.near IS NOT NULL"
                         " GROUP BY vector.chunk_id ORDER BY 2, 1 LIMIT $3",
                         params, 3, on_best, &c);
    }
    core_buf_done(&text);
    if (err < 0)
        return err;
    *ret_count = c.count;
    return 0;
}

struct scores {
    struct ai_hit *hits;
    size_t count;
};

static int on_score(void *arg, const struct store_row *row)
{
    struct scores *s = arg;
    int64_t id = store_row_i64(row, 0);
    for (size_t i = 0; i < s->count; i++)
        if (s->hits[i].chunk_id == id)
            s->hits[i].score = (float)-store_row_real(row, 1);
    return 0;
}

static int score(struct ai_near *near, size_t model, const float *query, struct ai_hit *hits,
                 size_t count)
{
    struct scores s = {hits, count};
    struct core_buf text, ids;
    int err = put_query(&text, query, near->dimensions);
    core_buf_init(&ids, (size_t)AI_LIMIT_HITS * (CORE_I64_SIZE + 2));
    for (size_t i = 0; i < count; i++) {
        hits[i].score = -1;
        core_buf_addf(&ids, "%c%lld", i ? ',' : '{', (long long)hits[i].chunk_id);
    }
    if (err == 0)
        err = core_buf_add_byte(&ids, '}');
    if (err == 0 && count > 0) {
        const struct store_value params[] = {STORE_T(core_buf_str(&text)),
                                             STORE_C(near->models[model].name),
                                             STORE_T(core_buf_str(&ids))};
        err = store_read(
            near->store,
            "WITH asked AS MATERIALIZED"
            " (SELECT CAST(CAST($1 AS TEXT) AS halfvec(384)) AS query)"
            " SELECT vector.chunk_id, MIN(vector.near <#> asked.query)"
            " FROM asked CROSS JOIN unnest(CAST(CAST($3 AS TEXT) AS BIGINT[])) AS wanted (id)"
            " JOIN vector ON vector.chunk_id = wanted.id AND vector.model = $2"
            " WHERE vector.near IS NOT NULL GROUP BY vector.chunk_id",
            params, 3, on_score, &s);
    }
    core_buf_done(&text);
    core_buf_done(&ids);
    return err < 0 ? err : 0;
}

static size_t count(struct ai_near *near, size_t model)
{
    return (size_t)atomic_load(&near->models[model].chunks);
}

/* --- Changing --------------------------------------------------------------------------------- */

/* The rows are in the store, and with them in its indexes: what is left is the count. */
static int add(struct ai_near *near, size_t model, int64_t chunk_id, const float *vectors,
               size_t windows)
{
    (void)chunk_id, (void)vectors, (void)windows;
    atomic_fetch_add(&near->models[model].chunks, 1);
    return 0;
}

static void remove_chunks(struct ai_near *near, const int64_t *chunk_ids, size_t n)
{
    (void)chunk_ids, (void)n;
    for (size_t i = 0; i < near->model_count; i++)
        (void)count_chunks(near, &near->models[i]);
}

static int check(struct ai_near *near, char *why, size_t why_cap)
{
    int64_t bare = 0;
    int err = store_read_i64(
        near->store, "SELECT COUNT(*) FROM vector WHERE near IS NULL AND length(data) = 768", NULL,
        0, &bare);
    if (err) {
        snprintf(why, why_cap, "the vectors cannot be read: %s", core_err_text(err));
        return err;
    }
    if (bare > 0) {
        snprintf(why, why_cap,
                 "%lld vectors are not in the index: as the owner of the database run"
                 " UPDATE vector SET data = data WHERE near IS NULL",
                 (long long)bare);
        return CORE_EMISMATCH;
    }
    return 0;
}

const struct ai_near_engine ai_near_pg = {
    .open = open_near,
    .free = close_near,
    .search = search,
    .score = score,
    .add = add,
    .remove = remove_chunks,
    .count = count,
    .check = check,
};
