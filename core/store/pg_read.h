/* pg_read.h: reading a PostgreSQL database through the pool of readers. */
#ifndef CORE_STORE_PG_READ_H
#define CORE_STORE_PG_READ_H

#include "core/store/pg_conn.h"
#include "core/store/readers.h"

/* The pool's arg is the address. */
extern const struct store__reader_ops store__pg_reader_ops;

#endif
