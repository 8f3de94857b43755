/*
 * gzip.h: making bytes smaller for the way to a browser (zlib). Any thread.
 *
 * Not here: making them larger again. What others compressed
 * is expanded by ai/extract, in a process of its own.
 */
#ifndef CORE_GZIP_H
#define CORE_GZIP_H

#include "core/buf.h"

/* Appends the gzip form of bytes. CORE_ETOOBIG where the buffer has no room for the worst case (a
 * little more than what goes in) or for more than 2 GiB, CORE_ENOMEM. */
int core_gzip(struct core_str bytes, struct core_buf *out);

#endif
