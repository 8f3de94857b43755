/* migrate.h: brings the schema of a SQLite file up to date. */
#ifndef CORE_STORE_MIGRATE_H
#define CORE_STORE_MIGRATE_H

#include "core/store/sqlite_conn.h"

/* scripts[n] brings version n to n + 1, in a transaction of its own, so that a crash leaves a whole
 * version. CORE_ENEWER when the file's version is past `count`. The connection is a writer, outside
 * of a transaction. */
int store__migrate(struct store__conn *conn, const char *const *scripts, unsigned count);

#endif
