/* dict_file.c: a dictionary as a file: mapping it. */
#include "genom/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that says it is larger is no dictionary. */
#define SIZE_MAX_BYTES (256ll << 20)

struct genom_dict *genom__dict_new(void)
{
    char *room = calloc(1, sizeof(struct genom_dict) + alignof(struct genom_dict) - 1);
    if (!room)
        return NULL;
    struct genom_dict *dict = (void *)(room + (0 - (uintptr_t)room) % alignof(struct genom_dict));
    dict->room = room;
    return dict;
}

void genom__dict_free(struct genom_dict *dict)
{
    if (dict)
        free(dict->room);
}

int genom_dict_open(const char *path, struct genom_dict **ret_dict)
{
    struct genom_dict *d = NULL;
    struct stat st;
    void *map = MAP_FAILED;
    int err = GENOM_ESYSTEM;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st))
        goto out;
    err = GENOM_EDICT;
    if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > SIZE_MAX_BYTES)
        goto out;
    err = GENOM_ESYSTEM;
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    d = genom__dict_new();
    if (map == MAP_FAILED || !d)
        goto out;
    err = genom__dict_init(d, map, (size_t)st.st_size);
    if (err)
        goto out;
    d->mapped = true;
    *ret_dict = d;
    d = NULL;
    map = MAP_FAILED;
out:
    if (map != MAP_FAILED)
        munmap(map, (size_t)st.st_size);
    genom__dict_free(d);
    if (fd >= 0)
        close(fd);
    return err;
}

void genom_dict_rest(const struct genom_dict *dict)
{
    if (dict->mapped)
        madvise((void *)dict->file, dict->size, MADV_DONTNEED);
}

void genom_dict_close(struct genom_dict *dict)
{
    if (!dict)
        return;
    if (dict->mapped)
        munmap((void *)dict->file, dict->size);
    genom__dict_free(dict);
}
