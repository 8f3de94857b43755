/*
 * csv.h: tables with separated fields → document. Input is valid UTF-8. Any thread.
 */
#ifndef AI_EXTRACT_CSV_H
#define AI_EXTRACT_CSV_H

#include "ai/extract/doc.h"

/* False, and nothing was written, when nothing in it separates fields. */
bool ai_csv_extract(struct ai_doc *doc, struct core_str text);

#endif
