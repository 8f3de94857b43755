/*
 * pdf_page.h: pdftotext prints a page in the order in which it is read, where tables come column by
 * column, or as it looks, where columns of running text stand side by side. Of both one page is
 * made: the first way, with the tables of the second.
 */
#ifndef AI_EXTRACT_PDF_PAGE_H
#define AI_EXTRACT_PDF_PAGE_H

#include "core/buf.h"

/* Appends the page. Every line of a table begins with a space, others do not; what takes the place
 * of lines holds the same letters as they do. Valid UTF-8 without form feeds. */
void ai_pdf_page(struct core_str read, struct core_str layout, struct core_buf *out);

#endif
