/* pg_open.c: see pg_open.h. */
#include "core/store/pg_open.h"

#include "core/err.h"
#include "core/log.h"
#include "core/store/pg_value.h"
#include "core/store/pg_schema.h"
#include "core/store/schema.h"

#include <poll.h>
#include <stdio.h>

/* "SKYB" and the schema: locks are by database. */
#define LOCK "1397446978, hashtext(current_schema()::text)"

/* --- The lock ------------------------------------------------------------------------------- */

static int try_lock(struct store__pg *c, bool *ret_locked, bool *ret_schema)
{
    PGresult *r;
    int err = store__pg_ask(c, "SELECT pg_try_advisory_lock(" LOCK "), current_schema()", NULL, 0,
                            &r);

    if (err < 0)
        return err;
    *ret_locked = store__pg_i64(r, 0, 0) == 1;
    *ret_schema = !PQgetisnull(r, 0, 1);
    PQclear(r);
    return 0;
}

/* Who has the lock. A session of our own that the
 * server has not missed yet is ended, for the next try. */
static int look_at_holder(const struct store__pg_address *a, struct store__pg *c, char *why,
                          size_t why_cap)
{
    const struct store_value params[] = {STORE_C(a->application)};
    PGresult *r;
    int err = store__pg_ask(
        c,
        "SELECT a.application_name, coalesce(host(a.client_addr), 'the server itself'), a.pid,"
        " CASE WHEN a.application_name = $1 THEN pg_terminate_backend(a.pid) ELSE false END"
        " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.classid = 1397446978 AND l.objsubid = 2 AND l.granted"
        " AND l.objid = (hashtext(current_schema()::text)::bigint & 4294967295)::oid"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        params, 1, &r);

    if (err < 0)
        return err;
    if (PQntuples(r) > 0)
        snprintf(why, why_cap,
                 "the database at %s is in use by another sky (%.60s from %.60s, process %d of the "
                 "server): stop that one first, or use another database or schema",
                 a->name, store__pg_str(r, 0, 0).ptr, store__pg_str(r, 0, 1).ptr,
                 (int)store__pg_i64(r, 0, 2));
    else
        snprintf(why, why_cap, "the database at %s was in use a moment ago: try again", a->name);
    PQclear(r);
    return CORE_EBUSY;
}

/* For a while: of a sky that was killed the server has yet to notice that it is gone. */
static int lock(const struct store__pg_address *a, struct store__pg *c, unsigned wait_ms, char *why,
                size_t why_cap)
{
    uint64_t deadline = core_mono_ms(a->env) + wait_ms;
    bool locked = false, schema = false;
    int err = try_lock(c, &locked, &schema);

    while (err == 0 && schema && !locked && core_mono_ms(a->env) < deadline) {
        poll(NULL, 0, CORE_LIMIT_STORE_PG_PAUSE_MS);
        err = try_lock(c, &locked, &schema);
    }
    if (err == 0 && !schema) {
        snprintf(why, why_cap,
                 "the database at %s has no schema to use: create one, or name one in search_path",
                 a->name);
        return CORE_ENOTFOUND;
    }
    if (err == 0 && !locked)
        return look_at_holder(a, c, why, why_cap);
    if (err < 0)
        snprintf(why, why_cap, "cannot use PostgreSQL at %s: %s", a->name, store__pg_why(c));
    return err;
}

/* --- The schema ----------------------------------------------------------------------------- */

/* −1: there is none yet. */
static int read_version(struct store__pg *c, int64_t *ret)
{
    PGresult *r;
    int err = store__pg_ask(c, "SELECT to_regclass('sky_store') IS NOT NULL", NULL, 0, &r);
    bool there;

    if (err < 0)
        return err;
    there = store__pg_i64(r, 0, 0) == 1;
    PQclear(r);
    if (!there) {
        *ret = -1;
        return 0;
    }
    err = store__pg_ask(c, "SELECT version FROM sky_store WHERE id = 1", NULL, 0, &r);
    if (err < 0)
        return err;
    *ret = PQntuples(r) == 1 ? store__pg_i64(r, 0, 0) : -1;
    PQclear(r);
    return 0;
}

/* One migration and the count of it, in one transaction, so that a crash leaves a whole version. */
static int step(struct store__pg *c, const char *script, unsigned version)
{
    char bump[80];
    int err = store__pg_script(c, "BEGIN");

    snprintf(bump, sizeof bump, "UPDATE sky_store SET version = %u WHERE id = 1", version);
    if (err == 0)
        err = store__pg_script(c, script);
    if (err == 0 && version == store_schema_pg_first)
        err = store__pg_script(c, store_schema_pg_search);
    if (err == 0)
        err = store__pg_script(c, bump);
    if (err < 0) {
        core_log(CORE_LOG_ERROR, "store.migrate", {"version", CORE_LOG_I(version)},
                 {"why", CORE_LOG_C(store__pg_why(c))});
        store__pg_script(c, "ROLLBACK");
        return err;
    }
    return store__pg_script(c, "COMMIT");
}

static unsigned newest(void)
{
    return store_schema_pg_first + store_schema_pg_count - 1;
}

/* The version that is there, −1 for none, where this program knows it. */
static int known_version(struct store__pg *c, int64_t *ret)
{
    int err = read_version(c, ret);

    if (err == 0 && *ret > newest())
        err = CORE_ENEWER;
    if (err == 0 && *ret >= 0 && *ret < store_schema_pg_first)
        err = CORE_ECORRUPT;
    return err;
}

static int migrate(struct store__pg *c, int64_t *version, unsigned to)
{
    int err = 0;

    store__pg_patience(c, CORE_LIMIT_STORE_PG_MIGRATE_MS);
    if (*version < 0)
        *version = store_schema_pg_first - 1;
    while (err == 0 && *version < to) {
        err = step(c, store_schema_pg[*version + 1 - store_schema_pg_first],
                   (unsigned)*version + 1);
        *version += err == 0;
    }
    store__pg_patience(c, CORE_LIMIT_STORE_PG_ANSWER_MS);
    return err;
}

static void explain(const struct store__pg_address *a, struct store__pg *c, int err, char *why,
                    size_t why_cap)
{
    const char *remedy = "see the log of the server";

    switch (err) {
    case CORE_ENEWER:
        snprintf(why, why_cap,
                 "the database at %s was written by a newer version of sky: use that version or "
                 "another database",
                 a->name);
        return;
    case CORE_ECORRUPT:
    case CORE_EINVAL:
        remedy = "other tables are in the way: use an empty database or schema";
        break;
    case CORE_EDENIED:
        remedy = "let the user create tables there (GRANT CREATE ON SCHEMA)";
        break;
    case CORE_ENOSPACE:
        remedy = "make room on the disk of the server";
        break;
    case CORE_EREADONLY:
        remedy = "let the database be written";
        break;
    default:
        break;
    }
    snprintf(why, why_cap, "cannot use the database at %s: %s: %s", a->name, store__pg_why(c),
             remedy);
}

/* --- The row -------------------------------------------------------------------------------- */

static int read_number(struct store__pg *c, const char *sql, const char *holder, int64_t *ret)
{
    const struct store_value params[] = {STORE_C(holder)};
    PGresult *r;
    int err = store__pg_ask(c, sql, params, 1, &r);

    if (err < 0)
        return err;
    if (PQntuples(r) == 1)
        *ret = store__pg_i64(r, 0, 0);
    else
        err = CORE_EREADONLY;
    PQclear(r);
    return err;
}

/* Brings the schema to where it is wanted. `why` is said where the database is not at fault. */
static int settle(const struct store__pg_address *a, struct store__pg *c,
                  const struct store__pg_aim *aim, unsigned *ret, char *why, size_t why_cap)
{
    unsigned to = aim->schema ? aim->schema : newest();
    int64_t version = -1;
    int err;

    if (to < store_schema_pg_first || to > newest()) {
        snprintf(
            why, why_cap,
            "a database has schema %u to %u, not %u: restore into a data folder first, then copy",
            store_schema_pg_first, newest(), to);
        return CORE_EUNSUPPORTED;
    }
    err = known_version(c, &version);
    if (err == 0 && version >= 0 && version < to && aim->upgrading) {
        err = aim->upgrading(aim->arg, (unsigned)version, to, why, why_cap);
        if (err < 0)
            return err;
    }
    if (err == 0)
        err = migrate(c, &version, to);
    if (err < 0)
        explain(a, c, err, why, why_cap);
    *ret = (unsigned)version;
    return err;
}

int store__pg_acquire(const struct store__pg_address *a, const char *holder,
                      const struct store__pg_aim *aim, struct store__pg **ret, int64_t *ret_number,
                      unsigned *ret_schema, char *why, size_t why_cap)
{
    struct store__pg *c;
    unsigned schema = 0;
    int64_t number = 0;
    int err = store__pg_open(a, true, &c, why, why_cap);

    if (err < 0)
        return err;
    err = store__pg_schema_make(a, c, why, why_cap);
    if (err == 0)
        err = lock(a, c, CORE_LIMIT_STORE_BUSY_MS, why, why_cap);
    if (err == 0)
        err = settle(a, c, aim, &schema, why, why_cap);
    if (err == 0) {
        err = read_number(c, "UPDATE sky_store SET holder = $1 WHERE id = 1 RETURNING number",
                          holder, &number);
        if (err < 0)
            explain(a, c, err, why, why_cap);
    }
    if (err < 0) {
        store__pg_close(c);
        return err;
    }
    *ret = c;
    *ret_number = number;
    *ret_schema = schema;
    return 0;
}

int store__pg_look(const struct store__pg_address *a, unsigned *ret_schema, char *why,
                   size_t why_cap)
{
    struct store__pg *c;
    int64_t version = -1;
    int err = store__pg_open(a, false, &c, why, why_cap);

    if (err < 0)
        return err;
    err = known_version(c, &version);
    if (err < 0) {
        explain(a, c, err, why, why_cap);
    } else if (version < 0) {
        snprintf(why, why_cap,
                 "the database at %s holds nothing of sky's yet: start `sky serve` once", a->name);
        err = CORE_ENOTFOUND;
    } else {
        *ret_schema = (unsigned)version;
    }
    store__pg_close(c);
    return err;
}

int store__pg_regain(const struct store__pg_address *a, const char *holder, struct store__pg **ret,
                     int64_t *ret_number, char *why, size_t why_cap)
{
    struct store__pg *c;
    int64_t number = 0;
    int err = store__pg_open(a, true, &c, why, why_cap);

    if (err < 0)
        return err;
    err = lock(a, c, 0, why, why_cap);
    if (err == 0) {
        err = read_number(c, "SELECT number FROM sky_store WHERE id = 1 AND holder = $1", holder,
                          &number);
        if (err == CORE_EREADONLY)
            snprintf(why, why_cap,
                     "another sky has written to the database at %s meanwhile: start this one "
                     "again to see what it wrote",
                     a->name);
        else if (err < 0)
            explain(a, c, err, why, why_cap);
    }
    if (err < 0) {
        store__pg_close(c);
        return err;
    }
    *ret = c;
    *ret_number = number;
    return 0;
}
