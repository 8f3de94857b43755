/*
 * fill.h: rows into a store, on any engine. Inside core/backup only.
 *
 * A row of `setting` marks the store from the first change until the caller has done all that
 * belongs to it, so that one whose filling was killed is known: it is not used, and the next
 * filling empties it. The mark is none of the rows that dump.h reads. The rows of `setting` come
 * last, for others' rows change it on some engines.
 */
#ifndef CORE_BACKUP_FILL_H
#define CORE_BACKUP_FILL_H

#include "core/backup/rows.h"

struct backup_fill;
/* Checks that the store has these tables and holds no data, then empties it and marks it.
 * CORE_EEXISTS: it holds data; CORE_EMISMATCH: other tables. The tables stay the caller's. */
int backup_fill_begin(struct store *store, const struct store_tables *tables,
                      struct backup_fill **ret);
/* One frame of rows, in their order. */
int backup_fill_rows(struct backup_fill *fill, struct core_str raw);
/* All rows are there, on the disk. `marked`: and the mark is until backup_fill_unmark(); else it is
 * not, for the store lies in a folder that is thrown away when anything more fails. */
int backup_fill_end(struct backup_fill *fill, bool marked);
int backup_fill_unmark(struct store *store);
void backup_fill_free(struct backup_fill *fill); /* accepts NULL */

#endif
