/*
 * zip.c: see zip.h. Layout of an archive, numbers little-endian:
 *
 *     local header 'PK\3\4' … name extra data   (one for each file)
 *     central entry 'PK\1\2' … name extra comment (one for each file)
 *     end 'PK\5\6' disk disk entries entries size offset comment
 */
#include "ai/extract/zip.h"

#include "core/err.h"
#include "core/limits.h"

#include <zlib.h>

#define END_BYTES 22
#define COMMENT_MAX 65535
#define ENTRY_BYTES 46
#define LOCAL_BYTES 30
#define EXPAND_BYTES (64u << 10)

/* Inflates `in`; window as zlib wants it: −15 raw, 31 gzip. ret_used gets the input bytes used. */
static int expand(struct core_str in, int window, struct core_buf *out, size_t *ret_used)
{
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)in.ptr, .avail_in = (unsigned)in.len};
    int status = 0;
    if (in.len > UINT32_MAX)
        return CORE_ETOOBIG;
    if (inflateInit2(&z, window) != Z_OK)
        return CORE_ENOMEM;
    for (int state = Z_OK; state != Z_STREAM_END;) {
        size_t room = out->max - out->len < EXPAND_BYTES ? out->max - out->len : EXPAND_BYTES;
        /* One byte over the cap shows that there is more. */
        char over;
        char *to = room > 0 ? core_buf_reserve(out, room) : &over;
        if (!to) {
            status = core_buf_error(out);
            break;
        }
        z.next_out = (unsigned char *)to;
        z.avail_out = room > 0 ? (unsigned)room : 1;
        state = inflate(&z, Z_NO_FLUSH);
        size_t made = (room > 0 ? room : 1) - z.avail_out;
        if (room == 0 && made > 0)
            status = CORE_ETOOBIG;
        else if (made > 0)
            core_buf_grew(out, made);
        if (state != Z_OK && state != Z_STREAM_END)
            status = CORE_ECORRUPT; /* bad data, or it ends too early */
        if (status != 0)
            break;
    }
    *ret_used = in.len - z.avail_in;
    inflateEnd(&z);
    return status;
}

int ai_gzip_expand(struct core_str bytes, struct core_buf *out)
{
    do {
        size_t used;
        int status = expand(bytes, 15 + 16, out, &used);
        if (status != 0)
            return status;
        bytes.ptr += used;
        bytes.len -= used;
        /* Another member may follow; anything else behind it is padding. */
    } while (core_str_starts(bytes, CORE_STR("\x1f\x8b")));
    return 0;
}

static uint32_t le16(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return u[0] | (uint32_t)u[1] << 8;
}

static uint32_t le32(const char *p)
{
    return le16(p) | le16(p + 2) << 16;
}

int ai_zip_open(struct core_str bytes, struct ai_zip *ret)
{
    if (bytes.len < END_BYTES)
        return CORE_ECORRUPT;
    size_t lowest = bytes.len > END_BYTES + COMMENT_MAX ? bytes.len - END_BYTES - COMMENT_MAX : 0;
    for (size_t at = bytes.len - END_BYTES + 1; at-- > lowest;) {
        const char *end = bytes.ptr + at;
        if (memcmp(end, "PK\5\6", 4) != 0)
            continue;
        size_t size = le32(end + 12);
        size_t offset = le32(end + 16);
        if (le16(end + 4) != 0 || le16(end + 10) == 0xFFFF || offset == 0xFFFFFFFF)
            return CORE_EUNSUPPORTED;
        if (offset > at || size > at - offset)
            return CORE_ECORRUPT;
        *ret = (struct ai_zip){bytes, offset, offset + size, le16(end + 10)};
        return ret->entries > AI_LIMIT_ZIP_ENTRIES ? CORE_ETOOBIG : 0;
    }
    return CORE_ECORRUPT;
}

/* The central entry of the name, or NULL. */
static const char *entry_find(const struct ai_zip *zip, struct core_str name)
{
    size_t at = zip->directory;
    for (unsigned i = 0; i < zip->entries; i++) {
        const char *entry = zip->bytes.ptr + at;
        if (zip->directory_end - at < ENTRY_BYTES || memcmp(entry, "PK\1\2", 4) != 0)
            return NULL;
        size_t name_len = le16(entry + 28);
        size_t len = ENTRY_BYTES + name_len + le16(entry + 30) + le16(entry + 32);
        if (zip->directory_end - at < len)
            return NULL;
        if (core_str_eq(core_strn(entry + ENTRY_BYTES, name_len), name))
            return entry;
        at += len;
    }
    return NULL;
}

bool ai_zip_has(const struct ai_zip *zip, struct core_str name)
{
    return entry_find(zip, name) != NULL;
}

int ai_zip_read(const struct ai_zip *zip, struct core_str name, struct core_buf *out)
{
    const char *entry = entry_find(zip, name);
    if (!entry)
        return CORE_ENOTFOUND;
    unsigned flags = le16(entry + 8);
    unsigned method = le16(entry + 10);
    size_t packed = le32(entry + 20);
    size_t size = le32(entry + 24);
    size_t local = le32(entry + 42);
    if ((flags & 1) || (method != 0 && method != 8))
        return CORE_EUNSUPPORTED;
    if (size > out->max - out->len)
        return CORE_ETOOBIG;
    if (local > zip->directory || zip->directory - local < LOCAL_BYTES ||
        memcmp(zip->bytes.ptr + local, "PK\3\4", 4) != 0)
        return CORE_ECORRUPT;
    size_t data = local + LOCAL_BYTES + le16(zip->bytes.ptr + local + 26) +
                  le16(zip->bytes.ptr + local + 28);
    if (data > zip->directory || packed > zip->directory - data)
        return CORE_ECORRUPT;
    struct core_str in = core_strn(zip->bytes.ptr + data, packed);
    if (method == 0)
        return packed == size ? core_buf_add_str(out, in) : CORE_ECORRUPT;
    size_t before = out->len;
    size_t used;
    int status = expand(in, -15, out, &used);
    return status == 0 && out->len - before != size ? CORE_ECORRUPT : status;
}
