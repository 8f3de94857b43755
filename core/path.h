/*
 * path.h: file names as people give them. Any thread.
 */
#ifndef CORE_PATH_H
#define CORE_PATH_H

#include "core/buf.h"

/* Appends the absolute form of `path`, without "." parts, doubled or trailing slashes. Symbolic
 * links keep the name that was given, since that is the name people will look for; only a path with
 * ".." parts is resolved by the system, because what ".." means depends on links. The file need not
 * exist unless there are ".." parts. CORE_EINVAL for an empty path. */
int core_path_absolute(const char *path, struct core_buf *out);

#endif
