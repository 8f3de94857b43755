/* pg_sql.h: what the SQLite engine learns from SQLite about a statement, and PostgreSQL does not
 * tell before it runs it. */
#ifndef CORE_STORE_PG_SQL_H
#define CORE_STORE_PG_SQL_H

#include "core/limits.h"
#include "core/str.h"

enum store__sql_use {
    STORE__SQL_OURS,  /* BEGIN, SET …: no rules */
    STORE__SQL_READ,  /* one that reads */
    STORE__SQL_WRITE, /* of a batch: deterministic, and about data */
};

/* Looks at one statement that takes `count` parameters. CORE_EINVAL: it
 * does not use $1 to $count, is empty, or would write; CORE_EUNSUPPORTED:
 * not for a batch. ret_why is set then: a static string. */
int store__sql_check(struct core_str sql, size_t count, enum store__sql_use use,
                     const char **ret_why);

#endif
