/* schema.h: the migrations of each engine; migration n brings the schema from n to n + 1. */
#ifndef CORE_STORE_SCHEMA_H
#define CORE_STORE_SCHEMA_H

extern const char *const store_schema_sqlite[];
extern const unsigned store_schema_sqlite_count;
/* Makes anew, at any version, what the triggers derive
 * from rows into tables that are none of store_tables(). */
extern const char store_schema_sqlite_derive[];
/* The first brings an empty schema to version store_schema_pg_first; the others follow by the same
 * numbers as SQLite's. */
extern const char *const store_schema_pg[];
extern const unsigned store_schema_pg_first;
extern const unsigned store_schema_pg_count;

/* One of the steps for PostgreSQL: what ai/index needs. */
extern const char store_schema_pg_search[];

/* SQL of both engines: the class of a latency
 * (ai/telemetry.c), for what adds up rows of telemetry. */
#define STORE_SCHEMA_LATENCY_CLASS                                                                 \
    "  CASE WHEN latency_ms < 0 THEN 0 WHEN latency_ms < 16 THEN latency_ms "                      \
    "  WHEN latency_ms < 32 THEN 8 + latency_ms / 2 "                                              \
    "  WHEN latency_ms < 64 THEN 16 + latency_ms / 4 "                                             \
    "  WHEN latency_ms < 128 THEN 24 + latency_ms / 8 "                                            \
    "  WHEN latency_ms < 256 THEN 32 + latency_ms / 16 "                                           \
    "  WHEN latency_ms < 512 THEN 40 + latency_ms / 32 "                                           \
    "  WHEN latency_ms < 1024 THEN 48 + latency_ms / 64 "                                          \
    "  WHEN latency_ms < 2048 THEN 56 + latency_ms / 128 "                                         \
    "  WHEN latency_ms < 4096 THEN 64 + latency_ms / 256 "                                         \
    "  WHEN latency_ms < 8192 THEN 72 + latency_ms / 512 "                                         \
    "  WHEN latency_ms < 16384 THEN 80 + latency_ms / 1024 "                                       \
    "  WHEN latency_ms < 32768 THEN 88 + latency_ms / 2048 "                                       \
    "  WHEN latency_ms < 65536 THEN 96 + latency_ms / 4096 "                                       \
    "  WHEN latency_ms < 131072 THEN 104 + latency_ms / 8192 "                                     \
    "  WHEN latency_ms < 262144 THEN 112 + latency_ms / 16384 "                                    \
    "  WHEN latency_ms < 524288 THEN 120 + latency_ms / 32768 "                                    \
    "  WHEN latency_ms < 1048576 THEN 128 + latency_ms / 65536 "                                   \
    "  WHEN latency_ms < 2097152 THEN 136 + latency_ms / 131072 "                                  \
    "  WHEN latency_ms < 4194304 THEN 144 + latency_ms / 262144 "                                  \
    "  WHEN latency_ms < 8388608 THEN 152 + latency_ms / 524288 ELSE 167 END"

/* Adds up by days what there is of telemetry. */
#define STORE_SCHEMA_FILL_DAYS                                                                              \
    "INSERT INTO telemetry_day SELECT at_ms / 86400000, owner, provider, level," STORE_SCHEMA_LATENCY_CLASS \
    ", COUNT(*), SUM(answered), SUM(latency_ms), SUM(tokens_in),"                                           \
    " SUM(tokens_out), SUM(cost_microusd) FROM telemetry GROUP BY 1, 2, 3, 4, 5;"

#endif
