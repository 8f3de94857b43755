/* codec.c: the fastest level: what a backup saves in bytes beyond that it loses in time. */
#include "core/backup/codec.h"

#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#define LEVEL 1

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

bool backup_codec_pack(struct backup_codec *codec, struct core_str bytes, struct core_buf *out)
{
    size_t bound = ZSTD_compressBound(bytes.len);
    char *room = core_buf_reserve(out, bound);
    size_t size;

    if (!room)
        return false;
    size = ZSTD_compressCCtx(codec->pack, room, bound, bytes.ptr, bytes.len, LEVEL);
    if (ZSTD_isError(size) || size > bytes.len - bytes.len / 20)
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
