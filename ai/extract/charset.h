/*
 * charset.h: bytes of unknown encoding → UTF-8.
 *
 * In this order: byte order mark, valid UTF-8, UTF-16 by its zeros, the encoding that the document
 * declares, else the most plausible of windows-1252, windows-1250 and ISO-8859-2. Any thread.
 */
#ifndef AI_EXTRACT_CHARSET_H
#define AI_EXTRACT_CHARSET_H

#include "core/buf.h"

/* Loads the modules of the usual encodings for good: a process that may open no files later decodes
 * only those (and all that need no module). Once, before it confines itself. */
void ai_charset_load(void);
/* Appends valid UTF-8. `declared` is a charset name from the document or empty; an unknown name
 * is ignored. CORE_EUNSUPPORTED when the bytes are no text at all (zeros, control characters). */
int ai_charset_decode(struct core_str bytes, struct core_str declared, struct core_buf *out);
/* Line ends become \n, no-break spaces become spaces: the rules for text look for those. In
 * place. */
void ai_charset_normalise(struct core_buf *text);
/* What an HTML or XML document declares in its first bytes; empty when nothing. Points into it. */
struct core_str ai_charset_of_markup(struct core_str bytes);
/* The same for roff ("-*- coding: latin-2 -*-") and any file with such an Emacs line. */
struct core_str ai_charset_of_roff(struct core_str bytes);

#endif
