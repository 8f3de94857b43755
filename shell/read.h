/*
 * read.h: what commands read of the server's JSON, and print as it is.
 */
#ifndef SHELL_READ_H
#define SHELL_READ_H

#include "core/json.h"

/* A member; empty or 0 when it is not there or of another type. The text is the document's. */
struct core_str shell_read_str(core_json object, const char *name);
int64_t shell_read_i64(core_json object, const char *name);
/* The whole document on stdout, as one line, for --json. */
void shell_read_print(const struct core_json_doc *doc);

#endif
