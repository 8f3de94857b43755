/* pg_value.h: the values of a result, which come in binary, whatever type the server gave them. */
#ifndef CORE_STORE_PG_VALUE_H
#define CORE_STORE_PG_VALUE_H

#include "core/str.h"

#include <libpq-fe.h>

/* Types of PostgreSQL that we send or get, by their numbers in pg_type. */
enum store__pg_type {
    STORE__PG_ANY = 0,
    STORE__PG_BOOL = 16,
    STORE__PG_BYTEA = 17,
    STORE__PG_INT8 = 20,
    STORE__PG_INT2 = 21,
    STORE__PG_INT4 = 23,
    STORE__PG_TEXT = 25,
    STORE__PG_FLOAT4 = 700,
    STORE__PG_FLOAT8 = 701,
    STORE__PG_NUMERIC = 1700
};

/* As store_row_i64() and its like; the bytes live as long as the result. */
int64_t store__pg_i64(const PGresult *result, int row, unsigned column);
double store__pg_real(const PGresult *result, int row, unsigned column);
struct core_str store__pg_str(const PGresult *result, int row, unsigned column);

#endif
