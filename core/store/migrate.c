/* migrate.c: PRAGMA user_version counts the scripts that have run. */
#include "core/store/migrate.h"

#include "core/err.h"
#include "core/log.h"

#include <stdio.h>

/* Runs the next script if one is missing. The version is read inside the transaction: another
 * process may be at the same work. Returns 1 when a script ran. */
static int step(struct store__conn *conn, const char *const *scripts, unsigned count)
{
    char bump[64];
    int64_t version = 0;
    int err = store__conn_exec(conn, "BEGIN IMMEDIATE");

    if (err < 0)
        return err;
    err = store__conn_exec_i64(conn, "PRAGMA user_version", &version);
    if (err == 0 && (version < 0 || version > count))
        err = CORE_ENEWER;
    if (err == 0 && version < count) {
        snprintf(bump, sizeof bump, "PRAGMA user_version = %u", (unsigned)version + 1);
        err = store__conn_exec(conn, scripts[version]);
        if (err == CORE_EINVAL)
            core_log(CORE_LOG_ERROR, "store.migrate", {"version", CORE_LOG_I(version)},
                     {"why", CORE_LOG_C(sqlite3_errmsg(conn->db))});
        if (err == 0)
            err = store__conn_exec(conn, bump);
    }
    if (err == 0)
        err = store__conn_exec(conn, "COMMIT");
    if (!sqlite3_get_autocommit(conn->db))
        store__conn_exec(conn, "ROLLBACK");
    return err < 0 ? err : version < count;
}

int store__migrate(struct store__conn *conn, const char *const *scripts, unsigned count)
{
    int more = store__conn_durable(conn, true);

    if (more < 0)
        return more;
    do {
        more = step(conn, scripts, count);
    } while (more > 0);
    return more;
}
