/*
 * fault_vfs.h: a disk for SQLite that fails when it is told to, or whose power goes. It passes
 * everything on to the real one and counts, so that a test can assert that its faults were met.
 */
#ifndef TESTS_UNIT_CORE_STORE_FAULT_VFS_H
#define TESTS_UNIT_CORE_STORE_FAULT_VFS_H

#include "tests/unit/core/store/fault_image.h"

#include <stdatomic.h>
#include <stdbool.h>

#define FAULT_VFS "fault"

struct fault_vfs {
    /* The SQLite code that writes, syncs and reads give, or 0 to pass on. */
    atomic_int write_code;
    atomic_int sync_code;
    atomic_int read_code;
    atomic_int synced_read_code; /* what read_code becomes once the write-ahead log is synced */
    /* 0 = now, otherwise that many calls still pass. */
    atomic_int after;
    atomic_int tear; /* a write that fails leaves half of its bytes */
    atomic_uint writes_failed;
    atomic_uint syncs_failed;
    atomic_uint reads_failed;
    atomic_uint torn;
    atomic_uint log_syncs; /* of the write-ahead log, successful ones */
    atomic_int mark;       /* the test's own count of what it is about to do */
};
extern struct fault_vfs fault_vfs;

/* Registers it once, and clears all of the above. */
void fault_vfs_reset(void);

/* From the next opening on, what a power cut would leave is followed (and nothing really synced: it
 * would only cost time). Until the reset. */
void fault_vfs_follow(void);
/* The power goes before the n-th write or sync from now: what the disk then holds is written into
 * the folder, while the process goes on as if nothing had happened. */
void fault_vfs_cut_power(const char *folder, int n, uint64_t seed);
/* True once it happened: what was lost, and what `mark` was. */
bool fault_vfs_was_cut(struct fault_image_counts *ret_counts, int *ret_mark);

#endif
