/* le.h: little-endian numbers in bytes. Inside core/backup only. */
#ifndef CORE_BACKUP_LE_H
#define CORE_BACKUP_LE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline void backup_le_put(unsigned char *out, uint64_t value, size_t size)
{
    uint64_t le = htole64(value);
    memcpy(out, &le, size);
}

static inline uint64_t backup_le_get(const unsigned char *bytes, size_t size)
{
    uint64_t le = 0;
    memcpy(&le, bytes, size);
    return le64toh(le);
}

#endif
