/* dict_file.c: a dictionary as a file: mapping it, and reading all of it to check its sums. */
#include "genom/inside.h"
#include "genom/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that says it is larger is no dictionary. */
#define SIZE_MAX_BYTES (256ll << 20)

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
    d = calloc(1, sizeof *d);
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
    free(d);
    if (fd >= 0)
        close(fd);
    return err;
}

void genom_dict_close(struct genom_dict *dict)
{
    if (!dict)
        return;
    if (dict->mapped)
        munmap((void *)dict->file, dict->size);
    free(dict);
}

int genom_dict_verify(const struct genom_dict *d)
{
    static const uint8_t zeros[36];
    uint32_t count = load32(d->file + 12);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = d->file + 64 + (size_t)i * 24;
        uint64_t at = load64(entry + 8), len = load64(entry + 16);
        if (at > d->size || len > d->size - at ||
            genom__crc32c(0, d->file + at, (size_t)len) != load32(entry + 4))
            return GENOM_EDICT;
    }
    struct genom__sha256 sha;
    uint8_t sum[32];
    genom__sha256_init(&sha);
    genom__sha256_add(&sha, d->file, 28);
    genom__sha256_add(&sha, zeros, sizeof zeros);
    genom__sha256_add(&sha, d->file + 64, d->size - 64);
    genom__sha256_end(&sha, sum);
    return memcmp(sum, d->file + 32, 32) ? GENOM_EDICT : 0;
}

void genom_dict_name(const struct genom_dict *d, char ret_name[GENOM_DICT_NAME])
{
    static const char hex[] = "0123456789abcdef";
    for (unsigned i = 0; i < 4; i++) {
        ret_name[2 * i] = hex[d->file[32 + i] >> 4];
        ret_name[2 * i + 1] = hex[d->file[32 + i] & 15];
    }
    ret_name[8] = '\0';
}
