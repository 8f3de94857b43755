/*
 * mail.h: one message (.eml, RFC 5322 and MIME) or a mailbox of some (.mbox) → document. Any
 * bytes; any thread.
 *
 *     Subject
 *
 *     From: …
 *     To: …
 *     Date: …
 *
 *     the text: of alternatives the plain one, else HTML
 *
 *     Attachments: contract.pdf, list.xlsx
 *
 * The title is the subject; of a mailbox it is left to the name of the file, as everywhere where
 * nothing says it. Attachments are named and not read; a message forwarded inside of one is read
 * like its own.
 */
#ifndef AI_EXTRACT_MAIL_H
#define AI_EXTRACT_MAIL_H

#include "ai/extract/doc.h"

/* Begins with the fields of a message, or as a mailbox does? */
bool ai_mail_looks(struct core_str bytes);
/* What nests deeper than AI_LIMIT_MAIL_DEPTH, and parts beyond AI_LIMIT_MAIL_PARTS, are left out. */
int ai_mail_extract(struct ai_doc *doc, struct core_str bytes);

#endif
