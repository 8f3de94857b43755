/*
 * rst.h: reStructuredText → document. Input is valid UTF-8. Any thread.
 *
 * What a reader of the page sees: headings, paragraphs, lists, literal blocks, tables, the text of
 * directives. What only changes the look or is for programs is left out: comments, targets, options,
 * pictures, tables of contents.
 */
#ifndef AI_EXTRACT_RST_H
#define AI_EXTRACT_RST_H

#include "ai/extract/doc.h"

void ai_rst_extract(struct ai_doc *doc, struct core_str text);

/* rst_replace.c: what the names of a document stand for; points into text. */
struct ai_rst_names;
struct ai_rst_names *ai_rst_names_new(struct core_str text);
void ai_rst_names_free(struct ai_rst_names *names);
/* False for an unknown name. */
bool ai_rst_name(const struct ai_rst_names *names, struct core_str name, struct core_str *ret_text);

/* rst_inline.c: appends the text without marks, roles and references, and what |names| stand for;
 * without that when names is NULL. */
void ai_rst_inline(const struct ai_rst_names *names, struct core_str text, struct core_buf *out);

/* rst_table.c: writes the table that text begins with; its bytes, 0 when none does. */
size_t ai_rst_table(struct ai_doc *doc, const struct ai_rst_names *names, struct core_str text);
/* Writes the table whose options and records are all of text. */
void ai_rst_csv(struct ai_doc *doc, const struct ai_rst_names *names, struct core_str text);

#endif
