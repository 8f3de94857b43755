/*
 * key.h: the key of a provider, by reference: "env:NAME" or "file:/path". What is stored, logged
 * and shown is the reference; the key itself is read for one call and wiped after it. Any thread.
 */
#ifndef AI_MODEL_KEY_H
#define AI_MODEL_KEY_H

#include "core/buf.h"

/* Is it a reference at all? "" (no key is needed) is one. */
bool ai_key_valid(struct core_str reference);
/* Appends the key without surrounding white space; nothing for "". CORE_EINVAL; CORE_ENOTFOUND: no
 * such variable or file, or empty; CORE_EDENIED: others than the owner may read the file;
 * CORE_EUNSUPPORTED: no regular file; CORE_ETOOBIG, CORE_EIO. The caller wipes `out`. */
int ai_key_read(const char *reference, struct core_buf *out);
/* The same, as one line that says what to do: "" when it can be read. */
void ai_key_check(const char *reference, char *why, size_t why_cap);

#endif
