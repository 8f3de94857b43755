/* sqlite_fill.h: what the writer's thread does to a SQLite
 * file that is new and filled. Inside core/store only. */
#ifndef CORE_STORE_SQLITE_FILL_H
#define CORE_STORE_SQLITE_FILL_H

#include "core/store/writer.h"

/* Their arg is a struct store__sqlite_writer. */
extern const struct store__writer_ops store__sqlite_fill_ops;

#endif
