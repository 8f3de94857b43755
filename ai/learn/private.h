/*
 * private.h: the server's own files, which are never learned: keys, tokens and the database
 * would be quoted to whoever asks well. Pool thread (blocking file system calls).
 *
 * They are known by device and inode, hence under every name: behind links, hard links and mounts
 * that show a folder twice, and also to root, whom no file mode stops.
 */
#ifndef AI_LEARN_PRIVATE_H
#define AI_LEARN_PRIVATE_H

#include "core/err.h"

#include <stdbool.h>
#include <sys/stat.h>

struct ai_private;
/* The folder and all that is in it now; one that does not exist holds nothing. CORE_ETOOBIG above
 * AI_LIMIT_LEARN_FILES, CORE_ENOMEM, CORE_EIO. *ret is the caller's to free. */
int ai_private_new(const char *folder, struct ai_private **ret);
void ai_private_free(struct ai_private *p); /* accepts NULL */
bool ai_private_has(const struct ai_private *p, const struct stat *st);
/* Does the path lead to one of them? Links are followed. What came into the folder since is
 * recognised by the folders above it. A path that leads nowhere does not. */
bool ai_private_reached(const struct ai_private *p, const char *path);

#endif
