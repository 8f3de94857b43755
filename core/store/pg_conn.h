/*
 * pg_conn.h: one session with PostgreSQL: statements kept prepared, sent without waiting for the
 * answers of those before them (libpq's pipeline), answers taken in order, error codes translated.
 * One thread at a time.
 *
 *     store__pg_send() … store__pg_send()  store__pg_sync()  store__pg_take() … store__pg_take()  store__pg_settle()
 *
 * After the first statement that failed the server skips the others until the sync.
 */
#ifndef CORE_STORE_PG_CONN_H
#define CORE_STORE_PG_CONN_H

#include "core/store/pg_link.h"
#include "core/store/pg_sql.h"
#include "core/store/store.h"

struct store__pg;

/* Links, and sets the session up. Errors and `why` as store__pg_link(). */
int store__pg_open(const struct store__pg_address *address, bool writes, struct store__pg **ret,
                   char *why, size_t why_cap);
/* Whatever is under way ends without effect. Accepts NULL. */
void store__pg_close(struct store__pg *conn);
/* The session is over: the server ended it, the network did, or it has not answered for too long.
 * Every call gives CORE_EAWAY then. */
bool store__pg_lost(const struct store__pg *conn);
/* It was the last: asking another session would take as long. */
bool store__pg_hung(const struct store__pg *conn);
/* How long an answer may take from here on. */
void store__pg_patience(struct store__pg *conn, unsigned answer_ms);
/* What the server said of the last failure; one line. */
const char *store__pg_why(const struct store__pg *conn);

/* At most CORE_LIMIT_STORE_PG_FLIGHT statements between two settlings. The parameters are copied.
 * CORE_EINVAL, CORE_EUNSUPPORTED: nothing was sent. */
int store__pg_send(struct store__pg *conn, struct core_str sql, const struct store_value *params,
                   size_t count, enum store__sql_use use);
/* Lets the server answer all that was sent. */
int store__pg_sync(struct store__pg *conn);
/* The answer to the next statement sent: 0 and a result for PQclear(), or its error;
 * CORE_ECANCELLED: skipped. */
int store__pg_take(struct store__pg *conn, PGresult **ret);
/* The same in pieces: 1 and a result of one row, 0 after the last, or its error. */
int store__pg_take_row(struct store__pg *conn, PGresult **ret);
/* Throws away the answers not taken, up to the sync. */
int store__pg_settle(struct store__pg *conn);
/* The four for one statement of ours; ret may be NULL. */
int store__pg_ask(struct store__pg *conn, const char *sql, const struct store_value *params,
                  size_t count, PGresult **ret);
/* Any number of statements without parameters, in one transaction. */
int store__pg_script(struct store__pg *conn, const char *sql);

#endif
