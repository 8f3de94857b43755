/* zip_build.h: writes small archives with stored files, for tests and fuzzing of what reads
 * them. */
#ifndef TESTS_UNIT_AI_EXTRACT_ZIP_BUILD_H
#define TESTS_UNIT_AI_EXTRACT_ZIP_BUILD_H

#include "core/buf.h"

struct zip_file {
    const char *name;
    struct core_str bytes;
};

static inline void zip_le(struct core_buf *out, unsigned bytes, size_t v)
{
    for (; bytes > 0; bytes--, v >>= 8)
        core_buf_add_byte(out, (char)(v & 0xFF));
}

/* Sizes, offset and name as local header and central entry share them. */
static inline void zip_entry(struct core_buf *out, const struct zip_file *f, bool central,
                             size_t offset)
{
    core_buf_add(out, central ? "PK\1\2" : "PK\3\4", 4);
    zip_le(out, central ? 4 : 2, 20); /* versions */
    zip_le(out, 2, 0);                /* flags */
    zip_le(out, 2, 0);                /* stored */
    zip_le(out, 8, 0);                /* time, checksum */
    zip_le(out, 4, f->bytes.len);
    zip_le(out, 4, f->bytes.len);
    zip_le(out, 2, strlen(f->name));
    zip_le(out, 2, 0);
    if (central) {
        zip_le(out, 8, 0);
        zip_le(out, 2, 0);
        zip_le(out, 4, offset);
    }
    core_buf_add_c(out, f->name);
    if (!central)
        core_buf_add_str(out, f->bytes);
}

static inline void zip_build(struct core_buf *out, const struct zip_file *files, size_t count)
{
    size_t offsets[16];
    for (size_t i = 0; i < count && i < 16; i++) {
        offsets[i] = out->len;
        zip_entry(out, &files[i], false, 0);
    }
    size_t directory = out->len;
    for (size_t i = 0; i < count && i < 16; i++)
        zip_entry(out, &files[i], true, offsets[i]);
    size_t end = out->len;
    core_buf_add(out, "PK\5\6", 4);
    zip_le(out, 4, 0);
    zip_le(out, 2, count);
    zip_le(out, 2, count);
    zip_le(out, 4, end - directory);
    zip_le(out, 4, directory);
    zip_le(out, 2, 0);
}

#endif
