/*
 * mail_box.h: a mailbox, messages one behind the other (RFC 4155). Before each stands a line "From
 * somebody at some time"; one more '>' stands before such lines of a text ("mboxrd").
 */
#ifndef AI_EXTRACT_MAIL_BOX_H
#define AI_EXTRACT_MAIL_BOX_H

#include "core/buf.h"

/* Does it begin with such a line, and the head of a message? */
bool ai_mail_box_looks(struct core_str bytes);
/* Takes the next message off *rest, without the line before it. A line of a text that nobody quoted
 * ends a message only where an empty line stands before it and a field behind it. */
bool ai_mail_box_next(struct core_str *rest, struct core_str *ret_message);
/* Appends the message without what quotes its lines. */
void ai_mail_box_unquote(struct core_str message, struct core_buf *out);

#endif
