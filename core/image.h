/*
 * image.h: where in the program's own file constant bytes lie. The kernel has that file in memory:
 * what is sent from there (sendfile) is not copied.
 *
 *     off_t at;
 *     int file = core_image_find(bytes, &at);
 *     if (file >= 0)
 *         sent = sendfile(socket, file, &at, bytes.len);
 *
 * Any thread.
 */
#ifndef CORE_IMAGE_H
#define CORE_IMAGE_H

#include "core/str.h"

#include <sys/types.h>

/* The program's file, which stays open and is not the caller's, and where in it the bytes begin. −1:
 * they may change or lie elsewhere, or the file cannot be read. */
int core_image_find(struct core_str bytes, off_t *ret_offset);

#endif
