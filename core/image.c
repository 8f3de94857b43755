/*
 * image.c: the segments of the program that nobody can write, as the loader mapped them (ELF's
 * program headers: file offset, address, length).
 */
#include "core/image.h"

#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <unistd.h>

/* Linkers make three to five. */
enum { SEGMENTS = 8 };

static struct {
    pthread_once_t once;
    int file;
    unsigned count;
    struct core_str segments[SEGMENTS]; /* in memory */
    off_t offsets[SEGMENTS];            /* in the file */
} image = {.once = PTHREAD_ONCE_INIT, .file = -1};

/* How the file begins: ELF's headers and, behind them, the note that tells one build from others. */
enum { BEGIN = 1024 };

/* Under an emulator the file may be another one. */
static bool is_the_file(struct core_str segment, off_t offset)
{
    char begin[BEGIN];
    return offset == 0 && segment.len >= BEGIN && pread(image.file, begin, BEGIN, 0) == BEGIN &&
           memcmp(begin, segment.ptr, BEGIN) == 0;
}

static int on_object(struct dl_phdr_info *info, size_t size, void *arg)
{
    bool known = false;
    (void)size;
    (void)arg;
    for (unsigned i = 0; i < info->dlpi_phnum && image.count < SEGMENTS; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        struct core_str segment = core_strn((const char *)(info->dlpi_addr + h->p_vaddr),
                                            h->p_filesz);
        if (h->p_type != PT_LOAD || (h->p_flags & (PF_R | PF_W)) != PF_R)
            continue;
        known = known || is_the_file(segment, (off_t)h->p_offset);
        image.segments[image.count] = segment;
        image.offsets[image.count++] = (off_t)h->p_offset;
    }
    image.count = known ? image.count : 0;
    return 1; /* the first one is the program, the others its libraries */
}

static void look(void)
{
    image.file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (image.file >= 0)
        dl_iterate_phdr(on_object, NULL);
}

int core_image_find(struct core_str bytes, off_t *ret_offset)
{
    pthread_once(&image.once, look);
    for (unsigned i = 0; i < image.count; i++) {
        size_t from = (uintptr_t)bytes.ptr - (uintptr_t)image.segments[i].ptr;
        size_t len = image.segments[i].len;
        if (from > len || bytes.len > len - from)
            continue;
        *ret_offset = image.offsets[i] + (off_t)from;
        return image.file;
    }
    return -1;
}
