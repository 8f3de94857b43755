/* folder.h: a folder of its own for a test. */
#ifndef TESTS_UNIT_BUS_FOLDER_H
#define TESTS_UNIT_BUS_FOLDER_H

#define FOLDER_SIZE 64
/* Makes a new folder below the current one; 0 or -1. */
int folder_make(char path[static FOLDER_SIZE]);
/* Removes it with all it holds; 0 or -1. */
int folder_remove(const char *path);

#endif
