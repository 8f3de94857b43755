/*
 * pg.c: the PostgreSQL engine: one writing session, a
 * pool of reading ones. This file only joins the parts:
 *
 *     pg_link  reaches a server      writer    queues, groups, answers
 *     pg_conn  talks to it           pg_write  commits
 *     pg_sql   looks at statements   readers   the pool, of what pg_read reads
 *     pg_open  the right to write, the schema
 */
#include "core/err.h"
#include "core/mem.h"
#include "core/store/pg_read.h"
#include "core/store/pg_write.h"
#include "core/store/pooled.h"
#include "core/store/tables.h"
#include "core/store/writer.h"

#include <stdio.h>
#include <stdlib.h>

struct pg_store {
    struct store base;
    struct store__pg_address address;
    struct store__pg_writer write;
};

static const struct store__writer_ops writer_ops = {
    .commit = store__pg_commit,
    .sync = store__pg_flush,
    .probe = store__pg_probe,
    .tend = store__pg_tend,
};

static struct pg_store *pg_store(const struct store *store)
{
    return (struct pg_store *)store;
}

static void engine_free(struct store *store)
{
    struct pg_store *s = pg_store(store);

    store__pooled_end(store);
    store__pg_close(s->write.conn);
    store__pg_address_done(&s->address);
    free(s);
}

struct upgrading {
    const struct store_options *options;
    struct pg_store *store;
};

static int on_upgrading(void *arg, unsigned from, unsigned to, char *why, size_t why_cap)
{
    const struct upgrading *u = arg;

    u->store->base.schema = from;
    return u->options->upgrading(u->options->upgrading_arg, &u->store->base, to, why, why_cap);
}

static int acquire(struct pg_store *s, const struct store_options *options, char *why,
                   size_t why_cap)
{
    struct upgrading u = {options, s};
    const struct store__pg_aim aim = {.schema = options->schema,
                                      .upgrading = options->upgrading ? on_upgrading : NULL,
                                      .arg = &u};

    return store__pg_acquire(&s->address, s->write.holder, &aim, &s->write.conn, &s->write.number,
                             &s->base.schema, why, why_cap);
}

static int engine_open(const struct store_options *options, struct store **ret, char *why,
                       size_t why_cap)
{
    struct pg_store *s = core_alloc(sizeof *s);
    int err;

    s->base = (struct store){.engine = &store__engine_pg, .has_loop = options->loop != NULL};
    core_id_new(options->env, s->write.holder);
    err = store__pg_address_init(&s->address, options->env, options->url, s->write.holder, why,
                                 why_cap);
    if (err < 0) {
        store__pg_address_done(&s->address);
        free(s);
        return err;
    }
    s->write.address = &s->address;
    s->base.readers = store__readers_new(options->env, options->readers_max, &store__pg_reader_ops,
                                         &s->address);
    err = options->look ? store__pg_look(&s->address, &s->base.schema, why, why_cap)
                        : acquire(s, options, why, why_cap);
    if (err < 0) {
        engine_free(&s->base);
        return err;
    }
    if (!options->look)
        s->base.writer = store__writer_new(options->env, options->loop, &writer_ops, &s->write);
    *ret = &s->base;
    return 0;
}

/* The disk is the server's: of that it tells nobody. */
static void engine_space(struct store *store, struct store_space *ret)
{
    store_read_i64(store, "SELECT pg_database_size(current_database())", NULL, 0, &ret->bytes);
}

/* What the server has found wrong with the pages it read, if it keeps checksums of them, and
 * whether all our tables can be read. Looking through the indexes is pg_amcheck's work. */
static int engine_check(struct store *store, char *why, size_t why_cap)
{
    const char *name = pg_store(store)->address.name;
    int64_t n = 0;
    int err = store_read_i64(store,
                             "SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database"
                             " WHERE datname = current_database()",
                             NULL, 0, &n);

    if (err == 0 && n > 0)
        err = CORE_ECORRUPT;
    if (err == 0)
        err = store_read_i64(store, "SELECT count(*) FROM document", NULL, 0, &n);
    if (err == CORE_ECORRUPT)
        snprintf(why, why_cap, "the database at %s is damaged: put a backup in its place", name);
    else if (err < 0)
        snprintf(why, why_cap, "the database at %s cannot be read: %s", name, core_err_text(err));
    return err;
}

/* Not what is the engine's own: the right to write, and what is derived for searching
 * (schema_pg_search.c). */
static int engine_tables(struct store *store, struct store_tables *ret)
{
    return store__pooled_read(
        store,
        "SELECT CAST(t.relname AS TEXT), CAST(a.attname AS TEXT),"
        " CASE COALESCE(NULLIF(y.typbasetype, 0), y.oid) WHEN CAST('bigint' AS REGTYPE) THEN 'INTEGER'"
        " WHEN CAST('double precision' AS REGTYPE) THEN 'REAL' WHEN CAST('text' AS REGTYPE) THEN 'TEXT'"
        " WHEN CAST('bytea' AS REGTYPE) THEN 'BLOB' ELSE '' END,"
        " COALESCE((SELECT k.place FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place)"
        " WHERE k.number = a.attnum), 0)"
        " FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid"
        " JOIN pg_type AS y ON y.oid = a.atttypid"
        " LEFT JOIN pg_index AS i ON i.indrelid = t.oid AND i.indisprimary"
        " WHERE t.relnamespace = to_regnamespace(quote_ident(current_schema())) AND t.relkind = 'r'"
        " AND t.relname NOT IN ('sky_store', 'keyword', 'keyword_content')"
        " AND NOT (t.relname = 'vector' AND a.attname = 'near')"
        " AND a.attnum > 0 AND NOT a.attisdropped"
        " ORDER BY t.relname, a.attnum",
        NULL, 0, store__tables_take, ret);
}

const struct store_engine store__engine_pg = {
    .name = "postgresql",
    .open = engine_open,
    .free = engine_free,
    .write = store__pooled_write,
    .read = store__pooled_read,
    .snapshot = store__pooled_snapshot,
    .health = store__pooled_health,
    .space = engine_space,
    .check = engine_check,
    .tables = engine_tables,
    .order_by_bytes = " COLLATE \"C\"",
};
