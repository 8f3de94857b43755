/* store.c: the face of store.h, dispatched to the engine that the URL names. */
#include "core/store/engine.h"

#include "core/err.h"
#include "core/log.h"
#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *prefix; /* of the URL */
    const struct store_engine *engine;
} engines[] = {
    {"sqlite", &store__engine_sqlite},
    {"postgresql://", &store__engine_pg},
    {"postgres://", &store__engine_pg},
};

/* NULL: none, and `why`. */
static const struct store_engine *engine_of(const char *url, char *why, size_t why_cap)
{
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        const char *prefix = engines[i].prefix;
        bool whole = !strchr(prefix, ':');
        if (whole ? strcmp(url, prefix) == 0 : core_str_starts(core_str(url), core_str(prefix)))
            return engines[i].engine;
    }
    /* Only its beginning: what follows may hold a password. */
    snprintf(why, why_cap,
             "there is no store '%.*s': use 'sqlite' or postgresql://USER@HOST:PORT/DATABASE",
             (int)strcspn(url, ":/?@"), url);
    return NULL;
}

int store_url_check(const char *url, char *why, size_t why_cap)
{
    return engine_of(url, why, why_cap) ? 0 : CORE_EUNSUPPORTED;
}

int store_open(const struct store_options *options, struct store **ret, char *why, size_t why_cap)
{
    assert(options->env && options->data_dir && options->url);
    assert(options->readers_max >= 1 && options->readers_max <= CORE_LIMIT_STORE_READERS);
    const struct store_engine *engine = engine_of(options->url, why, why_cap);
    return engine ? engine->open(options, ret, why, why_cap) : CORE_EUNSUPPORTED;
}

void store_free(struct store *store)
{
    if (store)
        store->engine->free(store);
}

const char *store_engine(const struct store *store)
{
    return store->engine->name;
}

int store_health(struct store *store)
{
    return store->engine->health(store);
}

unsigned store_schema(const struct store *store)
{
    return store->schema;
}

void store_space(struct store *store, struct store_space *ret)
{
    *ret = (struct store_space){-1, -1, -1, -1};
    store->engine->space(store, ret);
}

int store_check(struct store *store, char *why, size_t why_cap)
{
    return store->engine->check(store, why, why_cap);
}

/* --- Writing -------------------------------------------------------------------------------- */

void store_write(struct store *store, struct store_batch *batch,
                 void (*acked)(void *arg, int status), void *arg)
{
    assert(!acked || store->has_loop);
    batch->acked = acked;
    batch->arg = arg;
    store->engine->write(store, batch);
}

int store_write_wait(struct store *store, struct store_batch *batch)
{
    sem_t answered;
    int status = CORE_EINTERNAL;

    sem_init(&answered, 0, 0);
    batch->waiter = &answered;
    batch->waiter_status = &status;
    store->engine->write(store, batch);
    while (sem_wait(&answered) < 0)
        ; /* a signal's handler ran */
    sem_destroy(&answered);
    return status;
}

/* --- Reading -------------------------------------------------------------------------------- */

int64_t store_row_i64(const struct store_row *row, unsigned column)
{
    return row->ops->i64(row, column);
}

double store_row_real(const struct store_row *row, unsigned column)
{
    return row->ops->real(row, column);
}

struct core_str store_row_str(const struct store_row *row, unsigned column)
{
    return row->ops->str(row, column);
}

bool store_row_null(const struct store_row *row, unsigned column)
{
    return row->ops->null(row, column);
}

int store_read(struct store *store, const char *sql, const struct store_value *params, size_t count,
               int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    return store->engine->read(store, sql, params, count, on_row, arg);
}

#define ROW_FOUND 1

static int take_i64(void *arg, const struct store_row *row)
{
    *(int64_t *)arg = store_row_i64(row, 0);
    return ROW_FOUND;
}

int store_read_i64(struct store *store, const char *sql, const struct store_value *params,
                   size_t count, int64_t *ret)
{
    int64_t value;
    int err = store_read(store, sql, params, count, take_i64, &value);

    if (err < 0)
        return err;
    if (err != ROW_FOUND)
        return CORE_ENOTFOUND;
    *ret = value;
    return 0;
}

int store_snapshot(struct store *store, int (*fn)(void *arg), void *arg)
{
    return store->engine->snapshot(store, fn, arg);
}

/* --- Tables --------------------------------------------------------------------------------- */

static int by_column_name(const void *a, const void *b)
{
    return strcmp(((const struct store_column *)a)->name, ((const struct store_column *)b)->name);
}

static int by_table_name(const void *a, const void *b)
{
    const struct store_table *x = a, *y = b;
    int x_last = strcmp(x->name, "setting") == 0, y_last = strcmp(y->name, "setting") == 0;

    return x_last != y_last ? x_last - y_last : strcmp(x->name, y->name);
}

static bool table_sound(const struct store_table *t)
{
    bool key = false;

    for (unsigned i = 0; i < t->column_count; i++) {
        key = key || t->columns[i].key > 0;
        if (t->columns[i].type == STORE_NULL)
            return false;
    }
    return key;
}

int store_tables(struct store *store, struct store_tables **ret)
{
    struct store_tables *t = core_alloc(sizeof *t);
    int err = store->engine->tables ? store->engine->tables(store, t) : CORE_EUNSUPPORTED;

    for (unsigned i = 0; i < t->count && err == 0; i++) {
        struct store_table *table = &t->tables[i];
        qsort(table->columns, table->column_count, sizeof *table->columns, by_column_name);
        err = table_sound(table) ? 0 : CORE_ECORRUPT;
    }
    if (err < 0) {
        free(t);
        return err;
    }
    qsort(t->tables, t->count, sizeof *t->tables, by_table_name);
    *ret = t;
    return 0;
}

const char *store_order_by_bytes(const struct store *store)
{
    return store->engine->order_by_bytes ? store->engine->order_by_bytes : "";
}

void store__log_sql(const char *why, struct core_str sql, int err)
{
    core_log(CORE_LOG_ERROR, "store.sql", {"error", CORE_LOG_C(core_err_name(err))},
             {"why", CORE_LOG_C(why)}, {"sql", CORE_LOG_S(sql)});
}
