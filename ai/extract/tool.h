/*
 * tool.h: foreign converters (mandoc, pdftotext) on bytes: they are its standard input, its
 * standard output comes back.
 *
 *     worker (parses, may open and start nothing) ── socket ── desk ── converter (one a document)
 *
 * The desk is a process that looks at no document: it starts converters, each of them confined
 * (confine.h), and passes on what they print. So the process that parses needs no right to start
 * anything, and a converter none to anything but its input.
 */
#ifndef AI_EXTRACT_TOOL_H
#define AI_EXTRACT_TOOL_H

#include "core/buf.h"

enum ai_tool {
    AI_TOOL_PDF,        /* in the order in which it is read */
    AI_TOOL_PDF_LAYOUT, /* as it looks, drawn with spaces */
    AI_TOOL_MANUAL,
    AI_TOOLS
};

/* Starts the desk, which inherits the caller's limits and ends with it. Once a process, by a
 * process with one thread. ai_tool_run() does it when nobody did. */
int ai_tools_start(void);
/* Programs are looked up in PATH; the standard input can be sought in. Appends to out; ret_code
 * gets the exit code. CORE_ENOTFOUND: not installed. CORE_ETIMEOUT, CORE_ETOOBIG
 * (AI_LIMIT_TOOL_OUTPUT, or out's cap): it was killed. CORE_EIO: it was killed by a signal, or the
 * system refused something. */
int ai_tool_run(enum ai_tool tool, struct core_str input, struct core_buf *out, int *ret_code);
/* For the input of the run before, in what that left of the time and the output of a document. */
int ai_tool_run_again(enum ai_tool tool, struct core_str input, struct core_buf *out,
                      int *ret_code);

#endif
