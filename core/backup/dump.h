/* dump.h: the rows of a store as frames. Inside core/backup only. */
#ifndef CORE_BACKUP_DUMP_H
#define CORE_BACKUP_DUMP_H

#include "core/backup/rows.h"

/* The key in `setting` of fill.h's mark, which is no row of a store's. */
#define BACKUP_MARK "restore.unfinished"

/* frame() may take the content out of raw; a failure of its ends the dump. */
struct backup_sink {
    int (*frame)(void *arg, unsigned table, uint32_t rows, struct core_buf *raw);
    void *arg;
};
/* Inside of store_snapshot() only. */
int backup_dump(struct store *store, const struct store_tables *tables,
                const struct backup_sink *sink);
/* The sums of what a store holds at this moment (files 0, whole zero). Not inside of a snapshot. */
int backup_store_sums(struct store *store, struct backup_sums *ret);

#endif
