/*
 * codec.h: Zstandard (libzstd) behind a face: blocks whose
 * sizes are known. One thread at a time for each codec.
 */
#ifndef CORE_BACKUP_CODEC_H
#define CORE_BACKUP_CODEC_H

#include "core/buf.h"

struct backup_codec;
struct backup_codec *backup_codec_new(void);
void backup_codec_free(struct backup_codec *codec); /* accepts NULL */
/* Appends the compressed bytes: true. False, and out
 * as it was: they would not be fewer by a twentieth. */
bool backup_codec_pack(struct backup_codec *codec, struct core_str bytes, struct core_buf *out);
/* Writes exactly `size` bytes to out. CORE_ECORRUPT: they were never packed from so many. */
int backup_codec_unpack(struct backup_codec *codec, struct core_str packed, unsigned char *out,
                        size_t size);

#endif
