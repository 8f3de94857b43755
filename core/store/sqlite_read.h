/* sqlite_read.h: reading a SQLite file through the pool of readers. */
#ifndef CORE_STORE_SQLITE_READ_H
#define CORE_STORE_SQLITE_READ_H

#include "core/store/readers.h"

/* What the pool's arg points to. vfs may be NULL. */
struct store__sqlite_reader {
    const char *path;
    const char *vfs;
};
extern const struct store__reader_ops store__sqlite_reader_ops;

#endif
