/*
 * csv.h: reading CSV by RFC 4180, a field at a time.
 *
 * Fields are separated by commas, records by LF or CRLF, the last of which may be missing; a field
 * in quotation marks holds anything, a mark in it is doubled. A byte order mark at the start is
 * skipped. Empty lines are records of one empty field. Nothing is guessed: a mark in a field that
 * does not begin with one, text behind a closing mark, and a lone CR are errors. Any thread.
 */
#ifndef CORE_CSV_H
#define CORE_CSV_H

#include "core/buf.h"

struct core_csv {
    struct core_str left;
    unsigned line; /* on which the next field begins, from 1 on */
    bool open;     /* a comma was read: one more field follows, even at the end of the text */
};
/* The text must outlive it. */
void core_csv_init(struct core_csv *csv, struct core_str text);
/* 1: a field, which replaces what is in `field` (any bytes); *ret_last: it
 * ends its record. 0: there are no more. CORE_EINVAL; CORE_ETOOBIG: longer
 * than `field` may be. After an error nothing more is read. */
int core_csv_next(struct core_csv *csv, struct core_buf *field, bool *ret_last);

#endif
