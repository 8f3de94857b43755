/* dump.c: see dump.h. */
#include "core/backup/dump.h"

#include "core/mem.h"

/* Columns and key of the widest table. */
#define SQL_MAX (2u * (CORE_LIMIT_TABLE_COLUMNS + 1u) * (STORE_NAME_SIZE + 32u))

struct dump {
    const struct store_table *table;
    unsigned number;
    const struct backup_sink *sink;
    uint32_t rows;
    struct core_buf raw;
};

static void select_put(struct store *store, const struct store_table *table, struct core_buf *sql)
{
    const char *comma = "";

    core_buf_add_c(sql, "SELECT ");
    for (unsigned c = 0; c < table->column_count; c++)
        core_buf_addf(sql, "%s\"%s\"", c ? ", " : "", table->columns[c].name);
    core_buf_addf(sql, " FROM \"%s\"", table->name);
    if (strcmp(table->name, "setting") == 0)
        core_buf_add_c(sql, " WHERE key <> '" BACKUP_MARK "'");
    core_buf_add_c(sql, " ORDER BY ");
    for (unsigned place = 1; place <= table->column_count; place++) {
        for (unsigned c = 0; c < table->column_count; c++) {
            const struct store_column *column = &table->columns[c];
            if (column->key != place)
                continue;
            core_buf_addf(sql, "%s\"%s\"%s", comma, column->name,
                          column->type == STORE_TEXT ? store_order_by_bytes(store) : "");
            comma = ", ";
        }
    }
}

static int frame_end(struct dump *d)
{
    int err = core_buf_error(&d->raw);

    if (err == 0 && d->rows) {
        backup_rows_end(&d->raw, d->rows);
        err = d->sink->frame(d->sink->arg, d->number, d->rows, &d->raw);
    }
    d->rows = 0;
    backup_rows_begin(&d->raw, d->number);
    return err;
}

static int on_row(void *arg, const struct store_row *row)
{
    struct dump *d = arg;

    backup_rows_add(&d->raw, d->table, row);
    d->rows++;
    return d->raw.len >= CORE_LIMIT_BACKUP_CHUNK || core_buf_error(&d->raw) ? frame_end(d) : 0;
}

int backup_dump(struct store *store, const struct store_tables *tables,
                const struct backup_sink *sink)
{
    struct dump d = {.sink = sink};
    struct core_buf sql;
    int err = 0;

    core_buf_init(&sql, SQL_MAX);
    core_buf_init(&d.raw, CORE_LIMIT_BACKUP_FRAME);
    for (unsigned t = 0; t < tables->count && err == 0; t++) {
        d.table = &tables->tables[t];
        d.number = t;
        core_buf_clear(&sql);
        select_put(store, d.table, &sql);
        backup_rows_begin(&d.raw, t);
        err = core_buf_error(&sql);
        if (err == 0)
            err = store_read(store, sql.ptr, NULL, 0, on_row, &d);
        if (err == 0)
            err = frame_end(&d);
    }
    core_buf_done(&d.raw);
    core_buf_done(&sql);
    return err;
}

/* --- Sums ----------------------------------------------------------------------------------- */

struct sums {
    struct store *store;
    struct backup_tally tally;
};

static int sum_frame(void *arg, unsigned table, uint32_t rows, struct core_buf *raw)
{
    struct sums *s = arg;
    unsigned char digest[CORE_SHA256_SIZE];

    core_sha256(core_buf_str(raw), digest);
    backup_tally_rows(&s->tally, table, rows, digest);
    return 0;
}

static int sum_all(void *arg)
{
    struct sums *s = arg;
    const struct backup_sink sink = {.frame = sum_frame, .arg = s};
    struct store_tables *tables;
    int err = store_tables(s->store, &tables);

    if (err == 0) {
        backup_tally_init(&s->tally, tables->count);
        err = backup_dump(s->store, tables, &sink);
        free(tables);
    }
    return err;
}

int backup_store_sums(struct store *store, struct backup_sums *ret)
{
    struct sums *s = core_alloc(sizeof *s);
    int err;

    s->store = store;
    err = store_snapshot(store, sum_all, s);
    if (err == 0) {
        backup_tally_end(&s->tally, ret);
        memset(ret->whole, 0, sizeof ret->whole);
    }
    backup_tally_done(&s->tally);
    free(s);
    return err;
}
