/*
 * pack.c: the packed dictionary as a page asset: mapped, not read, so that it costs memory only
 * while somebody fetches it. It is sent as the gzip file that it is, not as a coding of something
 * else: the page then knows how much is to come, and every client takes it.
 */
#include "core/err.h"
#include "core/mem.h"
#include "main/main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDRESS "/genom.pack.gz"
/* Of a gzip file: head, and at the end the sum and the length of what is in it. */
#define GZIP_HEAD 10
#define GZIP_TAIL 8
#define PACK_BYTES_MAX (64 << 20)

struct main_pack {
    struct web_asset asset;
    char etag[24];
};

/* NULL: it is no gzip file. */
static const unsigned char *map_gzip(int fd, size_t *ret_len)
{
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < GZIP_HEAD + GZIP_TAIL ||
        st.st_size > PACK_BYTES_MAX) {
        return NULL;
    }
    unsigned char *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        return NULL;
    }
    if (map[0] != 0x1f || map[1] != 0x8b) {
        munmap(map, (size_t)st.st_size);
        return NULL;
    }
    *ret_len = (size_t)st.st_size;
    return map;
}

int main_pack_open(const char *path, struct main_pack **ret, char *why, size_t why_cap)
{
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *ret = NULL;
    if (fd < 0 && errno == ENOENT) {
        return 0;
    }
    const unsigned char *map = fd < 0 ? NULL : map_gzip(fd, &len);
    if (fd >= 0) {
        close(fd);
    }
    if (!map) {
        snprintf(why, why_cap, "%s: no packed dictionary: remove it and " CORE_SETUP("genom-pack"),
                 path);
        return CORE_ECORRUPT;
    }
    struct main_pack *pack = core_alloc(sizeof *pack);
    const unsigned char *tail = map + len - GZIP_TAIL;
    snprintf(pack->etag, sizeof pack->etag, "W/\"%02x%02x%02x%02x%02x%02x%02x%02x\"", tail[0],
             tail[1], tail[2], tail[3], tail[4], tail[5], tail[6], tail[7]);
    pack->asset = (struct web_asset){
        .path = ADDRESS,
        .content_type = "application/gzip",
        .etag = pack->etag,
        .identity = {map, len},
    };
    *ret = pack;
    return 0;
}

const struct web_asset *main_pack_asset(const struct main_pack *pack)
{
    return pack ? &pack->asset : NULL;
}

void main_pack_close(struct main_pack *pack)
{
    if (pack) {
        munmap((void *)pack->asset.identity.ptr, pack->asset.identity.len);
    }
    free(pack);
}
