/* tables.h: what the engines share in listing their tables. Inside core/store only. */
#ifndef CORE_STORE_TABLES_H
#define CORE_STORE_TABLES_H

#include "core/store/store.h"

/* A row callback: the names of a table and of a column, INTEGER, REAL, TEXT or BLOB (anything else
 * becomes STORE_NULL, a type that is none), the column's place in the primary key (0: none). arg is
 * the struct store_tables; rows of one table follow each other. CORE_ETOOBIG. */
int store__tables_take(void *arg, const struct store_row *row);

#endif
