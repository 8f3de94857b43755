/* dict_verify.c: the sums of a dictionary: checking
 * all of it against them, and its name, which is one. */
#include "genom/inside.h"
#include "genom/sha256.h"

int genom_dict_verify(const struct genom_dict *d)
{
    static const uint8_t zeros[36];
    uint32_t count = load32(d->file + 12);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = d->file + 64 + (size_t)i * 24;
        uint64_t at = load64(entry + 8), len = load64(entry + 16);
        if (at > d->size || len > d->size - at)
            return GENOM_EDICT;
        if (d->partial && !memcmp(entry, "DENS", 4))
            continue;
        if (genom__crc32c(0, d->file + at, (size_t)len) != load32(entry + 4))
            return GENOM_EDICT;
    }
    if (d->partial) /* the SHA-256 covers what is not there */
        return 0;
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
