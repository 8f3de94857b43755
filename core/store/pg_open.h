/*
 * pg_open.h: the right to write to a database: one sky for each schema.
 *
 * It is a lock of the session, and a row that outlives the session:
 *
 *     sky_store   version │ holder │ number      migrations done; who writes; commits so far
 *
 * Each commit adds one to the number, so after a connection broke in the middle of one its fate can
 * be read there, and a session that lost its right to another one cannot commit any more.
 */
#ifndef CORE_STORE_PG_OPEN_H
#define CORE_STORE_PG_OPEN_H

#include "core/store/pg_conn.h"

/* Which schema is wanted, and who is told before one
 * that has data changes; as in struct store_options. */
struct store__pg_aim {
    unsigned schema; /* 0: the newest */
    int (*upgrading)(void *arg, unsigned from, unsigned to, char *why,
                     size_t why_cap); /* may be NULL */
    void *arg;
};
/* A session that holds the lock, the schema as it is wanted, the row in the name of `holder`. As
 * store__pg_open(), and CORE_EBUSY (another sky has the lock), CORE_ENEWER, CORE_ECORRUPT (other
 * tables are there), CORE_EUNSUPPORTED (a schema older than the first that a database can have). */
int store__pg_acquire(const struct store__pg_address *address, const char *holder,
                      const struct store__pg_aim *aim, struct store__pg **ret, int64_t *ret_number,
                      unsigned *ret_schema, char *why, size_t why_cap);
/* The schema that is there, for who only reads it. CORE_ENOTFOUND: none of ours. */
int store__pg_look(const struct store__pg_address *address, unsigned *ret_schema, char *why,
                   size_t why_cap);
/* The same for a holder whose session was lost. CORE_EREADONLY: another one has written
 * meanwhile. */
int store__pg_regain(const struct store__pg_address *address, const char *holder,
                     struct store__pg **ret, int64_t *ret_number, char *why, size_t why_cap);

#endif
