/* version.h: the version of the program, as `sky version`
 * and /api/status show it, and its day, as manual pages do. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define CORE_VERSION "0.1.0"
#define CORE_VERSION_DATE "2026-11-27"

/* What to do where a file that set-up makes is missing
 * or damaged: as a source tree, or as a package. */
#define CORE_SETUP(group)                                                                          \
    "run deps/setup " group " (as a package: apt install --reinstall sky-models)"

#endif
