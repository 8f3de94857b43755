/*
 * fault_image.h: what a disk would hold if the power went now. A follower of fault_vfs: it knows of
 * each file what was synced, and what was written since.
 *
 *     synced ─► the file as it surely is        written since ─► each change lost, whole, or torn
 *
 * Changes are lost independently, in pieces of a sector: disks write in the order they like.
 */
#ifndef TESTS_UNIT_CORE_STORE_FAULT_IMAGE_H
#define TESTS_UNIT_CORE_STORE_FAULT_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define FAULT_SECTOR 512

/* All of these may be called from any thread. A file that is not followed yet is taken as
 * synced. */
void fault_image_open(const char *path);
void fault_image_write(const char *path, const void *bytes, size_t len, int64_t at);
void fault_image_cut(const char *path, int64_t size);
void fault_image_sync(const char *path);
/* As if the folder were synced at once. */
void fault_image_remove(const char *path);
/* Forgets all. */
void fault_image_clear(void);

struct fault_image_counts {
    unsigned lost, torn, kept; /* changes that were not synced */
};
/* Writes every followed file, as the power cut leaves it, under its own last name into the folder.
 * The same seed loses the same. */
struct fault_image_counts fault_image_power_cut(const char *folder, uint64_t *seed);

#endif
