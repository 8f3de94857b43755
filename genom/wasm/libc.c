/*
 * libc.c: what a bare WebAssembly module lacks: seven functions of string.h, and the 128-bit
 * product that the compiler calls by name. Compiled without builtins, or the loops would become
 * calls of themselves.
 */
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    return __builtin_memcpy(to, from, len); /* one instruction: memory.copy */
}

void *memmove(void *to, const void *from, size_t len)
{
    return __builtin_memmove(to, from, len);
}

void *memset(void *to, int byte, size_t len)
{
    return __builtin_memset(to, byte, len);
}

int memcmp(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a, *y = b;
    for (size_t i = 0; i < len; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

void *memchr(const void *bytes, int byte, size_t len)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i++)
        if (p[i] == (uint8_t)byte)
            return (void *)(uintptr_t)(p + i);
    return NULL;
}

size_t strlen(const char *text)
{
    size_t len = 0;
    while (text[len])
        len++;
    return len;
}

char *strchr(const char *text, int byte)
{
    for (; *text != (char)byte; text++)
        if (!*text)
            return NULL;
    return (char *)(uintptr_t)text;
}

/* a × b of 128 bits. */
__int128 __multi3(__int128 a, __int128 b);
__int128 __multi3(__int128 a, __int128 b)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b, low_mask = UINT32_MAX;
    uint64_t x0 = x & low_mask, x1 = x >> 32, y0 = y & low_mask, y1 = y >> 32;
    uint64_t low = x0 * y0, left = x1 * y0, right = x0 * y1;
    uint64_t middle = (low >> 32) + (left & low_mask) + right;
    uint64_t high = x1 * y1 + (left >> 32) + (middle >> 32);
    high += (uint64_t)(a >> 64) * y + x * (uint64_t)(b >> 64);
    return (__int128)((unsigned __int128)high << 64 | middle << 32 | (low & low_mask));
}
