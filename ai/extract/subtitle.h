/*
 * subtitle.h: subtitles (SubRip, WebVTT) → document. Input is valid UTF-8. Any thread.
 *
 * What is said is joined to paragraphs; numbers, times and marks of their looks are left out. A new
 * paragraph begins where nobody speaks for a while, and with another speaker who is named.
 */
#ifndef AI_EXTRACT_SUBTITLE_H
#define AI_EXTRACT_SUBTITLE_H

#include "ai/extract/doc.h"

/* A file that says it is WebVTT. */
bool ai_subtitle_is_vtt(struct core_str text);
/* False, and nothing was written, when no time in it says when anything is shown. */
bool ai_subtitle_extract(struct ai_doc *doc, struct core_str text);

#endif
