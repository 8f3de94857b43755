/*
 * pdf.h: PDF → document by way of pdftotext. Pages become marks "page n".
 */
#ifndef AI_EXTRACT_PDF_H
#define AI_EXTRACT_PDF_H

#include "ai/extract/doc.h"

int ai_pdf_extract(struct ai_doc *doc, struct core_str bytes);
/* The second half: what pdftotext printed, pages separated by form feeds. */
void ai_pdf_text(struct ai_doc *doc, struct core_str text);

#endif
