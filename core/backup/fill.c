/* fill.c: see fill.h. */
#include "core/backup/fill.h"

#include "core/backup/backup.h"
#include "core/backup/dump.h"
#include "core/mem.h"

#include <stdio.h>

/* The SQL of the widest table. */
#define SQL_MAX (2u * (CORE_LIMIT_TABLE_COLUMNS + 1u) * (STORE_NAME_SIZE + 32u))
/* A commit is worth its while, and the next one can be prepared while it runs. */
#define BATCH_BYTES (4u << 20)
#define BATCH_ROWS 65536

struct backup_fill {
    struct store *store;
    const struct store_tables *tables;
    char *insert[CORE_LIMIT_TABLES];
    struct store_batch *batch, *last; /* last: the rows of `setting` */
};

static bool is_setting(const struct store_table *table)
{
    return strcmp(table->name, "setting") == 0;
}

/* What a store has from its migrations, or keeps about itself. */
static bool is_seeded(const struct store_table *table)
{
    return is_setting(table) || strcmp(table->name, "tier") == 0 ||
           strcmp(table->name, "audit_head") == 0;
}

static char *insert_sql(const struct store_table *table)
{
    struct core_buf sql;

    core_buf_init(&sql, SQL_MAX);
    core_buf_addf(&sql, "INSERT INTO \"%s\" (", table->name);
    for (unsigned c = 0; c < table->column_count; c++)
        core_buf_addf(&sql, "%s\"%s\"", c ? ", " : "", table->columns[c].name);
    core_buf_add_c(&sql, ") VALUES (");
    for (unsigned c = 0; c < table->column_count; c++)
        core_buf_addf(&sql, "%s$%u", c ? ", " : "", c + 1);
    core_buf_add_c(&sql, ")");
    return core_buf_take(&sql, NULL);
}

/* --- Before --------------------------------------------------------------------------------- */

static bool same_table(const struct store_table *a, const struct store_table *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->column_count == b->column_count;

    for (unsigned c = 0; same && c < a->column_count; c++)
        same = strcmp(a->columns[c].name, b->columns[c].name) == 0 &&
               a->columns[c].type == b->columns[c].type;
    return same;
}

static int same_tables(struct store *store, const struct store_tables *tables)
{
    struct store_tables *there;
    int err = store_tables(store, &there);
    bool same = err == 0 && there->count == tables->count;

    if (err < 0)
        return err;
    for (unsigned t = 0; same && t < tables->count; t++)
        same = same_table(&there->tables[t], &tables->tables[t]);
    free(there);
    return same ? 0 : CORE_EMISMATCH;
}

bool backup_unfinished(struct store *store)
{
    const struct store_value key = STORE_C(BACKUP_MARK);
    int64_t count = 0;
    int err = store_read_i64(store, "SELECT COUNT(*) FROM setting WHERE key = $1", &key, 1, &count);

    return err == 0 && count > 0;
}

static int check_empty(struct store *store, const struct store_tables *tables)
{
    char sql[64 + STORE_NAME_SIZE];
    int64_t found;
    int err = 0;

    for (unsigned t = 0; t < tables->count && err == 0; t++) {
        if (is_seeded(&tables->tables[t]))
            continue;
        snprintf(sql, sizeof sql, "SELECT 1 FROM \"%s\" LIMIT 1", tables->tables[t].name);
        err = store_read_i64(store, sql, NULL, 0, &found);
        err = err == CORE_ENOTFOUND ? 0 : err == 0 ? CORE_EEXISTS : err;
    }
    return err;
}

static void mark_put(struct store_batch *batch)
{
    store_put(batch, STORE_ROWS_ANY,
              "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
              STORE_C(BACKUP_MARK), STORE_C("1"));
}

static int empty_and_mark(struct store *store, const struct store_tables *tables)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    char *sql[CORE_LIMIT_TABLES];
    int err;

    for (unsigned t = 0; t < tables->count; t++) {
        size_t cap = 32 + STORE_NAME_SIZE;
        sql[t] = core_alloc(cap);
        snprintf(sql[t], cap, "DELETE FROM \"%s\"", tables->tables[t].name);
        store_batch_add(batch, STORE_ROWS_ANY, sql[t], NULL, 0);
    }
    mark_put(batch);
    err = store_write_wait(store, batch);
    for (unsigned t = 0; t < tables->count; t++)
        free(sql[t]);
    return err;
}

int backup_fill_begin(struct store *store, const struct store_tables *tables,
                      struct backup_fill **ret)
{
    struct backup_fill *f;
    int err = same_tables(store, tables);

    if (err == 0 && !backup_unfinished(store))
        err = check_empty(store, tables);
    if (err == 0)
        err = empty_and_mark(store, tables);
    if (err < 0)
        return err;
    f = core_alloc(sizeof *f);
    f->store = store;
    f->tables = tables;
    for (unsigned t = 0; t < tables->count; t++)
        f->insert[t] = insert_sql(&tables->tables[t]);
    f->batch = store_batch_new(STORE_RELAXED);
    f->last = store_batch_new(STORE_DURABLE);
    store_batch_add(f->last, STORE_ROWS_ANY, "DELETE FROM setting", NULL, 0);
    *ret = f;
    return 0;
}

/* --- Rows ----------------------------------------------------------------------------------- */

static int batch_write(struct backup_fill *f)
{
    struct store_batch *batch = f->batch;

    if (store_batch_count(batch) == 0)
        return 0;
    f->batch = store_batch_new(STORE_RELAXED);
    return store_write_wait(f->store, batch);
}

int backup_fill_rows(struct backup_fill *f, struct core_str raw)
{
    struct store_value values[CORE_LIMIT_TABLE_COLUMNS];
    struct backup_rows rows;
    int err = backup_rows_parse(raw, f->tables, &rows);
    int more;

    while (err == 0 && (more = backup_rows_next(&rows, values)) != 0) {
        struct store_batch *batch = is_setting(rows.table) ? f->last : f->batch;
        if (more < 0)
            return more;
        store_batch_add(batch, 1, f->insert[rows.number], values, rows.table->column_count);
        if (batch == f->batch &&
            (store_batch_bytes(batch) >= BATCH_BYTES || store_batch_count(batch) >= BATCH_ROWS))
            err = batch_write(f);
    }
    return err;
}

int backup_fill_end(struct backup_fill *f, bool marked)
{
    struct store_batch *last = f->last;
    int err = batch_write(f);

    if (err < 0)
        return err;
    if (marked)
        mark_put(last);
    f->last = NULL;
    return store_write_wait(f->store, last);
}

int backup_fill_unmark(struct store *store)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);

    store_put(batch, 1, "DELETE FROM setting WHERE key = $1", STORE_C(BACKUP_MARK));
    return store_write_wait(store, batch);
}

void backup_fill_free(struct backup_fill *f)
{
    if (!f)
        return;
    store_batch_free(f->batch);
    store_batch_free(f->last);
    for (unsigned t = 0; t < f->tables->count; t++)
        free(f->insert[t]);
    free(f);
}
