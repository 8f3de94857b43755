/*
 * sqlite_conn.h: one SQLite connection of ours: set up alike everywhere, statements kept prepared,
 * parameters by number, error codes translated. One thread at a time.
 */
#ifndef CORE_STORE_SQLITE_CONN_H
#define CORE_STORE_SQLITE_CONN_H

#include "core/limits.h"
#include "core/store/store.h"

#include <sqlite3.h>

enum store__role {
    STORE__WRITER, /* creates the file, writes, checkpoints */
    STORE__READER, /* refuses to write */
};

/* What surrounds the statements of batches: kept prepared, for it runs with each. */
enum store__control {
    STORE__BEGIN, /* and takes the right to write */
    STORE__COMMIT,
    STORE__SAVEPOINT,
    STORE__ROLLBACK_TO,
    STORE__RELEASE,
    STORE__CONTROLS
};

struct store__conn {
    sqlite3 *db;
    sqlite3_stmt *controls[STORE__CONTROLS];
    enum store__role role;
    bool guarded;    /* a caller's SQL is being prepared: the authorizer looks */
    bool refused;    /* and did not like it */
    int wal_pages;   /* of the log after the last commit (writer) */
    int synchronous; /* -1 unknown, 0 NORMAL, 1 FULL */
    uint64_t clock;  /* counts uses, for the oldest statement */
    unsigned count;
    struct store__stmt *cache[CORE_LIMIT_STORE_STATEMENTS];
};

struct store__stmt {
    sqlite3_stmt *stmt;
    char *sql;
    size_t sql_len;
    uint64_t hash;
    uint64_t used;
    bool busy;
    bool cached;
    unsigned param_count;           /* the greatest $n */
    unsigned char *number_of_index; /* SQLite's index − 1 → our number − 1 */
    unsigned index_count;
};

int store__conn_open(const char *path, const char *vfs, enum store__role role,
                     struct store__conn **ret);
void store__conn_free(struct store__conn *conn); /* accepts NULL */
/* Our own control statements (BEGIN, PRAGMA …), any number, results thrown away. */
int store__conn_exec(struct store__conn *conn, const char *sql);
int store__conn_control(struct store__conn *conn, enum store__control which);
int store__conn_exec_i64(struct store__conn *conn, const char *sql, int64_t *ret);
/* Chooses whether the next commits wait for the disk. Outside of transactions. */
int store__conn_durable(struct store__conn *conn, bool durable);
/* The code of err.h for a result of SQLite's; looks at the connection for the system's errno. */
int store__conn_error(const struct store__conn *conn, int sqlite_code);

/* A prepared statement with its parameters bound, to be stepped with sqlite3_step() and given back.
 * The parameters' bytes must live until then. CORE_EINVAL for bad SQL, more than one statement,
 * parameters that do not match; CORE_EUNSUPPORTED where the authorizer refuses. */
int store__stmt_take(struct store__conn *conn, struct core_str sql,
                     const struct store_value *params, size_t count, struct store__stmt **ret);
void store__stmt_give(struct store__conn *conn, struct store__stmt *stmt);

#endif
