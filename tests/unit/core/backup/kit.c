/* kit.c: see kit.h. */
#include "tests/unit/core/backup/kit.h"

#include "core/err.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const struct backup_progress kit_quiet;

static struct store_value value_of(const struct store_column *column, unsigned n, char *text,
                                   size_t cap)
{
    snprintf(text, cap, "%s %u \xc3\xa4", column->name, n);
    switch (column->type) {
    case STORE_INT:
        return STORE_I(column->key ? (int64_t)n + 100 : n % 3 ? (int64_t)n - 5 : INT64_MIN + n);
    case STORE_REAL:
        return STORE_R((double)n / 3);
    case STORE_TEXT:
        return STORE_C(text);
    default:
        return STORE_B(text, strlen(text));
    }
}

static void row_put(struct store_batch *batch, const struct store_table *table, const char *sql,
                    unsigned n)
{
    struct store_value values[CORE_LIMIT_TABLE_COLUMNS];
    char text[CORE_LIMIT_TABLE_COLUMNS][STORE_NAME_SIZE + 32];

    for (unsigned c = 0; c < table->column_count; c++)
        values[c] = value_of(&table->columns[c], n, text[c], sizeof text[c]);
    store_batch_add(batch, 1, sql, values, table->column_count);
}

void kit_rows(struct store *store, unsigned from, unsigned rows)
{
    struct store_tables *tables;

    assert_int_equal(store_tables(store, &tables), 0);
    for (unsigned t = 0; t < tables->count; t++) {
        const struct store_table *table = &tables->tables[t];
        struct store_batch *batch = store_batch_new(STORE_RELAXED);
        struct core_buf sql;
        core_buf_init(&sql, 1 << 16);
        core_buf_addf(&sql, "INSERT INTO \"%s\" (", table->name);
        for (unsigned c = 0; c < table->column_count; c++)
            core_buf_addf(&sql, "%s\"%s\"", c ? ", " : "", table->columns[c].name);
        core_buf_add_c(&sql, ") VALUES (");
        for (unsigned c = 0; c < table->column_count; c++)
            core_buf_addf(&sql, "%s$%u", c ? ", " : "", c + 1);
        core_buf_add_c(&sql, ")");
        for (unsigned n = from; n < from + rows; n++)
            row_put(batch, table, sql.ptr, n);
        assert_int_equal(store_write_wait(store, batch), 0);
        core_buf_done(&sql);
    }
    free(tables);
}

void kit_bulk(struct store *store, unsigned documents)
{
    static char text[300000];
    uint64_t seed = 7;

    for (unsigned n = 0; n < documents; n++) {
        struct store_batch *batch = store_batch_new(STORE_RELAXED);
        char id[32];
        snprintf(id, sizeof id, "bulk%08u", n);
        for (size_t i = 0; i < sizeof text; i++) /* half of it packs well, half does not */
            text[i] = n % 2 ? (char)dice(&seed) : (char)('a' + i % 17);
        store_put(batch, 1,
                  "INSERT INTO cache (id, key_hash, scope_hash, question, answered, answer, model,"
                  " vector, created_ms) VALUES ($1, $2, $3, '', 1, '', 'm', $4, 1)",
                  STORE_C(id), STORE_B(id, strlen(id)), STORE_B("s", 1),
                  STORE_B(text, sizeof text));
        assert_int_equal(store_write_wait(store, batch), 0);
    }
}

int64_t kit_count(struct store *store, const char *table)
{
    char sql[128];
    int64_t n = -1;

    snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", table);
    assert_int_equal(store_read_i64(store, sql, NULL, 0, &n), 0);
    return n;
}

struct store *kit_open(const char *dir, unsigned schema, bool look)
{
    const struct store_options options = {.env = core_env_real(),
                                          .url = "sqlite",
                                          .data_dir = dir,
                                          .readers_max = 2,
                                          .schema = schema,
                                          .look = look};
    struct store *store = NULL;
    char why[512];

    if (store_open(&options, &store, why, sizeof why) < 0)
        fail_msg("%s", why);
    return store;
}

int kit_make(struct store *store, const char *path, const char *passphrase, const char *keys_of,
             struct backup_info *ret)
{
    const struct backup_options o = {.env = core_env_real(),
                                     .store = store,
                                     .path = path,
                                     .passphrase = core_str(passphrase),
                                     .data_dir = keys_of};
    char why[512] = "";
    int err = backup_make(&o, ret, why, sizeof why);

    assert_int_equal(err != 0, *why != '\0');
    return err;
}

int kit_verify(const char *path, const char *passphrase, struct backup_info *ret)
{
    char why[512] = "";
    int err = backup_verify(path, core_str(passphrase), &kit_quiet, ret, why, sizeof why);

    assert_int_equal(err != 0, *why != '\0');
    return err;
}

int kit_restore(const char *path, const char *passphrase, const char *dir, bool keep_schema,
                struct backup_info *ret)
{
    const struct backup_restore o = {.env = core_env_real(),
                                     .path = path,
                                     .passphrase = core_str(passphrase),
                                     .data_dir = dir,
                                     .store_url = "sqlite",
                                     .keep_schema = keep_schema};
    char why[512] = "";
    int err = backup_restore(&o, ret, why, sizeof why);

    assert_int_equal(err != 0, *why != '\0');
    return err;
}

void kit_read(const char *path, struct core_buf *out)
{
    core_buf_init(out, 256u << 20);
    assert_int_equal(core_env_real()->fs->read(core_env_real()->ctx, path, out), 0);
}

void kit_write(const char *path, struct core_str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
    close(fd);
}

bool kit_exists(const char *path)
{
    return access(path, F_OK) == 0;
}
