/* string.h: what genom needs of the C library where there is none; made by genom/wasm/libc.c. */
#ifndef GENOM_WASM_INCLUDE_STRING_H
#define GENOM_WASM_INCLUDE_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *bytes, int byte, size_t len);
size_t strlen(const char *text);
char *strchr(const char *text, int byte);

#endif
