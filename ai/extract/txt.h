/*
 * txt.h: plain text and Markdown → document. Input is valid UTF-8. Any thread.
 */
#ifndef AI_EXTRACT_TXT_H
#define AI_EXTRACT_TXT_H

#include "ai/extract/doc.h"

enum {
    AI_TXT_PAGES = 1,   /* form feeds separate pages, which become marks "page n" */
    AI_TXT_NO_TITLE = 2 /* the text is a part of a document that has its title from elsewhere */
};
void ai_txt_extract(struct ai_doc *doc, struct core_str text, unsigned flags);
/* Mostly sentences, not code or drawings. */
bool ai_txt_is_prose(struct core_str text);
void ai_md_extract(struct ai_doc *doc, struct core_str text);
/* md_inline.c: appends the text of a paragraph or cell without marks, tags and addresses. */
void ai_md_inline(struct core_str text, struct core_buf *out);

#endif
