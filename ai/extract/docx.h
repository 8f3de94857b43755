/*
 * docx.h: Word documents (Office Open XML) → document. Any thread.
 * Headings go by style, lists by numbering, tables by row; deleted and hidden text is left out.
 */
#ifndef AI_EXTRACT_DOCX_H
#define AI_EXTRACT_DOCX_H

#include "ai/extract/doc.h"
#include "ai/extract/zip.h"

bool ai_docx_looks(const struct ai_zip *zip);
int ai_docx_extract(struct ai_doc *doc, const struct ai_zip *zip);

#endif
