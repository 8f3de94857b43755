/*
 * roff.h: manual pages and other roff → document. Input is valid UTF-8.
 *
 * Pages of the macro packages man and mdoc go through mandoc; the others (ms, me, mm), and all of
 * them where mandoc is missing, are read by rules of our own that keep words, headings, paragraphs.
 */
#ifndef AI_EXTRACT_ROFF_H
#define AI_EXTRACT_ROFF_H

#include "ai/extract/doc.h"

/* Requests at the beginning of lines; `likely`: the name says so already. */
bool ai_roff_looks(struct core_str text, bool likely);
/* A page that only says ".so other": that name, else empty. */
struct core_str ai_roff_alias(struct core_str text);
int ai_roff_extract(struct ai_doc *doc, struct core_str text);
/* The rules of our own. */
void ai_roff_plain(struct ai_doc *doc, struct core_str text);

#endif
