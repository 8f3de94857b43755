/*
 * memory.c: see memory.h. What is read is looked at behind a mask, and the secrets are made anew
 * for each look: the search must not find itself.
 */
#include "tests/unit/core/memory.h"

#include "tests/unit/core/store/helper.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A seed of 0 gives the same letter for ever, with which malloc may fill what it hands out. */
enum { CHUNK = 1 << 20, MASK = 0x80, SEED = 1 };

static char chunk[CHUNK];

static char letter(uint64_t *seed)
{
    return (char)('a' + dice(seed) % 26);
}

void memory_secret(unsigned n, char ret[static MEMORY_SECRET])
{
    uint64_t seed = SEED + n;

    for (size_t i = 0; i < MEMORY_SECRET; i++)
        ret[i] = letter(&seed);
}

static bool chunk_holds(size_t len, const char masked[static MEMORY_SECRET])
{
    for (size_t i = 0; i < len; i++)
        chunk[i] ^= (char)MASK;
    return memmem(chunk, len, masked, MEMORY_SECRET) != NULL;
}

/* Pieces overlap by a secret. */
static bool range_holds(int mem, unsigned long from, unsigned long to,
                        const char masked[static MEMORY_SECRET])
{
    while (from + MEMORY_SECRET <= to) {
        size_t len = to - from < CHUNK ? to - from : CHUNK;
        ssize_t n = pread(mem, chunk, len, (off_t)from);
        if (n > 0 && chunk_holds((size_t)n, masked))
            return true;
        from += n > MEMORY_SECRET ? (size_t)n - MEMORY_SECRET + 1 : len;
    }
    return false;
}

bool memory_holds(unsigned n)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char masked[MEMORY_SECRET], line[512], mode[8];
    unsigned long from, to;
    uint64_t seed = SEED + n;
    bool found = false;

    for (size_t i = 0; i < sizeof masked; i++)
        masked[i] = (char)(letter(&seed) ^ MASK);
    assert_true(maps && mem >= 0);
    /* What an earlier look found is still there, behind a mask that the next would take off. */
    memset(chunk, 0, sizeof chunk);
    while (!found && fgets(line, sizeof line, maps)) {
        /* Heaps and the like; larger ones are what a sanitizer keeps its notes in. */
        if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) == 3 && strncmp(mode, "rw", 2) == 0 &&
            !strchr(line, '/') && !strstr(line, "[stack]") && to - from <= 1ul << 30)
            found = range_holds(mem, from, to, masked);
    }
    fclose(maps);
    close(mem);
    return found;
}
