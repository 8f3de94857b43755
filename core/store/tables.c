/* tables.c: see tables.h. */
#include "core/store/tables.h"

#include "core/err.h"

static enum store_type type_of(struct core_str type)
{
    static const struct {
        const char *name;
        enum store_type type;
    } known[] = {
        {"INTEGER", STORE_INT}, {"REAL", STORE_REAL}, {"TEXT", STORE_TEXT}, {"BLOB", STORE_BLOB}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (core_str_eq_c(type, known[i].name))
            return known[i].type;
    }
    return STORE_NULL;
}

static int name_put(char *out, struct core_str name)
{
    if (name.len == 0 || name.len >= STORE_NAME_SIZE)
        return CORE_ETOOBIG;
    memcpy(out, name.ptr, name.len);
    out[name.len] = '\0';
    return 0;
}

int store__tables_take(void *arg, const struct store_row *row)
{
    struct store_tables *t = arg;
    struct store_table *table = t->count ? &t->tables[t->count - 1] : NULL;
    struct store_column *column;
    struct core_str name = store_row_str(row, 0);
    int err = 0;

    if (!table || !core_str_eq_c(name, table->name)) {
        if (t->count == CORE_LIMIT_TABLES)
            return CORE_ETOOBIG;
        table = &t->tables[t->count++];
        err = name_put(table->name, name);
    }
    if (err == 0 && table->column_count == CORE_LIMIT_TABLE_COLUMNS)
        err = CORE_ETOOBIG;
    if (err < 0)
        return err;
    column = &table->columns[table->column_count++];
    column->type = type_of(store_row_str(row, 2));
    column->key = (unsigned)store_row_i64(row, 3);
    return name_put(column->name, store_row_str(row, 1));
}
