/*
 * pg_schema.h: where in a database our tables lie, and what it must have first.
 *
 * One of our tables is called as a type of the extension vector, so both can not be in one schema,
 * and the extension usually lies in `public`. Ours lie in the first schema of the session's
 * search_path, or, where that is `public` or none, in one called sky.
 */
#ifndef CORE_STORE_PG_SCHEMA_H
#define CORE_STORE_PG_SCHEMA_H

#include "core/store/pg_conn.h"

/* Looks for tables in our schema, for types in that of the extension. Each session, once. */
int store__pg_schema_use(struct store__pg *conn);
/* Makes our schema and the extension if they are not there, and looks whether the extension is new
 * enough. CORE_EUNSUPPORTED: `why` says which command helps. Before the first use of a database. */
int store__pg_schema_make(const struct store__pg_address *address, struct store__pg *conn,
                          char *why, size_t why_cap);

#endif
