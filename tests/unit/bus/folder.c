/* folder.c: see folder.h. */
#include "tests/unit/bus/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

int folder_make(char path[static FOLDER_SIZE])
{
    snprintf(path, FOLDER_SIZE, "unit-test-XXXXXX");
    return mkdtemp(path) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

int folder_remove(const char *path)
{
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
