/*
 * csv.h: tables with separated fields → document. Input is valid UTF-8. Any thread.
 */
#ifndef AI_EXTRACT_CSV_H
#define AI_EXTRACT_CSV_H

#include "ai/extract/doc.h"

/* False, and nothing was written, when nothing in it separates fields. */
bool ai_csv_extract(struct ai_doc *doc, struct core_str text);
/* Takes a field and the sign behind it off the front of *left and appends it to out, if that is
 * given; true when it ends its record. */
bool ai_csv_field(struct core_str *left, char sign, struct core_buf *out);

#endif
