/* kit.h: what the tests of backups share: stores with
 * rows in every table, files, small changes to them. */
#ifndef TESTS_UNIT_CORE_BACKUP_KIT_H
#define TESTS_UNIT_CORE_BACKUP_KIT_H

#include "core/backup/backup.h"
#include "tests/unit/core/store/helper.h"

extern const struct backup_progress kit_quiet;

/* `rows` rows in every table of the store, as its columns
 * are declared. They follow those that kit_rows() made. */
void kit_rows(struct store *store, unsigned from, unsigned rows);
/* Adds texts and blobs enough for several frames. */
void kit_bulk(struct store *store, unsigned documents);
int64_t kit_count(struct store *store, const char *table);
/* Opens the store of a folder at a schema; 0: the newest. */
struct store *kit_open(const char *dir, unsigned schema, bool look);

int kit_make(struct store *store, const char *path, const char *passphrase, const char *keys_of,
             struct backup_info *ret);
int kit_verify(const char *path, const char *passphrase, struct backup_info *ret);
int kit_restore(const char *path, const char *passphrase, const char *dir, bool keep_schema,
                struct backup_info *ret);

void kit_read(const char *path, struct core_buf *out);
void kit_write(const char *path, struct core_str bytes);
bool kit_exists(const char *path);

#endif
