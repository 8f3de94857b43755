/*
 * bench_store.c: the store and the index on it, as bench/group_store.py asks for them, and the
 * libraries below them doing the same work without us.
 *
 *     ours KIND URL FOLDER SECONDS THREADS  → operations a second through core/store
 *     bare KIND FILE SECONDS                → the same by sqlite3 alone, on a file of its own
 *     near URL SCRATCH QUERIES K OUT        → milliseconds of each search by ai/index; OUT gets K ids (int64) a query
 *     near-bare URL QUERIES K               → the same by libpq alone
 *
 * KIND read: one row by its key. KIND write: a durable batch of BATCH_ROWS rows, new or changed.
 * QUERIES: 384 floats each.
 */
#include "ai/index/index.h"
#include "core/err.h"
#include "core/mem.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>

enum { ROWS = 10000, BATCH_ROWS = 8, THREADS_MAX = 64, DIMENSIONS = 384 };
#define READ "SELECT value FROM setting WHERE key = $1"
#define WRITE                                                                                      \
    "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value ="     \
    " excluded.value"
#define VALUE "a value of some forty bytes, changed %08u times"
enum { VALUE_SIZE = 64 };

static void fail(const char *what)
{
    fprintf(stderr, "bench-store: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct core_str key_of(uint64_t *state, char out[static 32])
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return core_strn(out,
                     (size_t)snprintf(out, 32, "bench.%05u", (unsigned)((*state >> 33) % ROWS)));
}

static struct store *open_store(const char *url, const char *folder)
{
    char why[300];
    struct store *store;
    const struct store_options options = {
        .env = core_env_real(), .url = url, .data_dir = folder, .readers_max = 16};
    if (store_open(&options, &store, why, sizeof why) < 0)
        fail(why);
    return store;
}

/* --- Operations ------------------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    struct store *store;
    sqlite3_stmt *begin, *one, *commit; /* bare */
    bool writes;
    double until;
    uint64_t state;
    unsigned changes;
    size_t done;
};

/* Never the same again: what does not change SQLite does not write. */
static struct core_str value_of(struct worker *w, char out[static VALUE_SIZE])
{
    return core_strn(out, (size_t)snprintf(out, VALUE_SIZE, VALUE, ++w->changes));
}

static int on_value(void *arg, const struct store_row *row)
{
    *(size_t *)arg += store_row_str(row, 0).len;
    return 1;
}

static void ours_once(struct worker *w)
{
    char key[32], value[VALUE_SIZE];
    if (w->writes) {
        struct store_batch *batch = store_batch_new(STORE_DURABLE);
        for (int i = 0; i < BATCH_ROWS; i++)
            store_put(batch, 1, WRITE, STORE_T(key_of(&w->state, key)),
                      STORE_T(value_of(w, value)));
        if (store_write_wait(w->store, batch) < 0)
            fail("a batch was refused");
    } else {
        size_t bytes = 0;
        const struct store_value params[] = {STORE_T(key_of(&w->state, key))};
        if (store_read(w->store, READ, params, 1, on_value, &bytes) < 0 || bytes == 0)
            fail("a row was not read");
    }
}

static void bare_step(sqlite3_stmt *statement, int wanted)
{
    if (sqlite3_step(statement) != wanted ||
        (wanted == SQLITE_ROW &&
         (!sqlite3_column_text(statement, 0) || sqlite3_column_bytes(statement, 0) == 0)))
        fail("a statement of sqlite3 failed");
    sqlite3_reset(statement);
}

static void bare_once(struct worker *w)
{
    char key[32], value[VALUE_SIZE];
    int rows = w->writes ? BATCH_ROWS : 1;
    if (w->writes)
        bare_step(w->begin, SQLITE_DONE);
    for (int i = 0; i < rows; i++) {
        struct core_str k = key_of(&w->state, key);
        sqlite3_bind_text(w->one, 1, k.ptr, (int)k.len, SQLITE_TRANSIENT);
        if (w->writes) {
            struct core_str v = value_of(w, value);
            sqlite3_bind_text(w->one, 2, v.ptr, (int)v.len, SQLITE_TRANSIENT);
        }
        bare_step(w->one, w->writes ? SQLITE_DONE : SQLITE_ROW);
    }
    if (w->writes)
        bare_step(w->commit, SQLITE_DONE);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    while (now_s() < w->until) {
        if (w->store)
            ours_once(w);
        else
            bare_once(w);
        w->done++;
    }
    return NULL;
}

static void fill(struct store *store)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    for (unsigned i = 0; i < ROWS; i++) {
        char key[32], value[VALUE_SIZE];
        snprintf(key, sizeof key, "bench.%05u", i);
        snprintf(value, sizeof value, VALUE, 0u);
        store_put(batch, 1, WRITE, STORE_C(key), STORE_C(value));
    }
    if (store_write_wait(store, batch) < 0)
        fail("the rows were refused");
}

static void ours(const char *kind, const char *url, const char *folder, double seconds,
                 unsigned threads)
{
    static struct worker workers[THREADS_MAX];
    struct store *store = open_store(url, folder);
    size_t done = 0;
    fill(store);
    double start = now_s();
    for (unsigned i = 0; i < threads && i < THREADS_MAX; i++) {
        workers[i] = (struct worker){.store = store,
                                     .writes = strcmp(kind, "write") == 0,
                                     .until = start + seconds,
                                     .state = i + 1};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            fail("no thread");
    }
    for (unsigned i = 0; i < threads && i < THREADS_MAX; i++) {
        pthread_join(workers[i].thread, NULL);
        done += workers[i].done;
    }
    printf("%.1f\n", (double)done / (now_s() - start));
    store_free(store);
}

/* The settings are those of core/store/sqlite_conn.c. */
static void bare(const char *kind, const char *path, double seconds)
{
    sqlite3 *db;
    struct worker w = {.writes = strcmp(kind, "write") == 0, .state = 1};
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(
            db,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;"
            "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
            " INSERT INTO setting SELECT printf('bench.%05d', i), printf('" VALUE "', 0) FROM n",
            NULL, NULL, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
    sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &w.begin, NULL);
    sqlite3_prepare_v2(db, "COMMIT", -1, &w.commit, NULL);
    sqlite3_prepare_v2(db, w.writes ? WRITE : READ, -1, &w.one, NULL);
    double start = now_s();
    w.until = start + seconds;
    work(&w);
    printf("%.1f\n", (double)w.done / (now_s() - start));
    sqlite3_finalize(w.begin);
    sqlite3_finalize(w.commit);
    sqlite3_finalize(w.one);
    sqlite3_close(db);
}

/* --- Vectors ---------------------------------------------------------------------------------- */

static const char *const models[] = {"minilm", "e5", NULL};

static struct ai_index *open_index(struct store *store, const char *folder)
{
    char why[300];
    struct ai_index *index;
    const struct ai_index_options options = {.env = core_env_real(),
                                             .store = store,
                                             .data_dir = folder,
                                             .dimensions = DIMENSIONS,
                                             .models = models};
    if (ai_index_open(&options, &index, why, sizeof why) < 0)
        fail(why);
    return index;
}

static float *read_queries(const char *path, size_t *ret_count)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        fail("there are no queries");
    size_t bytes = (size_t)ftell(f);
    float *queries = core_alloc(bytes + 1);
    rewind(f);
    if (fread(queries, 1, bytes, f) != bytes)
        fail("the queries cannot be read");
    fclose(f);
    *ret_count = bytes / (DIMENSIONS * sizeof *queries);
    return queries;
}

static void near(const char *url, const char *scratch, const char *queries_path, size_t k,
                 const char *out_path)
{
    size_t count;
    float *queries = read_queries(queries_path, &count);
    struct store *store = open_store(url, scratch);
    struct ai_index *index = open_index(store, scratch);
    struct ai_hit *hits = core_alloc_array(k, sizeof *hits);
    FILE *out = fopen(out_path, "wb");
    if (!out)
        fail("the results cannot be written");
    for (size_t i = 0; i < count; i++) {
        size_t found;
        double start = now_s();
        if (ai_index_vectors(index, "minilm", queries + i * DIMENSIONS, k, hits, &found) < 0)
            fail("a search failed");
        printf("%.4f\n", (now_s() - start) * 1000);
        for (size_t j = 0; j < k; j++) {
            int64_t id = j < found ? hits[j].chunk_id : 0;
            fwrite(&id, sizeof id, 1, out);
        }
    }
    fclose(out);
    free(hits);
    free(queries);
    ai_index_free(index);
    store_free(store);
}

static void near_bare(const char *url, const char *queries_path, const char *k, const char *breadth)
{
    size_t count;
    float *queries = read_queries(queries_path, &count);
    PGconn *db = PQconnectdb(url);
    char sql[400];
    snprintf(sql, sizeof sql,
             "SET search_path = sky, public; SET jit = off; SET hnsw.ef_search = %s", breadth);
    PQclear(PQexec(db, sql));
    snprintf(
        sql, sizeof sql,
        "SELECT chunk_id, near <#> $1 FROM vector WHERE model = 'minilm' ORDER BY near <#> $1 LIMIT %s",
        k);
    PQclear(PQprepare(db, "near", sql, 1, NULL));
    for (size_t i = 0; i < count; i++) {
        struct core_buf text;
        core_buf_init(&text, 1 << 16);
        for (size_t j = 0; j < DIMENSIONS; j++)
            core_buf_addf(&text, "%c%.7g", j ? ',' : '[', (double)queries[i * DIMENSIONS + j]);
        core_buf_add_byte(&text, ']');
        double start = now_s();
        PGresult *r = PQexecPrepared(db, "near", 1, (const char *const[]){text.ptr}, NULL, NULL, 1);
        if (PQresultStatus(r) != PGRES_TUPLES_OK)
            fail(PQerrorMessage(db));
        printf("%.4f\n", (now_s() - start) * 1000);
        PQclear(r);
        core_buf_done(&text);
    }
    PQfinish(db);
    free(queries);
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "ours") == 0)
        ours(argv[2], argv[3], argv[4], strtod(argv[5], NULL),
             (unsigned)strtoul(argv[6], NULL, 10));
    else if (argc == 5 && strcmp(argv[1], "bare") == 0)
        bare(argv[2], argv[3], strtod(argv[4], NULL));
    else if (argc == 7 && strcmp(argv[1], "near") == 0)
        near(argv[2], argv[3], argv[4], strtoul(argv[5], NULL, 10), argv[6]);
    else if (argc == 6 && strcmp(argv[1], "near-bare") == 0)
        near_bare(argv[2], argv[3], argv[4], argv[5]);
    else
        fail("read the head of bench/bench_store.c");
    return 0;
}
