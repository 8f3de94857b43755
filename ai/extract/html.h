/*
 * html.h: HTML → document (libgumbo). Input is valid UTF-8. Any thread.
 *
 * Navigation, scripts, styles, hidden parts and tables of contents are left out; headings, lists,
 * definitions, tables and preformatted text keep their shape.
 */
#ifndef AI_EXTRACT_HTML_H
#define AI_EXTRACT_HTML_H

#include "ai/extract/doc.h"

/* CORE_ETOOBIG when the parsed tree exceeds AI_LIMIT_HTML_TREE. */
int ai_html_extract(struct ai_doc *doc, struct core_str text);

#endif
