/* sqlite_file.h: opening the database file without harming one that is not ours to open. */
#ifndef CORE_STORE_SQLITE_FILE_H
#define CORE_STORE_SQLITE_FILE_H

#include "core/store/sqlite_conn.h"

/* "SKYB", in the file's header: a SQLite database of somebody else's is not touched. */
#define STORE__APPLICATION_ID 0x534b5942

/* Creates the folder (0700) and the file (0600) where missing, looks at what is there, and opens it
 * for writing, its schema as it is. CORE_ENEWER, CORE_ECORRUPT: the file is as it was. `why`:
 * one line with the remedy. */
int store__file_open(const struct store_options *options, const char *path,
                     struct store__conn **ret, char *why, size_t why_cap);
/* Brings its schema to `to`, unless it is past it already. */
int store__file_migrate(struct store__conn *conn, const char *path, unsigned to, char *why,
                        size_t why_cap);
/* Is it one that can be read? Makes nothing. */
int store__file_look(const char *path, const char *vfs, char *why, size_t why_cap);

#endif
