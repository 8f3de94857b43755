/*
 * sqlite.c: the SQLite engine: one file DATA/sky.db in WAL mode, one writing thread, a pool of
 * reading connections. This file only joins the parts:
 *
 *     sqlite_file  opens      writer        queues, groups, answers
 *     sqlite_conn  prepares   sqlite_write  commits
 *     migrate      the schema readers       the pool, of what sqlite_read reads
 *                             sqlite_fill   commits while a store is filled
 */
#include "core/err.h"
#include "core/mem.h"
#include "core/metrics.h"
#include "core/store/pooled.h"
#include "core/store/schema.h"
#include "core/store/sqlite_fill.h"
#include "core/store/sqlite_file.h"
#include "core/store/sqlite_read.h"
#include "core/store/sqlite_write.h"
#include "core/store/tables.h"
#include "core/store/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct sqlite_store {
    struct store base;
    char *path;
    struct store__sqlite_reader file;
    struct store__sqlite_writer write;
};

static const struct store__writer_ops writer_ops = {
    .commit = store__sqlite_commit,
    .sync = store__sqlite_sync,
    .probe = store__sqlite_probe,
    .tend = store__sqlite_tend,
};

static struct sqlite_store *sqlite_store(const struct store *store)
{
    return (struct sqlite_store *)store;
}

static char *join_path(const char *folder, const char *name)
{
    size_t len = strlen(folder) + strlen(name) + 2;
    char *path = core_alloc(len);

    snprintf(path, len, "%s/%s", folder, name);
    return path;
}

static int take_version(void *arg, const struct store_row *row)
{
    *(int64_t *)arg = store_row_i64(row, 0);
    return 0;
}

static void engine_free(struct store *store)
{
    struct sqlite_store *s = sqlite_store(store);

    store__pooled_end(store);
    /* The last connection to close copies the log back and removes it. */
    store__conn_free(s->write.conn);
    free(s->path);
    free(s);
}

/* The file's schema, brought to the one that was asked for unless it is only looked at. */
static int schema_settle(struct sqlite_store *s, const struct store_options *options, char *why,
                         size_t why_cap)
{
    unsigned to = options->schema ? options->schema : store_schema_sqlite_count;
    int64_t version = 0;
    int err = to > store_schema_sqlite_count ? CORE_ENEWER : 0;

    if (err == 0)
        err = store__readers_read(s->base.readers, "SELECT user_version FROM pragma_user_version",
                                  NULL, 0, take_version, &version);
    if (err < 0) {
        snprintf(why, why_cap, "the schema of %s is not known: %s", s->path, core_err_text(err));
        return err;
    }
    s->base.schema = (unsigned)version;
    if (options->look || s->base.schema >= to)
        return 0;
    if (version > 0 && options->upgrading)
        err = options->upgrading(options->upgrading_arg, &s->base, to, why, why_cap);
    if (err == 0)
        err = store__file_migrate(s->write.conn, s->path, to, why, why_cap);
    if (err == 0)
        s->base.schema = to;
    return err;
}

static int engine_open(const struct store_options *options, struct store **ret, char *why,
                       size_t why_cap)
{
    struct sqlite_store *s = core_alloc(sizeof *s);
    int err;

    s->base = (struct store){.engine = &store__engine_sqlite, .has_loop = options->loop != NULL};
    s->path = join_path(options->data_dir, "sky.db");
    s->file = (struct store__sqlite_reader){s->path, options->vfs};
    s->base.readers = store__readers_new(options->env, options->readers_max,
                                         &store__sqlite_reader_ops, &s->file);
    if (options->look)
        err = store__file_look(s->path, options->vfs, why, why_cap);
    else
        err = store__file_open(options, s->path, &s->write.conn, why, why_cap);
    if (err == 0)
        err = schema_settle(s, options, why, why_cap);
    if (err < 0) {
        engine_free(&s->base);
        return err;
    }
    if (!options->look) {
        s->write.schema = s->base.schema;
        s->write.wal_bytes = core_gauge("sky_store_log_bytes", NULL,
                                        "Size of the write-ahead log.");
        s->base.writer = store__writer_new(options->env, options->loop,
                                           options->filling ? &store__sqlite_fill_ops : &writer_ops,
                                           &s->write);
    }
    *ret = &s->base;
    return 0;
}

static int64_t file_bytes(const char *path, const char *suffix)
{
    struct stat st;
    size_t len = strlen(path) + strlen(suffix) + 1;
    char *name = core_alloc(len);

    snprintf(name, len, "%s%s", path, suffix);
    int64_t bytes = stat(name, &st) == 0 ? st.st_size : 0;
    free(name);
    return bytes;
}

static void engine_space(struct store *store, struct store_space *ret)
{
    struct sqlite_store *s = sqlite_store(store);
    struct statvfs disk;

    ret->bytes = file_bytes(s->path, "");
    ret->log_bytes = file_bytes(s->path, "-wal");
    if (statvfs(s->path, &disk) == 0) {
        ret->disk_free = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
        ret->disk_total = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize;
    }
}

/* On a connection of its own: it may take minutes. */
static int engine_check(struct store *store, char *why, size_t why_cap)
{
    struct sqlite_store *s = sqlite_store(store);
    struct store__conn *conn = NULL;
    sqlite3_stmt *stmt = NULL;
    const char *line = NULL;
    int code;
    int err = store__conn_open(s->path, s->file.vfs, STORE__READER, &conn);

    if (err == 0) {
        code = sqlite3_prepare_v2(conn->db, "PRAGMA integrity_check(1)", -1, &stmt, NULL);
        if (code == SQLITE_OK)
            code = sqlite3_step(stmt);
        err = store__conn_error(conn, code);
        if (code == SQLITE_ROW)
            line = (const char *)sqlite3_column_text(stmt, 0);
        if (err == 0 && (!line || strcmp(line, "ok") != 0))
            err = CORE_ECORRUPT;
    }
    if (err < 0)
        snprintf(why, why_cap, "the database %s is damaged (%s): put a backup in its place",
                 s->path, line ? line : core_err_text(err));
    sqlite3_finalize(stmt);
    store__conn_free(conn);
    return err;
}

/* --- Tables --------------------------------------------------------------------------------- */

/* What FTS5 keeps for itself are "shadow" tables. */
static int engine_tables(struct store *store, struct store_tables *ret)
{
    return store__pooled_read(
        store,
        "SELECT t.name, c.name, c.type, c.pk FROM pragma_table_list t, "
        "pragma_table_info(t.name) c WHERE t.schema = 'main' AND t.type = 'table' "
        "AND substr(t.name, 1, 7) <> 'sqlite_' ORDER BY t.name, c.cid",
        NULL, 0, store__tables_take, ret);
}

const struct store_engine store__engine_sqlite = {
    .name = "sqlite",
    .open = engine_open,
    .free = engine_free,
    .write = store__pooled_write,
    .read = store__pooled_read,
    .snapshot = store__pooled_snapshot,
    .health = store__pooled_health,
    .space = engine_space,
    .check = engine_check,
    .tables = engine_tables,
};
