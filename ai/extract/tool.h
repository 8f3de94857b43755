/*
 * tool.h: runs a foreign converter (mandoc, pdftotext) on bytes: they are its standard input, its
 * standard output comes back. Only inside the extraction child, whose limits it inherits.
 */
#ifndef AI_EXTRACT_TOOL_H
#define AI_EXTRACT_TOOL_H

#include "core/buf.h"

/* argv[0] is looked up in PATH. The standard input can be sought in. Appends to out; ret_code gets
 * the exit code. CORE_ENOTFOUND: not installed. CORE_ETIMEOUT, CORE_ETOOBIG (out's cap): it was
 * killed. CORE_EIO: it was killed by a signal, or the system refused something. */
int ai_tool_run(const char *const argv[], struct core_str input, struct core_buf *out,
                int *ret_code);

#endif
