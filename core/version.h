/* version.h: the version of the program, as `sky version` and /api/status show it, and its day, as manual pages do. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define CORE_VERSION "0.1.0"
#define CORE_VERSION_DATE "2026-11-27"

#endif
