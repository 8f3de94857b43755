/*
 * private.c: a sorted list of (device, inode) of what the data folder holds.
 */
#include "ai/learn/private.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/str.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>

struct identity {
    dev_t device;
    ino_t inode;
};
struct ai_private {
    struct identity *files;
    size_t count, cap;
};

static int by_identity(const void *a, const void *b)
{
    const struct identity *x = a;
    const struct identity *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static int add(struct ai_private *p, const struct stat *st)
{
    void *array = p->files;
    int status = core_grow(&array, &p->cap, p->count, sizeof *p->files, AI_LIMIT_LEARN_FILES);
    p->files = array;
    if (status == 0)
        p->files[p->count++] = (struct identity){st->st_dev, st->st_ino};
    return status;
}

/* Hidden files too. A folder that we may not list is itself on the list, and a file that we may not
 * look at could not be read either. */
static int list(struct ai_private *p, const char *folder)
{
    char *const roots[] = {(char *)(uintptr_t)folder, NULL}; /* not written to */
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    const FTSENT *entry;
    int status = 0;
    if (!walk)
        return CORE_ENOMEM;
    while (status == 0 && (errno = 0, entry = fts_read(walk))) {
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_F || entry->fts_info == FTS_SL ||
            entry->fts_info == FTS_DEFAULT || entry->fts_info == FTS_DNR)
            status = add(p, entry->fts_statp);
        else if (entry->fts_level == FTS_ROOTLEVEL && entry->fts_info == FTS_NS &&
                 entry->fts_errno != ENOENT)
            status = core_err_from_errno(entry->fts_errno);
    }
    if (status == 0 && errno != 0)
        status = core_err_from_errno(errno);
    fts_close(walk);
    return status;
}

int ai_private_new(const char *folder, struct ai_private **ret)
{
    struct ai_private *p = core_alloc(sizeof *p);
    int status = list(p, folder);
    if (status != 0) {
        ai_private_free(p);
        return status;
    }
    if (p->count > 1)
        qsort(p->files, p->count, sizeof *p->files, by_identity);
    *ret = p;
    return 0;
}

void ai_private_free(struct ai_private *p)
{
    if (!p)
        return;
    free(p->files);
    free(p);
}

bool ai_private_has(const struct ai_private *p, const struct stat *st)
{
    const struct identity key = {st->st_dev, st->st_ino};
    return p->count > 0 && bsearch(&key, p->files, p->count, sizeof key, by_identity) != NULL;
}

bool ai_private_reached(const struct ai_private *p, const char *path)
{
    struct stat st;
    bool reached = stat(path, &st) == 0 && ai_private_has(p, &st);
    char *real = reached ? NULL : realpath(path, NULL);
    char *slash;
    while (real && !reached && (slash = strrchr(real, '/'))) {
        *slash = 0;
        reached = stat(*real ? real : "/", &st) == 0 && ai_private_has(p, &st);
    }
    free(real);
    return reached;
}
