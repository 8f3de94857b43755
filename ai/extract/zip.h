/*
 * zip.h: reading .gz streams and files inside a .zip held in memory (zlib). Any thread.
 *
 * Every size that an archive states is checked against the bytes that are there and against the
 * cap of the output before it is used. Zip64, encrypted and multi-part archives are refused.
 */
#ifndef AI_EXTRACT_ZIP_H
#define AI_EXTRACT_ZIP_H

#include "core/buf.h"

/* Appends the expansion of all members. CORE_ECORRUPT, CORE_ETOOBIG (out's cap). */
int ai_gzip_expand(struct core_str bytes, struct core_buf *out);

struct ai_zip {
    struct core_str bytes;
    size_t directory, directory_end; /* offsets of the central directory */
    unsigned entries;
};
/* CORE_ECORRUPT, CORE_EUNSUPPORTED. Keeps pointing into bytes. */
int ai_zip_open(struct core_str bytes, struct ai_zip *ret);
bool ai_zip_has(const struct ai_zip *zip, struct core_str name);
/* Appends one file. CORE_ENOTFOUND, CORE_ECORRUPT, CORE_EUNSUPPORTED, CORE_ETOOBIG. */
int ai_zip_read(const struct ai_zip *zip, struct core_str name, struct core_buf *out);

#endif
