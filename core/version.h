/* version.h: the version of the program, as `sky version` and /api/status show it. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define CORE_VERSION "0.1.0"

#endif
