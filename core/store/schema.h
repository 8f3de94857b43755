/* schema.h: the migrations of each engine; migration n brings the schema from n to n + 1. */
#ifndef CORE_STORE_SCHEMA_H
#define CORE_STORE_SCHEMA_H

extern const char *const store_schema_sqlite[];
extern const unsigned store_schema_sqlite_count;
/* Makes anew, at any version, what the triggers derive from rows into tables that are none of store_tables(). */
extern const char store_schema_sqlite_derive[];
/* The first brings an empty schema to version store_schema_pg_first; the others follow by the same numbers as SQLite's. */
extern const char *const store_schema_pg[];
extern const unsigned store_schema_pg_first;
extern const unsigned store_schema_pg_count;

/* One of the steps for PostgreSQL: what ai/index needs. */
extern const char store_schema_pg_search[];

#endif
