/*
 * pdf.h: PDF → document by way of pdftotext. Pages become marks "page n".
 */
#ifndef AI_EXTRACT_PDF_H
#define AI_EXTRACT_PDF_H

#include "ai/extract/doc.h"

int ai_pdf_extract(struct ai_doc *doc, struct core_str bytes);
/* Appends what pdftotext printed of the pages, in the order of reading, with the tables of what it
 * printed as it looks (pdf_page.h). Pages are separated by form feeds. */
void ai_pdf_join(struct core_str read, struct core_str layout, struct core_buf *out);
/* The rest: that text becomes the document. */
void ai_pdf_text(struct ai_doc *doc, struct core_str text);

#endif
