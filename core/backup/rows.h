/*
 * rows.h: what the frames hold: tables, rows, files
 * and sums, as bytes. docs/backup.md has the layout.
 *
 * The same rows are the same bytes, whatever engine they come from: a value is written as its
 * column was declared, rows come in the order of their keys, and a frame ends by a rule
 * (CORE_LIMIT_BACKUP_CHUNK). So sums compare.
 */
#ifndef CORE_BACKUP_ROWS_H
#define CORE_BACKUP_ROWS_H

#include "core/crypto.h"
#include "core/limits.h"
#include "core/store/store.h"

/* --- The tables (BACKUP_MANIFEST) ----------------------------------------------------------- */

void backup_tables_put(struct core_buf *out, const struct store_tables *tables);
/* The caller's to free(). CORE_ECORRUPT. Names are [a-z0-9_]: they become part of SQL. */
int backup_tables_parse(struct core_str bytes, struct store_tables **ret);

/* --- Rows (BACKUP_ROWS) --------------------------------------------------------------------- */

/*     table u16 │ rows u32 │ row …      a row: a value for each column
 *     value  0 │ 1 varint (zigzag) │ 2 double │ 3 length varint, text │ 4 length varint, bytes */
#define BACKUP_ROWS_HEAD 6
void backup_rows_begin(struct core_buf *out, unsigned table);
void backup_rows_add(struct core_buf *out, const struct store_table *table,
                     const struct store_row *row);
void backup_rows_end(struct core_buf *out, uint32_t rows);

struct backup_rows {
    const struct store_table *table;
    unsigned number; /* of the table */
    uint32_t rows, left;
    struct core_str rest;
};
/* CORE_ECORRUPT. */
int backup_rows_parse(struct core_str bytes, const struct store_tables *tables,
                      struct backup_rows *ret);
/* 1 and a value for each column (pointing into the bytes), 0 at the end, CORE_ECORRUPT. */
int backup_rows_next(struct backup_rows *rows, struct store_value *values);

/* --- Files (BACKUP_FILE) -------------------------------------------------------------------- */

/*     length of the name u16 │ name │ content */
void backup_file_put(struct core_buf *out, const char *name, struct core_str content);
/* CORE_ECORRUPT: also for a name that would lead out of the folder. */
#define BACKUP_FILE_NAME 128
int backup_file_parse(struct core_str bytes, char ret_name[static BACKUP_FILE_NAME],
                      struct core_str *ret_content);

/* --- Sums (BACKUP_END) ---------------------------------------------------------------------- */

/* Of a table: SHA-256 of the SHA-256 of each of its frames, in order. */
struct backup_sum {
    uint64_t rows;
    uint32_t frames;
    unsigned char digest[CORE_SHA256_SIZE];
};
struct backup_sums {
    unsigned tables, files;
    struct backup_sum table[CORE_LIMIT_TABLES];
    unsigned char whole[CORE_SHA256_SIZE]; /* of the checks of all frames before the last */
};
void backup_sums_put(struct core_buf *out, const struct backup_sums *sums);
int backup_sums_parse(struct core_str bytes, struct backup_sums *ret); /* CORE_ECORRUPT */
bool backup_sums_eq(const struct backup_sums *a, const struct backup_sums *b);
/* Of rows alone, whatever was around them. */
bool backup_sums_rows_eq(const struct backup_sums *a, const struct backup_sums *b);

/* Adds them up, frame by frame. */
struct backup_tally {
    struct backup_sums sums;
    unsigned at; /* the table whose frames come now */
    struct core_sha256 *table, *whole;
};
void backup_tally_init(struct backup_tally *tally, unsigned tables);
void backup_tally_rows(struct backup_tally *tally, unsigned table, uint32_t rows,
                       const unsigned char digest[static CORE_SHA256_SIZE]);
void backup_tally_check(struct backup_tally *tally, struct core_str check);
/* The sums, complete; the tally is done. */
void backup_tally_end(struct backup_tally *tally, struct backup_sums *ret);
void backup_tally_done(struct backup_tally *tally); /* one that was begun, ended or not */

#endif
