/* sqlite_read.h: reading a SQLite file from any thread through a few shared connections. */
#ifndef CORE_STORE_SQLITE_READ_H
#define CORE_STORE_SQLITE_READ_H

#include "core/store/sqlite_conn.h"

struct store__readers;

/* Connections open when they are first needed, at most `max`. vfs may be NULL. */
struct store__readers *store__readers_new(const char *path, const char *vfs, unsigned max,
                                          const struct core_env *env);
/* No read may be under way. Accepts NULL. */
void store__readers_free(struct store__readers *readers);
/* As store_read() and store_snapshot(); CORE_EBUSY when all connections stay taken too long. */
int store__readers_read(struct store__readers *readers, const char *sql,
                        const struct store_value *params, size_t count,
                        int (*on_row)(void *arg, const struct store_row *row), void *arg);
int store__readers_snapshot(struct store__readers *readers, int (*fn)(void *arg), void *arg);

#endif
