/*
 * walk.h: the files below a path, for learning. Pool thread (blocking file system calls).
 *
 * Sorted by name. Hidden files and folders are left out below the root, and so are the server's own
 * and what is no regular file; folders are not entered through symbolic links, so that loops are
 * impossible; a link to a file counts when the file lies below the root too.
 */
#ifndef AI_LEARN_WALK_H
#define AI_LEARN_WALK_H

#include "ai/learn/private.h"
#include "core/buf.h"

struct ai_walk_file {
    char *path;
    int64_t bytes, mtime_ms;
};
struct ai_walk {
    struct ai_walk_file *files;
    size_t count, cap;
    unsigned empty; /* files below it that hold nothing and are left out */
};
/* root: absolute, normalised, not itself private. on_error(arg, path, code) tells files
 * and folders that could not be read; what was known there and below is not gone. keep_on(arg) false: give up
 * with CORE_ECANCELLED. CORE_ENOTFOUND, CORE_EDENIED, … when there is no root;
 * CORE_EUNSUPPORTED when it is neither a file nor a folder; CORE_ETOOBIG above
 * AI_LIMIT_LEARN_FILES. On success ret is the caller's to clear. */
int ai_walk_files(const char *root, const struct ai_private *private,
                  void (*on_error)(void *arg, const char *path, int code),
                  bool (*keep_on)(void *arg), void *arg, struct ai_walk *ret);
void ai_walk_done(struct ai_walk *walk);

/* Where the path leads, links followed, if it is below the folder `real_root` (links resolved),
 * nothing on the way is hidden and it is not private: what a walk would find too. NULL, or the
 * caller's to free. */
char *ai_walk_reach(const char *real_root, const struct ai_private *private, const char *path);

/* "/a//b/./c/" → "/a/b/c". CORE_EINVAL when not absolute, with "..", or holding a NUL; CORE_EUTF8;
 * CORE_ETOOBIG above AI_LIMIT_NAME. *ret is the caller's to free. */
int ai_walk_normalise(struct core_str path, char **ret);

#endif
