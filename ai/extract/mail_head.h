/*
 * mail_head.h: the head of a message or of a part of one: fields, and parameters inside of them.
 * Any bytes are accepted; any thread.
 */
#ifndef AI_EXTRACT_MAIL_HEAD_H
#define AI_EXTRACT_MAIL_HEAD_H

#include "core/buf.h"

/* Parts a message at its first empty line; without one all of it is head. */
void ai_mail_split(struct core_str message, struct core_str *ret_head, struct core_str *ret_body);
/* "Name:" with nothing but visible characters in the name? */
bool ai_mail_is_field(struct core_str line);
/* Appends the first field of the name as it stands, lines joined by their own white space; at most
 * AI_LIMIT_MAIL_FIELD bytes. False when there is none. */
bool ai_mail_field(struct core_str head, const char *name, struct core_buf *out);
/* The value before the first parameter. */
struct core_str ai_mail_value(struct core_str field);
/* Appends the parameter in valid UTF-8: quoted, in pieces (name*0=), in a charset of its own
 * (name*=utf-8''a%20b), with encoded words. False when there is none. */
bool ai_mail_parameter(struct core_str field, const char *name, struct core_buf *out);

#endif
