/*
 * codec.c: a fast level: what a backup saves in bytes beyond it loses in time. Vectors do not pack
 * at all, and frames hold rows of one table: a piece of each frame tells.
 */
#include "core/backup/codec.h"

#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#define LEVEL (-1)
#define PROBE_BYTES (32u << 10)

struct backup_codec {
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
};

struct backup_codec *backup_codec_new(void)
{
    struct backup_codec *codec = core_alloc(sizeof *codec);

    codec->pack = ZSTD_createCCtx();
    codec->unpack = ZSTD_createDCtx();
    assert(codec->pack && codec->unpack);
    return codec;
}

void backup_codec_free(struct backup_codec *codec)
{
    if (!codec)
        return;
    ZSTD_freeCCtx(codec->pack);
    ZSTD_freeDCtx(codec->unpack);
    free(codec);
}

/* Fewer by a twentieth at least. */
static bool is_fewer(size_t packed, size_t bytes)
{
    return !ZSTD_isError(packed) && packed <= bytes - bytes / 20;
}

bool backup_codec_pack(struct backup_codec *codec, struct core_str bytes, struct core_buf *out)
{
    size_t bound = ZSTD_compressBound(bytes.len);
    char *room = core_buf_reserve(out, bound);
    size_t size;

    if (!room)
        return false;
    if (bytes.len > 4 * PROBE_BYTES &&
        !is_fewer(ZSTD_compressCCtx(codec->pack, room, bound, bytes.ptr + bytes.len / 2,
                                    PROBE_BYTES, LEVEL),
                  PROBE_BYTES))
        return false;
    size = ZSTD_compressCCtx(codec->pack, room, bound, bytes.ptr, bytes.len, LEVEL);
    if (!is_fewer(size, bytes.len))
        return false;
    core_buf_grew(out, size);
    return true;
}

int backup_codec_unpack(struct backup_codec *codec, struct core_str packed, unsigned char *out,
                        size_t size)
{
    size_t got = ZSTD_decompressDCtx(codec->unpack, out, size, packed.ptr, packed.len);

    return ZSTD_isError(got) || got != size ? CORE_ECORRUPT : 0;
}
