/*
 * fault_vfs.h: a disk for SQLite that fails when it is told to. It passes everything on to the real
 * one and counts, so that a test can assert that its faults were met.
 */
#ifndef TESTS_UNIT_CORE_STORE_FAULT_VFS_H
#define TESTS_UNIT_CORE_STORE_FAULT_VFS_H

#include <stdatomic.h>

#define FAULT_VFS "fault"

struct fault_vfs {
    /* The SQLite code that writes and syncs give, or 0 to pass on. */
    atomic_int write_code;
    atomic_int sync_code;
    /* 0 = now, otherwise that many calls still pass. */
    atomic_int after;
    atomic_uint writes_failed;
    atomic_uint syncs_failed;
    atomic_uint log_syncs; /* of the write-ahead log, successful ones */
};
extern struct fault_vfs fault_vfs;

/* Registers it once, and clears all of the above. */
void fault_vfs_reset(void);

#endif
