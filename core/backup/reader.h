/*
 * reader.h: a backup, frame by frame, each checked before it is seen. Inside core/backup only.
 *
 * Order is part of the check: the tables first, then their rows, table by table,
 * then files, then the sums, then the end of the file. backup_reader_next() says
 * 0 only when all of that was so and every sum is right.
 */
#ifndef CORE_BACKUP_READER_H
#define CORE_BACKUP_READER_H

#include "core/backup/backup.h"
#include "core/backup/frame.h"
#include "core/backup/rows.h"

struct backup_reader;
/* CORE_EPROTO, CORE_ENEWER, CORE_ECORRUPT, CORE_EAUTH, CORE_EDENIED, CORE_ENOTFOUND, CORE_EIO. */
int backup_reader_open(const char *path, struct core_str passphrase, struct backup_reader **ret,
                       char *why, size_t why_cap);
void backup_reader_free(struct backup_reader *reader); /* accepts NULL */
/* 1 and a frame of rows or a file (raw: valid until the next call); 0: it is whole. */
int backup_reader_next(struct backup_reader *reader, enum backup_kind *ret_kind,
                       struct core_str *ret_raw, char *why, size_t why_cap);
const struct backup_head *backup_reader_head(const struct backup_reader *reader);
const struct store_tables *backup_reader_tables(const struct backup_reader *reader);
const struct backup_sums *backup_reader_sums(const struct backup_reader *reader); /* at the end */
uint64_t backup_reader_at(const struct backup_reader *reader);
uint64_t backup_reader_size(const struct backup_reader *reader);
/* What is known of it: all, at the end. */
void backup_reader_info(const struct backup_reader *reader, struct backup_info *ret);

/* The digest of all tables: of their names, counts and digests. */
void backup_info_digest(const struct store_tables *tables, const struct backup_sums *sums,
                        struct backup_info *ret);
void backup_info_head(const struct backup_head *head, struct backup_info *ret);

#endif
