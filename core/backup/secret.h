/* secret.h: a passphrase from a file. */
#ifndef CORE_BACKUP_SECRET_H
#define CORE_BACKUP_SECRET_H

#include "core/buf.h"

/* The bytes up to the end of the first line, into an empty buffer of CORE_LIMIT_PASSPHRASE, which
 * the caller wipes. CORE_ETOOBIG; what read() said. */
int backup_secret_line(int fd, struct core_buf *out);
/* The first line of a file that nobody else can read. `why`: one line with the remedy. */
int backup_secret_file(const char *path, struct core_buf *out, char *why, size_t why_cap);

#endif
