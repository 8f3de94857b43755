/* dict_file.c: a dictionary as a file: mapping it. */
#include "genom/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that says it is larger is no dictionary. */
#define SIZE_MAX_BYTES (256ll << 20)

int genom_dict_open(const char *path, struct genom_dict **ret_dict)
{
    struct genom_dict *d = MAP_FAILED;
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
    /* Whole pages: its tables begin where a line of the cache does, so no entry lies in two. */
    d = mmap(NULL, sizeof *d, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || d == MAP_FAILED)
        goto out;
    err = genom__dict_init(d, map, (size_t)st.st_size);
    if (err)
        goto out;
    d->mapped = true;
    *ret_dict = d;
    d = map = MAP_FAILED;
out:
    if (map != MAP_FAILED)
        munmap(map, (size_t)st.st_size);
    if (d != MAP_FAILED)
        munmap(d, sizeof *d);
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
    munmap(dict, sizeof *dict);
}
