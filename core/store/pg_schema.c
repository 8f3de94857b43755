/* pg_schema.c: see pg_schema.h. */
#include "core/store/pg_schema.h"

#include "core/err.h"
#include "core/store/pg_value.h"

#include <stdio.h>

/* halfvec came with 0.7. */
enum { MAJOR_LEAST = 0, MINOR_LEAST = 7 };

#define OURS                                                                                       \
    "CASE coalesce(current_schema(), 'public') WHEN 'public' THEN 'sky' ELSE current_schema() END"

int store__pg_schema_use(struct store__pg *conn)
{
    return store__pg_ask(
        conn,
        "SELECT set_config('search_path', concat_ws(', ', quote_ident(" OURS "),"
        " (SELECT quote_ident(n.nspname) FROM pg_extension AS e"
        " JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'vector')), false)",
        NULL, 0, NULL);
}

static int ask_row(struct store__pg *conn, const char *sql, PGresult **ret)
{
    int err = store__pg_ask(conn, sql, NULL, 0, ret);
    if (err == 0 && PQntuples(*ret) != 1) {
        PQclear(*ret);
        err = CORE_ECORRUPT;
    }
    return err;
}

static int make_schema(struct store__pg *conn)
{
    PGresult *r;
    int err = ask_row(conn, "SELECT to_regnamespace('sky') IS NULL AND " OURS " = 'sky'", &r);
    if (err < 0)
        return err;
    bool missing = store__pg_i64(r, 0, 0) == 1;
    PQclear(r);
    return missing ? store__pg_script(conn, "CREATE SCHEMA sky") : 0;
}

/* "0.8.5" */
static bool new_enough(const char *version)
{
    int major = 0, minor = 0;
    return sscanf(version, "%d.%d", &major, &minor) == 2 &&
           (major > MAJOR_LEAST || (major == MAJOR_LEAST && minor >= MINOR_LEAST));
}

/* Of the extension there: "" if there is none. Whether it could be created: *ret_installed. */
static int read_version(struct store__pg *conn, char version[static 32], bool *ret_installed)
{
    PGresult *r;
    int err = ask_row(
        conn,
        "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'), ''),"
        " EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector')",
        &r);
    if (err < 0)
        return err;
    snprintf(version, 32, "%s", store__pg_str(r, 0, 0).ptr);
    *ret_installed = store__pg_i64(r, 0, 1) == 1;
    PQclear(r);
    return 0;
}

static int make_extension(const struct store__pg_address *a, struct store__pg *conn, char *why,
                          size_t why_cap)
{
    char version[32];
    bool installed;
    int err = read_version(conn, version, &installed);
    if (err == 0 && !version[0] && installed) {
        /* Most may not: then the message says who may. */
        (void)store__pg_script(conn, "CREATE EXTENSION vector SCHEMA public");
        err = read_version(conn, version, &installed);
    }
    if (err < 0)
        return err;
    if (version[0] && new_enough(version))
        return 0;
    if (version[0])
        snprintf(
            why, why_cap,
            "the extension vector in the database at %s is of version %s, 0.7 is needed: install a newer pgvector on that "
            "server, then as a superuser run ALTER EXTENSION vector UPDATE there",
            a->name, version);
    else
        snprintf(
            why, why_cap,
            "the database at %s has no extension vector: %sas a superuser run CREATE EXTENSION vector there",
            a->name, installed ? "" : "install pgvector on that server, then ");
    return CORE_EUNSUPPORTED;
}

int store__pg_schema_make(const struct store__pg_address *address, struct store__pg *conn,
                          char *why, size_t why_cap)
{
    int err = make_schema(conn);
    if (err < 0)
        snprintf(
            why, why_cap,
            "cannot make the schema sky in the database at %s: %s: make it, or let the user (GRANT CREATE ON DATABASE)",
            address->name, store__pg_why(conn));
    if (err == 0) {
        why[0] = 0;
        err = make_extension(address, conn, why, why_cap);
        if (err < 0 && !why[0])
            snprintf(why, why_cap, "cannot use PostgreSQL at %s: %s", address->name,
                     store__pg_why(conn));
    }
    if (err == 0) {
        err = store__pg_schema_use(conn);
        if (err < 0)
            snprintf(why, why_cap, "cannot use PostgreSQL at %s: %s", address->name,
                     store__pg_why(conn));
    }
    return err;
}
